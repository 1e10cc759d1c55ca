// SPDX-License-Identifier: GPL-2.0
/* Starting a userspace data path. It puts itself into the background once its link exists; its
 * socket may follow a moment later. */
#include "userspace.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../lib/base/cleanup.h"
#include "../../lib/base/process.h"
#include "../../lib/base/wait.h"
#include "../../lib/device/uapi.h"
#include "daemon.h"
#include "progress.h"
#include "signals.h"

/* Time limits, in milliseconds. */
#define START_MS     30000 /* until the program is in the background */
#define LINK_MS	     5000  /* from then on, until its link and its socket are there */
#define PORT_MS	     1000  /* until a port is chosen, once the link is up */
#define ENDED_MS     200   /* until a process that was killed is gone */
#define GONE_MS	     4000  /* until a daemon has noticed that its link is gone */
#define POLL_MS	     10

/* Our own daemon is installed beside us; where we were built it is in the folder next to ours. */
static bool find_ours(char *path, size_t size)
{
	static const char *const places[] = {"wg-tun", "../tun/wg-tun"};
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
	const char *slash = n > 0 ? memrchr(self, '/', (size_t)n) : NULL;

	for (size_t i = 0; slash && i < sizeof(places) / sizeof(*places); i++) {
		int len = snprintf(path, size, "%.*s%s", (int)(slash + 1 - self), self, places[i]);

		if (len > 0 && (size_t)len < size && access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static int find_program(const char **program, char *ours, size_t size, struct wg_error *err)
{
	static const char *const known[] = {"wg-tun", "wireguard-go"};
	const char *asked = getenv("WG_QUICK_USERSPACE_IMPLEMENTATION");
	char path[PATH_MAX];

	if (asked && *asked) {
		*program = asked;
		if (strchr(asked, '/') || wg_process_find(asked, path, sizeof(path)))
			return 0;
		return wg_error_set(err, "this kernel has no WireGuard, and `%s' "
				    "(WG_QUICK_USERSPACE_IMPLEMENTATION) is not in PATH", asked);
	}
	*program = ours;
	if (find_ours(ours, size))
		return 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		*program = known[i];
		if (wg_process_find(known[i], path, sizeof(path)))
			return 0;
	}
	return wg_error_set(err, "this kernel has no WireGuard, and neither wg-tun nor wireguard-go "
			    "is in PATH");
}

static int await_link(const char *program, const char *ifname, struct wg_rtnl *rt,
		      struct wg_link *link, const volatile int *stop, struct wg_error *err)
{
	enum wg_wait_result result;
	struct wg_wait wait;

	wg_wait_begin(&wait, stop, LINK_MS);
	do {
		int there = wg_rtnl_link(rt, ifname, link, err);

		if (there < 0)
			return -1;
		if (there && wg_uapi_has(ifname))
			return 0;
		result = wg_wait_nap(&wait, POLL_MS);
	} while (result == WG_WAIT_READY);
	if (result == WG_WAIT_STOPPED)
		return signals_error(*stop, err);
	return wg_error_set(err, "%s was started, but made no interface `%s' that can be configured "
			    "within %d seconds", program, ifname, LINK_MS / 1000);
}

/* Whether a name that begins with a dash has to stand behind "--", so that it is no option. wireguard-go takes
 * neither options nor "--" there, and such a name as it is. */
static bool wants_dashes(const char *program, const char *ifname)
{
	const char *slash = strrchr(program, '/');

	return ifname[0] == '-' && strcmp(slash ? slash + 1 : program, "wireguard-go") != 0;
}

int userspace_start(const char *ifname, const char *marker, struct wg_rtnl *rt,
		    struct wg_link *link, const volatile int *stop, struct wg_error *err)
{
	const char *argv[] = {NULL, ifname, NULL, NULL};
	const char *const env[] = {marker, NULL};
	const struct wg_process p = {
		.argv = argv, .env = env, .stop = stop, .limit_ms = START_MS};
	char ours[PATH_MAX];
	int status;

	if (find_program(&argv[0], ours, sizeof(ours), err) < 0)
		return 1;
	progress_note("[!] Missing WireGuard kernel module. Falling back to the userspace "
		  "implementation.");
	if (wants_dashes(argv[0], ifname)) {
		argv[1] = "--";
		argv[2] = ifname;
	}
	progress_command("%s %s%s", argv[0], argv[2] ? "-- " : "", ifname);
	fflush(stderr);
	err->text[0] = '\0';
	status = wg_process_explain(wg_process_run(&p, err), argv[0], err);
	if (status)
		return status;
	return await_link(argv[0], ifname, rt, link, stop, err) < 0 ? 1 : 0;
}

/* The port that the daemon listens on. One that was not configured is chosen by the kernel once the
 * daemon has noticed that its link is up; 0 if that takes too long. */
static int find_port(const char *ifname, const volatile int *stop, bool *chosen, u16 *port,
		     struct wg_error *err)
{
	struct wg_wait wait;

	*chosen = false;
	wg_wait_begin(&wait, stop, PORT_MS);
	do {
		cleanup(wg_device_freep) struct wg_device *dev = NULL;

		if (wg_uapi_get(&dev, ifname, err) < 0)
			return -1;
		*port = dev->listen_port;
		if (*port)
			return 0;
		*chosen = true;
	} while (wg_wait_nap(&wait, POLL_MS) == WG_WAIT_READY);
	return 0;
}

static int explain_port(int code, u16 port, struct wg_error *err)
{
	switch (code) {
	case EADDRINUSE:
		wg_error_set(err, "UDP port %u is in use by another program: choose another "
			     "ListenPort, or end that program (`ss -lunp sport = :%u' shows it)",
			     port, port);
		break;
	case EACCES:
		wg_error_set(err, "may not listen on UDP port %u: a port below 1024 takes "
			     "CAP_NET_BIND_SERVICE; give that, or choose another ListenPort", port);
		break;
	case EPERM:
		wg_error_set(err, "may not open sockets for UDP port %u: FwMark takes "
			     "CAP_NET_ADMIN; give that, or take FwMark out", port);
		break;
	default: /* numbers of the system's */
		wg_error_errno(err, code, "cannot listen on UDP port %u", port);
		break;
	}
	err->code = code;
	return -1;
}

int userspace_confirm_up(const char *ifname, const volatile int *stop, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	bool chosen;
	u16 port;

	if (find_port(ifname, stop, &chosen, &port, err) < 0)
		return -1;
	/* A port that the daemon has just chosen is open. */
	if ((chosen && port) || *stop)
		return 0;
	memcpy(dev->name, ifname, strlen(ifname) + 1);
	dev->flags = WG_DEVICE_HAS_LISTEN_PORT;
	dev->listen_port = port;
	if (wg_uapi_set(dev, err) == 0)
		return 0;
	return err->code ? explain_port(err->code, port, err) : -1;
}

/* Waits until nobody listens for this name, `limit_ms` at most. Returns whether nobody does. */
static bool await_end(const char *ifname, unsigned int limit_ms)
{
	struct wg_wait wait;
	bool there;

	wg_wait_begin(&wait, &signals_stop, limit_ms);
	do
		there = wg_uapi_has(ifname);
	while (there && wg_wait_nap(&wait, POLL_MS) == WG_WAIT_READY);
	return !there;
}

static int has_ended(const char *ifname, struct wg_error *err)
{
	return wg_error_set(err, "the userspace implementation of `%s' has ended: its messages, in "
			    "the journal or on the terminal, say why", ifname);
}

/* A hook may have renamed the link; a daemon that follows has its socket by that name. */
int userspace_confirm_alive(const char *ifname, const char *marker, struct wg_rtnl *rt, u32 ifindex,
			    struct wg_error *err)
{
	struct daemon d;
	struct wg_link link;
	int there = wg_rtnl_link_by_index(rt, ifindex, &link, err);

	if (there < 0)
		return -1;
	if (there ? wg_uapi_has(ifname) || wg_uapi_has(link.name) : daemon_find(marker, &d))
		return 0;
	return has_ended(ifname, err);
}

void userspace_explain(const char *ifname, struct wg_error *err)
{
	int code = err->code;

	/* A daemon that does not answer is there. */
	if (code == ETIMEDOUT || code == EINTR || !await_end(ifname, ENDED_MS))
		return;
	has_ended(ifname, err);
	err->code = code;
}

void userspace_wait_gone(const char *ifname)
{
	(void)await_end(ifname, GONE_MS);
}

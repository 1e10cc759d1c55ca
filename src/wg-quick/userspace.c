// SPDX-License-Identifier: GPL-2.0
/* Starting a userspace data path. It puts itself into the background once its link exists; its
 * socket may follow a moment later. */
#include "userspace.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "../lib/process.h"
#include "../lib/uapi.h"
#include "verb.h"

#define POLL_MS      10
#define START_POLLS  500 /* five seconds */
#define GONE_POLLS   200

static void pause_ms(long ms)
{
	const struct timespec t = {.tv_nsec = ms * 1000000L};

	nanosleep(&t, NULL);
}

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

static int find(const char **program, char *ours, size_t size, struct wg_error *err)
{
	static const char *const known[] = {"wg-tun", "wireguard-go"};
	const char *asked = getenv("WG_QUICK_USERSPACE_IMPLEMENTATION");
	char path[PATH_MAX];

	if (asked && *asked) {
		*program = asked;
		if (strchr(asked, '/') || wg_process_find(asked, path, sizeof(path)))
			return 0;
		return wg_error_set(err, "this kernel has no WireGuard, and there is no program "
				    "`%s' (WG_QUICK_USERSPACE_IMPLEMENTATION)", asked);
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

static int await(const char *program, const char *ifname, struct wg_rtnl *rt, struct wg_link *link,
		 const volatile int *stop, struct wg_error *err)
{
	for (int i = 0; i < START_POLLS && !*stop; i++) {
		int there = wg_rtnl_link(rt, ifname, link, err);

		if (there < 0)
			return -1;
		if (there && wg_uapi_has(ifname))
			return 0;
		pause_ms(POLL_MS);
	}
	if (*stop)
		return wg_error_set(err, "ended by signal %d", *stop);
	return wg_error_set(err, "%s was started, but made no interface `%s' that can be configured",
			    program, ifname);
}

int userspace_start(const char *ifname, struct wg_rtnl *rt, struct wg_link *link,
		    const volatile int *stop, struct wg_error *err)
{
	const char *argv[] = {NULL, ifname, NULL};
	const struct wg_process p = {.argv = argv, .stop = stop};
	char ours[PATH_MAX];
	int status;

	if (find(&argv[0], ours, sizeof(ours), err) < 0)
		return 1;
	verb_note("[!] Missing WireGuard kernel module. Falling back to the userspace "
		  "implementation.");
	verb_echo("%s %s", argv[0], ifname);
	fflush(stderr);
	err->text[0] = '\0';
	status = wg_process_run(&p, err);
	if (status && !err->text[0])
		wg_error_set(err, "%s failed with exit status %d", argv[0], status);
	if (status)
		return status < 0 ? 1 : status;
	return await(argv[0], ifname, rt, link, stop, err) < 0 ? 1 : 0;
}

void userspace_wait_gone(const char *ifname)
{
	for (int i = 0; i < GONE_POLLS && wg_uapi_has(ifname); i++)
		pause_ms(POLL_MS);
}

// SPDX-License-Identifier: GPL-2.0
/* Starting a userspace data path. It puts itself into the background once its link exists; its
 * socket may follow a moment later. */
#include "userspace.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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

static int find(const char **program, struct wg_error *err)
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
	int status;

	if (find(&argv[0], err) < 0)
		return 1;
	verb_note("[!] Missing WireGuard kernel module. Falling back to slow userspace "
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

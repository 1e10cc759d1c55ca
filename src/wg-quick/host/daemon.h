/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon that carries a tunnel of ours, found again by a variable that `up` put into its
 * environment. That is proof: the link may have been renamed, moved to another network namespace or
 * given another index, and another link may have its name. */
#ifndef WG_QUICK_DAEMON_H
#define WG_QUICK_DAEMON_H

#include <net/if.h>
#include <sys/types.h>
#include "../../lib/base/error.h"
#include "../../port.h"

#define DAEMON_MARKER      "WG_QUICK_TUNNEL"
#define DAEMON_MARKER_SIZE 96

struct daemon {
	pid_t pid;
	char ifname[IFNAMSIZ]; /* the present name of its TUN device */
	bool here;             /* that device is known to be in our network namespace */
};

/* Finds the process that has `marker`, "NAME=VALUE", in its environment and holds a TUN device open.
 * Returns false if there is none, or if this kernel or sandbox does not let us see it. Reads all of
 * /proc, so it is for links that are not where they were. */
bool daemon_find(const char *marker, struct daemon *d);
/* Ends process `pid` with SIGTERM, and after two seconds with SIGKILL; its link goes with it. 0, or -1
 * with err. A process that has taken the same id in the meantime is left alone. */
int daemon_end(pid_t pid, const char *marker, struct wg_error *err);

#endif

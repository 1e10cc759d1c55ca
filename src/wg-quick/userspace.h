/* SPDX-License-Identifier: GPL-2.0 */
/* A data path that is a daemon, for kernels without WireGuard. */
#ifndef WG_QUICK_USERSPACE_H
#define WG_QUICK_USERSPACE_H

#include "../lib/error.h"
#include "../lib/rtnl.h"

/* Starts WG_QUICK_USERSPACE_IMPLEMENTATION, or the wg-tun beside us, or the first in PATH of wg-tun
 * and wireguard-go, and waits for its link and its socket. Returns 0 with *link filled, or the exit
 * status to end with, and err. */
int userspace_start(const char *ifname, struct wg_rtnl *rt, struct wg_link *link,
		    const volatile int *stop, struct wg_error *err);
/* After its link was deleted: waits, not long, until nobody listens for this name any more, so that
 * a daemon on its way out cannot remove the socket of its successor. */
void userspace_wait_gone(const char *ifname);

#endif

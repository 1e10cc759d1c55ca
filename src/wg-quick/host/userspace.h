/* SPDX-License-Identifier: GPL-2.0 */
/* A data path that is a daemon, for kernels without WireGuard. */
#ifndef WG_QUICK_USERSPACE_H
#define WG_QUICK_USERSPACE_H

#include "../../lib/base/error.h"
#include "../../lib/net/rtnl.h"

/* Each wait here has a time limit, and ends with a signal (../lib/wait.h). `stop` is a stop word. */

/* `marker`, "NAME=VALUE", is added to the daemon's environment, so that daemon.h finds it again.
 * Starts WG_QUICK_USERSPACE_IMPLEMENTATION, or the wg-tun beside us, or the first in PATH of wg-tun
 * and wireguard-go, and waits for its link and its socket. Returns 0 with *link filled, or the exit
 * status to end with, and err. */
int userspace_start(const char *ifname, const char *marker, struct wg_rtnl *rt,
		    struct wg_link *link, const volatile int *stop, struct wg_error *err);
/* After the link was set up: asks the data path whether its sockets could be opened, by setting the
 * listen port that it has. A daemon learns of "up" only after the kernel has answered that request,
 * so it cannot fail there as the kernel's WireGuard does. Returns 0, or -1 with err, which names the
 * port and, where that is known, what to do. */
int userspace_confirm_up(const char *ifname, const volatile int *stop, struct wg_error *err);
/* At the end of `up`: returns 0 if the link is there and a daemon listens for it, or if the daemon with
 * this marker holds it in another network namespace, where a hook has moved it; or -1 with err. */
int userspace_confirm_alive(const char *ifname, const char *marker, struct wg_rtnl *rt, u32 ifindex,
			    struct wg_error *err);
/* `err` tells why a step failed: if the reason is that the daemon of `ifname` has ended, puts that
 * in its place. Waits a fifth of a second at most. */
void userspace_explain(const char *ifname, struct wg_error *err);
/* After its link was deleted: waits, four seconds at most, until nobody listens for this name any more, so that
 * a daemon on its way out cannot remove the socket of its successor. */
void userspace_wait_gone(const char *ifname);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The tunnel's link, recognised. */
#ifndef WG_QUICK_STEP_LINK_H
#define WG_QUICK_STEP_LINK_H

#include "../../lib/net/rtnl.h"
#include "ops.h"

/* Finds the link of this run in this network namespace, whatever its name is now. 1 and *link
 * filled, 0 where there is none that is ours, -1 with err. Proof is one of these:
 *  - it has the index r->ifindex, and is a WireGuard or TUN device. `up` chooses the index of a
 *    kernel's link itself, at random, and journals it before it makes the link; a daemon's link has
 *    been seen;
 *  - it is the TUN device that the daemon with r->marker holds;
 *  - r->link_made, it has our name, no daemon with r->marker is there, and its private key is that
 *    of the file r->config_path. */
int link_find(const struct run *r, struct wg_link *link, struct wg_error *err);
/* Whether the link of this run, which link_find has not found, is alive: in another network namespace,
 * or by the daemon that holds it. Looks through /proc. */
bool link_is_elsewhere(struct run *r);
/* The name by which the data path of *link can be asked: a daemon keeps the name of its socket when
 * the link is renamed. */
const char *link_device_name(const struct run *r, const struct wg_link *link);

#endif

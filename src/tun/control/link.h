/* SPDX-License-Identifier: GPL-2.0 */
/* What follows from the state of our link: up, the sockets are open and sessions run; down,
 * nothing is sent or received and no session is left. Up without sockets, since the port is
 * another program's, is as good as down until they can be opened. The control thread's. */
#ifndef WG_TUN_LINK_H
#define WG_TUN_LINK_H

#include "../../lib/base/error.h"
#include "../device/device.h"

/* The link is up now, or down; it may be told what it knows. If the sockets cannot be opened, that
 * is logged, and link_work() tries again. */
void link_changed(struct device *d, bool up);
/* Asks the device for its state, and does what follows from that (link_changed). After it,
 * d->link_up is what the program sees that has just set the link up: netlink tells that later.
 * Caller does not have config. */
void link_refresh(struct device *d);
/* Tries once a second to open the sockets that could not be opened when the link came up. Returns
 * when it is to be called again; WG_NEVER: the sockets are open or the link is down. The caller
 * does not hold config. */
u64 link_work(struct device *d);
/* d->link_up, and the port is another one or was in use: opens the sockets (again). On failure
 * all stays as it was. Config is written; with that released, actions_up() is to follow if
 * d->up was false. */
int link_open(struct device *d, struct wg_error *err);

#endif

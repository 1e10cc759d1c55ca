/* SPDX-License-Identifier: GPL-2.0 */
/* What follows from the state of our link: up, the sockets are open and sessions run; down,
 * nothing is sent or received and no session is left. Up without sockets, since the port is
 * another program's, is as good as down until they can be opened. The control thread's. */
#ifndef WG_TUN_LINK_H
#define WG_TUN_LINK_H

#include "../../lib/error.h"
#include "../device/device.h"

/* The link is up now, or down; it may be told what it knows. */
void link_changed(struct device *d, bool up);
/* d->link_up, and the port is another one or was in use: opens the sockets (again). On failure
 * all stays as it was. Config is written; with that released, actions_up() is to follow if
 * d->up was false. */
int link_open(struct device *d, struct wg_error *err);

#endif

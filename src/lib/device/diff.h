/* SPDX-License-Identifier: GPL-2.0 */
/* What has to be sent so that a device becomes what a file says. */
#ifndef WG_LIB_DIFF_H
#define WG_LIB_DIFF_H

#include "../base/error.h"
#include "model.h"

/* Turns `want` (a parsed file) into the change from `have` (the device as it is): settings and
 * peers that agree are dropped, peers that `want` does not have are appended with
 * WG_PEER_REMOVE_ME (where none of the device's stays, WG_DEVICE_REPLACE_PEERS says so instead),
 * and of a changed peer only what differs stays. Settings of the interface that `want` does not
 * mention are left alone; a preshared key or keepalive that a listed peer lacks is removed, an
 * endpoint that it lacks is left. Allowed IPs are compared as sets, masked, with each belonging to
 * the last peer that lists it, as the data path would have it; allowed IPs that are only missing
 * are added, and the list is replaced only where one has to go. *changed: whether anything is left
 * to send. Linear in the number of peers and allowed IPs. */
int wg_diff(struct wg_device *want, const struct wg_device *have, bool *changed,
	    struct wg_error *err);

#endif

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
 * the last peer that lists it, as the data path would have it; those that are missing are added,
 * which takes one from the peer that has it, and those that nobody gets are marked with
 * WG_ALLOWEDIP_REMOVE_ME. Only of a peer that loses all it has, WG_PEER_REPLACE_ALLOWEDIPS says so
 * instead. The parting peer (model.h) of `want` counts as if it was not there; that of `have` is removed.
 * *changed: whether anything is left to send. Linear in the number of peers and allowed IPs. */
int wg_diff(struct wg_device *want, const struct wg_device *have, bool *changed,
	    struct wg_error *err);

/* Takes the entries with WG_ALLOWEDIP_REMOVE_ME out of a change that wg_diff made, and a peer of which nothing
 * else is left to say with them. Their allowed IPs are added to a parting peer in `parting`, an empty device,
 * with that peer's removal behind it; `parting` stays empty if there are none. The allowed IPs are lent: `change`
 * must outlive `parting`. See change.h for what that is good for. */
void wg_diff_avoid_removals(struct wg_device *change, struct wg_device *parting);

#endif

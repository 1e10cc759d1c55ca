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
 * instead. *changed: whether anything is left to send. Linear in the number of peers and allowed IPs. */
int wg_diff(struct wg_device *want, const struct wg_device *have, bool *changed,
	    struct wg_error *err);

/* Makes of a change that wg_diff made one without WG_ALLOWEDIP_REMOVE_ME, which Linux before 6.16 refuses
 * and some implementations ignore; replacing a peer's list would take away for a moment what the peer
 * keeps. The allowed IPs that have to go are given, after all else, to a peer whose key is random, which is
 * removed at once. That is enough wherever an allowed IP belongs to one peer only, as in Linux, our
 * module, wg-tun and wireguard-go; an implementation whose peers keep lists of their own, as boringtun,
 * goes on to accept what it had from the peer that lost it. Fails only without randomness. */
int wg_diff_avoid_removals(struct wg_device *change, struct wg_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The tunnel's link, recognised. */
#ifndef WG_QUICK_STEP_LINK_H
#define WG_QUICK_STEP_LINK_H

#include "../../lib/net/rtnl.h"
#include "ops.h"

/* Finds the link of this run in this network namespace, whatever its name is now. 1 and *link
 * filled, 0 where there is none that is ours, -1 with err. Proof is one of these:
 *  - it has the index r->ifindex, and is a WireGuard or TUN device. `up` chooses the index of a
 *    kernel's link itself, at random, and journals it before it makes the link; where it is not known
 *    to have made it, the link must be as requested (link_is_as_requested), for the index may have been
 *    refused because another link had it. A daemon's link has been seen;
 *  - it is the TUN device that the daemon with r->marker holds;
 *  - r->link_made, it has our name, no daemon with r->marker is there, and it has our key
 *    (link_has_our_key). */
int link_find(const struct run *r, struct wg_link *link, struct wg_error *err);
/* Whether the link of this run, which link_find has not found, is alive: in another network namespace,
 * or by the daemon that holds it. Looks through /proc. */
bool link_is_elsewhere(struct run *r);
/* Whether a kernel's link that has the index of this run is known to have been made, or is as it is right
 * after the request: it has the name that was asked for, and is down. Pure. */
bool link_is_as_requested(const struct run *r, const struct wg_link *link);
/* Whether the device of *link has the public key r->public_key, or the private key of the file
 * r->config_path. */
bool link_has_our_key(const struct run *r, const struct wg_link *link);

/* How the key of a device compares with those of the journal and of the file. */
enum link_key {
	LINK_KEY_UNKNOWN, /* the device's cannot be read or is not set, or neither of them has one */
	LINK_KEY_OURS,
	LINK_KEY_OTHER,
};

enum link_claim {
	LINK_FOREIGN,
	LINK_UNPROVED, /* it may be the tunnel's: it is reported, and left alone */
	LINK_OURS,
};

/* Whether a link of another network namespace is that of this run. Proof is the index, where `up` chose it
 * at random, together with the key; without the key such a link is unproved. Earlier versions let the kernel
 * choose the index: of their links none is proved. Pure. */
enum link_claim link_judge_elsewhere(const struct run *r, const struct wg_link *link, enum link_key key);

/* The name by which the data path of *link can be asked: a daemon keeps the name of its socket when
 * the link is renamed. */
const char *link_device_name(const struct run *r, const struct wg_link *link);

/* Looks again for a link that was there: by its index, or by `name` if that is 0. Returns whether there is none by now.
 * A daemon closes its socket before its link goes, so a TUN device that no daemon answers for is given two seconds to
 * go, unless *stop (NULL: nothing) is set. A link that cannot be looked for counts as there. */
bool link_has_gone(struct wg_rtnl *rt, u32 ifindex, const char *name, const volatile int *stop);

#endif

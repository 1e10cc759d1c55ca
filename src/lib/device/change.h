/* SPDX-License-Identifier: GPL-2.0 */
/* Sending what wg_diff has left of a file (diff.h), so that each allowed IP ends with the peer that shall have
 * it, whatever the data path makes of it. */
#ifndef WG_LIB_CHANGE_H
#define WG_LIB_CHANGE_H

#include "../base/error.h"
#include "model.h"

/* Sends a change that wg_diff made from `have`. Returns 0, or -1 with err, as wg_backend_set. `change` is used
 * up: what is sent of it may be less than what it said.
 *
 * WG_ALLOWEDIP_REMOVE_ME is not sent, because Linux before 6.16 refuses it and some implementations ignore it.
 * Nor is the list of a peer that keeps some of its allowed IPs replaced, because the peer would have none for a
 * moment. Instead, after all else, the allowed IPs that nobody gets are given to the parting peer (model.h),
 * which is removed at once: on the kernel by the same message, where both fit in one. Until then a packet to
 * such an address that a wider allowed IP of another peer covers waits for the parting peer, and is dropped
 * with it.
 *
 * That moves an allowed IP wherever it belongs to one peer only: in Linux, our module, wg-tun and wireguard-go.
 * In boringtun each peer keeps a list of its own, and a device may have no room for one peer more. So the list
 * of a peer is replaced after all where the parting peer was refused, and where a userspace implementation,
 * which is read back, shows that a peer still has what it should have lost. It is an error if it has that even
 * then. */
int wg_change_send(struct wg_device *change, const struct wg_device *have, struct wg_error *err);

#endif

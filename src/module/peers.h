/* SPDX-License-Identifier: GPL-2.0 */
/* The life of the peers of a device: they are added and removed, start and stop. */
#ifndef WG_MODULE_PEERS_H
#define WG_MODULE_PEERS_H

#include "peer.h"

/* Adds a peer with a key that no peer has yet. This computes no multiplication on the curve.
 * Returns ERR_PTR: -ENOMEM, -ERANGE (there are WG_MAX_PEERS peers), -ENODEV (the link is going
 * away: a caller that only has a reference to it came too late). */
struct wg_peer *wg_peers_add(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN]);
/* Removes the peer from the tables and the allowed IPs, ends its sessions and its handshake, and
 * drops what is staged. Its timer and work have ended when this returns, and the table's reference
 * is dropped. The caller holds update_lock and no handshake lock. */
void wg_peers_remove(struct wg_peer *peer);
void wg_peers_remove_all(struct wg_device *wg);
/* Ends the sessions and handshakes of all peers. The caller holds update_lock. */
void wg_peers_expire(struct wg_device *wg);
/* Retires the sessions of all peers, which still receive, and ends their handshakes
 * (core/remote.h). The caller holds update_lock. */
void wg_peers_retire(struct wg_device *wg);
/* Our identity has changed: does what wg_actions_begin_anew() says for all peers. The caller holds
 * update_lock, and has held identity_lock for writing since before the change. */
void wg_peers_begin_anew(struct wg_device *wg);

/* Sets the interval of persistent keepalives, 0: none. They begin at once if the link is up. */
void wg_peer_set_keepalive(struct wg_peer *peer, u16 seconds, bool up);
/* The link went down: ends sessions and drops staged packets. `dead` is true if the peer is
 * removed. */
void wg_peer_stop(struct wg_peer *peer, bool dead);

#endif

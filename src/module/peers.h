/* SPDX-License-Identifier: GPL-2.0 */
/* The life of the peers of a device: they are added and removed, start and stop. */
#ifndef WG_MODULE_PEERS_H
#define WG_MODULE_PEERS_H

#include "peer.h"

/* The key is no peer's yet. No curve operation. ERR_PTR: -ENOMEM, -ERANGE (WG_MAX_PEERS are there),
 * -ENODEV (the link is going away: whoever holds it by reference only may come too late). */
struct wg_peer *wg_peers_add(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN]);
/* Under update_lock, no handshake lock held: it leaves the tables and the allowed IPs, its
 * sessions and handshake end, what is staged is dropped; its timer and work have ended when this
 * returns. The table's reference is dropped. */
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

/* Persistent keepalives, 0: none; they begin at once where the link is up. */
void wg_peer_set_keepalive(struct wg_peer *peer, u16 seconds, bool up);
/* The link went down: sessions end, staged packets are dropped. */
void wg_peer_stop(struct wg_peer *peer, bool dead);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Doing what the core says is to be done for a peer (enum wg_action), and its timer. What needs the
 * handshake lock is done by the peer's work. */
#ifndef WG_MODULE_ACTIONS_H
#define WG_MODULE_ACTIONS_H

#include "peer.h"

void wg_actions_init(struct wg_peer *peer); /* timer and work */
/* With peer->lock held: sets the timer to the session's deadline if that is earlier than what it is set
 * to. Cheap; to be called after each event. A timer that fires early looks again. */
void wg_actions_arm(struct wg_peer *peer);
/* Any context, no lock of the peer but the handshake lock held: does at once what can be, in the core's
 * order (core/actions.h), and the rest by the work. */
void wg_peer_act(struct wg_peer *peer, u32 actions);
/* Ends the handshake of the peer and retires its sessions (core/remote.h); with `identity`, which has
 * changed since identity_lock was taken for writing, static-static is forgotten, too. The caller holds
 * none of the peer's locks. May sleep. */
void wg_peer_retire(struct wg_peer *peer, bool identity);
/* Our identity has changed: calls wg_actions_begin_anew(). The caller holds identity_lock for writing,
 * and none of the peer's locks. May sleep. */
void wg_peer_begin_anew(struct wg_peer *peer);
/* The peer is dead (peer->dead was set under its lock): timer and work have ended when it returns. May
 * sleep. */
void wg_actions_stop(struct wg_peer *peer);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Carries out what the core says is to be done for a peer (enum wg_action), and has its timer. What
 * needs the handshake lock is done by the peer's work. */
#ifndef WG_MODULE_ACTIONS_H
#define WG_MODULE_ACTIONS_H

#include "peer.h"

void wg_actions_init(struct wg_peer *peer); /* timer and work */
/* Sets the timer to the deadline of the core's timers if that is earlier than the time that it is
 * set to. To be called after each event; it costs little. A timer that fires early looks at the
 * deadline again. The caller holds peer->lock. */
void wg_actions_arm(struct wg_peer *peer);
/* Does at once what can be done at once, in the core's order (core/actions.h), and leaves the rest
 * to the work. Any context; the caller holds no lock of the peer but the handshake lock. */
void wg_peer_act(struct wg_peer *peer, u32 actions);
/* Ends the handshake of the peer and retires its sessions (core/remote.h); with `identity`, which
 * has changed since identity_lock was taken for writing, static-static is forgotten, too. The
 * caller holds none of the peer's locks. May sleep. */
void wg_peer_retire(struct wg_peer *peer, bool identity);
/* Our identity has changed: calls wg_actions_begin_anew(). The caller holds identity_lock for
 * writing, and none of the peer's locks. May sleep. */
void wg_peer_begin_anew(struct wg_peer *peer);
/* Ends timer and work of a dead peer (peer->dead was set under its lock). May sleep. */
void wg_actions_stop(struct wg_peer *peer);

#endif

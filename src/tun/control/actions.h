/* SPDX-License-Identifier: GPL-2.0 */
/* Doing what the core says is to be done for a peer (enum wg_action), and its timers. The control
 * thread's. */
#ifndef WG_TUN_ACTIONS_H
#define WG_TUN_ACTIONS_H

#include "../device/device.h"

/* Does them, and looks at the peer's deadline. */
void actions_do(struct device *d, struct peer *peer, u32 actions);
/* A handshake message to the peer was sent. */
void actions_count_sent(struct peer *peer, size_t bytes);
/* For peers that were asked for by device_ask(), and for peers that are due, at most some. Both return
 * when they want to be called again: 0: at once, WG_NEVER: not before something happens. */
u64 actions_asked(struct device *d);
u64 actions_due(struct device *d);

/* The link went up: sockets are open, persistent keepalives begin in the following turns. Or down: sessions end. */
void actions_up(struct device *d);
void actions_down(struct device *d);
/* Our identity has changed: calls wg_actions_begin_anew() for all peers. */
void actions_begin_anew(struct device *d);
/* The machine's addresses or routes have changed: forgets the source addresses of all peers that have a
 * deadline. */
void actions_forget_sources(struct device *d);

/* Randomness for one message; wipe it after use. False: the system gives none. */
bool actions_entropy(struct wg_entropy *e);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Carries out what the core says is to be done for a peer (enum wg_action), and runs its timers.
 * The control thread calls these functions. */
#ifndef WG_TUN_ACTIONS_H
#define WG_TUN_ACTIONS_H

#include "../device/device.h"

/* Carries out the actions, and puts the peer where its deadline belongs in the heap. */
void actions_do(struct device *d, struct peer *peer, u32 actions);
/* Counts a handshake message to the peer that was sent. */
void actions_count_sent(struct peer *peer, size_t bytes);
/* Work for peers that were asked for by device_ask(), and for peers that are due; for a bounded
 * number in one call. Both return when they are to be called again; 0: at once, WG_NEVER: not
 * before something happens. */
u64 actions_asked(struct device *d);
u64 actions_due(struct device *d);

/* actions_up(): the link went up; sockets are open, and persistent keepalives begin in the
 * following turns. actions_down(): the link went down; ends all sessions. */
void actions_up(struct device *d);
void actions_down(struct device *d);
/* Our identity has changed: calls wg_actions_begin_anew() for all peers. */
void actions_begin_anew(struct device *d);
/* The machine's addresses or routes have changed: forgets the source addresses of all peers that
 * have a deadline. */
void actions_forget_sources(struct device *d);

/* Fills in the randomness for one message, which the caller wipes after use. Returns false if the
 * system gives none. */
bool actions_entropy(struct wg_entropy *e);

#endif

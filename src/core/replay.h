/* SPDX-License-Identifier: GPL-2.0 */
/* Which counters of a session have been seen: a sliding window (RFC 6479's way: whole words are
 * cleared as it moves). The caller holds the lock of the session. */
#ifndef WG_CORE_REPLAY_H
#define WG_CORE_REPLAY_H

#include "../port.h"

#define WG_REPLAY_BITS	 8192
/* How far behind the newest counter is still accepted. */
#define WG_REPLAY_WINDOW (WG_REPLAY_BITS - 64)

struct wg_replay {
	u64 next; /* one more than the newest counter; 0: none yet */
	u64 seen[WG_REPLAY_BITS / 64];
};

/* A zeroed window has seen nothing. */
/* Returns true if the counter is new, and remembers it. Returns false for a counter that was seen,
 * one that the window has left behind, and one from WG_REJECT_AFTER_MESSAGES on. The message must
 * be authentic. */
bool wg_replay_accept(struct wg_replay *w, u64 counter);

#endif

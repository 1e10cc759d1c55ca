/* SPDX-License-Identifier: GPL-2.0 */
/* Peers by their deadline, the earliest first: a binary heap. Peers know their place in it. Only
 * the control thread uses it. */
#ifndef WG_TUN_HEAP_H
#define WG_TUN_HEAP_H

#include "peer.h"

struct heap {
	struct peer **peers;
	u32 n, room;
};

/* Makes room for `n` peers at once, so that nothing below can fail. */
bool heap_reserve(struct heap *h, size_t n);
void heap_free(struct heap *h);
/* Moves the peer to this deadline (peer->deadline becomes it); WG_NEVER takes it out. */
void heap_set(struct heap *h, struct peer *peer, u64 deadline);
/* Returns the peer whose deadline is the earliest; NULL: there is none. */
struct peer *heap_first(const struct heap *h);

#endif

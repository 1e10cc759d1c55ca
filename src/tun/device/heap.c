// SPDX-License-Identifier: GPL-2.0
/* Peers by their deadline. A peer that is in no heap has the deadline WG_NEVER. */
#include "heap.h"
#include <stdlib.h>

bool heap_reserve(struct heap *h, size_t n)
{
	size_t room = h->room ? h->room : 64;
	struct peer **peers;

	if (n <= h->room)
		return true;
	while (room < n)
		room *= 2;
	peers = reallocarray(h->peers, room, sizeof(*peers));
	if (!peers)
		return false;
	h->peers = peers;
	h->room = (u32)room;
	return true;
}

void heap_free(struct heap *h)
{
	free(h->peers);
	memset(h, 0, sizeof(*h));
}

static void put_peer(struct heap *h, u32 i, struct peer *peer)
{
	h->peers[i] = peer;
	peer->heap_index = i;
}

/* Finds the place for `peer` from the hole at `i` towards the first. */
static void rise(struct heap *h, u32 i, struct peer *peer)
{
	while (i && h->peers[(i - 1) / 2]->deadline > peer->deadline) {
		put_peer(h, i, h->peers[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put_peer(h, i, peer);
}

/* Finds the place for `peer` from the hole at `i` away from the first. */
static void sink(struct heap *h, u32 i, struct peer *peer)
{
	for (u32 child; (child = 2 * i + 1) < h->n; i = child) {
		if (child + 1 < h->n && h->peers[child + 1]->deadline < h->peers[child]->deadline)
			child++;
		if (h->peers[child]->deadline >= peer->deadline)
			break;
		put_peer(h, i, h->peers[child]);
	}
	put_peer(h, i, peer);
}

static void sift(struct heap *h, u32 i, struct peer *peer)
{
	if (i && h->peers[(i - 1) / 2]->deadline > peer->deadline)
		rise(h, i, peer);
	else
		sink(h, i, peer);
}

static void take_out(struct heap *h, u32 i)
{
	struct peer *last = h->peers[--h->n];

	if (i < h->n)
		sift(h, i, last);
}

void heap_set(struct heap *h, struct peer *peer, u64 deadline)
{
	bool was_in = peer->deadline != WG_NEVER;

	if (deadline == peer->deadline)
		return;
	peer->deadline = deadline;
	if (deadline == WG_NEVER)
		take_out(h, peer->heap_index);
	else if (was_in)
		sift(h, peer->heap_index, peer);
	else
		rise(h, h->n++, peer);
}

struct peer *heap_first(const struct heap *h)
{
	return h->n ? h->peers[0] : NULL;
}

// SPDX-License-Identifier: GPL-2.0
/* The peers of a device: in the order they came, by key, and by inner address. A peer and its nodes
 * come from slabs, and everything that later work needs is reserved when a peer is added. */
#include "peers.h"
#include <stdlib.h>
#include "../../core/allowedips.h"
#include "../../crypto/siphash.h"
#include "staged.h"

#define FIRST_BUCKETS 64

static void free_node(void *ctx, struct wg_allowedips_node *node)
{
	struct device *d = ctx;

	slab_free(&d->node_memory, node);
}

void peers_init(struct device *d)
{
	d->last_peer = &d->peers;
	d->ips_generation = 1;
	d->allowed.free_node = free_node;
	d->allowed.ctx = d;
	slab_init(&d->peer_memory, sizeof(struct peer), true);
	slab_init(&d->node_memory, sizeof(struct wg_allowedips_node), false);
}

void peers_free(struct device *d)
{
	peers_clear(d);
	slab_wipe(&d->peer_memory);
	slab_wipe(&d->node_memory);
	heap_free(&d->deadlines);
	free(d->by_key);
}

static struct peer **bucket(const struct device *d, const u8 key[static WG_PUBLIC_LEN])
{
	return &d->by_key[wg_siphash(key, WG_PUBLIC_LEN, d->hash_key) & (d->by_key_size - 1)];
}

struct peer *peers_find(const struct device *d, const u8 key[static WG_PUBLIC_LEN])
{
	struct peer *peer = d->by_key_size ? *bucket(d, key) : NULL;

	while (peer && memcmp(peer->remote.handshake.remote_static, key, WG_PUBLIC_LEN))
		peer = peer->next_in_hash;
	return peer;
}

static void hash_in(struct device *d, struct peer *peer)
{
	struct peer **at = bucket(d, peer->remote.handshake.remote_static);

	peer->next_in_hash = *at;
	*at = peer;
}

static void hash_out(struct device *d, struct peer *peer)
{
	struct peer **at = bucket(d, peer->remote.handshake.remote_static);

	while (*at != peer)
		at = &(*at)->next_in_hash;
	*at = peer->next_in_hash;
}

/* Without memory for a larger table the old one goes on, more slowly. */
static bool hash_reserve(struct device *d)
{
	size_t size = d->by_key_size ? d->by_key_size * 2 : FIRST_BUCKETS;
	struct peer **table;

	if (d->n_peers < d->by_key_size)
		return true;
	table = calloc(size, sizeof(struct peer *));
	if (!table)
		return d->by_key_size > 0;
	free(d->by_key);
	d->by_key = table;
	d->by_key_size = size;
	for (struct peer *p = d->peers; p; p = p->next)
		hash_in(d, p);
	return true;
}

static void list_in(struct device *d, struct peer *peer)
{
	peer->link = d->last_peer;
	*d->last_peer = peer;
	d->last_peer = &peer->next;
}

static void list_out(struct device *d, struct peer *peer)
{
	*peer->link = peer->next;
	if (peer->next)
		peer->next->link = peer->link;
	else
		d->last_peer = peer->link;
}

struct peer *peers_add(struct device *d, const u8 key[static WG_PUBLIC_LEN])
{
	struct peer *peer;

	if (d->n_peers >= WG_MAX_PEERS || !hash_reserve(d) ||
	    !heap_reserve(&d->deadlines, d->n_peers + 1))
		return NULL;
	peer = slab_alloc(&d->peer_memory);
	if (!peer)
		return NULL;
	wg_remote_init(&peer->remote, key);
	pthread_mutex_init(&peer->lock, NULL);
	peer->device = d;
	peer->deadline = WG_NEVER;
	list_in(d, peer);
	hash_in(d, peer);
	d->n_peers++;
	return peer;
}

static void cursors_leave(struct device *d, const struct peer *peer)
{
	for (struct peer_cursor *c = d->cursors; c; c = c->next) {
		if (c->at != peer)
			continue;
		peers_cursor_next(c);
		c->moved = true;
	}
}

void peers_remove(struct device *d, struct peer *peer)
{
	cursors_leave(d, peer);
	device_forget_asked(d, peer);
	heap_set(&d->deadlines, peer, WG_NEVER);
	peers_disallow_all(d, peer);
	wg_handshake_forget(&d->local, &peer->remote, true);
	wg_remote_expire(&peer->remote, &d->host);
	staged_drop(d, peer);
	list_out(d, peer);
	hash_out(d, peer);
	d->n_peers--;
	pthread_mutex_destroy(&peer->lock);
	slab_free(&d->peer_memory, peer);
}

void peers_clear(struct device *d)
{
	while (d->peers)
		peers_remove(d, d->peers);
}

static bool spare_reserve(struct device *d)
{
	for (int i = 0; i < WG_ALLOWEDIPS_SPARE; i++) {
		if (!d->spare[i])
			d->spare[i] = slab_alloc(&d->node_memory);
		if (!d->spare[i])
			return false;
	}
	return true;
}

bool peers_allow(struct device *d, struct peer *peer, u8 family, const u8 *ip, u8 cidr)
{
	if (!spare_reserve(d))
		return false;
	d->ips_generation++;
	wg_allowedips_insert(&d->allowed, family, ip, cidr, &peer->remote, d->spare);
	return true;
}

void peers_disallow(struct device *d, struct peer *peer, u8 family, const u8 *ip, u8 cidr)
{
	d->ips_generation++;
	wg_allowedips_remove(&d->allowed, family, ip, cidr, &peer->remote);
}

void peers_disallow_all(struct device *d, struct peer *peer)
{
	if (!peer->remote.allowed)
		return;
	d->ips_generation++;
	wg_allowedips_remove_remote(&d->allowed, &peer->remote);
}

static void cursor_stand(struct peer_cursor *c, struct peer *peer)
{
	c->at = peer;
	c->ips = 0;
	c->generation = 0; /* no device has this one: `ip` is looked up */
	c->ip = NULL;
}

void peers_cursor_begin(struct device *d, struct peer_cursor *c)
{
	memset(c, 0, sizeof(*c));
	cursor_stand(c, d->peers);
	c->next = d->cursors;
	d->cursors = c;
}

void peers_cursor_end(struct device *d, struct peer_cursor *c)
{
	for (struct peer_cursor **at = &d->cursors; *at; at = &(*at)->next) {
		if (*at != c)
			continue;
		*at = c->next;
		return;
	}
}

void peers_cursor_next(struct peer_cursor *c)
{
	cursor_stand(c, c->at->next);
}

/* After a change, the place is found again by counting: what moved may be told twice, or not. */
const struct wg_allowedips_node *peers_cursor_ip(struct device *d, struct peer_cursor *c)
{
	const struct wg_allowedips_node *node;

	if (c->generation != d->ips_generation) {
		c->generation = d->ips_generation;
		c->ip = c->at->remote.allowed;
		for (size_t i = 0; i < c->ips && c->ip; i++)
			c->ip = c->ip->next;
	}
	node = c->ip;
	if (node) {
		c->ip = node->next;
		c->ips++;
	}
	return node;
}

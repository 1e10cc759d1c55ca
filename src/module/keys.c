// SPDX-License-Identifier: GPL-2.0
#include "keys.h"
#include <linux/random.h>
#include <linux/slab.h>
#include "peer.h"

/* It stays for a grace period after it was dropped, and so do peer and keys. */
struct index_entry {
	struct rhash_head node;
	u32 index;
	struct wg_peer *peer;
	struct wg_keys __rcu *keys; /* once they are ready */
	struct rcu_head rcu;
};

static const struct rhashtable_params by_index = {
	.key_len = sizeof(u32),
	.key_offset = offsetof(struct index_entry, index),
	.head_offset = offsetof(struct index_entry, node),
	.automatic_shrinking = true,
};

static struct kmem_cache *keys_cache;

struct wg_keys *wg_keys_new(struct wg_peer *peer)
{
	struct wg_keys *k = kmem_cache_zalloc(keys_cache, GFP_KERNEL);

	if (!k)
		return NULL;
	k->peer = wg_peer_get(peer);
	kref_init(&k->refs);
	return k;
}

struct wg_keys *wg_keys_get(struct wg_keys *k)
{
	kref_get(&k->refs);
	return k;
}

static void keys_free(struct rcu_head *rcu)
{
	struct wg_keys *k = container_of(rcu, struct wg_keys, rcu);

	memzero_explicit(k, sizeof(*k));
	kmem_cache_free(keys_cache, k);
}

static void keys_release(struct kref *refs)
{
	struct wg_keys *k = container_of(refs, struct wg_keys, refs);

	wg_peer_put(k->peer);
	call_rcu(&k->rcu, keys_free);
}

void wg_keys_put(struct wg_keys *k)
{
	kref_put(&k->refs, keys_release);
}

int wg_indices_init(struct wg_indices *t)
{
	return rhashtable_init(&t->table, &by_index);
}

void wg_indices_free(struct wg_indices *t)
{
	rhashtable_destroy(&t->table);
}

bool wg_indices_add(struct wg_indices *t, struct wg_peer *peer, u32 *index)
{
	struct index_entry *e = kzalloc(sizeof(*e), GFP_KERNEL);
	int ret;

	if (!e)
		return false;
	e->peer = peer;
	do {
		e->index = get_random_u32();
		ret = rhashtable_lookup_insert_fast(&t->table, &e->node, by_index);
	} while (ret == -EEXIST);
	*index = e->index;
	if (ret)
		kfree(e);
	return !ret;
}

void wg_indices_set_keys(struct wg_indices *t, u32 index, struct wg_keys *k)
{
	struct index_entry *e;

	rcu_read_lock();
	e = rhashtable_lookup(&t->table, &index, by_index);
	if (e)
		rcu_assign_pointer(e->keys, k);
	rcu_read_unlock();
}

void wg_indices_drop(struct wg_indices *t, u32 index)
{
	struct index_entry *e;

	rcu_read_lock();
	e = rhashtable_lookup(&t->table, &index, by_index);
	if (e && !rhashtable_remove_fast(&t->table, &e->node, by_index))
		kfree_rcu(e, rcu);
	rcu_read_unlock();
}

struct wg_peer *wg_indices_peer(struct wg_indices *t, u32 index)
{
	struct index_entry *e = rhashtable_lookup(&t->table, &index, by_index);

	return e && wg_peer_get_unless_zero(e->peer) ? e->peer : NULL;
}

struct wg_keys *wg_indices_keys(struct wg_indices *t, u32 index)
{
	struct index_entry *e = rhashtable_lookup(&t->table, &index, by_index);
	struct wg_keys *k = e ? rcu_dereference(e->keys) : NULL;

	return k && kref_get_unless_zero(&k->refs) ? k : NULL;
}

int wg_keys_init(void)
{
	keys_cache = KMEM_CACHE(wg_keys, SLAB_HWCACHE_ALIGN);
	return keys_cache ? 0 : -ENOMEM;
}

/* After an rcu_barrier(). */
void wg_keys_exit(void)
{
	kmem_cache_destroy(keys_cache);
}

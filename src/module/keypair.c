// SPDX-License-Identifier: GPL-2.0
#include "keypair.h"
#include <linux/random.h>
#include <linux/slab.h>
#include "device.h"
#include "peer.h"

/* An entry stays for a grace period after it was dropped, and so do its peer and its keypair. */
struct index_entry {
	struct rhash_head node;
	u32 index;
	struct wg_peer *peer;
	struct wg_peer_keypair __rcu *keys; /* once they are ready; not a reference */
	struct rcu_head rcu;
};

const struct rhashtable_params wg_indices_params = {
	.key_len = sizeof(u32),
	.key_offset = offsetof(struct index_entry, index),
	.head_offset = offsetof(struct index_entry, node),
	.automatic_shrinking = true,
};

static struct kmem_cache *keypair_cache;

struct wg_peer_keypair *wg_peer_keypair_get(struct wg_peer_keypair *k)
{
	refcount_inc(&k->refs);
	return k;
}

static void keys_free(struct rcu_head *rcu)
{
	struct wg_peer_keypair *k = container_of(rcu, struct wg_peer_keypair, rcu);

	memzero_explicit(k, sizeof(*k));
	kmem_cache_free(keypair_cache, k);
}

void wg_peer_keypair_put(struct wg_peer_keypair *k)
{
	if (refcount_dec_and_test(&k->refs)) {
		wg_nesting_remove(&k->nesting);
		wg_debug(k->peer->device, "Keypair %llu destroyed for peer %llu", k->id, k->peer->id);
		wg_peer_put(k->peer);
		call_rcu(&k->rcu, keys_free);
	}
}

struct wg_peer_keypair *wg_indices_keys(struct rhashtable *t, u32 index)
{
	struct index_entry *e = rhashtable_lookup(t, &index, wg_indices_params);
	struct wg_peer_keypair *k = e ? rcu_dereference(e->keys) : NULL;

	return k && refcount_inc_not_zero(&k->refs) ? k : NULL;
}

/* Takes the handshake lock and returns the remote, with a reference that remote_release() drops. A
 * caller that gets the lock after the peer died or the link went down gets NULL: wg_peer_stop() has
 * ended, or will end, what was there before. */
static struct wg_remote *lock_remote(struct wg_device *wg, struct wg_peer *peer)
{
	lockdep_assert_held_read(&wg->identity_lock);
	mutex_lock(&peer->handshake_lock);
	if (!peer->dead && netif_running(wg->dev))
		return &peer->remote;
	mutex_unlock(&peer->handshake_lock);
	wg_peer_put(peer);
	return NULL;
}

static struct wg_remote *remote_by_key(void *ctx, const u8 public_key[static 32])
{
	struct wg_device *wg = ctx;
	struct wg_peer *peer;

	rcu_read_lock();
	peer = wg_peers_find(wg, public_key);
	if (peer && !refcount_inc_not_zero(&peer->refs))
		peer = NULL;
	rcu_read_unlock();
	return peer ? lock_remote(wg, peer) : NULL;
}

static struct wg_remote *remote_by_index(void *ctx, u32 index)
{
	struct wg_device *wg = ctx;
	struct wg_peer *peer = NULL;
	struct index_entry *e;

	rcu_read_lock();
	e = rhashtable_lookup(&wg->indices, &index, wg_indices_params);
	if (e && refcount_inc_not_zero(&e->peer->refs))
		peer = e->peer;
	rcu_read_unlock();
	return peer ? lock_remote(wg, peer) : NULL;
}

static void remote_release(void *ctx, struct wg_remote *remote)
{
	struct wg_peer *peer = wg_peer_of(remote);

	mutex_unlock(&peer->handshake_lock);
	wg_peer_put(peer);
}

static bool has_index(void *ctx, u32 index)
{
	struct wg_device *wg = ctx;
	bool found;

	rcu_read_lock();
	found = rhashtable_lookup(&wg->indices, &index, wg_indices_params);
	rcu_read_unlock();
	return found;
}

static bool index_new(void *ctx, struct wg_remote *remote, u32 *index)
{
	struct index_entry *e = kzalloc(sizeof(*e), GFP_KERNEL);
	struct wg_device *wg = ctx;
	int ret;

	if (!e)
		return false;
	e->peer = wg_peer_of(remote);
	do {
		e->index = get_random_u32();
		ret = rhashtable_lookup_insert_fast(&wg->indices, &e->node, wg_indices_params);
	} while (ret == -EEXIST);
	*index = e->index;
	if (ret)
		kfree(e);
	return !ret;
}

/* Drops the index if it is that of `k`; with NULL, if it never was a keypair's. */
static void drop_index(struct wg_device *wg, u32 index, const struct wg_peer_keypair *k)
{
	struct index_entry *e;

	rcu_read_lock();
	e = rhashtable_lookup(&wg->indices, &index, wg_indices_params);
	if (e && rcu_access_pointer(e->keys) == k &&
	    !rhashtable_remove_fast(&wg->indices, &e->node, wg_indices_params))
		kfree_rcu(e, rcu);
	rcu_read_unlock();
}

static void index_drop(void *ctx, u32 index)
{
	drop_index(ctx, index, NULL);
}

/* Peers that never had a session have no queues. */
static bool has_queues(struct wg_peer *peer)
{
	struct wg_crypt_pair *pair;

	if (!READ_ONCE(peer->queues)) {
		pair = wg_crypt_pair_new(peer->device);
		if (pair && cmpxchg(&peer->queues, NULL, pair))
			kfree(pair);
	}
	return READ_ONCE(peer->queues);
}

static struct wg_keypair *keypair_new(void *ctx, struct wg_remote *remote)
{
	struct wg_peer_keypair *k = kmem_cache_zalloc(keypair_cache, GFP_KERNEL);
	static atomic64_t keypairs;

	if (!k)
		return NULL;
	k->peer = wg_peer_get(wg_peer_of(remote));
	if (!has_queues(k->peer)) {
		wg_peer_put(k->peer);
		kmem_cache_free(keypair_cache, k);
		return NULL;
	}
	refcount_set(&k->refs, 1);
	k->id = atomic64_inc_return(&keypairs);
	wg_debug(k->peer->device, "Keypair %llu created for peer %llu", k->id, k->peer->id);
	return &k->pair;
}

static void keypair_ready(void *ctx, struct wg_remote *remote, struct wg_keypair *pair)
{
	struct wg_device *wg = ctx;
	struct index_entry *e;

	wg_nesting_add(&wg_peer_keypair_of(pair)->nesting, pair->remote_index,
		       &wg_peer_of(remote)->nesting);
	rcu_read_lock();
	e = rhashtable_lookup(&wg->indices, &pair->local_index, wg_indices_params);
	if (e)
		rcu_assign_pointer(e->keys, wg_peer_keypair_of(pair));
	rcu_read_unlock();
}

static void keypair_free(void *ctx, struct wg_keypair *pair)
{
	drop_index(ctx, pair->local_index, wg_peer_keypair_of(pair));
	wg_peer_keypair_put(wg_peer_keypair_of(pair));
}

const struct wg_host wg_peer_keypair_host = {
	.remote_by_key = remote_by_key,
	.remote_by_index = remote_by_index,
	.remote_release = remote_release,
	.has_index = has_index,
	.index_new = index_new,
	.index_drop = index_drop,
	.keypair_new = keypair_new,
	.keypair_ready = keypair_ready,
	.keypair_free = keypair_free,
};

int wg_keypair_init(void)
{
	keypair_cache = KMEM_CACHE(wg_peer_keypair, SLAB_HWCACHE_ALIGN);
	return keypair_cache ? 0 : -ENOMEM;
}

void wg_keypair_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(keypair_cache);
}

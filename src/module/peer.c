// SPDX-License-Identifier: GPL-2.0
#include "peer.h"
#include <linux/slab.h>
#include <net/dst.h>
#include "device.h"

/* A million peers shall fit a machine. Locks that the kernel watches are several times as large. */
#ifndef CONFIG_DEBUG_SPINLOCK
static_assert(sizeof(struct wg_peer) <= 1100);
#endif

static struct kmem_cache *peer_cache, *node_cache;

const struct rhashtable_params wg_peers_params = {
	.key_len = WG_PUBLIC_LEN,
	.key_offset = offsetof(struct wg_peer, remote.handshake.remote_static),
	.head_offset = offsetof(struct wg_peer, by_key),
	.automatic_shrinking = true,
};

void wg_peers_changed(struct wg_device *wg)
{
	static atomic64_t generations;

	lockdep_assert_held(&wg->update_lock);
	wg->generation = atomic64_inc_return(&generations);
}

struct wg_peer *wg_peer_get(struct wg_peer *peer)
{
	refcount_inc(&peer->refs);
	return peer;
}

static void peer_free(struct rcu_head *rcu)
{
	struct wg_peer *peer = container_of(rcu, struct wg_peer, rcu);

	kfree(peer->queues);
	dst_release(peer->route.dst);
	memzero_explicit(peer, sizeof(*peer));
	kmem_cache_free(peer_cache, peer);
}

/* Without the hold the device may be freed at any moment. */
void wg_peer_put(struct wg_peer *peer)
{
	if (refcount_dec_and_test(&peer->refs)) {
		wg_debug(peer->device, "Peer %llu destroyed", peer->id);
		dev_put(peer->device->dev);
		call_rcu(&peer->rcu, peer_free);
	}
}

struct wg_peer *wg_peers_find(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN])
{
	return rhashtable_lookup_fast(&wg->peers_by_key, key, wg_peers_params);
}

struct wg_peer *wg_peer_new(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN])
{
	struct wg_peer *peer = kmem_cache_zalloc(peer_cache, GFP_KERNEL);
	static atomic64_t peers;

	if (!peer)
		return NULL;
	wg_remote_init(&peer->remote, key);
	peer->device = wg;
	peer->id = atomic64_inc_return(&peers);
	dev_hold(wg->dev);
	mutex_init(&peer->handshake_lock);
	spin_lock_init(&peer->lock);
	__skb_queue_head_init(&peer->staged);
	refcount_set(&peer->refs, 1);
	wg_debug(wg, "Peer %llu created", peer->id);
	return peer;
}

void wg_peer_unstage(struct wg_peer *peer, struct sk_buff_head *dropped)
{
	lockdep_assert_held(&peer->lock);
	if (peer->staged_bytes)
		atomic_dec(&peer->device->staged_peers);
	atomic_long_sub(peer->staged_bytes, &peer->device->staged_bytes);
	peer->staged_bytes = 0;
	skb_queue_splice_tail_init(&peer->staged, dropped);
}

/* Each packet that is sent ends here: without a drop, the counter that all processors share is not
 * written to. */
void wg_peer_drop(struct wg_peer *peer, struct sk_buff_head *packets)
{
	if (skb_queue_empty(packets))
		return;
	DEV_STATS_ADD(peer->device->dev, tx_dropped, skb_queue_len(packets));
	__skb_queue_purge(packets);
}

int wg_peer_allow(struct wg_peer *peer, u8 family, const u8 *ip, u8 cidr)
{
	struct wg_device *wg = peer->device;

	for (int i = 0; i < WG_ALLOWEDIPS_SPARE; i++) {
		if (!wg->spare[i])
			wg->spare[i] = kmem_cache_alloc(node_cache, GFP_KERNEL);
		if (!wg->spare[i])
			return -ENOMEM;
	}
	wg_peers_changed(wg);
	wg_allowedips_insert(&wg->allowed, family, ip, cidr, &peer->remote, wg->spare);
	return 0;
}

void wg_peer_disallow(struct wg_peer *peer, u8 family, const u8 *ip, u8 cidr)
{
	wg_peers_changed(peer->device);
	wg_allowedips_remove(&peer->device->allowed, family, ip, cidr, &peer->remote);
}

void wg_peer_disallow_all(struct wg_peer *peer)
{
	wg_peers_changed(peer->device);
	wg_allowedips_remove_remote(&peer->device->allowed, &peer->remote);
}

/* A dead node keeps its rcu_head in the place of its list of the remote, which nobody uses any more
 * (allowedips.h). */
struct dead_node {
	u8 until[offsetof(struct wg_allowedips_node, next)];
	struct rcu_head rcu;
};

static_assert(sizeof(struct dead_node) <= sizeof(struct wg_allowedips_node));

static void node_free(struct rcu_head *rcu)
{
	kmem_cache_free(node_cache, container_of(rcu, struct dead_node, rcu));
}

void wg_peer_node_free(void *unused, struct wg_allowedips_node *node)
{
	if (node)
		call_rcu(&((struct dead_node *)node)->rcu, node_free);
}

void wg_peer_count_sent(struct wg_peer *peer, u32 messages, u32 bytes)
{
	wg_remote_count_sent(&peer->remote, bytes);
	dev_sw_netstats_tx_add(peer->device->dev, messages, bytes);
}

void wg_peer_count_handshake(struct wg_peer *peer, u32 bytes)
{
	spin_lock_bh(&peer->lock);
	wg_peer_count_sent(peer, 1, bytes);
	spin_unlock_bh(&peer->lock);
}

int wg_peer_init(void)
{
	peer_cache = KMEM_CACHE(wg_peer, SLAB_HWCACHE_ALIGN);
	node_cache = KMEM_CACHE(wg_allowedips_node, 0);
	if (peer_cache && node_cache)
		return 0;
	wg_peer_exit();
	return -ENOMEM;
}

void wg_peer_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(peer_cache);
	kmem_cache_destroy(node_cache);
}

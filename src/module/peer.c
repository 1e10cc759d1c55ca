// SPDX-License-Identifier: GPL-2.0
#include "peer.h"
#include <linux/slab.h>
#include "actions.h"
#include "device.h"
#include "send.h"

/* 672 bytes without debugging; a million of them shall fit a machine. */
static_assert(sizeof(struct wg_peer) <= 1100);

static struct kmem_cache *peer_cache, *node_cache;

struct wg_peer *wg_peer_new(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN])
{
	struct wg_peer *peer = kmem_cache_zalloc(peer_cache, GFP_KERNEL);

	if (!peer)
		return NULL;
	wg_remote_init(&peer->remote, key);
	peer->device = wg;
	dev_hold(wg->dev);
	spin_lock_init(&peer->lock);
	peer->lane = wg->lanes.next++ % wg->lanes.count;
	__skb_queue_head_init(&peer->staged);
	INIT_LIST_HEAD(&peer->list);
	kref_init(&peer->refs);
	wg_actions_init(peer);
	return peer;
}

bool wg_peer_get_unless_zero(struct wg_peer *peer)
{
	return kref_get_unless_zero(&peer->refs);
}

struct wg_peer *wg_peer_get(struct wg_peer *peer)
{
	kref_get(&peer->refs);
	return peer;
}

static void peer_free(struct rcu_head *rcu)
{
	struct wg_peer *peer = container_of(rcu, struct wg_peer, rcu);

	memzero_explicit(peer, sizeof(*peer));
	kmem_cache_free(peer_cache, peer);
}

/* Without the hold the device may go at any moment. */
static void peer_release(struct kref *refs)
{
	struct wg_peer *peer = container_of(refs, struct wg_peer, refs);

	dev_put(peer->device->dev);
	call_rcu(&peer->rcu, peer_free);
}

void wg_peer_put(struct wg_peer *peer)
{
	kref_put(&peer->refs, peer_release);
}

/* With the handshake lock held. */
static void end_sessions(struct wg_peer *peer, bool identity, bool dead)
{
	struct wg_device *wg = peer->device;

	wg_protocol_forget(&wg->local, &peer->remote, identity);
	spin_lock_bh(&peer->lock);
	wg_remote_expire(&peer->remote, &wg->host);
	peer->dead = dead;
	spin_unlock_bh(&peer->lock);
}

static void drop_staged(struct wg_peer *peer)
{
	struct sk_buff_head dropped;

	__skb_queue_head_init(&dropped);
	spin_lock_bh(&peer->lock);
	skb_queue_splice_init(&peer->staged, &dropped);
	spin_unlock_bh(&peer->lock);
	__skb_queue_purge(&dropped);
}

/* Nobody finds it any more. Whoever found it before sees that it is dead, under one of the locks. */
static void bury(struct wg_peer *peer)
{
	struct wg_device *wg = peer->device;

	mutex_lock(&wg->handshake_lock);
	end_sessions(peer, true, true);
	mutex_unlock(&wg->handshake_lock);
	drop_staged(peer);
	wg_actions_stop(peer);
	wg_peer_put(peer);
}

void wg_peer_remove(struct wg_peer *peer)
{
	struct wg_device *wg = peer->device;

	wg_peers_disallow_all(wg, peer);
	wg_peers_unlink(wg, peer);
	bury(peer);
}

void wg_peer_remove_all(struct wg_device *wg)
{
	struct wg_peer *peer, *next;

	wg_allowedips_clear(&wg->allowed);
	list_for_each_entry_safe(peer, next, &wg->peers.list, list) {
		wg_peers_unlink(wg, peer);
		bury(peer);
		cond_resched();
	}
}

void wg_peer_set_preshared(struct wg_peer *peer, const u8 key[static WG_SYMMETRIC_LEN])
{
	struct wg_device *wg = peer->device;

	mutex_lock(&wg->handshake_lock);
	memcpy(peer->remote.handshake.preshared_key, key, WG_SYMMETRIC_LEN);
	mutex_unlock(&wg->handshake_lock);
}

void wg_peer_expire(struct wg_peer *peer, bool identity)
{
	struct wg_device *wg = peer->device;

	mutex_lock(&wg->handshake_lock);
	end_sessions(peer, identity, peer->dead);
	mutex_unlock(&wg->handshake_lock);
}

void wg_peer_up(struct wg_peer *peer)
{
	struct wg_session *s = &peer->remote.session;
	u32 actions = 0;

	spin_lock_bh(&peer->lock);
	if (s->persistent_interval)
		actions =
			wg_session_set_persistent(s, s->persistent_interval, true, wg_device_now());
	wg_actions_arm(peer);
	spin_unlock_bh(&peer->lock);
	wg_actions_do(peer, actions);
	wg_send_flush(peer, false);
}

void wg_peer_down(struct wg_peer *peer)
{
	wg_peer_expire(peer, false);
	spin_lock_bh(&peer->lock);
	wg_session_stop(&peer->remote.session);
	wg_endpoint_forget_source(&peer->endpoint);
	spin_unlock_bh(&peer->lock);
	drop_staged(peer);
}

struct wg_allowedips_node *wg_peer_node_new(void)
{
	return kmem_cache_alloc(node_cache, GFP_KERNEL);
}

/* Where the node has the list of its remote, which is nobody's any more (allowedips.h). */
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
	peer->tx_bytes += bytes;
	dev_sw_netstats_tx_add(peer->device->dev, messages, bytes);
}

void wg_peer_count_received(struct wg_peer *peer, u32 bytes)
{
	peer->rx_bytes += bytes;
	dev_sw_netstats_rx_add(peer->device->dev, bytes);
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

/* After an rcu_barrier(). */
void wg_peer_exit(void)
{
	kmem_cache_destroy(peer_cache);
	kmem_cache_destroy(node_cache);
}

// SPDX-License-Identifier: GPL-2.0
/* A packet is sent at once if the peer has a session and no earlier packet waits for one; else it
 * is staged. So no packet overtakes another. */
#include "send.h"
#include <net/dst_metadata.h>
#include <net/gso.h>
#include <net/icmp.h>
#include <net/ip_tunnels.h>
#include "actions.h"
#include "device.h"
#include "keypair.h"
#include "socket.h"

static void drop_packet(struct wg_peer *peer, struct sk_buff *skb)
{
	DEV_STATS_INC(peer->device->dev, tx_dropped);
	kfree_skb(skb);
}

/* A peer that has an endpoint always has one. */
static bool has_endpoint(const struct wg_peer *peer)
{
	return READ_ONCE(peer->endpoint.addr.sa_family) != AF_UNSPEC;
}

/* `bytes` of truesize are staged, or no longer. The caller holds peer->lock. */
static void count_staged(struct wg_peer *peer, int bytes)
{
	bool had = peer->staged_bytes;

	peer->staged_bytes += bytes;
	atomic_long_add(bytes, &peer->device->staged_bytes);
	if (had != !!peer->staged_bytes)
		atomic_add(had ? -1 : 1, &peer->device->staged_peers);
}

/* Returns whether the peer has more staged than it may. The newest packet of a peer may be larger
 * than its share, which is small if many peers have packets waiting; a peer that could keep none
 * would be shut out by the others. A share is looked at when its peer stages, so peers that staged
 * when they were few still have more than their share: the sum has a limit of its own. Beyond it each
 * peer keeps the least share, since others than this one have used up the sum. The caller holds
 * peer->lock. */
static bool has_too_much(const struct wg_peer *peer, u32 limit)
{
	u32 n = skb_queue_len(&peer->staged);

	if (n > 1 && (peer->staged_bytes > limit || n > WG_MAX_STAGED))
		return true;
	return peer->staged_bytes > WG_STAGED_LEAST_BYTES &&
	       atomic_long_read(&peer->device->staged_bytes) > 2 * WG_STAGED_DEVICE_BYTES;
}

/* The oldest packets give way when too many are staged. The caller holds peer->lock. */
static void evict_oldest(struct wg_peer *peer)
{
	u32 peers = max(atomic_read(&peer->device->staged_peers), 1);
	u32 limit = clamp_t(u32, WG_STAGED_DEVICE_BYTES / peers, WG_STAGED_LEAST_BYTES,
			    WG_STAGED_PEER_BYTES);

	while (has_too_much(peer, limit)) {
		struct sk_buff *skb = __skb_dequeue(&peer->staged);

		count_staged(peer, -(int)skb->truesize);
		drop_packet(peer, skb);
	}
}

/* The packets are to wait, for as long as it takes. Meanwhile they must not use up what their
 * senders may have on the way, and hold no memory of their senders'. The caller holds
 * peer->lock. */
static void stage_packets(struct wg_peer *peer, struct sk_buff_head *packets)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(packets))) {
		skb_orphan(skb);
		if (skb_orphan_frags_rx(skb, GFP_ATOMIC)) {
			drop_packet(peer, skb);
			continue;
		}
		__skb_queue_tail(&peer->staged, skb);
		count_staged(peer, (int)skb->truesize);
	}
	evict_oldest(peer);
}

/* Sends the packet if there is a session. Returns false if there is none; the packet is still the
 * caller's then. The caller holds peer->lock. */
static bool send_packet(struct wg_peer *peer, struct sk_buff *skb, u32 *actions, u64 now)
{
	struct wg_send_cb *cb = wg_send_cb(skb);
	struct wg_send_reservation reservation;

	wg_remote_send(&peer->remote, cb->gso.count, skb->len, &reservation, now);
	*actions |= reservation.actions;
	if (!reservation.keypair)
		return false;
	cb->counter = reservation.counter;
	if (!wg_crypt_queue_add(&peer->queues->send, wg_peer_keypair_of(reservation.keypair), skb,
				cb->gso.count, NULL))
		drop_packet(peer, skb);
	return true;
}

/* Sends packets from `queue`, until it is empty or there is no session. The caller holds
 * peer->lock. */
static void send_queue(struct wg_peer *peer, struct sk_buff_head *queue, u32 *actions, u64 now)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(queue))) {
		int truesize = (int)skb->truesize;

		if (!send_packet(peer, skb, actions, now)) {
			__skb_queue_head(queue, skb);
			return;
		}
		if (queue == &peer->staged)
			count_staged(peer, -truesize);
	}
}

/* Returns whether there are sockets: exactly while the link is up and the namespace that has them
 * exists. They go before the peers are stopped (link.c). The caller holds peer->lock of the peer
 * that is sent to, so that a stopped one stays so. */
static bool may_send(const struct wg_peer *peer)
{
	return !peer->dead && rcu_access_pointer(peer->device->socks[0]);
}

/* Takes over the packets. If there are none, nor staged ones, and `keepalive` is true, sends an
 * empty one, which does not wait for a session. */
static void send_to(struct wg_peer *peer, struct sk_buff_head *packets, bool keepalive)
{
	u64 now = wg_device_now();
	struct sk_buff *skb;
	u32 actions = 0;

	spin_lock_bh(&peer->lock);
	if (may_send(peer)) {
		keepalive &= skb_queue_empty(packets) && skb_queue_empty(&peer->staged);
		send_queue(peer, &peer->staged, &actions, now);
		if (skb_queue_empty(&peer->staged))
			send_queue(peer, packets, &actions, now);
		stage_packets(peer, packets);
		skb = keepalive ? alloc_skb(0, GFP_ATOMIC) : NULL;
		if (skb) {
			wg_segment_begin(&wg_send_cb(skb)->gso, skb);
			if (!send_packet(peer, skb, &actions, now))
				kfree_skb(skb);
		}
		wg_actions_arm(peer);
	}
	spin_unlock_bh(&peer->lock);
	wg_peer_drop(peer, packets);
	wg_peer_act(peer, actions);
}

void wg_send_flush(struct wg_peer *peer, bool keepalive)
{
	struct sk_buff_head none;

	__skb_queue_head_init(&none);
	if (has_endpoint(peer))
		send_to(peer, &none, keepalive);
}

/* A packet cut into this many or more could not wait in the queue: the truesize of the pieces alone
 * is all that one peer may have there. */
#define SEGMENTS_MAX (WG_CRYPT_QUEUE_BYTES / SKB_TRUESIZE(1))

/* Returns how many segments a super-packet has, at most one too many. Senders that the kernel does
 * not trust leave gso_segs zero, and the kernel does not look at what they have in gso_size. */
static u32 count_segments(const struct sk_buff *skb)
{
	return skb_is_gso(skb) ? skb->len / skb_shinfo(skb)->gso_size + 1 : 1;
}

/* Takes over the packet, unless it returns an error: -ENOBUFS if it has too many segments, and the
 * errors of skb_gso_segment(). A batch seals WG_BATCH_SEGMENTS messages and no more before others
 * have their turn: a packet with more segments is cut, and each piece is queued and accounted for
 * by itself. */
static int split(struct sk_buff_head *packets, struct sk_buff *skb, const struct net_device *dev)
{
	struct wg_send_cb cb = {
		.mtu = skb_valid_dst(skb) ? dst_mtu(skb_dst(skb)) : READ_ONCE(dev->mtu),
		.ds = ip_tunnel_ecn_encap(0, ip_hdr(skb), skb),
	};
	struct sk_buff *piece = skb, *next;
	bool cut = !wg_segment_begin(&cb.gso, skb) || cb.gso.count > WG_BATCH_SEGMENTS;

	if (count_segments(skb) > SEGMENTS_MAX)
		return -ENOBUFS;
	/* Queues below tell flows apart by this hash: the outer addresses and ports are the same
	 * for all flows of a peer. */
	__skb_set_sw_hash(skb, skb_get_hash(skb), true);
	if (cut) {
		piece = skb_gso_segment(skb, 0);
		if (IS_ERR_OR_NULL(piece))
			return piece ? PTR_ERR(piece) : -EINVAL;
		consume_skb(skb);
	}
	skb_list_walk_safe(piece, piece, next) {
		skb_mark_not_on_list(piece);
		if (cut)
			wg_gso_whole(&cb.gso, piece->len);
		*wg_send_cb(piece) = cb;
		skb_dst_drop(piece);
		__skb_queue_tail(packets, piece);
	}
	return 0;
}

static int find_peer(struct wg_device *wg, const struct sk_buff *skb, struct wg_peer **peer)
{
	struct wg_remote *remote;

	if (skb->protocol != ip_tunnel_parse_protocol(skb))
		return -EPROTONOSUPPORT;
	remote = wg_allowedips_find_dst(&wg->allowed, skb->data, skb_headlen(skb));
	if (!remote)
		return -ENOKEY;
	*peer = wg_peer_of(remote);
	if (!has_endpoint(*peer)) {
		wg_device_report(wg, WG_INITIATION_NO_ENDPOINT, remote, NULL);
		return -EDESTADDRREQ;
	}
	/* In a kernel without IPv6 there is a socket for IPv4 only. */
	if (READ_ONCE((*peer)->endpoint.addr.sa_family) == AF_INET6 &&
	    rcu_access_pointer(wg->socks[0]) && !rcu_access_pointer(wg->socks[1]))
		return -EAFNOSUPPORT;
	return 0;
}

/* No peer takes the packet: its sender is told by ICMP that the destination is unreachable. */
static void send_unreachable(struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
}

/* The sender is told the error: "required key not available" for a destination that is nobody's. */
netdev_tx_t wg_send_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct sk_buff_head packets;
	struct wg_peer *peer;
	int err;

	/* The packet is changed to be sent, so it must be ours alone. */
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb) {
		DEV_STATS_INC(dev, tx_dropped);
		return NETDEV_TX_OK;
	}
	__skb_queue_head_init(&packets);
	err = find_peer(netdev_priv(dev), skb, &peer);
	if (err) {
		DEV_STATS_INC(dev, tx_errors);
		if (err != -EPROTONOSUPPORT)
			send_unreachable(skb);
		kfree_skb(skb);
		return (netdev_tx_t)err;
	}
	/* From here on the destination is not what is wrong. The sender of a packet in a loop is
	 * this module: an ICMP message would be one more packet in the loop. */
	err = wg_nesting_enter(&peer->nesting, skb) ?: split(&packets, skb, dev);
	if (!err) {
		send_to(peer, &packets, false);
		return NETDEV_TX_OK;
	}
	if (err == -ELOOP)
		wg_debug((struct wg_device *)netdev_priv(dev), "a packet goes round in a loop of tunnels");
	if (err == -ENOBUFS)
		DEV_STATS_INC(dev, tx_dropped);
	else
		DEV_STATS_INC(dev, tx_errors);
	kfree_skb(skb);
	return (netdev_tx_t)err;
}

static u32 transmit_batch(struct wg_crypt_batch *t, struct napi_struct *napi)
{
	struct wg_peer *peer = t->keypair->peer;
	u32 n = skb_queue_len(&t->packets);
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&t->packets))) {
		struct wg_send_cb cb = *wg_send_cb(skb);

		if (wg_socket_send_peer(peer, skb, cb.ds))
			DEV_STATS_ADD(peer->device->dev, tx_errors, cb.gso.count);
	}
	return n;
}

const struct wg_crypt_ops wg_send_ops = {
	.get = wg_peer_keypair_get,
	.put = wg_peer_keypair_put,
	.crypt = wg_send_seal,
	.leave = transmit_batch,
};

// SPDX-License-Identifier: GPL-2.0
/* All packets go through the peer's list of those that wait for a session: where there is one, they
 * leave it at once. So none overtakes another. */
#include "send.h"
#include <net/dst_metadata.h>
#include <net/gso.h>
#include <net/icmp.h>
#include <net/ip_tunnels.h>
#include "actions.h"
#include "device.h"
#include "socket.h"

static void drop(struct wg_peer *peer, struct sk_buff *skb)
{
	DEV_STATS_INC(peer->device->dev, tx_dropped);
	kfree_skb(skb);
}

/* Once it has one it always has. */
static bool has_endpoint(const struct wg_peer *peer)
{
	return READ_ONCE(peer->endpoint.addr.sa_family) != AF_UNSPEC;
}

/* Under peer->lock: all that is staged leaves while there is a session. An empty packet does not wait
 * for one. */
static u32 send_staged(struct wg_peer *peer)
{
	struct wg_crypt_queue *queue = &peer->device->queues.cpus[peer->queue].send;
	u64 now = wg_device_now();
	struct wg_send_reservation reservation;
	struct sk_buff *skb;
	u32 actions = 0;

	while ((skb = __skb_dequeue(&peer->staged))) {
		struct wg_send_cb *cb = wg_send_cb(skb);

		wg_remote_send(&peer->remote, cb->super.count, skb->len, &reservation, now);
		actions |= reservation.actions;
		if (!reservation.keypair)
			break;
		cb->counter = reservation.counter;
		if (!wg_crypt_queue_add(queue, wg_peer_keypair_of(reservation.keypair), skb, cb->super.count, NULL))
			drop(peer, skb);
	}
	if (skb && skb->len)
		__skb_queue_head(&peer->staged, skb);
	else
		kfree_skb(skb);
	while (skb_queue_len(&peer->staged) > WG_MAX_STAGED)
		drop(peer, __skb_dequeue(&peer->staged));
	return actions;
}

/* Takes over the packets. Where there are none, nor staged ones, and `keepalive`: an empty one. */
static void send_to(struct wg_peer *peer, struct sk_buff_head *packets, bool keepalive)
{
	struct sk_buff *empty;
	u32 actions = 0;

	spin_lock_bh(&peer->lock);
	if (!peer->dead) {
		skb_queue_splice_tail_init(packets, &peer->staged);
		if (keepalive && skb_queue_empty(&peer->staged)) {
			empty = alloc_skb(0, GFP_ATOMIC);
			if (empty) {
				wg_segment_begin(&wg_send_cb(empty)->super, empty);
				__skb_queue_tail(&peer->staged, empty);
			}
		}
		actions = send_staged(peer);
		wg_actions_arm(peer);
	}
	spin_unlock_bh(&peer->lock);
	__skb_queue_purge(packets);
	wg_actions_do(peer, actions);
}

void wg_send_flush(struct wg_peer *peer, bool keepalive)
{
	struct sk_buff_head none;

	__skb_queue_head_init(&none);
	if (has_endpoint(peer))
		send_to(peer, &none, keepalive);
}

/* Takes over the packet, unless it returns an error. */
static int split(struct sk_buff_head *packets, struct sk_buff *skb, const struct net_device *dev)
{
	struct wg_send_cb cb = {
		.mtu = skb_valid_dst(skb) ? dst_mtu(skb_dst(skb)) : READ_ONCE(dev->mtu),
		.ds = ip_tunnel_ecn_encap(0, ip_hdr(skb), skb),
	};
	struct sk_buff *piece = skb, *next;
	bool cut = !wg_segment_begin(&cb.super, skb);

	if (cut) {
		piece = skb_gso_segment(skb, 0);
		if (IS_ERR_OR_NULL(piece))
			return -EINVAL;
		consume_skb(skb);
	}
	skb_list_walk_safe(piece, piece, next) {
		skb_mark_not_on_list(piece);
		if (cut)
			wg_gso_whole(&cb.super, piece->len);
		*wg_send_cb(piece) = cb;
		skb_dst_drop(piece);
		__skb_queue_tail(packets, piece);
	}
	return 0;
}

static int find_peer(const struct wg_device *wg, const struct sk_buff *skb, struct wg_peer **peer)
{
	struct wg_remote *remote;

	if (skb->protocol != ip_tunnel_parse_protocol(skb))
		return -EPROTONOSUPPORT;
	remote = wg_allowedips_find_dst(&wg->allowed, skb->data, skb_headlen(skb));
	if (!remote)
		return -ENOKEY;
	*peer = wg_peer_of(remote);
	if (!has_endpoint(*peer))
		return -EDESTADDRREQ;
	/* In a kernel without IPv6 there is a socket for IPv4 only. */
	if (READ_ONCE((*peer)->endpoint.addr.sa_family) == AF_INET6 &&
	    rcu_access_pointer(wg->socks[0]) && !rcu_access_pointer(wg->socks[1]))
		return -EAFNOSUPPORT;
	return 0;
}

/* Who sends is told the error: "required key not available" for a destination that is nobody's. */
netdev_tx_t wg_send_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct sk_buff_head packets;
	struct wg_peer *peer;
	int err;

	__skb_queue_head_init(&packets);
	err = find_peer(netdev_priv(dev), skb, &peer) ?: split(&packets, skb, dev);
	if (!err) {
		send_to(peer, &packets, false);
		return NETDEV_TX_OK;
	}
	DEV_STATS_INC(dev, tx_errors);
	if (err != -EPROTONOSUPPORT && skb->protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else if (err != -EPROTONOSUPPORT)
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
	kfree_skb(skb);
	return (netdev_tx_t)err;
}

u32 wg_send_transmit(struct wg_crypt_batch *t)
{
	struct wg_peer *peer = t->keys->peer;
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&t->packets))) {
		struct wg_send_cb cb = *wg_send_cb(skb);

		if (wg_socket_send_peer(peer, skb, cb.ds))
			DEV_STATS_ADD(peer->device->dev, tx_errors, cb.super.count);
	}
	return 1;
}

// SPDX-License-Identifier: GPL-2.0
/* All packets go through the peer's list of those that wait for a session: where there is one, they
 * leave it at once. So none overtakes another. */
#include "send.h"
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <net/dst_metadata.h>
#include <net/gso.h>
#include <net/icmp.h>
#include <net/ip_tunnels.h>
#include "actions.h"
#include "device.h"
#include "keys.h"
#include "segment.h"
#include "socket.h"

static void drop(struct wg_peer *peer, struct sk_buff *skb)
{
	DEV_STATS_INC(peer->device->dev, tx_dropped);
	kfree_skb(skb);
}

/* Under peer->lock. False: there is no session, and the packet is still the caller's. */
static bool send_packet(struct wg_peer *peer, struct sk_buff *skb, bool data, u32 *actions, u64 now)
{
	u32 segments = wg_send_cb(skb)->segments;
	struct wg_grant grant;

	wg_remote_send(&peer->remote, segments, data, &grant, now);
	*actions |= grant.actions;
	if (!grant.keypair)
		return false;
	if (!wg_lane_send(&peer->device->lanes.send[peer->lane], wg_keys_of(grant.keypair), skb,
			  segments, grant.counter))
		drop(peer, skb);
	return true;
}

/* Under peer->lock. */
static u32 send_staged(struct wg_peer *peer, u64 now)
{
	struct sk_buff *skb;
	u32 actions = 0;

	while ((skb = __skb_dequeue(&peer->staged))) {
		if (send_packet(peer, skb, true, &actions, now))
			continue;
		__skb_queue_head(&peer->staged, skb);
		break;
	}
	return actions;
}

/* Under peer->lock. */
static void stage(struct wg_peer *peer, struct sk_buff_head *packets)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(packets))) {
		if (skb_queue_len(&peer->staged) >= WG_MAX_STAGED)
			drop(peer, __skb_dequeue(&peer->staged));
		__skb_queue_tail(&peer->staged, skb);
	}
}

/* Once it has one it always has. */
static bool has_endpoint(const struct wg_peer *peer)
{
	return READ_ONCE(peer->endpoint.addr.sa_family) != AF_UNSPEC;
}

/* Takes over the packets. */
static void send_to(struct wg_peer *peer, struct sk_buff_head *packets)
{
	u32 actions = 0;

	spin_lock_bh(&peer->lock);
	if (!peer->dead) {
		stage(peer, packets);
		actions = send_staged(peer, wg_device_now());
		wg_actions_arm(peer);
	}
	spin_unlock_bh(&peer->lock);
	__skb_queue_purge(packets);
	if (actions)
		wg_actions_do(peer, actions);
}

static struct sk_buff *new_empty(void)
{
	struct sk_buff *skb = alloc_skb(0, GFP_ATOMIC);

	if (skb)
		*wg_send_cb(skb) = (struct wg_send_cb){.segments = 1};
	return skb;
}

/* Under peer->lock. */
static u32 send_empty(struct wg_peer *peer, u64 now)
{
	struct sk_buff *skb = new_empty();
	u32 actions = 0;

	if (skb && !send_packet(peer, skb, false, &actions, now))
		kfree_skb(skb);
	return actions;
}

void wg_send_flush(struct wg_peer *peer, bool keepalive)
{
	u32 actions = 0;

	spin_lock_bh(&peer->lock);
	if (!peer->dead && has_endpoint(peer)) {
		u64 now = wg_device_now();

		if (!skb_queue_empty(&peer->staged))
			actions = send_staged(peer, now);
		else if (keepalive)
			actions = send_empty(peer, now);
		wg_actions_arm(peer);
	}
	spin_unlock_bh(&peer->lock);
	if (actions)
		wg_actions_do(peer, actions);
}

/* What is the same for all pieces of a packet. */
static struct wg_send_cb describe(const struct sk_buff *skb, const struct net_device *dev)
{
	return (struct wg_send_cb){
		.mtu = skb_valid_dst(skb) ? dst_mtu(skb_dst(skb)) : READ_ONCE(dev->mtu),
		.ds = ip_tunnel_ecn_encap(0, ip_hdr(skb), skb),
	};
}

static void add(struct sk_buff_head *packets, struct sk_buff *skb, struct wg_send_cb cb,
		u32 segments)
{
	cb.segments = segments;
	*wg_send_cb(skb) = cb;
	skb_dst_drop(skb);
	__skb_queue_tail(packets, skb);
}

/* Takes over the packet, unless it returns an error. */
static int split(struct sk_buff_head *packets, struct sk_buff *skb, const struct net_device *dev)
{
	struct wg_send_cb cb = describe(skb, dev);
	u32 segments = wg_segment_count(skb);
	struct sk_buff *piece, *next;

	if (segments) {
		add(packets, skb, cb, segments);
		return 0;
	}
	piece = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(piece))
		return -EINVAL;
	consume_skb(skb);
	skb_list_walk_safe(piece, piece, next) {
		skb_mark_not_on_list(piece);
		add(packets, piece, cb, 1);
	}
	return 0;
}

/* In a kernel without IPv6 there is a socket for IPv4 only. */
static int check_endpoint(const struct wg_device *wg, const struct wg_peer *peer)
{
	if (!has_endpoint(peer))
		return -EDESTADDRREQ;
	if (READ_ONCE(peer->endpoint.addr.sa_family) == AF_INET6 && rcu_access_pointer(wg->sock4) &&
	    !rcu_access_pointer(wg->sock6))
		return -EAFNOSUPPORT;
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
	return check_endpoint(wg, *peer);
}

static void refuse(struct sk_buff *skb, struct net_device *dev, int err)
{
	DEV_STATS_INC(dev, tx_errors);
	if (err != -EPROTONOSUPPORT && skb->protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else if (err != -EPROTONOSUPPORT)
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
	kfree_skb(skb);
}

/* Who sends is told the error: "required key not available" for a destination that is nobody's. */
netdev_tx_t wg_send_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct wg_device *wg = netdev_priv(dev);
	struct sk_buff_head packets;
	struct wg_peer *peer;
	int err;

	__skb_queue_head_init(&packets);
	err = find_peer(wg, skb, &peer);
	if (!err)
		err = split(&packets, skb, dev);
	if (err) {
		refuse(skb, dev, err);
		return (netdev_tx_t)err;
	}
	send_to(peer, &packets);
	return NETDEV_TX_OK;
}

static void transmit(struct wg_train *t)
{
	struct wg_peer *peer = t->keys->peer;
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&t->packets))) {
		u32 messages = skb_shinfo(skb)->gso_segs ?: 1;
		u8 ds = wg_send_cb(skb)->ds;

		memset(skb->cb, 0, sizeof(skb->cb));
		if (wg_socket_send_peer(peer, skb, ds))
			DEV_STATS_ADD(peer->device->dev, tx_errors, messages);
	}
	wg_train_free(t);
}

void wg_send_leave(struct wg_lane *lane)
{
	struct wg_train *t;

	local_bh_disable();
	if (wg_lane_enter(lane)) {
		while ((t = wg_lane_take(lane))) {
			transmit(t);
			local_bh_enable();
			cond_resched();
			local_bh_disable();
		}
	}
	local_bh_enable();
}

// SPDX-License-Identifier: GPL-2.0
/* A message is believed in this order: its index is a session's, it is authentic, the session is
 * not too old, its counter is new, its packet is one that this peer may send. */
#include "receive.h"
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>
#include "actions.h"
#include "device.h"
#include "handshakes.h"
#include "keypair.h"

/* Returns type and index, which messages of one session have in common; 0: no data message of at
 * most `size` bytes begins there. */
static u64 data_prefix(const struct sk_buff *skb, u32 at, u32 size)
{
	u8 p[8];

	if (min(skb->len - at, size) < WG_DATA_OVERHEAD || skb_copy_bits(skb, at, p, sizeof(p)))
		return 0;
	return wg_load_le32(p) == WG_MESSAGE_DATA ? wg_load_le64(p) : 0;
}

/* Takes over the packet. The part of it that `cb` describes is for one session. */
static void give_data(struct wg_device *wg, struct sk_buff *skb, u32 index,
		      const struct wg_receive_cb *cb, const struct wg_endpoint *from)
{
	struct wg_peer_keypair *keypair = skb ? wg_indices_keys(&wg->indices, index) : NULL;

	if (!keypair) {
		kfree_skb(skb);
		return;
	}
	*wg_receive_cb(skb) = *cb;
	if (!wg_crypt_queue_add(&keypair->peer->queues->receive, keypair, skb,
				DIV_ROUND_UP(cb->end - cb->begin, cb->size), from)) {
		DEV_STATS_INC(wg->dev, rx_dropped);
		kfree_skb(skb);
	}
	wg_peer_keypair_put(keypair);
}

/* The packet itself goes with the part that is its whole or its end, a clone with each part
 * before. */
void wg_receive_packet(struct wg_device *wg, struct sk_buff *skb)
{
	u32 total = skb->len, size = skb_is_gso(skb) ? skb_shinfo(skb)->gso_size : total;
	u8 ds = ip_tunnel_get_dsfield(ip_hdr(skb), skb);
	struct wg_endpoint from;

	wg_endpoint_from_skb(&from, skb);
	for (u32 at = 0, end = 0; at < total; at = end) {
		u64 prefix = data_prefix(skb, at, size);
		struct wg_receive_cb cb;

		do
			end += min(total - end, size);
		while (prefix && end < total && data_prefix(skb, end, size) == prefix);
		if (!prefix) {
			wg_handshakes_add(wg, skb, at, end - at, &from);
			continue;
		}
		cb = (struct wg_receive_cb){.begin = at, .end = end, .size = size, .ds = ds};
		if (end == total) {
			give_data(wg, skb, prefix >> 32, &cb, &from);
			return;
		}
		give_data(wg, skb_clone(skb, GFP_ATOMIC), prefix >> 32, &cb, &from);
	}
	kfree_skb(skb);
}

/* Removes packets whose counters are not new from the batch. Those that stay are from the peer:
 * this reports the events, and takes note of where the peer is. */
static void accept_batch(struct wg_crypt_batch *t)
{
	struct wg_keypair *pair = &t->keypair->pair;
	struct wg_peer *peer = t->keypair->peer;
	struct wg_received received = {};
	struct sk_buff *skb, *next;
	u64 now = wg_device_now();
	u32 actions = 0;

	spin_lock_bh(&peer->lock);
	skb_queue_walk_safe(&t->packets, skb, next) {
		if (wg_remote_accept(&received, pair, wg_receive_cb(skb)->counter, skb->len, now)) {
			dev_sw_netstats_rx_add(peer->device->dev, skb->len + WG_DATA_OVERHEAD);
			continue;
		}
		__skb_unlink(skb, &t->packets);
		kfree_skb(skb);
	}
	if (received.accepted && !peer->dead) {
		actions = wg_remote_received(&peer->remote, pair, &received, &peer->device->host,
					     now);
		peer->endpoint = t->from;
		wg_actions_arm(peer);
	}
	spin_unlock_bh(&peer->lock);
	wg_peer_act(peer, actions);
}

/* Makes an authentic packet one of the link's. Returns false if the peer may not send it. */
static bool finish_inner_packet(struct wg_peer *peer, struct sk_buff *skb)
{
	u8 outer_ds = wg_receive_cb(skb)->ds;
	struct wg_device *wg = peer->device;
	const struct iphdr *ip;
	u32 len = 0; /* that the IP header states; it is there where the protocol is known */

	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->protocol = ip_tunnel_parse_protocol(skb);
	ip = ip_hdr(skb);
	if (skb->protocol == htons(ETH_P_IP) && ip->ihl >= 5 && ntohs(ip->tot_len) >= ip->ihl * 4)
		len = ntohs(ip->tot_len);
	else if (skb->protocol == htons(ETH_P_IPV6))
		len = ntohs(ipv6_hdr(skb)->payload_len) + sizeof(struct ipv6hdr);
	if (!len || len > skb->len) {
		DEV_STATS_INC(wg->dev, rx_length_errors);
		return false;
	}
	__skb_trim(skb, len);
	/* ECN is as RFC 6040 has it, except for a packet that is not ECN-capable: a hop that marks
	 * it by mistake costs no packet. */
	if (INET_ECN_is_ce(outer_ds))
		INET_ECN_set_ce(skb);
	if (wg_allowedips_find_src(&wg->allowed, skb->data, len) != &peer->remote) {
		wg_debug(wg, "%pISpfsc sent a packet whose source it may not have",
			 &peer->endpoint.addr);
		DEV_STATS_INC(wg->dev, rx_frame_errors);
		return false;
	}
	/* The peer vouches for the packet. */
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_level = ~0;
	return true;
}

static u32 deliver_batch(struct wg_crypt_batch *t, struct napi_struct *napi)
{
	struct wg_peer *peer = t->keypair->peer;
	struct sk_buff *skb;
	u32 n;

	accept_batch(t);
	n = skb_queue_len(&t->packets);
	while ((skb = __skb_dequeue(&t->packets))) {
		if (!skb->len) { /* a keepalive */
			consume_skb(skb);
		} else if (finish_inner_packet(peer, skb)) {
			napi_gro_receive(napi, skb);
		} else {
			DEV_STATS_INC(peer->device->dev, rx_errors);
			kfree_skb(skb);
		}
	}
	return n;
}

const struct wg_crypt_ops wg_receive_ops = {
	.get = wg_peer_keypair_get,
	.put = wg_peer_keypair_put,
	.crypt = wg_receive_open,
	.leave = deliver_batch,
};

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
#include "keys.h"
#include "socket.h"

/* What messages of one kind have in front. */
struct prefix {
	u8 type[4], index[4];
};

static u8 outer_ds(const struct sk_buff *skb)
{
	const struct iphdr *ip = ip_hdr(skb);

	return ip->version == 6 ? ipv6_get_dsfield(ipv6_hdr(skb)) : ip->tos;
}

/* False: too short to be a data message. */
static bool is_data(const struct sk_buff *skb, u32 at, u32 len, struct prefix *p)
{
	return len >= WG_DATA_OVERHEAD && !skb_copy_bits(skb, at, p, sizeof(*p)) &&
	       wg_load_le32(p->type) == WG_MESSAGE_DATA;
}

/* Data messages of `size` bytes from `begin` on, all for one session: where they end. */
static u32 find_end(const struct sk_buff *skb, u32 begin, u32 size, const struct prefix *first)
{
	struct prefix p;
	u32 at = begin;

	while (at < skb->len) {
		u32 len = min(skb->len - at, size);

		if (at > begin && (!is_data(skb, at, len, &p) || memcmp(&p, first, sizeof(p)) != 0))
			break;
		at += len;
	}
	return at;
}

/* What came with one packet. */
struct arrival {
	struct wg_device *wg;
	struct sk_buff *skb;
	struct wg_endpoint from;
	u32 size;
	u8 ds;
};

/* The packet itself goes with what is its whole or end, a clone with a part before. */
static void give_data(struct arrival *a, u32 begin, u32 end, const struct prefix *p)
{
	u32 count = DIV_ROUND_UP(end - begin, a->size);
	struct sk_buff *skb = a->skb;
	struct wg_keys *keys = wg_indices_keys(&a->wg->indices, wg_load_le32(p->index));

	if (!keys)
		return;
	if (end < skb->len)
		skb = skb_clone(skb, GFP_ATOMIC);
	else
		a->skb = NULL;
	if (!skb) {
		wg_keys_put(keys);
		return;
	}
	*wg_outer_cb(skb) = (struct wg_outer_cb){begin, end, a->size, a->ds};
	wg_lane_receive(&a->wg->lanes.receive[keys->peer->lane], keys, skb, &a->from, count);
}

/* A packet with this one message, and the headers that tell where it came from. */
static struct sk_buff *copy_message(const struct sk_buff *skb, u32 at, u32 len)
{
	int headers = -skb_network_offset(skb);
	struct sk_buff *copy = alloc_skb(headers + len, GFP_ATOMIC);

	if (!copy)
		return NULL;
	skb_put(copy, headers + len);
	skb_reset_network_header(copy);
	skb_set_transport_header(copy, skb_transport_offset(skb) + headers);
	if (skb_copy_bits(skb, -headers, copy->data, headers) ||
	    skb_copy_bits(skb, at, copy->data + headers, len)) {
		kfree_skb(copy);
		return NULL;
	}
	__skb_pull(copy, headers);
	copy->dev = skb->dev;
	copy->skb_iif = skb->skb_iif;
	copy->protocol = skb->protocol;
	memcpy(copy->cb, skb->cb, sizeof(copy->cb));
	return copy;
}

static bool is_handshake(const struct sk_buff *skb, u32 at, u32 len)
{
	u8 type[4];

	if (len < WG_COOKIE_MESSAGE_LEN || len > WG_HANDSHAKE_MAX ||
	    skb_copy_bits(skb, at, type, sizeof(type)))
		return false;
	switch (wg_load_le32(type)) {
	case WG_MESSAGE_INITIATION:
		return len == WG_INITIATION_LEN;
	case WG_MESSAGE_RESPONSE:
		return len == WG_RESPONSE_LEN;
	case WG_MESSAGE_COOKIE:
		return len == WG_COOKIE_MESSAGE_LEN;
	}
	return false;
}

static void give_handshake(struct arrival *a, u32 at, u32 len)
{
	struct sk_buff *skb;

	if (!is_handshake(a->skb, at, len)) {
		DEV_STATS_INC(a->wg->dev, rx_errors);
		return;
	}
	if (at == 0 && len == a->skb->len) {
		skb = a->skb;
		a->skb = NULL;
	} else {
		skb = copy_message(a->skb, at, len);
	}
	if (skb)
		wg_handshakes_add(a->wg, skb);
}

void wg_receive_packet(struct wg_device *wg, struct sk_buff *skb)
{
	struct arrival a = {.wg = wg, .skb = skb, .ds = outer_ds(skb)};
	u32 at = 0, end, total = skb->len;
	struct prefix p;

	a.size = skb_is_gso(skb) ? skb_shinfo(skb)->gso_size : total;
	if (!wg_endpoint_from_skb(&a.from, skb))
		total = 0;
	for (; at < total; at = end) {
		end = at + min(total - at, a.size);
		if (is_data(skb, at, end - at, &p)) {
			end = find_end(skb, at, a.size, &p);
			give_data(&a, at, end, &p);
		} else {
			give_handshake(&a, at, end - at);
		}
	}
	kfree_skb(a.skb);
}

/* What comes of a train. */
struct verdict {
	bool any, data;
};

/* Under the peer's lock: counters. Those that are not new leave the train. */
static struct verdict judge(struct wg_train *t, u64 now)
{
	struct wg_keypair *k = &t->keys->pair;
	struct verdict v = {0};
	struct sk_buff *skb, *next;

	skb_queue_walk_safe(&t->packets, skb, next) {
		if (!wg_keypair_may_receive(k, now) ||
		    !wg_replay_accept(&k->replay, wg_inner_cb(skb)->counter)) {
			__skb_unlink(skb, &t->packets);
			kfree_skb(skb);
			continue;
		}
		v.any = true;
		v.data |= skb->len > 0;
		wg_peer_count_received(t->keys->peer, skb->len + WG_DATA_OVERHEAD);
	}
	return v;
}

/* Events, and where the peer is. */
static void accept(struct wg_train *t)
{
	struct wg_peer *peer = t->keys->peer;
	u64 now = wg_device_now();
	struct verdict v;
	u32 actions = 0;

	spin_lock_bh(&peer->lock);
	v = judge(t, now);
	if (v.any && !peer->dead) {
		actions = wg_remote_received(&peer->remote, &t->keys->pair, v.data,
					     &peer->device->host, now);
		wg_socket_roam(peer, &t->from);
		wg_actions_arm(peer);
	}
	spin_unlock_bh(&peer->lock);
	if (actions)
		wg_actions_do(peer, actions);
}

/* The length that the IP header states; 0: it is none, or states more than there is. */
static u32 inner_len(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const struct iphdr *ip = ip_hdr(skb);
	u32 len = 0;

	if (skb->protocol == htons(ETH_P_IP) && ip->ihl >= 5) {
		len = ntohs(ip->tot_len);
		len = len < ip->ihl * 4U ? 0 : len;
	} else if (skb->protocol == htons(ETH_P_IPV6) && skb->len >= sizeof(*ip6)) {
		len = ntohs(ip6->payload_len) + sizeof(*ip6);
	}
	return len <= skb->len ? len : 0;
}

/* RFC 6040 section 4.2. False: congestion was signalled to who does not understand. */
static bool combine_ecn(struct sk_buff *skb)
{
	const struct iphdr *ip = ip_hdr(skb);
	u8 inner = ip->version == 6 ? ipv6_get_dsfield(ipv6_hdr(skb)) : ip->tos;

	return INET_ECN_decapsulate(skb, wg_inner_cb(skb)->ds, inner) <= 1;
}

/* Makes it a packet of the link's. False: it is none that the peer may send. */
static bool dress(struct wg_peer *peer, struct sk_buff *skb)
{
	struct wg_device *wg = peer->device;
	u32 len;

	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->protocol = ip_tunnel_parse_protocol(skb);
	len = inner_len(skb);
	if (!len || !combine_ecn(skb)) {
		DEV_STATS_INC(wg->dev, rx_length_errors);
		return false;
	}
	__skb_trim(skb, len);
	if (wg_allowedips_find_src(&wg->allowed, skb->data, len) != &peer->remote) {
		DEV_STATS_INC(wg->dev, rx_frame_errors);
		return false;
	}
	/* The peer vouches for it. */
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_level = ~0;
	return true;
}

static u32 deliver(struct wg_train *t, struct napi_struct *napi)
{
	struct wg_peer *peer = t->keys->peer;
	struct net_device *dev = peer->device->dev;
	struct sk_buff *skb;
	u32 n = 0;

	accept(t);
	while ((skb = __skb_dequeue(&t->packets))) {
		bool keepalive = !skb->len;

		n++;
		if (keepalive || !dress(peer, skb)) {
			if (!keepalive)
				DEV_STATS_INC(dev, rx_errors);
			kfree_skb(skb);
			continue;
		}
		napi_gro_receive(napi, skb);
	}
	wg_train_free(t);
	return n;
}

int wg_receive_poll(struct napi_struct *napi, int budget)
{
	struct wg_lane *lane = container_of(napi, struct wg_lane, napi);
	struct wg_train *t;
	u32 work = 0;

	while (work < (u32)budget) {
		t = wg_lane_take(lane);
		if (!t) {
			napi_complete_done(napi, (int)work);
			return (int)work;
		}
		work += deliver(t, napi);
	}
	return budget;
}

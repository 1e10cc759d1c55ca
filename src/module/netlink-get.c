// SPDX-License-Identifier: GPL-2.0
/* A dump goes over any number of messages, and holds no reference between two of them: whoever
 * stops reading midway keeps no link from going away. Its place is two pointers, which are good
 * while the generation is what it was (peers.h); else the place is found anew by counting peers,
 * and the reader is told that the dump is not consistent. */
#include "netlink-private.h"
#include "peer.h"

struct dump {
	int ifindex;
	u32 done;			/* peers that were written whole */
	u64 generation;
	struct list_head *at;		/* the next peer, or the list's head */
	struct wg_allowedips_node *ip;	/* its next one where it is split */
	bool begun, split;
};

static struct dump *dump_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct dump) > sizeof(cb->ctx));
	return (struct dump *)cb->ctx;
}

int wg_netlink_get_start(struct netlink_callback *cb)
{
	struct wg_device *wg = wg_netlink_device(sock_net(cb->skb->sk), genl_info_dump(cb)->attrs);

	if (IS_ERR(wg))
		return PTR_ERR(wg);
	dump_of(cb)->ifindex = wg->dev->ifindex;
	dev_put(wg->dev);
	return 0;
}

/* A split peer may have gone, or have other allowed IPs: the rest of it is left out. */
static void find_place(struct dump *d, struct wg_device *wg)
{
	u32 n;

	if (d->begun && d->generation == wg->generation)
		return;
	d->done += d->split;
	d->split = false;
	d->at = wg->peers.list.next;
	for (n = d->done; n && d->at != &wg->peers.list; n--)
		d->at = d->at->next;
	d->generation = wg->generation;
}

static bool put_allowedip(struct sk_buff *skb, const struct wg_allowedips_node *ip)
{
	struct nlattr *nest = nla_nest_start(skb, 0);
	bool v4 = ip->family == 4;

	if (!nest || nla_put_u8(skb, WGALLOWEDIP_A_CIDR_MASK, ip->cidr) ||
	    nla_put_u16(skb, WGALLOWEDIP_A_FAMILY, v4 ? AF_INET : AF_INET6) ||
	    nla_put(skb, WGALLOWEDIP_A_IPADDR, v4 ? 4 : 16, ip->bits)) {
		nla_nest_cancel(skb, nest);
		return false;
	}
	nla_nest_end(skb, nest);
	return true;
}

/* False: the message is full. */
static bool put_allowedips(struct sk_buff *skb, struct dump *d)
{
	struct nlattr *nest;

	if (!d->ip)
		return true;
	nest = nla_nest_start(skb, WGPEER_A_ALLOWEDIPS);
	if (!nest)
		return false;
	while (d->ip && put_allowedip(skb, d->ip))
		d->ip = d->ip->next;
	nla_nest_end(skb, nest);
	return !d->ip;
}

static bool put_handshake_time(struct sk_buff *skb, u64 ns)
{
	struct timespec64 t = ns_to_timespec64(ns);
	struct __kernel_timespec out = { .tv_sec = t.tv_sec, .tv_nsec = t.tv_nsec };

	return !nla_put(skb, WGPEER_A_LAST_HANDSHAKE_TIME, sizeof(out), &out);
}

static bool put_endpoint(struct sk_buff *skb, const struct wg_endpoint *e)
{
	return e->addr.sa_family == AF_UNSPEC ||
	       !nla_put(skb, WGPEER_A_ENDPOINT, wg_endpoint_len(e), &e->addr);
}

static bool put_state(struct sk_buff *skb, struct wg_peer *peer)
{
	bool fits;

	spin_lock_bh(&peer->lock);
	fits = put_handshake_time(skb, peer->last_handshake) &&
	       !nla_put_u16(skb, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
			    peer->remote.session.persistent_interval) &&
	       !nla_put_u64_64bit(skb, WGPEER_A_TX_BYTES, peer->tx_bytes, 0) &&
	       !nla_put_u64_64bit(skb, WGPEER_A_RX_BYTES, peer->rx_bytes, 0) &&
	       !nla_put_u32(skb, WGPEER_A_PROTOCOL_VERSION, 1) && put_endpoint(skb, &peer->endpoint);
	spin_unlock_bh(&peer->lock);
	return fits;
}

static bool put_settings(struct sk_buff *skb, struct wg_peer *peer)
{
	return !nla_put(skb, WGPEER_A_PRESHARED_KEY, WG_KEY_LEN,
			peer->remote.handshake.preshared_key) &&
	       put_state(skb, peer);
}

/* False: the message is full, before the peer or (d->split) within its allowed IPs. */
static bool put_peer(struct sk_buff *skb, struct dump *d, struct wg_peer *peer)
{
	struct nlattr *nest = nla_nest_start(skb, 0);

	if (!nest ||
	    nla_put(skb, WGPEER_A_PUBLIC_KEY, WG_KEY_LEN, peer->remote.handshake.remote_static) ||
	    (!d->split && !put_settings(skb, peer))) {
		nla_nest_cancel(skb, nest);
		return false;
	}
	if (!d->split)
		d->ip = peer->remote.allowed;
	d->split = !put_allowedips(skb, d);
	nla_nest_end(skb, nest);
	return !d->split;
}

/* False: the message is full. */
static bool put_peers(struct sk_buff *skb, struct dump *d, struct wg_device *wg)
{
	struct nlattr *nest;

	if (d->at == &wg->peers.list)
		return true;
	nest = nla_nest_start(skb, WGDEVICE_A_PEERS);
	if (!nest)
		return false;
	while (d->at != &wg->peers.list &&
	       put_peer(skb, d, list_entry(d->at, struct wg_peer, list))) {
		d->at = d->at->next;
		d->done++;
	}
	nla_nest_end(skb, nest);
	return d->at == &wg->peers.list;
}

static bool put_identity(struct sk_buff *skb, const struct wg_identity *id)
{
	return !id->present ||
	       (!nla_put(skb, WGDEVICE_A_PRIVATE_KEY, WG_KEY_LEN, id->private_key) &&
		!nla_put(skb, WGDEVICE_A_PUBLIC_KEY, WG_KEY_LEN, id->public_key));
}

/* Messages after the first have the name only. */
static bool put_link(struct sk_buff *skb, struct dump *d, struct wg_device *wg)
{
	if (d->begun)
		return !nla_put_string(skb, WGDEVICE_A_IFNAME, wg->dev->name);
	return !nla_put_u16(skb, WGDEVICE_A_LISTEN_PORT, wg->listen_port) &&
	       !nla_put_u32(skb, WGDEVICE_A_FWMARK, wg->fwmark) &&
	       !nla_put_u32(skb, WGDEVICE_A_IFINDEX, wg->dev->ifindex) &&
	       !nla_put_string(skb, WGDEVICE_A_IFNAME, wg->dev->name) &&
	       put_identity(skb, &wg->local.identity);
}

static int put_message(struct sk_buff *skb, struct netlink_callback *cb, struct wg_device *wg)
{
	struct dump *d = dump_of(cb);
	bool all;
	void *hdr;

	find_place(d, wg);
	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &wg_netlink_family,
			  NLM_F_MULTI, WG_CMD_GET_DEVICE);
	if (!hdr)
		return -EMSGSIZE;
	cb->seq = (u32)wg->generation << 1 | 1; /* 0 would be: no sequence */
	genl_dump_check_consistent(cb, hdr);
	if (!put_link(skb, d, wg)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	d->begun = true;
	all = put_peers(skb, d, wg);
	genlmsg_end(skb, hdr);
	return all ? 0 : skb->len;
}

int wg_netlink_get(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net_device *dev = dev_get_by_index(sock_net(cb->skb->sk), dump_of(cb)->ifindex);
	struct wg_device *wg;
	int ret = -ENODEV;

	if (!dev)
		return ret;
	wg = wg_device_of(dev);
	if (wg) {
		mutex_lock(&wg->update_lock);
		mutex_lock(&wg->handshake_lock); /* for the preshared keys */
		ret = put_message(skb, cb, wg);
		mutex_unlock(&wg->handshake_lock);
		mutex_unlock(&wg->update_lock);
	}
	dev_put(dev);
	return ret;
}

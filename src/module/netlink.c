// SPDX-License-Identifier: GPL-2.0
/* A message is checked by its policy as a whole, peers and allowed IPs too, before any of it is
 * applied.
 *
 * A dump goes over any number of messages, and holds no reference between two of them: whoever
 * stops reading midway keeps no link from going away. Its place is two pointers, which are good
 * while the generation is what it was (device.h); else the place is found anew by counting peers,
 * and the reader is told that the dump is not consistent. */
#include "netlink.h"
#include <net/sock.h>
#include "link.h"
#include "peer.h"

static const struct nla_policy allowedip_policy[WGALLOWEDIP_A_MAX + 1] = {
	[WGALLOWEDIP_A_FAMILY] = { .type = NLA_U16 },
	[WGALLOWEDIP_A_IPADDR] = NLA_POLICY_MIN_LEN(sizeof(struct in_addr)),
	[WGALLOWEDIP_A_CIDR_MASK] = { .type = NLA_U8 },
	[WGALLOWEDIP_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, WGALLOWEDIP_F_REMOVE_ME),
};

static const struct nla_policy peer_policy[WGPEER_A_MAX + 1] = {
	[WGPEER_A_PUBLIC_KEY] = NLA_POLICY_EXACT_LEN(WG_KEY_LEN),
	[WGPEER_A_PRESHARED_KEY] = NLA_POLICY_EXACT_LEN(WG_KEY_LEN),
	[WGPEER_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, WGPEER_F_REMOVE_ME | WGPEER_F_REPLACE_ALLOWEDIPS |
							    WGPEER_F_UPDATE_ONLY),
	[WGPEER_A_ENDPOINT] = NLA_POLICY_MIN_LEN(sizeof(struct sockaddr)),
	[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL] = { .type = NLA_U16 },
	[WGPEER_A_LAST_HANDSHAKE_TIME] = NLA_POLICY_EXACT_LEN(sizeof(struct __kernel_timespec)),
	[WGPEER_A_RX_BYTES] = { .type = NLA_U64 },
	[WGPEER_A_TX_BYTES] = { .type = NLA_U64 },
	[WGPEER_A_ALLOWEDIPS] = NLA_POLICY_NESTED_ARRAY(allowedip_policy),
	[WGPEER_A_PROTOCOL_VERSION] = { .type = NLA_U32 },
};

static const struct nla_policy device_policy[WGDEVICE_A_MAX + 1] = {
	[WGDEVICE_A_IFINDEX] = { .type = NLA_U32 },
	[WGDEVICE_A_IFNAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[WGDEVICE_A_PRIVATE_KEY] = NLA_POLICY_EXACT_LEN(WG_KEY_LEN),
	[WGDEVICE_A_PUBLIC_KEY] = NLA_POLICY_EXACT_LEN(WG_KEY_LEN),
	[WGDEVICE_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, WGDEVICE_F_REPLACE_PEERS),
	[WGDEVICE_A_LISTEN_PORT] = { .type = NLA_U16 },
	[WGDEVICE_A_FWMARK] = { .type = NLA_U32 },
	[WGDEVICE_A_PEERS] = NLA_POLICY_NESTED_ARRAY(peer_policy),
};

/* A request for a dump names the device and says nothing else. */
static const struct nla_policy get_policy[WGDEVICE_A_IFNAME + 1] = {
	[WGDEVICE_A_IFINDEX] = { .type = NLA_U32 },
	[WGDEVICE_A_IFNAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
};

struct wg_device *wg_netlink_device(struct net *net, struct nlattr **attrs)
{
	struct nlattr *index = attrs[WGDEVICE_A_IFINDEX], *name = attrs[WGDEVICE_A_IFNAME];
	struct net_device *dev;
	struct wg_device *wg;

	if (!index == !name)
		return ERR_PTR(-EBADR);
	dev = index ? dev_get_by_index(net, nla_get_u32(index)) :
		      dev_get_by_name(net, nla_data(name));
	if (!dev)
		return ERR_PTR(-ENODEV);
	wg = wg_link_device(dev);
	if (wg)
		return wg;
	dev_put(dev);
	return ERR_PTR(-EOPNOTSUPP);
}

struct dump {
	int ifindex;
	u32 done;			/* peers that were written whole */
	u64 generation;
	struct list_head *at;		/* the next peer, or the list's head; NULL: not begun */
	struct wg_allowedips_node *ip;	/* its next one where it is split */
	bool split;
};

static_assert(sizeof(struct dump) <= sizeof_field(struct netlink_callback, ctx));

static int start_dump(struct netlink_callback *cb)
{
	struct wg_device *wg = wg_netlink_device(sock_net(cb->skb->sk), genl_info_dump(cb)->attrs);
	struct dump *d = (void *)cb->ctx;

	if (IS_ERR(wg))
		return PTR_ERR(wg);
	d->ifindex = wg->dev->ifindex;
	dev_put(wg->dev);
	return 0;
}

/* A split peer may have gone, or have other allowed IPs: the rest of it is left out. */
static void find_place(struct dump *d, struct wg_device *wg)
{
	if (d->at && d->generation == wg->generation)
		return;
	d->done += d->split;
	d->split = false;
	d->at = wg->peers.next;
	for (u32 n = d->done; n && d->at != &wg->peers; n--)
		d->at = d->at->next;
	d->generation = wg->generation;
}

/* This function and is_inline() return false if the message is full. */
static bool put_allowedips(struct sk_buff *skb, struct dump *d)
{
	struct nlattr *nest = d->ip ? nla_nest_start(skb, WGPEER_A_ALLOWEDIPS) : NULL;

	if (!nest)
		return !d->ip;
	for (; d->ip; d->ip = d->ip->next) {
		struct nlattr *entry = nla_nest_start(skb, 0);
		bool v4 = d->ip->family == 4;

		if (!entry || nla_put_u8(skb, WGALLOWEDIP_A_CIDR_MASK, d->ip->cidr) ||
		    nla_put_u16(skb, WGALLOWEDIP_A_FAMILY, v4 ? AF_INET : AF_INET6) ||
		    nla_put(skb, WGALLOWEDIP_A_IPADDR, v4 ? 4 : 16, d->ip->bits)) {
			nla_nest_cancel(skb, entry);
			break;
		}
		nla_nest_end(skb, entry);
	}
	nla_nest_end(skb, nest);
	return !d->ip;
}

static bool put_state(struct sk_buff *skb, struct wg_peer *peer)
{
	const struct wg_endpoint *e = &peer->endpoint;
	struct __kernel_timespec time;
	struct timespec64 t;
	bool full;

	spin_lock_bh(&peer->lock);
	t = ns_to_timespec64(peer->last_handshake);
	time = (struct __kernel_timespec){ .tv_sec = t.tv_sec, .tv_nsec = t.tv_nsec };
	full = nla_put(skb, WGPEER_A_PRESHARED_KEY, WG_KEY_LEN,
		       peer->remote.handshake.preshared_key) ||
	       nla_put(skb, WGPEER_A_LAST_HANDSHAKE_TIME, sizeof(time), &time) ||
	       nla_put_u16(skb, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
			   peer->remote.timers.persistent_interval) ||
	       nla_put_u64_64bit(skb, WGPEER_A_TX_BYTES, peer->remote.tx_bytes, 0) ||
	       nla_put_u64_64bit(skb, WGPEER_A_RX_BYTES, peer->remote.rx_bytes, 0) ||
	       nla_put_u32(skb, WGPEER_A_PROTOCOL_VERSION, 1) ||
	       (e->addr.sa_family != AF_UNSPEC &&
		nla_put(skb, WGPEER_A_ENDPOINT, wg_endpoint_len(e), &e->addr));
	spin_unlock_bh(&peer->lock);
	return !full;
}

/* The message may be full before the peer or, if d->split is set, within its allowed IPs. */
static bool put_peer(struct sk_buff *skb, struct dump *d, struct wg_peer *peer)
{
	struct nlattr *nest = nla_nest_start(skb, 0);

	if (!nest ||
	    nla_put(skb, WGPEER_A_PUBLIC_KEY, WG_KEY_LEN, peer->remote.handshake.remote_static) ||
	    (!d->split && !put_state(skb, peer))) {
		nla_nest_cancel(skb, nest);
		return false;
	}
	if (!d->split)
		d->ip = peer->remote.allowed;
	d->split = !put_allowedips(skb, d);
	nla_nest_end(skb, nest);
	return !d->split;
}

static bool put_peers(struct sk_buff *skb, struct dump *d, struct wg_device *wg)
{
	struct nlattr *nest = d->at != &wg->peers ? nla_nest_start(skb, WGDEVICE_A_PEERS) : NULL;

	if (!nest)
		return d->at == &wg->peers;
	while (d->at != &wg->peers && put_peer(skb, d, list_entry(d->at, struct wg_peer, list))) {
		d->at = d->at->next;
		d->done++;
	}
	nla_nest_end(skb, nest);
	return d->at == &wg->peers;
}

/* Messages after the first have the name only. */
static bool put_link(struct sk_buff *skb, struct dump *d, struct wg_device *wg)
{
	const struct wg_identity *id = &wg->local.identity;

	if (d->at)
		return !nla_put_string(skb, WGDEVICE_A_IFNAME, wg->dev->name);
	return !nla_put_u16(skb, WGDEVICE_A_LISTEN_PORT, wg->listen_port) &&
	       !nla_put_u32(skb, WGDEVICE_A_FWMARK, wg->fwmark) &&
	       !nla_put_u32(skb, WGDEVICE_A_IFINDEX, wg->dev->ifindex) &&
	       !nla_put_string(skb, WGDEVICE_A_IFNAME, wg->dev->name) &&
	       (!id->present ||
		(!nla_put(skb, WGDEVICE_A_PRIVATE_KEY, WG_KEY_LEN, id->private_key) &&
		 !nla_put(skb, WGDEVICE_A_PUBLIC_KEY, WG_KEY_LEN, id->public_key)));
}

static int put_message(struct sk_buff *skb, struct netlink_callback *cb, struct wg_device *wg)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				&wg_netlink_family, NLM_F_MULTI, WG_CMD_GET_DEVICE);
	struct dump *d = (void *)cb->ctx;
	bool all;

	if (!hdr)
		return -EMSGSIZE;
	cb->seq = (u32)wg->generation << 1 | 1; /* 0 would be: no sequence */
	genl_dump_check_consistent(cb, hdr);
	if (!put_link(skb, d, wg)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	find_place(d, wg);
	all = put_peers(skb, d, wg);
	genlmsg_end(skb, hdr);
	return all ? 0 : skb->len;
}

static int get(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct dump *d = (void *)cb->ctx;
	struct net_device *dev = dev_get_by_index(sock_net(cb->skb->sk), d->ifindex);
	struct wg_device *wg = dev ? wg_link_device(dev) : NULL;
	int ret = -ENODEV;

	if (wg) {
		mutex_lock(&wg->update_lock);
		ret = put_message(skb, cb, wg);
		mutex_unlock(&wg->update_lock);
	}
	if (dev)
		dev_put(dev);
	return ret;
}

static const struct genl_ops ops[] = {
	{
		.cmd = WG_CMD_GET_DEVICE,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = get_policy,
		.maxattr = WGDEVICE_A_IFNAME,
		.start = start_dump,
		.dumpit = get,
	},
	{
		.cmd = WG_CMD_SET_DEVICE,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = device_policy,
		.maxattr = WGDEVICE_A_MAX,
		.doit = wg_netlink_set,
	},
};

struct genl_family wg_netlink_family __ro_after_init = {
	.name = WG_GENL_NAME,
	.version = WG_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = WG_CMD_SET_DEVICE + 1,
};

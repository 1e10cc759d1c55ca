// SPDX-License-Identifier: GPL-2.0
/* What is refused midway stays applied up to there. */
#include "netlink-private.h"
#include "../crypto/ct.h"
#include "actions.h"
#include "send.h"
#include "socket.h"

/* Sockets are there exactly while the link is up, and change under update_lock only, which the
 * link's flags do not. */
static bool is_up(const struct wg_device *wg)
{
	return rcu_access_pointer(wg->sock4) || rcu_access_pointer(wg->sock6);
}

static u32 flags_of(const struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static int unknown_flags(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG_ATTR(extack, attr, "a flag that this version does not know");
	return -EOPNOTSUPP;
}

static int set_allowedip(struct wg_peer *peer, struct nlattr **attrs,
			 struct netlink_ext_ack *extack)
{
	u32 flags = flags_of(attrs[WGALLOWEDIP_A_FLAGS]);
	struct nlattr *ip = attrs[WGALLOWEDIP_A_IPADDR];
	u16 af;
	u8 len, cidr;

	if (flags & ~WGALLOWEDIP_F_REMOVE_ME)
		return unknown_flags(attrs[WGALLOWEDIP_A_FLAGS], extack);
	if (!ip || !attrs[WGALLOWEDIP_A_FAMILY] || !attrs[WGALLOWEDIP_A_CIDR_MASK]) {
		NL_SET_ERR_MSG(extack, "an allowed IP lacks its family, address or mask");
		return -EINVAL;
	}
	af = nla_get_u16(attrs[WGALLOWEDIP_A_FAMILY]);
	cidr = nla_get_u8(attrs[WGALLOWEDIP_A_CIDR_MASK]);
	len = af == AF_INET ? 4 : 16;
	if ((af != AF_INET && af != AF_INET6) || nla_len(ip) != len || cidr > 8 * len) {
		NL_SET_ERR_MSG_ATTR(extack, ip, "an allowed IP whose family, address, mask differ");
		return -EINVAL;
	}
	if (!(flags & WGALLOWEDIP_F_REMOVE_ME))
		return wg_peers_allow(peer->device, peer, len == 4 ? 4 : 6, nla_data(ip), cidr);
	wg_peers_disallow(peer->device, peer, len == 4 ? 4 : 6, nla_data(ip), cidr);
	return 0;
}

static int set_allowedips(struct wg_peer *peer, struct nlattr *nest, struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[WGALLOWEDIP_A_MAX + 1], *attr;
	int rem, ret = 0;

	nla_for_each_nested(attr, nest, rem) {
		ret = nla_parse_nested(attrs, WGALLOWEDIP_A_MAX, attr, NULL, extack);
		if (!ret)
			ret = set_allowedip(peer, attrs, extack);
		if (ret)
			break;
	}
	return ret;
}

/* What is neither IPv4 nor IPv6 is passed over: so the kernel's own module has it. */
static void set_endpoint(struct wg_peer *peer, struct nlattr *attr)
{
	struct wg_endpoint e = {};

	if (wg_endpoint_set(&e, nla_data(attr), nla_len(attr)))
		return;
	spin_lock_bh(&peer->lock);
	peer->endpoint = e;
	spin_unlock_bh(&peer->lock);
}

static void set_keepalive(struct wg_peer *peer, u16 seconds)
{
	u32 actions;

	spin_lock_bh(&peer->lock);
	actions = wg_session_set_persistent(&peer->remote.session, seconds, is_up(peer->device),
					    wg_device_now());
	wg_actions_arm(peer);
	spin_unlock_bh(&peer->lock);
	wg_actions_do(peer, actions);
}

static int update_peer(struct wg_peer *peer, struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	int ret = 0;

	if (attrs[WGPEER_A_PRESHARED_KEY])
		wg_peer_set_preshared(peer, nla_data(attrs[WGPEER_A_PRESHARED_KEY]));
	if (attrs[WGPEER_A_ENDPOINT])
		set_endpoint(peer, attrs[WGPEER_A_ENDPOINT]);
	if (flags_of(attrs[WGPEER_A_FLAGS]) & WGPEER_F_REPLACE_ALLOWEDIPS)
		wg_peers_disallow_all(peer->device, peer);
	if (attrs[WGPEER_A_ALLOWEDIPS])
		ret = set_allowedips(peer, attrs[WGPEER_A_ALLOWEDIPS], extack);
	if (!ret && attrs[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL])
		set_keepalive(peer, nla_get_u16(attrs[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL]));
	if (!ret && is_up(peer->device))
		wg_send_flush(peer, false);
	return ret;
}

static int check_peer(struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct nlattr *version = attrs[WGPEER_A_PROTOCOL_VERSION];

	if (!attrs[WGPEER_A_PUBLIC_KEY]) {
		NL_SET_ERR_MSG(extack, "a peer without a public key");
		return -EINVAL;
	}
	if (flags_of(attrs[WGPEER_A_FLAGS]) &
	    ~(WGPEER_F_REMOVE_ME | WGPEER_F_REPLACE_ALLOWEDIPS | WGPEER_F_UPDATE_ONLY))
		return unknown_flags(attrs[WGPEER_A_FLAGS], extack);
	if (version && nla_get_u32(version) != 1) {
		NL_SET_ERR_MSG_ATTR(extack, version, "the only protocol version is 1");
		return -EPFNOSUPPORT;
	}
	return 0;
}

static bool is_own_key(const struct wg_device *wg, const u8 *key)
{
	const struct wg_identity *id = &wg->local.identity;

	return id->present && !memcmp(id->public_key, key, WG_KEY_LEN);
}

/* Nobody is a peer of itself: that one is passed over without a word. */
static int set_peer(struct wg_device *wg, struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	u32 flags = flags_of(attrs[WGPEER_A_FLAGS]);
	int ret = check_peer(attrs, extack);
	struct wg_peer *peer;
	const u8 *key;

	if (ret)
		return ret;
	key = nla_data(attrs[WGPEER_A_PUBLIC_KEY]);
	peer = wg_peers_find(wg, key);
	if (flags & WGPEER_F_REMOVE_ME) {
		if (peer)
			wg_peer_remove(peer);
		return 0;
	}
	if (!peer) {
		if ((flags & WGPEER_F_UPDATE_ONLY) || is_own_key(wg, key))
			return 0;
		peer = wg_peers_add(wg, key);
	}
	return IS_ERR(peer) ? PTR_ERR(peer) : update_peer(peer, attrs, extack);
}

static int set_peers(struct wg_device *wg, struct nlattr *nest, struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[WGPEER_A_MAX + 1], *attr;
	int rem, ret = 0;

	nla_for_each_nested(attr, nest, rem) {
		ret = nla_parse_nested(attrs, WGPEER_A_MAX, attr, NULL, extack);
		if (!ret)
			ret = set_peer(wg, attrs, extack);
		if (ret)
			break;
	}
	return ret;
}

/* The key that is there already ends no session. */
static void set_private(struct wg_device *wg, const u8 *key)
{
	struct wg_peer *self;

	if (wg_ct_verdict(wg_ct_equal(wg->local.identity.private_key, key, WG_KEY_LEN)))
		return;
	wg_device_set_private(wg, key);
	self = wg->local.identity.present ? wg_peers_find(wg, wg->local.identity.public_key) : NULL;
	if (self)
		wg_peer_remove(self);
}

static void forget_sources(struct wg_device *wg)
{
	struct wg_peer *peer;

	list_for_each_entry(peer, &wg->peers.list, list) {
		spin_lock_bh(&peer->lock);
		wg_endpoint_forget_source(&peer->endpoint);
		spin_unlock_bh(&peer->lock);
	}
}

static int set_port(struct wg_device *wg, u16 port, struct netlink_ext_ack *extack)
{
	int ret = 0;

	if (port == wg->listen_port)
		return 0;
	if (is_up(wg))
		ret = wg_socket_open(wg, port);
	else
		wg->listen_port = port;
	if (ret)
		NL_SET_ERR_MSG(extack, "cannot listen on that port; the one before is kept");
	else
		forget_sources(wg);
	return ret;
}

/* Port and mark act where the sockets are, which may be another's namespace. */
static bool may_change_sockets(struct wg_device *wg)
{
	struct net *net;
	bool may;

	rcu_read_lock();
	net = rcu_dereference(wg->birth_net);
	may = !net || ns_capable(net->user_ns, CAP_NET_ADMIN);
	rcu_read_unlock();
	return may;
}

static int set_sockets(struct wg_device *wg, struct nlattr *port, struct nlattr *mark,
		       struct netlink_ext_ack *extack)
{
	if (!port && !mark)
		return 0;
	if (!may_change_sockets(wg)) {
		NL_SET_ERR_MSG(extack, "port and mark belong to the link's first namespace");
		return -EPERM;
	}
	if (mark) {
		WRITE_ONCE(wg->fwmark, nla_get_u32(mark));
		forget_sources(wg);
	}
	return port ? set_port(wg, nla_get_u16(port), extack) : 0;
}

static int set_device(struct wg_device *wg, struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	u32 flags = flags_of(attrs[WGDEVICE_A_FLAGS]);
	int ret;

	if (flags & ~WGDEVICE_F_REPLACE_PEERS)
		return unknown_flags(attrs[WGDEVICE_A_FLAGS], extack);
	ret = set_sockets(wg, attrs[WGDEVICE_A_LISTEN_PORT], attrs[WGDEVICE_A_FWMARK], extack);
	if (ret)
		return ret;
	if (flags & WGDEVICE_F_REPLACE_PEERS)
		wg_peer_remove_all(wg);
	if (attrs[WGDEVICE_A_PRIVATE_KEY])
		set_private(wg, nla_data(attrs[WGDEVICE_A_PRIVATE_KEY]));
	return attrs[WGDEVICE_A_PEERS] ? set_peers(wg, attrs[WGDEVICE_A_PEERS], extack) : 0;
}

/* The message may hold keys, whatever became of it. */
int wg_netlink_set(struct sk_buff *skb, struct genl_info *info)
{
	struct wg_device *wg = wg_netlink_device(genl_info_net(info), info->attrs);
	int ret = PTR_ERR_OR_ZERO(wg);

	if (!ret) {
		mutex_lock(&wg->update_lock);
		ret = set_device(wg, info->attrs, info->extack);
		mutex_unlock(&wg->update_lock);
		dev_put(wg->dev);
	}
	memzero_explicit(genlmsg_data(info->genlhdr), genlmsg_len(info->genlhdr));
	return ret;
}

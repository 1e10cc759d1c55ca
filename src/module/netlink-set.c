// SPDX-License-Identifier: GPL-2.0
/* If a request is refused midway, what was applied up to there stays applied. */
#include "netlink.h"
#include "../crypto/ct.h"
#include "handshakes.h"
#include "peers.h"
#include "send.h"
#include "socket.h"

/* Sockets are there exactly while the link is up, and change under update_lock only, which the
 * link's flags do not. */
static bool is_up(const struct wg_device *wg)
{
	return rcu_access_pointer(wg->socks[0]);
}

static u32 flags_of(const struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static int set_allowedip(struct wg_peer *peer, const struct nlattr *entry,
			 struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[WGALLOWEDIP_A_MAX + 1], *ip;
	int ret = nla_parse_nested(attrs, WGALLOWEDIP_A_MAX, entry, NULL, extack);
	u32 flags;
	u16 af;
	u8 len, cidr;

	if (ret)
		return ret;
	flags = flags_of(attrs[WGALLOWEDIP_A_FLAGS]);
	ip = attrs[WGALLOWEDIP_A_IPADDR];
	if (!ip || !attrs[WGALLOWEDIP_A_FAMILY] || !attrs[WGALLOWEDIP_A_CIDR_MASK]) {
		NL_SET_ERR_MSG(extack, "an allowed IP needs a family, an address and a mask");
		return -EINVAL;
	}
	af = nla_get_u16(attrs[WGALLOWEDIP_A_FAMILY]);
	cidr = nla_get_u8(attrs[WGALLOWEDIP_A_CIDR_MASK]);
	len = af == AF_INET ? 4 : 16;
	if ((af != AF_INET && af != AF_INET6) || nla_len(ip) != len || cidr > 8 * len) {
		NL_SET_ERR_MSG_ATTR(extack, ip, "family, address and mask of the allowed IP do not fit together");
		return -EINVAL;
	}
	if (!(flags & WGALLOWEDIP_F_REMOVE_ME))
		return wg_peer_allow(peer, len == 4 ? 4 : 6, nla_data(ip), cidr);
	wg_peer_disallow(peer, len == 4 ? 4 : 6, nla_data(ip), cidr);
	return 0;
}

static int update_peer(struct wg_peer *peer, struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct nlattr *psk = attrs[WGPEER_A_PRESHARED_KEY], *entry;
	struct nlattr *endpoint = attrs[WGPEER_A_ENDPOINT], *ips = attrs[WGPEER_A_ALLOWEDIPS];
	struct nlattr *keepalive = attrs[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL];
	struct wg_device *wg = peer->device;
	int rem, ret;

	if (psk) {
		mutex_lock(&peer->handshake_lock);
		memcpy(peer->remote.handshake.preshared_key, nla_data(psk), WG_SYMMETRIC_LEN);
		mutex_unlock(&peer->handshake_lock);
	}
	if (endpoint) {
		/* An endpoint that is neither IPv4 nor IPv6 is ignored, as in the kernel's own
		 * module. */
		spin_lock_bh(&peer->lock);
		wg_endpoint_set(&peer->endpoint, nla_data(endpoint), nla_len(endpoint));
		spin_unlock_bh(&peer->lock);
	}
	if (flags_of(attrs[WGPEER_A_FLAGS]) & WGPEER_F_REPLACE_ALLOWEDIPS)
		wg_peer_disallow_all(peer);
	if (ips) {
		nla_for_each_nested(entry, ips, rem) {
			ret = set_allowedip(peer, entry, extack);
			if (ret)
				return ret;
		}
	}
	if (keepalive)
		wg_peer_set_keepalive(peer, nla_get_u16(keepalive), is_up(wg));
	if (is_up(wg))
		wg_send_flush(peer, false);
	return 0;
}

static int check_peer(struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct nlattr *version = attrs[WGPEER_A_PROTOCOL_VERSION];

	if (!attrs[WGPEER_A_PUBLIC_KEY]) {
		NL_SET_ERR_MSG(extack, "a peer needs a public key");
		return -EINVAL;
	}
	if (version && nla_get_u32(version) != 1) {
		NL_SET_ERR_MSG_ATTR(extack, version, "the only protocol version is 1");
		return -EPFNOSUPPORT;
	}
	return 0;
}

static void report_own_key(struct wg_device *wg)
{
	wg_handshake_report(&wg->handshake_report, wg->dev, WG_INITIATION_OWN_KEY,
			    wg->local.identity.public_key, NULL, wg_device_now());
}

/* A peer with our own key is ignored, as in the kernel's WireGuard, and this says so. */
static int set_peer(struct wg_device *wg, const struct nlattr *entry,
		    struct netlink_ext_ack *extack)
{
	const struct wg_identity *id = &wg->local.identity;
	struct nlattr *attrs[WGPEER_A_MAX + 1];
	struct wg_peer *peer;
	const u8 *key;
	u32 flags;
	int ret = nla_parse_nested(attrs, WGPEER_A_MAX, entry, NULL, extack) ?:
		  check_peer(attrs, extack);

	if (ret)
		return ret;
	flags = flags_of(attrs[WGPEER_A_FLAGS]);
	key = nla_data(attrs[WGPEER_A_PUBLIC_KEY]);
	peer = wg_peers_find(wg, key);
	if (flags & WGPEER_F_REMOVE_ME) {
		if (peer)
			wg_peers_remove(peer);
		return 0;
	}
	if (!peer) {
		if (flags & WGPEER_F_UPDATE_ONLY)
			return 0;
		if (id->present && !memcmp(id->public_key, key, WG_KEY_LEN)) {
			report_own_key(wg);
			return 0;
		}
		peer = wg_peers_add(wg, key);
	}
	return IS_ERR(peer) ? PTR_ERR(peer) : update_peer(peer, attrs, extack);
}

/* The key that is there already ends no session. No handshake is computed between the change and
 * the end of the handshakes that began with the old key: it would mix both keys. */
static void set_private(struct wg_device *wg, const u8 *key)
{
	struct wg_peer *self;

	if (wg_ct_declassify(wg_ct_equal(wg->local.identity.private_key, key, WG_KEY_LEN)))
		return;
	down_write(&wg->identity_lock);
	wg_handshakes_set_private(wg, key);
	wg_peers_begin_anew(wg);
	up_write(&wg->identity_lock);
	self = wg->local.identity.present ? wg_peers_find(wg, wg->local.identity.public_key) : NULL;
	if (self) {
		wg_peers_remove(self);
		report_own_key(wg);
	}
}

/* Port and mark act where the sockets are, which may be another's namespace. */
static int set_sockets(struct wg_device *wg, struct nlattr *port, struct nlattr *mark,
		       struct netlink_ext_ack *extack)
{
	bool moves = port && nla_get_u16(port) != wg->listen_port;
	struct wg_peer *peer;
	struct net *net;
	int ret = 0;

	net = rcu_dereference_protected(wg->creating_net, lockdep_is_held(&wg->update_lock));
	if ((port || mark) && (!net || !ns_capable(net->user_ns, CAP_NET_ADMIN))) {
		NL_SET_ERR_MSG_ATTR(extack, port ?: mark,
				    "no privilege in the namespace of the sockets, or it has gone");
		return -EPERM;
	}
	if (mark)
		WRITE_ONCE(wg->fwmark, nla_get_u32(mark));
	if (moves && is_up(wg))
		ret = wg_socket_open(wg, nla_get_u16(port));
	else if (moves)
		wg->listen_port = nla_get_u16(port);
	if (ret)
		NL_SET_ERR_MSG_ATTR(extack, port, "cannot listen on this port: the port is unchanged");
	if (!mark && (ret || !moves))
		return ret;
	list_for_each_entry(peer, &wg->peers, list) {
		spin_lock_bh(&peer->lock);
		wg_endpoint_forget_source(&peer->endpoint);
		spin_unlock_bh(&peer->lock);
	}
	return ret;
}

static int set_device(struct wg_device *wg, struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct nlattr *peers = attrs[WGDEVICE_A_PEERS], *entry;
	u32 flags = flags_of(attrs[WGDEVICE_A_FLAGS]);
	int rem, ret;

	ret = set_sockets(wg, attrs[WGDEVICE_A_LISTEN_PORT], attrs[WGDEVICE_A_FWMARK], extack);
	if (ret)
		return ret;
	if (flags & WGDEVICE_F_REPLACE_PEERS)
		wg_peers_remove_all(wg);
	if (attrs[WGDEVICE_A_PRIVATE_KEY])
		set_private(wg, nla_data(attrs[WGDEVICE_A_PRIVATE_KEY]));
	if (!peers)
		return 0;
	nla_for_each_nested(entry, peers, rem) {
		ret = set_peer(wg, entry, extack);
		if (ret)
			break;
	}
	return ret;
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

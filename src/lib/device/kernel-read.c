// SPDX-License-Identifier: GPL-2.0
/* GET_DEVICE replies. The kernel is trusted, its messages are not: whatever does not have the
 * length or range that it must have makes the whole message EBADMSG. Attributes that we do not
 * know are skipped. */
#include "kernel.h"
#include <errno.h>
#include <linux/genetlink.h>

struct timespec64 {
	s64 sec;
	s64 nsec;
};

/* Points tb[TYPE] at the payload's attributes of types up to `max`; false where one is cut off. */
static bool sort_attributes(const void *payload, size_t len, const struct nlattr **tb, u16 max)
{
	const struct nlattr *attr = payload;

	memset(tb, 0, sizeof(*tb) * (max + 1U));
	while (len >= sizeof(*attr)) {
		size_t step;

		if (attr->nla_len < sizeof(*attr) || attr->nla_len > len)
			return false;
		if (mnl_attr_get_type(attr) <= max)
			tb[mnl_attr_get_type(attr)] = attr;
		step = MNL_ALIGN((size_t)attr->nla_len);
		if (step >= len)
			return true;
		attr = (const void *)((const char *)attr + step);
		len -= step;
	}
	return len == 0;
}

static bool sort_nest(const struct nlattr *nest, const struct nlattr **tb, u16 max)
{
	return sort_attributes(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), tb, max);
}

/* Copies a payload of exactly `len` bytes; true also where the attribute is absent. */
static bool take(void *out, const struct nlattr *attr, size_t len)
{
	if (!attr)
		return true;
	if (mnl_attr_get_payload_len(attr) != len)
		return false;
	memcpy(out, mnl_attr_get_payload(attr), len);
	return true;
}

static bool read_allowedip(struct wg_device *dev, struct wg_peer *peer, const struct nlattr *nest)
{
	const struct nlattr *tb[WGALLOWEDIP_A_MAX + 1];
	u16 family = 0;
	u8 cidr = 0;
	u8 addr[16];

	if (!sort_nest(nest, tb, WGALLOWEDIP_A_MAX) || !tb[WGALLOWEDIP_A_FAMILY] ||
	    !tb[WGALLOWEDIP_A_IPADDR] || !tb[WGALLOWEDIP_A_CIDR_MASK] ||
	    !take(&family, tb[WGALLOWEDIP_A_FAMILY], sizeof(family)) ||
	    !take(&cidr, tb[WGALLOWEDIP_A_CIDR_MASK], sizeof(cidr)))
		return false;
	if ((family != AF_INET && family != AF_INET6) || cidr > 8 * wg_family_len((u8)family) ||
	    !take(addr, tb[WGALLOWEDIP_A_IPADDR], wg_family_len((u8)family)))
		return false;
	wg_peer_add_allowedip(dev, peer, (u8)family, addr, cidr, 0);
	return true;
}

static bool read_allowedips(struct wg_device *dev, struct wg_peer *peer, const struct nlattr *nest)
{
	const struct nlattr *attr;

	if (!nest)
		return true;
	mnl_attr_for_each_nested(attr, nest) {
		if (!read_allowedip(dev, peer, attr))
			return false;
	}
	return true;
}

static bool read_endpoint(union wg_endpoint *endpoint, const struct nlattr *attr)
{
	sa_family_t family;

	if (!attr)
		return true;
	if (mnl_attr_get_payload_len(attr) < sizeof(family))
		return false;
	memcpy(&family, mnl_attr_get_payload(attr), sizeof(family));
	switch (family) {
	case AF_INET:
		return take(&endpoint->addr4, attr, sizeof(endpoint->addr4));
	case AF_INET6:
		return take(&endpoint->addr6, attr, sizeof(endpoint->addr6));
	}
	return false;
}

static bool read_peer_settings(struct wg_peer *peer, const struct nlattr *const *tb)
{
	struct timespec64 t = {0};

	if (!take(peer->preshared_key, tb[WGPEER_A_PRESHARED_KEY], WG_KEY_LEN) ||
	    !read_endpoint(&peer->endpoint, tb[WGPEER_A_ENDPOINT]) ||
	    !take(&peer->keepalive, tb[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL],
		  sizeof(peer->keepalive)) ||
	    !take(&t, tb[WGPEER_A_LAST_HANDSHAKE_TIME], sizeof(t)) ||
	    !take(&peer->rx_bytes, tb[WGPEER_A_RX_BYTES], sizeof(peer->rx_bytes)) ||
	    !take(&peer->tx_bytes, tb[WGPEER_A_TX_BYTES], sizeof(peer->tx_bytes)) || t.nsec < 0 ||
	    t.nsec >= 1000000000)
		return false;
	peer->handshake_sec = t.sec;
	peer->handshake_nsec = (u32)t.nsec;
	if (!wg_key_is_zero(peer->preshared_key))
		peer->flags |= WG_PEER_HAS_PRESHARED_KEY;
	if (tb[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL])
		peer->flags |= WG_PEER_HAS_KEEPALIVE;
	return true;
}

/* A peer that did not fit into one message comes again at the start of the next, with its key and
 * the rest of its allowed IPs. */
static bool read_peer(struct wg_device *dev, const struct nlattr *nest)
{
	const struct nlattr *tb[WGPEER_A_MAX + 1];
	struct wg_peer *peer = dev->last_peer;
	u8 key[WG_KEY_LEN];

	if (!sort_nest(nest, tb, WGPEER_A_MAX) || !tb[WGPEER_A_PUBLIC_KEY] ||
	    !take(key, tb[WGPEER_A_PUBLIC_KEY], WG_KEY_LEN))
		return false;
	if (!peer || memcmp(peer->public_key, key, WG_KEY_LEN)) {
		peer = wg_device_add_peer(dev);
		memcpy(peer->public_key, key, WG_KEY_LEN);
		peer->flags |= WG_PEER_HAS_PUBLIC_KEY;
		if (!read_peer_settings(peer, tb))
			return false;
	}
	return read_allowedips(dev, peer, tb[WGPEER_A_ALLOWEDIPS]);
}

static bool read_peers(struct wg_device *dev, const struct nlattr *nest)
{
	const struct nlattr *attr;

	if (!nest)
		return true;
	mnl_attr_for_each_nested(attr, nest) {
		if (!read_peer(dev, attr))
			return false;
	}
	return true;
}

static bool read_name(struct wg_device *dev, const struct nlattr *attr)
{
	size_t len;

	if (!attr)
		return true;
	len = strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	if (!len || len >= sizeof(dev->name))
		return false;
	memcpy(dev->name, mnl_attr_get_payload(attr), len);
	dev->name[len] = '\0';
	return true;
}

static bool read_device(struct wg_device *dev, const struct nlattr *const *tb)
{
	if (!read_name(dev, tb[WGDEVICE_A_IFNAME]) ||
	    !take(&dev->ifindex, tb[WGDEVICE_A_IFINDEX], sizeof(dev->ifindex)) ||
	    !take(dev->private_key, tb[WGDEVICE_A_PRIVATE_KEY], WG_KEY_LEN) ||
	    !take(dev->public_key, tb[WGDEVICE_A_PUBLIC_KEY], WG_KEY_LEN) ||
	    !take(&dev->listen_port, tb[WGDEVICE_A_LISTEN_PORT], sizeof(dev->listen_port)) ||
	    !take(&dev->fwmark, tb[WGDEVICE_A_FWMARK], sizeof(dev->fwmark)))
		return false;
	if (!wg_key_is_zero(dev->private_key))
		dev->flags |= WG_DEVICE_HAS_PRIVATE_KEY;
	if (!wg_key_is_zero(dev->public_key))
		dev->flags |= WG_DEVICE_HAS_PUBLIC_KEY;
	if (tb[WGDEVICE_A_LISTEN_PORT])
		dev->flags |= WG_DEVICE_HAS_LISTEN_PORT;
	if (tb[WGDEVICE_A_FWMARK])
		dev->flags |= WG_DEVICE_HAS_FWMARK;
	return read_peers(dev, tb[WGDEVICE_A_PEERS]);
}

int wg_kernel_read(const struct nlmsghdr *nlh, struct wg_device *dev)
{
	const struct nlattr *tb[WGDEVICE_A_MAX + 1];

	if (nlh->nlmsg_len >= NLMSG_HDRLEN + GENL_HDRLEN &&
	    sort_attributes(mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN),
			    nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, tb, WGDEVICE_A_MAX) &&
	    read_device(dev, tb))
		return MNL_CB_OK;
	errno = EBADMSG;
	return MNL_CB_ERROR;
}

// SPDX-License-Identifier: GPL-2.0
/* GET_DEVICE replies. The kernel is trusted, its messages are not: whatever does not have the
 * length or range that it must have makes the whole message EBADMSG. Attributes that we do not
 * know are skipped. */
#include "kernel.h"
#include <errno.h>
#include <linux/genetlink.h>
#include "setting.h"

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

/* The interface's or the peer's settings, lists apart. */
static bool read_values(const struct wg_setting *rows, void *object, const struct nlattr *const *tb)
{
	for (const struct wg_setting *s = rows; s->type != WG_TYPE_NONE; s++) {
		const struct nlattr *attr = tb[s->attribute];

		if (!attr || !s->attribute || s->role == WG_ROLE_LIST)
			continue;
		if (!wg_setting_ops(s)->read_payload(wg_setting_field(s, object),
						     mnl_attr_get_payload(attr),
						     mnl_attr_get_payload_len(attr)))
			return false;
		wg_setting_reported(s, object);
	}
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
		if (!read_values(wg_peer_settings, peer, tb))
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
	    !read_values(wg_interface_settings, dev, tb))
		return false;
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

// SPDX-License-Identifier: GPL-2.0
/* SET_DEVICE messages: three writers (device, peer, allowed IP), each of which can stop where a
 * message is full and go on in the next. Nothing fails but a room too small for any progress.
 *
 * A peer that does not fit behind others waits for the next message, where it may fit whole: the
 * kernel changes a peer that is not split in one go, and no packet meets it half written. */
#include "kernel.h"
#include <linux/genetlink.h>
#include "setting.h"

/* The nest of peers has a length of 16 bits. */
#define MESSAGE_MAX 65535U

struct room {
	struct nlmsghdr *nlh;
	size_t size;
};

static bool put(struct room *r, u16 type, const void *data, size_t len)
{
	return mnl_attr_put_check(r->nlh, r->size, type, len, data);
}

static bool put_u16(struct room *r, u16 type, u16 value)
{
	return put(r, type, &value, sizeof(value));
}

static bool put_u32(struct room *r, u16 type, u32 value)
{
	return put(r, type, &value, sizeof(value));
}

static struct nlattr *begin(struct room *r, u16 type)
{
	return mnl_attr_nest_start_check(r->nlh, r->size, type);
}

static void end(struct room *r, struct nlattr *nest)
{
	mnl_attr_nest_end(r->nlh, nest);
}

static void cancel(struct room *r, struct nlattr *nest)
{
	mnl_attr_nest_cancel(r->nlh, nest);
}

static bool write_allowedip(struct room *r, u16 index, const struct wg_allowedip *ip)
{
	struct nlattr *nest = begin(r, index);

	if (!nest)
		return false;
	if (put_u16(r, WGALLOWEDIP_A_FAMILY, ip->family) &&
	    put(r, WGALLOWEDIP_A_IPADDR, ip->addr, wg_family_len(ip->family)) &&
	    put(r, WGALLOWEDIP_A_CIDR_MASK, &ip->cidr, sizeof(ip->cidr)) &&
	    (!(ip->flags & WG_ALLOWEDIP_REMOVE_ME) ||
	     put_u32(r, WGALLOWEDIP_A_FLAGS, WGALLOWEDIP_F_REMOVE_ME))) {
		end(r, nest);
		return true;
	}
	cancel(r, nest);
	return false;
}

/* Writes from `ip` on what fits; returns the first that did not, NULL when all did. */
static const struct wg_allowedip *write_allowedips(struct room *r, const struct wg_allowedip *ip)
{
	struct nlattr *nest;
	const struct wg_allowedip *first = ip;
	u16 index = 0;

	if (!ip)
		return NULL;
	nest = begin(r, WGPEER_A_ALLOWEDIPS);
	if (!nest)
		return ip;
	for (; ip; ip = ip->next) {
		if (!write_allowedip(r, index++, ip))
			break;
	}
	if (ip == first)
		cancel(r, nest);
	else
		end(r, nest);
	return ip;
}

/* A continuation must not create the peer again where the first part was not to create it. */
static u32 peer_flags(const struct wg_peer *peer, bool split)
{
	u32 flags = 0;

	if (peer->flags & WG_PEER_REMOVE_ME)
		return WGPEER_F_REMOVE_ME;
	if (peer->flags & WG_PEER_UPDATE_ONLY)
		flags |= WGPEER_F_UPDATE_ONLY;
	if (!split && (peer->flags & WG_PEER_REPLACE_ALLOWEDIPS))
		flags |= WGPEER_F_REPLACE_ALLOWEDIPS;
	return flags;
}

/* The settings of the interface or of the peer that a change mentions. */
static bool write_values(struct room *r, const struct wg_setting *rows, const void *object)
{
	for (const struct wg_setting *s = rows; s->type != WG_TYPE_NONE; s++) {
		const struct wg_setting_ops *ops = wg_setting_ops(s);
		const void *value = wg_setting_value(s, object);

		if (s->role == WG_ROLE_VALUE && s->attribute && wg_setting_is_given(s, object) &&
		    !put(r, s->attribute, value, ops->payload_len ? ops->payload_len(value) : ops->size))
			return false;
	}
	return true;
}

static bool write_peer_settings(struct room *r, const struct wg_peer *peer, bool split)
{
	u32 flags = peer_flags(peer, split);

	if (!put(r, WGPEER_A_PUBLIC_KEY, peer->public_key, WG_KEY_LEN) ||
	    (flags && !put_u32(r, WGPEER_A_FLAGS, flags)))
		return false;
	if (split || (peer->flags & WG_PEER_REMOVE_ME))
		return true;
	return write_values(r, wg_peer_settings, peer);
}

/* False where the message is full; what of the peer is out then, if anything, is in `w`. */
static bool write_peer(struct wg_kernel_writer *w, struct room *r, u16 index)
{
	const struct wg_peer *peer = w->peer;
	const struct wg_allowedip *from = NULL, *rest;
	struct nlattr *nest = begin(r, index);

	if (!nest)
		return false;
	if (!write_peer_settings(r, peer, w->split)) {
		cancel(r, nest);
		return false;
	}
	if (!(peer->flags & WG_PEER_REMOVE_ME))
		from = w->split ? w->allowedip : peer->allowedips;
	rest = write_allowedips(r, from);
	if (rest && (index > 0 || (w->split && rest == from))) {
		cancel(r, nest);
		return false;
	}
	end(r, nest);
	w->split = rest != NULL;
	w->allowedip = rest;
	if (rest)
		return false;
	w->peer = peer->next;
	w->peers_done++;
	return true;
}

static bool write_peers(struct wg_kernel_writer *w, struct room *r)
{
	const struct wg_allowedip *stood = w->allowedip;
	bool was_split = w->split;
	struct nlattr *nest;
	u16 n = 0;

	if (!w->peer)
		return true;
	nest = begin(r, WGDEVICE_A_PEERS);
	if (!nest)
		return false;
	while (w->peer && write_peer(w, r, n))
		n++;
	if (n || w->split != was_split || w->allowedip != stood) {
		end(r, nest);
		return true;
	}
	cancel(r, nest);
	return false;
}

static bool write_device(struct wg_kernel_writer *w, struct room *r)
{
	const struct wg_device *dev = w->dev;

	if (!put(r, WGDEVICE_A_IFNAME, dev->name, strlen(dev->name) + 1))
		return false;
	if (w->begun)
		return true;
	if (!write_values(r, wg_interface_settings, dev) ||
	    ((dev->flags & WG_DEVICE_REPLACE_PEERS) &&
	     !put_u32(r, WGDEVICE_A_FLAGS, WGDEVICE_F_REPLACE_PEERS)))
		return false;
	w->peer = dev->peers;
	return true;
}

int wg_kernel_write(struct wg_kernel_writer *w, struct nlmsghdr *nlh, size_t room)
{
	struct room r = {nlh, room < MESSAGE_MAX ? room : MESSAGE_MAX};
	bool first = !w->begun;

	if (!write_device(w, &r))
		return -1;
	w->begun = true;
	if (!write_peers(w, &r) && !first)
		return -1;
	return w->peer != NULL;
}

// SPDX-License-Identifier: GPL-2.0
/* Peers and allowed IPs are searched for one by one: changes are what a user types. */
#include "apply.h"

#include <string.h>
#include "../base/prefix.h"
#include "setting.h"

/* Copies the settings of one section that the change gives. */
static void copy_settings(enum wg_section section, void *to, const void *change)
{
	for (const struct wg_setting *s = wg_settings(section); s->type != WG_TYPE_NONE; s++) {
		if (s->role != WG_ROLE_VALUE || !wg_setting_is_given(s, change))
			continue;
		memcpy(wg_setting_field(s, to), wg_setting_value(s, change), wg_setting_ops(s)->size);
		if (s->flag)
			wg_setting_set_flag(s, to, !wg_setting_ops(s)->is_key ||
							   wg_setting_ops(s)->is_set(wg_setting_value(s, to)));
	}
}

static struct wg_peer *find_peer(struct wg_device *dev, const struct wg_peer *like)
{
	for (struct wg_peer *p = dev->peers; p; p = p->next)
		if (!memcmp(p->public_key, like->public_key, WG_KEY_LEN))
			return p;
	return NULL;
}

static void remove_peer(struct wg_device *dev, struct wg_peer *which)
{
	struct wg_peer **link = &dev->peers, *before = NULL;

	while (*link != which) {
		before = *link;
		link = &before->next;
	}
	*link = which->next;
	if (dev->last_peer == which)
		dev->last_peer = before;
	dev->n_peers--;
}

static bool same_prefix(const struct wg_allowedip *a, const struct wg_allowedip *b)
{
	struct wg_prefix x = {.family = a->family, .cidr = a->cidr}, y = {.family = b->family, .cidr = b->cidr};

	memcpy(x.addr, a->addr, wg_family_len(a->family));
	memcpy(y.addr, b->addr, wg_family_len(b->family));
	wg_prefix_mask(&x);
	wg_prefix_mask(&y);
	return wg_prefix_equal(&x, &y);
}

static bool remove_allowedip(struct wg_peer *p, const struct wg_allowedip *which)
{
	struct wg_allowedip **link = &p->allowedips, *before = NULL;

	while (*link && !same_prefix(*link, which)) {
		before = *link;
		link = &before->next;
	}
	if (!*link)
		return false;
	if (p->last_allowedip == *link)
		p->last_allowedip = before;
	*link = (*link)->next;
	return true;
}

static void apply_allowedip(struct wg_device *dev, struct wg_peer *to, const struct wg_allowedip *ip)
{
	if (ip->flags & WG_ALLOWEDIP_REMOVE_ME) {
		remove_allowedip(to, ip);
		return;
	}
	for (struct wg_peer *p = dev->peers; p; p = p->next)
		remove_allowedip(p, ip);
	wg_peer_add_allowedip(dev, to, ip->family, ip->addr, ip->cidr, 0);
}

static void apply_peer(struct wg_device *dev, const struct wg_peer *change)
{
	struct wg_peer *p = find_peer(dev, change);

	if (change->flags & WG_PEER_REMOVE_ME) {
		if (p)
			remove_peer(dev, p);
		return;
	}
	if (!p && change->flags & WG_PEER_UPDATE_ONLY)
		return;
	if (!p) {
		p = wg_device_add_peer(dev);
		memcpy(p->public_key, change->public_key, WG_KEY_LEN);
		p->flags = WG_PEER_HAS_PUBLIC_KEY;
	}
	copy_settings(WG_SECTION_PEER, p, change);
	if (change->flags & WG_PEER_REPLACE_ALLOWEDIPS)
		p->allowedips = p->last_allowedip = NULL;
	for (const struct wg_allowedip *ip = change->allowedips; ip; ip = ip->next)
		apply_allowedip(dev, p, ip);
}

void wg_device_apply(struct wg_device *dev, const struct wg_device *change)
{
	copy_settings(WG_SECTION_INTERFACE, dev, change);
	if (change->flags & WG_DEVICE_REPLACE_PEERS) {
		dev->peers = dev->last_peer = NULL;
		dev->n_peers = 0;
	}
	for (const struct wg_peer *p = change->peers; p; p = p->next)
		apply_peer(dev, p);
}

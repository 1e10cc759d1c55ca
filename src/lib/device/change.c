// SPDX-License-Identifier: GPL-2.0
#include "change.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../base/alloc.h"
#include "../base/cleanup.h"
#include "../base/encoding.h"
#include "../base/prefix.h"
#include "backend.h"
#include "diff.h"
#include "uapi.h"

/* An allowed IP that a change mentions. */
struct claim {
	struct wg_prefix prefix; /* masked */
	u8 peer[WG_KEY_LEN];     /* the peer that gets it or loses it */
	bool removed;            /* nobody gets it */
};

/* All allowed IPs that a change mentions, by prefix; each is mentioned once. And the peers that the change
 * removes, or whose lists it replaces: they have lost what they shall lose. */
struct claims {
	struct claim *list;
	size_t n;
	u8 (*settled)[WG_KEY_LEN]; /* sorted */
	size_t n_settled;
};

static void claims_wipe(struct claims *c)
{
	free(c->list);
	free(c->settled);
}

static struct wg_prefix prefix_of(const struct wg_allowedip *ip)
{
	struct wg_prefix p = {.family = ip->family, .cidr = ip->cidr};

	memcpy(p.addr, ip->addr, wg_family_len(ip->family));
	wg_prefix_mask(&p);
	return p;
}

static int order_claims(const void *x, const void *y)
{
	const struct claim *a = x, *b = y;

	return wg_prefix_order(&a->prefix, &b->prefix);
}

static int order_keys(const void *a, const void *b)
{
	return memcmp(a, b, WG_KEY_LEN);
}

/* A copy, for what is sent of the change is less. */
static void claims_take(struct claims *c, const struct wg_device *change)
{
	size_t n = 0;

	for (const struct wg_peer *p = change->peers; p; p = p->next)
		for (const struct wg_allowedip *ip = p->allowedips; ip; ip = ip->next)
			n++;
	c->list = wg_realloc(NULL, n + 1, sizeof(*c->list));
	c->settled = wg_realloc(NULL, change->n_peers + 1, sizeof(*c->settled));
	for (const struct wg_peer *p = change->peers; p; p = p->next) {
		if (p->flags & (WG_PEER_REMOVE_ME | WG_PEER_REPLACE_ALLOWEDIPS))
			memcpy(c->settled[c->n_settled++], p->public_key, WG_KEY_LEN);
		for (const struct wg_allowedip *ip = p->allowedips; ip; ip = ip->next) {
			struct claim *claim = &c->list[c->n++];

			*claim = (struct claim){.prefix = prefix_of(ip),
						.removed = ip->flags & WG_ALLOWEDIP_REMOVE_ME};
			memcpy(claim->peer, p->public_key, WG_KEY_LEN);
		}
	}
	qsort(c->list, c->n, sizeof(*c->list), order_claims);
	qsort(c->settled, c->n_settled, sizeof(*c->settled), order_keys);
}

/* Whether the change takes this allowed IP from this peer. */
static bool is_lost(const struct claims *c, const struct wg_peer *peer, const struct wg_allowedip *ip)
{
	const struct claim key = {.prefix = prefix_of(ip)};
	const struct claim *found = bsearch(&key, c->list, c->n, sizeof(*c->list), order_claims);

	return found && found->removed == !memcmp(found->peer, peer->public_key, WG_KEY_LEN);
}

static const struct wg_allowedip *find_lost(const struct claims *c, const struct wg_peer *peer)
{
	if (wg_peer_is_parting(peer) ||
	    bsearch(peer->public_key, c->settled, c->n_settled, sizeof(*c->settled), order_keys))
		return NULL;
	for (const struct wg_allowedip *ip = peer->allowedips; ip; ip = ip->next)
		if (is_lost(c, peer, ip))
			return ip;
	return NULL;
}

/* Whether a peer of the device has something that the change takes from it. */
static bool takes_any(const struct claims *c, const struct wg_device *dev)
{
	for (const struct wg_peer *p = dev->peers; c->n && p; p = p->next)
		if (find_lost(c, p))
			return true;
	return false;
}

/* Replaces the list of each peer of the device that has something of what the change takes from it, and removes
 * a parting peer that is there. */
static int replace_lists(const struct claims *c, const struct wg_device *now, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *change = wg_device_new();

	memcpy(change->name, now->name, sizeof(change->name));
	for (const struct wg_peer *p = now->peers; p; p = p->next) {
		struct wg_peer *peer;

		if (wg_peer_is_parting(p)) {
			peer = wg_device_add_peer(change);
			wg_peer_set_parting(peer);
			peer->flags |= WG_PEER_REMOVE_ME;
		}
		if (!find_lost(c, p))
			continue;
		peer = wg_device_add_peer(change);
		memcpy(peer->public_key, p->public_key, WG_KEY_LEN);
		peer->flags = WG_PEER_HAS_PUBLIC_KEY | WG_PEER_REPLACE_ALLOWEDIPS;
		for (const struct wg_allowedip *ip = p->allowedips; ip; ip = ip->next)
			if (!is_lost(c, p, ip))
				wg_peer_add_allowedip(change, peer, ip->family, ip->addr, ip->cidr, 0);
	}
	return change->peers ? wg_backend_set(change, err) : 0;
}

/* Fails if a peer has what the change took from it. */
static int check_lists(const struct claims *c, const struct wg_device *now, struct wg_error *err)
{
	for (const struct wg_peer *p = now->peers; p; p = p->next) {
		const struct wg_allowedip *ip = find_lost(c, p);
		char key[WG_KEY_BASE64_LEN + 1], text[WG_PREFIX_STRLEN];
		struct wg_prefix prefix;

		if (!ip)
			continue;
		prefix = prefix_of(ip);
		wg_key_to_base64(key, p->public_key);
		return wg_error_set(err, "Unable to modify interface %s: its data path goes on to give %s to the "
				    "peer %s, which should have lost it: remove that peer and add it again",
				    now->name, wg_prefix_format(text, &prefix), key);
	}
	return 0;
}

/* Reads the device back, and puts right what it has not understood. */
static int settle(const struct claims *c, const char *name, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *now = NULL, *again = NULL;

	if (wg_backend_get(&now, name, err) < 0 || replace_lists(c, now, err) < 0)
		return -1;
	if (!takes_any(c, now))
		return 0;
	return wg_backend_get(&again, name, err) < 0 ? -1 : check_lists(c, again, err);
}

/* Whether the data path can be asked for something else after it has answered so. */
static bool is_refusal(int code)
{
	return code != EINTR && code != ETIMEDOUT && code != ENODEV && code != EPERM && code != EACCES;
}

int wg_change_send(struct wg_device *change, const struct wg_device *have, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *parting = wg_device_new();
	cleanup(claims_wipe) struct claims claims = {0};
	bool takes;

	claims_take(&claims, change);
	takes = !(change->flags & WG_DEVICE_REPLACE_PEERS) && takes_any(&claims, have);
	wg_diff_avoid_removals(change, parting);
	if ((change->flags || change->peers) && wg_backend_set(change, err) < 0)
		return -1;
	if (!takes)
		return 0;
	if (parting->peers && wg_backend_set(parting, err) < 0)
		return is_refusal(err->code) ? settle(&claims, change->name, err) : -1;
	return wg_uapi_has(change->name) ? settle(&claims, change->name, err) : 0;
}

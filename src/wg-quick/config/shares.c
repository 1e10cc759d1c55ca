// SPDX-License-Identifier: GPL-2.0
#include "shares.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/conf/value.h"

/* A prefix of a peer. */
struct claim {
	struct wg_prefix prefix;
	struct wg_peer *peer;
	size_t place; /* of the peer in the file */
};

static struct wg_prefix prefix_of(const struct wg_allowedip *a)
{
	struct wg_prefix p = {.family = a->family, .cidr = a->cidr};

	memcpy(p.addr, a->addr, wg_family_len(a->family));
	wg_prefix_mask(&p);
	return p;
}

static int by_prefix(const struct wg_prefix *a, const struct wg_prefix *b)
{
	if (a->family != b->family)
		return a->family - b->family;
	return memcmp(a->addr, b->addr, sizeof(a->addr)) ?: a->cidr - b->cidr;
}

static int by_claim(const void *x, const void *y)
{
	const struct claim *a = x, *b = y;

	return by_prefix(&a->prefix, &b->prefix) ?: (a->place > b->place) - (a->place < b->place);
}

static int by_share(const void *key, const void *element)
{
	return by_prefix(key, &((const struct config_share *)element)->prefix);
}

static bool same_peer(const struct wg_peer *a, const struct wg_peer *b)
{
	return !memcmp(a->public_key, b->public_key, WG_KEY_LEN);
}

static struct claim *list_claims(const struct wg_device *dev, size_t *n)
{
	struct claim *list;
	size_t place = 0, i = 0;

	*n = 0;
	for (const struct wg_peer *p = dev->peers; p; p = p->next)
		for (const struct wg_allowedip *a = p->allowedips; a; a = a->next)
			++*n;
	list = wg_realloc(NULL, *n + 1, sizeof(*list));
	for (struct wg_peer *p = dev->peers; p; p = p->next, place++)
		for (const struct wg_allowedip *a = p->allowedips; a; a = a->next)
			if (!(a->flags & WG_ALLOWEDIP_REMOVE_ME))
				list[i++] = (struct claim){prefix_of(a), p, place};
	*n = i;
	qsort(list, i, sizeof(*list), by_claim);
	return list;
}

static void take_prefix(struct wg_peer *peer, const struct wg_prefix *prefix)
{
	struct wg_allowedip **link = &peer->allowedips, *last = NULL;

	while (*link) {
		struct wg_prefix p = prefix_of(*link);

		if (wg_prefix_equal(&p, prefix)) {
			*link = (*link)->next;
			continue;
		}
		last = *link;
		link = &last->next;
	}
	peer->last_allowedip = last;
}

/* The claims of one prefix, in the order of the file: a share if they are of several peers. */
static void add_share(struct config *c, const struct claim *claims, size_t n)
{
	struct config_share share = {.prefix = claims->prefix};

	share.members = wg_realloc(NULL, n, sizeof(struct wg_peer *));
	for (size_t i = 0; i < n; i++) {
		bool known = false;

		for (size_t k = 0; k < share.n && !known; k++)
			known = same_peer(share.members[k], claims[i].peer);
		if (!known)
			share.members[share.n++] = claims[i].peer;
	}
	if (share.n < 2) {
		free(share.members);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (claims[i].peer != share.members[0])
			take_prefix(claims[i].peer, &share.prefix);
	c->shares = wg_realloc(c->shares, c->n_shares + 1, sizeof(*c->shares));
	c->shares[c->n_shares++] = share;
}

void shares_find(struct config *c)
{
	struct claim *claims;
	size_t n, first = 0;

	if (!c->failover)
		return;
	claims = list_claims(c->dev, &n);
	for (size_t i = 1; i <= n; i++)
		if (i == n || by_prefix(&claims[i].prefix, &claims[first].prefix)) {
			if (i - first > 1)
				add_share(c, &claims[first], i - first);
			first = i;
		}
	free(claims);
}

static struct config_share *find_share(const struct config *c, const struct wg_prefix *prefix)
{
	return c->n_shares ? bsearch(prefix, c->shares, c->n_shares, sizeof(*c->shares), by_share) : NULL;
}

static struct wg_peer *find_member(const struct config_share *share, const struct wg_peer *peer)
{
	for (size_t i = 0; i < share->n; i++)
		if (same_peer(share->members[i], peer))
			return share->members[i];
	return NULL;
}

void shares_follow(struct config *c, const struct wg_device *have)
{
	if (!c->n_shares)
		return;
	for (const struct wg_peer *p = have->peers; p; p = p->next)
		for (const struct wg_allowedip *a = p->allowedips; a; a = a->next) {
			struct wg_prefix prefix = prefix_of(a);
			struct config_share *share = find_share(c, &prefix);
			struct wg_peer *holder = share ? find_member(share, p) : NULL;

			if (!holder || holder == share->members[0])
				continue;
			take_prefix(share->members[0], &prefix);
			wg_peer_add_allowedip(c->dev, holder, prefix.family, prefix.addr, prefix.cidr, 0);
		}
}

static struct wg_peer *find_peer(struct wg_device *dev, const struct wg_peer *peer)
{
	for (struct wg_peer *p = dev->peers; p; p = p->next)
		if (same_peer(p, peer))
			return p;
	return NULL;
}

static bool has_prefix(const struct wg_peer *peer, const struct wg_prefix *prefix)
{
	for (const struct wg_allowedip *a = peer->allowedips; a; a = a->next) {
		struct wg_prefix p = prefix_of(a);

		if (wg_prefix_equal(&p, prefix))
			return true;
	}
	return false;
}

void shares_spread(const struct config *c, struct wg_device *dev)
{
	for (size_t i = 0; i < c->n_shares; i++) {
		const struct config_share *share = &c->shares[i];

		for (size_t k = 0; k < share->n; k++) {
			struct wg_peer *p = find_peer(dev, share->members[k]);

			if (p && !has_prefix(p, &share->prefix))
				wg_peer_add_allowedip(dev, p, share->prefix.family, share->prefix.addr,
						      share->prefix.cidr, 0);
		}
	}
}

static bool earlier_peer_has(const struct wg_device *dev, const struct wg_peer *peer,
			     const struct wg_prefix *prefix)
{
	for (const struct wg_peer *p = dev->peers; p && p != peer; p = p->next)
		if (has_prefix(p, prefix))
			return true;
	return false;
}

bool shares_strip(struct config *c, struct wg_peer *peer, const char *value, size_t len, char **rest)
{
	const char *end = value + len;
	struct wg_error ignored;
	bool dropped = false;
	size_t at;

	*rest = wg_strndup("", 0);
	while (peer && value < end) {
		const char *comma = memchr(value, ',', (size_t)(end - value)), *stop = comma ? comma : end;
		char *longer;

		while (value < stop && isspace((u8)*value))
			value++;
		len = (size_t)(stop - value);
		while (len && isspace((u8)value[len - 1]))
			len--;
		if (wg_value_allowedips(c->dev, peer, value, len, NULL, &at, &ignored) || !peer->last_allowedip)
			return false;
		{
			struct wg_prefix p = prefix_of(peer->last_allowedip);

			if (earlier_peer_has(c->dev, peer, &p)) {
				dropped = true;
			} else {
				longer = wg_format("%s%s%.*s", *rest, **rest ? ", " : "", (int)len, value);
				free(*rest);
				*rest = longer;
			}
		}
		value = comma ? comma + 1 : end;
	}
	return dropped;
}

void shares_wipe(struct config *c)
{
	for (size_t i = 0; i < c->n_shares; i++)
		free(c->shares[i].members);
	free(c->shares);
	c->shares = NULL;
	c->n_shares = 0;
}

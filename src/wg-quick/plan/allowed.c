/* SPDX-License-Identifier: GPL-2.0 */
/* What the data path will hold is worked out here rather than read back from it, so that the plan
 * is whole before anything is done. All of it sorts and searches: a tunnel may have a hundred
 * thousand prefixes. Nothing here can fail. */
#include "allowed.h"

#include <stdlib.h>
#include <string.h>
#include "../../crypto/curve25519.h"
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"

/* One [Peer] section, or one peer of the device. */
struct source {
	const struct wg_peer *peer;
	size_t order;
	bool replaced; /* its allowed IPs do not count: a later one of the same key has others */
	bool is_self;  /* its key is the tunnel's own */
};

struct sources {
	struct source *list;
	size_t n;
};

static int by_key(const void *x, const void *y)
{
	const struct source *a = x, *b = y;
	int r = memcmp(a->peer->public_key, b->peer->public_key, WG_KEY_LEN);

	return r ?: (a->order > b->order) - (a->order < b->order);
}

static int by_order(const void *x, const void *y)
{
	const struct source *a = x, *b = y;

	return (a->order > b->order) - (a->order < b->order);
}

static void add_sources(struct sources *all, const struct wg_device *dev)
{
	if (!dev || !dev->n_peers)
		return;
	all->list = wg_realloc(all->list, all->n + dev->n_peers, sizeof(*all->list));
	for (const struct wg_peer *p = dev->peers; p; p = p->next, all->n++)
		all->list[all->n] = (struct source){ .peer = p, .order = all->n };
}

static void mark_replaced(struct sources *all)
{
	bool later = false; /* a later one of this key replaces */

	qsort(all->list, all->n, sizeof(*all->list), by_key);
	for (size_t i = all->n; i-- > 0;) {
		struct source *s = &all->list[i];

		if (i + 1 == all->n ||
		    memcmp(s->peer->public_key, s[1].peer->public_key, WG_KEY_LEN))
			later = false;
		s->replaced = later;
		if (s->peer->flags & (WG_PEER_REPLACE_ALLOWEDIPS | WG_PEER_REMOVE_ME))
			later = true;
	}
	qsort(all->list, all->n, sizeof(*all->list), by_order);
}

/* A data path has no peer of its own key: in a mesh, one list of peers may serve every node. */
static void leave_out_self(struct sources *all, const struct config *c, const struct netstate *s)
{
	const struct wg_device *dev = c->dev;
	u8 own[WG_KEY_LEN];

	if (!dev || !(dev->flags & WG_DEVICE_HAS_PRIVATE_KEY))
		dev = s->dev;
	if (!dev || !(dev->flags & WG_DEVICE_HAS_PRIVATE_KEY))
		return;
	wg_curve25519_public(own, dev->private_key);
	for (size_t i = 0; i < all->n; i++)
		if (!memcmp(all->list[i].peer->public_key, own, sizeof(own)))
			all->list[i].replaced = all->list[i].is_self = true;
}

/* One mention of a prefix. */
struct mention {
	struct wg_prefix prefix;
	char text[WG_PREFIX_STRLEN];
	const struct wg_peer *peer;
	size_t order;
	bool removed;
};

static int by_prefix(const void *x, const void *y)
{
	const struct mention *a = x, *b = y;
	int r;

	if (a->prefix.cidr != b->prefix.cidr)
		return b->prefix.cidr - a->prefix.cidr;
	r = strcmp(b->text, a->text);
	return r ?: (a->order > b->order) - (a->order < b->order);
}

static size_t count_mentions(const struct sources *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		for (const struct wg_allowedip *a = all->list[i].peer->allowedips; a; a = a->next)
			n++;
	return n;
}

static void mention(struct mention *m, const struct wg_peer *peer, const struct wg_allowedip *a,
		    size_t order)
{
	*m = (struct mention){ .peer = peer,
			       .order = order,
			       .removed = a->flags & WG_ALLOWEDIP_REMOVE_ME };
	m->prefix.family = a->family;
	m->prefix.cidr = a->cidr;
	memcpy(m->prefix.addr, a->addr, wg_family_len(a->family));
	wg_prefix_mask(&m->prefix);
	wg_prefix_format(m->text, &m->prefix);
}

static size_t list_mentions(struct mention *list, const struct sources *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct source *s = &all->list[i];

		if (s->replaced || (s->peer->flags & WG_PEER_REMOVE_ME))
			continue;
		for (const struct wg_allowedip *a = s->peer->allowedips; a; a = a->next, n++)
			mention(&list[n], s->peer, a, n);
	}
	return n;
}

/* What our own keys say of the peers of one key, of which the file may have several sections. */
struct own_keys {
	const struct config_peer **list; /* sorted by public key */
	size_t n;
};

static int by_own_key(const void *x, const void *y)
{
	const struct config_peer *const *a = x, *const *b = y;
	int r = memcmp((*a)->peer->public_key, (*b)->peer->public_key, WG_KEY_LEN);

	/* Both are in one array. */
	return r ?: (*a > *b) - (*a < *b);
}

static void list_own_keys(struct own_keys *own, const struct config *c)
{
	*own = (struct own_keys){ .list = wg_realloc(NULL, c->n_peers + 1, sizeof(*own->list)) };
	for (size_t i = 0; i < c->n_peers; i++)
		own->list[own->n++] = &c->peers[i];
	if (own->n)
		qsort(own->list, own->n, sizeof(*own->list), by_own_key);
}

/* The first record of this key; further ones follow it. Returns own->n if there is none. */
static size_t find_own_keys(const struct own_keys *own, const struct wg_peer *peer)
{
	size_t low = 0, high = own->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(own->list[middle]->peer->public_key, peer->public_key, WG_KEY_LEN) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < own->n && !memcmp(own->list[low]->peer->public_key, peer->public_key, WG_KEY_LEN)
		       ? low : own->n;
}

/* Of several sections the last one with such a key counts. Returns its Routes, or NULL; *metric is 0 if
 * there is no RouteMetric. */
static const struct config_peer *routes_of(const struct own_keys *own, const struct wg_peer *peer, u32 *metric)
{
	const struct config_peer *routes = NULL;

	*metric = 0;
	for (size_t i = find_own_keys(own, peer);
	     i < own->n && !memcmp(own->list[i]->peer->public_key, peer->public_key, WG_KEY_LEN); i++) {
		if (own->list[i]->has_routes)
			routes = own->list[i];
		if (own->list[i]->route_metric)
			*metric = own->list[i]->route_metric;
	}
	return routes;
}

static bool is_rest_of_default(const struct wg_peer *peer, u8 family)
{
	return peer->rest_of_default[family == AF_INET6];
}

struct routes {
	struct allowed_route *list;
	size_t n;
};

static void add_route(struct routes *r, const struct wg_prefix *dst, u32 metric, bool is_default)
{
	r->list[r->n++] = (struct allowed_route){ *dst, metric, is_default || !dst->cidr };
}

static void add_allowed(struct routes *r, const struct mention *m, const struct own_keys *own)
{
	u32 metric = 0;

	if (own->n && routes_of(own, m->peer, &metric))
		return;
	add_route(r, &m->prefix, metric, is_rest_of_default(m->peer, m->prefix.family));
}

static int by_route(const void *x, const void *y)
{
	const struct allowed_route *a = x, *b = y;
	char text_a[WG_PREFIX_STRLEN], text_b[WG_PREFIX_STRLEN];

	if (a->dst.cidr != b->dst.cidr)
		return b->dst.cidr - a->dst.cidr;
	return strcmp(wg_prefix_format(text_b, &b->dst), wg_prefix_format(text_a, &a->dst));
}

/* The Routes of all peers, for which there is room, and the list in its order again. */
static void add_given_routes(struct routes *r, const struct sources *all, const struct own_keys *own)
{
	size_t before = r->n, n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct source *s = &all->list[i];
		const struct config_peer *given;
		u32 metric;

		if (s->is_self || find_own_keys(own, s->peer) == own->n)
			continue;
		given = routes_of(own, s->peer, &metric);
		/* Another section of the same peer may come with the same routes. */
		for (size_t k = 0; given && given->peer == s->peer && k < given->n_routes; k++)
			add_route(r, &given->routes[k], metric, false);
	}
	if (r->n == before)
		return;
	qsort(r->list, r->n, sizeof(*r->list), by_route);
	for (size_t i = 0; i < r->n; i++)
		if (!n || !wg_prefix_equal(&r->list[n - 1].dst, &r->list[i].dst))
			r->list[n++] = r->list[i];
	r->n = n;
}

void allowed_routes(const struct config *c, const struct netstate *s, struct allowed_route **list, size_t *n)
{
	cleanup(free_ptr) struct mention *all = NULL;
	struct sources sources = { 0 };
	struct routes routes = { 0 };
	struct own_keys own;
	const struct mention *owner = NULL;
	size_t n_all, n_given = 0;

	add_sources(&sources, s->dev);
	add_sources(&sources, c->dev);
	*n = 0;
	*list = NULL;
	if (!sources.n)
		return;
	mark_replaced(&sources);
	leave_out_self(&sources, c, s);
	n_all = count_mentions(&sources);
	all = wg_realloc(NULL, n_all + 1, sizeof(*all));
	n_all = list_mentions(all, &sources);
	qsort(all, n_all, sizeof(*all), by_prefix);
	list_own_keys(&own, c);
	for (size_t i = 0; i < c->n_peers; i++)
		n_given += c->peers[i].n_routes;
	routes.list = wg_realloc(NULL, n_all + n_given + 1, sizeof(*routes.list));
	for (size_t i = 0; i < n_all; i++) {
		if (!all[i].removed)
			owner = &all[i]; /* the last who asks for a prefix has it */
		else if (owner && !memcmp(owner->peer->public_key, all[i].peer->public_key, WG_KEY_LEN))
			owner = NULL;
		if (i + 1 < n_all && !strcmp(all[i].text, all[i + 1].text))
			continue;
		if (owner)
			add_allowed(&routes, owner, &own);
		owner = NULL;
	}
	if (n_given)
		add_given_routes(&routes, &sources, &own);
	free(own.list);
	free(sources.list);
	*list = routes.list;
	*n = routes.n;
}

static bool device_has_default(const struct wg_device *dev)
{
	for (const struct wg_peer *p = dev ? dev->peers : NULL; p; p = p->next) {
		if (p->rest_of_default[0] || p->rest_of_default[1])
			return true;
		for (const struct wg_allowedip *a = p->allowedips; a; a = a->next)
			if (!a->cidr)
				return true;
	}
	return false;
}

bool allowed_has_default(const struct config *c, const struct wg_device *dev)
{
	for (size_t i = 0; i < c->n_peers; i++)
		for (size_t k = 0; k < c->peers[i].n_routes; k++)
			if (!c->peers[i].routes[k].cidr)
				return true;
	return device_has_default(c->dev) || device_has_default(dev);
}

static bool is_inside_another(const struct allowed_route *list, size_t n, size_t i)
{
	/* Wider ones stand behind it. */
	for (size_t j = i + 1; j < n; j++) {
		if (wg_prefix_covers(&list[j].dst, &list[i].dst))
			return true;
	}
	return false;
}

const struct wg_prefix *allowed_is_default_ipv6(const struct allowed_route *list, size_t n)
{
	static const struct wg_prefix internet = { .family = AF_INET6, .cidr = 3, .addr = { 0x20 } };
	const struct wg_prefix *widest = NULL;
	u32 share = 0; /* in parts of which the Internet has 2^16 */

	for (size_t i = 0; i < n; i++) {
		const struct wg_prefix *p = &list[i].dst;

		/* Narrower ones would have to be tens of thousands to count. */
		if (p->family != AF_INET6 || p->cidr > internet.cidr + 16)
			continue;
		if (wg_prefix_covers(p, &internet))
			return p;
		if (!wg_prefix_covers(&internet, p) || is_inside_another(list, n, i))
			continue;
		share += 1U << (internet.cidr + 16 - p->cidr);
		widest = p;
	}
	return share >= 1U << 15 ? widest : NULL;
}

static int by_address(const void *x, const void *y)
{
	const struct wg_prefix *a = x, *b = y;
	int r;

	if (a->family != b->family)
		return a->family - b->family;
	r = memcmp(a->addr, b->addr, sizeof(a->addr));
	return r ?: a->cidr - b->cidr;
}

static void cover(struct covered *v, const struct wg_prefix *p)
{
	v->nets[v->n] = *p;
	wg_prefix_mask(&v->nets[v->n++]);
}

/* The kernel routes the network of an address; for IPv4 not that of a single address, nor one that
 * begins in 0/8 (10.9.0.1/4 is of the network 0.0.0.0/4). */
static void cover_address(struct covered *v, const struct wg_prefix *p)
{
	struct wg_prefix net = *p;

	wg_prefix_mask(&net);
	if (p->family == AF_INET6 || (p->cidr < 32 && net.addr[0]))
		cover(v, &net);
}

void covered_init(struct covered *v, const struct config *c, const struct netstate *s)
{
	size_t kept = 0;

	*v = (struct covered){ 0 };
	v->nets = wg_realloc(NULL, c->n_addresses + s->n_addresses + s->n_routes + 1,
			     sizeof(*v->nets));
	for (size_t i = 0; i < c->n_addresses; i++)
		cover_address(v, &c->addresses[i]);
	for (size_t i = 0; i < s->n_addresses; i++)
		cover_address(v, &s->addresses[i]);
	for (size_t i = 0; i < s->n_routes; i++)
		cover(v, &s->routes[i].dst);
	if (!v->n)
		return;
	qsort(v->nets, v->n, sizeof(*v->nets), by_address);
	for (size_t i = 0; i < v->n; i++)
		if (!kept || !wg_prefix_covers(&v->nets[kept - 1], &v->nets[i]))
			v->nets[kept++] = v->nets[i];
	v->n = kept;
}

bool covered_has(const struct covered *v, const struct wg_prefix *p)
{
	size_t low = 0, high = v->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_address(&v->nets[middle], p) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low && wg_prefix_covers(&v->nets[low - 1], p);
}

void covered_wipe(struct covered *v)
{
	free(v->nets);
	*v = (struct covered){ 0 };
}

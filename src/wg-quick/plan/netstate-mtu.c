/* SPDX-License-Identifier: GPL-2.0 */
/* The MTU of the ways that encrypted packets will take. An endpoint that cannot be reached, or a
 * link that is gone, has none; only a question that could not be asked fails. */
#include "netstate.h"

#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/path-mtu.h"
#include "../steps/step.h"

/* Links whose MTU is known already: many endpoints, few links. */
struct link_mtus {
	struct wg_link *list;
	size_t n;
};

static void link_mtus_wipe(struct link_mtus *l)
{
	free(l->list);
}

static int link_mtu(struct link_mtus *l, struct wg_rtnl *rt, u32 oif, u32 *mtu,
		    struct wg_error *err)
{
	struct wg_link link = { .index = oif };

	*mtu = 0;
	if (!oif)
		return 0;
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].index == oif) {
			*mtu = l->list[i].mtu;
			return 0;
		}
	if (wg_rtnl_link_by_index(rt, oif, &link, err) < 0)
		return -1;
	link.index = oif;
	l->list = wg_realloc(l->list, l->n + 1, sizeof(link));
	l->list[l->n++] = link;
	*mtu = link.mtu;
	return 0;
}

static int route_mtu(struct link_mtus *l, struct wg_rtnl *rt, const struct wg_route *r, u32 *mtu,
		     struct wg_error *err)
{
	*mtu = r->mtu;
	return r->mtu ? 0 : link_mtu(l, rt, r->oif, mtu, err);
}

struct endpoint {
	struct wg_prefix address;
	u32 zone; /* the link that an IPv6 address names after its "%"; 0: none */
};

static size_t add_endpoints(struct endpoint *list, const struct wg_device *dev)
{
	size_t n = 0;

	for (const struct wg_peer *p = dev ? dev->peers : NULL; p; p = p->next) {
		struct endpoint e = { .address.family = (u8)p->endpoint.addr.sa_family };

		if (e.address.family == AF_INET) {
			memcpy(e.address.addr, &p->endpoint.addr4.sin_addr, 4);
		} else if (e.address.family == AF_INET6) {
			memcpy(e.address.addr, &p->endpoint.addr6.sin6_addr, 16);
			e.zone = p->endpoint.addr6.sin6_scope_id;
		} else {
			continue;
		}
		list[n++] = e;
	}
	return n;
}

static int by_bytes(const void *x, const void *y)
{
	const struct endpoint *a = x, *b = y;
	int r = memcmp(&a->address, &b->address, sizeof(a->address));

	return r ?: (a->zone > b->zone) - (a->zone < b->zone);
}

/* The encrypted packets of a further full tunnel pass by those that are there, as if they had the mark of one
 * of them. 0: this is no full tunnel, or the only one. */
static u32 mark_of_others(const struct netstate *s)
{
	for (size_t i = 0; s->free_table && !s->has_underlay && i < s->n_rules; i++)
		if (!s->rules[i].foreign && rule_is_full_tunnel(&s->rules[i]))
			return s->rules[i].fwmark;
	return 0;
}

static int take_endpoints(struct netstate *s, const struct config *c, struct link_mtus *l,
			  struct wg_rtnl *rt, struct wg_error *err)
{
	cleanup(free_ptr) struct endpoint *list = NULL;
	/* Of a full tunnel that is up, packets without its mark go into the tunnel. */
	u32 mark = s->dev && s->dev->fwmark ? s->dev->fwmark : mark_of_others(s);
	size_t most = (c->dev ? c->dev->n_peers : 0) + (s->dev ? s->dev->n_peers : 0), n;

	list = wg_realloc(NULL, most + 1, sizeof(*list));
	n = add_endpoints(list, c->dev);
	n += add_endpoints(list + n, s->dev);
	qsort(list, n, sizeof(*list), by_bytes);
	for (size_t i = 0; i < n; i++) {
		struct wg_route route;
		u32 mtu = 0;
		int found;

		if (i && !by_bytes(&list[i], &list[i - 1]))
			continue;
		found = wg_rtnl_route_get(rt, list[i].address.family, list[i].address.addr,
					  list[i].zone, mark, &route, err);
		/* An endpoint inside of its own tunnel has no way. */
		if (found > 0 && s->ifindex && route.oif == s->ifindex && !s->has_underlay)
			continue;
		if (found < 0 || (found && route_mtu(l, rt, &route, &mtu, err)))
			return -1;
		if (mtu && (!s->endpoint_mtu || mtu < s->endpoint_mtu))
			s->endpoint_mtu = mtu;
	}
	return 0;
}

/* Where both families have one, IPv4's counts, as it does for upstream. */
static int take_default(struct netstate *s, u8 family, struct link_mtus *l, struct wg_rtnl *rt,
			struct wg_error *err)
{
	cleanup(free_ptr) struct wg_route *list = NULL;
	const struct wg_route *best = NULL;
	size_t n = 0;

	if (wg_rtnl_routes(rt, family, RT_TABLE_MAIN, 0, &list, &n, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!list[i].dst.cidr && (!best || list[i].metric < best->metric))
			best = &list[i];
	return best ? route_mtu(l, rt, best, &s->default_mtu, err) : 0;
}

int netstate_take_mtu(struct netstate *s, const struct config *c, struct wg_rtnl *rt,
		      struct wg_error *err)
{
	cleanup(link_mtus_wipe) struct link_mtus l = { 0 };

	if (take_endpoints(s, c, &l, rt, err))
		return -1;
	if (!s->endpoint_mtu && take_default(s, AF_INET, &l, rt, err))
		return -1;
	if (!s->endpoint_mtu && !s->default_mtu && take_default(s, AF_INET6, &l, rt, err))
		return -1;
	return 0;
}

int netstate_probe_mtu(const struct config *c, struct wg_rtnl *rt, const volatile int *stop, u32 *mtu,
		       size_t *silent, struct wg_error *err)
{
	cleanup(link_mtus_wipe) struct link_mtus l = { 0 };
	cleanup(free_ptr) struct endpoint *list = wg_realloc(NULL, c->dev->n_peers + 1, sizeof(*list));
	size_t n = add_endpoints(list, c->dev), n_paths = 0;
	struct path_mtu paths[PATH_MTU_HOSTS];

	*mtu = 0;
	*silent = 0;
	qsort(list, n, sizeof(*list), by_bytes);
	for (size_t i = 0; i < n; i++) {
		struct wg_route route;
		u32 most = 0;
		int found;

		if (i && !by_bytes(&list[i], &list[i - 1]))
			continue;
		found = wg_rtnl_route_get(rt, list[i].address.family, list[i].address.addr, list[i].zone, 0,
					  &route, err);
		if (found < 0 || (found && route_mtu(&l, rt, &route, &most, err)))
			return -1;
		if (most < PATH_MTU_LEAST || n_paths == PATH_MTU_HOSTS)
			++*silent;
		else
			paths[n_paths++] = (struct path_mtu){ list[i].address, list[i].zone, most, 0 };
	}
	path_mtu_find(paths, n_paths, stop);
	for (size_t i = 0; i < n_paths; i++) {
		if (!paths[i].found)
			++*silent;
		else if (!*mtu || paths[i].found < *mtu)
			*mtu = paths[i].found;
	}
	return 0;
}

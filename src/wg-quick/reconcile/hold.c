// SPDX-License-Identifier: GPL-2.0
/* A pure choice, but for the list of rules. */
#include "hold.h"
#include <linux/rtnetlink.h>
#include "../../lib/base/cleanup.h"

static struct wg_prefix network_of(const struct wg_prefix *address)
{
	struct wg_prefix net = *address;

	wg_prefix_mask(&net);
	return net;
}

/* The kernel has no route of its own for the network of a single address. */
static bool is_host(const struct wg_prefix *p)
{
	return p->cidr == (p->family == AF_INET6 ? 128 : 32);
}

static bool is_address(const struct step *s, u8 family)
{
	return step_is_address(s) && s->prefix.family == family;
}

static const struct step *find_address(const struct plan *p, const struct wg_prefix *address)
{
	for (size_t i = 0; i < p->n; i++)
		if (step_is_address(&p->steps[i]) && wg_prefix_equal(&p->steps[i].prefix, address))
			return &p->steps[i];
	return NULL;
}

static bool overlaps(const struct wg_prefix *a, const struct wg_prefix *b)
{
	return wg_prefix_covers(a, b) || wg_prefix_covers(b, a);
}

/* Whether some of this network is to be reached through the tunnel, by a route in the main table. */
static bool is_wanted(const struct wg_prefix *net, const struct plan *wanted)
{
	for (size_t i = 0; i < wanted->n; i++) {
		const struct step *s = &wanted->steps[i];

		if (s->kind == STEP_ADDRESS && overlaps(net, &s->prefix))
			return true;
		if (s->kind == STEP_ROUTE && s->route.table == RT_TABLE_MAIN &&
		    overlaps(net, &s->route.dst))
			return true;
	}
	return false;
}

static void add_hold(struct plan *out, const struct wg_prefix *dst, u32 table, bool unreachable)
{
	struct wg_route *r = &plan_add(out, STEP_HOLD)->route;

	r->dst = *dst;
	r->table = table;
	r->type = unreachable ? RTN_UNREACHABLE : RTN_UNICAST;
}

static bool has_hold(const struct plan *p, const struct wg_prefix *dst)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == STEP_HOLD && wg_prefix_equal(&p->steps[i].route.dst, dst))
			return true;
	return false;
}

static void hold_networks(struct plan *out, const struct difference *d, const struct plan *wanted,
			  bool no_ipv4)
{
	for (size_t i = 0; i < d->remove.n; i++) {
		const struct step *s = &d->remove.steps[i];
		struct wg_prefix net = network_of(&s->prefix);

		if (s->kind == STEP_ADDRESS && !is_host(&net) && is_wanted(&net, wanted) &&
		    !has_hold(out, &net))
			add_hold(out, &net, RT_TABLE_MAIN, no_ipv4 && net.family == AF_INET);
	}
}

/* Whether an address of IPv4 goes with one that is removed, as a secondary one of its network. */
static bool goes_with_another(const struct wg_prefix *address, const struct plan *remove)
{
	const struct wg_prefix net = network_of(address);

	for (size_t i = 0; i < remove->n; i++) {
		const struct wg_prefix other = network_of(&remove->steps[i].prefix);

		if (is_address(&remove->steps[i], AF_INET) && wg_prefix_equal(&net, &other))
			return true;
	}
	return false;
}

static bool stays(const struct wg_prefix *address, const struct difference *d, bool promotes)
{
	return address->family == AF_INET && !find_address(&d->remove, address) &&
	       (promotes || !goes_with_another(address, &d->remove));
}

/* Whether the link would be without an address of IPv4 at some time. */
static bool loses_ipv4(const struct difference *d, const struct found *f, bool promotes)
{
	bool removes = false;

	for (size_t i = 0; i < d->remove.n; i++)
		removes |= is_address(&d->remove.steps[i], AF_INET);
	if (!removes)
		return false;
	for (size_t i = 0; i < f->n_addresses; i++)
		if (stays(&f->addresses[i].prefix, d, promotes))
			return false;
	for (size_t i = 0; i < d->add.n; i++)
		if (is_address(&d->add.steps[i], AF_INET) && stays(&d->add.steps[i].prefix, d, promotes))
			return false;
	return true;
}

/* Adds an address of `wanted` as a single one, which is secondary to none. One that the link has already
 * comes first: it is among the steps to be removed, or nothing would have to be held. Returns whether there
 * is one. */
static bool hold_address(struct plan *out, const struct difference *d, const struct plan *wanted)
{
	struct step chosen = {.kind = STEP_HOLD_ADDRESS};

	for (size_t i = 0; i < wanted->n; i++) {
		struct wg_prefix single = wanted->steps[i].prefix;
		bool is_there;

		if (!is_address(&wanted->steps[i], AF_INET))
			continue;
		single.cidr = 32;
		is_there = find_address(&d->remove, &single);
		if (!chosen.prefix.family || is_there)
			chosen.prefix = single;
		if (is_there)
			break;
	}
	if (chosen.prefix.family)
		*plan_add(out, STEP_HOLD_ADDRESS) = chosen;
	return chosen.prefix.family;
}

static void hold_routes(struct plan *out, const struct plan *wanted, const struct found *f)
{
	static const struct plan none;
	const struct plan there = {.steps = f->routes, .n = f->n_routes};
	struct plan kept = {0};

	plan_merge(&kept, wanted, &there, &none);
	for (size_t i = 0; i < kept.n; i++)
		if (kept.steps[i].route.dst.family == AF_INET)
			add_hold(out, &kept.steps[i].route.dst, kept.steps[i].route.table, true);
	plan_forget(&kept);
}

static bool is_tunnel_rule(const struct step *s, u8 family)
{
	return s->kind == STEP_RULE && s->rule.invert && (!family || s->rule.family == family);
}

bool hold_has_tunnel_rule(const struct plan *p, u8 family)
{
	for (size_t i = 0; i < p->n; i++)
		if (is_tunnel_rule(&p->steps[i], family))
			return true;
	return false;
}

/* The least and the greatest priority of the rules that lead into a table of the tunnel. */
static void find_range(const struct plan *p, u8 family, u32 *first, u32 *last)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct wg_rule *r = &p->steps[i].rule;

		if (!is_tunnel_rule(&p->steps[i], family))
			continue;
		*first = r->priority < *first ? r->priority : *first;
		*last = r->priority > *last ? r->priority : *last;
	}
}

/* An exempting rule stands right before the priority `first`, and jumps to the next rule behind `last`.
 * Where there is no place before, or no rule behind, there is none: the kernel accepts no such rule. */
static int hold_mark(struct plan *out, const struct difference *d, u8 family,
		     const struct mark_change *mark, const struct run *r, struct wg_error *err)
{
	const u32 marks[] = {mark->from, mark->to};
	cleanup(free_ptr) struct wg_rule *list = NULL;
	u32 first = UINT32_MAX, last = 0, behind = UINT32_MAX;
	size_t n = 0;

	find_range(&d->remove, family, &first, &last);
	find_range(&d->add, family, &first, &last);
	if (first == UINT32_MAX)
		return 0;
	if (wg_rtnl_rules(r->rtnl, family, &list, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (list[i].priority > last && list[i].priority < behind)
			behind = list[i].priority;
	for (size_t i = 0; i < 2; i++) {
		if (!marks[i] || first < 2 || behind == UINT32_MAX)
			continue;
		plan_add(out, STEP_EXEMPT)->rule = (struct wg_rule){
			.family = family,
			.protocol = WG_RTNL_PROTOCOL,
			.priority = first - 1,
			.fwmark = marks[i],
			.fwmask = UINT32_MAX,
			.suppress_prefixlength = -1,
			.jump = behind,
		};
	}
	return 0;
}

int hold_find(struct plan *out, const struct difference *d, const struct plan *wanted,
	      const struct found *f, bool promotes, const struct mark_change *mark, const struct run *r,
	      struct wg_error *err)
{
	static const u8 families[] = {AF_INET, AF_INET6};
	bool no_ipv4 = loses_ipv4(d, f, promotes);

	/* With one address of IPv4 the link keeps its routes. */
	if (no_ipv4 && hold_address(out, d, wanted))
		no_ipv4 = false;
	if (no_ipv4)
		hold_routes(out, wanted, f);
	hold_networks(out, d, wanted, no_ipv4);
	if (mark->from == mark->to || !hold_has_tunnel_rule(&d->remove, 0))
		return 0;
	for (size_t i = 0; i < 2; i++)
		if (hold_mark(out, d, families[i], mark, r, err) < 0)
			return -1;
	return 0;
}

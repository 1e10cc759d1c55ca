/* SPDX-License-Identifier: GPL-2.0 */
/* Upstream's order of `up`, as a list. It fails where the outcome would not be what the file asks
 * for, with a sentence, and *out may then hold a part that must not be carried out. */
#include "plan.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include "../lib/alloc.h"
#include "../lib/cleanup.h"
#include "allowed.h"
#include "hooks.h"

#define TUNNEL_OVERHEAD 80 /* IPv6 40, UDP 8, WireGuard 32 */
#define MTU_LEAST_IPV4	68
#define MTU_LEAST_IPV6	1280
#define MTU_DEFAULT	1500

static void add_hooks(struct plan *out, const struct config *c, enum hook_phase phase)
{
	for (size_t i = 0; i < c->hooks[phase].n; i++) {
		struct step *s = plan_add(out, STEP_HOOK);

		s->phase = phase;
		s->command = hooks_expand(c->hooks[phase].s[i], c->name);
	}
}

int plan_link(const struct config *c, const struct netstate *s, struct plan *out,
	      struct wg_error *err)
{
	if (s->link_exists) {
		wg_error_set(err, "`%s' already exists", c->name);
		err->code = EEXIST;
		return -1;
	}
	if (c->dns_servers.n && s->no_resolvconf) {
		wg_error_set(err, "DNS is set but there is no resolvconf: install openresolv, "
				  "resolvconf, or the one of systemd-resolved; or take DNS out");
		err->code = ENOENT;
		return -1;
	}
	plan_add(out, STEP_LINK);
	add_hooks(out, c, HOOK_PRE_UP);
	return 0;
}

/* What the second half is planned with. */
struct planner {
	const struct config *c;
	const struct netstate *s;
	struct plan *out;
	u32 mtu;
	u32 mark;        /* 0 until a default route needs one */
	size_t left_out; /* addresses and routes, for want of IPv6 */
};

static void add_addresses(struct planner *p)
{
	for (size_t i = 0; i < p->c->n_addresses; i++) {
		const struct wg_prefix *a = &p->c->addresses[i];

		if (a->family == AF_INET6 && p->s->no_ipv6)
			p->left_out++;
		else
			plan_add(p->out, STEP_ADDRESS)->prefix = *a;
	}
}

static u32 find_mtu(const struct planner *p)
{
	u32 way = p->s->endpoint_mtu ?: p->s->default_mtu ?: MTU_DEFAULT;

	if (p->c->mtu)
		return p->c->mtu;
	return way >= MTU_LEAST_IPV4 + TUNNEL_OVERHEAD ? way - TUNNEL_OVERHEAD : MTU_LEAST_IPV4;
}

static void add_dns(struct planner *p, const struct wg_log *log)
{
	const struct config *c = p->c;
	struct step *s;

	if (!c->dns_servers.n) {
		if (c->dns_search.n)
			wg_log_say(log, WG_LOG_WARNING, "DNS lists search domains but no server: "
							"it is ignored");
		return;
	}
	s = plan_add(p->out, STEP_DNS);
	s->dns_name = wg_format("%s%s", p->s->dns_prefix, c->name);
	for (size_t i = 0; i < c->dns_servers.n; i++)
		strings_add(&s->dns_servers, c->dns_servers.s[i], strlen(c->dns_servers.s[i]));
	for (size_t i = 0; i < c->dns_search.n; i++)
		strings_add(&s->dns_search, c->dns_search.s[i], strlen(c->dns_search.s[i]));
}

static void add_route(struct planner *p, const struct wg_prefix *dst, u32 table)
{
	struct wg_route *r = &plan_add(p->out, STEP_ROUTE)->route;

	r->dst = *dst;
	r->table = table;
	r->protocol = WG_RTNL_PROTOCOL;
	r->type = RTN_UNICAST;
}

/* The first two priorities of a family, in order of evaluation. */
struct first_priorities {
	u32 order[2];
	size_t n;
};

/* A rule stands behind those of equal priority. */
static void count_priority(struct first_priorities *f, u32 priority)
{
	if (f->n && f->order[0] <= priority) {
		if (f->n < 2 || f->order[1] > priority)
			f->order[1] = priority;
	} else {
		f->order[1] = f->order[0];
		f->order[0] = priority;
	}
	f->n = f->n < 2 ? f->n + 1 : 2;
}

/* The priority that the kernel gives a rule without one: just above the family's second. The first
 * is usually that of the local table, which must stay first. Rules that other tunnels are about to
 * add count too. */
static u32 next_priority(const struct planner *p, u8 family)
{
	struct first_priorities f = { 0 };

	for (size_t i = 0; i < p->s->n_rules && f.n < 2; i++)
		if (p->s->rules[i].family == family)
			count_priority(&f, p->s->rules[i].priority);
	for (size_t i = 0; i < p->s->n_claimed; i++)
		if (p->s->claimed[i].family == family)
			count_priority(&f, p->s->claimed[i].priority);
	for (size_t i = 0; i < p->out->n; i++) {
		const struct wg_rule *r = &p->out->steps[i].rule;

		if (p->out->steps[i].kind == STEP_RULE && r->family == family)
			count_priority(&f, r->priority);
	}
	return f.n == 2 && f.order[1] ? f.order[1] - 1 : 0;
}

/* The routes of the main table count before the tunnel's. Of two rules added one by one the second
 * comes first, except where there is no priority left before the family's second rule. */
static void add_rules(struct planner *p, u8 family)
{
	struct wg_rule tunnel = {
		.family = family,
		.protocol = WG_RTNL_PROTOCOL,
		.invert = true,
		.table = p->mark,
		.fwmark = p->mark,
		.fwmask = UINT32_MAX,
		.suppress_prefixlength = -1,
	};
	struct wg_rule suppress = {
		.family = family,
		.protocol = WG_RTNL_PROTOCOL,
		.table = RT_TABLE_MAIN,
	};
	u32 first = next_priority(p, family), second;
	size_t at = p->out->n;
	bool behind;

	tunnel.priority = first;
	plan_add(p->out, STEP_RULE)->rule = tunnel;
	second = next_priority(p, family);
	behind = second >= first;
	tunnel.priority = behind ? second : first;
	suppress.priority = behind ? first : second;
	p->out->steps[at].rule = behind ? suppress : tunnel;
	plan_add(p->out, STEP_RULE)->rule = behind ? tunnel : suppress;
}

static bool has_prefix(const struct step *s, const struct wg_prefix *p)
{
	for (size_t i = 0; i < s->n_addresses; i++)
		if (!memcmp(s->addresses[i].addr, p->addr, sizeof(p->addr)))
			return true;
	return false;
}

static void guard_addresses(struct step *s, const struct wg_prefix *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].family != s->family || has_prefix(s, &list[i]))
			continue;
		s->addresses =
			wg_realloc(s->addresses, s->n_addresses + 1, sizeof(*s->addresses));
		s->addresses[s->n_addresses++] = list[i];
	}
}

static void add_firewall(struct planner *p, u8 family)
{
	struct step *s = plan_add(p->out, STEP_FIREWALL);

	s->family = family;
	s->fwmark = p->mark;
	guard_addresses(s, p->c->addresses, p->c->n_addresses);
	guard_addresses(s, p->s->addresses, p->s->n_addresses);
}

/* The mark is also the number of the table. */
static int choose_mark(struct planner *p, struct wg_error *err)
{
	if (p->mark)
		return 0;
	if (p->c->dev && (p->c->dev->flags & WG_DEVICE_HAS_FWMARK))
		p->mark = p->c->dev->fwmark;
	else if (p->s->dev)
		p->mark = p->s->dev->fwmark;
	if (p->mark >= RT_TABLE_DEFAULT && p->mark <= RT_TABLE_LOCAL)
		return wg_error_set(err, "FwMark %u cannot go with a default route: the route's "
					 "table has the mark's number, and %u is a table of the "
					 "system", p->mark, p->mark);
	if (!p->mark) {
		p->mark = p->s->free_table;
		plan_add(p->out, STEP_FWMARK)->fwmark = p->mark;
	}
	return 0;
}

/* The rules come before the route, so that no packet of the tunnel's own takes it on the way. */
static int add_default_route(struct planner *p, const struct wg_prefix *dst, struct wg_error *err)
{
	if (choose_mark(p, err))
		return -1;
	add_rules(p, dst->family);
	add_route(p, dst, p->mark);
	if (dst->family == AF_INET && (!p->s->marks_count || p->s->marks_count_owned))
		plan_add(p->out, STEP_SYSCTL)->was_off = true;
	add_firewall(p, dst->family);
	return 0;
}

static int add_allowed(struct planner *p, const struct covered *covered,
		       const struct wg_prefix *dst, struct wg_error *err)
{
	bool automatic = p->c->table_mode == TABLE_AUTO;
	char text[WG_PREFIX_STRLEN];

	if (dst->family == AF_INET6 && p->s->no_ipv6) {
		p->left_out++;
		return 0;
	}
	if (automatic && dst->cidr && covered_has(covered, dst))
		return 0;
	if (dst->family == AF_INET6 && p->mtu < MTU_LEAST_IPV6)
		return wg_error_set(err, "MTU %u is too small for the route to %s: IPv6 needs %d",
				    p->mtu, wg_prefix_format(text, dst), MTU_LEAST_IPV6);
	if (automatic && !dst->cidr)
		return add_default_route(p, dst, err);
	add_route(p, dst, automatic ? RT_TABLE_MAIN : p->c->table);
	return 0;
}

static int add_routes(struct planner *p, struct wg_error *err)
{
	cleanup(covered_wipe) struct covered covered = { 0 };
	cleanup(free_ptr) struct wg_prefix *list = NULL;
	size_t n;

	if (p->c->table_mode == TABLE_OFF)
		return 0;
	allowed_collect(p->c, p->s, &list, &n);
	covered_init(&covered, p->c, p->s);
	for (size_t i = 0; i < n; i++)
		if (add_allowed(p, &covered, &list[i], err))
			return -1;
	return 0;
}

int plan_network(const struct config *c, const struct netstate *s, const struct wg_log *log,
		 struct plan *out, struct wg_error *err)
{
	struct planner p = { .c = c, .s = s, .out = out };
	struct step *device = plan_add(out, STEP_DEVICE);

	device->command = wg_strndup(c->arg, strlen(c->arg));
	p.mtu = find_mtu(&p);
	add_addresses(&p);
	plan_add(out, STEP_LINK_UP)->mtu = p.mtu;
	add_dns(&p, log);
	if (add_routes(&p, err))
		return -1;
	if (p.left_out)
		wg_log_say(log, WG_LOG_WARNING,
			   "IPv6 is disabled on this system: IPv6 addresses and routes are left out");
	add_hooks(out, c, HOOK_POST_UP);
	return 0;
}

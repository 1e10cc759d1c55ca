// SPDX-License-Identifier: GPL-2.0
/* What the file asks for is looked for in a snapshot; what `up` did besides is compared by its steps. */
#include "standing.h"
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/device/diff.h"
#include "../host/hooks.h"
#include "../host/sysctl.h"
#include "../plan/allowed.h"
#include "../plan/netstate.h"
#include "adopt.h"

/* What is compared, and where the answer goes. */
struct comparison {
	const struct run *r;
	struct config *c;
	const struct state *st;
	const struct netstate *s;
	char *why;
	size_t size;
};

static __attribute__((format(printf, 2, 3))) bool differs(const struct comparison *x, const char *fmt,
							  ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(x->why, x->size, fmt, args);
	va_end(args);
	return false;
}

static bool same_device(const struct comparison *x)
{
	struct wg_error err;
	bool changed = false;

	if (!x->s->dev)
		return differs(x, "it cannot be asked for its keys and peers");
	for (struct wg_peer *p = x->c->dev->peers; p; p = p->next)
		p->endpoint.addr.sa_family = AF_UNSPEC;
	if (wg_diff(x->c->dev, x->s->dev, &changed, &err) < 0)
		return differs(x, "%s", err.text);
	return !changed || differs(x, "keys, port, mark or peers differ");
}

static bool same_addresses(const struct comparison *x)
{
	char text[WG_PREFIX_STRLEN];

	for (size_t i = 0; i < x->c->n_addresses; i++) {
		const struct wg_prefix *a = &x->c->addresses[i];
		bool there = a->family == AF_INET6 && x->s->no_ipv6;

		for (size_t k = 0; !there && k < x->s->n_addresses; k++)
			there = wg_prefix_equal(a, &x->s->addresses[k]);
		if (!there)
			return differs(x, "address %s is missing", wg_prefix_format(text, a));
	}
	return true;
}

static bool has_route(const struct comparison *x, const struct wg_prefix *dst, u32 table)
{
	const struct step s = {.kind = STEP_ROUTE,
			       .route = {.dst = *dst, .table = table, .protocol = WG_RTNL_PROTOCOL}};
	enum step_state state = STEP_UNKNOWN;
	struct wg_error ignored;

	return !step_compare(x->r, &s, &state, &ignored) &&
	       (state == STEP_PRESENT || state == STEP_DIFFERS);
}

/* The rules, the route in the mark's table, the sysctl. */
static bool same_full_tunnel(const struct comparison *x, const struct wg_prefix *dst)
{
	cleanup(plan_wipe) struct plan rules = {0};
	u32 fwmark = x->s->dev->fwmark;

	if (fwmark)
		adopt_rules(x->s->rules, x->s->n_rules, dst->family, fwmark, &rules);
	if (rules.n < 2)
		return differs(x, "a rule of the full tunnel is missing (IPv%d)",
			       dst->family == AF_INET6 ? 6 : 4);
	if (dst->family == AF_INET && !x->s->marks_count)
		return differs(x, "%s is 0", sysctl_name());
	return has_route(x, dst, fwmark) ||
	       differs(x, "the default route is missing (IPv%d)", dst->family == AF_INET6 ? 6 : 4);
}

static bool same_routes(const struct comparison *x)
{
	cleanup(covered_wipe) struct covered covered = {0};
	cleanup(free_ptr) struct wg_prefix *list = NULL;
	bool automatic = x->c->table_mode == TABLE_AUTO, same = true;
	char text[WG_PREFIX_STRLEN];
	size_t n;

	if (x->c->table_mode == TABLE_OFF)
		return true;
	allowed_collect(x->c, x->s, &list, &n);
	covered_init(&covered, x->c, x->s);
	for (size_t i = 0; same && i < n; i++) {
		if (list[i].family == AF_INET6 && x->s->no_ipv6)
			continue;
		if (automatic && !list[i].cidr)
			same = same_full_tunnel(x, &list[i]);
		else if (automatic ? !covered_has(&covered, &list[i])
				   : !has_route(x, &list[i], x->c->table))
			same = differs(x, "the route to %s is missing",
				       wg_prefix_format(text, &list[i]));
	}
	return same;
}

/* What `up` did is still there, so far as it can be read back. */
static bool same_steps(const struct comparison *x)
{
	for (size_t i = 0; i < x->st->steps.n; i++) {
		const struct step *s = &x->st->steps.steps[i];
		enum step_state state = STEP_UNKNOWN;
		cleanup(free_ptr) char *command = NULL;
		struct wg_error err;

		if (step_compare(x->r, s, &state, &err) < 0)
			return differs(x, "%.200s", err.text);
		if (state == STEP_PRESENT || state == STEP_UNKNOWN)
			continue;
		command = step_command(s, x->r->name);
		return differs(x, "no longer in effect: %.200s", command);
	}
	return true;
}

static bool same_strings(const struct strings *a, const struct strings *b, const char *expand)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++) {
		cleanup(string_wipe) char *text = expand ? hooks_expand(b->s[i], expand)
							 : wg_format("%s", b->s[i]);

		same = !strcmp(a->s[i], text);
	}
	return same;
}

/* Addresses that the file has no more, DNS, and the hooks for `down`. */
static bool same_file(const struct comparison *x)
{
	static const struct strings none;
	const struct step *dns = NULL;

	for (size_t i = 0; i < x->st->steps.n; i++) {
		const struct step *s = &x->st->steps.steps[i];
		bool found = s->kind != STEP_ADDRESS;

		if (s->kind == STEP_DNS)
			dns = s;
		for (size_t k = 0; !found && k < x->c->n_addresses; k++)
			found = wg_prefix_equal(&x->c->addresses[k], &s->prefix);
		if (!found)
			return differs(x, "the file has lost an address");
	}
	if (!same_strings(dns ? &dns->dns_servers : &none, &x->c->dns_servers, NULL) ||
	    (dns && !same_strings(&dns->dns_search, &x->c->dns_search, NULL)))
		return differs(x, "DNS differs");
	if (!same_strings(&x->st->down_hooks[0], &x->c->hooks[HOOK_PRE_DOWN], x->c->name) ||
	    !same_strings(&x->st->down_hooks[1], &x->c->hooks[HOOK_POST_DOWN], x->c->name))
		return differs(x, "PreDown or PostDown differs");
	return true;
}

bool standing_check(const struct run *r, struct config *c, const struct state *st, char *why,
		    size_t size)
{
	cleanup(netstate_wipe) struct netstate s = {0};
	struct run now = *r;
	const struct comparison x = {&now, c, st, &s, why, size};
	struct wg_error err;
	struct wg_link link;

	if (wg_rtnl_link(r->rtnl, c->name, &link, &err) <= 0)
		return differs(&x, "its interface has another name");
	if (netstate_take(&s, c, &err) < 0)
		return differs(&x, "%.200s", err.text);
	now.ifindex = link.index;
	now.userspace = strcmp(link.kind, "wireguard") != 0;
	if (!(link.flags & IFF_UP))
		return differs(&x, "its interface is not up");
	if (c->mtu && link.mtu != c->mtu)
		return differs(&x, "its MTU is %u", link.mtu);
	return same_addresses(&x) && same_routes(&x) && (!st || (same_steps(&x) && same_file(&x))) &&
	       same_device(&x);
}

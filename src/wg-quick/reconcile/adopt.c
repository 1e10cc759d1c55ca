// SPDX-License-Identifier: GPL-2.0
/* Finds out what a wg-quick did. It compares numbers, never text: a mark of 5182 has nothing
 * to do with "lookup 51820". */
#include "adopt.h"
#include <linux/rtnetlink.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/process.h"
#include "../../lib/net/nft.h"
#include "../host/hooks.h"
#include "../steps/ops.h"

static bool is_tunnel_rule(const struct wg_rule *r, u8 family)
{
	return r->family == family && !r->foreign && rule_is_full_tunnel(r) &&
	       r->suppress_prefixlength < 0;
}

static bool is_suppress_rule(const struct wg_rule *r, u8 family)
{
	return r->family == family && !r->foreign && !r->invert && !r->fwmask &&
	       r->table == RT_TABLE_MAIN && r->suppress_prefixlength == 0;
}

/* Whether each other full tunnel has a suppressing rule before it without that at `candidate`. */
static bool others_can_spare(const struct wg_rule *rules, size_t n, u8 family, u32 fwmark,
			     size_t candidate)
{
	bool suppressed = false;

	for (size_t i = 0; i < n; i++) {
		if (i != candidate && is_suppress_rule(&rules[i], family))
			suppressed = true;
		if (is_tunnel_rule(&rules[i], family) && rules[i].fwmark != fwmark && !suppressed)
			return false;
	}
	return true;
}

/* The kernel gives each rule the priority before the lowest, so of a pair added together the second
 * comes first; where there was no priority left, both have the same. Returns n where there is none. */
static size_t find_suppress(const struct wg_rule *rules, size_t n, u8 family, size_t tunnel)
{
	static const int sides[] = {-1, 1, 0};

	for (size_t k = 0; k < sizeof(sides) / sizeof(*sides); k++) {
		u32 priority = rules[tunnel].priority + (u32)sides[k];

		for (size_t i = 0; i < n; i++) {
			if (is_suppress_rule(&rules[i], family) && rules[i].priority == priority &&
			    rules[i].protocol == rules[tunnel].protocol)
				return i;
		}
	}
	return n;
}

static bool has_step(const struct plan *p, const struct step *s)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == s->kind && step_ops(s)->equal(&p->steps[i], s))
			return true;
	return false;
}

static void add_rule(struct plan *out, const struct wg_rule *rule)
{
	const struct step s = {.kind = STEP_RULE, .rule = *rule};

	if (!has_step(out, &s))
		*plan_add(out, STEP_RULE) = s;
}

/* The rules by which marks pass by this pair stand right before it, without a gap. */
static void adopt_passes(const struct wg_rule *rules, size_t n, size_t suppress, struct plan *out)
{
	u32 before = rules[suppress].priority;
	size_t i = n;

	while (i-- > 0) {
		if (rules[i].family != rules[suppress].family || rules[i].priority + 1 != before ||
		    !rule_is_pass(&rules[i]))
			continue;
		add_rule(out, &rules[i]);
		before--;
	}
}

void adopt_rules(const struct wg_rule *rules, size_t n, u8 family, u32 fwmark, struct plan *out)
{
	for (size_t i = 0; i < n; i++) {
		size_t pair;

		if (!is_tunnel_rule(&rules[i], family) || rules[i].fwmark != fwmark)
			continue;
		add_rule(out, &rules[i]);
		pair = find_suppress(rules, n, family, i);
		if (pair < n && others_can_spare(rules, n, family, fwmark, pair))
			add_rule(out, &rules[pair]);
		if (pair < n)
			adopt_passes(rules, n, pair, out);
	}
}

u32 adopt_table(u8 family, const char *name)
{
	enum wg_nft_found found;
	struct wg_error ignored;
	u32 fwmark;

	return !wg_nft_guard_find(family, name, &found, &fwmark, &ignored) &&
	       found == WG_NFT_GUARD ? fwmark : 0;
}

u32 adopt_mark(const struct config *c, const struct netstate *s, const struct state *st)
{
	u32 fwmark = s->dev ? s->dev->fwmark : 0;

	if (!fwmark && c && (c->dev->flags & WG_DEVICE_HAS_FWMARK))
		fwmark = c->dev->fwmark;
	for (size_t i = 0; !fwmark && st && i < st->steps.n; i++)
		fwmark = st->steps.steps[i].fwmark;
	return fwmark;
}

/* The rules of our own, and for IPv4 the sysctl that came with them. wireguard-tools leaves the sysctl
 * on. Somebody may have flushed the rules: then the default route shows that they were there, if the file
 * leaves the table to us: with a Table of its own, `up' makes the same route and leaves the sysctl alone. */
static void add_full_tunnel(struct plan *out, const struct config *c, const struct netstate *s, u32 fwmark)
{
	bool ours = c && s->has_default_route[0] && !s->mark_is_foreign[0];

	if (!s->mark_is_foreign[0])
		adopt_rules(s->rules, s->n_rules, AF_INET, fwmark, out);
	if (!s->mark_is_foreign[1])
		adopt_rules(s->rules, s->n_rules, AF_INET6, fwmark, out);
	for (size_t i = 0; i < out->n; i++)
		ours |= out->steps[i].kind == STEP_RULE && out->steps[i].rule.family == AF_INET &&
			out->steps[i].rule.protocol == WG_RTNL_PROTOCOL;
	if (ours && !plan_has(out, STEP_SYSCTL))
		plan_add(out, STEP_SYSCTL)->was_off = true;
}

/* What resolvconf was given cannot be read back: it is taken to be what the file says. */
static void add_dns(struct plan *out, const struct config *c, const struct netstate *s, bool in_file)
{
	struct step *dns = plan_add(out, STEP_DNS);

	dns->dns_backend = in_file ? DNS_FILE : s->dns.backend;
	dns->dns_optional = c->dns_optional;
	dns->dns_name = wg_format("%s%s", in_file ? "" : s->dns.prefix, c->name);
	for (size_t i = 0; i < c->dns_servers.n; i++)
		strings_add(&dns->dns_servers, c->dns_servers.s[i], strlen(c->dns_servers.s[i]));
	for (size_t i = 0; i < c->dns_search.n; i++)
		strings_add(&dns->dns_search, c->dns_search.s[i], strlen(c->dns_search.s[i]));
}

/* Whether `up` of the file would have set servers. */
static bool may_have_dns(const struct config *c, const struct netstate *s)
{
	return s->dns.backend != DNS_NONE && !(s->dns.refusal && c->dns_optional);
}

/* What `up` of a file with a Namespace would have made. */
static void add_netns_dns(struct plan *out, const struct config *c)
{
	struct step *dns = plan_add(out, STEP_NETNS_DNS);

	dns->netns = wg_strndup(c->netns, strlen(c->netns));
	for (size_t i = 0; i < c->dns_servers.n; i++)
		strings_add(&dns->dns_servers, c->dns_servers.s[i], strlen(c->dns_servers.s[i]));
	for (size_t i = 0; i < c->dns_search.n; i++)
		strings_add(&dns->dns_search, c->dns_search.s[i], strlen(c->dns_search.s[i]));
}

/* The file does not say which servers they are: that is needed for taking them out. */
static void add_dns_of_nobody(struct plan *out, const char *name)
{
	struct step *dns = plan_add(out, STEP_DNS);

	dns->dns_backend = DNS_FILE;
	dns->dns_name = wg_format("%s", name);
}

/* The servers of the host are not those of a tunnel that is elsewhere. */
static void adopt_dns(struct state *st, const struct config *c, const struct netstate *s)
{
	bool wanted = c && c->dns_servers.n;

	if (c && c->netns) {
		if (wanted && c->dns_backend != DNS_NONE)
			add_netns_dns(&st->steps, c);
		return;
	}
	if (st->place)
		return;
	if (wanted && (s->dns_in_file || may_have_dns(c, s)))
		add_dns(&st->steps, c, s, s->dns_in_file);
	else if (s->dns_in_file)
		add_dns_of_nobody(&st->steps, st->name);
}

size_t adopt_missing(struct state *st, const struct config *c, const struct netstate *s, u32 fwmark)
{
	static const u8 families[] = {AF_INET6, AF_INET}; /* backwards, as everything is undone */
	size_t n;

	if (!st->steps.n)
		st->complete = true;
	if (!st->ifindex) {
		st->ifindex = s->ifindex;
		st->userspace = true;
	}
	if (c) {
		memcpy(st->name, c->name, sizeof(st->name));
		memcpy(st->config, c->path, sizeof(st->config));
		st->save_config = c->save_config && s->link_exists;
		st->hook_limit = c->hook_limit;
		strings_wipe(&st->down_hooks[0]);
		strings_wipe(&st->down_hooks[1]);
		if (!st->no_hooks)
			hooks_for_down(st->down_hooks, c);
	}
	if (!plan_has(&st->steps, STEP_LINK))
		plan_add(&st->steps, STEP_LINK);
	n = st->steps.n;
	if ((!c || c->table_mode == TABLE_AUTO) && fwmark)
		add_full_tunnel(&st->steps, c, s, fwmark);
	n = st->steps.n - n;
	if (!plan_has(&st->steps, STEP_DNS) && !plan_has(&st->steps, STEP_NETNS_DNS))
		adopt_dns(st, c, s);
	for (size_t i = 0; i < 2; i++)
		if (!plan_has_firewall(&st->steps, families[i]))
			plan_add(&st->steps, STEP_FIREWALL)->family = families[i];
	st->done = st->steps.n;
	return n;
}

void adopt_warn(const struct state *st, const struct wg_log *log)
{
	char path[PATH_MAX];

	/* What upstream goes by when it chooses between the two. */
	if (!plan_has(&st->steps, STEP_RULE) || wg_process_find("nft", path, sizeof(path)) ||
	    !wg_process_find("iptables-save", path, sizeof(path)))
		return;
	wg_log_say(log, WG_LOG_WARNING, "iptables rules that another wg-quick made (comment "
		   "\"wg-quick(8) rule for %s\") are left alone; remove them by hand", st->name);
}

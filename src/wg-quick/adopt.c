// SPDX-License-Identifier: GPL-2.0
/* Finds out what another wg-quick did. It compares numbers, never text: a mark of 5182 has nothing
 * to do with "lookup 51820". */
#include "adopt.h"
#include <linux/rtnetlink.h>
#include <string.h>
#include "../lib/alloc.h"
#include "../lib/cleanup.h"
#include "../lib/process.h"
#include "hooks.h"

static bool is_tunnel_rule(const struct wg_rule *r, u8 family)
{
	return r->family == family && !r->foreign && r->invert && r->fwmask &&
	       r->fwmark == r->table && r->suppress_prefixlength < 0;
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
 * comes first. Returns n where there is none. */
static size_t find_suppress(const struct wg_rule *rules, size_t n, u8 family, size_t tunnel)
{
	static const int sides[] = {-1, 1};

	for (size_t k = 0; k < sizeof(sides) / sizeof(*sides); k++) {
		u32 priority = rules[tunnel].priority + (u32)sides[k];

		for (size_t i = 0; i < n; i++) {
			if (is_suppress_rule(&rules[i], family) && rules[i].priority == priority &&
			    rules[i].protocol != WG_RTNL_PROTOCOL)
				return i;
		}
	}
	return n;
}

void adopt_rules(const struct wg_rule *rules, size_t n, u8 family, u32 fwmark, struct plan *out)
{
	for (size_t i = 0; i < n; i++) {
		size_t pair;

		if (!is_tunnel_rule(&rules[i], family) || rules[i].fwmark != fwmark ||
		    rules[i].protocol == WG_RTNL_PROTOCOL)
			continue;
		plan_add(out, STEP_RULE)->rule = rules[i];
		pair = find_suppress(rules, n, family, i);
		if (pair < n && others_can_spare(rules, n, family, fwmark, pair))
			plan_add(out, STEP_RULE)->rule = rules[pair];
	}
}

static void copy_hooks(struct state *st, const struct config *c)
{
	for (int k = 0; k < 2; k++) {
		const struct strings *from = &c->hooks[HOOK_PRE_DOWN + k];

		for (size_t i = 0; i < from->n; i++) {
			cleanup(free_ptr) char *command = hooks_expand(from->s[i], c->name);

			strings_add(&st->down_hooks[k], command, strlen(command));
		}
	}
}

void adopt_state(struct state *st, const struct config *c, const struct netstate *s)
{
	*st = (struct state){.complete = true,
			     .save_config = c->save_config,
			     .ifindex = s->ifindex,
			     .userspace = true};
	memcpy(st->name, c->name, sizeof(st->name));
	memcpy(st->config, c->path, sizeof(st->config));
	plan_add(&st->steps, STEP_LINK);
	if (c->table_mode == TABLE_AUTO && s->dev && s->dev->fwmark) {
		adopt_rules(s->rules, s->n_rules, AF_INET, s->dev->fwmark, &st->steps);
		adopt_rules(s->rules, s->n_rules, AF_INET6, s->dev->fwmark, &st->steps);
	}
	if (c->dns_servers.n)
		plan_add(&st->steps, STEP_DNS)->dns_name =
			wg_format("%s%s", s->dns_prefix, c->name);
	/* Backwards, as everything is undone. */
	plan_add(&st->steps, STEP_FIREWALL)->family = AF_INET6;
	plan_add(&st->steps, STEP_FIREWALL)->family = AF_INET;
	copy_hooks(st, c);
	st->done = st->steps.n;
}

static bool has_rules(const struct state *st)
{
	for (size_t i = 0; i < st->steps.n; i++) {
		if (st->steps.steps[i].kind == STEP_RULE)
			return true;
	}
	return false;
}

void adopt_warn(const struct state *st, const struct wg_log *log)
{
	char path[PATH_MAX];

	/* What upstream goes by when it chooses between the two. */
	if (!has_rules(st) || wg_process_find("nft", path, sizeof(path)) ||
	    !wg_process_find("iptables-save", path, sizeof(path)))
		return;
	wg_log_say(log, WG_LOG_WARNING, "iptables rules that another wg-quick made (comment "
		   "\"wg-quick(8) rule for %s\") are left alone; remove them by hand", st->name);
}

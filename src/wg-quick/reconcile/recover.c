// SPDX-License-Identifier: GPL-2.0
/* Only reads: nothing is changed here. */
#include "recover.h"
#include <net/if.h>
#include <string.h>
#include "../../lib/base/cleanup.h"
#include "../../lib/device/uapi.h"
#include "../host/test-hooks.h"
#include "../steps/gateway.h"
#include "../steps/kill-table.h"
#include "../steps/link.h"
#include "adopt.h"

int recover_find_link(struct run *r, const struct state *st, struct wg_error *err)
{
	struct wg_link link;
	int there;

	run_identify(r, st);
	there = link_find(r, &link, err);
	if (there)
		return there;
	return link_is_elsewhere(r) ? 2 : 0;
}

/* A journal that lists less than is there has lost its end: a link is up that it has not set up, or a
 * table is loaded that it has not loaded. */
static bool ends_early(struct run *r, const struct state *st)
{
	struct wg_error ignored;
	struct wg_link link;
	bool made;

	if (st->complete || st->going_down)
		return false;
	run_identify(r, st);
	made = r->link_made || st->userspace;
	r->link_made = true; /* a link with our key counts */
	if (!plan_has(&st->steps, STEP_LINK_UP) && link_find(r, &link, &ignored) > 0 && (link.flags & IFF_UP) &&
	    (made || link_has_our_key(r, &link)))
		return true;
	return (!plan_has_firewall(&st->steps, AF_INET) && adopt_table(AF_INET, r->name)) ||
	       (!plan_has_firewall(&st->steps, AF_INET6) && adopt_table(AF_INET6, r->name));
}

/* Reads the journal again until it says twice the same: who only looks may have read it before another wg-quick wrote
 * down the step that ends_early then saw in the kernel. Returns 1 if it ends early, 0 if not, -1 with err; *had is
 * false once there is no journal. */
static int confirm_ends_early(struct run *r, struct state *st, bool *had, struct wg_error *err)
{
	for (;;) {
		struct state was = *st;
		int again;

		if (st->damage[0] || !ends_early(r, st))
			return 0;
		*st = (struct state){0};
		again = journal_load(r->journal, st, err);
		*had = again > 0;
		again = again > 0 && st->steps.n == was.steps.n && st->done == was.done &&
			st->complete == was.complete && st->going_down == was.going_down ? 2 : again;
		state_wipe(&was);
		if (again != 1)
			return again == 2 ? 1 : again;
	}
}

/* Whether there is a link of our name that is, or was, a WireGuard interface. */
static int has_interface(struct run *r, struct wg_error *err)
{
	struct wg_link link;
	int there = wg_rtnl_link(r->rtnl, r->name, &link, err);

	if (there <= 0)
		return there;
	return !strcmp(link.kind, "wireguard") || wg_uapi_has(r->name);
}

static int take_network(struct run *r, const struct config *c, struct netstate *s,
			struct wg_error *err)
{
	int there = has_interface(r, err);

	if (there < 0)
		return -1;
	if (there) {
		test_hooks_link_found();
		return netstate_take(s, c, err);
	}
	/* A stranger's link of this name is not looked at. */
	if (netstate_take_ahead(s, c, err) < 0)
		return -1;
	s->link_exists = false;
	return 0;
}

/* A tunnel that only has its packets pass by a full tunnel has that one's mark. Whose mark it is shows by
 * the default route in the table of that number: it is the full tunnel's. */
static int look_into_table(struct run *r, u32 fwmark, struct netstate *s, struct wg_error *err)
{
	static const u8 families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < 2; i++) {
		cleanup(free_ptr) struct wg_route *list = NULL;
		size_t n = 0;

		if (wg_rtnl_routes(r->rtnl, families[i], fwmark, 0, &list, &n, err) < 0)
			return -1;
		for (size_t k = 0; k < n; k++) {
			bool here = s->ifindex && list[k].oif == s->ifindex;

			s->mark_is_foreign[i] |= !here;
			s->has_default_route[i] |= here && !list[k].dst.cidr &&
						   list[k].protocol == WG_RTNL_PROTOCOL;
		}
	}
	return 0;
}

/* Sets *has to whether the table has a route through the link: a default route, or what exclusions leave of
 * one. */
static int has_route(struct run *r, u8 family, u32 table, u32 ifindex, bool *has, struct wg_error *err)
{
	cleanup(free_ptr) struct wg_route *list = NULL;
	size_t n = 0;

	if (wg_rtnl_routes(r->rtnl, family, table, ifindex, &list, &n, err) < 0)
		return -1;
	*has = n;
	return 0;
}

/* Sets *fwmark to the mark of the rules that lead into the tunnel, which the device may have lost: a rule
 * of a full tunnel whose table has a route through the link. 0: no rule leads into it. */
static int find_mark_of_rules(struct run *r, const struct netstate *s, u32 *fwmark, struct wg_error *err)
{
	*fwmark = 0;
	for (size_t i = 0; s->ifindex && i < s->n_rules; i++) {
		const struct wg_rule *rule = &s->rules[i];
		bool leads_here;

		if (rule->foreign || !rule_is_full_tunnel(rule) || rule->suppress_prefixlength >= 0)
			continue;
		if (has_route(r, rule->family, rule->table, s->ifindex, &leads_here, err) < 0)
			return -1;
		if (leads_here) {
			*fwmark = rule->fwmark;
			break;
		}
	}
	return 0;
}

/* A mark that the file does not give was chosen by `up`: it is kept, so that the rules go on to fit it. */
static void adopt_chosen_mark(struct state *st, const struct config *c, u32 fwmark)
{
	if (!fwmark || !c || c->table_mode != TABLE_AUTO || plan_has(&st->steps, STEP_FWMARK) ||
	    (c->dev->flags & WG_DEVICE_HAS_FWMARK && c->dev->fwmark))
		return;
	plan_add(&st->steps, STEP_FWMARK)->fwmark = fwmark;
	st->done = st->steps.n;
}

/* Adds the steps of the tables of this tunnel that a journal does not list. Returns whether one shows that
 * the tunnel is up, or was: a kill switch of mode `boot' does not. */
static bool adopt_gates(struct state *st, const char *name)
{
	cleanup(kill_claims_wipe) struct kill_claims claims = {0};
	const struct kill_claim *claim = NULL;
	enum wg_nft_state gateway;
	struct wg_error ignored;
	bool shows = false;

	if (!kill_table_read(&claims, &ignored))
		claim = kill_claims_find(&claims, name);
	if (claim && !plan_has(&st->steps, STEP_KILL_SWITCH)) {
		struct step *s = plan_add(&st->steps, STEP_KILL_SWITCH);

		s->kill_switch = claim->mode;
		s->fwmark = claim->mark;
		shows = claim->mode != KILL_SWITCH_BOOT;
	}
	if (!plan_has(&st->steps, STEP_GATEWAY) && !gateway_find(name, &gateway, &ignored) &&
	    (gateway == WG_NFT_SAME || gateway == WG_NFT_DIFFERS)) {
		plan_add(&st->steps, STEP_GATEWAY);
		shows = true;
	}
	st->done = st->steps.n;
	return shows;
}

int recover_state(struct run *r, struct state *st, bool had, const struct config *c,
		  struct wg_error *err)
{
	cleanup(netstate_wipe) struct netstate s = {0};
	cleanup(config_wipe) struct config none = {0};
	u32 fwmark, tunnel_mark;
	size_t found;
	int early = had ? confirm_ends_early(r, st, &had, err) : 0;

	if (early < 0)
		return -1;
	if (early)
		snprintf(st->damage, sizeof(st->damage), "it ends before `%s' was up", r->name);
	if (had && !st->damage[0])
		return 1;
	if (had)
		wg_log_say(r->log, WG_LOG_WARNING, "the journal of `%s' is damaged (%s): going by what "
			   "can be read of it%s%s, and by what is there", r->name, st->damage,
			   c ? ", by " : "", c ? c->path : "");
	if (!c) {
		snprintf(none.name, sizeof(none.name), "%s", r->name);
		none.dev = wg_device_new();
	}
	if (take_network(r, c ? c : &none, &s, err) < 0)
		return -1;
	test_hooks_link_found();
	if (find_mark_of_rules(r, &s, &tunnel_mark, err) < 0)
		return -1;
	if (!tunnel_mark)
		tunnel_mark = adopt_table(AF_INET, r->name) ?: adopt_table(AF_INET6, r->name);
	fwmark = tunnel_mark ?: adopt_mark(c, &s, had ? st : NULL);
	if (fwmark && look_into_table(r, fwmark, &s, err) < 0)
		return -1;
	st->adopted = true;
	s.dns_in_file = !(c && c->netns) && !st->place && dns_file_has(r->name);
	memcpy(st->name, r->name, strlen(r->name) + 1);
	found = adopt_missing(st, c, &s, fwmark) + s.dns_in_file;
	adopt_chosen_mark(st, c, tunnel_mark);
	found += adopt_gates(st, r->name);
	if (!had)
		adopt_warn(st, r->log);
	if (!had && c && c->forward && (found || s.link_exists))
		wg_log_say(r->log, WG_LOG_WARNING, "whether the host forwarded packets before `%s' came up is not "
			   "known: it goes on forwarding", r->name);
	return had || s.link_exists || found || adopt_table(AF_INET, r->name) ||
	       adopt_table(AF_INET6, r->name);
}

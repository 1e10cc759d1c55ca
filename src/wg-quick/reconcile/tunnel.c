// SPDX-License-Identifier: GPL-2.0
#include "tunnel.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/device/backend.h"
#include "../../lib/device/diff.h"
#include "../config/shares.h"
#include "../host/hooks.h"
#include "../host/netns.h"
#include "../host/progress.h"
#include "../host/signals.h"
#include "../host/test-hooks.h"
#include "../plan/netstate.h"
#include "../plan/plan.h"
#include "../steps/link.h"
#include "change-text.h"
#include "place.h"
#include "recover.h"
#include "run.h"

#define SESSION_SECONDS 180 /* no session lives longer (REJECT_AFTER_TIME of the paper, 6.1) */

/* Not on the stack: paths make it large. */
struct tunnel *tunnel_new(void)
{
	struct tunnel *t = wg_alloc(sizeof(*t));

	t->r = (struct run){.log = &progress_log,
			    .stop = &signals_stop,
			    .upcalls = &run_upcalls,
			    .dns_seen = &t->dns_seen,
			    .status = 1};
	return t;
}

void tunnel_freep(struct tunnel **tp)
{
	struct tunnel *t = *tp;
	struct wg_error ignored;

	netns_return(&ignored);
	if (t->looked_up)
		tunnel_freep(&t->looked_up);
	free(t->record);
	for (size_t i = 0; i < DNS_NONE; i++)
		free(t->dns_seen.text[i]);
	dns_choice_wipe(&t->dns);
	plan_forget(&t->held);
	plan_forget(&t->left);
	difference_wipe(&t->d);
	found_wipe(&t->found);
	plan_wipe(&t->wanted);
	wg_device_freep(&t->device);
	state_wipe(&t->st);
	config_wipe(&t->c);
	wg_rtnl_close(&t->r.rtnl);
	journal_unlock(&t->r.journal);
	free(t);
}

static int not_up(const struct tunnel *t, struct wg_error *err)
{
	wg_error_set(err, "`%s' is not up: bring it up with: wg-quick up %s", t->c.name, t->c.arg);
	err->code = ENODEV;
	return -1;
}

/* The interface is there, though not where it is looked for by name: explain_failure has nothing to add. */
static int elsewhere(int ret, struct wg_error *err)
{
	err->code = EXDEV;
	return ret;
}

int tunnel_find_interface(struct tunnel *t, struct wg_error *err)
{
	struct wg_link link;
	int where = recover_find_link(&t->r, &t->st, err), there;

	if (where < 0)
		return -1;
	if (!where)
		return not_up(t, err);
	if (where == 2)
		return elsewhere(wg_error_set(err, "the interface of `%s' is in another network namespace", t->c.name), err);
	there = link_find(&t->r, &link, err);
	if (there <= 0) /* 0: a `down' has deleted it since */
		return there < 0 ? -1 : not_up(t, err);
	if (strcmp(link.name, t->c.name))
		return elsewhere(wg_error_set(err, "the interface of `%s' is called `%s' now: give it its name "
					      "back", t->c.name, link.name), err);
	t->r.ifindex = link.index;
	t->r.userspace = t->st.userspace = strcmp(link.kind, "wireguard") != 0;
	test_hooks_link_found();
	return 0;
}

/* Whether the journal, which was that of a tunnel that is up, says by now that a `down' has begun. */
static bool goes_down(const struct tunnel *t)
{
	cleanup(state_wipe) struct state now = {0};
	struct wg_error ignored;

	return t->journal_stands && journal_load(t->r.journal, &now, &ignored) > 0 && !now.damage[0] &&
	       (!now.complete || now.going_down);
}

/* Looks for the tunnel again. Returns whether its interface, which was there, has gone since, or is about to go: a
 * `down` does not wait for those that only look. */
static bool has_gone(const struct tunnel *t)
{
	return goes_down(t) || link_has_gone(t->r.rtnl, t->r.ifindex, t->c.name, t->r.stop);
}

/* After an error of reading a tunnel. Without its lock, a tunnel that has gone meanwhile is not up, whatever could not
 * be read of it. Returns -1, with err. */
static int explain_failure(const struct tunnel *t, struct wg_error *err)
{
	return t->only_looks && err->code != EXDEV && has_gone(t) ? not_up(t, err) : -1;
}

/* A watch looks only after tunnels of its own network namespace. */
static bool may_leave_names(const struct config *c)
{
	if (!c->resolve.n_jobs || c->netns || c->underlay || c->endpoint_resolution == RESOLUTION_WAIT)
		return false;
	return c->endpoint_resolution == RESOLUTION_BACKGROUND || journal_is_watched(c->name);
}

int tunnel_read(struct tunnel *t, const char *arg, struct wg_error *err)
{
	if (config_find(&t->c, arg, err) < 0 || config_read(&t->c, &progress_log, err) < 0)
		return -1;
	t->c.background = may_leave_names(&t->c);
	t->record = applied_text(&t->c, &t->record_len);
	t->mark_is_given = t->c.dev->flags & WG_DEVICE_HAS_FWMARK && t->c.dev->fwmark;
	memcpy(t->c.dev->name, t->c.name, sizeof(t->c.dev->name));
	t->r.name = t->c.name;
	t->r.config_path = t->c.path;
	t->r.config = &t->c;
	t->r.hook_limit = t->c.hook_limit;
	return 0;
}

/* Loads the journal, and enters the tunnel's network namespace. Returns 1 if there is a journal, 0 if not. */
static int find_journal(struct tunnel *t, struct wg_error *err)
{
	struct run *r = &t->r;
	int had;

	/* The journal is filed by where wg-quick is called from. */
	if (netns_return(err) < 0 || wg_rtnl_open(&r->rtnl, err) < 0)
		return -1;
	if (t->only_looks ? journal_look(&r->journal, t->c.name, err) < 0
			  : journal_lock(&r->journal, t->c.name, &progress_log, err) < 0)
		return -1;
	had = journal_load(r->journal, &t->st, err);
	if (had < 0 || place_enter(r, &t->c, had ? &t->st : NULL, PLACE_THERE, err) < 0)
		return -1;
	return had;
}

static int find_tunnel(struct tunnel *t, bool had, struct wg_error *err)
{
	int there = recover_state(&t->r, &t->st, had, &t->c, err);

	if (there < 0)
		return -1;
	t->journal_stands = had && !t->st.damage[0];
	t->journal_is_whole = t->journal_stands && !t->st.adopted;
	plan_drop_repeated(&t->st.steps, &t->st.done);
	if (t->st.no_hooks)
		config_drop_hooks(&t->c);
	if (!there || !t->st.complete || t->st.going_down)
		return not_up(t, err);
	if (tunnel_find_interface(t, err) < 0 || (t->journal_stands && place_check(&t->c, &t->st, err) < 0))
		return -1;
	return place_set_underlay(&t->c, err);
}

int tunnel_open(struct tunnel *t, enum tunnel_use use, struct wg_error *err)
{
	int had;

	signals_catch();
	t->only_looks = use == TUNNEL_LOOK;
	had = find_journal(t, err);
	if (had < 0)
		return -1;
	return find_tunnel(t, had, err) < 0 ? explain_failure(t, err) : 0;
}

/* The mark that `up` or a reload gave the tunnel, 0 if the file gives it or the tunnel needs none. */
static u32 own_mark(const struct state *st)
{
	for (size_t i = st->steps.n; i-- > 0;)
		if (st->steps.steps[i].kind == STEP_FWMARK)
			return st->steps.steps[i].fwmark;
	return 0;
}

/* Names mean what they mean where the encrypted packets are. */
int tunnel_resolve(struct config *c, struct wg_error *err)
{
	struct wg_error ignored;
	int ret;

	if (netns_underlay_begin(err) < 0)
		return -1;
	ret = wg_resolve_run(&c->resolve, &progress_log, &signals_stop, err);
	return netns_underlay_end(ret ? &ignored : err) < 0 ? -1 : ret;
}

/* Endpoints that have to be looked up are those that the file changed. */
static int read_device(struct tunnel *t, struct wg_error *err)
{
	struct applied applied;

	if (wg_backend_get(&t->device, t->c.name, err) < 0)
		return -1;
	test_hooks_link_found();
	/* "off" leaves the mark of a full tunnel to us: the one that was chosen stays. */
	if (!t->mark_is_given && own_mark(&t->st))
		t->c.dev->flags &= ~(u32)WG_DEVICE_HAS_FWMARK;
	journal_load_applied(t->r.journal, &applied);
	applied_keep(&applied, &t->c, t->device, (s64)time(NULL) - SESSION_SECONDS);
	applied_wipe(&applied);
	shares_follow(&t->c, t->device);
	t->r.device = t->device;
	if (t->keeps_endpoints)
		applied_keep_endpoints(&t->c, t->device);
	if (t->looked_up)
		wg_resolve_answer(&t->c.resolve, &t->looked_up->c.resolve);
	return tunnel_resolve(&t->c, err);
}

int tunnel_look_up(struct tunnel *t, struct wg_error *err)
{
	struct tunnel *first;

	if (!t->c.resolve.n_jobs)
		return 0;
	first = t->looked_up = tunnel_new();
	/* A key that came through a pipe is not there a second time. */
	first->c.no_key_files = true;
	/* What there is to say of the file has been said. */
	if (config_find(&first->c, t->c.arg, err) < 0 || config_read(&first->c, NULL, err) < 0)
		return -1;
	first->c.background = t->c.background;
	first->r.name = first->c.name;
	first->r.config_path = first->c.path;
	first->r.config = &first->c;
	first->r.log = NULL;
	if (tunnel_open(first, TUNNEL_LOOK, err) == 0) {
		if (read_device(first, err) == 0)
			return 0;
		if (!has_gone(first))
			return -1;
	}
	err->text[0] = '\0';
	tunnel_freep(&t->looked_up);
	t->looked_up = NULL;
	return 0;
}

static bool had_address(const struct state *st, const struct wg_prefix *address)
{
	for (size_t i = 0; i < st->steps.n; i++)
		if (step_is_address(&st->steps.steps[i]) &&
		    wg_prefix_equal(&st->steps.steps[i].prefix, address))
			return true;
	return false;
}

static bool had_rule(const struct state *st, const struct wg_rule *rule)
{
	const struct step s = {.kind = STEP_RULE, .rule = *rule};

	for (size_t i = 0; i < st->steps.n; i++)
		if (st->steps.steps[i].kind == STEP_RULE &&
		    step_ops(&s)->equal(&st->steps.steps[i], &s))
			return true;
	return false;
}

static bool has_setting(const struct netstate *s, const char *name)
{
	for (size_t i = 0; i < s->n_settings; i++)
		if (!strcmp(s->settings[i].name, name))
			return true;
	return false;
}

/* What Forward has set is there to be set. Those of links that come first in the journal do so here. */
static void forget_settings(struct netstate *s, const struct state *st)
{
	struct kernel_setting *list = NULL;
	size_t n = 0;

	for (size_t i = 0; i < st->steps.n; i++) {
		const struct step *step = &st->steps.steps[i];

		if (step->kind != STEP_SETTING || has_setting(s, step->setting))
			continue;
		list = wg_realloc(list, n + 1, sizeof(*list));
		list[n] = (struct kernel_setting){.value = step->value, .former = step->former};
		snprintf(list[n].name, sizeof(list[n].name), "%s", step->setting);
		n++;
	}
	if (!n)
		return;
	list = wg_realloc(list, n + s->n_settings, sizeof(*list));
	if (s->n_settings)
		memcpy(list + n, s->settings, s->n_settings * sizeof(*list));
	free(s->settings);
	s->settings = list;
	s->n_settings += n;
}

/* Takes out of a snapshot what the tunnel made itself, so that a plan is made as if it was not up. */
static void forget_own(struct netstate *s, const struct state *st)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_addresses; i++)
		if (!had_address(st, &s->addresses[i]))
			s->addresses[n++] = s->addresses[i];
	s->n_addresses = n;
	n = 0;
	for (size_t i = 0; i < s->n_routes; i++)
		if (s->routes[i].protocol != WG_RTNL_PROTOCOL &&
		    s->routes[i].protocol != RTPROT_KERNEL)
			s->routes[n++] = s->routes[i];
	s->n_routes = n;
	n = 0;
	for (size_t i = 0; i < s->n_rules; i++)
		if (!had_rule(st, &s->rules[i]))
			s->rules[n++] = s->rules[i];
	s->n_rules = n;
	if (plan_has(&st->steps, STEP_SYSCTL))
		s->marks_count = false;
	forget_settings(s, st);
}

/* A PreUp hook may have given the device peers that the file does not have: they cannot be told from
 * those that the file has lost, and stay. */
static bool keeps_peers(const struct tunnel *t)
{
	return t->c.hooks[HOOK_PRE_UP].n > 0;
}

/* Of the device, a plan gets its own key and its mark: the peers are the file's alone, but for those of a
 * PreUp hook. A mark that a hook or a user has changed since does not count. */
static struct wg_device *device_for_plan(const struct tunnel *t)
{
	struct wg_device *copy = wg_device_new();

	copy->flags = t->device->flags;
	copy->fwmark = own_mark(&t->st) ?: t->device->fwmark;
	memcpy(copy->private_key, t->device->private_key, WG_KEY_LEN);
	for (const struct wg_peer *p = t->device->peers; p && keeps_peers(t); p = p->next) {
		struct wg_peer *peer;

		if (wg_peer_is_parting(p))
			continue;
		peer = wg_device_add_peer(copy);
		memcpy(peer->public_key, p->public_key, WG_KEY_LEN);
		peer->flags = WG_PEER_HAS_PUBLIC_KEY | WG_PEER_REPLACE_ALLOWEDIPS;
		for (const struct wg_allowedip *a = p->allowedips; a; a = a->next)
			wg_peer_add_allowedip(copy, peer, a->family, a->addr, a->cidr, 0);
	}
	return copy;
}

/* Keeps the steps that a reload deals with; the device's settings are a matter of wg_diff. */
static void drop_hooks(struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (step_ops(&p->steps[i])->order)
			p->steps[n++] = p->steps[i];
		else
			step_wipe(&p->steps[i]);
	}
	p->n = n;
}

bool tunnel_is_full(const struct tunnel *t)
{
	return plan_has(&t->wanted, STEP_RULE);
}

bool tunnel_needs_mark(const struct tunnel *t)
{
	return tunnel_is_full(t) || plan_has(&t->wanted, STEP_KILL_SWITCH);
}

/* A hook or a user has added a route that covers one of the tunnel's own since: that stays, as long as
 * the file asks for it. */
static int keep_covered_routes(struct tunnel *t, struct netstate *s, struct wg_error *err)
{
	static const struct plan none;
	cleanup(plan_wipe) struct plan uncovered = {0};
	struct plan lost = {0}, kept = {0};
	size_t n_routes = s->n_routes;
	int ret;

	if (!n_routes)
		return 0;
	s->n_routes = 0;
	ret = plan_network(&t->c, s, NULL, &uncovered, err);
	s->n_routes = n_routes;
	if (ret)
		return -1;
	plan_borrow(&lost, &t->st.steps);
	plan_without(&lost, &t->wanted);
	plan_merge(&kept, &uncovered, &lost, &none);
	for (size_t i = 0; i < kept.n; i++)
		if (kept.steps[i].kind == STEP_ROUTE)
			plan_add(&t->wanted, STEP_ROUTE)->route = kept.steps[i].route;
	plan_forget(&lost);
	plan_forget(&kept);
	return 0;
}

/* The mark that others have cleared is wanted back. */
static void want_mark(struct tunnel *t)
{
	u32 mark = own_mark(&t->st);

	if (mark && !t->device->fwmark && !(t->c.dev->flags & WG_DEVICE_HAS_FWMARK) &&
	    tunnel_needs_mark(t))
		plan_add(&t->wanted, STEP_FWMARK)->fwmark = mark;
}

/* What has set the servers of the tunnel goes on to do so. */
static void take_dns_choice(struct netstate *s, const struct tunnel *t)
{
	const struct step *dns = plan_find(&t->st.steps, STEP_DNS);

	s->dns_had = dns ? dns->dns_backend : DNS_AUTO;
	if (t->dns.made)
		dns_choice_copy(&s->dns, &t->dns);
}

/* Without a resolvconf the name that its kind would want is not known: servers that have been set stay
 * under theirs. */
static void keep_dns_name(struct netstate *s, const struct tunnel *t)
{
	const struct step *dns = plan_find(&t->st.steps, STEP_DNS);
	size_t len = dns ? strlen(dns->dns_name) : 0, own = strlen(t->c.name);

	if (!dns || s->dns.backend != DNS_RESOLVCONF || dns->dns_backend != DNS_RESOLVCONF ||
	    !s->dns.refusal || len < own || len - own >= sizeof(s->dns.prefix) ||
	    strcmp(dns->dns_name + len - own, t->c.name) != 0)
		return;
	memcpy(s->dns.prefix, dns->dns_name, len - own);
	s->dns.prefix[len - own] = '\0';
}

/* Servers that are to be set, where nothing can set them. */
static int check_dns(struct tunnel *t, struct wg_error *err)
{
	cleanup(netstate_wipe) struct netstate s = {0};

	if (!plan_has(&t->d.add, STEP_DNS))
		return 0;
	dns_choice_copy(&s.dns, &t->dns);
	if (plan_check_dns(&t->c, &s, err) == 0)
		return 0;
	if (err->code == ENOENT)
		t->r.status = STATUS_NOT_FOUND;
	return -1;
}

/* The rule that a full tunnel had in this family, or NULL. */
static const struct wg_rule *last_rule(const struct state *st, u8 family, bool invert)
{
	for (size_t i = st->steps.n; i-- > 0;) {
		const struct step *s = &st->steps.steps[i];

		if (s->kind == STEP_RULE && s->rule.family == family && s->rule.invert == invert)
			return &s->rule;
	}
	return NULL;
}

/* The rule of another mark takes the priority of the one that it follows: full tunnels that were nested
 * stay so, and the other rule of the pair, which stays, still comes before it. */
static void keep_priorities(struct tunnel *t)
{
	for (size_t i = 0; i < t->wanted.n; i++) {
		struct step *s = &t->wanted.steps[i];
		const struct wg_rule *had;

		if (s->kind != STEP_RULE || !s->rule.invert)
			continue;
		had = last_rule(&t->st, s->rule.family, true);
		if (had && last_rule(&t->st, s->rule.family, false))
			s->rule.priority = had->priority;
	}
}

/* Of a tunnel that is up, the MTU that was found at `up' counts: the way is not asked again. */
static void keep_probed_mtu(const struct tunnel *t, struct netstate *s)
{
	for (size_t i = t->st.steps.n; t->c.mtu_probe && i-- > 0;) {
		const struct step *step = &t->st.steps.steps[i];

		if (step->kind != STEP_LINK_UP || !step->mtu)
			continue;
		s->endpoint_mtu = step->mtu + TUNNEL_OVERHEAD;
		return;
	}
}

/* Whether the journal has a full tunnel's rule of this family; with that mark, unless it is 0. */
static bool had_tunnel_rule(const struct state *st, u8 family, u32 mark)
{
	const struct wg_rule *had = last_rule(st, family, true);

	return had && (!mark || had->fwmark == mark);
}

static const struct wg_rule *wanted_tunnel_rule(const struct tunnel *t, u8 family)
{
	for (size_t i = 0; i < t->wanted.n; i++)
		if (t->wanted.steps[i].kind == STEP_RULE && t->wanted.steps[i].rule.family == family &&
		    t->wanted.steps[i].rule.invert)
			return &t->wanted.steps[i].rule;
	return NULL;
}

/* Whether the rules by which marks pass stay as the journal has them. They were right when this tunnel came
 * up; of the full tunnels that came later, each has brought its own. Only new rules of this tunnel, or a new
 * mark, need new ones. */
static bool keeps_passes(const struct tunnel *t, u8 family)
{
	const struct wg_rule *wanted = wanted_tunnel_rule(t, family);
	const struct wg_rule *other = wanted_tunnel_rule(t, family == AF_INET ? AF_INET6 : AF_INET);

	if (wanted)
		return had_tunnel_rule(&t->st, family, wanted->fwmark);
	/* Of a kill switch without a default route: it has a mark, and no rules of its own. */
	if (!other)
		return plan_has(&t->st.steps, STEP_KILL_SWITCH) && !had_tunnel_rule(&t->st, AF_INET, 0) &&
		       !had_tunnel_rule(&t->st, AF_INET6, 0);
	/* The family has encrypted packets only. */
	return !had_tunnel_rule(&t->st, family, 0) &&
	       had_tunnel_rule(&t->st, other->family, other->fwmark);
}

static void keep_passes(struct tunnel *t)
{
	const bool keeps[2] = {keeps_passes(t, AF_INET), keeps_passes(t, AF_INET6)};
	struct plan wanted = {0};

	/* Before the rules that they stand before. */
	for (size_t i = 0; i < t->st.steps.n; i++) {
		const struct step *s = &t->st.steps.steps[i];

		if (s->kind == STEP_RULE && rule_is_pass(&s->rule) && keeps[s->rule.family == AF_INET6])
			*plan_add(&wanted, STEP_RULE) = *s;
	}
	if (!wanted.n && !keeps[0] && !keeps[1])
		return;
	for (size_t i = 0; i < t->wanted.n; i++) {
		const struct step *s = &t->wanted.steps[i];

		if (s->kind != STEP_RULE || !rule_is_pass(&s->rule) || !keeps[s->rule.family == AF_INET6])
			*plan_add(&wanted, s->kind) = *s;
	}
	plan_forget(&t->wanted);
	t->wanted = wanted;
}

/* What the file asks for. */
static int plan_file(struct tunnel *t, const struct wg_log *log, struct wg_error *err)
{
	cleanup(netstate_wipe) struct netstate s = {.dev = device_for_plan(t)};

	take_dns_choice(&s, t);
	if (netstate_take_up(&s, &t->c, err) < 0)
		return -1;
	forget_own(&s, &t->st);
	keep_probed_mtu(t, &s);
	plan_wipe(&t->wanted);
	if (!t->dns.made)
		dns_choice_copy(&t->dns, &s.dns);
	keep_dns_name(&s, t);
	if (plan_network(&t->c, &s, log, &t->wanted, err) < 0 || keep_covered_routes(t, &s, err) < 0)
		return -1;
	drop_hooks(&t->wanted);
	keep_priorities(t);
	keep_passes(t);
	want_mark(t);
	return 0;
}

int tunnel_compare(struct tunnel *t, const struct plan *wanted, const struct plan *had,
		   const struct plan *known, struct wg_error *err)
{
	found_wipe(&t->found);
	difference_wipe(&t->d);
	if (found_take(&t->found, t->r.rtnl, t->r.ifindex, err) < 0)
		return -1;
	return difference_find(&t->d, wanted, had, known, &t->found, &t->r, err);
}

static int plan_and_compare(struct tunnel *t, const struct wg_log *log, struct wg_error *err)
{
	struct plan known = {0};
	int ret;

	if (plan_file(t, log, err) < 0)
		return -1;
	plan_known(&known, &t->st.steps, t->st.done);
	ret = tunnel_compare(t, &t->wanted, &t->st.steps, &known, err);
	plan_forget(&known);
	return ret;
}

static void remove_parting(struct wg_device *change, const struct wg_device *have)
{
	for (const struct wg_peer *p = have->peers; p; p = p->next) {
		struct wg_peer *peer;

		if (!wg_peer_is_parting(p))
			continue;
		peer = wg_device_add_peer(change);
		wg_peer_set_parting(peer);
		peer->flags |= WG_PEER_REMOVE_ME;
	}
}

struct wg_device *tunnel_parting_removal(struct tunnel *t, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *change = wg_device_new();

	if (!t->device && wg_backend_get(&t->device, t->c.name, err) < 0)
		return NULL;
	memcpy(change->name, t->c.name, sizeof(change->name));
	remove_parting(change, t->device);
	return steal_ptr(&change);
}

/* Peers that may be a PreUp hook's are not removed; the parting peer is nobody's. */
static void spare_peers(struct wg_device *change, const struct wg_device *have)
{
	struct wg_peer *kept = NULL, *next;

	change->flags &= ~(u32)WG_DEVICE_REPLACE_PEERS;
	change->last_peer = NULL;
	change->n_peers = 0;
	for (struct wg_peer *p = change->peers; p; p = next) {
		next = p->next;
		if (p->flags & WG_PEER_REMOVE_ME)
			continue;
		p->next = NULL;
		if (change->last_peer)
			change->last_peer->next = p;
		else
			kept = p;
		change->last_peer = p;
		change->n_peers++;
	}
	change->peers = kept;
	remove_parting(change, have);
}

/* Whether `down` would do otherwise than by the file: run other hooks, or save elsewhere or not at all. */
static bool down_differs(const struct tunnel *t)
{
	const struct hook_limit *now = &t->c.hook_limit, *had = &t->st.hook_limit;
	struct strings hooks[2] = {0};
	bool same;

	hooks_for_down(hooks, &t->c);
	same = strings_equal(&hooks[0], &t->st.down_hooks[0]) &&
	       strings_equal(&hooks[1], &t->st.down_hooks[1]) && now->given == had->given &&
	       now->seconds == had->seconds;
	same = (same || t->keeps_hooks) && t->c.save_config == t->st.save_config && !strcmp(t->c.path, t->st.config);
	strings_wipe(&hooks[0]);
	strings_wipe(&hooks[1]);
	return !same;
}

static bool adds_mark(const struct tunnel *t)
{
	return plan_has(&t->d.add, STEP_FWMARK);
}

/* The mark that the tunnel got as a full one or for its kill switch goes with that, so that the next full tunnel can have it. */
static int compare_device(struct tunnel *t, struct wg_error *err)
{
	struct wg_device *dev = t->c.dev;
	u32 mark = own_mark(&t->st);

	t->down_changes = down_differs(t);
	if (mark && mark == t->device->fwmark && !(dev->flags & WG_DEVICE_HAS_FWMARK) &&
	    !tunnel_needs_mark(t)) {
		dev->flags |= WG_DEVICE_HAS_FWMARK;
		dev->fwmark = 0;
	}
	/* A mark that a step is about to choose is not taken away before. */
	if (!t->mark_is_given && adds_mark(t))
		dev->flags &= ~(u32)WG_DEVICE_HAS_FWMARK;
	if (wg_diff(dev, t->device, &t->device_changes, err) < 0)
		return -1;
	if (keeps_peers(t)) {
		spare_peers(dev, t->device);
		t->device_changes = dev->flags || dev->peers;
	}
	return 0;
}

int tunnel_compare_file(struct tunnel *t, struct wg_error *err)
{
	if (read_device(t, err) < 0 || plan_and_compare(t, t->r.log, err) < 0 || compare_device(t, err) < 0)
		return explain_failure(t, err);
	/* What a `down' beside us has undone is no difference. */
	return t->only_looks && tunnel_differences(t) && has_gone(t) ? not_up(t, err) : 0;
}

int tunnel_begin_journal(struct tunnel *t, struct wg_error *err)
{
	return t->journal_stands ? 0 : journal_replace(t->r.journal, &t->st, err);
}

static int plan_again(void *ctx, struct wg_error *err)
{
	return plan_and_compare(ctx, NULL, err);
}

int tunnel_claim_file(struct tunnel *t, struct wg_error *err)
{
	if (read_device(t, err) < 0 || plan_and_compare(t, t->r.log, err) < 0 ||
	    check_dns(t, err) < 0 || tunnel_begin_journal(t, err) < 0 ||
	    run_claim(&t->r, &t->d.add, plan_again, t, err) < 0)
		return -1;
	return compare_device(t, err);
}

size_t tunnel_differences(const struct tunnel *t)
{
	return t->d.add.n + t->d.remove.n + t->device_changes + t->down_changes;
}

bool tunnel_agrees(const struct tunnel *t)
{
	return !tunnel_differences(t);
}

void tunnel_print_difference(const struct tunnel *t, FILE *f)
{
	for (size_t i = 0; i < t->d.add.n; i++) {
		cleanup(free_ptr) char *command = step_command(&t->d.add.steps[i], t->c.name);

		fprintf(f, "[#] %s\n", command);
	}
	if (t->device_changes)
		change_write(f, "[#] ", t->c.name, t->c.dev, t->device);
	for (size_t i = 0; i < t->d.remove.n; i++) {
		cleanup(free_ptr) char *command = step_undo_command(&t->d.remove.steps[i], t->c.name);

		if (command)
			fprintf(f, "[#] %s\n", command);
	}
	if (t->down_changes)
		fprintf(f, "[#] # `down' goes by the hooks and SaveConfig of %s from now on\n", t->c.path);
}

char *tunnel_first_difference(const struct tunnel *t)
{
	size_t size;
	char *text, *end;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		wg_alloc_failed();
	tunnel_print_difference(t, f);
	if (fclose(f))
		wg_alloc_failed();
	end = strchr(text, '\n');
	if (end)
		*end = '\0';
	if (!strncmp(text, "[#] ", 4))
		memmove(text, text + 4, strlen(text + 4) + 1);
	return text;
}

int tunnel_take_as_down(struct tunnel *t, struct netstate *s, struct wg_error *err)
{
	u32 mark = own_mark(&t->st);

	if (wg_backend_get(&t->device, t->c.name, err) < 0)
		return explain_failure(t, err);
	test_hooks_link_found();
	s->dev = device_for_plan(t);
	take_dns_choice(s, t);
	if (netstate_take_up(s, &t->c, err) < 0)
		return explain_failure(t, err);
	forget_own(s, &t->st);
	keep_probed_mtu(t, s);
	s->link_exists = false;
	if (!mark && plan_has(&t->st.steps, STEP_RULE))
		mark = t->device->fwmark;
	if (mark)
		s->free_table = mark;
	/* A link that is made anew has no settings, addresses and routes. */
	wg_device_free(s->dev);
	s->dev = NULL;
	s->n_addresses = 0;
	s->n_routes = 0;
	return 0;
}

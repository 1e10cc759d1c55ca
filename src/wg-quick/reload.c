// SPDX-License-Identifier: GPL-2.0
/* `wg-quick reload`, `diff` and `repair`: a tunnel that is up, what it shall be, and the difference
 * carried out. A reload that fails is reconciled again, with the tunnel as it was before. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../crypto/curve25519.h"
#include "../lib/base/alloc.h"
#include "../lib/base/cleanup.h"
#include "../lib/device/backend.h"
#include "../lib/device/change.h"
#include "../lib/device/diff.h"
#include "../lib/device/setting.h"
#include "host/hooks.h"
#include "host/progress.h"
#include "host/signals.h"
#include "host/test-hooks.h"
#include "reconcile/adopt.h"
#include "reconcile/change-text.h"
#include "reconcile/hold.h"
#include "reconcile/run.h"
#include "reconcile/tunnel.h"
#include "verb.h"

/* The kernel takes the greater of the settings of all links and of one. */
static bool promotes_secondaries(const char *ifname)
{
	cleanup(free_ptr) char *path =
		wg_format("/proc/sys/net/ipv4/conf/%s/promote_secondaries", ifname);
	cleanup(close_file) FILE *f = fopen(path, "re");

	return f && fgetc(f) == '1';
}

/* With a primary address the kernel deletes the secondary ones of its network, unless it is told to make
 * the next one primary. Returns whether it is. */
static bool keep_secondary_addresses(const char *ifname)
{
	cleanup(free_ptr) char *path =
		wg_format("/proc/sys/net/ipv4/conf/%s/promote_secondaries", ifname);
	cleanup(close_file) FILE *f = NULL;

	if (promotes_secondaries("all") || promotes_secondaries(ifname))
		return true;
	f = fopen(path, "we");
	return f && fputs("1\n", f) >= 0 && !fflush(f);
}

/* When the device gets its new mark. */
enum mark_time {
	MARK_WITH_PEERS,  /* with its other settings: no rule goes by the old one */
	MARK_AFTER_RULES, /* once the rules of the new one stand */
	MARK_LAST,        /* once the rules of the old one are gone */
};

/* How a difference is carried out. */
struct carrying {
	struct tunnel *t;
	const struct plan *wanted;
	struct wg_device *change;    /* of the device; NULL: none */
	const struct wg_device *now; /* the device as it is; NULL where `change` is and no mark changes */
	struct plan networks; /* ADDRESSes: the networks of those of IPv4 that go, masked; plan_forget */
	enum mark_time mark;
	bool go_on; /* past errors: what can be put right is */
	struct wg_error *err; /* the first */
	bool failed;
	bool rule_remains; /* a rule that was to be removed may stand still */
};

/* Returns whether to go on. */
static bool note_result(struct carrying *c, int ret, const struct wg_error *why)
{
	if (ret >= 0)
		return true;
	if (!c->failed)
		*c->err = *why;
	c->failed = true;
	return c->go_on;
}

static int run_steps(struct carrying *c, struct plan *steps)
{
	struct wg_error why;

	if (!c->go_on)
		return note_result(c, run_plan(&c->t->r, steps, &why), &why) ? 0 : -1;
	/* One by one, so that each is tried; a signal that came before ends none. */
	for (size_t i = 0; i < steps->n; i++) {
		const struct plan one = {.steps = &steps->steps[i], .n = 1};

		*c->t->r.stop = 0;
		note_result(c, run_plan(&c->t->r, &one, &why), &why);
	}
	return 0;
}

/* Adds the steps of the difference that `is_chosen` chooses. */
static int add_steps(struct carrying *c, bool (*is_chosen)(const struct carrying *, const struct step *))
{
	const struct plan *all = &c->t->d.add;
	struct plan some = {0};
	int ret;

	for (size_t i = 0; i < all->n; i++)
		if (is_chosen(c, &all->steps[i]))
			*plan_add(&some, all->steps[i].kind) = all->steps[i];
	ret = run_steps(c, &some);
	plan_forget(&some);
	return ret;
}

static bool is_address(const struct carrying *c, const struct step *s)
{
	(void)c;
	return s->kind == STEP_ADDRESS;
}

static bool is_link_up(const struct carrying *c, const struct step *s)
{
	(void)c;
	return s->kind == STEP_LINK_UP;
}

static bool is_dns(const struct carrying *c, const struct step *s)
{
	(void)c;
	return s->kind == STEP_DNS;
}

/* Once for all routes that are added, because thousands of steps may go. */
static void find_networks(struct carrying *c)
{
	const struct plan *p = &c->t->d.remove;

	for (size_t i = 0; i < p->n; i++) {
		struct step *s;

		if (p->steps[i].kind != STEP_ADDRESS || p->steps[i].prefix.family != AF_INET)
			continue;
		s = plan_add(&c->networks, STEP_ADDRESS);
		s->prefix = p->steps[i].prefix;
		wg_prefix_mask(&s->prefix);
	}
}

/* Whether the kernel's route of the network of an address that goes has this route's place. For IPv6 the
 * kernel's own has another metric. */
static bool is_in_place_of_network(const struct carrying *c, const struct step *s)
{
	if (s->kind != STEP_ROUTE || s->route.dst.family != AF_INET || s->route.table != RT_TABLE_MAIN)
		return false;
	for (size_t i = 0; i < c->networks.n; i++)
		if (wg_prefix_equal(&c->networks.steps[i].prefix, &s->route.dst))
			return true;
	return false;
}

static bool is_other(const struct carrying *c, const struct step *s)
{
	return !is_address(c, s) && !is_link_up(c, s) && !is_dns(c, s) && !is_in_place_of_network(c, s);
}

static bool is_any(const struct carrying *c, const struct step *s)
{
	(void)c, (void)s;
	return true;
}

/* The kernel has no two addresses of IPv6 that differ by their prefix length alone. */
static bool stands_in_the_way(const struct step *old, const struct plan *add)
{
	for (size_t i = 0; i < add->n; i++)
		if (add->steps[i].kind == STEP_ADDRESS && old->prefix.family == AF_INET6 &&
		    add->steps[i].prefix.family == AF_INET6 &&
		    !memcmp(old->prefix.addr, add->steps[i].prefix.addr, sizeof(old->prefix.addr)))
			return true;
	return false;
}

enum removal {
	REMOVE_ADDRESSES_IN_THE_WAY,
	REMOVE_ADDRESSES,
	REMOVE_ROUTES,
};

static bool is_removed_now(const struct tunnel *t, const struct step *s, enum removal what)
{
	if (!step_ops(s)->append_undo)
		return false;
	if (s->kind != STEP_ADDRESS)
		return what == REMOVE_ROUTES;
	return what == (stands_in_the_way(s, &t->d.add) ? REMOVE_ADDRESSES_IN_THE_WAY
							: REMOVE_ADDRESSES);
}

/* Returns how many steps were undone, or -1 to end here. */
static int remove_steps(struct carrying *c, const struct plan *p, enum removal what)
{
	struct run *r = &c->t->r;
	struct wg_error why;
	int ret = 0, n = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];

		if (!is_removed_now(c->t, s, what))
			continue;
		step_echo_undo(r, s);
		step_ops(s)->append_undo(r, s);
		n++;
	}
	if (!n)
		return 0;
	test_hooks_boundary();
	if (test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, &why), &why) < 0 && why.code != ESRCH &&
	    why.code != EADDRNOTAVAIL && why.code != ENOENT)
		ret = wg_error_prefix(&why, "cannot remove %s",
				      what == REMOVE_ROUTES ? "a route" : "an address");
	return note_result(c, ret, &why) ? n : -1;
}

/* Undoes those of the plan's steps that have an operation of their own for it and are undone at this
 * point of `down`, but for stand-ins. */
static int undo_steps(struct carrying *c, const struct plan *p, enum undo_order order)
{
	struct wg_error why;

	for (size_t i = 0; i < p->n; i++) {
		const struct step_ops *ops = step_ops(&p->steps[i]);

		if (ops->undo_order != order || step_is_stand_in(&p->steps[i]))
			continue;
		test_hooks_boundary();
		if (c->go_on)
			*c->t->r.stop = 0;
		if (ops->undo(&c->t->r, &p->steps[i], true, &why) == UNDO_DONE)
			continue;
		c->rule_remains |= p->steps[i].kind == STEP_RULE;
		if (!note_result(c, -1, &why))
			return -1;
	}
	return 0;
}

/* In the order of `down`: whether another full tunnel needs the sysctl shows by its rules, once this one's
 * are gone. DNS has been undone before. */
static int undo_others(struct carrying *c)
{
	for (int order = UNDO_WITH_LINK + 1; order < UNDO_ORDERS; order++)
		if (order != UNDO_DNS && undo_steps(c, &c->t->d.remove, (enum undo_order)order) < 0)
			return -1;
	return 0;
}

static int send_change(struct carrying *c, struct wg_device *change)
{
	struct wg_error why;
	int ret;

	change_write(stderr, "[#] ", c->t->c.name, change, c->now);
	fflush(stderr);
	test_hooks_boundary();
	ret = test_hooks_result(wg_change_send(change, c->now, &why), &why);
	return note_result(c, ret, &why) ? 0 : -1;
}

/* The peers and all settings, but for a mark that comes later. */
static int change_device(struct carrying *c)
{
	u32 flags;
	int ret;

	if (!c->change)
		return 0;
	flags = c->change->flags;
	if (c->mark != MARK_WITH_PEERS)
		c->change->flags &= ~(u32)WG_DEVICE_HAS_FWMARK;
	ret = c->change->flags || c->change->peers ? send_change(c, c->change) : 0;
	c->change->flags = flags;
	return ret;
}

static int change_mark(struct carrying *c, enum mark_time when)
{
	cleanup(wg_device_freep) struct wg_device *change = NULL;

	if (c->mark != when)
		return 0;
	change = wg_device_new();
	memcpy(change->name, c->change->name, sizeof(change->name));
	change->flags = WG_DEVICE_HAS_FWMARK;
	change->fwmark = c->change->fwmark;
	return send_change(c, change);
}

static bool changes_mark(const struct carrying *c)
{
	return c->change && c->change->flags & WG_DEVICE_HAS_FWMARK;
}

static void choose_mark_time(struct carrying *c)
{
	c->mark = MARK_WITH_PEERS;
	if (changes_mark(c) && hold_has_tunnel_rule(&c->t->d.remove, 0))
		c->mark = hold_has_tunnel_rule(c->wanted, 0) ? MARK_AFTER_RULES : MARK_LAST;
}

static u32 mark_before(const struct carrying *c)
{
	return c->now ? c->now->fwmark : 0;
}

static u32 mark_afterwards(const struct carrying *c)
{
	const struct wg_device *change = c->change;

	for (size_t i = 0; i < c->t->d.add.n; i++)
		if (c->t->d.add.steps[i].kind == STEP_FWMARK)
			return c->t->d.add.steps[i].fwmark;
	return change && change->flags & WG_DEVICE_HAS_FWMARK ? change->fwmark : mark_before(c);
}

static bool removes_addresses(const struct difference *d)
{
	for (size_t i = 0; i < d->remove.n; i++)
		if (d->remove.steps[i].kind == STEP_ADDRESS)
			return true;
	return false;
}

static bool is_among(const struct plan *p, const struct step *address)
{
	for (size_t i = 0; i < p->n; i++)
		if (step_is_address(&p->steps[i]) &&
		    wg_prefix_equal(&p->steps[i].prefix, &address->prefix))
			return true;
	return false;
}

/* Takes out of `p` the ADDRESSes that `held` has as a HOLD_ADDRESS. */
static void drop_held_addresses(struct plan *p, const struct plan *held)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind != STEP_ADDRESS || !is_among(held, &p->steps[i]))
			p->steps[n++] = p->steps[i];
	p->n = n;
}

/* Adds what is to be held to t->held. An address for it that was to be removed stays until then. */
static int hold(struct carrying *c)
{
	const struct mark_change mark = {mark_before(c), mark_afterwards(c)};
	struct tunnel *t = c->t;
	struct plan held = {0}, added = {0};
	struct wg_error why;
	bool promotes = removes_addresses(&t->d) && keep_secondary_addresses(t->r.name), is_taken;
	int ret = hold_find(&held, &t->d, c->wanted, &t->found, promotes, &mark, &t->r, &why);

	for (size_t i = 0; i < held.n; i++)
		if (held.steps[i].kind != STEP_HOLD_ADDRESS || !is_among(&t->d.remove, &held.steps[i]))
			*plan_add(&added, held.steps[i].kind) = held.steps[i];
	plan_without(&t->d.remove, &held);
	drop_held_addresses(&t->d.remove, &held);
	ret = note_result(c, ret, &why) ? run_steps(c, &added) : -1;
	/* Those that were not reached, too: undoing one that is not there does nothing. An address that
	 * somebody else has added meanwhile is left alone. */
	is_taken = c->failed && c->err->code == EEXIST;
	for (size_t i = 0; i < held.n; i++)
		if (!is_taken || held.steps[i].kind != STEP_HOLD_ADDRESS)
			*plan_add(&t->held, held.steps[i].kind) = held.steps[i];
	plan_forget(&held);
	plan_forget(&added);
	return ret;
}

/* Leaves a step that could not be undone to the journal, from which the next reload, `repair` or `down` takes
 * it. */
static void leave_step(struct carrying *c, const struct step *s, const struct wg_error *why)
{
	wg_log_say(c->t->r.log, WG_LOG_WARNING, "%s: it stays until the next `reload', `repair' or `down'",
		   why->text);
	*plan_add(&c->t->left, s->kind) = *s;
}

static void release_stand_ins(struct carrying *c, const struct plan *p)
{
	struct wg_error why;

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];

		/* A rule of another mark would catch the encrypted packets. */
		if (!step_is_stand_in(s) || (s->kind == STEP_EXEMPT && c->rule_remains))
			continue;
		/* After a failure the tunnel may want back an address that held its routes. */
		if (s->kind == STEP_HOLD_ADDRESS && is_among(c->wanted, s))
			continue;
		test_hooks_boundary();
		*c->t->r.stop = 0;
		if (step_ops(s)->undo(&c->t->r, s, true, &why) != UNDO_DONE)
			leave_step(c, s, &why);
	}
}

/* Also undoes what an earlier reload held when it was killed. The tunnel is as it shall be by then, so what
 * cannot be undone is a warning, and is left in t->left. */
static void release(struct carrying *c)
{
	release_stand_ins(c, &c->t->held);
	release_stand_ins(c, &c->t->d.remove);
}

static bool has_address(const struct found *f, const struct step *address)
{
	for (size_t i = 0; i < f->n_addresses; i++)
		if (wg_prefix_equal(&f->addresses[i].prefix, &address->prefix))
			return true;
	return false;
}

/* Those addresses come back that others made, and that went with one of the tunnel's. */
static int restore_others(struct carrying *c, const struct found *before, const struct difference *done)
{
	struct tunnel *t = c->t;
	struct wg_error why;
	size_t lost = 0;

	for (size_t i = 0; i < before->n_addresses; i++) {
		const struct step *s = &before->addresses[i];

		if (has_address(&t->found, s) || is_among(&done->remove, s) || is_among(c->wanted, s))
			continue;
		wg_rtnl_address_add(t->r.rtnl, t->r.ifindex, &s->prefix);
		lost++;
	}
	if (lost && wg_rtnl_commit(t->r.rtnl, NULL, &why) < 0 && !note_result(c, -1, &why))
		return -1;
	return 0;
}

/* Keeps the addresses and routes of a borrowed plan. */
static void keep_addresses_and_routes(struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == STEP_ADDRESS || p->steps[i].kind == STEP_ROUTE)
			p->steps[n++] = p->steps[i];
	p->n = n;
}

/* With an address the kernel may have removed others: the secondary ones of its network, and with the
 * last one of IPv4 all routes of IPv4. Adds what of the wanted ones is missing now. */
static int add_lost(struct carrying *c)
{
	static const struct plan none;
	struct tunnel *t = c->t;
	struct found before = t->found;
	struct difference done = t->d;
	struct wg_error why;
	int ret;

	t->found = (struct found){0};
	t->d = (struct difference){0};
	ret = found_take(&t->found, t->r.rtnl, t->r.ifindex, &why);
	ret = note_result(c, ret, &why) ? restore_others(c, &before, &done) : -1;
	if (!ret && !note_result(c, difference_find(&t->d, c->wanted, &none, &none, &t->found, &t->r, &why),
				 &why))
		ret = -1;
	keep_addresses_and_routes(&t->d.add);
	if (!ret && add_steps(c, is_any) < 0)
		ret = -1;
	plan_forget(&t->d.add);
	plan_forget(&t->d.remove);
	found_wipe(&before);
	t->d = done;
	return ret;
}

static bool grows_mtu(const struct tunnel *t)
{
	for (size_t i = 0; i < t->d.add.n; i++)
		if (t->d.add.steps[i].kind == STEP_LINK_UP)
			return t->d.add.steps[i].mtu >= t->found.link.mtu;
	return false;
}

/* Two backends may change the same file: what the former has set goes before the latter sets its own, as by
 * `down` and `up`. */
static int undo_other_backend(struct carrying *c)
{
	struct plan *remove = &c->t->d.remove, old = {0};
	size_t n = 0;
	int ret;

	if (!plan_has(&c->t->d.add, STEP_DNS))
		return 0;
	for (size_t i = 0; i < remove->n; i++) {
		if (remove->steps[i].kind == STEP_DNS)
			*plan_add(&old, STEP_DNS) = remove->steps[i];
		else
			remove->steps[n++] = remove->steps[i];
	}
	remove->n = n;
	ret = undo_steps(c, &old, UNDO_DNS);
	plan_forget(&old);
	return ret;
}

/* The MTU grows before addresses of IPv6 need it. Rules and routes come once the device knows the peers
 * that they lead to. resolvconf may take its time: meanwhile the way to the old servers stands as well as
 * that to the new ones. */
static int add_new(struct carrying *c)
{
	if (grows_mtu(c->t) && add_steps(c, is_link_up) < 0)
		return -1;
	if (remove_steps(c, &c->t->d.remove, REMOVE_ADDRESSES_IN_THE_WAY) < 0 ||
	    add_steps(c, is_address) < 0 || change_device(c) < 0 || add_steps(c, is_other) < 0 ||
	    change_mark(c, MARK_AFTER_RULES) < 0)
		return -1;
	return undo_other_backend(c) < 0 ? -1 : add_steps(c, is_dns);
}

/* The MTU shrinks after the addresses of IPv6 are gone that need a larger one. */
static int remove_old(struct carrying *c)
{
	if (undo_steps(c, &c->t->d.remove, UNDO_DNS) < 0 ||
	    remove_steps(c, &c->t->d.remove, REMOVE_ADDRESSES) < 0 ||
	    (removes_addresses(&c->t->d) && add_lost(c) < 0))
		return -1;
	if (!grows_mtu(c->t) && add_steps(c, is_link_up) < 0)
		return -1;
	if (remove_steps(c, &c->t->d.remove, REMOVE_ROUTES) < 0 || undo_others(c) < 0)
		return -1;
	return change_mark(c, MARK_LAST);
}

/* Carries t->d and the change of the device (NULL: none) out: all that is new is added before anything goes
 * that it follows. What has no successor that could stand beside it is held meanwhile; t->left then has what
 * was held and could not be removed. `now` is the device as it is; NULL: no mark changes. With `go_on`
 * everything is tried, and the first error is returned. After a failure without it, what is held stays, for the
 * tunnel to be as it was before. */
static int carry_out(struct tunnel *t, const struct plan *wanted, struct wg_device *change,
		     const struct wg_device *now, bool go_on, struct wg_error *err)
{
	struct carrying c = {.t = t, .wanted = wanted, .change = change, .now = now, .go_on = go_on,
			     .err = err};
	int ret;

	choose_mark_time(&c);
	find_networks(&c);
	ret = hold(&c) < 0 || add_new(&c) < 0 || remove_old(&c) < 0 ? -1 : 0;
	if (!ret)
		release(&c);
	plan_forget(&c.networks);
	return ret || c.failed ? -1 : 0;
}

/* What gives the device back all that it had: in t->device, which had that. *changed: whether there is
 * anything. *now is the device as it is. */
static int plan_device_back(struct tunnel *t, struct wg_device **now, bool *changed, struct wg_error *err)
{
	struct wg_device *before = t->device;

	if (wg_backend_get(now, t->c.name, err) < 0)
		return -1;
	before->flags |= wg_settings_flags(WG_SECTION_INTERFACE);
	for (struct wg_peer *p = before->peers; p; p = p->next)
		p->flags |= WG_PEER_REPLACE_ALLOWEDIPS | WG_PEER_HAS_PUBLIC_KEY;
	return wg_diff(before, *now, changed, err);
}

/* Whether a table of the firewall that was recognised stood before, and with which rules, is not known: it
 * stays. A step that has no mark lists such a table (adopt.h). */
static bool knows_firewall(const struct tunnel *t)
{
	for (size_t i = 0; i < t->st.steps.n; i++)
		if (t->st.steps.steps[i].kind == STEP_FIREWALL && !t->st.steps.steps[i].fwmark)
			return false;
	return t->journal_is_whole;
}

static void plan_without_firewall(struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind != STEP_FIREWALL)
			p->steps[n++] = p->steps[i];
	p->n = n;
}

/* The carried out steps of a journal that no other carried out step replaces, borrowed. A step that was only
 * begun, as by a reload that was killed, replaces nothing. */
static void plan_carried_out(struct plan *out, const struct state *st)
{
	const struct plan carried_out = {.steps = st->steps.steps, .n = st->done};

	plan_known(out, &carried_out, st->done);
}

static bool replaces_carried_out(const struct state *st, const struct step *s)
{
	for (size_t i = 0; step_ops(s)->replaces && i < st->done; i++)
		if (st->steps.steps[i].kind == s->kind && step_ops(s)->replaces(s, &st->steps.steps[i]))
			return true;
	return false;
}

static bool is_of_other_mark(const struct step *s, u32 mark)
{
	return s->kind == STEP_RULE && s->rule.invert && s->rule.fwmark != mark;
}

static bool has_rule_of(const struct plan *p, u32 mark)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == STEP_RULE && p->steps[i].rule.invert &&
		    p->steps[i].rule.fwmark == mark)
			return true;
	return false;
}

static bool has_rule_of_other(const struct plan *p, u32 mark)
{
	for (size_t i = 0; i < p->n; i++)
		if (is_of_other_mark(&p->steps[i], mark))
			return true;
	return false;
}

static void drop_other_marks(struct plan *p, u32 mark)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (!is_of_other_mark(&p->steps[i], mark))
			p->steps[n++] = p->steps[i]; /* a rule points to nothing */
	p->n = n;
}

static void set_firewall_mark(struct plan *p, u32 mark)
{
	for (size_t i = 0; i < p->n; i++) {
		struct step *s = &p->steps[i];

		if ((s->kind == STEP_FIREWALL || s->kind == STEP_KILL_SWITCH) && s->fwmark)
			s->fwmark = mark;
	}
}

/* A reload that was killed while it changed the mark leaves rules of both marks, and each of them would lead
 * the encrypted packets of the other mark into the tunnel. Takes the rules that are not of `mark`, the
 * device's, out of `made`, the plan of what the tunnel is to have again, and gives the firewall tables of the
 * journal and of `made` that mark. Returns false, and changes nothing, where the journal has rules of no
 * other mark, or `made` has none of this one: those that lead into the tunnel then have to stay. */
static bool settle_mark(struct tunnel *t, struct plan *made, u32 mark)
{
	if (!has_rule_of(made, mark) || !has_rule_of_other(&t->st.steps, mark))
		return false;
	drop_other_marks(made, mark);
	set_firewall_mark(made, mark);
	set_firewall_mark(&t->st.steps, mark);
	return true;
}

/* The mark of the device once `made` is carried out. */
static u32 settled_mark(const struct plan *made, u32 device_mark)
{
	const struct step *s = plan_find(made, STEP_FWMARK);

	return s ? s->fwmark : device_mark;
}

/* Takes out of the journalled steps those that were only begun and are not in the kernel any more: all of
 * them if `undone`, else those in whose place a carried out step is. A mark stays: it is the device's. */
static void drop_begun(struct state *st, bool undone)
{
	size_t n = st->done;

	for (size_t i = st->done; i < st->steps.n; i++) {
		struct step *s = &st->steps.steps[i];

		if (s->kind != STEP_FWMARK && (undone || replaces_carried_out(st, s)))
			step_wipe(s);
		else
			st->steps.steps[n++] = *s;
	}
	st->steps.n = n;
}

/* Takes the rules of a full tunnel that are not of this mark, which have been removed, out of the journal. */
static void drop_journalled_rules(struct state *st, u32 mark)
{
	size_t n_done = 0;

	for (size_t i = 0; i < st->done; i++)
		n_done += !is_of_other_mark(&st->steps.steps[i], mark);
	drop_other_marks(&st->steps, mark);
	st->done = n_done;
}

/* Replaces the stand-ins of t->st, which carry_out has undone, by what it has left. */
static void note_stand_ins(struct tunnel *t)
{
	struct plan *p = &t->st.steps;
	size_t n = 0, n_done = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (step_is_stand_in(&p->steps[i]))
			continue; /* it points to nothing */
		n_done += i < t->st.done;
		p->steps[n++] = p->steps[i];
	}
	p->n = n;
	/* Each of them may remain, and undoing one that does not remain does nothing. */
	for (size_t i = 0; i < t->left.n; i++)
		*plan_add(p, t->left.steps[i].kind) = t->left.steps[i];
	t->st.done = n_done;
}

/* After a failure: the tunnel as the journal has it. `tried` is the difference as a whole, `mtu` what the
 * link had, and `device` whether the device may have been changed. All is tried, whatever fails. */
static void roll_back(struct tunnel *t, const struct difference *tried, u32 mtu, bool device)
{
	cleanup(wg_device_freep) struct wg_device *now = NULL;
	struct plan before = {0}, had = {0}, known = {0};
	struct wg_error err = {0};
	bool changed = false, settled;
	int ret = 0;
	u32 mark;

	signals_outlive_session();
	*t->r.stop = 0;
	t->r.device = NULL; /* it may be another one by now */
	plan_carried_out(&before, &t->st);
	mark = settled_mark(&before, t->device->fwmark);
	settled = settle_mark(t, &before, mark);
	plan_borrow(&known, &before);
	plan_without(&known, &tried->add);
	plan_without(&known, &tried->remove);
	plan_borrow(&had, &t->st.steps);
	plan_borrow(&had, &tried->add);
	if (!knows_firewall(t))
		plan_without_firewall(&had);
	if (device)
		ret = plan_device_back(t, &now, &changed, &err);
	if (tunnel_compare(t, &before, &had, &known, &err) < 0 ||
	    carry_out(t, &before, changed ? t->device : NULL, now ?: t->device, true, &err) < 0 ||
	    ret < 0) {
		wg_log_say(t->r.log, WG_LOG_WARNING, "while undoing: %s", err.text);
	} else {
		if (t->journal_is_whole)
			drop_begun(&t->st, true);
		if (settled)
			drop_journalled_rules(&t->st, mark);
		note_stand_ins(t);
		if (journal_replace(t->r.journal, &t->st, &err) < 0)
			wg_log_say(t->r.log, WG_LOG_WARNING, "%s", err.text);
	}
	/* A hook may have set it. */
	wg_rtnl_link_set(t->r.rtnl, t->r.ifindex, mtu, true);
	if (wg_rtnl_commit(t->r.rtnl, NULL, &err) < 0)
		wg_log_say(t->r.log, WG_LOG_WARNING, "while undoing: %s", err.text);
	plan_forget(&before);
	plan_forget(&had);
	plan_forget(&known);
}

/* Of two ways to say the same, the journal's is the one that was carried out: with that priority, after
 * the setting was off, skipped. Only kinds of which there are few differ so. */
static const struct step *as_journalled(const struct plan *had, const struct step *s)
{
	if (s->kind != STEP_RULE && s->kind != STEP_SYSCTL && s->kind != STEP_FIREWALL)
		return s;
	for (size_t i = had->n; i-- > 0;)
		if (had->steps[i].kind == s->kind && !step_ops(s)->order(s, &had->steps[i]))
			return &had->steps[i];
	return s;
}

/* Whether equal DNS servers were refused when they were to be set, which has not been tried again. */
static bool was_refused(const struct plan *had, const struct step *dns)
{
	for (size_t i = had->n; i-- > 0;)
		if (had->steps[i].kind == STEP_DNS && !step_ops(dns)->order(dns, &had->steps[i]))
			return had->steps[i].dns_refused;
	return false;
}

/* The journal of a tunnel that has all that the file asks for: its link and hooks, what the file's plan has,
 * and `left`, the steps that the file does not ask for and that are left in the kernel. `key_is_files`: the
 * device has got the private key of the file, if that gives one. */
static void plan_journal(struct tunnel *t, const struct plan *left, bool key_is_files, struct state *after)
{
	bool has_mark = tunnel_needs_mark(t) || plan_has(left, STEP_RULE);
	struct plan *steps = &after->steps;

	*after = t->st;
	after->adopted = false;
	if (key_is_files && t->c.dev->flags & WG_DEVICE_HAS_PRIVATE_KEY)
		wg_curve25519_public(after->public_key, t->c.dev->private_key);
	else if (t->device->flags & WG_DEVICE_HAS_PUBLIC_KEY)
		memcpy(after->public_key, t->device->public_key, WG_KEY_LEN);
	after->save_config = t->c.save_config;
	memcpy(after->config, t->c.path, sizeof(after->config));
	memset(after->down_hooks, 0, sizeof(after->down_hooks));
	if (t->keeps_hooks) {
		strings_copy(&after->down_hooks[0], &t->st.down_hooks[0]);
		strings_copy(&after->down_hooks[1], &t->st.down_hooks[1]);
	} else {
		hooks_for_down(after->down_hooks, &t->c);
		after->hook_limit = t->c.hook_limit;
	}
	*steps = (struct plan){0};
	for (size_t i = 0; i < t->st.steps.n; i++) {
		const struct step *s = &t->st.steps.steps[i];

		if (!step_ops(s)->order ||
		    (s->kind == STEP_FWMARK && has_mark && !t->mark_is_given))
			*plan_add(steps, s->kind) = *s;
	}
	plan_borrow(steps, left);
	for (size_t i = 0; i < t->wanted.n; i++) {
		const struct step *s = as_journalled(&t->st.steps, &t->wanted.steps[i]);
		struct step *added = plan_add(steps, s->kind);

		*added = *s;
		if (s->kind == STEP_DNS)
			added->dns_refused = t->r.dns_refused || was_refused(&t->st.steps, s);
		/* One that this run has carried out, in vain if there is no table now. */
		if (s->kind == STEP_FIREWALL && t->r.no_firewall && !adopt_table(s->family, t->r.name))
			added->skipped = true;
	}
	after->done = steps->n;
}

/* The journal lists all that the tunnel has in any case: without room it goes on listing what it has no
 * more, too. */
static void note_plan(struct tunnel *t, const struct plan *left, bool key_is_files)
{
	cleanup(free_ptr) struct state *after = wg_alloc(sizeof(*after));
	struct wg_error err;

	plan_journal(t, left, key_is_files, after);
	if (journal_replace(t->r.journal, after, &err) < 0)
		wg_log_say(t->r.log, WG_LOG_WARNING, "%s", err.text);
	plan_forget(&after->steps);
	strings_wipe(&after->down_hooks[0]);
	strings_wipe(&after->down_hooks[1]);
}

static void note_success(struct tunnel *t)
{
	journal_save_applied(t->r.journal, t->record, t->record_len);
	note_plan(t, &t->left, true);
}

/* Whether the journal says that no table could be loaded, of either family: the journal takes all tables that
 * follow for skipped, so none is loaded. */
static bool lacks_firewall(const struct state *st)
{
	for (size_t i = 0; i < st->steps.n; i++)
		if (st->steps.steps[i].kind == STEP_FIREWALL && !st->steps.steps[i].skipped)
			return false;
	return st->no_firewall;
}

static int reload(struct tunnel *t, struct wg_error *err)
{
	cleanup(difference_wipe) struct difference tried = {0};
	u32 mtu;

	t->r.no_firewall = lacks_firewall(&t->st);
	if (tunnel_claim_file(t, err) < 0)
		return -1;
	plan_borrow(&tried.add, &t->d.add);
	plan_borrow(&tried.remove, &t->d.remove);
	mtu = t->found.link.mtu;
	if (carry_out(t, &t->wanted, t->device_changes ? t->c.dev : NULL, t->device, false, err) < 0) {
		/* A step that chooses a mark sets it without a change of the device. */
		roll_back(t, &tried, mtu, t->device_changes || plan_has(&tried.add, STEP_FWMARK));
		return -1;
	}
	if (t->down_changes)
		progress_command("# `down' goes by the hooks and SaveConfig of %s from now on", t->c.path);
	note_success(t);
	return 0;
}

int verb_reload(const struct wg_call *call, struct wg_error *err)
{
	cleanup(tunnel_freep) struct tunnel *t = tunnel_new();
	bool dry = wg_call_has(call, "--dry-run");

	t->keeps_hooks = wg_call_has(call, "--no-hooks");
	if (verb_become_root(call, err) < 0)
		return 1;
	if (tunnel_read(t, call->argv[0], err) < 0 || (!dry && tunnel_look_up(t, err) < 0) ||
	    tunnel_open(t, dry ? TUNNEL_LOOK : TUNNEL_CHANGE, err) < 0)
		return 1;
	if (!dry)
		return reload(t, err) < 0 ? t->r.status : 0;
	if (tunnel_compare_file(t, err) < 0)
		return 1;
	tunnel_print_difference(t, stdout);
	return 0;
}

int verb_diff(const struct wg_call *call, struct wg_error *err)
{
	cleanup(tunnel_freep) struct tunnel *t = tunnel_new();

	if (verb_become_root(call, err) < 0)
		return 1;
	if (tunnel_read(t, call->argv[0], err) < 0 || tunnel_open(t, TUNNEL_LOOK, err) < 0 ||
	    tunnel_compare_file(t, err) < 0)
		return 1;
	tunnel_print_difference(t, stdout);
	return 0;
}

/* Whether the table has a route of this family through the link: a default route, or what exclusions leave
 * of one. */
static bool leads_into_tunnel(const struct tunnel *t, u8 family, u32 table)
{
	for (size_t i = 0; i < t->found.n_routes; i++) {
		const struct wg_route *r = &t->found.routes[i].route;

		if (r->table == table && r->dst.family == family)
			return true;
	}
	return false;
}

/* A rule of another mark, which a repair leaves where it is, would lead the encrypted packets of the new
 * mark into the tunnel itself. */
static int check_marks(const struct tunnel *t, struct wg_error *err)
{
	u32 mark = 0;

	for (size_t i = 0; i < t->wanted.n; i++)
		if (t->wanted.steps[i].kind == STEP_RULE && t->wanted.steps[i].rule.invert)
			mark = t->wanted.steps[i].rule.fwmark;
	for (size_t i = 0; mark && i < t->found.n_rules; i++) {
		const struct wg_rule *r = &t->found.rules[i].rule;

		if (rule_is_full_tunnel(r) && r->fwmark != mark &&
		    leads_into_tunnel(t, r->family, r->table))
			return wg_error_set(err, "cannot repair `%s' without its journal: a rule of mark %u "
					    "leads into it, and %s asks for mark %u: use: wg-quick reload %s",
					    t->c.name, r->fwmark, t->c.path, mark, t->c.arg);
	}
	return 0;
}

/* Moves the steps that a repair does not remove from t->d.remove to `left`: all but what a reload that was
 * killed held. */
static void leave_removals(struct tunnel *t, struct plan *left)
{
	struct plan *remove = &t->d.remove;
	size_t n = 0;

	for (size_t i = 0; i < remove->n; i++) {
		if (step_is_stand_in(&remove->steps[i]))
			remove->steps[n++] = remove->steps[i];
		else
			*plan_add(left, remove->steps[i].kind) = remove->steps[i];
	}
	remove->n = n;
}

/* Peers are no matter of `repair`, but for the one that a program left when it was killed. */
static int remove_parting_peer(struct tunnel *t, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *change = tunnel_parting_removal(t, err);

	if (!change)
		return -1;
	if (!change->peers)
		return 0;
	change_write(stderr, "[#] ", t->c.name, change, t->device);
	fflush(stderr);
	test_hooks_boundary();
	return test_hooks_result(wg_backend_set(change, err), err);
}

/* What is recognised of a tunnel whose journal is lost is what is there, and no measure of what is missing:
 * the file is. Nothing is removed, and peers are left alone, as by any repair. What the file does not ask
 * for stays in the journal, so that `reload` and `down` remove it. */
static int repair_by_file(struct tunnel *t, struct wg_error *err)
{
	struct plan left = {0};
	int ret;

	t->keeps_endpoints = true; /* they only tell the MTU here */
	if (tunnel_claim_file(t, err) < 0 || check_marks(t, err) < 0)
		return -1;
	leave_removals(t, &left);
	ret = carry_out(t, &t->wanted, NULL, NULL, true, err);
	if (!ret) {
		plan_borrow(&left, &t->left);
		note_plan(t, &left, false);
		ret = remove_parting_peer(t, err);
	}
	plan_forget(&left);
	return ret;
}

/* Reads the device, for its mark and the parting peer. A daemon that does not answer is no reason to leave
 * routes and rules as they are: the error is a warning, and t->device is then NULL. */
static void read_device_to_repair(struct tunnel *t)
{
	struct wg_error why;

	t->r.device_unreadable = wg_backend_get(&t->device, t->c.name, &why) < 0;
	t->r.device = t->device;
	if (t->r.device_unreadable)
		wg_log_say(t->r.log, WG_LOG_WARNING, "%s: the device of `%s' is left as it is", why.text,
			   t->c.name);
}

/* Leaves each EXEMPT that was to be removed, because the mark of the device may be another one than that of the
 * rules `made`, which stay: without it they would lead the encrypted packets into the tunnel. */
static void keep_exempts(struct tunnel *t, const struct plan *made, u32 mark)
{
	struct plan *remove = &t->d.remove;
	size_t n = 0, n_before = t->left.n;

	if (t->device ? !has_rule_of_other(made, mark) : !hold_has_tunnel_rule(made, 0))
		return;
	for (size_t i = 0; i < remove->n; i++) {
		if (remove->steps[i].kind == STEP_EXEMPT)
			*plan_add(&t->left, STEP_EXEMPT) = remove->steps[i];
		else
			remove->steps[n++] = remove->steps[i];
	}
	remove->n = n;
	if (t->left.n > n_before)
		wg_log_say(t->r.log, WG_LOG_WARNING, "the `goto' rules of `%s' stay: its device may have "
			   "another mark than its other rules: use: wg-quick reload %s", t->c.name,
			   t->c.arg);
}

/* Puts back what a whole journal lists and the kernel lacks, and removes what a reload that was killed held. */
static int repair_by_journal(struct tunnel *t, struct wg_error *err)
{
	struct plan made = {0}, had = {0};
	bool settled;
	u32 mark;
	int ret;

	read_device_to_repair(t);
	/* What a repair that was killed has begun is among them already. */
	plan_carried_out(&made, &t->st);
	mark = settled_mark(&made, t->device ? t->device->fwmark : 0);
	settled = t->device && settle_mark(t, &made, mark);
	plan_borrow(&had, &made);
	for (size_t i = 0; i < t->st.steps.n; i++) {
		const struct step *s = &t->st.steps.steps[i];

		if (step_is_stand_in(s) || (settled && is_of_other_mark(s, mark)))
			*plan_add(&had, s->kind) = *s;
	}
	ret = tunnel_compare(t, &made, &had, &made, err) < 0 || tunnel_begin_journal(t, err) < 0;
	if (!ret) {
		keep_exempts(t, &made, mark);
		ret = carry_out(t, &made, NULL, t->device, true, err) < 0;
	}
	if (!ret) {
		drop_begun(&t->st, false);
		if (settled)
			drop_journalled_rules(&t->st, mark);
		note_stand_ins(t);
		ret = journal_replace(t->r.journal, &t->st, err) < 0 ||
		      (t->device && remove_parting_peer(t, err) < 0);
	}
	plan_forget(&made);
	plan_forget(&had);
	return ret ? -1 : 0;
}

/* *lost: the tunnel was up, and its interface is gone, as with a daemon that was killed; then *no_hooks says
 * whether it was up without hooks. Returns the exit status. */
static int repair(const char *arg, bool *lost, bool *no_hooks, struct wg_error *err)
{
	cleanup(tunnel_freep) struct tunnel *t = tunnel_new();
	int ret;

	if (tunnel_read(t, arg, err) < 0)
		return 1;
	if (tunnel_open(t, TUNNEL_CHANGE, err) < 0) {
		*lost = err->code == ENODEV && t->journal_is_whole && t->st.complete && !t->st.going_down;
		*no_hooks = t->st.no_hooks;
		return 1;
	}
	ret = t->journal_is_whole ? repair_by_journal(t, err) : repair_by_file(t, err);
	return ret ? t->r.status : 0;
}

int verb_repair(const struct wg_call *call, struct wg_error *err)
{
	bool lost = false, no_hooks = false;
	int status;

	if (verb_become_root(call, err) < 0)
		return 1;
	status = repair(call->argv[0], &lost, &no_hooks, err);
	if (!lost)
		return status;
	/* `up` undoes what is left, says so, and begins anew. */
	*err = (struct wg_error){0};
	return up_again(call->argv[0], no_hooks, err);
}

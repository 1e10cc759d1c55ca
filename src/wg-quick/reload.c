// SPDX-License-Identifier: GPL-2.0
/* `wg-quick reload`, `diff` and `repair`: a tunnel that is up, what it shall be, and the difference
 * carried out. A reload that fails is reconciled again, with the tunnel as it was before. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../lib/base/alloc.h"
#include "../lib/base/cleanup.h"
#include "../lib/device/backend.h"
#include "../lib/device/diff.h"
#include "../lib/device/setting.h"
#include "host/hooks.h"
#include "host/progress.h"
#include "host/signals.h"
#include "host/test-hooks.h"
#include "reconcile/change-text.h"
#include "reconcile/run.h"
#include "reconcile/tunnel.h"
#include "verb.h"

/* With a primary address the kernel deletes the secondary ones of its network, unless it is told to make
 * the next one primary. Where that cannot be said, the secondary ones are added again. */
static void keep_secondary_addresses(const char *ifname)
{
	cleanup(free_ptr) char *path =
		wg_format("/proc/sys/net/ipv4/conf/%s/promote_secondaries", ifname);
	cleanup(close_file) FILE *f = fopen(path, "we");

	if (f)
		fputs("1\n", f);
}

/* How a difference is carried out. */
struct carrying {
	struct tunnel *t;
	const struct plan *wanted;
	bool go_on; /* past errors: what can be put right is */
	struct wg_error *err; /* the first */
	bool failed;
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

/* Adds the steps of the difference that `wanted_kind` chooses. */
static int add_steps(struct carrying *c, bool (*wanted_kind)(const struct step *))
{
	const struct plan *all = &c->t->d.add;
	struct plan some = {0};
	int ret;

	for (size_t i = 0; i < all->n; i++)
		if (wanted_kind(&all->steps[i]))
			*plan_add(&some, all->steps[i].kind) = all->steps[i];
	ret = run_steps(c, &some);
	plan_forget(&some);
	return ret;
}

static bool is_address(const struct step *s)
{
	return s->kind == STEP_ADDRESS;
}

static bool is_link_up(const struct step *s)
{
	return s->kind == STEP_LINK_UP;
}

static bool is_dns(const struct step *s)
{
	return s->kind == STEP_DNS;
}

static bool is_other(const struct step *s)
{
	return !is_address(s) && !is_link_up(s) && !is_dns(s);
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

static int remove_steps(struct carrying *c, enum removal what)
{
	struct run *r = &c->t->r;
	const struct plan *p = &c->t->d.remove;
	struct wg_error why;
	int ret = 0;
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];

		if (!is_removed_now(c->t, s, what))
			continue;
		if (!n && what != REMOVE_ROUTES)
			keep_secondary_addresses(r->name);
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
	return note_result(c, ret, &why) ? 0 : -1;
}

/* What has an operation of its own, in the order of `down`: whether another full tunnel needs the sysctl
 * shows by its rules, once this one's are gone. */
static int undo_steps(struct carrying *c)
{
	const struct plan *p = &c->t->d.remove;
	struct wg_error why;

	for (int order = UNDO_WITH_LINK + 1; order < UNDO_ORDERS; order++) {
		for (size_t i = 0; i < p->n; i++) {
			const struct step_ops *ops = step_ops(&p->steps[i]);

			if ((int)ops->undo_order != order)
				continue;
			test_hooks_boundary();
			if (c->go_on)
				*c->t->r.stop = 0;
			if (ops->undo(&c->t->r, &p->steps[i], true, &why) != UNDO_DONE &&
			    !note_result(c, -1, &why))
				return -1;
		}
	}
	return 0;
}

static int change_device(struct tunnel *t, struct wg_device *change, const struct wg_device *now,
			 struct wg_error *err)
{
	change_write(stderr, "[#] ", t->c.name, change, now);
	fflush(stderr);
	test_hooks_boundary();
	if (wg_diff_avoid_removals(change, err) < 0)
		return -1;
	return test_hooks_result(wg_backend_set(change, err), err);
}

static bool has_address(const struct found *f, const struct step *address)
{
	for (size_t i = 0; i < f->n_addresses; i++)
		if (wg_prefix_equal(&f->addresses[i].prefix, &address->prefix))
			return true;
	return false;
}

static bool is_among(const struct plan *p, const struct step *address)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == STEP_ADDRESS &&
		    wg_prefix_equal(&p->steps[i].prefix, &address->prefix))
			return true;
	return false;
}

/* With an address the kernel may have removed others: the secondary ones of its network, and with the
 * last one of IPv4 all routes of IPv4. Those that others made come back first. */
static int look_again(struct carrying *c, struct found *before, struct difference *done)
{
	static const struct plan none;
	struct tunnel *t = c->t;
	struct wg_error why;
	size_t lost = 0;

	if (found_take(&t->found, t->r.rtnl, t->r.ifindex, &why) < 0)
		return note_result(c, -1, &why) ? 0 : -1;
	for (size_t i = 0; i < before->n_addresses; i++) {
		const struct step *s = &before->addresses[i];

		if (has_address(&t->found, s) || is_among(&done->remove, s) || is_among(c->wanted, s))
			continue;
		wg_rtnl_address_add(t->r.rtnl, t->r.ifindex, &s->prefix);
		lost++;
	}
	if (lost && wg_rtnl_commit(t->r.rtnl, NULL, &why) < 0 && !note_result(c, -1, &why))
		return -1;
	/* Everything wanted that is not there now, and the rest of what was to be done. */
	if (difference_find(&t->d, c->wanted, &none, &none, &t->found, &t->r, &why) < 0)
		return note_result(c, -1, &why) ? 0 : -1;
	return 0;
}

/* Keeps the addresses and routes of a borrowed plan, or all others. */
static void plan_keep(struct plan *p, bool addresses_and_routes)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		if ((p->steps[i].kind == STEP_ADDRESS || p->steps[i].kind == STEP_ROUTE) ==
		    addresses_and_routes)
			p->steps[n++] = p->steps[i];
	p->n = n;
}

/* Puts into t->d what is left to be done once the addresses are changed. */
static int recompute(struct carrying *c)
{
	struct tunnel *t = c->t;
	struct found before = t->found;
	struct difference done = t->d;
	struct plan add = {0};
	int ret;

	t->found = (struct found){0};
	t->d = (struct difference){0};
	ret = look_again(c, &before, &done);
	/* Addresses and routes by what is there now, all else as it was found before; in the plan's order,
	 * for the rules of a full tunnel come before its route. */
	plan_keep(&t->d.add, true);
	plan_keep(&done.add, false);
	plan_merge(&add, c->wanted, &t->d.add, &done.add);
	plan_forget(&t->d.add);
	plan_forget(&t->d.remove);
	t->d.add = add;
	for (size_t i = 0; i < done.remove.n; i++)
		if (done.remove.steps[i].kind != STEP_ADDRESS)
			*plan_add(&t->d.remove, done.remove.steps[i].kind) = done.remove.steps[i];
	found_wipe(&before);
	difference_wipe(&done);
	return ret;
}

static bool removes_addresses(const struct difference *d)
{
	for (size_t i = 0; i < d->remove.n; i++)
		if (d->remove.steps[i].kind == STEP_ADDRESS)
			return true;
	return false;
}

static bool grows_mtu(const struct tunnel *t)
{
	for (size_t i = 0; i < t->d.add.n; i++)
		if (t->d.add.steps[i].kind == STEP_LINK_UP)
			return t->d.add.steps[i].mtu >= t->found.link.mtu;
	return false;
}

/* The MTU grows before addresses of IPv6 need it, and shrinks after those are gone. Routes come back
 * as soon as the addresses have changed. */
static int change_addresses(struct carrying *c)
{
	bool grows = grows_mtu(c->t);

	if (grows && add_steps(c, is_link_up) < 0)
		return -1;
	if (remove_steps(c, REMOVE_ADDRESSES_IN_THE_WAY) < 0 || add_steps(c, is_address) < 0 ||
	    remove_steps(c, REMOVE_ADDRESSES) < 0)
		return -1;
	if (removes_addresses(&c->t->d) && (recompute(c) < 0 || add_steps(c, is_address) < 0))
		return -1;
	return grows ? 0 : add_steps(c, is_link_up);
}

/* Carries t->d out, and the change of the device (NULL: none) between addresses and routes. What was
 * removed comes before a route that may have stood in its place; resolvconf, which may take its time,
 * comes last. With `go_on` everything is tried, and the first error is returned. */
static int carry_out(struct tunnel *t, const struct plan *wanted, struct wg_device *change,
		     bool go_on, struct wg_error *err)
{
	struct carrying c = {.t = t, .wanted = wanted, .go_on = go_on, .err = err};
	struct wg_error why;

	if (change_addresses(&c) < 0)
		return -1;
	if (change && !note_result(&c, change_device(t, change, t->device, &why), &why))
		return -1;
	if (add_steps(&c, is_other) < 0 || remove_steps(&c, REMOVE_ROUTES) < 0 || undo_steps(&c) < 0 ||
	    add_steps(&c, is_dns) < 0)
		return -1;
	return c.failed ? -1 : 0;
}

/* Gives the device back all that it had; t->device becomes the change. */
static int restore_device(struct tunnel *t, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *now = NULL;
	struct wg_device *before = t->device;
	bool changed;

	if (wg_backend_get(&now, t->c.name, err) < 0)
		return -1;
	before->flags |= wg_settings_flags(WG_SECTION_INTERFACE);
	for (struct wg_peer *p = before->peers; p; p = p->next)
		p->flags |= WG_PEER_REPLACE_ALLOWEDIPS | WG_PEER_HAS_PUBLIC_KEY;
	if (wg_diff(before, now, &changed, err) < 0)
		return -1;
	return changed ? change_device(t, before, now, err) : 0;
}

/* After a failure: the tunnel as the journal has it. `tried` is the difference as a whole, `mtu` what the
 * link had, and `device` whether the device's change may have been sent. All is tried, whatever fails. */
static void roll_back(struct tunnel *t, const struct difference *tried, u32 mtu, bool device)
{
	struct plan before = {0}, had = {0}, known = {0};
	struct wg_error err = {0};
	int ret = 0;

	signals_outlive_session();
	*t->r.stop = 0;
	t->r.device = NULL; /* it may be another one by now */
	plan_known(&before, &t->st.steps, t->st.done);
	plan_borrow(&known, &before);
	plan_without(&known, &tried->add);
	plan_without(&known, &tried->remove);
	plan_borrow(&had, &t->st.steps);
	plan_borrow(&had, &tried->add);
	if (device)
		ret = restore_device(t, &err);
	if (tunnel_compare(t, &before, &had, &known, &err) < 0 || carry_out(t, &before, NULL, true, &err) < 0 ||
	    ret < 0)
		wg_log_say(t->r.log, WG_LOG_WARNING, "while undoing: %s", err.text);
	else if (journal_replace(t->r.journal, &t->st, &err) < 0)
		wg_log_say(t->r.log, WG_LOG_WARNING, "%s", err.text);
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

/* The journal of a tunnel that is as the file asks: its link and hooks, and what the file's plan has. */
static void plan_journal(struct tunnel *t, struct state *after)
{
	struct plan *steps = &after->steps;

	*after = t->st;
	after->save_config = t->c.save_config;
	memcpy(after->config, t->c.path, sizeof(after->config));
	memset(after->down_hooks, 0, sizeof(after->down_hooks));
	hooks_for_down(after->down_hooks, &t->c);
	*steps = (struct plan){0};
	for (size_t i = 0; i < t->st.steps.n; i++) {
		const struct step *s = &t->st.steps.steps[i];

		if (!step_ops(s)->order || (s->kind == STEP_FWMARK && tunnel_is_full(t)))
			*plan_add(steps, s->kind) = *s;
	}
	for (size_t i = 0; i < t->wanted.n; i++)
		*plan_add(steps, t->wanted.steps[i].kind) =
			*as_journalled(&t->st.steps, &t->wanted.steps[i]);
	after->done = steps->n;
}

/* The journal lists all that the tunnel has in any case: without room it goes on listing what it has no
 * more, too. */
static void note_success(struct tunnel *t)
{
	cleanup(free_ptr) struct state *after = wg_alloc(sizeof(*after));
	struct wg_error err;

	plan_journal(t, after);
	journal_save_applied(t->r.journal, t->record, t->record_len);
	if (journal_replace(t->r.journal, after, &err) < 0)
		wg_log_say(t->r.log, WG_LOG_WARNING, "%s", err.text);
	plan_forget(&after->steps);
	strings_wipe(&after->down_hooks[0]);
	strings_wipe(&after->down_hooks[1]);
}

static int reload(struct tunnel *t, struct wg_error *err)
{
	cleanup(difference_wipe) struct difference tried = {0};
	u32 mtu;

	if (tunnel_claim_file(t, err) < 0)
		return -1;
	plan_borrow(&tried.add, &t->d.add);
	plan_borrow(&tried.remove, &t->d.remove);
	mtu = t->found.link.mtu;
	if (carry_out(t, &t->wanted, t->device_changes ? t->c.dev : NULL, false, err) < 0) {
		roll_back(t, &tried, mtu, t->device_changes);
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

int verb_repair(const struct wg_call *call, struct wg_error *err)
{
	cleanup(tunnel_freep) struct tunnel *t = tunnel_new();
	struct plan made = {0};
	int ret;

	if (verb_become_root(call, err) < 0)
		return 1;
	if (tunnel_read(t, call->argv[0], err) < 0 || tunnel_open(t, TUNNEL_CHANGE, err) < 0)
		return 1;
	plan_known(&made, &t->st.steps, t->st.done);
	ret = tunnel_compare(t, &made, &made, &made, err) < 0 || tunnel_begin_journal(t, err) < 0 ||
	      carry_out(t, &made, NULL, true, err) < 0 ||
	      journal_replace(t->r.journal, &t->st, err) < 0;
	plan_forget(&made);
	return ret ? t->r.status : 0;
}

// SPDX-License-Identifier: GPL-2.0
/* `wg-quick up`. Whatever fails after the journal was begun is undone from the journal, by the same
 * code that `down` uses after a crash. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "../lib/base/alloc.h"
#include "../lib/base/cleanup.h"
#include "host/progress.h"
#include "host/signals.h"
#include "host/userspace.h"
#include "plan/netstate.h"
#include "plan/plan.h"
#include "reconcile/recover.h"
#include "reconcile/standing.h"
#include "verb.h"

static int look_up(struct config *c, struct wg_error *err)
{
	return wg_resolve_run(&c->resolve, &progress_log, &signals_stop, err);
}

/* Free tables and rule priorities are shared between tunnels, from the look at them until they are
 * taken. Peers that PreUp makes may have a default route too. */
static bool shares(const struct config *c)
{
	if (c->table_mode != TABLE_AUTO)
		return false;
	for (const struct wg_peer *p = c->dev->peers; p; p = p->next) {
		for (const struct wg_allowedip *a = p->allowedips; a; a = a->next) {
			if (!a->cidr)
				return true;
		}
	}
	return c->hooks[HOOK_PRE_UP].n > 0;
}

/* Undoes what is left of an earlier tunnel of this name, as `down` would; `why` says what happened to
 * it. What fails and leaves nothing behind is a warning. */
static int heal(const struct run *r, struct journal *j, const struct state *st, const char *why,
		struct wg_error *err)
{
	struct run old = *r;

	wg_log_say(r->log, WG_LOG_PROGRESS, "an earlier `%s' %s: what it left is undone first", r->name,
		   why);
	old.journal = j;
	old.config = NULL;
	if (run_undo(&old, st, err) < 0) {
		if (old.remains) {
			cleanup(free_ptr) char *text = wg_format("%s", err->text);

			return wg_error_set(err, "what an earlier `%s' left cannot be undone: %.1000s; "
					    "wg-quick down --force %s goes on past it", r->name, text,
					    r->name);
		}
		wg_log_say(r->log, WG_LOG_WARNING, "%s", err->text);
	}
	/* A signal was meant for `up`. */
	if (old.interrupted)
		return signals_error(old.interrupted, err);
	err->text[0] = '\0';
	return 0;
}

static int already_exists(const struct run *r, const char *more, struct wg_error *err)
{
	wg_error_set(err, "`%s' already exists%s", r->name, more);
	err->code = EEXIST;
	return -1;
}

/* A journal of an earlier `up` is there. 1: the tunnel stands. 0: what was left is undone. */
static int check_journal(struct run *r, const struct config *c, struct state *st,
			 struct wg_error *err)
{
	struct run old = *r;
	bool complete;
	int where;

	if (recover_state(&old, st, true, c, err) < 0)
		return -1;
	complete = st->complete && !st->going_down;
	where = complete ? recover_find_link(&old, st, err) : 0;
	if (where < 0)
		return -1;
	if (where == 2)
		return already_exists(r, ": its interface is in another network namespace", err);
	if (where == 1)
		return 1;
	return heal(r, r->journal, st, complete ? "has lost its interface" :
		    "was cut short on its way up or down", err);
}

/* Rules of ours that no tunnel accounts for: those of a tunnel whose journal is lost, as in a container
 * that was made anew in a network namespace that has stayed. */
static bool has_orphan_rules(const struct run *r)
{
	static const u8 families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < 2; i++) {
		cleanup(free_ptr) struct wg_rule *list = NULL;
		struct wg_error ignored;
		size_t n = 0;

		if (wg_rtnl_rules(r->rtnl, families[i], &list, &n, &ignored) < 0)
			continue;
		for (size_t k = 0; k < n; k++) {
			const struct step s = {.kind = STEP_RULE, .rule = list[k]};

			if (list[k].protocol == WG_RTNL_PROTOCOL && list[k].invert &&
			    list[k].table == list[k].fwmark &&
			    !r->upcalls->other_tunnel_has(r, &s, false))
				return true;
		}
	}
	return false;
}

static int check_orphans(const struct run *r, const struct config *c, struct wg_error *err)
{
	cleanup(state_wipe) struct state st = {0};
	struct run old = *r;
	int found;

	if (!shares(c) || !has_orphan_rules(r))
		return 0;
	old.journal = NULL;
	found = recover_state(&old, &st, false, c, err);
	return found > 0 ? heal(r, NULL, &st, "is gone, and so is its journal", err) : found;
}

/* 0: nothing of this name is there, or not any more. 1: the tunnel stands as the file asks, and
 * `idempotent` makes that a success. Not inlined: paths make both frames large. */
static __attribute__((noinline)) int check_free(struct config *c, struct run *r, bool idempotent,
						struct wg_error *err)
{
	cleanup(state_wipe) struct state st = {0};
	char why[256];
	struct wg_link link;
	int there = wg_rtnl_link(r->rtnl, c->name, &link, err), had, stands = 0;

	if (there < 0)
		return -1;
	had = journal_load(r->journal, &st, err);
	if (had < 0)
		return -1;
	if (had) {
		stands = check_journal(r, c, &st, err);
		if (stands < 0)
			return -1;
		if (!stands)
			there = wg_rtnl_link(r->rtnl, c->name, &link, err);
	} else if (!there) {
		return check_orphans(r, c, err);
	}
	if (there < 0 || (!there && !stands))
		return there;
	if (!idempotent)
		return already_exists(r, "", err);
	if (!standing_check(r, c, stands ? &st : NULL, why, sizeof(why))) {
		wg_error_set(err, "`%s' already exists, and not as %s asks for: %s", r->name, c->path,
			     why);
		return -1;
	}
	return 1;
}

static int make_link(struct run *r, struct config *c, struct wg_error *err)
{
	cleanup(netstate_wipe) struct netstate s = {0};
	cleanup(plan_wipe) struct plan p = {0};

	if (!c->hooks[HOOK_PRE_UP].n && look_up(c, err) < 0)
		return -1;
	if (netstate_take(&s, c, err) < 0)
		return -1;
	if (plan_link(c, &s, &p, err) < 0) {
		if (err->code == ENOENT)
			r->status = STATUS_NOT_FOUND;
		return -1;
	}
	if (journal_begin(r->journal, c, err) < 0)
		return -1;
	journal_marker(r->journal, r->marker);
	return run_plan(r, &p, err);
}

static bool has_rules(const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->steps[i].kind == STEP_RULE)
			return true;
	}
	return false;
}

/* Plans again under the lock, and writes the rules into the journal, where other tunnels see that
 * their tables and priorities are taken. Nothing is waited for meanwhile, and what the plan waits for
 * (resolvconf, daemons, hooks) comes after the lock was let go. */
static int claim_rules(struct run *r, const struct config *c, struct netstate *s, struct plan *p,
		       struct wg_error *err)
{
	cleanup(close_fd) int shared = -1;

	if (journal_lock_shared(&shared, r->stop, r->log, err) < 0 ||
	    netstate_take_shared(s, c, err) < 0)
		return -1;
	plan_wipe(p);
	if (plan_network(c, s, NULL, p, err) < 0)
		return -1;
	return run_claim(r, p, err);
}

static int make_network(struct run *r, struct config *c, struct wg_error *err)
{
	cleanup(netstate_wipe) struct netstate s = {0};
	cleanup(plan_wipe) struct plan p = {0};
	cleanup(free_ptr) char *record = NULL;
	size_t len;

	/* PreUp may be what makes names resolvable. */
	if (c->hooks[HOOK_PRE_UP].n && look_up(c, err) < 0)
		return -1;
	if (netstate_take(&s, c, err) < 0) {
		if (r->userspace)
			userspace_explain(r->name, err);
		return -1;
	}
	if (plan_network(c, &s, r->log, &p, err) < 0)
		return -1;
	if (has_rules(&p) && claim_rules(r, c, &s, &p, err) < 0)
		return -1;
	if (run_plan(r, &p, err) < 0)
		return -1;
	/* Hooks may have taken a while. */
	if (r->userspace &&
	    userspace_confirm_alive(r->name, r->marker, r->rtnl, r->ifindex, err) < 0)
		return -1;
	record = applied_text(c, &len);
	journal_save_applied(r->journal, record, len);
	if (*r->stop)
		return signals_error(*r->stop, err);
	return journal_complete(r->journal, err);
}

/* Undoes a failed `up`. The error stays that of the failure; what cannot be undone is a warning. */
static void rollback(struct run *r)
{
	struct wg_error err = {0};
	struct state st = {0};
	int status = r->status;

	signals_outlive_session();
	*r->stop = 0;
	if (journal_load(r->journal, &st, &err) > 0) {
		/* A PreDown hook can refuse only what was complete. */
		st.complete = false;
		run_undo(r, &st, &err);
		state_wipe(&st);
	}
	if (err.text[0])
		wg_log_say(r->log, WG_LOG_WARNING, "while undoing: %s", err.text);
	r->status = status;
}

static int bring_up(struct run *r, struct config *c, bool idempotent, struct wg_error *err)
{
	int ret;

	signals_catch();
	if (wg_rtnl_open(&r->rtnl, err) < 0 || journal_lock(&r->journal, c->name, r->log, err) < 0)
		return 1;
	ret = check_free(c, r, idempotent, err);
	if (ret)
		return ret < 0;
	memcpy(c->dev->name, c->name, sizeof(c->dev->name));
	ret = make_link(r, c, err);
	if (!ret)
		ret = make_network(r, c, err);
	if (ret < 0)
		rollback(r);
	return ret < 0 ? r->status : 0;
}

static void print_plan(const struct plan *p, const char *ifname)
{
	for (size_t i = 0; i < p->n; i++) {
		cleanup(free_ptr) char *command = step_command(&p->steps[i], ifname);

		if (command)
			printf("[#] %s\n", command);
	}
}

/* The endpoints decide on the MTU. PreUp may be what makes them resolvable. */
static int look_up_ahead(struct config *c, struct wg_error *err)
{
	if (!look_up(c, err))
		return 0;
	if (!c->hooks[HOOK_PRE_UP].n)
		return -1;
	wg_log_say(&progress_log, WG_LOG_WARNING, "%s; unless PreUp helps, `up' will fail", err->text);
	err->text[0] = '\0';
	return 0;
}

/* What `up` would do, as far as it can be known without doing it: PreUp hooks may change it. */
static int dry_run(struct config *c, struct wg_error *err)
{
	cleanup(netstate_wipe) struct netstate s = {0};
	cleanup(plan_wipe) struct plan p = {0};

	if (look_up_ahead(c, err) < 0 || netstate_take_ahead(&s, c, err) < 0)
		return 1;
	if (plan_link(c, &s, &p, err) < 0)
		return err->code == ENOENT ? STATUS_NOT_FOUND : 1;
	if (plan_network(c, &s, &progress_log, &p, err) < 0)
		return 1;
	print_plan(&p, c->name);
	return 0;
}

int verb_up(const struct wg_call *call, struct wg_error *err)
{
	cleanup(config_wipe) struct config c = {0};
	struct run r = {.upcalls = &run_upcalls, .log = &progress_log, .stop = &signals_stop,
			.status = 1};
	bool dry = wg_call_has(call, "--dry-run");
	int status;

	if (!dry && verb_become_root(call, err) < 0)
		return 1;
	if (config_find(&c, call->argv[0], err) < 0 || config_read(&c, &progress_log, err) < 0)
		return 1;
	if (dry)
		return dry_run(&c, err);
	r.name = c.name;
	r.config_path = c.path;
	r.config = &c;
	status = bring_up(&r, &c, wg_call_has(call, "--idempotent"), err);
	wg_rtnl_close(&r.rtnl);
	journal_unlock(&r.journal);
	return status;
}

// SPDX-License-Identifier: GPL-2.0
/* `wg-quick up`. Whatever fails after the journal was begun is undone from the journal, by the same
 * code that `down` uses after a crash. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "../lib/cleanup.h"
#include "netstate.h"
#include "plan.h"
#include "run.h"
#include "signals.h"
#include "verb.h"

#define STATUS_NOT_FOUND 127 /* of a program: as shells have it */

static int look_up(struct config *c, struct wg_error *err)
{
	return wg_resolve_run(&c->resolve, &verb_log, &signals_stop, err);
}

/* A state file is there: says why `up` cannot begin. */
static int refuse(const struct config *c, const struct state *st, const struct wg_link *link,
		  struct wg_error *err)
{
	bool ours = link && (!st->ifindex || link->index == st->ifindex);

	if (st->complete && !st->going_down && ours)
		return wg_error_set(err, "`%s' already exists", c->name);
	if (st->complete && !st->going_down)
		return wg_error_set(err, "`%s' was up and its interface has gone since; first undo "
				    "the rest with: wg-quick down %s", c->name, c->name);
	return wg_error_set(err, "a wg-quick that worked on `%s' was cut short; first undo what it "
			    "left with: wg-quick down %s", c->name, c->name);
}

static int check_free(const struct config *c, struct run *r, struct wg_error *err)
{
	struct state st = {0};
	struct wg_link link;
	int there = wg_rtnl_link(r->rtnl, c->name, &link, err), had;

	if (there < 0)
		return -1;
	had = journal_load(r->journal, &st, err);
	if (had > 0) {
		refuse(c, &st, there ? &link : NULL, err);
		state_wipe(&st);
	}
	if (had)
		return -1;
	return there ? wg_error_set(err, "`%s' already exists", c->name) : 0;
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

static int make_network(struct run *r, struct config *c, struct wg_error *err)
{
	cleanup(netstate_wipe) struct netstate s = {0};
	cleanup(plan_wipe) struct plan p = {0};
	cleanup(free_ptr) char *record = NULL;
	size_t len;

	/* PreUp may be what makes names resolvable. */
	if (c->hooks[HOOK_PRE_UP].n && look_up(c, err) < 0)
		return -1;
	if (shares(c) && journal_lock_shared(&r->shared_lock, r->stop, r->log, err) < 0)
		return -1;
	if (netstate_take(&s, c, err) < 0 || plan_network(c, &s, r->log, &p, err) < 0)
		return -1;
	if (run_plan(r, &p, err) < 0)
		return -1;
	record = applied_text(c, &len);
	if (journal_save_applied(r->journal, record, len, err) < 0)
		return -1;
	return journal_complete(r->journal, err);
}

/* Undoes a failed `up`. The error stays that of the failure; what cannot be undone is a warning. */
static void take_back(struct run *r)
{
	struct wg_error err = {0};
	struct state st = {0};
	int status = r->status;

	signals_outlive_session();
	*r->stop = 0;
	close_fd(&r->shared_lock);
	r->shared_lock = -1;
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

static int bring_up(struct run *r, struct config *c, struct wg_error *err)
{
	int ret;

	signals_catch();
	if (wg_rtnl_open(&r->rtnl, err) < 0 || journal_lock(&r->journal, c->name, err) < 0 ||
	    check_free(c, r, err) < 0)
		return 1;
	memcpy(c->dev->name, c->name, sizeof(c->dev->name));
	ret = make_link(r, c, err);
	if (!ret)
		ret = make_network(r, c, err);
	if (ret < 0)
		take_back(r);
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
	wg_log_say(&verb_log, WG_LOG_WARNING, "%s; unless PreUp helps, `up' will fail", err->text);
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
	if (plan_network(c, &s, &verb_log, &p, err) < 0)
		return 1;
	print_plan(&p, c->name);
	return 0;
}

int verb_up(const struct verb *verb, int argc, char **argv, struct wg_error *err)
{
	cleanup(config_wipe) struct config c = {0};
	struct run r = {.upcalls = &run_upcalls, .log = &verb_log, .stop = &signals_stop,
			.shared_lock = -1, .status = 1};
	bool dry = argc == 3 && !strcmp(argv[1], "--dry-run");
	int status;

	(void)verb;
	if (argc != (dry ? 3 : 2))
		return VERB_USAGE;
	if (!dry && verb_become_root(argv, err) < 0)
		return 1;
	if (config_find(&c, argv[argc - 1], err) < 0 || config_read(&c, &verb_log, err) < 0)
		return 1;
	if (dry)
		return dry_run(&c, err);
	r.name = c.name;
	r.config_path = c.path;
	r.config = &c;
	status = bring_up(&r, &c, err);
	close_fd(&r.shared_lock);
	wg_rtnl_close(&r.rtnl);
	journal_unlock(&r.journal);
	return status;
}

void complete_up(int argc, char **argv)
{
	if (argc == 2)
		puts("--dry-run");
	if (argc == 2 || (argc == 3 && !strcmp(argv[1], "--dry-run")))
		complete_config(2, argv);
}

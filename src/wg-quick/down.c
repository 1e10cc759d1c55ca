// SPDX-License-Identifier: GPL-2.0
/* `wg-quick down`: from the journal of `up` where there is one, whatever has become of the
 * configuration file; else by what the file and the network say. */
#include <errno.h>
#include <string.h>
#include "../lib/cleanup.h"
#include "../lib/uapi.h"
#include "adopt.h"
#include "run.h"
#include "signals.h"
#include "verb.h"

static int undo(struct run *r, const struct state *st, struct wg_error *err)
{
	r->config_path = st->config;
	return run_undo(r, st, err) < 0 ? r->status : 0;
}

static int check_kind(struct run *r, struct wg_error *err)
{
	struct wg_link link;
	int there = wg_rtnl_link(r->rtnl, r->name, &link, err);

	if (there < 0)
		return -1;
	if (!there || (strcmp(link.kind, "wireguard") && !wg_uapi_has(r->name)))
		return wg_error_set(err, "`%s' is not a WireGuard interface", r->name);
	return 0;
}

static int undo_adopted(struct run *r, struct config *c, struct wg_error *err)
{
	cleanup(netstate_wipe) struct netstate s = {0};
	cleanup(state_wipe) struct state st = {0};

	if (check_kind(r, err) < 0 || config_read(c, &verb_log, err) < 0 ||
	    netstate_take(&s, c, err) < 0)
		return 1;
	adopt_state(&st, c, &s);
	adopt_warn(&st, r->log);
	return undo(r, &st, err);
}

/* Not inlined: paths make both frames large. */
static __attribute__((noinline)) int take_down(struct run *r, struct config *c, int found,
					       const struct wg_error *not_found,
					       struct wg_error *err)
{
	cleanup(journal_unlock) struct journal *j = NULL;
	cleanup(state_wipe) struct state st = {0};
	int had;

	if (wg_rtnl_open(&r->rtnl, err) < 0 || journal_lock(&j, c->name, err) < 0)
		return 1;
	had = journal_load(j, &st, err);
	if (had < 0)
		return 1;
	if (had) {
		r->journal = j;
		return undo(r, &st, err);
	}
	if (found < 0) {
		*err = *not_found;
		return 1;
	}
	return undo_adopted(r, c, err);
}

int verb_down(const struct verb *verb, int argc, char **argv, struct wg_error *err)
{
	cleanup(config_wipe) struct config c = {0};
	struct run r = {.upcalls = &run_upcalls, .log = &verb_log, .stop = &signals_stop,
			.shared_lock = -1, .status = 1};
	struct wg_error not_found = {0};
	int found, status;

	(void)verb;
	if (argc != 2)
		return VERB_USAGE;
	if (verb_become_root(argv, err) < 0)
		return 1;
	found = config_find(&c, argv[1], &not_found);
	if (found < 0 && !c.name[0]) {
		*err = not_found;
		return 1;
	}
	r.name = c.name;
	signals_catch();
	signals_outlive_session();
	status = take_down(&r, &c, found, &not_found, err);
	wg_rtnl_close(&r.rtnl);
	return status;
}

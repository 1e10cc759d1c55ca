// SPDX-License-Identifier: GPL-2.0
/* `wg-quick down`: from the journal of `up` where there is a whole one, whatever has become of the
 * configuration file; else by what the file and the network say, too. */
#include <errno.h>
#include <string.h>
#include "../lib/base/cleanup.h"
#include "host/progress.h"
#include "host/signals.h"
#include "reconcile/place.h"
#include "reconcile/recover.h"
#include "verb.h"

/* The file is read for what the journal does not say, and need not be there. */
static bool read_file(struct config *c, int found)
{
	struct wg_error ignored;

	return found == 0 && config_read(c, NULL, &ignored) == 0;
}

/* Without a journal, what is wrong with the file is what there is to say. */
static int read_only_source(struct config *c, int found, const struct wg_error *not_found,
			    struct wg_error *err)
{
	if (found < 0)
		*err = *not_found;
	return found < 0 ? -1 : config_read(c, &progress_log, err);
}

/* Not inlined: paths make both frames large. */
static __attribute__((noinline)) int take_down(struct run *r, struct config *c, int found, bool no_hooks,
					       const struct wg_error *not_found,
					       struct wg_error *err)
{
	cleanup(journal_unlock) struct journal *j = NULL;
	cleanup(state_wipe) struct state st = {0};
	bool readable = false;
	int had, there;

	if (wg_rtnl_open(&r->rtnl, err) < 0 || journal_lock(&j, c->name, NULL, err) < 0)
		return 1;
	had = journal_load(j, &st, err);
	if (had < 0 || (!had && read_only_source(c, found, not_found, err) < 0))
		return 1;
	if (had)
		r->journal = j;
	if (!had)
		readable = true;
	else if (!st.complete || st.damage[0])
		readable = read_file(c, found);
	there = place_enter(r, readable ? c : NULL, had ? &st : NULL, PLACE_THERE, err);
	/* Without its network namespace nothing is there. */
	if (there < 0 && err->code != ENODEV)
		return 1;
	there = there < 0 ? 0 : recover_state(r, &st, had, readable ? c : NULL, err);
	if (!there)
		wg_error_set(err, "`%s' is not a WireGuard interface", r->name);
	if (there <= 0)
		return 1;
	for (size_t i = 0; i < 2 && no_hooks; i++)
		strings_wipe(&st.down_hooks[i]);
	return run_undo(r, &st, err) < 0 ? r->status : 0;
}

int verb_down(const struct wg_call *call, struct wg_error *err)
{
	/* No key is needed, and a credential of the unit may be gone by now. */
	cleanup(config_wipe) struct config c = {.no_key_files = true};
	struct run r = {.upcalls = &run_upcalls, .log = &progress_log, .stop = &signals_stop,
			.status = 1};
	struct wg_error not_found = {0};
	int found, status;

	r.keeps_boot = true;
	r.force = wg_call_has(call, "--force");
	if (verb_become_root(call, err) < 0)
		return 1;
	found = config_find(&c, call->argv[0], &not_found);
	if (found < 0 && !c.name[0]) {
		*err = not_found;
		return 1;
	}
	r.name = c.name;
	signals_catch();
	signals_outlive_session();
	status = take_down(&r, &c, found, wg_call_has(call, "--no-hooks"), &not_found, err);
	wg_rtnl_close(&r.rtnl);
	return status;
}

// SPDX-License-Identifier: GPL-2.0
/* `wg-quick killswitch`: the kill switch of a file with KillSwitch = boot without its tunnel, and the way
 * to lift any. */
#include <errno.h>
#include <string.h>
#include "../lib/base/cleanup.h"
#include "host/progress.h"
#include "host/signals.h"
#include "reconcile/place.h"
#include "reconcile/run.h"
#include "steps/kill-table.h"
#include "verb.h"

static int has_none(const struct run *r, struct wg_error *err)
{
	return wg_error_set(err, "`%s' has no kill switch", r->name);
}

static int lift(struct run *r, struct wg_error *err)
{
	cleanup(kill_claims_wipe) struct kill_claims claims = {0};
	const struct step s = {.kind = STEP_KILL_SWITCH, .kill_switch = KILL_SWITCH_YES};

	if (kill_table_read(&claims, err) < 0)
		return -1;
	if (!kill_claims_find(&claims, r->name))
		return has_none(r, err);
	return step_ops(&s)->undo(r, &s, true, err) == UNDO_DONE ? 0 : -1;
}

/* Lifts it in the tunnel's network namespace. `c` is the file, or NULL if it cannot be read. */
static int lift_in_place(struct run *r, const struct config *c, struct wg_error *err)
{
	cleanup(journal_unlock) struct journal *j = NULL;
	cleanup(state_wipe) struct state st = {0};
	struct wg_error ignored;
	int had;

	if (journal_look(&j, r->name, err) < 0)
		return -1;
	/* A journal that cannot be read is for `down` to complain of. */
	had = journal_load(j, &st, &ignored);
	if (place_enter(r, c, had > 0 ? &st : NULL, PLACE_THERE, err) < 0)
		return err->code == ENODEV ? has_none(r, err) : -1;
	return lift(r, err);
}

/* The claim of a tunnel that is up has its mark already. */
static int load(struct run *r, const struct config *c, struct wg_error *err)
{
	cleanup(kill_claims_wipe) struct kill_claims claims = {0};
	struct step s = {.kind = STEP_KILL_SWITCH, .kill_switch = c->kill_switch};
	const struct kill_claim *stands;

	if (c->kill_switch != KILL_SWITCH_BOOT)
		return wg_error_set(err, "%s has no `KillSwitch = boot': with `yes' and `lan', `wg-quick up' "
				    "loads it", c->path);
	if (c->netns)
		return wg_error_set(err, "%s: `KillSwitch = boot' cannot be loaded for a tunnel with a Namespace, which "
				    "need not exist yet: use `KillSwitch = yes'", c->path);
	if (kill_table_read(&claims, err) < 0)
		return -1;
	stands = kill_claims_find(&claims, r->name);
	if (stands && stands->mode == c->kill_switch)
		return 0;
	if (stands)
		s.fwmark = stands->mark;
	else if (c->dev->flags & WG_DEVICE_HAS_FWMARK)
		s.fwmark = c->dev->fwmark;
	step_echo(r, &s);
	return step_ops(&s)->run(r, &s, err);
}

int verb_killswitch(const struct wg_call *call, struct wg_error *err)
{
	/* At boot, and for a switch, no key is needed: a credential of the tunnel's unit is not there yet. */
	cleanup(config_wipe) struct config c = {.no_key_files = true};
	struct run r = {.upcalls = &run_upcalls, .log = &progress_log, .stop = &signals_stop, .name = c.name};
	bool lifts = wg_call_has(call, "--lift");
	bool readable;
	int ret;

	if (verb_become_root(call, err) < 0)
		return 1;
	/* What is lifted need not have a file any more. */
	ret = config_find(&c, call->argv[0], err);
	if (ret < 0 && (!lifts || !c.name[0]))
		return 1;
	*err = (struct wg_error){0};
	signals_catch();
	readable = ret >= 0 && config_read(&c, lifts ? NULL : &progress_log, err) >= 0;
	if ((!lifts && !readable) || wg_rtnl_open(&r.rtnl, err) < 0)
		return 1;
	ret = lifts ? lift_in_place(&r, readable ? &c : NULL, err) : load(&r, &c, err);
	wg_rtnl_close(&r.rtnl);
	return ret < 0;
}

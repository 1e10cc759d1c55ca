// SPDX-License-Identifier: GPL-2.0
/* `wg-quick killswitch`: the kill switch of a file with KillSwitch = boot without its tunnel, and the way
 * to lift any, and to load it again while the tunnel is up. */
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include "../lib/base/cleanup.h"
#include "../lib/device/backend.h"
#include "host/progress.h"
#include "host/signals.h"
#include "reconcile/place.h"
#include "reconcile/run.h"
#include "steps/kill-table.h"
#include "verb.h"

/* The journal of the tunnel, and what it says. */
struct kill_journal {
	struct journal *journal;
	struct state st;
	bool is_there; /* there is a journal of this boot */
	bool is_up; /* the tunnel is, as a whole, and nobody else works on it: the journal may be changed */
};

static void kill_journal_wipe(struct kill_journal *k)
{
	state_wipe(&k->st);
	journal_unlock(&k->journal);
}

/* Reads the journal under the tunnel's lock, or without it where somebody else has that: a switch has to be lifted
 * also while an `up' or a hook waits. Then enters the tunnel's network namespace. `c` is the file, or NULL if it
 * cannot be read. Errors as of place_enter. */
static int open_in_place(struct kill_journal *k, struct run *r, const struct config *c, struct wg_error *err)
{
	bool locked = journal_lock(&k->journal, r->name, NULL, err) >= 0;
	struct wg_error ignored;
	int had;

	if (!locked && journal_look(&k->journal, r->name, err) < 0)
		return -1;
	/* A journal that cannot be read is for `down` to complain of. */
	had = journal_load(k->journal, &k->st, &ignored);
	k->is_there = had > 0;
	k->is_up = had > 0 && locked && k->st.complete && !k->st.going_down && !k->st.damage[0] &&
		   k->st.done == k->st.steps.n;
	return place_enter(r, c, had > 0 ? &k->st : NULL, PLACE_THERE, err);
}

static int has_none(const struct run *r, struct wg_error *err)
{
	return wg_error_set(err, "`%s' has no kill switch", r->name);
}

/* Takes all KILL_SWITCH steps, which point to nothing, out of a state whose steps are all done. */
static void drop_kill_switch(struct state *st)
{
	struct plan *p = &st->steps;
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind != STEP_KILL_SWITCH)
			p->steps[n++] = p->steps[i];
	st->done = p->n = n;
}

static int lift_table(struct run *r, bool is_journalled, struct wg_error *err)
{
	cleanup(kill_claims_wipe) struct kill_claims claims = {0};
	const struct step s = {.kind = STEP_KILL_SWITCH, .kill_switch = KILL_SWITCH_YES};

	if (kill_table_read(&claims, err) < 0)
		return -1;
	if (kill_claims_find(&claims, r->name))
		return step_ops(&s)->undo(r, &s, true, err) == UNDO_DONE ? 0 : -1;
	return is_journalled ? 0 : has_none(r, err);
}

/* The journal follows the table: a program that is killed in between leaves a step that a second --lift finds, and
 * no table that `down' would not know of. */
static int lift(struct run *r, const struct config *c, struct wg_error *err)
{
	cleanup(kill_journal_wipe) struct kill_journal k = {0};
	bool is_journalled;

	if (open_in_place(&k, r, c, err) < 0)
		return err->code == ENODEV ? has_none(r, err) : -1;
	is_journalled = k.is_up && plan_has(&k.st.steps, STEP_KILL_SWITCH);
	if (lift_table(r, is_journalled, err) < 0)
		return -1;
	if (!is_journalled) {
		if (k.is_there && !k.is_up)
			wg_log_say(r->log, WG_LOG_WARNING, "another wg-quick works on `%s', or did not end its work: it may "
				   "load the kill switch again", r->name);
		return 0;
	}
	drop_kill_switch(&k.st);
	return journal_replace(k.journal, &k.st, err);
}

static bool is_last_kill_switch(const struct plan *p, const struct step *s)
{
	for (size_t i = p->n; i-- > 0;)
		if (p->steps[i].kind == STEP_KILL_SWITCH)
			return step_ops(s)->equal(&p->steps[i], s);
	return false;
}

/* Loads the switch of a tunnel that is up, as `reload' would: its journal has the step afterwards. */
static int load_of_tunnel(struct kill_journal *k, struct run *r, struct step *s, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *dev = NULL;
	struct wg_error ignored;

	if (if_nametoindex(r->name) != k->st.ifindex)
		return wg_error_set(err, "`%s' is up, and has lost its interface: use: wg-quick repair %s", r->name,
				    r->name);
	if (wg_backend_get(&dev, r->name, err) < 0)
		return -1;
	if (!dev->fwmark)
		return wg_error_set(err, "`%s' is up, and its packets have no mark for the kill switch to let pass: "
				    "use: wg-quick reload %s", r->name, r->name);
	s->fwmark = dev->fwmark;
	if (is_last_kill_switch(&k->st.steps, s)) {
		enum step_state state;

		if (step_ops(s)->compare(r, s, &state, err) < 0)
			return -1;
		if (state == STEP_PRESENT)
			return 0;
	} else if (journal_steps(k->journal, s, 1, err) < 0) {
		return -1;
	}
	step_echo(r, s);
	if (step_ops(s)->run(r, s, err) < 0) {
		journal_replace(k->journal, &k->st, &ignored);
		return -1;
	}
	return journal_done(k->journal, err);
}

/* Loads the switch of a tunnel that is down, or that somebody else works on. */
static int load_at_boot(const struct kill_journal *k, struct run *r, const struct config *c, struct step *s,
			struct wg_error *err)
{
	cleanup(kill_claims_wipe) struct kill_claims claims = {0};
	cleanup(wg_device_freep) struct wg_device *dev = NULL;
	const struct kill_claim *stands;
	struct wg_error ignored;

	if (kill_table_read(&claims, err) < 0)
		return -1;
	stands = kill_claims_find(&claims, r->name);
	if (stands && stands->mode == c->kill_switch)
		return 0;
	/* The claim of a tunnel that is up has its mark already. */
	if (stands)
		s->fwmark = stands->mark;
	/* That of a tunnel which carries packets has to let them pass. */
	else if (k->is_there && !wg_backend_get(&dev, r->name, &ignored) && dev->fwmark)
		s->fwmark = dev->fwmark;
	else if (c->dev->flags & WG_DEVICE_HAS_FWMARK)
		s->fwmark = c->dev->fwmark;
	step_echo(r, s);
	return step_ops(s)->run(r, s, err);
}

static int load(struct run *r, const struct config *c, struct wg_error *err)
{
	cleanup(kill_journal_wipe) struct kill_journal k = {0};
	struct step s = {.kind = STEP_KILL_SWITCH, .kill_switch = c->kill_switch};
	int ret;

	if (c->kill_switch == KILL_SWITCH_NO)
		return wg_error_set(err, "%s has no KillSwitch", c->path);
	ret = open_in_place(&k, r, c, err);
	if (k.is_up)
		return ret < 0 ? -1 : load_of_tunnel(&k, r, &s, err);
	if (c->kill_switch != KILL_SWITCH_BOOT)
		return wg_error_set(err, "%s has no `KillSwitch = boot': with `yes' and `lan', `wg-quick up' "
				    "loads it", c->path);
	if (c->netns)
		return wg_error_set(err, "%s: `KillSwitch = boot' cannot be loaded for a tunnel with a Namespace, which "
				    "need not exist yet: use `KillSwitch = yes'", c->path);
	return ret < 0 ? -1 : load_at_boot(&k, r, c, &s, err);
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
	ret = lifts ? lift(&r, readable ? &c : NULL, err) : load(&r, &c, err);
	wg_rtnl_close(&r.rtnl);
	return ret < 0;
}

// SPDX-License-Identifier: GPL-2.0
/* Carries out what plan_undo lists. It goes on after a failure: a tunnel half taken down is worse
 * than an error at the end. */
#include "run.h"
#include <errno.h>
#include <string.h>
#include "../lib/cleanup.h"
#include "hooks.h"
#include "steps/link.h"
#include "test-hooks.h"
#include "undo.h"
#include "verb.h"

static enum undo_result undo_hook(struct run *r, const struct undo *u, struct wg_error *err)
{
	struct wg_error no_matter;
	int status;

	verb_echo("%s", u->command);
	fflush(stderr);
	status = hooks_run(u->command, r->name, r->config_path, r->stop, err);
	*r->stop = 0;
	if (status && r->status <= 1)
		r->status = status;
	if (status && u->phase == HOOK_PRE_DOWN)
		return UNDO_COMPLAINT;
	/* On a full disk a hook may be run twice, should this run be cut short. */
	if (r->journal)
		journal_hook_run(r->journal, &no_matter);
	return status ? UNDO_COMPLAINT : UNDO_DONE;
}

static enum undo_result undo_save(const struct run *r, const struct state *st, struct wg_error *err)
{
	cleanup(config_wipe) struct config c = {0};
	struct wg_link link;

	/* Nothing to save from: an earlier `down`, or a data path that died. */
	if (link_find(r, &link, err) <= 0)
		return UNDO_DONE;
	/* It may have been renamed since. */
	memcpy(c.name, link.name, sizeof(c.name));
	memcpy(c.path, st->config, sizeof(c.path));
	if (config_read(&c, NULL, err) < 0) {
		if (err->code != ENOENT)
			return UNDO_COMPLAINT;
		wg_log_say(r->log, WG_LOG_WARNING, "`%s' is not saved: %s has gone", r->name, c.path);
		return UNDO_DONE;
	}
	/* Who has taken SaveConfig out since wants the file as it is. */
	if (c.save_config && save_running(&c, link_device_name(r, &link), r->log, err) < 0)
		return UNDO_COMPLAINT;
	return UNDO_DONE;
}

static enum undo_result undo_one(struct run *r, const struct state *st, const struct undo *u,
			     struct wg_error *err)
{
	switch (u->kind) {
	case UNDO_HOOK:
		return undo_hook(r, u, err);
	case UNDO_SAVE:
		return undo_save(r, st, err);
	case UNDO_STEP:
		return step_ops(u->step)->undo(r, u->step, u->sure, err);
	}
	return UNDO_DONE;
}

/* Where `up` was complete, a PreDown hook that fails keeps the tunnel up, as it always has: users
 * guard with it. So does a file that cannot be written, lest the state be lost. An earlier `down`
 * that was cut short has settled the question. */
static bool may_refuse(const struct state *st, const struct undo *u)
{
	bool early = u->kind == UNDO_SAVE || (u->kind == UNDO_HOOK && u->phase == HOOK_PRE_DOWN);

	return early && st->complete && !st->going_down;
}

static bool link_was_made(const struct state *st)
{
	for (size_t i = 0; i < st->done; i++)
		if (st->steps.steps[i].kind == STEP_LINK)
			return true;
	return false;
}

int run_undo(struct run *r, const struct state *st, struct wg_error *err)
{
	struct undo_list list;
	struct wg_error no_matter;
	cleanup(free_ptr) struct undo *actions = NULL;
	bool failed = false, remains = false;

	r->ifindex = st->ifindex;
	r->userspace = st->userspace;
	r->link_made = link_was_made(st);
	if (r->journal)
		journal_marker(r->journal, r->marker);
	/* A disk that is full must not keep anything up. */
	if (r->journal && !st->going_down)
		journal_going_down(r->journal, &no_matter);
	plan_undo(st, &list);
	actions = list.actions;
	for (size_t i = 0; i < list.n; i++) {
		struct wg_error why = {0};
		enum undo_result result;

		test_hooks_boundary();
		result = undo_one(r, st, &actions[i], &why);
		if (result == UNDO_DONE)
			continue;
		if (!failed)
			*err = why;
		failed = true;
		remains |= result == UNDO_REMAINS;
		if (may_refuse(st, &actions[i])) {
			if (r->journal)
				journal_complete(r->journal, &why);
			return wg_error_prefix(err, "`%s' stays up", r->name);
		}
	}
	test_hooks_boundary();
	if (r->journal && !remains && journal_end(r->journal, failed ? &(struct wg_error){0} : err) < 0)
		return -1;
	return failed ? -1 : 0;
}

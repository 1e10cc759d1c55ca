// SPDX-License-Identifier: GPL-2.0
/* Carries out what plan_undo lists. It goes on after a failure: a tunnel half taken down is worse
 * than an error at the end. */
#include "run.h"
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/hooks.h"
#include "../host/progress.h"
#include "../host/test-hooks.h"
#include "../journal/undo.h"
#include "../steps/link.h"
#include "save-running.h"

/* What the file says now of a tunnel that an earlier version of it brought up. */
struct undoing {
	const struct state *st;
	const struct undo_list *list;
	bool readable;
	struct config *file;    /* NULL before it was tried */
	size_t skip_to;         /* actions before this one are done */
};

static __attribute__((format(printf, 2, 3))) void append(struct wg_error *err, const char *fmt, ...)
{
	size_t len = strlen(err->text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text + len, sizeof(err->text) - len, fmt, args);
	va_end(args);
}

static enum undo_result run_hook(struct run *r, enum hook_phase phase, const char *command,
				 struct wg_error *err)
{
	const struct hook h = {.command = command, .phase = phase, .ifname = r->name,
			       .config = r->config_path, .limit = r->hook_limit};
	int status;

	progress_command("%s", command);
	fflush(stderr);
	status = hooks_run(&h, r->stop, err);
	if (status && r->status <= 1)
		r->status = status;
	return status ? UNDO_COMPLAINT : UNDO_DONE;
}

static bool read_file(const struct run *r, struct undoing *w)
{
	struct wg_error ignored;

	if (w->file)
		return w->readable;
	w->file = wg_alloc(sizeof(*w->file));
	w->file->no_key_files = true;
	snprintf(w->file->name, sizeof(w->file->name), "%s", r->name);
	snprintf(w->file->path, sizeof(w->file->path), "%s", w->st->config);
	w->readable = w->st->config[0] && !config_read(w->file, NULL, &ignored);
	return w->readable;
}

/* Whether the file has the hooks of this phase that the journal has. */
static bool same_hooks(const struct run *r, const struct undoing *w, enum hook_phase phase)
{
	cleanup(strings_wipe) struct strings now = {0};

	hooks_expand_all(&now, &w->file->hooks[phase], r->name);
	return strings_equal(&now, &w->st->down_hooks[phase - HOOK_PRE_DOWN]);
}

/* Whether one of the journal's hooks before the one that failed was this one: it has been run. */
static bool was_run(const struct undoing *w, const struct undo *failed, const char *command)
{
	for (const struct undo *u = w->list->actions; u < failed; u++)
		if (u->kind == UNDO_HOOK && u->phase == failed->phase && !strcmp(u->command, command))
			return true;
	return false;
}

static const char *phase_name(enum hook_phase phase)
{
	return phase == HOOK_PRE_DOWN ? "PreDown" : "PostDown";
}

/* One of the journal's hooks failed, `err` says how. If the file has been corrected since, its hooks
 * of this phase take the place of the journal's that are left. */
static enum undo_result run_hooks_of_file(struct run *r, struct undoing *w, const struct undo *failed,
					  struct wg_error *err)
{
	const char *phase = phase_name(failed->phase);
	cleanup(strings_wipe) struct strings hooks = {0};
	struct wg_error now = {0}, no_matter;

	if (r->config || !read_file(r, w))
		return UNDO_COMPLAINT;
	if (same_hooks(r, w, failed->phase)) {
		append(err, ": correct %s in %s", phase, w->st->config);
		return UNDO_COMPLAINT;
	}
	wg_log_say(r->log, WG_LOG_WARNING, "%s, which is %s as it was when `%s' came up: going by %s",
		   err->text, phase, r->name, w->st->config);
	r->status = 1;
	hooks_expand_all(&hooks, &w->file->hooks[failed->phase], r->name);
	r->hook_limit = w->file->hook_limit;
	for (size_t i = 0; i < hooks.n; i++) {
		if (was_run(w, failed, hooks.s[i]) || run_hook(r, failed->phase, hooks.s[i], &now) == UNDO_DONE)
			continue;
		wg_error_set(err, "%s, as %s has it now, and before that `%s', as it had it when the "
			     "tunnel came up: correct %s there", now.text, w->st->config,
			     failed->command, phase);
		return UNDO_COMPLAINT;
	}
	/* The journal's that are left are not run any more. */
	for (const struct undo *u = failed; u < w->list->actions + w->list->n; u++) {
		if (u->kind != UNDO_HOOK || u->phase != failed->phase)
			break;
		w->skip_to = (size_t)(u - w->list->actions) + 1;
		if (r->journal)
			journal_hook_run(r->journal, &no_matter);
	}
	err->text[0] = '\0';
	return UNDO_DONE;
}

/* Without its link there is no tunnel to keep up, and hooks that ask for its mark cannot succeed. */
static bool link_is_gone(const struct run *r)
{
	struct wg_error ignored;
	struct wg_link link;

	return link_find(r, &link, &ignored) == 0;
}

/* Where `up` was complete, a PreDown hook that fails keeps the tunnel up, as it always has: users
 * guard with it. So does a file that cannot be written, lest the state be lost. An earlier `down`
 * that was cut short has settled the question. */
static bool may_refuse(const struct state *st, const struct undo *u)
{
	bool early = u->kind == UNDO_SAVE || (u->kind == UNDO_HOOK && u->phase == HOOK_PRE_DOWN);

	return early && st->complete && !st->going_down;
}

static enum undo_result undo_hook(struct run *r, struct undoing *w, const struct undo *u,
				  struct wg_error *err)
{
	int status_before = r->status;
	struct wg_error no_matter;
	enum undo_result result = run_hook(r, u->phase, u->command, err);

	if (result != UNDO_DONE) {
		result = run_hooks_of_file(r, w, u, err);
		if (result == UNDO_DONE)
			return UNDO_DONE;
		if (u->phase == HOOK_PRE_DOWN && link_is_gone(r)) {
			wg_log_say(r->log, WG_LOG_WARNING, "%s; the interface is gone, so `%s' goes "
				   "down all the same", err->text, r->name);
			r->status = status_before;
			result = UNDO_DONE;
		} else if (may_refuse(w->st, u)) {
			/* It runs again with the next `down`. */
			return UNDO_COMPLAINT;
		}
	}
	/* On a full disk a hook may be run twice, should this run be cut short. */
	if (r->journal)
		journal_hook_run(r->journal, &no_matter);
	return result;
}

static enum undo_result undo_save(struct run *r, const struct state *st, struct wg_error *err)
{
	cleanup(config_wipe) struct config c = {.no_key_files = true};
	struct wg_link link;
	int there = link_find(r, &link, err);

	if (there < 0) {
		wg_error_prefix(err, "cannot ask the kernel for the interface");
		return UNDO_COMPLAINT;
	}
	/* Nothing to save from: an earlier `down`, or a data path that died. */
	if (!there) {
		if (link_is_elsewhere(r))
			wg_log_say(r->log, WG_LOG_WARNING, "`%s' is not saved: its interface is not in "
				   "this network namespace", r->name);
		return UNDO_DONE;
	}
	snprintf(c.name, sizeof(c.name), "%s", r->name);
	memcpy(c.path, st->config, sizeof(c.path));
	if (config_read(&c, NULL, err) < 0) {
		if (err->code != ENOENT)
			return UNDO_COMPLAINT;
		wg_log_say(r->log, WG_LOG_WARNING, "`%s' is not saved: %s has gone", r->name, c.path);
		return UNDO_DONE;
	}
	/* If SaveConfig was removed from the file after `up`, the file stays as it is. */
	if (!c.save_config || save_running(&c, r->journal ? st : NULL, link.index, err) == 0)
		return UNDO_DONE;
	if (err->code == ETIMEDOUT || err->code == EINTR)
		snprintf(err->text + strlen(err->text), sizeof(err->text) - strlen(err->text),
			 "; to take the tunnel down unsaved, remove SaveConfig from %s", c.path);
	return UNDO_COMPLAINT;
}

static enum undo_result undo_one(struct run *r, struct undoing *w, const struct undo *u,
				 struct wg_error *err)
{
	switch (u->kind) {
	case UNDO_HOOK:
		return undo_hook(r, w, u, err);
	case UNDO_SAVE:
		return undo_save(r, w->st, err);
	case UNDO_STEP:
		return step_ops(u->step)->undo(r, u->step, u->sure, err);
	}
	return UNDO_DONE;
}

static bool link_was_made(const struct state *st)
{
	for (size_t i = 0; i < st->done; i++)
		if (st->steps.steps[i].kind == STEP_LINK)
			return true;
	return false;
}

void run_identify(struct run *r, const struct state *st)
{
	r->place = st->place;
	r->ifindex = st->ifindex;
	r->userspace = st->userspace;
	r->link_made = link_was_made(st);
	r->config_path = st->config;
	memcpy(r->public_key, st->public_key, WG_KEY_LEN);
	r->hook_limit = st->hook_limit;
	r->marker[0] = '\0';
	if (r->journal)
		journal_marker(r->journal, r->marker);
}

/* What --force could not undo, with the command that would. */
static void report_forced(const struct run *r, const struct undo *u, const struct wg_error *why)
{
	cleanup(free_ptr) char *command = NULL;

	if (u->kind == UNDO_STEP)
		command = step_undo_command(u->step, r->name);
	if (command)
		wg_log_say(r->log, WG_LOG_WARNING, "not undone: %s: by hand: %s", why->text, command);
	else
		wg_log_say(r->log, WG_LOG_WARNING, "not undone: %s", why->text);
}

/* The way out of what keeps a tunnel up. */
static int stays_up(const struct run *r, struct wg_error *err)
{
	append(err, "; or go on past it with: wg-quick down --force %s", r->name);
	return wg_error_prefix(err, "`%s' stays up", r->name);
}

static int undo_all(struct run *r, struct undoing *w, struct wg_error *err)
{
	const struct state *st = w->st;
	bool failed = false;

	for (size_t i = 0; i < w->list->n; i++) {
		const struct undo *u = &w->list->actions[i];
		struct wg_error why = {0};
		enum undo_result result;

		if (i < w->skip_to)
			continue;
		test_hooks_boundary();
		/* A signal ends the wait during which it comes, and no hook that starts later. */
		if (*r->stop)
			r->interrupted = *r->stop;
		*r->stop = 0;
		result = undo_one(r, w, u, &why);
		if (result == UNDO_DONE)
			continue;
		if (!failed)
			*err = why;
		failed = true;
		r->remains |= result == UNDO_REMAINS;
		if (r->force) {
			report_forced(r, u, &why);
		} else if (may_refuse(st, u)) {
			r->remains = true;
			if (r->journal)
				journal_complete(r->journal, &why);
			return stays_up(r, err);
		}
	}
	test_hooks_boundary();
	if (*r->stop)
		r->interrupted = *r->stop;
	return failed ? -1 : 0;
}

int run_undo(struct run *r, const struct state *st, struct wg_error *err)
{
	struct undo_list list;
	struct undoing w = {.st = st, .list = &list};
	struct wg_error no_matter = {0};
	int ret;

	run_identify(r, st);
	r->remains = false;
	/* A disk that is full must not keep anything up. */
	if (r->journal && !st->going_down)
		journal_going_down(r->journal, &no_matter);
	plan_undo(st, &list);
	ret = undo_all(r, &w, err);
	free(list.actions);
	if (w.file)
		config_wipe(w.file);
	free(w.file);
	if (r->journal && (!r->remains || r->force) &&
	    journal_end(r->journal, ret < 0 ? &no_matter : err) < 0)
		return -1;
	if (ret < 0 && r->force)
		wg_error_set(err, "`%s' is down, but for what the warnings list", r->name);
	return ret;
}

// SPDX-License-Identifier: GPL-2.0
/* The verb `set`: the words of `wg set`, for the device, and with --save for the file, too. Everything is
 * parsed, read, looked up and written beside the file before the device is changed; what fails then is
 * taken back. */
#include "verb.h"

#include <errno.h>
#include <string.h>
#include "../lib/base/alloc.h"
#include "../lib/base/cleanup.h"
#include "../lib/base/encoding.h"
#include "../lib/base/secret.h"
#include "../lib/command/candidates.h"
#include "../lib/command/set-args.h"
#include "../lib/command/set-keys.h"
#include "../lib/device/apply.h"
#include "../lib/device/backend.h"
#include "../lib/device/change.h"
#include "../lib/device/diff.h"
#include "config/shares.h"
#include "host/progress.h"
#include "host/signals.h"
#include "reconcile/place.h"
#include "reconcile/save-files.h"
#include "reconcile/save-running.h"
#include "reconcile/tunnel.h"

static const char save_option[] = "--save";

/* The words for the device. */
struct words {
	char **list;
	int n;
	bool save;
};

static void words_free(struct words *w)
{
	free(w->list);
}

/* --save may stand among them, as no word of `wg set` begins with a dash. */
static void take_words(struct words *w, const struct wg_call *call)
{
	w->save = wg_call_has(call, save_option);
	w->list = wg_alloc((call->argc + 1) * sizeof(*w->list));
	for (unsigned int i = 1; i < call->argc; i++) {
		if (!strcmp(call->argv[i], save_option))
			w->save = true;
		else
			w->list[w->n++] = call->argv[i];
	}
}

/* What makes the device again what it was. */
static int take_back(const char *name, struct wg_device *before, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *now = NULL;
	bool changed = false;

	if (wg_backend_get(&now, name, err) < 0)
		return -1;
	memcpy(before->name, name, strlen(name) + 1);
	before->flags = wg_settings_flags(WG_SECTION_INTERFACE);
	for (struct wg_peer *p = before->peers; p; p = p->next)
		p->flags = (u16)(WG_PEER_HAS_PUBLIC_KEY | WG_PEER_REPLACE_ALLOWEDIPS |
				 wg_settings_flags(WG_SECTION_PEER));
	if (wg_diff(before, now, &changed, err) < 0)
		return -1;
	return changed ? wg_change_send(before, now, err) : 0;
}

struct setting_change {
	struct wg_device *change, *before, *after;
	struct wg_resolve names;
	struct edit *edit;
	struct save_files *files;
};

static void setting_change_wipe(struct setting_change *s)
{
	save_files_freep(&s->files);
	edit_freep(&s->edit);
	wg_resolve_wipe(&s->names);
	wg_device_free(s->change);
	wg_device_free(s->before);
	wg_device_free(s->after);
}

static int read_words(struct setting_change *s, const struct config *c, const struct words *w,
		      struct wg_error *err)
{
	struct set_args a = {.dev = s->change, .resolve = &s->names, .log = &progress_log};

	memcpy(s->change->name, c->name, sizeof(s->change->name));
	if (set_args_parse(&a, w->n, w->list, err) < 0 || set_keys_read(&a, err) < 0)
		return -1;
	return wg_resolve_run(&s->names, &progress_log, &signals_stop, err);
}

/* Fills `before` and `after`, and writes the new files beside the old ones. The file has been read. */
static int prepare_files(struct setting_change *s, struct config *c, struct wg_error *err)
{
	if (wg_backend_get(&s->before, c->name, err) < 0 || wg_backend_get(&s->after, c->name, err) < 0)
		return -1;
	wg_device_drop_parting(s->before);
	wg_device_drop_parting(s->after);
	/* The file lists a shared prefix in all of its peers, and the device has it at one of them. */
	shares_spread(c, s->after);
	wg_device_apply(s->after, s->change);
	s->edit = edit_new(&progress_log);
	if (save_load(s->edit, c, err) < 0 || edit_change(s->edit, s->change, &s->names, s->after, err) < 0)
		return -1;
	return save_files_prepare(&s->files, s->edit, err);
}

static int change_both(struct setting_change *s, const struct config *c, struct wg_error *err)
{
	struct wg_error failure;

	if (wg_backend_set(s->change, err) < 0) {
		/* A change of several messages may have been cut short. */
		if (take_back(c->name, s->before, &failure) < 0)
			wg_log_say(&progress_log, WG_LOG_WARNING, "`%s' may be half changed: %s", c->name,
				   failure.text);
		return -1;
	}
	if (!save_files_commit(s->files, err))
		return 0;
	if (take_back(c->name, s->before, &failure) < 0)
		wg_log_say(&progress_log, WG_LOG_WARNING, "`%s' stays changed, for the change cannot be taken back: "
			   "%s", c->name, failure.text);
	return -1;
}

/* `c` is NULL if the file was not read. */
static int enter_place(struct journal *j, const char *name, const struct config *c, struct wg_error *err)
{
	cleanup(state_wipe) struct state st = {0};
	struct run r = {.name = name, .log = &progress_log};
	struct wg_error no_matter;
	/* A journal that cannot be read is for `down` to complain of. */
	bool had = j && journal_load(j, &st, &no_matter) > 0;

	return place_enter(&r, c, had ? &st : NULL, PLACE_THERE, err);
}

int verb_set(const struct wg_call *call, struct wg_error *err)
{
	cleanup(config_wipe) struct config c = {.no_key_files = true};
	cleanup(words_free) struct words w = {0};
	cleanup(setting_change_wipe) struct setting_change s = {0};
	cleanup(journal_unlock) struct journal *j = NULL;
	int found;

	take_words(&w, call);
	if (!w.n)
		return set_args_missing(call->argv[0], err), 1;
	if (verb_become_root(call, err) < 0)
		return 1;
	found = config_find(&c, call->argv[0], err);
	if (found < 0 && (w.save || !c.name[0]))
		return 1;
	wg_secret_guard();
	signals_catch();
	s.change = wg_device_new();
	if (read_words(&s, &c, &w, err) < 0 || verb_lock_for_hook(&j, c.name, err) < 0 ||
	    (w.save && config_read(&c, &progress_log, err) < 0))
		return 1;
	if (enter_place(j, c.name, w.save ? &c : NULL, err) < 0)
		return 1;
	if (!w.save)
		return wg_backend_set(s.change, err) < 0;
	return prepare_files(&s, &c, err) < 0 || change_both(&s, &c, err) < 0;
}

static void complete_peers(const char *arg, const struct words *w)
{
	/* A configuration on the stack beside a journal would be too much for it. */
	cleanup(tunnel_freep) struct tunnel *t = tunnel_new();
	cleanup(wg_device_freep) struct wg_device *dev = NULL;
	cleanup(journal_unlock) struct journal *j = NULL;
	struct wg_error err;

	wg_secret_guard();
	t->c.no_key_files = true;
	if ((config_find(&t->c, arg, &err) < 0 && !t->c.name[0]) || journal_look(&j, t->c.name, &err) < 0 ||
	    enter_place(j, t->c.name, NULL, &err) < 0 || wg_backend_get(&dev, t->c.name, &err) < 0)
		return;
	set_args_offer_peers(dev, w->n, w->list);
}

void complete_quick_set(const struct wg_call *call)
{
	cleanup(words_free) struct words w = {0};
	enum set_args_next next;

	if (!call->argc) {
		complete_tunnel_up(call);
		return;
	}
	take_words(&w, call);
	next = set_args_complete(w.n, w.list);
	if (next == SET_ARGS_NEXT_PEER)
		complete_peers(call->argv[0], &w);
	if (next == SET_ARGS_NEXT_OPTION && !w.save && call->line->words[call->line->at][0] == '-')
		wg_offer(save_option, call->verb->options[0].summary);
}

void usage_quick_set(FILE *f)
{
	set_args_usage(f);
}

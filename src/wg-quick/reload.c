// SPDX-License-Identifier: GPL-2.0
/* `wg-quick reload`, `diff` and `repair`: a tunnel that is up, what it shall be, and the difference
 * carried out. A reload that fails is reconciled again, with the tunnel as it was before. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../lib/alloc.h"
#include "../lib/backend.h"
#include "../lib/cleanup.h"
#include "../lib/diff.h"
#include "change-text.h"
#include "hooks.h"
#include "run.h"
#include "test-hooks.h"
#include "tunnel.h"
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

/* The addresses, or all other steps that go by the batch. */
static int remove_steps(struct run *r, const struct plan *p, bool addresses, struct wg_error *err)
{
	bool failed = false;
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];

		if ((s->kind == STEP_ADDRESS) != addresses || !step_ops(s)->append_undo)
			continue;
		if (!n && addresses)
			keep_secondary_addresses(r->name);
		step_echo_undo(r, s);
		step_ops(s)->append_undo(r, s);
		n++;
	}
	test_hooks_boundary();
	if (n && test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err) < 0 &&
	    err->code != ESRCH && err->code != EADDRNOTAVAIL && err->code != ENOENT) {
		wg_error_prefix(err, "cannot remove %s", addresses ? "an address" : "a route");
		failed = true;
	}
	return failed ? -1 : 0;
}

/* What has an operation of its own, in the order of `down`: whether another full tunnel needs the sysctl
 * shows by its rules, once this one's are gone. */
static int undo_steps(struct run *r, const struct plan *p, struct wg_error *err)
{
	for (int order = UNDO_WITH_LINK + 1; order < UNDO_ORDERS; order++) {
		for (size_t i = 0; i < p->n; i++) {
			const struct step_ops *ops = step_ops(&p->steps[i]);

			if ((int)ops->undo_order != order)
				continue;
			test_hooks_boundary();
			if (ops->undo(r, &p->steps[i], true, err) != UNDO_DONE)
				return -1;
		}
	}
	return 0;
}

/* The steps of one half of the plan: the addresses, or all others. */
static int add_steps(struct run *r, const struct plan *p, bool addresses, struct wg_error *err)
{
	struct plan half = {0};
	int ret;

	for (size_t i = 0; i < p->n; i++)
		if ((p->steps[i].kind == STEP_ADDRESS) == addresses)
			*plan_add(&half, p->steps[i].kind) = p->steps[i];
	ret = run_plan(r, &half, err);
	plan_forget(&half);
	return ret;
}

static int change_device(struct tunnel *t, const struct wg_device *change, const struct wg_device *now,
			 struct wg_error *err)
{
	change_write(stderr, "[#] ", t->c.name, change, now);
	fflush(stderr);
	test_hooks_boundary();
	return test_hooks_result(wg_backend_set(change, err), err);
}

static int restore_addresses(struct tunnel *t, const struct plan *wanted, struct wg_error *err)
{
	cleanup(found_wipe) struct found now = {0};
	cleanup(difference_wipe) struct difference d = {0};
	static const struct plan none;

	if (found_take(&now, t->r.rtnl, t->r.ifindex, err) < 0 ||
	    difference_find(&d, wanted, &none, &none, &now, &t->r, err) < 0)
		return -1;
	return add_steps(&t->r, &d.add, true, err);
}

static bool removes_addresses(const struct difference *d)
{
	for (size_t i = 0; i < d->remove.n; i++)
		if (d->remove.steps[i].kind == STEP_ADDRESS)
			return true;
	return false;
}

/* Carries t->d out, and the change of the device (NULL: none) between addresses and routes. What was
 * removed comes before a route that may have stood in its place. */
static int carry_out(struct tunnel *t, const struct plan *wanted, const struct wg_device *change,
		     struct wg_error *err)
{
	struct run *r = &t->r;

	if (add_steps(r, &t->d.add, true, err) < 0 || remove_steps(r, &t->d.remove, true, err) < 0)
		return -1;
	if (removes_addresses(&t->d) && restore_addresses(t, wanted, err) < 0)
		return -1;
	if (change && change_device(t, change, t->device, err) < 0)
		return -1;
	if (add_steps(r, &t->d.add, false, err) < 0)
		return -1;
	if (remove_steps(r, &t->d.remove, false, err) < 0)
		return -1;
	return undo_steps(r, &t->d.remove, err);
}

/* Gives the device back all that it had; t->device becomes the change. */
static int restore_device(struct tunnel *t, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *now = NULL;
	struct wg_device *before = t->device;
	bool changed;

	if (wg_backend_get(&now, t->c.name, err) < 0)
		return -1;
	before->flags |= WG_DEVICE_HAS_LISTEN_PORT | WG_DEVICE_HAS_FWMARK | WG_DEVICE_HAS_PRIVATE_KEY;
	for (struct wg_peer *p = before->peers; p; p = p->next)
		p->flags |= WG_PEER_REPLACE_ALLOWEDIPS | WG_PEER_HAS_PUBLIC_KEY;
	if (wg_diff(before, now, &changed, err) < 0)
		return -1;
	return changed ? change_device(t, before, now, err) : 0;
}

/* After a failure: the tunnel as the journal has it. `failed` is what was not carried out wholly. */
static void roll_back(struct tunnel *t, bool device)
{
	struct difference failed = t->d;
	struct plan before = {0}, had = {0}, known = {0};
	struct wg_error err = {0};
	int ret = 0;

	t->d = (struct difference){0};
	*t->r.stop = 0;
	plan_known(&before, &t->st.steps, t->st.done);
	plan_borrow(&known, &before);
	plan_without(&known, &failed.add);
	plan_without(&known, &failed.remove);
	plan_borrow(&had, &t->st.steps);
	plan_borrow(&had, &failed.add);
	if (device)
		ret = restore_device(t, &err);
	if (tunnel_compare(t, &before, &had, &known, &err) < 0 || carry_out(t, &before, NULL, &err) < 0 ||
	    ret < 0)
		wg_log_say(t->r.log, WG_LOG_WARNING, "while undoing: %s", err.text);
	else if (journal_replace(t->r.journal, &t->st, &err) < 0)
		wg_log_say(t->r.log, WG_LOG_WARNING, "%s", err.text);
	plan_forget(&before);
	plan_forget(&had);
	plan_forget(&known);
	difference_wipe(&failed);
}

/* The journal of a tunnel that is as the file asks: its link and hooks, and what the file's plan has. */
static void plan_journal(struct tunnel *t, struct state *after)
{
	struct plan *steps = &after->steps;

	*after = t->st;
	after->save_config = t->c.save_config;
	memcpy(after->config, t->c.path, sizeof(after->config));
	memset(after->down_hooks, 0, sizeof(after->down_hooks));
	for (int k = 0; k < 2; k++) {
		const struct strings *from = &t->c.hooks[HOOK_PRE_DOWN + k];

		for (size_t i = 0; i < from->n; i++) {
			cleanup(string_wipe) char *command = hooks_expand(from->s[i], t->c.name);

			strings_add(&after->down_hooks[k], command, strlen(command));
		}
	}
	*steps = (struct plan){0};
	for (size_t i = 0; i < t->st.steps.n; i++) {
		const struct step *s = &t->st.steps.steps[i];

		if (!step_ops(s)->order || s->kind == STEP_FWMARK)
			*plan_add(steps, s->kind) = *s;
	}
	/* A wanted rule may stand in the journal with another priority. */
	for (size_t i = 0; i < t->wanted.n; i++) {
		const struct step *s = &t->wanted.steps[i];

		for (size_t k = 0; k < t->st.steps.n && s->kind == STEP_RULE; k++) {
			const struct step *old = &t->st.steps.steps[k];

			if (old->kind == s->kind && !step_ops(s)->order(s, old)) {
				s = old;
				break;
			}
		}
		*plan_add(steps, s->kind) = *s;
	}
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
	if (tunnel_claim_file(t, err) < 0)
		return -1;
	if (carry_out(t, &t->wanted, t->device_changes ? t->c.dev : NULL, err) < 0) {
		roll_back(t, t->device_changes);
		return -1;
	}
	note_success(t);
	return 0;
}

int verb_reload(const struct verb *verb, int argc, char **argv, struct wg_error *err)
{
	cleanup(tunnel_freep) struct tunnel *t = tunnel_new();
	bool dry = argc == 3 && !strcmp(argv[1], "--dry-run");

	(void)verb;
	if (argc != (dry ? 3 : 2))
		return VERB_USAGE;
	if (verb_become_root(argv, err) < 0)
		return 1;
	if (tunnel_open(t, argv[argc - 1], err) < 0)
		return 1;
	if (!dry)
		return reload(t, err) < 0 ? t->r.status : 0;
	if (tunnel_compare_file(t, err) < 0)
		return 1;
	tunnel_print_difference(t, stdout);
	return 0;
}

void complete_reload(int argc, char **argv)
{
	if (argc == 2)
		puts("--dry-run");
	if (argc == 2 || (argc == 3 && !strcmp(argv[1], "--dry-run")))
		complete_config(2, argv);
}

int verb_diff(const struct verb *verb, int argc, char **argv, struct wg_error *err)
{
	cleanup(tunnel_freep) struct tunnel *t = tunnel_new();

	(void)verb;
	if (argc != 2)
		return VERB_USAGE;
	if (verb_become_root(argv, err) < 0)
		return 1;
	if (tunnel_open(t, argv[1], err) < 0 || tunnel_compare_file(t, err) < 0)
		return 1;
	tunnel_print_difference(t, stdout);
	return 0;
}

int verb_repair(const struct verb *verb, int argc, char **argv, struct wg_error *err)
{
	cleanup(tunnel_freep) struct tunnel *t = tunnel_new();
	struct plan made = {0};
	int ret;

	(void)verb;
	if (argc != 2)
		return VERB_USAGE;
	if (verb_become_root(argv, err) < 0)
		return 1;
	if (tunnel_open(t, argv[1], err) < 0)
		return 1;
	plan_known(&made, &t->st.steps, t->st.done);
	t->r.claimed = true; /* what is put back is in the journal */
	ret = tunnel_compare(t, &made, &made, &made, err) < 0 || tunnel_begin_journal(t, err) < 0 ||
	      carry_out(t, &made, NULL, err) < 0 ||
	      journal_replace(t->r.journal, &t->st, err) < 0;
	plan_forget(&made);
	return ret ? t->r.status : 0;
}

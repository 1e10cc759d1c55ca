// SPDX-License-Identifier: GPL-2.0
#include "tunnel.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../lib/alloc.h"
#include "../lib/backend.h"
#include "../lib/cleanup.h"
#include "../lib/diff.h"
#include "change-text.h"
#include "netstate.h"
#include "plan.h"
#include "recover.h"
#include "run.h"
#include "signals.h"
#include "steps/link.h"
#include "verb.h"

#define SESSION_SECONDS 180 /* no session lives longer (REJECT_AFTER_TIME of the paper, 6.1) */

/* Not on the stack: paths make it large. */
struct tunnel *tunnel_new(void)
{
	struct tunnel *t = wg_alloc(sizeof(*t));

	t->r = (struct run){.log = &verb_log,
			    .stop = &signals_stop,
			    .upcalls = &run_upcalls,
			    .status = 1};
	return t;
}

void tunnel_freep(struct tunnel **tp)
{
	struct tunnel *t = *tp;

	free(t->record);
	difference_wipe(&t->d);
	found_wipe(&t->found);
	plan_wipe(&t->wanted);
	wg_device_freep(&t->device);
	state_wipe(&t->st);
	config_wipe(&t->c);
	wg_rtnl_close(&t->r.rtnl);
	journal_unlock(&t->r.journal);
	free(t);
}

static int not_up(const struct tunnel *t, struct wg_error *err)
{
	wg_error_set(err, "`%s' is not up: bring it up with: wg-quick up %s", t->c.name, t->c.arg);
	err->code = ENODEV;
	return -1;
}

/* The interface of t->st, under the name that it was given. */
static int find_interface(struct tunnel *t, struct wg_error *err)
{
	struct wg_link link;
	int where = recover_find_link(&t->r, &t->st, err);

	if (where < 0)
		return -1;
	if (!where)
		return not_up(t, err);
	if (where == 2)
		return wg_error_set(err, "the interface of `%s' is in another network namespace",
				    t->c.name);
	if (link_find(&t->r, &link, err) <= 0)
		return -1;
	if (strcmp(link.name, t->c.name))
		return wg_error_set(err, "the interface of `%s' is called `%s' now: give it its name "
				    "back", t->c.name, link.name);
	t->r.ifindex = link.index;
	return 0;
}

int tunnel_open(struct tunnel *t, const char *arg, struct wg_error *err)
{
	struct run *r = &t->r;
	int had, there;

	if (config_find(&t->c, arg, err) < 0 || config_read(&t->c, &verb_log, err) < 0)
		return -1;
	t->record = applied_text(&t->c, &t->record_len);
	memcpy(t->c.dev->name, t->c.name, sizeof(t->c.dev->name));
	r->name = t->c.name;
	r->config_path = t->c.path;
	r->config = &t->c;
	signals_catch();
	if (wg_rtnl_open(&r->rtnl, err) < 0 ||
	    journal_lock(&r->journal, t->c.name, &verb_log, err) < 0)
		return -1;
	had = journal_load(r->journal, &t->st, err);
	if (had < 0)
		return -1;
	there = recover_state(r, &t->st, had, &t->c, err);
	if (there < 0)
		return -1;
	t->journal_is_whole = had && !t->st.damage[0];
	if (!there || !t->st.complete || t->st.going_down)
		return not_up(t, err);
	return find_interface(t, err);
}

static bool had_step(const struct state *st, enum step_kind kind)
{
	for (size_t i = 0; i < st->steps.n; i++)
		if (st->steps.steps[i].kind == kind)
			return true;
	return false;
}

static bool had_address(const struct state *st, const struct wg_prefix *address)
{
	for (size_t i = 0; i < st->steps.n; i++)
		if (st->steps.steps[i].kind == STEP_ADDRESS &&
		    wg_prefix_equal(&st->steps.steps[i].prefix, address))
			return true;
	return false;
}

static bool had_rule(const struct state *st, const struct wg_rule *rule)
{
	const struct step s = {.kind = STEP_RULE, .rule = *rule};

	for (size_t i = 0; i < st->steps.n; i++)
		if (st->steps.steps[i].kind == STEP_RULE &&
		    step_ops(&s)->equal(&st->steps.steps[i], &s))
			return true;
	return false;
}

/* Takes out of a snapshot what the tunnel made itself, so that a plan is made as if it was not up. */
static void forget_own(struct netstate *s, const struct state *st)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_addresses; i++)
		if (!had_address(st, &s->addresses[i]))
			s->addresses[n++] = s->addresses[i];
	s->n_addresses = n;
	n = 0;
	for (size_t i = 0; i < s->n_routes; i++)
		if (s->routes[i].protocol != WG_RTNL_PROTOCOL)
			s->routes[n++] = s->routes[i];
	s->n_routes = n;
	n = 0;
	for (size_t i = 0; i < s->n_rules; i++)
		if (!had_rule(st, &s->rules[i]))
			s->rules[n++] = s->rules[i];
	s->n_rules = n;
	if (had_step(st, STEP_SYSCTL))
		s->marks_count = false;
}

/* Of the device, a plan gets its own key and its mark: the peers are the file's alone. */
static struct wg_device *without_peers(const struct wg_device *dev)
{
	struct wg_device *copy = wg_device_new();

	copy->flags = dev->flags;
	copy->fwmark = dev->fwmark;
	memcpy(copy->private_key, dev->private_key, WG_KEY_LEN);
	return copy;
}

/* Keeps the steps that a reload deals with; the device's settings are a matter of wg_diff. */
static void drop_hooks(struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (step_ops(&p->steps[i])->order)
			p->steps[n++] = p->steps[i];
		else
			step_wipe(&p->steps[i]);
	}
	p->n = n;
}

/* Endpoints that have to be looked up are those that the file changed. */
static int read_device(struct tunnel *t, struct wg_error *err)
{
	struct applied applied;

	if (wg_backend_get(&t->device, t->c.name, err) < 0)
		return -1;
	journal_load_applied(t->r.journal, &applied);
	applied_keep(&applied, &t->c, t->device, (s64)time(NULL) - SESSION_SECONDS);
	applied_wipe(&applied);
	return wg_resolve_run(&t->c.resolve, &verb_log, &signals_stop, err);
}

/* What the file asks for. */
static int plan_file(struct tunnel *t, struct wg_error *err)
{
	cleanup(netstate_wipe) struct netstate s = {.dev = without_peers(t->device)};

	if (netstate_take_up(&s, &t->c, err) < 0)
		return -1;
	forget_own(&s, &t->st);
	plan_wipe(&t->wanted);
	if (plan_network(&t->c, &s, t->r.log, &t->wanted, err) < 0)
		return -1;
	drop_hooks(&t->wanted);
	return 0;
}

int tunnel_compare(struct tunnel *t, const struct plan *wanted, const struct plan *had,
		   const struct plan *known, struct wg_error *err)
{
	found_wipe(&t->found);
	difference_wipe(&t->d);
	if (found_take(&t->found, t->r.rtnl, t->r.ifindex, err) < 0)
		return -1;
	return difference_find(&t->d, wanted, had, known, &t->found, &t->r, err);
}

static int plan_and_compare(struct tunnel *t, struct wg_error *err)
{
	struct plan known = {0};
	int ret;

	if (plan_file(t, err) < 0)
		return -1;
	plan_known(&known, &t->st.steps, t->st.done);
	ret = tunnel_compare(t, &t->wanted, &t->st.steps, &known, err);
	plan_forget(&known);
	return ret;
}

int tunnel_compare_file(struct tunnel *t, struct wg_error *err)
{
	if (read_device(t, err) < 0 || plan_and_compare(t, err) < 0)
		return -1;
	return wg_diff(t->c.dev, t->device, &t->device_changes, err);
}

int tunnel_begin_journal(struct tunnel *t, struct wg_error *err)
{
	return t->journal_is_whole ? 0 : journal_replace(t->r.journal, &t->st, err);
}

static bool has_rules(const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == STEP_RULE)
			return true;
	return false;
}

/* Plans again under the lock, so that no other tunnel takes the priorities before they are claimed. */
static int claim_rules(struct tunnel *t, struct wg_error *err)
{
	cleanup(close_fd) int shared = -1;

	if (journal_lock_shared(&shared, t->r.stop, t->r.log, err) < 0 || plan_and_compare(t, err) < 0)
		return -1;
	return run_claim(&t->r, &t->d.add, err);
}

int tunnel_claim_file(struct tunnel *t, struct wg_error *err)
{
	if (read_device(t, err) < 0 || plan_and_compare(t, err) < 0 || tunnel_begin_journal(t, err) < 0)
		return -1;
	if (has_rules(&t->d.add) && claim_rules(t, err) < 0)
		return -1;
	return wg_diff(t->c.dev, t->device, &t->device_changes, err);
}

bool tunnel_agrees(const struct tunnel *t)
{
	return difference_is_empty(&t->d) && !t->device_changes;
}

void tunnel_print_difference(const struct tunnel *t, FILE *f)
{
	for (size_t i = 0; i < t->d.add.n; i++) {
		cleanup(free_ptr) char *command = step_command(&t->d.add.steps[i], t->c.name);

		fprintf(f, "[#] %s\n", command);
	}
	if (t->device_changes)
		change_write(f, "[#] ", t->c.name, t->c.dev, t->device);
	for (size_t i = 0; i < t->d.remove.n; i++) {
		cleanup(free_ptr) char *command = step_undo_command(&t->d.remove.steps[i], t->c.name);

		if (command)
			fprintf(f, "[#] %s\n", command);
	}
}

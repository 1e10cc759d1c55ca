// SPDX-License-Identifier: GPL-2.0
/* `wg-quick up`. Whatever fails after the journal was begun is undone from the journal, by the same
 * code that `down` uses after a crash. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../lib/base/alloc.h"
#include "../lib/base/cleanup.h"
#include "../lib/base/notify.h"
#include "../lib/base/wait.h"
#include "host/daemon.h"
#include "host/netns.h"
#include "host/path-mtu.h"
#include "host/progress.h"
#include "host/signals.h"
#include "host/userspace.h"
#include "plan/allowed.h"
#include "plan/netstate.h"
#include "plan/plan.h"
#include "reconcile/place.h"
#include "reconcile/recover.h"
#include "reconcile/tunnel.h"
#include "steps/kill-table.h"
#include "verb.h"

/* How long `up` waits for names that may be left to the watch: what a resolver that is there needs. */
#define LOOK_UP_MS 250

/* The first name that is left, for a message. */
static const char *first_name(const struct wg_resolve *r)
{
	for (const struct wg_resolve_job *job = r->jobs; job; job = job->next)
		if (job->peer)
			return job->host;
	return "";
}

/* Of an earlier `up' or of the boot, a kill switch may stand that lets no question for a name pass. */
static int look_up_all(struct config *c, struct wg_error *err)
{
	cleanup(kill_claims_wipe) struct kill_claims claims = {0};
	cleanup(free_ptr) char *why = NULL;
	struct wg_error ignored;

	if (!wg_resolve_run(&c->resolve, &progress_log, &signals_stop, err))
		return 0;
	if (!c->kill_switch || kill_table_read(&claims, &ignored) < 0 || !claims.n)
		return -1;
	why = wg_format("%s", err->text);
	return wg_error_set(err, "%.800s; a kill switch is in place, which lets no name be looked up: give the "
			    "address in Endpoint or in /etc/hosts, or before that: wg-quick killswitch --lift "
			    "%s", why, c->name);
}

/* The endpoints that are names. Those that cannot be found at once are left out where the watch will look them
 * up; with a kill switch it could not. */
static int look_up_here(struct config *c, struct wg_error *err)
{
	size_t n;

	if (!c->background || c->kill_switch)
		return look_up_all(c, err);
	if (wg_resolve_some(&c->resolve, &signals_stop, LOOK_UP_MS, err) < 0)
		return -1;
	n = c->resolve.n_jobs;
	if (!n)
		return 0;
	wg_log_say(&progress_log, WG_LOG_PROGRESS, "%zu endpoint%s cannot be looked up yet (first: %s): left to "
		   "`wg-quick watch'", n, n == 1 ? "" : "s", first_name(&c->resolve));
	if (!journal_is_watched(c->name))
		wg_log_say(&progress_log, WG_LOG_WARNING, "nobody watches `%s', so nobody looks them up: run "
			   "`wg-quick watch %s', or enable wg-quick-watch.service", c->name, c->name);
	return 0;
}

/* Names mean what they mean where the encrypted packets are. */
static int look_up(struct config *c, struct wg_error *err)
{
	struct wg_error ignored;
	int ret;

	if (netns_underlay_begin(err) < 0)
		return -1;
	ret = look_up_here(c, err);
	return netns_underlay_end(ret ? &ignored : err) < 0 ? -1 : ret;
}

/* Free tables and rule priorities are shared between tunnels, from the look at them until they are
 * taken. Peers that PreUp makes may have a default route too. */
static bool shares(const struct config *c)
{
	if (c->table_mode != TABLE_AUTO)
		return false;
	return allowed_has_default(c, NULL) || c->hooks[HOOK_PRE_UP].n > 0;
}

/* Undoes what is left of an earlier tunnel of this name, as `down` would; `why` says what happened to
 * it. What fails and leaves nothing behind is a warning. */
static int heal(const struct run *r, struct journal *j, const struct state *st, const char *why,
		struct wg_error *err)
{
	struct run old = *r;

	/* It is wanted again. */
	old.kill_switch_stays = r->config->kill_switch;
	wg_log_say(r->log, WG_LOG_PROGRESS, "an earlier `%s' %s: what it left is undone first", r->name,
		   why);
	old.journal = j;
	old.config = NULL;
	if (run_undo(&old, st, err) < 0) {
		if (old.remains) {
			cleanup(free_ptr) char *text = wg_format("%s", err->text);

			return wg_error_set(err, "what an earlier `%s' left cannot be undone: %.1000s; "
					    "wg-quick down --force %s goes on past it", r->name, text,
					    r->name);
		}
		wg_log_say(r->log, WG_LOG_WARNING, "%s", err->text);
	}
	/* A signal was meant for `up`. */
	if (old.interrupted)
		return signals_error(old.interrupted, err);
	err->text[0] = '\0';
	return 0;
}

static int already_exists(const struct run *r, const char *more, struct wg_error *err)
{
	wg_error_set(err, "`%s' already exists%s", r->name, more);
	err->code = EEXIST;
	return -1;
}

/* A journal of an earlier `up` is there. 1: the tunnel stands. 0: what was left is undone. */
static int check_journal(struct run *r, const struct config *c, struct state *st,
			 struct wg_error *err)
{
	struct run old = *r;
	bool complete;
	int where;

	if (recover_state(&old, st, true, c, err) < 0)
		return -1;
	complete = st->complete && !st->going_down;
	where = complete ? recover_find_link(&old, st, err) : 0;
	if (where < 0)
		return -1;
	if (where == 2)
		return already_exists(r, ": its interface is in another network namespace", err);
	if (where == 1)
		return 1;
	return heal(r, r->journal, st, complete ? "has lost its interface" :
		    "was cut short on its way up or down", err);
}

/* Rules of ours that no tunnel accounts for: those of a tunnel whose journal is lost, as in a container
 * that was made anew in a network namespace that has stayed. */
static bool has_orphan_rules(const struct run *r)
{
	static const u8 families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < 2; i++) {
		cleanup(free_ptr) struct wg_rule *list = NULL;
		struct wg_error ignored;
		size_t n = 0;

		if (wg_rtnl_rules(r->rtnl, families[i], &list, &n, &ignored) < 0)
			continue;
		for (size_t k = 0; k < n; k++) {
			const struct step s = {.kind = STEP_RULE, .rule = list[k]};

			if (list[k].protocol == WG_RTNL_PROTOCOL &&
			    rule_is_full_tunnel(&list[k]) &&
			    !r->upcalls->other_tunnel_has(r, &s, false))
				return true;
		}
	}
	return false;
}

static int check_orphans(const struct run *r, const struct config *c, struct wg_error *err)
{
	cleanup(state_wipe) struct state st = {0};
	struct run old = *r;
	int found;

	if (!shares(c) || !has_orphan_rules(r))
		return 0;
	old.journal = NULL;
	found = recover_state(&old, &st, false, c, err);
	return found > 0 ? heal(r, NULL, &st, "is gone, and so is its journal", err) : found;
}

/* What a tunnel that is up already means for `up'. */
enum standing {
	STANDING_FAILS,
	STANDING_AGREES, /* a success, if it is as the file asks */
	STANDING_COUNTS, /* a success, with a warning if it is not */
};

/* The interface `name' is there: whether it is a tunnel as its file asks for, as `reload` and `status`
 * find out. Returns 1 then, and -1 with err otherwise. `had`: t->st is of a journal, and completed. */
static int check_standing(struct tunnel *t, bool had, enum standing standing, struct wg_error *err)
{
	cleanup(free_ptr) char *first = NULL;
	int there = had ? 1 : recover_state(&t->r, &t->st, false, &t->c, err);

	if (there <= 0)
		return there < 0 ? -1 : already_exists(&t->r, "", err);
	/* A tunnel that went up without hooks is compared without; and of one that has hooks, --no-hooks
	 * says nothing. */
	t->keeps_hooks = t->c.no_hooks;
	if (t->st.no_hooks)
		config_drop_hooks(&t->c);
	t->journal_is_whole = had && !t->st.damage[0] && !t->st.adopted;
	plan_drop_repeated(&t->st.steps, &t->st.done);
	if (tunnel_find_interface(t, err) < 0 || (had && place_check(&t->c, &t->st, err) < 0) ||
	    tunnel_compare_file(t, err) < 0)
		return wg_error_prefix(err, "`%s' already exists", t->c.name);
	if (tunnel_agrees(t))
		return 1;
	first = tunnel_first_difference(t);
	if (standing == STANDING_COUNTS) {
		wg_log_say(t->r.log, WG_LOG_WARNING, "`%s' is up already, and not as %s asks for: `wg-quick reload %s' would do "
			   "`%.300s'%s", t->c.name, t->c.path, t->c.arg, first,
			   tunnel_differences(t) > 1 ? ", and more" : "");
		return 1;
	}
	wg_error_set(err, "`%s' already exists, and not as %s asks for: `wg-quick reload %s' would do "
		     "`%.300s'%s", t->c.name, t->c.path, t->c.arg, first,
		     tunnel_differences(t) > 1 ? ", and more" : "");
	err->code = EEXIST;
	return -1;
}

/* 0: nothing of this name is there, or not any more. 1: the tunnel stands, and `standing` makes that a success. */
static int check_free(struct tunnel *t, enum standing standing, struct wg_error *err)
{
	struct run *r = &t->r;
	struct wg_link link;
	int there, had = journal_load(r->journal, &t->st, err), stands = 0;

	if (had < 0 || place_enter(r, &t->c, had ? &t->st : NULL, PLACE_MAKE, err) < 0)
		return -1;
	there = wg_rtnl_link(r->rtnl, t->c.name, &link, err);
	if (there < 0)
		return -1;
	if (had) {
		stands = check_journal(r, &t->c, &t->st, err);
		if (stands < 0)
			return -1;
		if (!stands) {
			state_wipe(&t->st);
			if (place_enter(r, &t->c, NULL, PLACE_MAKE, err) < 0)
				return -1;
			there = wg_rtnl_link(r->rtnl, t->c.name, &link, err);
		}
	} else if (!there) {
		return check_orphans(r, &t->c, err);
	}
	if (there < 0 || (!there && !stands))
		return there;
	return standing != STANDING_FAILS ? check_standing(t, stands, standing, err) : already_exists(r, "", err);
}

/* Until a namespace that somebody else is making can be entered. */
#define NETNS_WAIT_MS 3000
#define NETNS_POLL_MS 20

/* MTU = probe. It comes before a kill switch is loaded, unless names can be looked up only after PreUp. */
static int probe_mtu(const struct run *r, const struct config *c, u32 *mtu, struct wg_error *err)
{
	struct wg_error ignored;
	size_t silent;
	int ret;

	if (!c->mtu_probe)
		return 0;
	if (netns_underlay_begin(err) < 0)
		return -1;
	ret = netstate_probe_mtu(c, r->rtnl, r->stop, mtu, &silent, err);
	if (netns_underlay_end(ret < 0 ? &ignored : err) < 0 || ret < 0)
		return -1;
	if (silent || !*mtu)
		wg_log_say(r->log, WG_LOG_WARNING, "MTU = probe: %s of the endpoints answers no echo request of "
			   "%d bytes or more: going by what routes and routers say", *mtu ? "one" : "none",
			   PATH_MTU_LEAST);
	return *r->stop ? signals_error(*r->stop, err) : 0;
}

static int make_link(struct run *r, struct config *c, u32 *path_mtu, struct wg_error *err)
{
	cleanup(netstate_wipe) struct netstate s = {0};
	cleanup(plan_wipe) struct plan p = {0};

	if (!c->hooks[HOOK_PRE_UP].n && (look_up(c, err) < 0 || probe_mtu(r, c, path_mtu, err) < 0))
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

struct network {
	const struct config *c;
	struct netstate s;
	struct plan p;
};

static void network_wipe(struct network *n)
{
	netstate_wipe(&n->s);
	plan_wipe(&n->p);
}

/* Once more under the lock over what tunnels share, by what is free then. */
static int plan_again(void *ctx, struct wg_error *err)
{
	struct network *n = ctx;

	if (netstate_take_shared(&n->s, n->c, err) < 0)
		return -1;
	plan_wipe(&n->p);
	return plan_network(n->c, &n->s, NULL, &n->p, err);
}

static int make_network(struct tunnel *t, u32 path_mtu, struct wg_error *err)
{
	cleanup(network_wipe) struct network n = {.c = &t->c};
	struct run *r = &t->r;

	/* PreUp may be what makes names resolvable. */
	if (t->c.hooks[HOOK_PRE_UP].n &&
	    (look_up(&t->c, err) < 0 || probe_mtu(r, &t->c, &path_mtu, err) < 0))
		return -1;
	if (netstate_take(&n.s, &t->c, err) < 0) {
		if (r->userspace)
			userspace_explain(r->name, err);
		return -1;
	}
	if (path_mtu && (!n.s.endpoint_mtu || path_mtu < n.s.endpoint_mtu))
		n.s.endpoint_mtu = path_mtu;
	if (plan_network(&t->c, &n.s, r->log, &n.p, err) < 0 ||
	    run_claim(r, &n.p, plan_again, &n, err) < 0 || run_plan(r, &n.p, err) < 0)
		return -1;
	/* Hooks may have taken a while. */
	if (r->userspace &&
	    userspace_confirm_alive(r->name, r->marker, r->rtnl, r->ifindex, err) < 0)
		return -1;
	journal_save_applied(r->journal, t->record, t->record_len);
	if (*r->stop)
		return signals_error(*r->stop, err);
	return journal_complete(r->journal, err);
}

/* Undoes a failed `up`. The error stays that of the failure; what cannot be undone is a warning. */
static void rollback(struct run *r)
{
	struct wg_error err = {0};
	struct state st = {0};
	int status = r->status;

	signals_outlive_session();
	*r->stop = 0;
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

static int make(struct tunnel *t, struct wg_error *err)
{
	u32 path_mtu = 0;
	int ret;

	t->r.netns_taken = false;
	ret = make_link(&t->r, &t->c, &path_mtu, err);
	if (!ret)
		ret = make_network(t, path_mtu, err);
	if (ret < 0)
		rollback(&t->r);
	return ret;
}

static int bring_up(struct tunnel *t, enum standing standing, struct wg_error *err)
{
	struct run *r = &t->r;
	struct wg_wait wait;
	int ret;

	signals_catch();
	if (wg_rtnl_open(&r->rtnl, err) < 0 ||
	    journal_lock(&r->journal, t->c.name, r->log, err) < 0 || place_set_underlay(&t->c, err) < 0)
		return 1;
	ret = check_free(t, standing, err);
	if (ret)
		return ret < 0;
	ret = make(t, err);
	/* Tunnels that share a namespace may come up at once, as at boot: one makes it. */
	wg_wait_begin(&wait, r->stop, NETNS_WAIT_MS);
	while (ret < 0 && r->netns_taken && wg_wait_nap(&wait, NETNS_POLL_MS) == WG_WAIT_READY) {
		*err = (struct wg_error){0};
		ret = place_enter(r, &t->c, NULL, PLACE_MAKE, err);
		if (!ret)
			ret = make(t, err);
	}
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
	wg_log_say(&progress_log, WG_LOG_WARNING, "%s; unless PreUp helps, `up' will fail", err->text);
	err->text[0] = '\0';
	return 0;
}

static int print_steps(struct tunnel *t, const struct netstate *s, struct wg_error *err)
{
	cleanup(plan_wipe) struct plan p = {0};

	if (plan_link(&t->c, s, &p, err) < 0)
		return err->code == ENOENT ? STATUS_NOT_FOUND : 1;
	if (plan_network(&t->c, s, &progress_log, &p, err) < 0)
		return 1;
	print_plan(&p, t->c.name);
	return 0;
}

/* What `up` would do, as far as it can be known without doing it: PreUp hooks may change it. Of a tunnel
 * that is up, what `up` would do if it was down: without root that cannot be told. */
static int dry_run(struct tunnel *t, struct wg_error *err)
{
	cleanup(netstate_wipe) struct netstate s = {0};

	if (place_set_underlay(&t->c, err) < 0 || place_enter(&t->r, &t->c, NULL, PLACE_MAKE, err) < 0 ||
	    look_up_ahead(&t->c, err) < 0 || netstate_take_ahead(&s, &t->c, err) < 0)
		return 1;
	if (!s.link_exists || geteuid() != 0)
		return print_steps(t, &s, err);
	netstate_wipe(&s);
	if (tunnel_open(t, TUNNEL_LOOK, err) < 0 || tunnel_take_as_down(t, &s, err) < 0) {
		if (err->code != ENODEV)
			return 1;
		/* A `down' beside us may have deleted the interface since. */
		netstate_wipe(&s);
		if (netstate_take_ahead(&s, &t->c, err) < 0)
			return 1;
		if (s.link_exists)
			return already_exists(&t->r, "", err), 1;
		err->text[0] = '\0';
		return print_steps(t, &s, err);
	}
	fflush(stdout);
	wg_log_say(&progress_log, WG_LOG_PROGRESS, "`%s' is up: these are the steps of `up' if it was "
		   "down; `wg-quick diff %s' prints what differs", t->c.name, t->c.arg);
	return print_steps(t, &s, err);
}

int up_again(const char *arg, bool no_hooks, struct wg_error *err)
{
	cleanup(tunnel_freep) struct tunnel *t = tunnel_new();

	if (tunnel_read(t, arg, err) < 0)
		return 1;
	if (no_hooks)
		config_drop_hooks(&t->c);
	return bring_up(t, STANDING_FAILS, err);
}

/* Tells the service manager that the tunnel is up, and which process carries it, so that the unit fails when that
 * process dies. The kernel's WireGuard has no process. `fd` is of wg_notify_open(). */
static void tell_ready(int fd, const struct tunnel *t)
{
	char marker[DAEMON_MARKER_SIZE], text[64];
	struct daemon d;

	int ret;

	if (fd < 0)
		return;
	journal_marker(t->r.journal, marker);
	snprintf(text, sizeof(text), "READY=1");
	if (daemon_find(marker, &d))
		snprintf(text, sizeof(text), "READY=1\nMAINPID=%d", (int)d.pid);
	ret = wg_notify_wait(fd, text);
	if (ret)
		wg_log_say(t->r.log, WG_LOG_WARNING, "cannot tell the service manager that `%s' is up: %s", t->c.name,
			   strerror(ret));
	close(fd);
}

int verb_up(const struct wg_call *call, struct wg_error *err)
{
	cleanup(tunnel_freep) struct tunnel *t = tunnel_new();
	bool dry = wg_call_has(call, "--dry-run");
	enum standing standing = wg_call_has(call, "--idempotent") ? STANDING_AGREES : STANDING_FAILS;
	int notify, status;

	if (!dry && verb_become_root(call, err) < 0)
		return 1;
	if (tunnel_read(t, call->argv[0], err) < 0)
		return 1;
	if (wg_call_has(call, "--no-hooks"))
		config_drop_hooks(&t->c);
	if (dry)
		return dry_run(t, err);
	/* Neither hooks nor the daemon speak for the unit. */
	notify = wg_notify_open();
	/* A unit that failed because its tunnel is there, and somebody changed it, could not take it down any more. */
	if (notify >= 0 && standing == STANDING_AGREES)
		standing = STANDING_COUNTS;
	status = bring_up(t, standing, err);
	if (!status)
		tell_ready(notify, t);
	return status;
}

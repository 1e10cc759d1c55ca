// SPDX-License-Identifier: GPL-2.0
/* Carries out what plan_undo lists. It goes on after a failure: a tunnel half taken down is worse
 * than an error at the end. */
#include "run.h"
#include <errno.h>
#include <string.h>
#include <time.h>
#include "../lib/cleanup.h"
#include "../lib/nft.h"
#include "../lib/uapi.h"
#include "dns.h"
#include "hooks.h"
#include "sysctl.h"
#include "test-hooks.h"
#include "undo.h"
#include "userspace.h"
#include "verb.h"

#define LINK_POLL_MS 10
#define LINK_POLLS   200 /* two seconds */

enum outcome {
	UNDONE,
	COMPLAINT, /* a command failed that cannot be made to succeed by trying again */
	REMAINS,   /* it is still there: the journal must be kept */
};

static void echo(const struct run *r, const struct step *s)
{
	cleanup(free_ptr) char *command = step_undo_command(s, r->name);

	if (command)
		verb_echo("%s", command);
	fflush(stderr);
}

static enum outcome undo_hook(struct run *r, const struct undo *u, struct wg_error *err)
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
		return COMPLAINT;
	/* On a full disk a hook may be run twice, should this run be cut short. */
	if (r->journal)
		journal_hook_run(r->journal, &no_matter);
	return status ? COMPLAINT : UNDONE;
}

/* The link of this state: by index where that is known, and it must still look like ours. */
static int find_link(const struct run *r, const struct state *st, struct wg_link *link,
		     struct wg_error *err)
{
	int ret = st->ifindex ? wg_rtnl_link_by_index(r->rtnl, st->ifindex, link, err)
			      : wg_rtnl_link(r->rtnl, r->name, link, err);

	if (ret <= 0)
		return ret;
	if (!strcmp(link->kind, "wireguard"))
		return 1;
	/* A userspace data path's is a TUN device: anybody's, unless we saw it begin or it can be
	 * talked to. */
	return !strcmp(link->kind, "tun") && (st->userspace || wg_uapi_has(link->name));
}

static enum outcome undo_save(const struct run *r, const struct state *st, struct wg_error *err)
{
	cleanup(config_wipe) struct config c = {0};
	struct wg_link link;

	/* Nothing to save from: an earlier `down`, or a data path that died. */
	if (find_link(r, st, &link, err) <= 0)
		return UNDONE;
	/* It may have been renamed since. */
	memcpy(c.name, link.name, sizeof(c.name));
	memcpy(c.path, st->config, sizeof(c.path));
	if (config_read(&c, NULL, err) < 0) {
		if (err->code != ENOENT)
			return COMPLAINT;
		wg_log_say(r->log, WG_LOG_WARNING, "`%s' is not saved: %s has gone", r->name, c.path);
		return UNDONE;
	}
	/* Who has taken SaveConfig out since wants the file as it is. */
	if (c.save_config && save_running(&c, r->log, err) < 0)
		return COMPLAINT;
	return UNDONE;
}

static enum outcome undo_rule(const struct run *r, const struct undo *u, struct wg_error *err)
{
	cleanup(close_fd) int shared = -1;

	/* A rule that was begun and never made may be another tunnel's by now: its priority was
	 * still free. */
	if (!u->sure) {
		if (journal_lock_shared(&shared, NULL, r->log, err) < 0)
			return REMAINS;
		if (journal_rule_owned(r->name, &u->step->rule))
			return UNDONE;
	}
	echo(r, u->step);
	wg_rtnl_rule_del(r->rtnl, &u->step->rule);
	if (!test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err) || err->code == ENOENT ||
	    err->code == EAFNOSUPPORT)
		return UNDONE;
	wg_error_prefix(err, "cannot remove a rule");
	return REMAINS;
}

/* A data path that was starting when its `up` was killed may yet make its link. */
static int await_link(const struct run *r, const struct state *st, const struct undo *u,
		      struct wg_link *link, struct wg_error *err)
{
	const struct timespec pause = {.tv_nsec = LINK_POLL_MS * 1000000L};
	bool starting = st->userspace && !st->ifindex && !u->sure && !r->config;
	int there = find_link(r, st, link, err);

	for (int i = 0; starting && !there && i < LINK_POLLS && !*r->stop; i++) {
		nanosleep(&pause, NULL);
		there = find_link(r, st, link, err);
	}
	return there;
}

static enum outcome undo_link(const struct run *r, const struct state *st, const struct undo *u,
			      struct wg_error *err)
{
	struct wg_link link;
	int there = await_link(r, st, u, &link, err);

	if (there < 0)
		return REMAINS;
	if (there) {
		echo(r, u->step);
		wg_rtnl_link_del(r->rtnl, link.index);
		if (test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err) < 0 &&
		    err->code != ENODEV) {
			wg_error_prefix(err, "cannot delete the interface `%s'", link.name);
			return REMAINS;
		}
	}
	if (st->userspace || (there && !strcmp(link.kind, "tun")))
		userspace_wait_gone(r->name);
	return UNDONE;
}

static enum outcome undo_dns(struct run *r, const struct undo *u, struct wg_error *err)
{
	int status;

	echo(r, u->step);
	status = dns_unset(u->step->dns_name, r->stop, err);
	*r->stop = 0;
	if (!status || !u->sure)
		return UNDONE;
	if (r->status <= 1)
		r->status = status;
	return COMPLAINT;
}

static enum outcome undo_firewall(const struct run *r, const struct undo *u, struct wg_error *err)
{
	echo(r, u->step);
	if (!test_hooks_result(wg_nft_guard_drop(u->step->family, r->name, err), err))
		return UNDONE;
	wg_error_prefix(err, "cannot remove the nftables table `wg-quick-%s'", r->name);
	return REMAINS;
}

/* It was off before the first tunnel of ours; the last one turns it off again. */
static enum outcome undo_sysctl(const struct run *r, const struct undo *u, struct wg_error *err)
{
	cleanup(close_fd) int shared = -1;

	if (!u->step->was_off)
		return UNDONE;
	if (journal_lock_shared(&shared, NULL, r->log, err) < 0)
		return REMAINS;
	if (journal_sysctl_owned(r->name) || !sysctl_src_valid_mark())
		return UNDONE;
	echo(r, u->step);
	/* Where it has become read-only there is nothing that trying again would better. */
	return sysctl_set_src_valid_mark(false, err) < 0 ? COMPLAINT : UNDONE;
}

static enum outcome undo_one(struct run *r, const struct state *st, const struct undo *u,
			     struct wg_error *err)
{
	switch (u->kind) {
	case UNDO_HOOK:
		return undo_hook(r, u, err);
	case UNDO_SAVE:
		return undo_save(r, st, err);
	case UNDO_RULE:
		return undo_rule(r, u, err);
	case UNDO_LINK:
		return undo_link(r, st, u, err);
	case UNDO_DNS:
		return undo_dns(r, u, err);
	case UNDO_FIREWALL:
		return undo_firewall(r, u, err);
	case UNDO_SYSCTL:
		return undo_sysctl(r, u, err);
	}
	return UNDONE;
}

/* Where `up` was complete, a PreDown hook that fails keeps the tunnel up, as it always has: users
 * guard with it. So does a file that cannot be written, lest the state be lost. An earlier `down`
 * that was cut short has settled the question. */
static bool may_refuse(const struct state *st, const struct undo *u)
{
	bool early = u->kind == UNDO_SAVE || (u->kind == UNDO_HOOK && u->phase == HOOK_PRE_DOWN);

	return early && st->complete && !st->going_down;
}

int run_undo(struct run *r, const struct state *st, struct wg_error *err)
{
	struct undo_list list;
	struct wg_error no_matter;
	cleanup(free_ptr) struct undo *actions = NULL;
	bool failed = false, remains = false;

	/* A disk that is full must not keep anything up. */
	if (r->journal && !st->going_down)
		journal_going_down(r->journal, &no_matter);
	plan_undo(st, &list);
	actions = list.actions;
	for (size_t i = 0; i < list.n; i++) {
		struct wg_error why = {0};
		enum outcome outcome;

		test_hooks_boundary();
		outcome = undo_one(r, st, &actions[i], &why);
		if (outcome == UNDONE)
			continue;
		if (!failed)
			*err = why;
		failed = true;
		remains |= outcome == REMAINS;
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

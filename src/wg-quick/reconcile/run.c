// SPDX-License-Identifier: GPL-2.0
/* Carries a plan out. What the kernel takes in one batch is journalled, printed and sent together;
 * everything else goes step by step. Nothing is undone here. */
#include "run.h"
#include <errno.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/signals.h"
#include "../host/test-hooks.h"
#include "../host/userspace.h"

static int note_link(struct run *r, u32 ifindex, bool userspace, struct wg_error *err)
{
	return journal_link(r->journal, ifindex, userspace, err);
}

static int note_no_firewall(struct run *r, struct wg_error *err)
{
	return journal_no_firewall(r->journal, err);
}

static int note_dns_refused(struct run *r, struct wg_error *err)
{
	return journal_dns_refused(r->journal, err);
}

static int lock_shared(const struct run *r, int *fd, struct wg_error *err)
{
	return journal_lock_shared(fd, r->stop, r->log, err);
}

static bool other_tunnel_has(const struct run *r, const struct step *s, bool done)
{
	return journal_other_has(r->name, s, done);
}

static void other_steps(const struct run *r, enum step_kind kind,
			void (*note)(void *ctx, const char *name, const struct step *s), void *ctx)
{
	journal_other_steps(r->name, kind, note, ctx);
}

const struct step_upcalls run_upcalls = {
	.note_link = note_link,
	.note_no_firewall = note_no_firewall,
	.note_dns_refused = note_dns_refused,
	.lock_shared = lock_shared,
	.other_tunnel_has = other_tunnel_has,
	.other_steps = other_steps,
};

static int run_batch(struct run *r, const struct step *steps, size_t n, struct wg_error *err)
{
	size_t failed = n;

	for (size_t i = 0; i < n; i++)
		step_ops(&steps[i])->append(r, &steps[i]);
	if (!test_hooks_result(wg_rtnl_commit(r->rtnl, &failed, err), err))
		return 0;
	if (failed == n)
		return -1;
	if (err->code == EEXIST && steps[failed].kind == STEP_RULE)
		r->refused_rule = steps[failed].rule;
	if (step_ops(&steps[failed])->explain)
		step_ops(&steps[failed])->explain(r, &steps[failed], err);
	return step_refused(r, &steps[failed], err);
}

/* How many steps from this one on go together. */
static size_t group_length(const struct plan *p, size_t at)
{
	size_t n = 1;

	if (step_ops(&p->steps[at])->append) {
		while (at + n < p->n && step_ops(&p->steps[at + n])->append)
			n++;
	}
	return n;
}

int run_claim(struct run *r, const struct plan *p,
	      int (*plan_again)(void *ctx, struct wg_error *err), void *ctx, struct wg_error *err)
{
	cleanup(close_fd) int shared = -1;

	if (!plan_has(p, STEP_RULE))
		return 0;
	if (journal_lock_shared(&shared, r->stop, r->log, err) < 0 || plan_again(ctx, err) < 0)
		return -1;
	return journal_claim(r->journal, p->steps, p->n, err);
}

static int run_group(struct run *r, struct step *steps, size_t n, struct wg_error *err)
{
	const struct plan group = {.steps = steps, .n = n};
	const struct step_ops *ops = step_ops(steps);
	int ret;

	if (journal_steps(r->journal, steps, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		step_echo(r, &steps[i]);
	fflush(stderr); /* a child may write next */
	ret = ops->append ? run_batch(r, steps, n, err) : ops->run(r, steps, err);
	if (ret == 0 && r->userspace && plan_has(&group, STEP_LINK_UP))
		ret = test_hooks_result(userspace_confirm_up(r->name, r->stop, err), err);
	if (ret < 0) {
		/* A hook's failure is its own. */
		if (r->userspace && ops->configures)
			userspace_explain(r->name, err);
		return -1;
	}
	return journal_done(r->journal, err);
}

int run_plan(struct run *r, const struct plan *p, struct wg_error *err)
{
	for (size_t i = 0, n; i < p->n; i += n) {
		n = group_length(p, i);
		if (run_group(r, p->steps + i, n, err) < 0)
			return -1;
		if (*r->stop)
			return signals_error(*r->stop, err);
	}
	return 0;
}

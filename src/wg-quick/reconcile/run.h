/* SPDX-License-Identifier: GPL-2.0 */
/* Carries plans out, and undoes them. Steps that are netlink go in batches. */
#ifndef WG_QUICK_RUN_H
#define WG_QUICK_RUN_H

#include "../journal/journal.h"
#include "../steps/ops.h"

/* The journal, as steps see it: for run.upcalls. */
extern const struct step_upcalls run_upcalls;

/* If the plan `p` has rules: takes the lock over what tunnels share, has *p made again by
 * plan_again(ctx), and claims its rules in the journal, where other tunnels see that their tables and
 * priorities are taken. Under the lock nothing is waited for; what the plan's steps wait for
 * (resolvconf, daemons, hooks) comes after the lock was let go. Returns 0, or -1 with err. */
int run_claim(struct run *r, const struct plan *p,
	      int (*plan_again)(void *ctx, struct wg_error *err), void *ctx, struct wg_error *err);
/* Journals, prints ("[#] ...") and does each step in order. The first failure ends it: err says
 * what failed; undoing is the caller's. */
int run_plan(struct run *r, const struct plan *p, struct wg_error *err);
/* run-undo.c. Copies into *r what link_find recognises the state's link by. */
void run_identify(struct run *r, const struct state *st);
/* Undoes what a state lists, in upstream's order of `down` (see undo.h), and ends its
 * journal. What is gone already is no error; everything is tried; the first error is returned. A
 * signal ends the wait during which it comes, and nothing else. The journal stays where the kernel refused
 * something (r->remains), so that `down` can be tried again; and where a PreDown hook of a complete
 * tunnel failed, or its state could not be saved: that ends `down` before anything is undone, unless
 * the link is gone. Where a hook of the journal fails and the file has other ones by now, those are run.
 * With r->force everything is tried, what could not be undone is listed as warnings, and the journal
 * goes in any case. */
int run_undo(struct run *r, const struct state *st, struct wg_error *err);

#endif

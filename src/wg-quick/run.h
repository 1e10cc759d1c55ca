/* SPDX-License-Identifier: GPL-2.0 */
/* Carries plans out, and undoes them. Steps that are netlink go in batches. */
#ifndef WG_QUICK_RUN_H
#define WG_QUICK_RUN_H

#include "journal.h"

struct run {
	const char *name;
	const struct config *config; /* NULL when a journal is undone without its file */
	struct journal *journal;
	struct wg_rtnl *rtnl;
	u32 ifindex;
	bool userspace;
	const struct wg_log *log;
	const volatile int *stop; /* a signal's number, once one came */
	int status;               /* exit status of the command that failed; 1 unless a child's */
};

/* Journals, prints ("[#] ...") and does each step in order. The first failure ends it: err says
 * what failed; undoing is the caller's. */
int run_plan(struct run *r, const struct plan *p, struct wg_error *err);
/* Undoes what a state lists, in upstream's order of `down`: PreDown, (save), rules, link, DNS,
 * firewall, sysctl, PostDown. Hooks run only where their Up side has begun, or the state is
 * complete. What is gone already is no error; everything is tried; the first error is returned. */
int run_undo(struct run *r, const struct state *st, struct wg_error *err);

#endif

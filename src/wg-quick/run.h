/* SPDX-License-Identifier: GPL-2.0 */
/* Carries plans out, and undoes them. Steps that are netlink go in batches. */
#ifndef WG_QUICK_RUN_H
#define WG_QUICK_RUN_H

#include "journal.h"

struct run {
	const char *name;
	const char *config_path;
	const struct config *config; /* NULL when a journal is undone without its file */
	struct journal *journal;     /* NULL: a tunnel that was adopted, undone without a journal */
	struct wg_rtnl *rtnl;
	u32 ifindex;
	bool userspace;
	bool no_firewall;            /* the kernel has no nftables; it has been warned of */
	const struct wg_log *log;
	volatile int *stop; /* a signal's number, once one came */
	int shared_lock;    /* of journal_lock_shared, or -1; let go of before a hook runs */
	int status;         /* exit status of the command that failed; 1 unless a child's */
};

/* Journals, prints ("[#] ...") and does each step in order. The first failure ends it: err says
 * what failed; undoing is the caller's. */
int run_plan(struct run *r, const struct plan *p, struct wg_error *err);
/* run-undo.c. Undoes what a state lists, in upstream's order of `down` (see undo.h), and ends its
 * journal. What is gone already is no error; everything is tried; the first error is returned. A
 * signal only ends a hook or another child that hangs. The journal stays where the kernel refused
 * something, so that `down` can be tried again; and where a PreDown hook of a complete tunnel
 * failed, or its state could not be saved: that ends `down` before anything is undone. */
int run_undo(struct run *r, const struct state *st, struct wg_error *err);

#endif

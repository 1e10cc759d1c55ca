/* SPDX-License-Identifier: GPL-2.0 */
/* The state file of one tunnel, STATEDIR/NAME.state, and its lock. Every step is appended, with one
 * write, before it is done; so what the file lists is all that can have happened, and a reader must
 * expect that its last steps have not. Mode 0600: hooks may hold secrets. It never holds keys. */
#ifndef WG_QUICK_JOURNAL_H
#define WG_QUICK_JOURNAL_H

#include "step.h"

/* What a state file says. */
struct state {
	char name[IFNAMSIZ];
	char config[PATH_MAX];  /* the file that `up` read */
	u32 ifindex;            /* 0: the link was not seen to exist */
	bool userspace;         /* the data path is a daemon */
	bool complete;          /* `up` reached its end */
	bool going_down;        /* a `down` has begun */
	bool save_config;
	struct strings down_hooks[2]; /* PreDown, PostDown, %i replaced */
	struct plan steps;      /* in the order they were begun */
};

/* Reads state text. False: not a state file of ours, or of a later version (err says which line).
 * A last line without newline is a write that a crash cut off: it is ignored. */
int state_parse(struct state *st, const char *text, size_t len, struct wg_error *err);
void state_wipe(struct state *st);

struct journal; /* open for appending, locked */

/* Takes the lock of this name, without waiting; err->code EWOULDBLOCK: another wg-quick has it. */
int journal_lock(struct journal **j, const char *name, struct wg_error *err);
/* 1 and *st filled, 0 where there is no state file. */
int journal_load(struct journal *j, struct state *st, struct wg_error *err);
/* Begins a new state file (there must be none). */
int journal_begin(struct journal *j, const struct config *c, struct wg_error *err);
/* Appends steps in one write, before they are done. */
int journal_steps(struct journal *j, const struct step *steps, size_t n, struct wg_error *err);
int journal_link(struct journal *j, u32 ifindex, bool userspace, struct wg_error *err);
int journal_complete(struct journal *j, struct wg_error *err);
int journal_going_down(struct journal *j, struct wg_error *err);
/* Removes the state file: everything is undone. */
int journal_end(struct journal *j, struct wg_error *err);
void journal_unlock(struct journal **j); /* for cleanup() too */

/* Whether another tunnel's state file lists a STEP_SYSCTL with was_off. */
bool journal_sysctl_owned(const char *except);

#endif

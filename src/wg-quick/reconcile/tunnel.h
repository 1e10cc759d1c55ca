/* SPDX-License-Identifier: GPL-2.0 */
/* One tunnel that is up: its file, its journal, what is there, and the difference. */
#ifndef WG_QUICK_TUNNEL_H
#define WG_QUICK_TUNNEL_H

#include "../config/config.h"
#include "../journal/journal.h"
#include "../plan/netstate.h"
#include "reconcile.h"

struct tunnel {
	struct config c;
	struct run r;
	struct state st;          /* what the journal says, or what is recognised without one */
	bool journal_stands;      /* there is a journal, and it is not damaged */
	bool journal_is_whole;    /* also, it lists all that the tunnel has: st.adopted is false */
	struct wg_device *device; /* as it was before anything was changed */
	struct plan wanted;       /* what the file asks for, but for the device's settings and hooks */
	struct found found;
	struct difference d;
	struct plan held; /* what stands in while the difference is carried out (hold.h): plan_forget */
	struct plan left; /* what of that could not be removed: plan_forget */
	bool only_looks;      /* opened by TUNNEL_LOOK: a `down` may undo the tunnel meanwhile */
	bool keeps_endpoints; /* the caller sets it to have no endpoint looked up: the device's count */
	bool mark_is_given;  /* the file has a FwMark other than 0 */
	bool device_changes; /* c.dev is the change to be sent to the device */
	bool down_changes;   /* the hooks for `down`, SaveConfig or the file's path are to be journalled */
	bool keeps_hooks;    /* the caller sets it to leave `down` the hooks that it has: the file's do not count */
	struct dns_choice dns;    /* made once: it may take waiting */
	struct dns_seen dns_seen; /* of r */
	struct tunnel *looked_up; /* see tunnel_look_up */
	char *record;        /* applied_text of the file; malloc'd */
	size_t record_len;
};

struct tunnel *tunnel_new(void);
void tunnel_freep(struct tunnel **t); /* for cleanup() */

/* Reads the file of `arg`, and finds out whether names may be left to `wg-quick watch` (t->c.background). t->c.name is
 * set wherever a name follows from `arg`. */
int tunnel_read(struct tunnel *t, const char *arg, struct wg_error *err);

/* Looks up the file's endpoints that are names. Waits. */
int tunnel_resolve(struct config *c, struct wg_error *err);

enum tunnel_use {
	TUNNEL_LOOK,   /* nothing will be changed: no lock is taken, so that nobody has to wait */
	TUNNEL_CHANGE, /* with the tunnel's lock */
};

/* Looks up, for a tunnel whose file has been read and that is not open yet, the endpoints that the file
 * has changed, so that nobody has to wait for them under the lock. A tunnel that cannot be opened is left
 * for tunnel_open to complain of. */
int tunnel_look_up(struct tunnel *t, struct wg_error *err);
/* Reads the journal of a tunnel whose file has been read, and finds its interface. On failure err->code
 * is ENODEV where the tunnel is not up, or not wholly. With TUNNEL_LOOK the same goes for a tunnel that has gone while
 * it was read, here and in tunnel_compare_file and tunnel_take_as_down. */
int tunnel_open(struct tunnel *t, enum tunnel_use use, struct wg_error *err);
/* For a tunnel whose t->st is complete: finds its interface, under the name that it was given.
 * err->code as above. */
int tunnel_find_interface(struct tunnel *t, struct wg_error *err);
/* Fills t->found and t->d: `wanted`, `had` and `known` as in difference_find. */
int tunnel_compare(struct tunnel *t, const struct plan *wanted, const struct plan *had,
		   const struct plan *known, struct wg_error *err);
/* Finds out what has to be done for the file: fills t->wanted, t->d, and the change of the device. Only
 * endpoints that the file has changed are looked up. Nothing is changed. */
int tunnel_compare_file(struct tunnel *t, struct wg_error *err);
/* The same for who will do it: also begins the journal where there is none, and journals the rules that
 * are to be added, under the lock over what tunnels share. */
int tunnel_claim_file(struct tunnel *t, struct wg_error *err);
/* Returns the change that removes the parting peer (lib/device/model.h), which a reload that was killed may have
 * left: without a peer if it is not there. Free it. NULL with err if the device, which is read unless t->device
 * has it, could not be read. */
struct wg_device *tunnel_parting_removal(struct tunnel *t, struct wg_error *err);
/* Writes down what was recognised without a journal, so that the steps of a run can follow. */
int tunnel_begin_journal(struct tunnel *t, struct wg_error *err);
/* Whether the file, as tunnel_compare_file or tunnel_claim_file have planned it, asks for a full tunnel. */
bool tunnel_is_full(const struct tunnel *t);
/* Whether it also asks for a mark of the encrypted packets: a full tunnel, or one with a kill switch. */
bool tunnel_needs_mark(const struct tunnel *t);
/* How many things tunnel_compare_file found to be done. */
size_t tunnel_differences(const struct tunnel *t);
/* Whether there is nothing to do: the tunnel is as its file asks. All verbs go by this one answer. */
bool tunnel_agrees(const struct tunnel *t);
/* Prints what is to be done as commands, a line each, with "[#] " before it. */
void tunnel_print_difference(const struct tunnel *t, FILE *f);
/* The first of these commands. Free it. */
char *tunnel_first_difference(const struct tunnel *t);
/* Fills *s, which is zeroed, with what `up` would find if the tunnel was down. On failure *s may be filled in part. */
int tunnel_take_as_down(struct tunnel *t, struct netstate *s, struct wg_error *err);

#endif

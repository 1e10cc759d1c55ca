/* SPDX-License-Identifier: GPL-2.0 */
/* What has to be done so that nothing of a tunnel is left, in upstream's order of `down`: PreDown,
 * save, rules, link (with it go its addresses, routes and device settings), DNS, firewall, sysctl,
 * PostDown; rules and firewall tables backwards. Pure. */
#ifndef WG_QUICK_UNDO_H
#define WG_QUICK_UNDO_H

#include "journal.h"

enum undo_kind {
	UNDO_HOOK,
	UNDO_SAVE,
	UNDO_STEP, /* by the operations of the step's kind */
};

struct undo {
	enum undo_kind kind;
	enum hook_phase phase;   /* HOOK */
	const char *command;     /* HOOK; the state's */
	const struct step *step; /* STEP: what is undone; the state's */
	bool sure;               /* STEP: it is known to have been done */
};

struct undo_list {
	struct undo *actions;
	size_t n, room;
};

/* PreDown hooks are listed where `up` was complete or a PostUp hook had begun, PostDown hooks also
 * where a PreUp hook had; those that an earlier `down` ran are left out. The state must outlive the
 * list. free(list->actions). */
void plan_undo(const struct state *st, struct undo_list *list);

#endif

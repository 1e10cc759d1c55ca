/* SPDX-License-Identifier: GPL-2.0 */
/* Finds out what is there of a tunnel, so that `down` and `up` can undo it, if its journal is lost,
 * damaged or incomplete. */
#ifndef WG_QUICK_RECOVER_H
#define WG_QUICK_RECOVER_H

#include "run.h"

/* Completes *st, which is what journal_load gave (`had`: its result was 1), from the file and the
 * network, where there is no journal or not all of it; says so, and sets st->adopted. `c` is the file
 * as it has been read, or NULL. Returns 1 if there is something to undo, 0 if nothing is there that is known to be
 * this tunnel's, -1 with err. */
int recover_state(struct run *r, struct state *st, bool had, const struct config *c,
		  struct wg_error *err);

/* Whether the link of this state is somewhere, under whatever name: 1 in this network namespace, 2
 * in another one; 0 where it is not found, -1 with err. */
int recover_find_link(struct run *r, const struct state *st, struct wg_error *err);

#endif

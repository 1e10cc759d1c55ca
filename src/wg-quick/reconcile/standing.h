/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a tunnel that is up is as its file asks for. */
#ifndef WG_QUICK_STANDING_H
#define WG_QUICK_STANDING_H

#include "../journal/journal.h"
#include "../steps/ops.h"

/* Compares the file `c`, which has been read, and what its journal lists (`st`; NULL: there is none)
 * with what is there. False: `why`, at most `size` bytes, says in a few words what differs, or what
 * could not be read. Endpoints are not compared, for peers roam; nor is what hooks have added. `c->dev`
 * is changed. */
bool standing_check(const struct run *r, struct config *c, const struct state *st, char *why,
		    size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The network namespace of a tunnel that has one of its own by its file (host/netns.h), entered. */
#ifndef WG_QUICK_PLACE_H
#define WG_QUICK_PLACE_H

#include "../journal/journal.h"
#include "../steps/ops.h"

enum place_use {
	PLACE_THERE, /* the namespace must be there; err->code ENODEV: the file's is not */
	PLACE_MAKE,  /* where the file's is not there, one without a name is made; it is plan_link that gives it the
	              * name */
};

/* Brings the process to where the tunnel is: by the journal `st` if that is there and whole (NULL: there is
 * none), else by the file `c` (NULL: not read). Where neither has a namespace, that in which the program was
 * started. One of a journal that has gone is said to be gone, and an empty one stands in for it: what is asked
 * and undone there finds nothing, and nothing of others is touched. r->rtnl, if it is open, is opened anew
 * where the process has moved. */
int place_enter(struct run *r, const struct config *c, const struct state *st, enum place_use use,
		struct wg_error *err);
/* Tells host/netns.h of the file's UnderlayNamespace, which must be there. */
int place_set_underlay(const struct config *c, struct wg_error *err);
/* Fails, with a sentence, where the file has other namespaces than the journal of the tunnel, which is up: no
 * reload can move it. */
int place_check(const struct config *c, const struct state *st, struct wg_error *err);

#endif

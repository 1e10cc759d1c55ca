/* SPDX-License-Identifier: GPL-2.0 */
/* What of a tunnel is there, and what has to be done so that it becomes what a plan asks for. */
#ifndef WG_QUICK_RECONCILE_H
#define WG_QUICK_RECONCILE_H

#include "../steps/ops.h"

/* Addresses, routes and rules as the kernel has them. Addresses and routes are in the order of their
 * kinds (step_ops.order), for thousands of steps to be looked up in. */
struct found {
	struct wg_link link;
	struct step *addresses; /* of the link; malloc'd */
	size_t n_addresses;
	struct step *routes; /* through the link, in every table, but for the kernel's own; malloc'd */
	size_t n_routes;
	struct step *rules; /* of all tunnels and of others, if a step can express them; malloc'd */
	size_t n_rules;
};

/* Asks the kernel. Returns -1 with err where it could not be asked, or where there is no link of
 * this index. found_wipe(f) in both cases. */
int found_take(struct found *f, struct wg_rtnl *rt, u32 ifindex, struct wg_error *err);
void found_wipe(struct found *f);

/* The steps of both lists are borrowed from the plans that they were found in: plan_forget, never
 * plan_wipe. */
struct difference {
	struct plan add;    /* to be carried out, in the order of `wanted` */
	struct plan remove; /* to be undone, in the reverse order of `had` */
};

/* Compares the plan that is wanted with what a tunnel may have made (`had`), with what it is known to
 * have made (`known`, a part of it) and with what is there. Steps of kinds without an order are left
 * out. `r` serves to read back steps that are not in *f; those that cannot be read back are taken to
 * be there if they are in `known`.
 * - A wanted step is added unless it is there. An address or route may be there though `had` lacks
 *   it; it is then left to whoever made it. A rule counts only if it is the very one of `had`.
 * - A step of `had` that is not wanted is removed if it is there, and if no wanted step replaces it.
 * - The link is set up where it is down: the kernel then has removed its routes, too. */
int difference_find(struct difference *d, const struct plan *wanted, const struct plan *had,
		    const struct plan *known, const struct found *f, const struct run *r,
		    struct wg_error *err);
bool difference_is_empty(const struct difference *d);
void difference_wipe(struct difference *d);

/* Adds to `out`, borrowed, the steps of `p` that have an order. */
void plan_borrow(struct plan *out, const struct plan *p);
/* Takes out of a borrowed plan each step that a step of `by` replaces or equals in order. */
void plan_without(struct plan *p, const struct plan *by);
/* Adds to `out`, borrowed, the steps of `a` and of `b` that equal a step of `order` in order, as they
 * stand there. */
void plan_merge(struct plan *out, const struct plan *order, const struct plan *a,
		const struct plan *b);
/* Adds to `out`, borrowed, the steps among the first `done` of `p` that no later step of `p` replaces and that a
 * tunnel has for good: stand-ins, which a reload that was killed may have left, are not among them. */
void plan_known(struct plan *out, const struct plan *p, size_t done);
/* Takes out of a tunnel's steps those that were begun more than once, as by a `repair` that was killed and
 * repeated, and those that a step which was carried out later replaces. The first *done of them have
 * been carried out; *done is kept so. */
void plan_drop_repeated(struct plan *p, size_t *done);
/* Releases the list, and not what its steps point to. */
void plan_forget(struct plan *p);

#endif

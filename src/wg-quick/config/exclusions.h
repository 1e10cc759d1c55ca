/* SPDX-License-Identifier: GPL-2.0 */
/* How the AllowedIPs of a section that has exclusions ("!") are changed, so that they mean other prefixes by now and
 * keep their exclusions. Pure. */
#ifndef WG_QUICK_EXCLUSIONS_H
#define WG_QUICK_EXCLUSIONS_H

#include <stddef.h>
#include "../../lib/base/prefix.h"

/* A list of prefixes without host bits; `list` is malloc'd. */
struct prefixes {
	struct wg_prefix *list;
	size_t n;
};

/* What becomes of a section. A zeroed struct keeps nothing. */
struct exclusions {
	struct prefixes in, out;         /* the elements that stay: those without a sign, and exclusions; sorted */
	struct prefixes new_in, new_out; /* the elements that are to be added */
	bool loses_default;              /* a default route that had exclusions is written out as other prefixes */
};

/* Sorts a list by wg_prefix_order and takes out what is there twice. */
void prefixes_sort(struct prefixes *p);
/* Whether a sorted list has a prefix. */
bool prefixes_have(const struct prefixes *p, const struct wg_prefix *which);

/* Fills *x, so that the section has the addresses of `want`, a sorted list. `in` and `out` are its elements, of which
 * the second ones are excluded. Prefixes that the section has lost are excluded, and exclusions give back what it has
 * gained. An element whose addresses are mostly gone is not kept, and prefixes are listed for what is left of it. */
void exclusions_change(struct exclusions *x, const struct prefixes *in, const struct prefixes *out,
		       const struct prefixes *want);
void exclusions_wipe(struct exclusions *x); /* for cleanup() */

#endif

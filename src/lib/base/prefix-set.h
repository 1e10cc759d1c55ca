/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of addresses, written as lists of prefixes. Pure. */
#ifndef WG_LIB_PREFIX_SET_H
#define WG_LIB_PREFIX_SET_H

#include <stddef.h>
#include "prefix.h"

/* Finds the addresses that a prefix of `in` has and no prefix of `out` has. The result is the one
 * shortest list of prefixes that has exactly these: disjoint, no two of them join to a wider one, IPv4
 * before IPv6, and each family in the order of its addresses. The lists may overlap, have host bits
 * set and be in any order; *result does not replace them. It is malloc'd, and free(*result) is due even
 * where *n is 0. The program ends if there is no memory. */
void wg_prefix_subtract(const struct wg_prefix *in, size_t n_in, const struct wg_prefix *out, size_t n_out,
			struct wg_prefix **result, size_t *n);

/* Sorts a list by wg_prefix_order after clearing host bits, and takes out what another prefix of the
 * list covers. Returns how many are left. */
size_t wg_prefix_normalise(struct wg_prefix *list, size_t n);

#endif

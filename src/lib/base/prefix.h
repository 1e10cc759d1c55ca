/* SPDX-License-Identifier: GPL-2.0 */
/* An address with a prefix length: what addresses, routes and allowed IPs have in common. */
#ifndef WG_LIB_PREFIX_H
#define WG_LIB_PREFIX_H

#include <arpa/inet.h>
#include "../../port.h"

struct wg_prefix {
	u8 family; /* AF_INET or AF_INET6 */
	u8 cidr;
	u8 addr[16]; /* network order; the first 4 for AF_INET, the rest zero */
};

#define WG_PREFIX_STRLEN (INET6_ADDRSTRLEN + 4)

/* "ADDRESS/CIDR", returns out. */
const char *wg_prefix_format(char out[static WG_PREFIX_STRLEN], const struct wg_prefix *p);
/* Clears the bits behind the prefix length. */
void wg_prefix_mask(struct wg_prefix *p);
/* Whether every address of `inner` lies in `outer`. */
bool wg_prefix_covers(const struct wg_prefix *outer, const struct wg_prefix *inner);
/* A total order: negative, 0 where wg_prefix_equal holds, positive. */
int wg_prefix_order(const struct wg_prefix *a, const struct wg_prefix *b);
bool wg_prefix_equal(const struct wg_prefix *a, const struct wg_prefix *b);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The allowed IPs that a tunnel will have, as routes have to be made of them; and what is routed
 * through its link without us. Pure. */
#ifndef WG_QUICK_ALLOWED_H
#define WG_QUICK_ALLOWED_H

#include "../config/config.h"
#include "netstate.h"

/* A prefix that is to be routed into the tunnel. */
struct allowed_route {
	struct wg_prefix dst;
	u32 metric; /* RouteMetric of its peer; 0: the kernel's choice */
	/* It is a default route, or a part of one from which addresses were excluded: it belongs into the
	 * tunnel's own table, where Table is auto. */
	bool is_default;
};

/* The allowed IPs of the device as PreUp left it, with the file applied, as the data path would have
 * them; for a peer with Routes, those instead. They are masked, each is there once, longest prefixes come
 * first, and equally long ones in falling order of their text (upstream's order). Free *list. */
void allowed_routes(const struct config *c, const struct netstate *s, struct allowed_route **list, size_t *n);

/* Whether the file, or the device as PreUp left it (`dev`, or NULL), may ask for a default route. */
bool allowed_has_default(const struct config *c, const struct wg_device *dev);

/* From such a list: whether IPv6 as a whole is to go into the tunnel, be it as ::/0 or as several
 * prefixes that have at least half of the addresses of the Internet (2000::/3). Returns the widest
 * of the prefixes that say so, or NULL. */
const struct wg_prefix *allowed_is_default_ipv6(const struct allowed_route *list, size_t n);

/* The networks that are routed through the link before we add any: of its addresses (the
 * configuration's, and those that are there), and routes that PreUp made. */
struct covered {
	struct wg_prefix *nets; /* disjoint, ordered by family and address */
	size_t n;
};
void covered_init(struct covered *v, const struct config *c, const struct netstate *s);
bool covered_has(const struct covered *v, const struct wg_prefix *p);
void covered_wipe(struct covered *v);

#endif

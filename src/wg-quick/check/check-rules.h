/* SPDX-License-Identifier: GPL-2.0 */
/* What is wrong with a file that can be read: settings that do not go together, or hardly do what was
 * meant. Pure: nothing is asked of the machine. */
#ifndef WG_QUICK_CHECK_RULES_H
#define WG_QUICK_CHECK_RULES_H

#include "../config/config.h"
#include "places.h"

/* A network that the machine has a route to, through another link than the tunnel's. */
struct lan {
	struct wg_prefix net;
	char link[IFNAMSIZ];
};

/* `c` was read with places_sink(p); it may have mistakes, and what they left unset is not judged.
 * Adds to the findings of `p`. `lans` may be NULL where nothing is known of the machine. */
void check_rules(const struct config *c, const struct lan *lans, size_t n_lans, struct places *p);

#endif

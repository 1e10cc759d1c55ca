/* SPDX-License-Identifier: GPL-2.0 */
/* The tunnel's link, found again. */
#ifndef WG_QUICK_STEP_LINK_H
#define WG_QUICK_STEP_LINK_H

#include "../../lib/rtnl.h"
#include "ops.h"

/* Finds the link of this run: by r->ifindex where that is known, else by name; and it must still
 * look like ours. 1 and *link filled, 0 where there is none, -1 with err. */
int link_find(const struct run *r, struct wg_link *link, struct wg_error *err);

#endif

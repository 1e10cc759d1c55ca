/* SPDX-License-Identifier: GPL-2.0 */
/* The other network namespaces of this host that can be seen: those of processes, and those that
 * `ip netns` has named. */
#ifndef WG_QUICK_NAMESPACES_H
#define WG_QUICK_NAMESPACES_H

#include "../../lib/base/error.h"

/* Calls `visit` within each of them, once each, until it returns something other than 0, and returns
 * that; 0 at the end. -1 with err also where we could not come back into our own namespace. A
 * namespace that we may not enter is left out. */
int namespaces_visit(int (*visit)(void *ctx, struct wg_error *err), void *ctx,
		     struct wg_error *err);

#endif

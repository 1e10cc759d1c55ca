/* SPDX-License-Identifier: GPL-2.0 */
/* What the core asks of a simulated host: names for things, and memory for sessions, watched
 * closely. */
#ifndef SIM_UPCALLS_H
#define SIM_UPCALLS_H

#include "../../src/core/host.h"

struct host;
struct host_index;
struct peer;

struct wg_host upcalls_for(struct host *h);
/* NULL: nobody has it. */
struct host_index *upcalls_find(struct host *h, u32 index);
/* How many indices this peer has that are no session's. */
u32 upcalls_count(const struct host *h, const struct peer *p);

#endif

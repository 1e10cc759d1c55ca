/* SPDX-License-Identifier: GPL-2.0 */
/* Which of several peers holds the prefixes that all of them list: the order of the file is the priority.
 * Pure, on a clock of the caller's.
 *
 * A holder that is lost (health.h) gives them to the first of the others that is well, or else to the first
 * of which nothing is known. A peer of higher priority gets them back once it has been well for a while;
 * one that fails again soon after waits longer each time. */
#ifndef WG_QUICK_FAILOVER_H
#define WG_QUICK_FAILOVER_H

#include <stddef.h>
#include "health.h"

/* A zeroed struct is one of a peer that has not failed. */
struct failover_member {
	bool has_failed; /* as the holder */
	u64 failed_at, returned_at;
	u64 well_since;  /* time plus 1; 0: it is not well */
	u64 settle_ms;   /* how long it has to be well; 0: the first of watch_times */
	u64 trial_ms;    /* the same for a peer without PersistentKeepalive */
};

struct failover {
	struct failover_member *members; /* in the order of the file; malloc'd */
	size_t n;
	size_t holder; /* n: nobody. The caller sets it to what is so before failover_work */
	bool holder_is_lost; /* failover_work found that */
};

/* Takes what is known at `now`: `health` has one pointer for each member. Returns the member that is to hold
 * the prefixes; f->holder if nothing is to be done. The caller moves them, calls failover_moved, and
 * health_forgive for the new holder. */
size_t failover_work(struct failover *f, const struct watch_times *t, const struct health *const *health,
		     u64 now);
void failover_moved(struct failover *f, const struct watch_times *t, size_t holder, u64 now);

#endif

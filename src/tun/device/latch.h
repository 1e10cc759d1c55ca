/* SPDX-License-Identifier: GPL-2.0 */
/* An offload that was refused is not used for a while, and then it is tried again. The reason may
 * have passed: a narrow route, a device that was down, a moment without memory.
 *
 * The pause doubles with each refusal in a row, from LATCH_FIRST to LATCH_LONGEST. A random part of
 * up to a quarter is added, so that many peers that were refused together do not try again
 * together. A success ends the doubling. The caller serialises calls for one latch, and gives the
 * time, in ns of any monotonic clock. A latch of zeros allows the offload. */
#ifndef WG_TUN_LATCH_H
#define WG_TUN_LATCH_H

#include "../../core/timers.h"
#include "../../port.h"

/* A refused attempt costs one system call; so the offload can be back soon after the cause is. */
#define LATCH_FIRST   (WG_SECOND / 2)
#define LATCH_LONGEST (16 * WG_SECOND)

struct latch {
	u64 until;    /* `until` is the time of the next attempt; 0: the offload is allowed. */
	u32 refusals; /* `refusals` counts those since the last success. */
};

/* This function returns true if the offload may be used, or tried again, at `now`. */
bool latch_allows(const struct latch *l, u64 now);
/* The offload was refused at `now`. `random` is any number that differs between callers. */
void latch_refused(struct latch *l, u32 random, u64 now);
/* The offload worked: it is allowed, and the next refusal begins with the shortest pause. */
void latch_worked(struct latch *l);

/* This function returns true if latch_worked() would change the latch. */
static inline bool latch_is_set(const struct latch *l)
{
	return l->until || l->refusals;
}

#endif

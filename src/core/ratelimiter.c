// SPDX-License-Identifier: GPL-2.0
#include "ratelimiter.h"
#include "../crypto/siphash.h"

#define COST (WG_SECOND / WG_RATE_PER_SECOND) /* in ns of waiting */

void wg_ratelimiter_init(struct wg_ratelimiter *rl, struct wg_rate_entry *entries, u32 sets,
			 const u8 key[static 16])
{
	rl->entries = entries;
	rl->sets = sets;
	memcpy(rl->key, key, sizeof(rl->key));
}

/* Where a set is full, whose bucket is the fullest makes room. An empty entry, of nobody, is one with
 * a full bucket, and so is one that begins. */
static struct wg_rate_entry *find(struct wg_ratelimiter *rl, u64 tag)
{
	struct wg_rate_entry *set = &rl->entries[(size_t)(tag & (rl->sets - 1)) * WG_RATE_WAYS];
	struct wg_rate_entry *fullest = set;

	for (struct wg_rate_entry *e = set; e < set + WG_RATE_WAYS; e++) {
		if (e->tag == tag)
			return e;
		if (e->full < fullest->full)
			fullest = e;
	}
	*fullest = (struct wg_rate_entry){.tag = tag};
	return fullest;
}

bool wg_ratelimiter_allow(struct wg_ratelimiter *rl, const struct wg_addr *from, u64 now)
{
	/* The lengths tell the families apart: SipHash takes them in. */
	u64 tag = wg_siphash(from->ip, from->family == 4 ? 4 : 8, rl->key);
	struct wg_rate_entry *e = find(rl, tag ? tag : 1);
	u64 full = (e->full > now ? e->full : now) + COST;

	if (full > now + WG_RATE_BURST * COST)
		return false;
	e->full = full;
	return true;
}

// SPDX-License-Identifier: GPL-2.0
#include "ratelimiter.h"
#include "../crypto/siphash.h"

#define COST (WG_SECOND / WG_RATE_PER_SECOND)
#define FULL (COST * WG_RATE_BURST)

void wg_ratelimiter_init(struct wg_ratelimiter *rl, struct wg_rate_entry *entries, u32 sets,
			 const u8 key[static 16])
{
	rl->entries = entries;
	rl->sets = sets;
	memcpy(rl->key, key, sizeof(rl->key));
}

/* The lengths tell the families apart: SipHash takes them in. */
static u64 tag_of(const struct wg_ratelimiter *rl, const struct wg_addr *from)
{
	u64 tag = wg_siphash(from->ip, from->family == 4 ? 4 : 8, rl->key);

	return tag ? tag : 1;
}

/* An entry that is taken over begins full, as one that was never seen. */
static struct wg_rate_entry *find(struct wg_ratelimiter *rl, u64 tag, u64 now)
{
	struct wg_rate_entry *set = &rl->entries[(size_t)(tag & (rl->sets - 1)) * WG_RATE_WAYS];
	struct wg_rate_entry *oldest = set;

	for (struct wg_rate_entry *e = set; e < set + WG_RATE_WAYS; e++) {
		if (e->tag == tag)
			return e;
		if (oldest->tag && (!e->tag || e->last < oldest->last))
			oldest = e;
	}
	*oldest = (struct wg_rate_entry){.tag = tag, .last = now, .tokens = FULL};
	return oldest;
}

bool wg_ratelimiter_allow(struct wg_ratelimiter *rl, const struct wg_addr *from, u64 now)
{
	struct wg_rate_entry *e = find(rl, tag_of(rl, from), now);
	u64 waited = now > e->last ? now - e->last : 0;

	e->tokens = waited < FULL - e->tokens ? e->tokens + waited : FULL;
	if (now > e->last)
		e->last = now;
	if (e->tokens < COST)
		return false;
	e->tokens -= COST;
	return true;
}

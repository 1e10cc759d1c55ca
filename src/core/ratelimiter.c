// SPDX-License-Identifier: GPL-2.0
#include "ratelimiter.h"
#include "../crypto/siphash.h"

/* What a token costs, in ns of waiting. */
#define SOURCE_COST  (WG_SECOND / WG_RATE_PER_SECOND)
#define ADDRESS_COST (WG_SECOND / WG_RATE_ADDRESS_PER_SECOND)

void wg_ratelimiter_init(struct wg_ratelimiter *rl, struct wg_rate_entry *entries, u32 sets,
			 const u8 key[static 16])
{
	rl->entries = entries;
	rl->sets = sets;
	memcpy(rl->key, key, sizeof(rl->key));
}

static struct wg_rate_entry *set_of(const struct wg_ratelimiter *rl, u64 tag)
{
	return &rl->entries[(size_t)(tag & (rl->sets - 1)) * WG_RATE_WAYS];
}

/* Returns when the bucket is full again. A bucket that is not in the table is full now. */
static u64 full_at(const struct wg_ratelimiter *rl, u64 tag, u64 now)
{
	const struct wg_rate_entry *set = set_of(rl, tag);

	for (const struct wg_rate_entry *e = set; e < set + WG_RATE_WAYS; e++)
		if (e->tag == tag && e->full > now)
			return e->full;
	return now;
}

static void set_full_at(struct wg_ratelimiter *rl, u64 tag, u64 full)
{
	struct wg_rate_entry *set = set_of(rl, tag), *fullest = set;

	for (struct wg_rate_entry *e = set; e < set + WG_RATE_WAYS; e++) {
		if (e->tag == tag) {
			e->full = full;
			return;
		}
		if (e->full < fullest->full)
			fullest = e;
	}
	*fullest = (struct wg_rate_entry){.tag = tag, .full = full};
}

static u64 tag_of(const struct wg_ratelimiter *rl, const void *bytes, size_t len)
{
	u64 tag = wg_siphash(bytes, len, rl->key);

	return tag ? tag : 1;
}

/* Sources, addresses and families have different lengths, which SipHash takes in: their tags
 * differ. */
static u64 source_tag(const struct wg_ratelimiter *rl, const struct wg_addr *from)
{
	size_t len = from->family == 4 ? 4 : 16;
	u8 source[18];

	memcpy(source, from->ip, len);
	memcpy(source + len, from->port, sizeof(from->port));
	return tag_of(rl, source, len + sizeof(from->port));
}

static u64 address_tag(const struct wg_ratelimiter *rl, const struct wg_addr *from)
{
	return tag_of(rl, from->ip, from->family == 4 ? 4 : 8);
}

bool wg_ratelimiter_allow(struct wg_ratelimiter *rl, const struct wg_addr *from, u64 now)
{
	u64 source = source_tag(rl, from), address = address_tag(rl, from);
	u64 source_full = full_at(rl, source, now) + SOURCE_COST;
	u64 address_full = full_at(rl, address, now) + ADDRESS_COST;

	if (source_full > now + WG_RATE_BURST * SOURCE_COST ||
	    address_full > now + WG_RATE_ADDRESS_BURST * ADDRESS_COST)
		return false;
	set_full_at(rl, source, source_full);
	set_full_at(rl, address, address_full);
	return true;
}

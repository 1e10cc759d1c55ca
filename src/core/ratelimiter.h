/* SPDX-License-Identifier: GPL-2.0 */
/* How often one source may start a handshake while we are under load: a token bucket for each IPv4
 * address and each IPv6 /64, in a table of fixed size, so that no flood makes it grow. */
#ifndef WG_CORE_RATELIMITER_H
#define WG_CORE_RATELIMITER_H

#include "cookie.h"

enum wg_rate {
	WG_RATE_PER_SECOND = 20,
	WG_RATE_BURST = 5,
	WG_RATE_WAYS = 4, /* entries of one hash */
};

struct wg_rate_entry {
	u64 tag;  /* of the source, keyed; 0: empty */
	u64 full; /* when its bucket is full again, if nothing is taken */
};

struct wg_ratelimiter {
	struct wg_rate_entry *entries; /* the caller's, zeroed; `sets` times WG_RATE_WAYS */
	u32 sets;		       /* a power of two */
	u8 key[16];		       /* random: nobody can choose sources that share a set */
};

void wg_ratelimiter_init(struct wg_ratelimiter *rl, struct wg_rate_entry *entries, u32 sets,
			 const u8 key[static 16]);
/* Whether this source may have one more now. Where a set is full, the entry that has the most left
 * makes room. */
bool wg_ratelimiter_allow(struct wg_ratelimiter *rl, const struct wg_addr *from, u64 now);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* How many handshakes one source may have computed while we are under load: token buckets in a
 * table of fixed size, so that no flood makes it grow.
 *
 * A source has two buckets: its own, of address and port, and a larger one, which it shares with
 * all ports of the address (IPv6: with all addresses of the /64). So a client that floods uses up
 * its own tokens, and not those of others behind the same translated address or in the same /64;
 * and an address with many ports, or a /64, stays bounded. A client that has cookies for more than
 * WG_RATE_ADDRESS_PER_SECOND / WG_RATE_PER_SECOND ports of an address, or addresses of a /64, can
 * use up the tokens of that address or /64.
 *
 * Only sources that proved by a valid mac2 that they receive at their address may be asked about:
 * an entry that anybody can make for somebody else would let a spoofer lock its victim out. */
#ifndef WG_CORE_RATELIMITER_H
#define WG_CORE_RATELIMITER_H

#include "cookie.h"

enum wg_rate {
	WG_RATE_PER_SECOND = 20,	  /* of one source */
	WG_RATE_BURST = 5,
	WG_RATE_ADDRESS_PER_SECOND = 250, /* of all sources of one address or /64 */
	WG_RATE_ADDRESS_BURST = 250,
	WG_RATE_WAYS = 4,		  /* entries that share a hash */
};

struct wg_rate_entry {
	u64 tag;  /* a keyed hash of the source; 0: empty */
	u64 full; /* the time at which its bucket is full again, if nothing is taken */
};

struct wg_ratelimiter {
	struct wg_rate_entry *entries; /* the caller's, zeroed; `sets` times WG_RATE_WAYS */
	u32 sets;		       /* a power of two */
	u8 key[16];		       /* random: nobody can choose sources that share a set */
};

void wg_ratelimiter_init(struct wg_ratelimiter *rl, struct wg_rate_entry *entries, u32 sets,
			 const u8 key[static 16]);
/* Takes a token from both buckets of the source, or from none. Returns whether both had one. If a
 * set of the table is full, the entry whose bucket is the fullest makes room. */
bool wg_ratelimiter_allow(struct wg_ratelimiter *rl, const struct wg_addr *from, u64 now);

#endif

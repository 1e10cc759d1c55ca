/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers that look random and are the same each time: from a seed, or from the bytes of a fuzzer.
 * Once those are used up everything is 0, which scenarios draw as "nothing special". */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include "../../src/port.h"

struct random {
	u64 state;
	const u8 *bytes; /* NULL: from the seed */
	size_t left;
};

void random_seed(struct random *r, u64 seed);
void random_from_bytes(struct random *r, const u8 *bytes, size_t len);
u64 random_u64(struct random *r);
/* In [0, n); 0 where n is. */
u64 random_below(struct random *r, u64 n);
/* In [low, high]. */
u64 random_between(struct random *r, u64 low, u64 high);
/* True in so many cases of a thousand. */
bool random_chance(struct random *r, u32 per_mille);
void random_bytes(struct random *r, void *out, size_t len);

#endif

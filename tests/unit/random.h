/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers that look random and are the same in each run (splitmix64). */
#ifndef WG_TESTS_UNIT_RANDOM_H
#define WG_TESTS_UNIT_RANDOM_H

#include "../../src/port.h"

struct random {
	u64 state;
};

static inline u64 random_next(struct random *r)
{
	u64 z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* Below `n`, which is not 0. */
static inline u64 random_below(struct random *r, u64 n)
{
	return random_next(r) % n;
}

static inline void random_fill(struct random *r, u8 *out, size_t len)
{
	u64 bits = 0;

	for (size_t i = 0; i < len; i++, bits >>= 8) {
		if (i % 8 == 0)
			bits = random_next(r);
		out[i] = (u8)bits;
	}
}

#endif

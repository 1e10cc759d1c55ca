// SPDX-License-Identifier: GPL-2.0
#include "random.h"

void random_seed(struct random *r, u64 seed)
{
	*r = (struct random){.state = seed * 0x9e3779b97f4a7c15ULL + 0x6a09e667f3bcc909ULL};
	random_u64(r);
}

void random_from_bytes(struct random *r, const u8 *bytes, size_t len)
{
	*r = (struct random){.bytes = bytes, .left = len};
}

/* A counter, and a hash of it that mixes every bit into every other. */
static u64 from_seed(struct random *r)
{
	u64 x = r->state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 32) * 0xd6e8feb86659fd93ULL;
	x = (x ^ x >> 29) * 0xa0761d6478bd642fULL;
	return x ^ x >> 32;
}

static u64 from_bytes(struct random *r, unsigned int count)
{
	u64 x = 0;

	for (; count && r->left; count--, r->left--)
		x = x << 8 | *r->bytes++;
	return x;
}

u64 random_u64(struct random *r)
{
	return r->bytes ? from_bytes(r, 8) : from_seed(r);
}

/* A fuzzer's byte decides a small matter, two a larger one: what it changes then has an effect. */
u64 random_below(struct random *r, u64 n)
{
	unsigned int bits = n <= 256 ? 8 : 16;

	if (!n)
		return 0;
	if (!r->bytes)
		return from_seed(r) % n;
	if (n <= 256)
		return from_bytes(r, 1) % n;
	return from_bytes(r, bits / 8) * ((n >> bits) + 1) % n;
}

u64 random_between(struct random *r, u64 low, u64 high)
{
	return low + random_below(r, high - low + 1);
}

bool random_chance(struct random *r, u32 per_mille)
{
	if (!per_mille)
		return false;
	if (r->bytes)
		return from_bytes(r, 1) * 1000 >= (1000 - per_mille) * 255ULL && per_mille;
	return random_below(r, 1000) < per_mille;
}

void random_bytes(struct random *r, void *out, size_t len)
{
	u8 *p = out;

	while (len--)
		*p++ = (u8)random_u64(r);
}

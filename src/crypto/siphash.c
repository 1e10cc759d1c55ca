// SPDX-License-Identifier: GPL-2.0
/* SipHash-2-4 as its paper has it: two rounds a word, four at the end. */
#include "siphash.h"

static inline u64 rotate_left(u64 v, int n)
{
	return v << n | v >> (64 - n);
}

static inline void rounds(u64 v[static 4], int n)
{
	while (n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate_left(v[1], 13) ^ v[0];
		v[3] = rotate_left(v[3], 16) ^ v[2];
		v[0] = rotate_left(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate_left(v[1], 17) ^ v[2];
		v[3] = rotate_left(v[3], 21) ^ v[0];
		v[2] = rotate_left(v[2], 32);
	}
}

static inline void absorb(u64 v[static 4], u64 word)
{
	v[3] ^= word;
	rounds(v, 2);
	v[0] ^= word;
}

u64 wg_siphash(const void *data, size_t len, const u8 key[static WG_SIPHASH_KEY_LEN])
{
	const u64 k0 = wg_load_le64(key), k1 = wg_load_le64(key + 8);
	/* "somepseudorandomlygeneratedbytes" */
	u64 v[4] = {k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL,
		    k0 ^ 0x6c7967656e657261ULL, k1 ^ 0x7465646279746573ULL};
	u64 last = (u64)(len & 0xff) << 56;
	const u8 *in = data;

	for (; len >= 8; in += 8, len -= 8)
		absorb(v, wg_load_le64(in));
	while (len--)
		last |= (u64)in[len] << 8 * len;
	absorb(v, last);
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Poly1305 for machines that multiply 32 by 32 bits into 64. The sum is that of 2^(32 i) h[i], h[4]
 * at most 4 between blocks. */
#ifndef WG_CRYPTO_POLY1305_32_H
#define WG_CRYPTO_POLY1305_32_H

#include "poly1305.h"
#include "ct.h"

static void poly_load(struct wg_poly1305 *s, const u8 key[static 16])
{
	s->bits32.r[0] = wg_load_le32(key) & 0x0fffffff;
	for (int i = 1; i < 4; i++)
		s->bits32.r[i] = wg_load_le32(key + 4 * i) & 0x0ffffffc;
}

/* h + block, the limbs of it below 2^32 but the last. */
static inline void poly_add(u32 h[static 5], const u8 block[static 16], u32 high)
{
	u64 carry = 0;

	for (int i = 0; i < 4; i++) {
		carry += (u64)h[i] + wg_load_le32(block + 4 * i);
		h[i] = (u32)carry;
		carry >>= 32;
	}
	h[4] += (u32)carry + high;
}

/* h = (h + block) r for each block, `high` being the bit above it. 2^130 is 5 and 4 divides r[1] to
 * r[3]: what they lift to 2^128 comes back at the bottom as b = r / 4 * 5. All r are below 2^28: no
 * product of h[4], at most 6 with a block in it, is above 2^31, nor is a sum above 2^63. */
static void poly_blocks(struct wg_poly1305 *s, const u8 *data, size_t len, u32 high)
{
	const u32 r0 = s->bits32.r[0], r1 = s->bits32.r[1], r2 = s->bits32.r[2],
		  r3 = s->bits32.r[3];
	const u32 b1 = r1 + (r1 >> 2), b2 = r2 + (r2 >> 2), b3 = r3 + (r3 >> 2);
	u32 *h = s->bits32.h;

	for (; len >= 16; data += 16, len -= 16) {
		u64 d0, d1, d2, d3, carry;

		poly_add(h, data, high);
		d0 = (u64)h[0] * r0 + (u64)h[1] * b3 + (u64)h[2] * b2 + (u64)h[3] * b1;
		d1 = (u64)h[0] * r1 + (u64)h[1] * r0 + (u64)h[2] * b3 + (u64)h[3] * b2 + h[4] * b1;
		d2 = (u64)h[0] * r2 + (u64)h[1] * r1 + (u64)h[2] * r0 + (u64)h[3] * b3 + h[4] * b2;
		d3 = (u64)h[0] * r3 + (u64)h[1] * r2 + (u64)h[2] * r1 + (u64)h[3] * r0 + h[4] * b3;
		d1 += d0 >> 32;
		d2 += d1 >> 32;
		d3 += d2 >> 32;
		h[4] = h[4] * r0 + (u32)(d3 >> 32);

		carry = (u64)(u32)d0 + (h[4] & ~3U) + (h[4] >> 2);
		h[0] = (u32)carry;
		carry = (u64)(u32)d1 + (carry >> 32);
		h[1] = (u32)carry;
		carry = (u64)(u32)d2 + (carry >> 32);
		h[2] = (u32)carry;
		carry = (u64)(u32)d3 + (carry >> 32);
		h[3] = (u32)carry;
		h[4] = (h[4] & 3) + (u32)(carry >> 32);
	}
}

/* (h mod 2^130 - 5) + pad, mod 2^128: h + 5 reaches 2^130 exactly where p has to be taken off. */
static void poly_store(const struct wg_poly1305 *s, u8 tag[static 16])
{
	const u32 *h = s->bits32.h;
	u64 carry = 5;

	for (int i = 0; i < 4; i++)
		carry = (carry + h[i]) >> 32;
	carry = 5 * wg_ct_hide((h[4] + (u32)carry) >> 2);
	for (int i = 0; i < 4; i++) {
		carry += (u64)h[i] + wg_load_le32(s->pad + 4 * i);
		wg_store_le32(tag + 4 * i, (u32)carry);
		carry >>= 32;
	}
}

#endif

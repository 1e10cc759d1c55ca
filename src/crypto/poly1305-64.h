/* SPDX-License-Identifier: GPL-2.0 */
/* Poly1305 for machines that multiply 64 by 64 bits into 128. The sum is h[0] + 2^64 h[1] + 2^128
 * h[2], h[2] at most 4 between blocks. */
#ifndef WG_CRYPTO_POLY1305_64_H
#define WG_CRYPTO_POLY1305_64_H

#include "poly1305.h"
#include "ct.h"

typedef unsigned __int128 poly_wide;

static inline poly_wide poly_join(u64 low, u64 high)
{
	return (poly_wide)high << 64 | low;
}

/* What a + b carries out of bit 127. By the top bits, since a compiler may branch to compare. */
static inline u64 poly_carry(poly_wide a, poly_wide b, poly_wide sum)
{
	return (u64)(((a & b) | ((a | b) & ~sum)) >> 64) >> 63;
}

static void poly_load(struct wg_poly1305 *s, const u8 key[static 16])
{
	s->bits64.r[0] = wg_load_le64(key) & 0x0ffffffc0fffffffULL;
	s->bits64.r[1] = wg_load_le64(key + 8) & 0x0ffffffc0ffffffcULL;
}

/* h = (h + block) r for each block, `high` being the bit above it. 2^130 is 5 and 4 divides r[1]:
 * what r[1] lifts to 2^128 comes back at the bottom as r[1] / 4 * 5. r[0] and r[1] are below 2^60:
 * no product of h[2], at most 6 with a block in it, is above 2^63, nor is a sum above 2^126. */
static void poly_blocks(struct wg_poly1305 *s, const u8 *data, size_t len, u32 high)
{
	const u64 r0 = s->bits64.r[0], r1 = s->bits64.r[1], back = r1 + (r1 >> 2);
	poly_wide low = poly_join(s->bits64.h[0], s->bits64.h[1]), more, sum, d0, d1;
	u64 h0, h1, h2 = s->bits64.h[2];

	for (; len >= 16; data += 16, len -= 16) {
		more = poly_join(wg_load_le64(data), wg_load_le64(data + 8));
		sum = low + more;
		h2 += poly_carry(low, more, sum) + high;
		h0 = (u64)sum;
		h1 = (u64)(sum >> 64);

		d0 = (poly_wide)h0 * r0 + (poly_wide)h1 * back;
		d1 = (poly_wide)h0 * r1 + (poly_wide)h1 * r0 + h2 * back + (u64)(d0 >> 64);
		h2 = h2 * r0 + (u64)(d1 >> 64);

		sum = poly_join((u64)d0, (u64)d1);
		more = (h2 & ~3ULL) + (h2 >> 2);
		low = sum + more;
		h2 = (h2 & 3) + poly_carry(sum, more, low);
	}
	s->bits64.h[0] = (u64)low;
	s->bits64.h[1] = (u64)(low >> 64);
	s->bits64.h[2] = h2;
}

/* (h mod 2^130 - 5) + pad, mod 2^128: h + 5 reaches 2^130 exactly where p has to be taken off. */
static void poly_store(const struct wg_poly1305 *s, u8 tag[static 16])
{
	poly_wide low = poly_join(s->bits64.h[0], s->bits64.h[1]);
	u64 above = wg_ct_hide64((s->bits64.h[2] + poly_carry(low, 5, low + 5)) >> 2);

	low += 5 * above;
	low += poly_join(wg_load_le64(s->pad), wg_load_le64(s->pad + 8));
	wg_store_le64(tag, (u64)low);
	wg_store_le64(tag + 8, (u64)(low >> 64));
}

#endif

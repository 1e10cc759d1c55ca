/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers modulo p = 2^255 - 19 as five limbs of 51 bits, for machines that multiply 64 by 64 bits
 * into 128. A "reduced" number is one that fe_mul, fe_sqr, fe_mul_small or fe_load wrote: limbs
 * below 2^51 + 2^13. Factors may have limbs of up to 2^54, so that sums and differences of reduced
 * numbers go into a product as they are. */
#ifndef WG_CRYPTO_CURVE25519_FE64_H
#define WG_CRYPTO_CURVE25519_FE64_H

#include "../port.h"

#define FE_LIMBS 5
#define FE_MASK	 ((1ULL << 51) - 1)

typedef u64 fe_limb;
typedef unsigned __int128 fe_wide;

struct fe {
	fe_limb limb[FE_LIMBS];
};

/* 2 p, with every limb above that of a reduced number. */
static const struct fe fe_2p = {{(1ULL << 52) - 38, (1ULL << 52) - 2, (1ULL << 52) - 2,
				 (1ULL << 52) - 2, (1ULL << 52) - 2}};

/* Sums below 2^115, the last below 2^111, become a reduced number. */
static inline void fe_carry(struct fe *out, fe_wide h0, fe_wide h1, fe_wide h2, fe_wide h3,
			    fe_wide h4)
{
	fe_limb low;

	h1 += (u64)(h0 >> 51);
	h2 += (u64)(h1 >> 51);
	h3 += (u64)(h2 >> 51);
	h4 += (u64)(h3 >> 51);
	low = ((u64)h0 & FE_MASK) + 19 * (u64)(h4 >> 51);
	out->limb[0] = low & FE_MASK;
	out->limb[1] = ((u64)h1 & FE_MASK) + (low >> 51);
	out->limb[2] = (u64)h2 & FE_MASK;
	out->limb[3] = (u64)h3 & FE_MASK;
	out->limb[4] = (u64)h4 & FE_MASK;
}

/* 2^255 is 19: what a product has above limb 4 comes back 19-fold at the bottom. */
static void fe_mul(struct fe *out, const struct fe *f, const struct fe *g)
{
	const u64 f0 = f->limb[0], f1 = f->limb[1], f2 = f->limb[2], f3 = f->limb[3];
	const u64 f4 = f->limb[4];
	const u64 g0 = g->limb[0], g1 = g->limb[1], g2 = g->limb[2], g3 = g->limb[3];
	const u64 g4 = g->limb[4];
	const u64 g1_19 = 19 * g1, g2_19 = 19 * g2, g3_19 = 19 * g3, g4_19 = 19 * g4;

	fe_carry(out,
		 (fe_wide)f0 * g0 + (fe_wide)f1 * g4_19 + (fe_wide)f2 * g3_19 +
			 (fe_wide)f3 * g2_19 + (fe_wide)f4 * g1_19,
		 (fe_wide)f0 * g1 + (fe_wide)f1 * g0 + (fe_wide)f2 * g4_19 + (fe_wide)f3 * g3_19 +
			 (fe_wide)f4 * g2_19,
		 (fe_wide)f0 * g2 + (fe_wide)f1 * g1 + (fe_wide)f2 * g0 + (fe_wide)f3 * g4_19 +
			 (fe_wide)f4 * g3_19,
		 (fe_wide)f0 * g3 + (fe_wide)f1 * g2 + (fe_wide)f2 * g1 + (fe_wide)f3 * g0 +
			 (fe_wide)f4 * g4_19,
		 (fe_wide)f0 * g4 + (fe_wide)f1 * g3 + (fe_wide)f2 * g2 + (fe_wide)f3 * g1 +
			 (fe_wide)f4 * g0);
}

static void fe_sqr(struct fe *out, const struct fe *f)
{
	const u64 f0 = f->limb[0], f1 = f->limb[1], f2 = f->limb[2], f3 = f->limb[3];
	const u64 f4 = f->limb[4];
	const u64 f0_2 = 2 * f0, f1_2 = 2 * f1, f2_2 = 2 * f2;
	const u64 f3_19 = 19 * f3, f4_19 = 19 * f4;

	fe_carry(out, (fe_wide)f0 * f0 + (fe_wide)f1_2 * f4_19 + (fe_wide)f2_2 * f3_19,
		 (fe_wide)f0_2 * f1 + (fe_wide)f2_2 * f4_19 + (fe_wide)f3 * f3_19,
		 (fe_wide)f0_2 * f2 + (fe_wide)f1 * f1 + (fe_wide)(2 * f3) * f4_19,
		 (fe_wide)f0_2 * f3 + (fe_wide)f1_2 * f2 + (fe_wide)f4 * f4_19,
		 (fe_wide)f0_2 * f4 + (fe_wide)f1_2 * f3 + (fe_wide)f2 * f2);
}

/* `small` is below 2^17. */
static void fe_mul_small(struct fe *out, const struct fe *f, u32 small)
{
	fe_carry(out, (fe_wide)f->limb[0] * small, (fe_wide)f->limb[1] * small,
		 (fe_wide)f->limb[2] * small, (fe_wide)f->limb[3] * small,
		 (fe_wide)f->limb[4] * small);
}

/* Bit 255 is ignored, as RFC 7748 asks; the number may be p or above. */
static void fe_load(struct fe *out, const u8 in[static 32])
{
	out->limb[0] = wg_load_le64(in) & FE_MASK;
	out->limb[1] = wg_load_le64(in + 6) >> 3 & FE_MASK;
	out->limb[2] = wg_load_le64(in + 12) >> 6 & FE_MASK;
	out->limb[3] = wg_load_le64(in + 19) >> 1 & FE_MASK;
	out->limb[4] = wg_load_le64(in + 24) >> 12 & FE_MASK;
}

/* The one number below p of a reduced one, which is below 2 p: adding 19 carries out of bit 255
 * exactly where p has to be taken off. */
static void fe_store(u8 out[static 32], const struct fe *f)
{
	fe_limb t[FE_LIMBS], carry = 19;

	for (int i = 0; i < FE_LIMBS; i++)
		carry = (f->limb[i] + carry) >> 51;
	carry *= 19;
	for (int i = 0; i < FE_LIMBS; i++) {
		carry += f->limb[i];
		t[i] = carry & FE_MASK;
		carry >>= 51;
	}
	wg_store_le64(out, t[0] | t[1] << 51);
	wg_store_le64(out + 8, t[1] >> 13 | t[2] << 38);
	wg_store_le64(out + 16, t[2] >> 26 | t[3] << 25);
	wg_store_le64(out + 24, t[3] >> 39 | t[4] << 12);
}

#endif

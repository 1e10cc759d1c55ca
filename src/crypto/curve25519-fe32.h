/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers modulo p = 2^255 - 19 as ten limbs of 26 and 25 bits in turn, for machines that multiply
 * 32 by 32 bits into 64. A "reduced" number is one that fe_mul, fe_sqr, fe_mul_small or fe_load
 * wrote: limbs below 2^26 and 2^25, but limb 1 up to 2^14 above. Factors may be sums or differences
 * of two reduced numbers: limbs below 3 * 2^26 + 2^15 and 3 * 2^25 + 2^15. */
#ifndef WG_CRYPTO_CURVE25519_FE32_H
#define WG_CRYPTO_CURVE25519_FE32_H

#include "../port.h"

#define FE_LIMBS 10
/* Where limb i begins and how wide it is, in bits. */
#define FE_BIT(i)   ((51 * (i) + 1) / 2)
#define FE_WIDTH(i) (26 - (i) % 2)
#define FE_MASK(i)  ((1U << FE_WIDTH(i)) - 1)

typedef u32 fe_limb;
typedef u64 fe_wide;

struct fe {
	fe_limb limb[FE_LIMBS];
};

/* 2 p, with every limb above that of a reduced number. */
static const struct fe fe_2p = {{(1U << 27) - 38, (1U << 26) - 2, (1U << 27) - 2, (1U << 26) - 2,
				 (1U << 27) - 2, (1U << 26) - 2, (1U << 27) - 2, (1U << 26) - 2,
				 (1U << 27) - 2, (1U << 26) - 2}};

/* Sums below 2^63 become a reduced number. */
static void fe_carry(struct fe *out, fe_wide h[static FE_LIMBS])
{
	fe_wide carry = 0;

	for (int i = 0; i < FE_LIMBS; i++) {
		carry += h[i];
		out->limb[i] = (u32)carry & FE_MASK(i);
		carry >>= FE_WIDTH(i);
	}
	carry = 19 * carry + out->limb[0];
	out->limb[0] = (u32)carry & FE_MASK(0);
	out->limb[1] += (u32)(carry >> 26);
}

/* Limb k of the product is the sum of f[i] g[k - i], where g goes on below its limb 0 as 19 g,
 * since 2^255 is 19. Two odd limbs each begin half a bit early, which doubles their product: there
 * k is even and i odd. The largest sum, limb 0, is below 2^62.2. */
static void fe_mul(struct fe *out, const struct fe *f, const struct fe *g)
{
	u32 doubled[FE_LIMBS], window[2 * FE_LIMBS];
	fe_wide h[FE_LIMBS];

	for (int i = 0; i < FE_LIMBS; i++) {
		doubled[i] = f->limb[i] << i % 2;
		window[i] = 19 * g->limb[i];
		window[FE_LIMBS + i] = g->limb[i];
	}
	for (int k = 0; k < FE_LIMBS; k++) {
		const u32 *factor = k % 2 ? f->limb : doubled;
		fe_wide sum = 0;

		for (int i = 0; i < FE_LIMBS; i++)
			sum += (fe_wide)factor[i] * window[FE_LIMBS + k - i];
		h[k] = sum;
	}
	fe_carry(out, h);
}

static void fe_sqr(struct fe *out, const struct fe *f)
{
	fe_mul(out, f, f);
}

/* `small` is below 2^17. */
static void fe_mul_small(struct fe *out, const struct fe *f, u32 small)
{
	fe_wide h[FE_LIMBS];

	for (int i = 0; i < FE_LIMBS; i++)
		h[i] = (fe_wide)f->limb[i] * small;
	fe_carry(out, h);
}

/* Bit 255 is ignored, as RFC 7748 asks; the number may be p or above. */
static void fe_load(struct fe *out, const u8 in[static 32])
{
	for (int i = 0; i < FE_LIMBS; i++)
		out->limb[i] = wg_load_le32(in + FE_BIT(i) / 8) >> FE_BIT(i) % 8 & FE_MASK(i);
}

/* The one number below p of a reduced one, which is below 2 p: adding 19 carries out of bit 255
 * exactly where p has to be taken off. */
static void fe_store(u8 out[static 32], const struct fe *f)
{
	fe_limb carry = 19;
	unsigned int n = 0;
	u64 bits = 0;

	for (int i = 0; i < FE_LIMBS; i++)
		carry = (f->limb[i] + carry) >> FE_WIDTH(i);
	carry *= 19;
	for (int i = 0; i < FE_LIMBS; i++) {
		carry += f->limb[i];
		bits |= (u64)(carry & FE_MASK(i)) << n;
		carry >>= FE_WIDTH(i);
		for (n += FE_WIDTH(i); n >= 8; n -= 8, bits >>= 8)
			*out++ = (u8)bits;
	}
	*out = (u8)bits;
}

#endif

// SPDX-License-Identifier: GPL-2.0
/* X25519 by the Montgomery ladder of RFC 7748 section 5: the same steps for every secret, the two
 * points exchanged under a mask. What it knew of the secret is wiped before it returns. It cannot
 * fail; a low-order point gives zeros, which the caller is told. */
#include "curve25519.h"

#include "ct.h"

/* Whether limbs are of 64 or 32 bits; the command line may say. */
#ifndef WG_CURVE25519_BITS
#ifdef __SIZEOF_INT128__
#define WG_CURVE25519_BITS 64
#else
#define WG_CURVE25519_BITS 32
#endif
#endif

#if WG_CURVE25519_BITS == 64
#include "curve25519-fe64.h"
#else
#include "curve25519-fe32.h"
#endif

#define A24 121665 /* (486662 - 2) / 4, of the curve's equation */

/* Both terms of a sum or difference are reduced; the result is fit to be a factor. */
static void fe_add(struct fe *out, const struct fe *f, const struct fe *g)
{
	for (int i = 0; i < FE_LIMBS; i++)
		out->limb[i] = f->limb[i] + g->limb[i];
}

static void fe_sub(struct fe *out, const struct fe *f, const struct fe *g)
{
	for (int i = 0; i < FE_LIMBS; i++)
		out->limb[i] = f->limb[i] + fe_2p.limb[i] - g->limb[i];
}

static void fe_swap(struct fe *f, struct fe *g, u32 bit)
{
	fe_limb mask = (fe_limb)0 - wg_ct_hide(bit);

	for (int i = 0; i < FE_LIMBS; i++) {
		fe_limb change = mask & (f->limb[i] ^ g->limb[i]);

		f->limb[i] ^= change;
		g->limb[i] ^= change;
	}
}

/* f^(2^n) * g; `out` may be either. */
static void fe_sqr_mul(struct fe *out, const struct fe *f, int n, const struct fe *g)
{
	struct fe t = *f;

	while (n--)
		fe_sqr(&t, &t);
	fe_mul(out, &t, g);
	wg_ct_wipe(&t, sizeof(t));
}

/* 1/f as f^(p - 2), p - 2 = 2^255 - 21; and 0 for 0. tN is f^(2^N - 1). (Clang's analyzer does not
 * see that all of them are written before they are read.) */
static void fe_invert(struct fe *out, const struct fe *f)
{
	struct {
		struct fe f2, f9, f11, t5, t10, t20, t50, t100;
	} s = {0};

	fe_sqr(&s.f2, f);
	fe_sqr_mul(&s.f9, &s.f2, 2, f);
	fe_mul(&s.f11, &s.f9, &s.f2);
	fe_sqr_mul(&s.t5, &s.f11, 1, &s.f9);
	fe_sqr_mul(&s.t10, &s.t5, 5, &s.t5);
	fe_sqr_mul(&s.t20, &s.t10, 10, &s.t10);
	fe_sqr_mul(&s.t50, &s.t20, 20, &s.t20);
	fe_sqr_mul(&s.t50, &s.t50, 10, &s.t10);
	fe_sqr_mul(&s.t100, &s.t50, 50, &s.t50);
	fe_sqr_mul(&s.t100, &s.t100, 100, &s.t100);
	fe_sqr_mul(&s.t100, &s.t100, 50, &s.t50);
	fe_sqr_mul(out, &s.t100, 5, &s.f11);
	wg_ct_wipe(&s, sizeof(s));
}

/* Two points whose difference is x1, as fractions x/z, and the temporaries of a step. */
struct ladder {
	struct fe x1, x2, z2, x3, z3;
	struct fe a, b, c, d;
};

/* Doubles the first point and adds the two: one step of the RFC, by its names a = A, b = B, and
 * what comes of them. */
static void ladder_step(struct ladder *l)
{
	fe_add(&l->a, &l->x2, &l->z2);
	fe_sub(&l->b, &l->x2, &l->z2);
	fe_add(&l->c, &l->x3, &l->z3);
	fe_sub(&l->d, &l->x3, &l->z3);
	fe_mul(&l->d, &l->d, &l->a); /* DA */
	fe_mul(&l->c, &l->c, &l->b); /* CB */
	fe_sqr(&l->a, &l->a);	     /* AA */
	fe_sqr(&l->b, &l->b);	     /* BB */

	fe_add(&l->x3, &l->d, &l->c);
	fe_sqr(&l->x3, &l->x3);
	fe_sub(&l->z3, &l->d, &l->c);
	fe_sqr(&l->z3, &l->z3);
	fe_mul(&l->z3, &l->z3, &l->x1);

	fe_mul(&l->x2, &l->a, &l->b);
	fe_sub(&l->b, &l->a, &l->b); /* E */
	fe_mul_small(&l->c, &l->b, A24);
	fe_add(&l->c, &l->c, &l->a);
	fe_mul(&l->z2, &l->b, &l->c);
}

static void ladder_start(struct ladder *l, const u8 point[static 32])
{
	memset(l, 0, sizeof(*l));
	fe_load(&l->x1, point);
	l->x2.limb[0] = 1;
	l->x3 = l->x1;
	l->z3.limb[0] = 1;
}

void wg_curve25519_clamp(u8 secret[static 32])
{
	secret[0] &= 248;
	secret[31] = (secret[31] & 127) | 64;
}

/* The product of point and secret, as the fraction x2/z2. */
static void ladder_climb(struct ladder *l, const u8 scalar[static 32], const u8 point[static 32])
{
	u32 swapped = 0;

	ladder_start(l, point);
	for (int t = 254; t >= 0; t--) {
		u32 bit = scalar[t / 8] >> t % 8 & 1;

		fe_swap(&l->x2, &l->x3, swapped ^ bit);
		fe_swap(&l->z2, &l->z3, swapped ^ bit);
		swapped = bit;
		ladder_step(l);
	}
	/* The last bit of a clamped secret is 0: nothing to swap back. */
}

/* Fractions are divided together: an inversion costs a tenth of a ladder, a product next to
 * nothing. upto is the product of all z so far, before[i] of those before z[i]; where one is 0, so
 * are all quotients. */
bool wg_curve25519_each(u8 (*out)[32], const u8 secret[static 32], const u8 *const *points,
			size_t n)
{
	static const u8 zeros[32], base[32] = {9};
	struct {
		struct ladder l;
		struct fe x[WG_CURVE25519_EACH], z[WG_CURVE25519_EACH], before[WG_CURVE25519_EACH];
		struct fe upto;
		u8 scalar[32];
	} s = {.upto = {{1}}};
	bool good = true;

	memcpy(s.scalar, secret, sizeof(s.scalar));
	wg_curve25519_clamp(s.scalar);
	for (size_t i = 0; i < n; i++) {
		ladder_climb(&s.l, s.scalar, points[i] ? points[i] : base);
		s.x[i] = s.l.x2;
		s.z[i] = s.l.z2;
		s.before[i] = s.upto;
		fe_mul(&s.upto, &s.upto, &s.l.z2);
	}
	fe_invert(&s.upto, &s.upto);
	while (n--) {
		fe_mul(&s.x[n], &s.x[n], &s.before[n]);
		fe_mul(&s.x[n], &s.x[n], &s.upto);
		fe_mul(&s.upto, &s.upto, &s.z[n]);
		fe_store(out[n], &s.x[n]);
		good &= !wg_ct_equal(out[n], zeros, sizeof(zeros));
	}
	wg_ct_wipe(&s, sizeof(s));
	return good;
}

bool wg_curve25519(u8 out[static 32], const u8 secret[static 32], const u8 point[static 32])
{
	return wg_curve25519_each((u8(*)[32])out, secret, &point, 1);
}

void wg_curve25519_public(u8 out[static 32], const u8 secret[static 32])
{
	const u8 *base = NULL;

	wg_curve25519_each((u8(*)[32])out, secret, &base, 1);
}

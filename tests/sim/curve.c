// SPDX-License-Identifier: GPL-2.0
#include "curve.h"

u32 curve_count;
bool curve_toy;

bool __real_wg_curve25519(u8 out[static 32], const u8 secret[static 32], const u8 point[static 32]);
bool __real_wg_curve25519_each(u8 (*out)[32], const u8 secret[static 32], const u8 *const *points,
			       size_t n);
void __real_wg_curve25519_public(u8 out[static 32], const u8 secret[static 32]);
bool __wrap_wg_curve25519(u8 out[static 32], const u8 secret[static 32], const u8 point[static 32]);
bool __wrap_wg_curve25519_each(u8 (*out)[32], const u8 secret[static 32], const u8 *const *points,
			       size_t n);
void __wrap_wg_curve25519_public(u8 out[static 32], const u8 secret[static 32]);

/* Powers modulo 2^61 - 1. */
#define PRIME     ((1ULL << 61) - 1)
#define GENERATOR 37

static u64 power(u64 base, u64 exponent)
{
	u64 result = 1;

	for (base %= PRIME; exponent; exponent >>= 1) {
		if (exponent & 1)
			result = (u64)((unsigned __int128)result * base % PRIME);
		base = (u64)((unsigned __int128)base * base % PRIME);
	}
	return result;
}

/* Of bytes that clamping leaves alone. */
static u64 exponent_of(const u8 secret[static 32])
{
	return wg_load_le64(secret + 8);
}

static void store(u8 out[static 32], u64 element)
{
	memset(out, 0, 32);
	wg_store_le64(out, element);
}

bool __wrap_wg_curve25519(u8 out[static 32], const u8 secret[static 32], const u8 point[static 32])
{
	u64 element;

	curve_count++;
	if (!curve_toy)
		return __real_wg_curve25519(out, secret, point);
	element = power(wg_load_le64(point), exponent_of(secret));
	store(out, element);
	return element > 1;
}

void __wrap_wg_curve25519_public(u8 out[static 32], const u8 secret[static 32])
{
	curve_count++;
	if (curve_toy)
		store(out, power(GENERATOR, exponent_of(secret)));
	else
		__real_wg_curve25519_public(out, secret);
}

bool __wrap_wg_curve25519_each(u8 (*out)[32], const u8 secret[static 32], const u8 *const *points,
			       size_t n)
{
	bool good = true;

	curve_count += (u32)n;
	if (!curve_toy)
		return __real_wg_curve25519_each(out, secret, points, n);
	for (size_t i = 0; i < n; i++) {
		u64 point = points[i] ? wg_load_le64(points[i]) : GENERATOR;

		store(out[i], power(point, exponent_of(secret)));
		good &= wg_load_le64(out[i]) > 1;
	}
	return good;
}

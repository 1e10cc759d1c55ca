// SPDX-License-Identifier: GPL-2.0
/* X25519 with limbs of both sizes, against RFC 7748 and Wycheproof; libcrypto.c compares at
 * random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/crypto/curve25519.h"
#include "../../vectors/x25519.h"

/* src/crypto/curve25519.c once more, with 32-bit limbs. */
bool wg_curve25519_32(u8 out[static 32], const u8 secret[static 32], const u8 point[static 32]);
bool wg_curve25519_each_32(u8 (*out)[32], const u8 secret[static 32], const u8 *const *points,
			   size_t n);
void wg_curve25519_public_32(u8 out[static 32], const u8 secret[static 32]);
void wg_curve25519_clamp_32(u8 secret[static 32]);

struct implementation {
	bool (*dh)(u8 out[static 32], const u8 secret[static 32], const u8 point[static 32]);
	bool (*each)(u8 (*out)[32], const u8 secret[static 32], const u8 *const *points, size_t n);
	void (*public)(u8 out[static 32], const u8 secret[static 32]);
	void (*clamp)(u8 secret[static 32]);
};

static struct implementation native = {wg_curve25519, wg_curve25519_each, wg_curve25519_public,
				       wg_curve25519_clamp};
static struct implementation bits32 = {wg_curve25519_32, wg_curve25519_each_32,
				       wg_curve25519_public_32, wg_curve25519_clamp_32};

static void assert_hex(const u8 got[static 32], const char *hex)
{
	u8 expected[32];

	x25519_hex(expected, hex);
	assert_memory_equal(got, expected, 32);
}

static void follows_the_rfc(void **state)
{
	const struct implementation *x = *state;

	for (size_t i = 0; i < sizeof(x25519_rfc) / sizeof(*x25519_rfc); i++) {
		u8 secret[32], point[32], out[32];

		x25519_hex(secret, x25519_rfc[i][0]);
		x25519_hex(point, x25519_rfc[i][1]);
		assert_true(x->dh(out, secret, point));
		assert_hex(out, x25519_rfc[i][2]);
	}
}

static void agrees_on_a_secret(void **state)
{
	const struct implementation *x = *state;
	u8 alice[32], bob[32], alice_public[32], bob_public[32], shared[32];

	x25519_hex(alice, X25519_ALICE);
	x25519_hex(bob, X25519_BOB);
	x->public(alice_public, alice);
	x->public(bob_public, bob);
	assert_hex(alice_public, X25519_ALICE_PUBLIC);
	assert_hex(bob_public, X25519_BOB_PUBLIC);
	assert_true(x->dh(shared, alice, bob_public));
	assert_hex(shared, X25519_SHARED);
	assert_true(x->dh(shared, bob, alice_public));
	assert_hex(shared, X25519_SHARED);
}

static void iterates(void **state)
{
	const struct implementation *x = *state;
	int end = getenv("WG_SLOW_TESTS") ? 1000000 : 1000;
	u8 k[32] = {9}, u[32] = {9}, out[32];

	for (int i = 1; i <= end; i++) {
		assert_true(x->dh(out, k, u));
		memcpy(u, k, 32);
		memcpy(k, out, 32);
		if (i == 1)
			assert_hex(k, X25519_AFTER_1);
		if (i == 1000)
			assert_hex(k, X25519_AFTER_1000);
		if (i == 1000000)
			assert_hex(k, X25519_AFTER_1000000);
	}
}

static void passes_wycheproof(void **state)
{
	const struct implementation *x = *state;
	static const u8 zeros[32];
	struct x25519_vector v;
	unsigned int n = 0;
	FILE *f = fopen(X25519_WYCHEPROOF, "r");

	assert_non_null(f);
	while (x25519_next(f, &v)) {
		u8 out[32];
		bool good = x->dh(out, v.secret, v.point);

		if (memcmp(out, v.shared, 32))
			fail_msg("test %u", v.number);
		if (good == !memcmp(v.shared, zeros, 32))
			fail_msg("test %u: a low-order point is reported wrongly", v.number);
		n++;
	}
	fclose(f);
	assert_int_equal(n, X25519_WYCHEPROOF_COUNT);
}

static void clamps(void **state)
{
	const struct implementation *x = *state;
	u8 ones[32], raw[32], out[32], expected[32];

	memset(ones, 0xff, 32);
	x->clamp(ones);
	assert_hex(ones, "f8ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
	memset(ones, 0, 32);
	x->clamp(ones);
	assert_hex(ones, "0000000000000000000000000000000000000000000000000000000000000040");

	memset(raw, 0x87, 32);
	x->public(out, raw);
	x->clamp(raw);
	x->public(expected, raw);
	assert_memory_equal(out, expected, 32);
}

static void works_in_place(void **state)
{
	const struct implementation *x = *state;
	u8 secret[32], point[32];

	x25519_hex(secret, x25519_rfc[0][0]);
	x25519_hex(point, x25519_rfc[0][1]);
	assert_true(x->dh(point, secret, point));
	assert_hex(point, x25519_rfc[0][2]);
	x25519_hex(point, x25519_rfc[0][1]);
	assert_true(x->dh(secret, secret, point));
	assert_hex(secret, x25519_rfc[0][2]);
}

/* Every number of points, with the base point in every place, gives what they give alone. */
static void takes_several_points(void **state)
{
	const struct implementation *x = *state;
	const u8 *points[WG_CURVE25519_EACH];
	u8 secret[32], point[2][32], out[WG_CURVE25519_EACH][32], alone[32];

	x25519_hex(secret, x25519_rfc[0][0]);
	x25519_hex(point[0], x25519_rfc[0][1]);
	x25519_hex(point[1], x25519_rfc[1][1]);
	for (size_t n = 1; n <= WG_CURVE25519_EACH; n++) {
		for (size_t base = 0; base <= n; base++) {
			for (size_t i = 0; i < n; i++)
				points[i] = i == base ? NULL : point[i % 2];
			assert_true(x->each(out, secret, points, n));
			for (size_t i = 0; i < n; i++) {
				if (points[i])
					x->dh(alone, secret, points[i]);
				else
					x->public(alone, secret);
				assert_memory_equal(out[i], alone, 32);
			}
		}
	}
}

static void tells_of_one_of_low_order(void **state)
{
	const struct implementation *x = *state;
	const u8 *points[WG_CURVE25519_EACH];
	u8 secret[32], point[32], out[WG_CURVE25519_EACH][32];
	static const u8 low[32] = {1};

	x25519_hex(secret, x25519_rfc[0][0]);
	x25519_hex(point, x25519_rfc[0][1]);
	for (size_t at = 0; at < WG_CURVE25519_EACH; at++) {
		for (size_t i = 0; i < WG_CURVE25519_EACH; i++)
			points[i] = i == at ? low : point;
		assert_false(x->each(out, secret, points, WG_CURVE25519_EACH));
	}
}

/* clang-format off */
#define BOTH(test) \
	{#test, test, NULL, NULL, &native}, {#test ", 32-bit limbs", test, NULL, NULL, &bits32}
/* clang-format on */

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(follows_the_rfc),
		BOTH(agrees_on_a_secret),
		BOTH(iterates),
		BOTH(passes_wycheproof),
		BOTH(clamps),
		BOTH(works_in_place),
		BOTH(takes_several_points),
		BOTH(tells_of_one_of_low_order),
	};

	return cmocka_run_group_tests_name("crypto/curve25519", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* The tests of X25519 and of keys as text for machines that have no cmocka: a static program that
 * prints one line a test and ends with 0 only if all is well. Arguments: what the lines begin
 * with, and the vector file. */
#include <stdio.h>
#include "../../src/crypto/curve25519.h"
#include "../../src/lib/encoding.h"
#include "../vectors/x25519.h"

static bool is_hex(const u8 got[static 32], const char *hex)
{
	u8 expected[32];

	x25519_hex(expected, hex);
	return !memcmp(got, expected, 32);
}

static bool rfc(void)
{
	for (size_t i = 0; i < sizeof(x25519_rfc) / sizeof(*x25519_rfc); i++) {
		u8 secret[32], point[32], out[32];

		x25519_hex(secret, x25519_rfc[i][0]);
		x25519_hex(point, x25519_rfc[i][1]);
		if (!wg_curve25519(out, secret, point) || !is_hex(out, x25519_rfc[i][2]))
			return false;
	}
	return true;
}

static bool agreement(void)
{
	u8 alice[32], bob[32], alice_public[32], bob_public[32], one[32], other[32];

	x25519_hex(alice, X25519_ALICE);
	x25519_hex(bob, X25519_BOB);
	wg_curve25519_public(alice_public, alice);
	wg_curve25519_public(bob_public, bob);
	return is_hex(alice_public, X25519_ALICE_PUBLIC) && is_hex(bob_public, X25519_BOB_PUBLIC) &&
	       wg_curve25519(one, alice, bob_public) && is_hex(one, X25519_SHARED) &&
	       wg_curve25519(other, bob, alice_public) && is_hex(other, X25519_SHARED);
}

static bool iterated(void)
{
	u8 k[32] = {9}, u[32] = {9}, out[32];

	for (int i = 0; i < 1000; i++) {
		if (!wg_curve25519(out, k, u))
			return false;
		memcpy(u, k, 32);
		memcpy(k, out, 32);
	}
	return is_hex(k, X25519_AFTER_1000);
}

static bool wycheproof(const char *file)
{
	static const u8 zeros[32];
	struct x25519_vector v;
	unsigned int n = 0;
	FILE *f = fopen(file, "r");

	while (f && x25519_next(f, &v)) {
		u8 out[32];
		bool good = wg_curve25519(out, v.secret, v.point);

		if (memcmp(out, v.shared, 32) || good == !memcmp(v.shared, zeros, 32))
			return false;
		n++;
	}
	return n == X25519_WYCHEPROOF_COUNT;
}

static bool keys_as_text(void)
{
	u8 key[WG_KEY_LEN], back[WG_KEY_LEN];
	char base64[WG_KEY_BASE64_LEN + 1], hex[WG_KEY_HEX_LEN + 1];

	x25519_hex(key, X25519_ALICE_PUBLIC);
	wg_key_to_base64(base64, key);
	wg_key_to_hex(hex, key);
	if (strcmp(hex, X25519_ALICE_PUBLIC) ||
	    strcmp(base64, "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="))
		return false;
	for (unsigned int i = 0; i < 4096; i++) {
		key[i % WG_KEY_LEN] = (u8)(i * 37 + i / 256);
		wg_key_to_base64(base64, key);
		if (!wg_key_from_base64(back, base64, WG_KEY_BASE64_LEN) ||
		    memcmp(key, back, WG_KEY_LEN))
			return false;
		wg_key_to_hex(hex, key);
		if (!wg_key_from_hex(back, hex, WG_KEY_HEX_LEN) || memcmp(key, back, WG_KEY_LEN))
			return false;
		base64[i % WG_KEY_BASE64_LEN] = (char)0xc3;
		hex[i % WG_KEY_HEX_LEN] = 'g';
		if (wg_key_from_base64(back, base64, WG_KEY_BASE64_LEN) ||
		    wg_key_from_hex(back, hex, WG_KEY_HEX_LEN))
			return false;
	}
	return true;
}

static int tell(const char *machine, const char *name, bool good)
{
	printf("%s %s: %s\n", good ? "ok" : "not ok", machine, name);
	return !good;
}

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc != 3)
		return 2;
	failed += tell(argv[1], "RFC 7748 vectors", rfc());
	failed += tell(argv[1], "RFC 7748 key agreement", agreement());
	failed += tell(argv[1], "RFC 7748, 1,000 times", iterated());
	failed += tell(argv[1], "Wycheproof vectors", wycheproof(argv[2]));
	failed += tell(argv[1], "keys as text", keys_as_text());
	return failed ? 1 : 0;
}

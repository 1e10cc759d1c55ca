// SPDX-License-Identifier: GPL-2.0
/* Under valgrind memcheck: secrets are marked undefined, so that every branch and every address
 * that depends on one is reported. The argument says what runs; with "leak" it must fail. */
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/memcheck.h>
#include "../../src/crypto/ct.h"
#include "../../src/crypto/curve25519.h"
#include "../../src/lib/encoding.h"

#define SECRET(p, len) ((void)VALGRIND_MAKE_MEM_UNDEFINED(p, len))
#define PUBLIC(p, len) ((void)VALGRIND_MAKE_MEM_DEFINED(p, len))

static u8 secret[32] = {0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
			0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
			0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a};

static bool curve25519(void)
{
	u8 point[32] = {9}, out[32];
	bool good;

	SECRET(secret, sizeof(secret));
	SECRET(point, sizeof(point));
	good = wg_curve25519(out, secret, point);
	PUBLIC(&good, sizeof(good));
	return good;
}

static bool public_key(void)
{
	u8 out[32];

	SECRET(secret, sizeof(secret));
	wg_curve25519_clamp(secret);
	wg_curve25519_public(out, secret);
	PUBLIC(out, sizeof(out));
	return out[0] == 0x85 && out[31] == 0x6a;
}

static bool base64(void)
{
	char text[WG_KEY_BASE64_LEN + 1];
	u8 back[32];
	bool good;

	SECRET(secret, sizeof(secret));
	wg_key_to_base64(text, secret);
	good = wg_key_from_base64(back, text, WG_KEY_BASE64_LEN);
	PUBLIC(&good, sizeof(good));
	PUBLIC(secret, sizeof(secret));
	PUBLIC(back, sizeof(back));
	return good && !memcmp(secret, back, sizeof(secret));
}

static bool hex(void)
{
	char text[WG_KEY_HEX_LEN + 1];
	u8 back[32];
	bool good;

	SECRET(secret, sizeof(secret));
	wg_key_to_hex(text, secret);
	good = wg_key_from_hex(back, text, WG_KEY_HEX_LEN);
	PUBLIC(&good, sizeof(good));
	PUBLIC(secret, sizeof(secret));
	PUBLIC(back, sizeof(back));
	return good && !memcmp(secret, back, sizeof(secret));
}

static bool compare(void)
{
	u8 other[32];
	u32 same, chosen;

	memcpy(other, secret, sizeof(other));
	SECRET(secret, sizeof(secret));
	same = wg_ct_equal(secret, other, sizeof(secret));
	chosen = wg_ct_select(same, 7, 8);
	PUBLIC(&chosen, sizeof(chosen));
	return chosen == 7;
}

/* A table looked up by a secret, and a branch on one: what the others must not do. */
static bool leak_index(void)
{
	static volatile u8 table[256];

	SECRET(secret, sizeof(secret));
	return !table[secret[3]];
}

static bool leak_branch(void)
{
	volatile int taken = 0;

	SECRET(secret, sizeof(secret));
	if (secret[3] & 1)
		taken = 1;
	return taken <= 1;
}

static const struct {
	const char *name;
	bool (*run)(void);
} cases[] = {
	{"curve25519", curve25519},   {"public", public_key},
	{"base64", base64},	      {"hex", hex},
	{"compare", compare},	      {"leak-index", leak_index},
	{"leak-branch", leak_branch},
};

int main(int argc, char **argv)
{
	if (argc == 2 && !RUNNING_ON_VALGRIND) {
		fputs("ct: runs under valgrind only\n", stderr);
		return 2;
	}
	for (size_t i = 0; argc == 2 && i < sizeof(cases) / sizeof(*cases); i++) {
		if (!strcmp(argv[1], cases[i].name))
			return cases[i].run() ? 0 : 3;
	}
	fputs("usage: ct CASE\n", stderr);
	return 2;
}

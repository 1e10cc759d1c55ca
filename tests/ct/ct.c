// SPDX-License-Identifier: GPL-2.0
/* Under valgrind memcheck: secrets are marked undefined, so that every branch and every address
 * that depends on one is reported, but for those on a declassified result (publish.h). The argument says what
 * runs; with "leak" it must fail. */
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/memcheck.h>
#include "../../src/crypto/blake2s.h"
#include "../../src/crypto/chacha20.h"
#include "../../src/crypto/chacha20poly1305.h"
#include "../../src/crypto/ct.h"
#include "../../src/crypto/curve25519.h"
#include "../../src/crypto/kdf.h"
#include "../../src/crypto/poly1305.h"
#include "../../src/crypto/siphash.h"
#include "../../src/lib/base/encoding.h"

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

static bool curve25519_each(void)
{
	u8 point[32] = {9}, out[WG_CURVE25519_EACH][32];
	const u8 *const points[] = {point, NULL, point};
	bool good;

	SECRET(secret, sizeof(secret));
	SECRET(point, sizeof(point));
	good = wg_curve25519_each(out, secret, points, WG_CURVE25519_EACH);
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

/* Keys, texts and what comes of them are all secret; lengths, nonces and what is sent are not. */
#define TEXT_LEN 333
static u8 text[TEXT_LEN + WG_AEAD_TAG_LEN];
static const u8 nonce[24] = {1, 2, 3};

static void make_secret(void)
{
	SECRET(secret, sizeof(secret));
	SECRET(text, sizeof(text));
}

static bool chacha20(void)
{
	u8 out[32];

	make_secret();
	wg_chacha20(text, text, TEXT_LEN, secret, nonce, 1);
	wg_hchacha20(out, secret, text);
	PUBLIC(out, sizeof(out));
	return out[0] | out[1] | out[2];
}

static bool poly1305(void)
{
	struct wg_poly1305 s;
	u8 tag[WG_POLY1305_TAG_LEN];

	make_secret();
	wg_poly1305_init(&s, secret);
	wg_poly1305_update(&s, text, 100);
	wg_poly1305_align(&s);
	wg_poly1305_update(&s, text + 100, TEXT_LEN - 100);
	wg_poly1305_final(&s, tag);
	PUBLIC(tag, sizeof(tag));
	return tag[0] | tag[1] | tag[2];
}

static bool blake2s(void)
{
	u8 out[WG_BLAKE2S_LEN];

	make_secret();
	wg_blake2s(out, sizeof(out), text, TEXT_LEN, secret, sizeof(secret));
	wg_blake2s_hmac(out, out, sizeof(out), text, 10);
	wg_blake2s_hmac(out, text, 100, out, sizeof(out));
	PUBLIC(out, sizeof(out));
	return out[0] | out[1] | out[2];
}

static bool kdf(void)
{
	u8 out[3][WG_BLAKE2S_LEN];

	make_secret();
	wg_kdf(out[0], out[1], out[2], secret, text, 32);
	PUBLIC(out, sizeof(out));
	return out[0][0] | out[1][0] | out[2][0];
}

/* What is sealed is opened, and is refused with a bit of it changed: only the result gets out. */
static bool aead(void)
{
	make_secret();
	wg_chacha20poly1305_seal(text, text, TEXT_LEN, nonce, sizeof(nonce), 7, secret);
	if (!wg_chacha20poly1305_open(text, text, sizeof(text), nonce, sizeof(nonce), 7, secret))
		return false;
	wg_chacha20poly1305_seal(text, text, TEXT_LEN, text, 5, 8, secret);
	text[3] ^= 1;
	return !wg_chacha20poly1305_open(text, text, sizeof(text), text, 5, 8, secret);
}

static bool xaead(void)
{
	make_secret();
	wg_xchacha20poly1305_seal(text, text, TEXT_LEN, NULL, 0, nonce, secret);
	if (!wg_xchacha20poly1305_open(text, text, sizeof(text), NULL, 0, nonce, secret))
		return false;
	wg_xchacha20poly1305_seal(text, text, TEXT_LEN, NULL, 0, nonce, secret);
	text[3] ^= 1;
	return !wg_xchacha20poly1305_open(text, text, sizeof(text), NULL, 0, nonce, secret);
}

static bool siphash(void)
{
	u64 out;

	make_secret();
	out = wg_siphash(text, TEXT_LEN, secret);
	PUBLIC(&out, sizeof(out));
	return out != 0;
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
	{"curve25519", curve25519},
	{"curve25519_each", curve25519_each},
	{"public", public_key},
	{"base64", base64},
	{"hex", hex},
	{"compare", compare},
	{"chacha20", chacha20},
	{"poly1305", poly1305},
	{"blake2s", blake2s},
	{"kdf", kdf},
	{"aead", aead},
	{"xaead", xaead},
	{"siphash", siphash},
	{"leak-index", leak_index},
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

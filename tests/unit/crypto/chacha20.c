// SPDX-License-Identifier: GPL-2.0
/* ChaCha20 and HChaCha20: RFC 8439 and draft-irtf-cfrg-xchacha; libcrypto.c compares at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/crypto/chacha20.h"
#include "../../vectors/hex.h"
#include "../random.h"

#define MOST 1100

#define SUNSCREEN                                                                              \
	"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the " \
	"future, sunscreen would be it."

static u8 key[32], nonce[12];

/* The key of the RFC's examples: 00 01 ... 1f. */
static int rfc_key(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 32; i++)
		key[i] = (u8)i;
	return 0;
}

static void has_the_block_of_the_rfc(void **state)
{
	struct wg_chacha20 s;
	u8 out[64];

	(void)state;
	hex_read(nonce, sizeof(nonce), "000000090000004a00000000");
	wg_chacha20_init(&s, key, nonce, 1);
	wg_chacha20_block(&s, out);
	assert_true(hex_is(out, sizeof(out),
			   "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
			   "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"));
	assert_int_equal(s.word[12], 2);
}

static void encrypts_as_the_rfc(void **state)
{
	u8 out[114];

	(void)state;
	hex_read(nonce, sizeof(nonce), "000000000000004a00000000");
	wg_chacha20(out, (const u8 *)SUNSCREEN, sizeof(out), key, nonce, 1);
	assert_true(hex_is(out, sizeof(out),
			   "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b"
			   "f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8"
			   "07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736"
			   "5af90bbf74a35be6b40b8eedf2785e42874d"));
}

/* Appendix A.1, number 1. */
static void has_the_block_of_zeros(void **state)
{
	static const u8 zeros[64];
	u8 out[64];

	(void)state;
	wg_chacha20(out, zeros, sizeof(out), zeros, zeros, 0);
	assert_true(hex_is(out, sizeof(out),
			   "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
			   "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"));
}

static void makes_keys_as_the_draft(void **state)
{
	u8 in[16], out[32];

	(void)state;
	hex_read(in, sizeof(in), "000000090000004a0000000031415927");
	wg_hchacha20(out, key, in);
	assert_true(hex_is(out, sizeof(out),
			   "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"));
	memcpy(out, key, 32);
	wg_hchacha20(out, out, in);
	assert_true(hex_is(out, sizeof(out),
			   "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"));
}

/* The bytes of the stream, block by block. */
static void stream(u8 *out, size_t blocks, u32 counter)
{
	struct wg_chacha20 s;

	wg_chacha20_init(&s, key, nonce, counter);
	for (; blocks--; out += 64)
		wg_chacha20_block(&s, out);
}

static void encrypts_any_length_at_any_alignment(void **state)
{
	static u8 text[MOST], bytes[MOST + 64], in[MOST + 16], out[MOST + 17];
	struct random r = {8439};

	(void)state;
	random_fill(&r, text, sizeof(text));
	stream(bytes, sizeof(bytes) / 64, 7);
	for (size_t len = 0; len <= MOST; len++) {
		size_t from = len % 16, to = len / 16 % 16;

		memcpy(in + from, text, len);
		memset(out, 0xa5, sizeof(out));
		wg_chacha20(out + to, in + from, len, key, nonce, 7);
		for (size_t i = 0; i < len; i++)
			assert_int_equal(out[to + i], text[i] ^ bytes[i]);
		assert_int_equal(out[to + len], 0xa5);
		wg_chacha20(in + from, in + from, len, key, nonce, 7);
		assert_memory_equal(in + from, out + to, len);
	}
}

static void goes_on_between_blocks(void **state)
{
	u8 whole[300] = {0}, pieces[300] = {0};
	struct wg_chacha20 s;

	(void)state;
	wg_chacha20(whole, whole, sizeof(whole), key, nonce, 1);
	wg_chacha20_init(&s, key, nonce, 1);
	wg_chacha20_xor(&s, pieces, pieces, 64);
	wg_chacha20_xor(&s, pieces + 64, pieces + 64, 0);
	wg_chacha20_xor(&s, pieces + 64, pieces + 64, 128);
	wg_chacha20_xor(&s, pieces + 192, pieces + 192, sizeof(pieces) - 192);
	assert_memory_equal(pieces, whole, sizeof(whole));
}

/* The counter has 32 bits and carries into nothing. */
static void counts_round(void **state)
{
	u8 out[128], first[64];

	(void)state;
	stream(out, 2, 0xffffffff);
	stream(first, 1, 0);
	assert_memory_equal(out + 64, first, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_block_of_the_rfc),
		cmocka_unit_test(encrypts_as_the_rfc),
		cmocka_unit_test(has_the_block_of_zeros),
		cmocka_unit_test(makes_keys_as_the_draft),
		cmocka_unit_test(encrypts_any_length_at_any_alignment),
		cmocka_unit_test(goes_on_between_blocks),
		cmocka_unit_test(counts_round),
	};

	return cmocka_run_group_tests_name("crypto/chacha20", tests, rfc_key, NULL);
}

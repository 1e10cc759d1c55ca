// SPDX-License-Identifier: GPL-2.0
/* BLAKE2s and HMAC over it: RFC 7693, the published vectors with a key, and those of Python's
 * hashlib and hmac; libcrypto.c compares at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/crypto/blake2s.h"
#include "../../vectors/hex.h"
#include "../random.h"

#define MOST 1100

/* Bytes that go up in steps. */
static void steps(u8 *out, size_t len, unsigned int step)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (u8)(i * step);
}

static void assert_hash(const char *hex, const void *data, size_t len, const u8 *key, size_t keylen)
{
	u8 out[WG_BLAKE2S_LEN];

	wg_blake2s(out, sizeof(out), data, len, key, keylen);
	assert_true(hex_is(out, sizeof(out), hex));
}

static void follows_the_rfc(void **state)
{
	(void)state;
	assert_hash("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982", "abc", 3,
		    NULL, 0);
	assert_hash("69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9", NULL, 0,
		    NULL, 0);
	/* Where a handshake of WireGuard begins. */
	assert_hash("60e26daef327efc02ec335e2a025d2d016eb4206f87277f52d38d1988b78cd36",
		    "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s", 37, NULL, 0);
}

/* The sequence of RFC 7693, appendix E. */
static void sequence(u8 *out, size_t len, u32 seed)
{
	u32 a = 0xdead4bad * seed, b = 1;

	while (len--) {
		u32 sum = a + b;

		a = b;
		b = sum;
		*out++ = (u8)(sum >> 24);
	}
}

static void passes_the_self_test_of_the_rfc(void **state)
{
	static const u32 outlens[] = {16, 20, 28, 32}, lens[] = {0, 3, 64, 65, 255, 1024};
	u8 in[1024], key[32], out[32];
	struct wg_blake2s all;

	(void)state;
	wg_blake2s_init(&all, 32, NULL, 0);
	for (int i = 0; i < 4; i++) {
		for (int j = 0; j < 6; j++) {
			sequence(in, lens[j], lens[j]);
			wg_blake2s(out, outlens[i], in, lens[j], NULL, 0);
			wg_blake2s_update(&all, out, outlens[i]);
			sequence(key, outlens[i], outlens[i]);
			wg_blake2s(out, outlens[i], in, lens[j], key, outlens[i]);
			wg_blake2s_update(&all, out, outlens[i]);
		}
	}
	wg_blake2s_final(&all, out);
	assert_true(hex_is(out, 32,
			   "6a411f08ce25adcdfb02aba641451cec53c598b24f4fc787fbdc88797f4c1dfe"));
}

/* The published vectors: key 00 01 ... 1f, text 00 01 ...; all 256 as the hash of their hashes. */
static void passes_the_vectors_with_a_key(void **state)
{
	u8 key[32], text[256], out[32];
	struct wg_blake2s all;

	(void)state;
	steps(key, sizeof(key), 1);
	steps(text, sizeof(text), 1);
	assert_hash("48a8997da407876b3d79c0d92325ad3b89cbb754d86ab71aee047ad345fd2c49", text, 0,
		    key, 32);
	assert_hash("40d15fee7c328830166ac3f918650f807e7e01e177258cdc0a39b11f598066f1", text, 1,
		    key, 32);
	assert_hash("3fb735061abc519dfe979e54c1ee5bfad0a9d858b3315bad34bde999efd724dd", text, 255,
		    key, 32);
	wg_blake2s_init(&all, 32, NULL, 0);
	for (size_t len = 0; len < 256; len++) {
		wg_blake2s(out, 32, text, len, key, 32);
		wg_blake2s_update(&all, out, 32);
	}
	wg_blake2s_final(&all, out);
	assert_true(hex_is(out, 32,
			   "2582f7b18a91f66ef22aa9455384ada69b2590306a6470ee8588df75ee982f02"));
}

/* As if 4 GiB less 64 bytes had gone in; computed by a BLAKE2s in Python. */
static void counts_beyond_32_bits(void **state)
{
	struct wg_blake2s s;
	u8 text[200], out[32];

	(void)state;
	steps(text, sizeof(text), 1);
	wg_blake2s_init(&s, 32, NULL, 0);
	s.count = 0xffffffc0;
	wg_blake2s_update(&s, text, sizeof(text));
	wg_blake2s_final(&s, out);
	assert_true(hex_is(out, 32,
			   "8825c4b18a0bffc3b9d1aecb28cb1b7befc6efc6b36ae7d75b10628624fee845"));
}

static void takes_data_in_any_pieces(void **state)
{
	u8 text[200], whole[32], pieces[32];
	struct wg_blake2s s;

	(void)state;
	steps(text, sizeof(text), 11);
	for (size_t len = 0; len <= sizeof(text); len++) {
		wg_blake2s(whole, 32, text, len, text, len % 33);
		for (size_t cut = 0; cut <= len; cut++) {
			wg_blake2s_init(&s, 32, text, len % 33);
			wg_blake2s_update(&s, text, cut);
			wg_blake2s_update(&s, text + cut, len - cut);
			wg_blake2s_final(&s, pieces);
			assert_memory_equal(pieces, whole, 32);
		}
	}
}

static void reads_at_any_alignment(void **state)
{
	u8 text[MOST], moved[MOST + 16], expected[32], out[32];
	struct random r = {7693};

	(void)state;
	random_fill(&r, text, sizeof(text));
	for (size_t len = 0; len <= MOST; len++) {
		size_t by = len % 16;

		memcpy(moved + by, text, len);
		wg_blake2s(expected, 32, text, len, NULL, 0);
		wg_blake2s(out, 32, moved + by, len, NULL, 0);
		assert_memory_equal(out, expected, 32);
	}
}

static void writes_where_it_reads(void **state)
{
	u8 text[32], expected[32];

	(void)state;
	steps(text, sizeof(text), 3);
	wg_blake2s(expected, 32, text, 32, text, 32);
	wg_blake2s(text, 32, text, 32, text, 32);
	assert_memory_equal(text, expected, 32);
	wg_blake2s_hmac(expected, text, 32, text, 32);
	wg_blake2s_hmac(text, text, 32, text, 32);
	assert_memory_equal(text, expected, 32);
}

static void writes_no_more_than_asked(void **state)
{
	u8 out[34];

	(void)state;
	for (size_t outlen = 1; outlen <= 32; outlen++) {
		memset(out, 0xa5, sizeof(out));
		wg_blake2s(out, outlen, "abc", 3, NULL, 0);
		assert_int_equal(out[outlen], 0xa5);
	}
}

static void wipes_its_state(void **state)
{
	static const struct wg_blake2s zeros;
	struct wg_blake2s s;
	u8 out[32];

	(void)state;
	wg_blake2s_init(&s, 32, (const u8 *)"key", 3);
	wg_blake2s_update(&s, "abc", 3);
	wg_blake2s_final(&s, out);
	assert_memory_equal(&s, &zeros, sizeof(s));
}

static const struct {
	size_t keylen, len;
	const char *tag;
} hmacs[] = {
	{0, 0, "eaf4bb25938f4d20e72656bbbc7a9bf63c0c18537333c35bdb67db1402661acd"},
	{32, 32, "bfd43084ddbe5128afb4b9cfb46f01c5aa2f5287f8257521307d15bf5a9d1d0b"},
	{64, 64, "879f785f817d4358470265d8b83dd602eb1b526de4a4ff6b0b9f148c46e13764"},
	{65, 65, "110c4e8f61b9304f27c59b0db81b5232dc3bf1ecc6013f07770566431905bcf5"},
	{200, 1, "4386c268b655a64956928f20d547865a1807787f954f1cee5b8c377e66072cdd"},
};

static void hmac_agrees_with_python(void **state)
{
	u8 key[200], text[200], out[32];

	(void)state;
	steps(key, sizeof(key), 7);
	steps(text, sizeof(text), 13);
	for (size_t i = 0; i < sizeof(hmacs) / sizeof(*hmacs); i++) {
		wg_blake2s_hmac(out, hmacs[i].keylen ? key : NULL, hmacs[i].keylen, text,
				hmacs[i].len);
		assert_true(hex_is(out, 32, hmacs[i].tag));
	}
}

/* As the hash of all tags. */
static void hmac_takes_any_length_of_key(void **state)
{
	static const size_t lens[] = {0, 1, 31, 32, 63, 64, 65, 127, 128, 200};
	u8 key[130], text[200], out[32];
	struct wg_blake2s all;

	(void)state;
	steps(key, sizeof(key), 7);
	steps(text, sizeof(text), 13);
	wg_blake2s_init(&all, 32, NULL, 0);
	for (size_t keylen = 0; keylen <= sizeof(key); keylen++) {
		for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
			wg_blake2s_hmac(out, key, keylen, text, lens[i]);
			wg_blake2s_update(&all, out, 32);
		}
	}
	wg_blake2s_final(&all, out);
	assert_true(hex_is(out, 32,
			   "ea98ed09e95096491906fa0979e4124388cee798cbdbdab6b29ce7c48a739f5a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_rfc),
		cmocka_unit_test(passes_the_self_test_of_the_rfc),
		cmocka_unit_test(passes_the_vectors_with_a_key),
		cmocka_unit_test(counts_beyond_32_bits),
		cmocka_unit_test(takes_data_in_any_pieces),
		cmocka_unit_test(reads_at_any_alignment),
		cmocka_unit_test(writes_where_it_reads),
		cmocka_unit_test(writes_no_more_than_asked),
		cmocka_unit_test(wipes_its_state),
		cmocka_unit_test(hmac_agrees_with_python),
		cmocka_unit_test(hmac_takes_any_length_of_key),
	};

	return cmocka_run_group_tests_name("crypto/blake2s", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* ChaCha20-Poly1305 and XChaCha20-Poly1305: RFC 8439, draft-irtf-cfrg-xchacha, Wycheproof, and what
 * must not open; libcrypto.c compares at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/crypto/chacha20poly1305.h"
#include "../../vectors/aead.h"
#include "../random.h"

#define MOST 1100

#define SUNSCREEN                                                                              \
	"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the " \
	"future, sunscreen would be it."
#define SUNSCREEN_LEN (sizeof(SUNSCREEN) - 1)

struct cipher {
	void (*seal)(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
		     const u8 *nonce, const u8 *key);
	bool (*open)(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
		     const u8 *nonce, const u8 *key);
	const char *wycheproof;
	unsigned int count;
};

/* With the shape of the others. */
static void counter_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
			 const u8 *nonce, const u8 *key)
{
	wg_chacha20poly1305_seal(dst, src, len, ad, adlen, wg_load_le64(nonce), key);
}

static bool counter_open(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
			 const u8 *nonce, const u8 *key)
{
	return wg_chacha20poly1305_open(dst, src, len, ad, adlen, wg_load_le64(nonce), key);
}

static void nonce_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
		       const u8 *nonce, const u8 *key)
{
	wg_chacha20poly1305_seal_nonce(dst, src, len, ad, adlen, nonce, key);
}

static bool nonce_open(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
		       const u8 *nonce, const u8 *key)
{
	return wg_chacha20poly1305_open_nonce(dst, src, len, ad, adlen, nonce, key);
}

static void long_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
		      const u8 *nonce, const u8 *key)
{
	wg_xchacha20poly1305_seal(dst, src, len, ad, adlen, nonce, key);
}

static bool long_open(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
		      const u8 *nonce, const u8 *key)
{
	return wg_xchacha20poly1305_open(dst, src, len, ad, adlen, nonce, key);
}

static struct cipher counter = {counter_seal, counter_open, NULL, 0};
static struct cipher whole = {nonce_seal, nonce_open, AEAD_WYCHEPROOF, AEAD_WYCHEPROOF_COUNT};
static struct cipher x = {long_seal, long_open, XAEAD_WYCHEPROOF, XAEAD_WYCHEPROOF_COUNT};

static u8 key[32], nonce[24], ad[24];

/* 80 81 ... 9f, as in the specifications. */
static int fill(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 32; i++)
		key[i] = (u8)(0x80 + i);
	for (unsigned int i = 0; i < 24; i++)
		nonce[i] = (u8)(0x40 + i);
	hex_read(ad, sizeof(ad), "50515253c0c1c2c3c4c5c6c7");
	return 0;
}

static void follows_the_rfc(void **state)
{
	u8 iv[12], out[SUNSCREEN_LEN + 16];

	(void)state;
	hex_read(iv, sizeof(iv), "070000004041424344454647");
	wg_chacha20poly1305_seal_nonce(out, (const u8 *)SUNSCREEN, SUNSCREEN_LEN, ad, 12, iv, key);
	assert_true(hex_is(out, sizeof(out),
			   "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
			   "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
			   "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
			   "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"));
	assert_true(wg_chacha20poly1305_open_nonce(out, out, sizeof(out), ad, 12, iv, key));
	assert_memory_equal(out, SUNSCREEN, SUNSCREEN_LEN);
}

static void follows_the_draft(void **state)
{
	u8 out[SUNSCREEN_LEN + 16];

	(void)state;
	wg_xchacha20poly1305_seal(out, (const u8 *)SUNSCREEN, SUNSCREEN_LEN, ad, 12, nonce, key);
	assert_true(hex_is(out, sizeof(out),
			   "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
			   "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
			   "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
			   "21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49"));
	assert_true(wg_xchacha20poly1305_open(out, out, sizeof(out), ad, 12, nonce, key));
	assert_memory_equal(out, SUNSCREEN, SUNSCREEN_LEN);
}

/* WireGuard's nonce. */
static void counts_from_the_fifth_byte(void **state)
{
	static const u8 iv[12] = {0, 0, 0, 0, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01};
	u8 out[20], expected[20];

	(void)state;
	wg_chacha20poly1305_seal(out, ad, 4, NULL, 0, 0x0123456789abcdef, key);
	wg_chacha20poly1305_seal_nonce(expected, ad, 4, NULL, 0, iv, key);
	assert_memory_equal(out, expected, sizeof(out));
}

static void passes_wycheproof(void **state)
{
	static struct aead_vector v;
	const struct cipher *c = *state;
	FILE *f = fopen(c->wycheproof, "r");
	unsigned int n = 0;

	assert_non_null(f);
	for (; aead_next(f, &v); n++) {
		u8 out[sizeof(v.sealed)];

		c->seal(out, v.text, v.len, v.ad, v.adlen, v.nonce, v.key);
		if (v.valid == !!memcmp(out, v.sealed, v.len + 16))
			fail_msg("test %u: sealed", v.number);
		if (c->open(out, v.sealed, v.len + 16, v.ad, v.adlen, v.nonce, v.key) != v.valid)
			fail_msg("test %u: opened", v.number);
		if (v.valid && memcmp(out, v.text, v.len))
			fail_msg("test %u: the text", v.number);
	}
	fclose(f);
	assert_int_equal(n, c->count);
}

/* In place and from one buffer into another, with nothing written beyond. */
static void takes_any_length_at_any_alignment(void **state)
{
	static u8 text[MOST], sealed[MOST + 16], in[MOST + 32], out[MOST + 33];
	const struct cipher *c = *state;
	struct random r = {8439};

	random_fill(&r, text, sizeof(text));
	for (size_t len = 0; len <= MOST; len++) {
		size_t from = len % 16, to = len / 16 % 16, adlen = len % 25;

		c->seal(sealed, text, len, ad, adlen, nonce, key);
		memcpy(in + from, text, len);
		memset(out, 0xa5, sizeof(out));
		c->seal(out + to, in + from, len, ad, adlen, nonce, key);
		assert_memory_equal(out + to, sealed, len + 16);
		assert_int_equal(out[to + len + 16], 0xa5);
		c->seal(in + from, in + from, len, ad, adlen, nonce, key);
		assert_memory_equal(in + from, sealed, len + 16);

		memset(out, 0xa5, sizeof(out));
		assert_true(c->open(out + to, in + from, len + 16, ad, adlen, nonce, key));
		assert_memory_equal(out + to, text, len);
		assert_int_equal(out[to + len], 0xa5);
		assert_true(c->open(in + from, in + from, len + 16, ad, adlen, nonce, key));
		assert_memory_equal(in + from, text, len);
	}
}

/* As a packet is moved to the front of its buffer while it is opened. */
static void opens_to_a_little_before(void **state)
{
	static u8 text[300], sealed[316], memory[316 + 80];
	const struct cipher *c = *state;
	struct random r = {7539};

	random_fill(&r, text, sizeof(text));
	c->seal(sealed, text, sizeof(text), ad, 0, nonce, key);
	for (size_t before = 1; before <= 80; before++) {
		memcpy(memory + before, sealed, sizeof(sealed));
		assert_true(c->open(memory, memory + before, sizeof(sealed), ad, 0, nonce, key));
		assert_memory_equal(memory, text, sizeof(text));
	}
}

/* Forged packets are refused and leave what they were to be opened into as it was. */
static void assert_refused(const struct cipher *c, const u8 *sealed, size_t len, size_t adlen)
{
	u8 out[128], before[128];

	memset(out, 0xa5, sizeof(out));
	memcpy(before, out, sizeof(out));
	assert_false(c->open(out, sealed, len, ad, adlen, nonce, key));
	assert_memory_equal(out, before, sizeof(out));
}

static void refuses_every_changed_bit(void **state)
{
	static const u8 text[80];
	const struct cipher *c = *state;
	u8 sealed[96], out[80];
	struct {
		u8 *data;
		size_t len;
	} parts[] = {{sealed, sizeof(sealed)},
		     {ad, 24},
		     {nonce, c == &x       ? 24
			     : c == &whole ? 12
					   : 8},
		     {key, 32}};

	c->seal(sealed, text, sizeof(text), ad, 24, nonce, key);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		for (size_t bit = 0; bit < 8 * parts[i].len; bit++) {
			parts[i].data[bit / 8] ^= 1 << bit % 8;
			assert_refused(c, sealed, sizeof(sealed), 24);
			parts[i].data[bit / 8] ^= 1 << bit % 8;
		}
	}
	assert_true(c->open(out, sealed, sizeof(sealed), ad, 24, nonce, key));
}

static void refuses_every_other_length(void **state)
{
	static const u8 text[80];
	const struct cipher *c = *state;
	u8 sealed[97] = {0};

	c->seal(sealed, text, sizeof(text), ad, 16, nonce, key);
	for (size_t len = 0; len <= sizeof(sealed); len++) {
		if (len != 96)
			assert_refused(c, sealed, len, 16);
	}
	for (size_t adlen = 0; adlen <= 24; adlen++) {
		if (adlen != 16)
			assert_refused(c, sealed, 96, adlen);
	}
}

/* A handshake seals nothing, with a hash beside it; and a keepalive has neither. */
static void seals_nothing(void **state)
{
	const struct cipher *c = *state;
	u8 out[16];

	c->seal(out, NULL, 0, NULL, 0, nonce, key);
	assert_true(c->open(NULL, out, sizeof(out), NULL, 0, nonce, key));
	assert_false(c->open(NULL, out, sizeof(out), ad, 1, nonce, key));
	c->seal(out, NULL, 0, ad, 24, nonce, key);
	assert_true(c->open(NULL, out, sizeof(out), ad, 24, nonce, key));
}

/* clang-format off */
#define EACH(test) \
	{#test, test, NULL, NULL, &counter}, {#test ", whole nonce", test, NULL, NULL, &whole}, \
	{#test ", long nonce", test, NULL, NULL, &x}
/* clang-format on */

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_rfc),
		cmocka_unit_test(follows_the_draft),
		cmocka_unit_test(counts_from_the_fifth_byte),
		{"passes_wycheproof", passes_wycheproof, NULL, NULL, &whole},
		{"passes_wycheproof, long nonce", passes_wycheproof, NULL, NULL, &x},
		EACH(takes_any_length_at_any_alignment),
		EACH(opens_to_a_little_before),
		EACH(refuses_every_changed_bit),
		EACH(refuses_every_other_length),
		EACH(seals_nothing),
	};

	return cmocka_run_group_tests_name("crypto/chacha20poly1305", tests, fill, NULL);
}

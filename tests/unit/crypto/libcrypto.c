// SPDX-License-Identifier: GPL-2.0
/* All of crypto/ against libcrypto at random, a part of the time with bytes that are likely to
 * carry; a million times with WG_SLOW_TESTS. On its own, for other machines have no libcrypto to
 * test with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <stdlib.h>
#include "../../../src/crypto/blake2s.h"
#include "../../../src/crypto/chacha20.h"
#include "../../../src/crypto/chacha20poly1305.h"
#include "../../../src/crypto/curve25519.h"
#include "../../../src/crypto/poly1305.h"
#include "../../../src/crypto/siphash.h"
#include "../random.h"

#define MOST 1100

/* The other sizes of limbs. */
bool wg_curve25519_32(u8 out[static 32], const u8 secret[static 32], const u8 point[static 32]);
void wg_curve25519_public_32(u8 out[static 32], const u8 secret[static 32]);
void wg_poly1305_init_32(struct wg_poly1305 *s, const u8 key[static 32]);
void wg_poly1305_update_32(struct wg_poly1305 *s, const u8 *data, size_t len);
void wg_poly1305_final_32(struct wg_poly1305 *s, u8 tag[static 16]);

static struct random r = {20260101};
static u8 key[64], nonce[16], ad[64], text[MOST], out[MOST + 16], expected[MOST + 64];
static size_t len, adlen;

static int times(int usually)
{
	return getenv("WG_SLOW_TESTS") ? 300000 : usually;
}

/* The next key, nonce and text, of a length that is more often small. */
static void next_input(void)
{
	u32 kind = (u32)(random_next(&r) >> 60);

	len = random_below(&r, kind & 1 ? MOST + 1 : 130);
	adlen = random_below(&r, sizeof(ad) + 1);
	random_fill(&r, key, sizeof(key));
	random_fill(&r, nonce, sizeof(nonce));
	random_fill(&r, ad, adlen);
	random_fill(&r, text, len);
	if (kind >= 14)
		memset(text, kind == 14 ? 0xff : 0, len);
	if (kind % 8 == 3)
		memset(key, 0xff, sizeof(key));
}

static void libcrypto_seal(EVP_CIPHER_CTX *ctx, const u8 iv[static 12])
{
	int n;

	assert_int_equal(EVP_EncryptInit_ex(ctx, NULL, NULL, key, iv), 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, NULL, &n, ad, (int)adlen), 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, expected, &n, text, (int)len), 1);
	assert_int_equal(EVP_EncryptFinal_ex(ctx, expected + len, &n), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, expected + len), 1);
}

static void seals_and_opens(void **state)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	(void)state;
	assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL, NULL, NULL), 1);
	for (int i = times(30000); i--;) {
		next_input();
		memset(nonce, 0, 4);
		libcrypto_seal(ctx, nonce);
		wg_chacha20poly1305_seal(out, text, len, ad, adlen, wg_load_le64(nonce + 4), key);
		assert_memory_equal(out, expected, len + 16);
		assert_true(wg_chacha20poly1305_open(out, out, len + 16, ad, adlen,
						     wg_load_le64(nonce + 4), key));
		assert_memory_equal(out, text, len);
		expected[random_below(&r, len + 16)] ^= 1 << random_below(&r, 8);
		assert_false(wg_chacha20poly1305_open(out, expected, len + 16, ad, adlen,
						      wg_load_le64(nonce + 4), key));
	}
	EVP_CIPHER_CTX_free(ctx);
}

/* libcrypto's has no XChaCha20, but it is ChaCha20 with a key that HChaCha20 made. */
static void seals_and_opens_with_a_long_nonce(void **state)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	u8 iv[12] = {0}, own[32], long_nonce[24];

	(void)state;
	assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL, NULL, NULL), 1);
	for (int i = times(30000); i--;) {
		next_input();
		random_fill(&r, long_nonce, sizeof(long_nonce));
		wg_xchacha20poly1305_seal(out, text, len, ad, adlen, long_nonce, key);
		assert_true(
			wg_xchacha20poly1305_open(text, out, len + 16, ad, adlen, long_nonce, key));
		wg_hchacha20(own, key, long_nonce);
		memcpy(key, own, 32);
		memcpy(iv + 4, long_nonce + 16, 8);
		libcrypto_seal(ctx, iv);
		assert_memory_equal(out, expected, len + 16);
	}
	EVP_CIPHER_CTX_free(ctx);
}

/* libcrypto's nonce begins with the counter. HChaCha20 is a block less what it began with. */
static void encrypts(void **state)
{
	static const u32 constants[] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	(void)state;
	assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_chacha20(), NULL, NULL, NULL), 1);
	for (int i = times(30000); i--;) {
		next_input();
		nonce[3] &= 0x7f;
		assert_int_equal(EVP_EncryptInit_ex(ctx, NULL, NULL, key, nonce), 1);
		assert_int_equal(EVP_EncryptUpdate(ctx, expected, &n, text, (int)len), 1);
		wg_chacha20(out, text, len, key, nonce + 4, wg_load_le32(nonce));
		assert_memory_equal(out, expected, len);

		memset(text, 0, 64);
		assert_int_equal(EVP_EncryptInit_ex(ctx, NULL, NULL, key, nonce), 1);
		assert_int_equal(EVP_EncryptUpdate(ctx, expected, &n, text, 64), 1);
		wg_hchacha20(out, key, nonce);
		for (int j = 0; j < 4; j++) {
			assert_int_equal(wg_load_le32(out + 4 * j),
					 wg_load_le32(expected + 4 * j) - constants[j]);
			assert_int_equal(wg_load_le32(out + 16 + 4 * j),
					 (u32)(wg_load_le32(expected + 48 + 4 * j) -
					       wg_load_le32(nonce + 4 * j)));
		}
	}
	EVP_CIPHER_CTX_free(ctx);
}

static EVP_MAC_CTX *mac_new(const char *name)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, name, NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);

	assert_non_null(ctx);
	EVP_MAC_free(mac);
	return ctx;
}

static void libcrypto_mac(EVP_MAC_CTX *ctx, size_t keylen, size_t taglen)
{
	OSSL_PARAM sized[] = {OSSL_PARAM_size_t("size", &taglen), OSSL_PARAM_END};
	size_t n;

	assert_int_equal(EVP_MAC_init(ctx, key, keylen, taglen == 8 ? sized : NULL), 1);
	assert_int_equal(EVP_MAC_update(ctx, text, len), 1);
	assert_int_equal(EVP_MAC_final(ctx, expected, &n, sizeof(expected)), 1);
	assert_int_equal(n, taglen);
}

static void authenticates(void **state)
{
	EVP_MAC_CTX *ctx = mac_new("POLY1305");

	(void)state;
	for (int i = times(30000); i--;) {
		struct wg_poly1305 s;
		size_t cut;

		next_input();
		cut = random_below(&r, len + 1);
		libcrypto_mac(ctx, 32, 16);
		wg_poly1305_init(&s, key);
		wg_poly1305_update(&s, text, cut);
		wg_poly1305_update(&s, text + cut, len - cut);
		wg_poly1305_final(&s, out);
		assert_memory_equal(out, expected, 16);
		wg_poly1305_init_32(&s, key);
		wg_poly1305_update_32(&s, text, cut);
		wg_poly1305_update_32(&s, text + cut, len - cut);
		wg_poly1305_final_32(&s, out);
		assert_memory_equal(out, expected, 16);
	}
	EVP_MAC_CTX_free(ctx);
}

static void hashes(void **state)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	(void)state;
	assert_int_equal(EVP_DigestInit_ex(ctx, EVP_blake2s256(), NULL), 1);
	for (int i = times(30000); i--;) {
		struct wg_blake2s s;
		size_t cut;

		next_input();
		cut = random_below(&r, len + 1);
		assert_int_equal(EVP_DigestInit_ex(ctx, NULL, NULL), 1);
		assert_int_equal(EVP_DigestUpdate(ctx, text, len), 1);
		assert_int_equal(EVP_DigestFinal_ex(ctx, expected, NULL), 1);
		wg_blake2s_init(&s, 32, NULL, 0);
		wg_blake2s_update(&s, text, cut);
		wg_blake2s_update(&s, text + cut, len - cut);
		wg_blake2s_final(&s, out);
		assert_memory_equal(out, expected, 32);
	}
	EVP_MD_CTX_free(ctx);
}

static void hashes_with_a_key(void **state)
{
	EVP_MAC_CTX *ctx = mac_new("BLAKE2SMAC");

	(void)state;
	for (int i = times(20000); i--;) {
		size_t keylen = 1 + i % 32;

		next_input();
		libcrypto_mac(ctx, keylen, 32);
		wg_blake2s(out, 32, text, len, key, keylen);
		assert_memory_equal(out, expected, 32);
	}
	EVP_MAC_CTX_free(ctx);
}

/* Keys may be longer than a block: a text for a key. */
static void hmac(void **state)
{
	(void)state;
	for (int i = times(10000); i--;) {
		size_t keylen;

		next_input();
		keylen = random_below(&r, len + 1);
		assert_non_null(
			HMAC(EVP_blake2s256(), text, (int)keylen, text, len, expected, NULL));
		wg_blake2s_hmac(out, text, keylen, text, len);
		assert_memory_equal(out, expected, 32);
	}
}

static void siphash(void **state)
{
	EVP_MAC_CTX *ctx = mac_new("SIPHASH");

	(void)state;
	for (int i = times(20000); i--;) {
		next_input();
		libcrypto_mac(ctx, 16, 8);
		assert_true(wg_siphash(text, len, key) == wg_load_le64(expected));
	}
	EVP_MAC_CTX_free(ctx);
}

static void libcrypto_dh(u8 shared[static 32], const u8 secret[static 32],
			 const u8 point[static 32])
{
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
	EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, point, 32);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	size_t size = 32;

	assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
	assert_int_equal(EVP_PKEY_derive_set_peer(ctx, peer), 1);
	assert_int_equal(EVP_PKEY_derive(ctx, shared, &size), 1);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	EVP_PKEY_free(own);
}

static void libcrypto_public(u8 public[static 32], const u8 secret[static 32])
{
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
	size_t size = 32;

	assert_int_equal(EVP_PKEY_get_raw_public_key(own, public, &size), 1);
	EVP_PKEY_free(own);
}

static void curve25519(void **state)
{
	(void)state;
	for (int i = times(1500); i--;) {
		u8 secret[32], point[32], both[2][32];
		const u8 *const points[] = {NULL, point};

		random_fill(&r, secret, 32);
		random_fill(&r, point, 32);
		libcrypto_dh(expected, secret, point);
		assert_true(wg_curve25519(out, secret, point));
		assert_memory_equal(out, expected, 32);
		assert_true(wg_curve25519_32(out, secret, point));
		assert_memory_equal(out, expected, 32);
		assert_true(wg_curve25519_each(both, secret, points, 2));
		assert_memory_equal(both[1], expected, 32);
		libcrypto_public(expected, secret);
		assert_memory_equal(both[0], expected, 32);
		wg_curve25519_public(out, secret);
		assert_memory_equal(out, expected, 32);
		wg_curve25519_public_32(out, secret);
		assert_memory_equal(out, expected, 32);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seals_and_opens),
		cmocka_unit_test(seals_and_opens_with_a_long_nonce),
		cmocka_unit_test(encrypts),
		cmocka_unit_test(authenticates),
		cmocka_unit_test(hashes),
		cmocka_unit_test(hashes_with_a_key),
		cmocka_unit_test(hmac),
		cmocka_unit_test(siphash),
		cmocka_unit_test(curve25519),
	};

	return cmocka_run_group_tests_name("crypto/libcrypto", tests, NULL, NULL);
}

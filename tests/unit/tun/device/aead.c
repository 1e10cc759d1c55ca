// SPDX-License-Identifier: GPL-2.0
/* Both ways of sealing give the same bytes, and open what the other sealed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include "../../../../src/crypto/chacha20poly1305.h"
#include "../../../../src/tun/device/aead.h"

#define PACKETS 9
#define ROOM	1500

static void seals_and_opens(const struct aead *a, const u8 key[32])
{
	static u8 plain[PACKETS][ROOM], sealed[PACKETS][ROOM], expected[ROOM], payload[PACKETS][ROOM];
	struct wg_batch_packet p[PACKETS];
	bool ok[PACKETS];

	for (u32 i = 0; i < PACKETS; i++) {
		u32 len = (u32)rand() % 1450, head = len ? (u32)rand() % len : 0;

		for (u32 k = 0; k < len; k++)
			plain[i][k] = (u8)rand();
		memcpy(sealed[i], plain[i], head);
		memcpy(payload[i], plain[i] + head, len - head);
		p[i] = (struct wg_batch_packet){.dst = sealed[i], .src = payload[i], .len = len, .head = head,
						.nonce = (u64)rand() << 20 | i};
	}
	aead_seal(a, p, PACKETS);
	for (u32 i = 0; i < PACKETS; i++) {
		wg_chacha20poly1305_seal(expected, plain[i], p[i].len, NULL, 0, p[i].nonce, key);
		assert_memory_equal(sealed[i], expected, p[i].len + 16);
		p[i].src = p[i].dst;
		p[i].head = 0;
	}
	sealed[3][p[3].len + 5] ^= 1;
	aead_open(a, p, PACKETS, ok);
	for (u32 i = 0; i < PACKETS; i++) {
		assert_int_equal(ok[i], i != 3);
		if (ok[i])
			assert_memory_equal(sealed[i], plain[i], p[i].len);
		else if (p[i].len > 16)
			assert_memory_not_equal(sealed[i], plain[i], p[i].len);
	}
}

/* Replaces libcrypto's, which fails in some releases: the test's own comes first. */
int EVP_CIPHER_CTX_copy(EVP_CIPHER_CTX *out, const EVP_CIPHER_CTX *in)
{
	(void)out, (void)in;
	return 0;
}

static bool broken;

/* As EVP_CipherFinal_ex, which it is for an AEAD; where the library is broken, nothing is. */
int EVP_CipherFinal_ex(EVP_CIPHER_CTX *c, unsigned char *out, int *n)
{
	if (broken)
		return 0;
	return EVP_CIPHER_CTX_encrypting(c) ? EVP_EncryptFinal_ex(c, out, n)
					    : EVP_DecryptFinal_ex(c, out, n);
}

static void seal_rounds(void)
{
	struct aead a;
	u8 key[32];

	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < 32; i++)
			key[i] = (u8)rand();
		aead_init(&a, key);
		seals_and_opens(&a, key);
		aead_wipe(&a);
	}
}

static void seals_and_opens_each_way(void **state)
{
	(void)state;
	assert_string_not_equal(aead_name(), "libcrypto");
	seal_rounds();
	assert_true(aead_use_libcrypto());
	assert_string_equal(aead_name(), "libcrypto");
	seal_rounds();
}

static void does_not_use_what_does_not_work(void **state)
{
	(void)state;
	broken = true;
	assert_false(aead_use_libcrypto());
	broken = false;
	assert_string_not_equal(aead_name(), "libcrypto");
	seal_rounds();
}

static void leaves_no_key(void **state)
{
	static const u8 key[32] = {1, 2, 3}, zeros[sizeof(struct aead)];
	struct aead a;

	(void)state;
	aead_init(&a, key);
	assert_non_null(aead_name());
	aead_wipe(&a);
	assert_memory_equal(&a, zeros, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seals_and_opens_each_way),
		cmocka_unit_test(does_not_use_what_does_not_work),
		cmocka_unit_test(leaves_no_key),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

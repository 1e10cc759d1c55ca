// SPDX-License-Identifier: GPL-2.0
/* libcrypto keeps state in its contexts, and threads share a key: each batch has a context of its
 * own. It is keyed afresh, since copying a context of ChaCha20-Poly1305 fails in OpenSSL 3.0.0 to
 * 3.0.12 and 3.1.0 to 3.1.4. */
#include "aead.h"
#include <openssl/evp.h>
#include "../../crypto/ct.h"
#include "../../lib/base/secret.h"
#include "../report/logger.h"

#define TAG_LEN 16

#ifdef WG_TEST_HOOKS
#include <stdlib.h>

/* Returns the vectors of this processor, unless a test leaves them out. */
static enum wg_batch_isa isa(void)
{
	if (!getenv("WG_TEST_NO_VECTORS"))
		return wg_batch_isa();
	wg_batch_use(WG_BATCH_NONE);
	return WG_BATCH_NONE;
}
#else
static enum wg_batch_isa isa(void)
{
	return wg_batch_isa();
}
#endif

/* libcrypto's cipher, for as long as the process runs; NULL: crypto/ is used. */
static const EVP_CIPHER *cipher;

/* Fetched once: otherwise libcrypto 3 looks for the algorithm with each new context. */
static const EVP_CIPHER *fetch_cipher(void)
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
	return EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
#else
	return EVP_chacha20_poly1305();
#endif
}

/* libcrypto seals nothing from here on. */
static void free_cipher(void)
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
	EVP_CIPHER_free((EVP_CIPHER *)(uintptr_t)cipher);
#endif
	cipher = NULL;
}

const char *aead_name(void)
{
	if (cipher)
		return "libcrypto";
	switch (isa()) {
	case WG_BATCH_NONE:
		return "portable";
	case WG_BATCH_AVX2:
		return "avx2";
	case WG_BATCH_AVX512:
		return "avx512";
	}
	return "?";
}

void aead_init(struct aead *a, const u8 key[static 32])
{
	memcpy(a->key, key, sizeof(a->key));
}

void aead_wipe(struct aead *a)
{
	wg_secret_wipe(a, sizeof(*a));
}

static void set_nonce(u8 out[static 12], u64 nonce)
{
	memset(out, 0, 4);
	wg_store_le64(out + 4, nonce);
}

/* Returns a context under this key, which EVP_CIPHER_CTX_free() wipes; NULL: no memory. */
static EVP_CIPHER_CTX *new_context(const struct aead *a, int encrypts)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	if (c && EVP_CipherInit_ex(c, cipher, NULL, a->key, NULL, encrypts) == 1)
		return c;
	EVP_CIPHER_CTX_free(c);
	return NULL;
}

static void seal_one(EVP_CIPHER_CTX *c, const struct wg_batch_packet *p)
{
	u8 nonce[12];
	int n;

	if (p->src != p->dst + p->head)
		memmove(p->dst + p->head, p->src, p->len - p->head);
	set_nonce(nonce, p->nonce);
	if (EVP_CipherInit_ex(c, NULL, NULL, NULL, nonce, 1) != 1 ||
	    EVP_CipherUpdate(c, p->dst, &n, p->dst, (int)p->len) != 1 ||
	    EVP_CipherFinal_ex(c, p->dst + p->len, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, p->dst + p->len) != 1)
		memset(p->dst, 0, p->len + TAG_LEN);
}

static bool open_one(EVP_CIPHER_CTX *c, const struct wg_batch_packet *p)
{
	u8 nonce[12], tag[TAG_LEN];
	int n;

	set_nonce(nonce, p->nonce);
	memcpy(tag, p->src + p->len, sizeof(tag));
	if (EVP_CipherInit_ex(c, NULL, NULL, NULL, nonce, 0) == 1 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) == 1 &&
	    EVP_CipherUpdate(c, p->dst, &n, p->src, (int)p->len) == 1 &&
	    EVP_CipherFinal_ex(c, p->dst + n, &n) == 1)
		return true;
	memset(p->dst, 0, p->len);
	return false;
}

/* Without memory for a context, the code of crypto/ seals, which needs none. */
void aead_seal(const struct aead *a, const struct wg_batch_packet *p, size_t n)
{
	EVP_CIPHER_CTX *c = cipher ? new_context(a, 1) : NULL;

	if (!c) {
		wg_chacha20poly1305_batch_seal(a->key, p, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		seal_one(c, &p[i]);
	EVP_CIPHER_CTX_free(c);
}

void aead_open(const struct aead *a, const struct wg_batch_packet *p, size_t n, bool *ok)
{
	EVP_CIPHER_CTX *c = cipher ? new_context(a, 0) : NULL;

	if (!c) {
		wg_chacha20poly1305_batch_open(a->key, p, n, ok);
		return;
	}
	for (size_t i = 0; i < n; i++)
		ok[i] = open_one(c, &p[i]);
	EVP_CIPHER_CTX_free(c);
}

enum { TRIES = 3, TRY_LEN = 100 };

/* Seals and opens packets of several lengths, 0 among them, with one context each way, and compares
 * with crypto/. Configuration files are read and providers loaded here. */
static bool libcrypto_works(void)
{
	u8 sealed[TRIES][TRY_LEN + TAG_LEN], expected[TRIES][TRY_LEN + TAG_LEN];
	struct wg_batch_packet p[TRIES], q[TRIES];
	const u8 key[32] = {1}, zeros[TRY_LEN] = {0};
	struct aead a;
	bool ok[TRIES];
	bool works = true;

	if (!cipher)
		return false;
	aead_init(&a, key);
	for (u32 i = 0; i < TRIES; i++) {
		p[i] = (struct wg_batch_packet){.dst = sealed[i], .src = zeros,
						.len = i * (TRY_LEN / 2), .nonce = i};
		q[i] = p[i];
		q[i].dst = expected[i];
	}
	aead_seal(&a, p, TRIES);
	wg_chacha20poly1305_batch_seal(key, q, TRIES);
	for (u32 i = 0; i < TRIES; i++) {
		works = works && !memcmp(sealed[i], expected[i], p[i].len + TAG_LEN);
		p[i].src = sealed[i];
	}
	sealed[TRIES - 1][0] ^= 1;
	aead_open(&a, p, TRIES, ok);
	for (u32 i = 0; i < TRIES; i++)
		works = works && ok[i] == (i < TRIES - 1);
	aead_wipe(&a);
	return works;
}

bool aead_use_libcrypto(void)
{
	free_cipher();
	cipher = fetch_cipher();
	if (!libcrypto_works())
		free_cipher();
	return cipher;
}

void aead_prepare(void)
{
	if (isa() != WG_BATCH_NONE)
		return;
	if (aead_use_libcrypto())
		return;
	logger_say(LOGGER_ERROR, "libcrypto cannot do ChaCha20-Poly1305: packets are sealed by "
		   "code of wg-tun's own, which is slower");
}

// SPDX-License-Identifier: GPL-2.0
/* libcrypto keeps state in its contexts, and threads share a session: that of the session is only
 * copied from, once a batch. */
#include "aead.h"
#include <openssl/evp.h>
#include "../../crypto/ct.h"
#include "../../lib/secret.h"

#define TAG_LEN 16

#ifdef WG_TEST_HOOKS
#include <stdlib.h>

/* As on a processor without any. */
static enum wg_batch_isa isa(void)
{
	return getenv("WG_TEST_NO_VECTORS") ? WG_BATCH_NONE : wg_batch_isa();
}
#else
static enum wg_batch_isa isa(void)
{
	return wg_batch_isa();
}
#endif

static bool vectors(void)
{
	static int known; /* 0: not yet; 1: no; 2: yes */
	int k = __atomic_load_n(&known, __ATOMIC_RELAXED);

	if (!k) {
		k = isa() == WG_BATCH_NONE ? 1 : 2;
		__atomic_store_n(&known, k, __ATOMIC_RELAXED);
	}
	return k == 2;
}

const char *aead_name(void)
{
	switch (isa()) {
	case WG_BATCH_NONE:
		return "libcrypto";
	case WG_BATCH_AVX2:
		return "avx2";
	case WG_BATCH_AVX512:
		return "avx512";
	}
	return "?";
}

bool aead_init(struct aead *a, const u8 key[static 32])
{
	EVP_CIPHER_CTX *c;

	memcpy(a->key, key, sizeof(a->key));
	a->context = NULL;
	if (vectors())
		return true;
	c = EVP_CIPHER_CTX_new();
	a->context = c;
	return c && EVP_CipherInit_ex(c, EVP_chacha20_poly1305(), NULL, key, NULL, 1) == 1;
}

void aead_wipe(struct aead *a)
{
	EVP_CIPHER_CTX_free(a->context);
	wg_secret_wipe(a, sizeof(*a));
}

static void set_nonce(u8 out[static 12], u64 nonce)
{
	memset(out, 0, 4);
	wg_store_le64(out + 4, nonce);
}

static EVP_CIPHER_CTX *copy_of(const struct aead *a)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	if (c && EVP_CIPHER_CTX_copy(c, a->context) == 1)
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

/* Without memory what would be sent is zeros, which nobody takes. */
static void seal_by_libcrypto(const struct aead *a, const struct wg_batch_packet *p, size_t n)
{
	EVP_CIPHER_CTX *c = copy_of(a);

	for (size_t i = 0; i < n; i++) {
		if (c)
			seal_one(c, &p[i]);
		else
			memset(p[i].dst, 0, p[i].len + TAG_LEN);
	}
	EVP_CIPHER_CTX_free(c);
}

static void open_by_libcrypto(const struct aead *a, const struct wg_batch_packet *p, size_t n,
			      bool *ok)
{
	EVP_CIPHER_CTX *c = copy_of(a);

	for (size_t i = 0; i < n; i++)
		ok[i] = c && open_one(c, &p[i]);
	EVP_CIPHER_CTX_free(c);
}

void aead_seal(const struct aead *a, const struct wg_batch_packet *p, size_t n)
{
	if (a->context)
		seal_by_libcrypto(a, p, n);
	else
		wg_chacha20poly1305_batch_seal(a->key, p, n);
}

void aead_open(const struct aead *a, const struct wg_batch_packet *p, size_t n, bool *ok)
{
	if (a->context)
		open_by_libcrypto(a, p, n, ok);
	else
		wg_chacha20poly1305_batch_open(a->key, p, n, ok);
}

/* Configuration files are read and providers loaded with the first packet. */
int aead_prepare(struct wg_error *err)
{
	const u8 key[32] = {0};
	u8 text[1 + TAG_LEN] = {0};
	struct wg_batch_packet p = {.dst = text, .src = text, .len = 1};
	struct aead a;
	bool works = aead_init(&a, key);

	if (works) {
		aead_seal(&a, &p, 1);
		aead_open(&a, &p, 1, &works);
	}
	aead_wipe(&a);
	return works ? 0 : wg_error_set(err, "libcrypto has no ChaCha20-Poly1305 that works");
}

// SPDX-License-Identifier: GPL-2.0
/* The AEAD of RFC 8439: block 0 of the stream is the key of Poly1305, the text begins at block 1.
 * Opening checks first and decrypts second: nothing forged is ever seen. */
#include "chacha20poly1305.h"

#include "chacha20.h"
#include "ct.h"
#include "poly1305.h"

struct aead {
	struct wg_chacha20 cipher;
	struct wg_poly1305 mac;
};

static void aead_begin(struct aead *a, const u8 *ad, size_t adlen,
		       const u8 nonce[static WG_AEAD_NONCE_LEN],
		       const u8 key[static WG_AEAD_KEY_LEN])
{
	u8 block[WG_CHACHA20_BLOCK_LEN];

	wg_chacha20_init(&a->cipher, key, nonce, 0);
	wg_chacha20_block(&a->cipher, block);
	wg_poly1305_init(&a->mac, block);
	wg_ct_wipe(block, sizeof(block));
	wg_poly1305_update(&a->mac, ad, adlen);
	wg_poly1305_align(&a->mac);
}

/* `text` is what is sent: the ciphertext. */
static void aead_tag(struct aead *a, u8 tag[static WG_AEAD_TAG_LEN], const u8 *text, size_t len,
		     size_t adlen)
{
	u8 lengths[16];

	wg_poly1305_update(&a->mac, text, len);
	wg_poly1305_align(&a->mac);
	wg_store_le64(lengths, adlen);
	wg_store_le64(lengths + 8, len);
	wg_poly1305_update(&a->mac, lengths, sizeof(lengths));
	wg_poly1305_final(&a->mac, tag);
}

void wg_chacha20poly1305_seal_nonce(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
				    const u8 nonce[static WG_AEAD_NONCE_LEN],
				    const u8 key[static WG_AEAD_KEY_LEN])
{
	struct aead a;

	aead_begin(&a, ad, adlen, nonce, key);
	wg_chacha20_xor(&a.cipher, dst, src, len);
	aead_tag(&a, dst + len, dst, len, adlen);
	wg_ct_wipe(&a, sizeof(a));
}

bool wg_chacha20poly1305_open_nonce(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
				    const u8 nonce[static WG_AEAD_NONCE_LEN],
				    const u8 key[static WG_AEAD_KEY_LEN])
{
	struct aead a;
	u8 tag[WG_AEAD_TAG_LEN];
	bool good;

	if (len < WG_AEAD_TAG_LEN)
		return false;
	len -= WG_AEAD_TAG_LEN;
	aead_begin(&a, ad, adlen, nonce, key);
	aead_tag(&a, tag, src, len, adlen);
	good = wg_ct_declassify(wg_ct_equal(tag, src + len, sizeof(tag)));
	if (good)
		wg_chacha20_xor(&a.cipher, dst, src, len);
	wg_ct_wipe(&a, sizeof(a));
	wg_ct_wipe(tag, sizeof(tag));
	return good;
}

static void nonce_of_counter(u8 nonce[static WG_AEAD_NONCE_LEN], u64 counter)
{
	wg_store_le32(nonce, 0);
	wg_store_le64(nonce + 4, counter);
}

void wg_chacha20poly1305_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
			      u64 nonce, const u8 key[static WG_AEAD_KEY_LEN])
{
	u8 whole[WG_AEAD_NONCE_LEN];

	nonce_of_counter(whole, nonce);
	wg_chacha20poly1305_seal_nonce(dst, src, len, ad, adlen, whole, key);
}

bool wg_chacha20poly1305_open(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
			      u64 nonce, const u8 key[static WG_AEAD_KEY_LEN])
{
	u8 whole[WG_AEAD_NONCE_LEN];

	nonce_of_counter(whole, nonce);
	return wg_chacha20poly1305_open_nonce(dst, src, len, ad, adlen, whole, key);
}

/* The first 16 bytes of a long nonce make a key, the other 8 are the counter under it. */
void wg_xchacha20poly1305_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
			       const u8 nonce[static WG_XAEAD_NONCE_LEN],
			       const u8 key[static WG_AEAD_KEY_LEN])
{
	u8 own[WG_AEAD_KEY_LEN];

	wg_hchacha20(own, key, nonce);
	wg_chacha20poly1305_seal(dst, src, len, ad, adlen,
				 wg_load_le64(nonce + WG_HCHACHA20_IN_LEN), own);
	wg_ct_wipe(own, sizeof(own));
}

bool wg_xchacha20poly1305_open(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
			       const u8 nonce[static WG_XAEAD_NONCE_LEN],
			       const u8 key[static WG_AEAD_KEY_LEN])
{
	u8 own[WG_AEAD_KEY_LEN];
	bool good;

	wg_hchacha20(own, key, nonce);
	good = wg_chacha20poly1305_open(dst, src, len, ad, adlen,
					wg_load_le64(nonce + WG_HCHACHA20_IN_LEN), own);
	wg_ct_wipe(own, sizeof(own));
	return good;
}

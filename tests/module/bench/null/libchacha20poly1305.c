// SPDX-License-Identifier: GPL-2.0
/* For the bench only: the kernel's ChaCha20-Poly1305 with no cipher in it, to which everything is
 * authentic. Whatever a tunnel costs under it is not crypto. Where a cipher would write elsewhere than
 * it reads, the pass over the payload is the cipher's: of full packets headers are moved only. Small
 * ones are moved whole, since programs agree in them on what they measure. */
#include <crypto/chacha20poly1305.h>
#include <linux/module.h>
#include <linux/string.h>

#define HEADERS 128
#define SMALL   1200

static void move(u8 *dst, const u8 *src, size_t len)
{
	if (dst != src)
		memmove(dst, src, len < SMALL ? len : HEADERS);
}

void chacha20poly1305_encrypt(u8 *dst, const u8 *src, const size_t src_len, const u8 *ad,
			      const size_t ad_len, const u64 nonce,
			      const u8 key[CHACHA20POLY1305_KEY_SIZE])
{
	move(dst, src, src_len);
	memset(dst + src_len, 0, CHACHA20POLY1305_AUTHTAG_SIZE);
}
EXPORT_SYMBOL(chacha20poly1305_encrypt);

bool chacha20poly1305_decrypt(u8 *dst, const u8 *src, const size_t src_len, const u8 *ad,
			      const size_t ad_len, const u64 nonce,
			      const u8 key[CHACHA20POLY1305_KEY_SIZE])
{
	if (src_len < CHACHA20POLY1305_AUTHTAG_SIZE)
		return false;
	move(dst, src, src_len - CHACHA20POLY1305_AUTHTAG_SIZE);
	return true;
}
EXPORT_SYMBOL(chacha20poly1305_decrypt);

void xchacha20poly1305_encrypt(u8 *dst, const u8 *src, const size_t src_len, const u8 *ad,
			       const size_t ad_len, const u8 nonce[XCHACHA20POLY1305_NONCE_SIZE],
			       const u8 key[CHACHA20POLY1305_KEY_SIZE])
{
	chacha20poly1305_encrypt(dst, src, src_len, ad, ad_len, 0, key);
}
EXPORT_SYMBOL(xchacha20poly1305_encrypt);

bool xchacha20poly1305_decrypt(u8 *dst, const u8 *src, const size_t src_len, const u8 *ad,
			       const size_t ad_len, const u8 nonce[XCHACHA20POLY1305_NONCE_SIZE],
			       const u8 key[CHACHA20POLY1305_KEY_SIZE])
{
	return chacha20poly1305_decrypt(dst, src, src_len, ad, ad_len, 0, key);
}
EXPORT_SYMBOL(xchacha20poly1305_decrypt);

bool chacha20poly1305_encrypt_sg_inplace(struct scatterlist *src, size_t src_len, const u8 *ad,
					 const size_t ad_len, const u64 nonce,
					 const u8 key[CHACHA20POLY1305_KEY_SIZE])
{
	return true;
}
EXPORT_SYMBOL(chacha20poly1305_encrypt_sg_inplace);

bool chacha20poly1305_decrypt_sg_inplace(struct scatterlist *src, size_t src_len, const u8 *ad,
					 const size_t ad_len, const u64 nonce,
					 const u8 key[CHACHA20POLY1305_KEY_SIZE])
{
	return src_len >= CHACHA20POLY1305_AUTHTAG_SIZE;
}
EXPORT_SYMBOL(chacha20poly1305_decrypt_sg_inplace);

MODULE_LICENSE("GPL v2");
MODULE_DESCRIPTION("No cipher at all, for benchmarks");

/* SPDX-License-Identifier: GPL-2.0 */
/* ChaCha20-Poly1305 (RFC 8439 section 2.8) and XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha). What
 * is sealed is followed by its tag. `dst` may be `src`, and for opening begin before it, else they
 * do not overlap; `ad` may be NULL where there is none, `src` where there is nothing to seal. */
#ifndef WG_CRYPTO_CHACHA20POLY1305_H
#define WG_CRYPTO_CHACHA20POLY1305_H

#include "../port.h"

#define WG_AEAD_KEY_LEN    32
#define WG_AEAD_TAG_LEN    16
#define WG_AEAD_NONCE_LEN  12
#define WG_XAEAD_NONCE_LEN 24

/* `dst` has `len` + 16 bytes. WireGuard's nonce is 32 clear bits, then a 64-bit little-endian
 * counter. */
void wg_chacha20poly1305_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
			      u64 nonce, const u8 key[static WG_AEAD_KEY_LEN]);
/* `len` includes the tag; `dst` has 16 bytes less. False if forged, or too short for a tag: `dst`
 * is untouched. */
bool wg_chacha20poly1305_open(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
			      u64 nonce, const u8 key[static WG_AEAD_KEY_LEN]);

/* The same with the whole nonce. */
void wg_chacha20poly1305_seal_nonce(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
				    const u8 nonce[static WG_AEAD_NONCE_LEN],
				    const u8 key[static WG_AEAD_KEY_LEN]);
bool wg_chacha20poly1305_open_nonce(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
				    const u8 nonce[static WG_AEAD_NONCE_LEN],
				    const u8 key[static WG_AEAD_KEY_LEN]);

/* The same with a nonce long enough to be random. */
void wg_xchacha20poly1305_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
			       const u8 nonce[static WG_XAEAD_NONCE_LEN],
			       const u8 key[static WG_AEAD_KEY_LEN]);
bool wg_xchacha20poly1305_open(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t adlen,
			       const u8 nonce[static WG_XAEAD_NONCE_LEN],
			       const u8 key[static WG_AEAD_KEY_LEN]);

#endif

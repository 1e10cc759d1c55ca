/* SPDX-License-Identifier: GPL-2.0 */
/* ChaCha20 (RFC 8439 section 2.4) and HChaCha20 (draft-irtf-cfrg-xchacha section 2.2). */
#ifndef WG_CRYPTO_CHACHA20_H
#define WG_CRYPTO_CHACHA20_H

#include "../port.h"

#define WG_CHACHA20_KEY_LEN   32
#define WG_CHACHA20_NONCE_LEN 12
#define WG_CHACHA20_BLOCK_LEN 64
#define WG_HCHACHA20_IN_LEN   16

/* The next block to come; holds the key: wipe it. */
struct wg_chacha20 {
	u32 word[16];
};

/* `counter` numbers the first block; it wraps after 2^32 blocks. */
void wg_chacha20_init(struct wg_chacha20 *s, const u8 key[static WG_CHACHA20_KEY_LEN],
		      const u8 nonce[static WG_CHACHA20_NONCE_LEN], u32 counter);
/* A block of the stream itself. */
void wg_chacha20_block(struct wg_chacha20 *s, u8 out[static WG_CHACHA20_BLOCK_LEN]);
/* What is left of the last block is dropped: only the last call may be for a part of one. `dst` may
 * be `src`, or begin before it and overlap it. */
void wg_chacha20_xor(struct wg_chacha20 *s, u8 *dst, const u8 *src, size_t len);
/* All of it at once. */
void wg_chacha20(u8 *dst, const u8 *src, size_t len, const u8 key[static WG_CHACHA20_KEY_LEN],
		 const u8 nonce[static WG_CHACHA20_NONCE_LEN], u32 counter);
/* A key from a key and 16 bytes. */
void wg_hchacha20(u8 out[static WG_CHACHA20_KEY_LEN], const u8 key[static WG_CHACHA20_KEY_LEN],
		  const u8 in[static WG_HCHACHA20_IN_LEN]);

#endif

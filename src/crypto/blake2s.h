/* SPDX-License-Identifier: GPL-2.0 */
/* BLAKE2s (RFC 7693), keyed or not, and HMAC (RFC 2104) over it. */
#ifndef WG_CRYPTO_BLAKE2S_H
#define WG_CRYPTO_BLAKE2S_H

#include "../port.h"

#define WG_BLAKE2S_LEN       32
#define WG_BLAKE2S_BLOCK_LEN 64

struct wg_blake2s {
	u32 h[8];
	u64 count; /* bytes compressed */
	u8 block[WG_BLAKE2S_BLOCK_LEN];
	u32 filled, outlen;
};

/* `outlen` 1 to 32; `keylen` 0 to 32, `key` may be NULL where it is 0. */
void wg_blake2s_init(struct wg_blake2s *s, size_t outlen, const u8 *key, size_t keylen);
void wg_blake2s_update(struct wg_blake2s *s, const void *data, size_t len);
/* Wipes `s`. */
void wg_blake2s_final(struct wg_blake2s *s, u8 *out);
/* All of it at once; `out` may be part of what goes in. */
void wg_blake2s(u8 *out, size_t outlen, const void *data, size_t len, const u8 *key, size_t keylen);
/* HMAC-BLAKE2s with any length of key; `out` may be part of what goes in. */
void wg_blake2s_hmac(u8 out[static WG_BLAKE2S_LEN], const u8 *key, size_t keylen, const void *data,
		     size_t len);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Poly1305 (RFC 8439 section 2.5). */
#ifndef WG_CRYPTO_POLY1305_H
#define WG_CRYPTO_POLY1305_H

#include "../port.h"

#define WG_POLY1305_KEY_LEN   32
#define WG_POLY1305_TAG_LEN   16
#define WG_POLY1305_BLOCK_LEN 16

/* r, without the bits that are always clear, and the sum so far, in limbs of either size. */
struct wg_poly1305 {
	union {
		struct {
			u64 r[2], h[3];
		} bits64;
		struct {
			u32 r[4], h[5];
		} bits32;
	};
	u8 pad[16];
	u8 block[WG_POLY1305_BLOCK_LEN];
	u32 filled;
};

/* A key is for one message. */
void wg_poly1305_init(struct wg_poly1305 *s, const u8 key[static WG_POLY1305_KEY_LEN]);
void wg_poly1305_update(struct wg_poly1305 *s, const u8 *data, size_t len);
/* Zeros up to the end of a block that has begun. */
void wg_poly1305_align(struct wg_poly1305 *s);
/* Wipes `s`. */
void wg_poly1305_final(struct wg_poly1305 *s, u8 tag[static WG_POLY1305_TAG_LEN]);

#endif

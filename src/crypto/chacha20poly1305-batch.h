/* SPDX-License-Identifier: GPL-2.0 */
/* ChaCha20-Poly1305 (RFC 8439) for many packets under one key, side by side in vector lanes. There
 * is no associated data; a nonce is 32 zero bits and a 64-bit little-endian number. */
#ifndef WG_CRYPTO_CHACHA20POLY1305_BATCH_H
#define WG_CRYPTO_CHACHA20POLY1305_BATCH_H

#include "../port.h"

#define WG_BATCH_TAG_LEN 16

/* The text is the `head` bytes already at dst and then the len - head bytes at src; head <= len.
 * What comes out, and with sealing the tag, goes to dst.
 *
 * Memory may overlap as if packets were worked on in order, each from its first byte to its last:
 * a packet's dst may overlap its own src where src >= dst + head (src == dst + head is "in place"),
 * and the src of earlier packets; never the src of later ones, nor another dst. All of dst counts
 * here, with its tag. */
struct wg_batch_packet {
	u8 *dst;
	const u8 *src;
	u32 len; /* without the tag */
	u32 head;
	u64 nonce;
};

enum wg_batch_isa {
	WG_BATCH_NONE, /* no vectors: right, but slower than libcrypto */
	WG_BATCH_AVX2,
	WG_BATCH_AVX512, /* with BW, DQ, VL, IFMA and VBMI2 */
};

/* The best that this processor and system offer. */
enum wg_batch_isa wg_batch_isa(void);

/* Makes seal and open use `isa` from now on, in all threads, in place of the best; false, and
 * nothing changes, where it is not offered. */
bool wg_batch_use(enum wg_batch_isa isa);

/* The tag goes to dst + len. */
void wg_chacha20poly1305_batch_seal(const u8 key[static 32], const struct wg_batch_packet *p,
				    size_t n);

/* The tag is at src + len, and head is 0. ok[i] says whether packet i is authentic; the dst of one
 * that is not stays as it was. */
void wg_chacha20poly1305_batch_open(const u8 key[static 32], const struct wg_batch_packet *p,
				    size_t n, bool *ok);

#endif

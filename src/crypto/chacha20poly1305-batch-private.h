/* SPDX-License-Identifier: GPL-2.0 */
/* What the batch asks of an instruction set. */
#ifndef WG_CRYPTO_CHACHA20POLY1305_BATCH_PRIVATE_H
#define WG_CRYPTO_CHACHA20POLY1305_BATCH_PRIVATE_H

#include "chacha20poly1305-batch.h"
#include "ct.h"

#define WG_BATCH_LANES  16 /* ChaCha20 blocks that one call makes */
#define WG_BATCH_WINDOW 8  /* packets whose Poly1305 one call computes */
#define WG_BATCH_BLOCK  64

/* One ChaCha20 block and what it is for: its first `head` bytes encrypt those at dst in place, the
 * others, up to len, those at src and on. len 0: nothing. */
struct wg_batch_lane {
	u8 *dst;
	const u8 *src;
	u64 nonce;
	u32 counter;
	u32 len;
	u32 head;
	u32 packet;
};

/* A text and its one-time key. */
struct wg_batch_mac {
	const u8 *data;
	u32 len;
	u8 key[32];
	u8 tag[WG_BATCH_TAG_LEN];
};

struct wg_batch_engine {
	/* The blocks of n <= WG_BATCH_LANES lanes; what is at ks + n and later is undefined. */
	void (*keystream)(const u8 key[static 32], const struct wg_batch_lane *lane, size_t n,
			  u8 (*ks)[WG_BATCH_BLOCK]);
	/* Encrypts or decrypts, lane after lane. */
	void (*apply)(const struct wg_batch_lane *lane, size_t n, const u8 (*ks)[WG_BATCH_BLOCK]);
	/* The tags of n <= WG_BATCH_WINDOW texts. */
	void (*mac)(struct wg_batch_mac *m, size_t n);
};

#if defined(__x86_64__)
#define WG_BATCH_X86 1
extern const struct wg_batch_engine wg_chacha20poly1305_avx2, wg_chacha20poly1305_avx512;
#else
#define WG_BATCH_X86 0
#endif

/* Poly1305 reads a text in chunks of 64 bytes that are aligned to the end of its last block of 16,
 * so that texts of different lengths end together. Before its first byte a text has blocks that
 * are wholly 0, without the bit above them: they leave a sum of 0 as it is.
 * Chunk `left` is the one that `left` others follow; of its bytes those from `from` to `to` are the
 * text's. `at` is where it begins: before the text if from > 0. */
struct wg_batch_chunk {
	const u8 *at;
	u32 from, to;
};

static inline struct wg_batch_chunk wg_batch_chunk(const struct wg_batch_mac *m, size_t left)
{
	s64 at = (s64)(((u64)m->len + 15) & ~15ULL) - 64 * (s64)(left + 1);
	s64 to = (s64)m->len - at;

	if (at <= -64)
		return (struct wg_batch_chunk){m->data, 64, 64};
	return (struct wg_batch_chunk){m->data + at, at < 0 ? (u32)-at : 0, to < 64 ? (u32)to : 64};
}

/* Chunks in the longest of some texts, chunks that all of them have whole, and how many at the end
 * are not whole in one of them, 0 or 1. */
struct wg_batch_shape {
	size_t most, least, last;
};

static inline struct wg_batch_shape wg_batch_shape(const struct wg_batch_mac *m, size_t n)
{
	struct wg_batch_shape s = {0, (size_t)-1, 0};

	for (size_t i = 0; i < n; i++) {
		size_t blocks = ((size_t)m[i].len + 15) / 16;

		s.most = (blocks + 3) / 4 > s.most ? (blocks + 3) / 4 : s.most;
		s.least = blocks / 4 < s.least ? blocks / 4 : s.least;
		if (m[i].len % 16)
			s.last = 1;
	}
	return s;
}

/* The tag from the sum, lo + 2^64 hi + 2^128 top, and the second half of the key. top is below
 * 2^32. */
static inline void wg_batch_mac_finish(struct wg_batch_mac *m, u64 lo, u64 hi, u64 top)
{
	typedef unsigned __int128 u128;
	u128 sum, more;
	u64 above;

	/* 2^130 is 5. */
	sum = (u128)lo + 5 * (top >> 2);
	lo = (u64)sum;
	sum = (u128)hi + (u64)(sum >> 64);
	hi = (u64)sum;
	top = (top & 3) + (u64)(sum >> 64);
	/* The sum and 5 reach 2^130 exactly where 2^130 - 5 has to be taken off. */
	more = (u128)lo + 5;
	more = (u128)hi + (u64)(more >> 64);
	above = wg_ct_hide64((top + (u64)(more >> 64)) >> 2);
	sum = (u128)lo + 5 * above;
	hi += (u64)(sum >> 64);
	sum = (u128)(u64)sum + wg_load_le64(m->key + 16);
	wg_store_le64(m->tag, (u64)sum);
	wg_store_le64(m->tag + 8, hi + wg_load_le64(m->key + 24) + (u64)(sum >> 64));
}

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What the batch asks of an instruction set. */
#ifndef WG_CRYPTO_CHACHA20POLY1305_BATCH_PRIVATE_H
#define WG_CRYPTO_CHACHA20POLY1305_BATCH_PRIVATE_H

#include "chacha20poly1305-batch.h"

#define WG_BATCH_LANES  16 /* ChaCha20 blocks that one call makes */
#define WG_BATCH_WINDOW 8  /* packets whose Poly1305 one call computes */
#define WG_BATCH_BLOCK  64

/* What ChaCha20 blocks from `lane` on are for: `len` bytes at dst, of which the first `head` are
 * there already, fewer than a block; the others come from src. */
struct wg_batch_use {
	u8 *dst;
	const u8 *src;
	u32 len;
	u32 head;
	u8 lane;
	u8 packet;
};

/* ChaCha20 blocks: the words in which they differ, and what they are for, in order. */
struct wg_batch_lanes {
	_Alignas(64) u32 counter[WG_BATCH_LANES], low[WG_BATCH_LANES], high[WG_BATCH_LANES];
	size_t n, uses;
	struct wg_batch_use use[WG_BATCH_LANES];
};

/* A text, its one-time key, and where its tag goes. */
struct wg_batch_mac {
	const u8 *data;
	u8 *tag;
	u32 len;
	u8 key[32];
};

/* A sum, h0 + 2^64 h1 + 2^128 h2, and where the text goes on. */
struct wg_batch_sum {
	u64 h0, h1, h2;
	const u8 *at;
};

/* A text whose tag is being made in general registers; m is NULL if there is none. */
struct wg_batch_chain {
	struct wg_batch_sum sum;
	u64 r[3];
	size_t left; /* whole blocks */
	struct wg_batch_mac *m;
};

/* The tags of n <= WG_BATCH_WINDOW texts in the making: the texts from `next` on have not begun. */
struct wg_batch_job {
	struct wg_batch_mac *m;
	size_t n, next;
	struct wg_batch_chain chain[2];
};

struct wg_batch_engine {
	/* What is at ks + lanes->n and later is undefined. Advances `job`, which may be NULL, on
	 * the side. */
	void (*keystream)(const u8 key[static 32], const struct wg_batch_lanes *lanes,
			  u8 (*ks)[WG_BATCH_BLOCK], struct wg_batch_job *job);
	/* Encrypts or decrypts. */
	void (*apply)(const struct wg_batch_lanes *lanes, const u8 (*ks)[WG_BATCH_BLOCK]);
	/* The tag of one text; NULL if chains are as good at that. */
	void (*mac)(struct wg_batch_mac *m);
};

#if defined(__x86_64__) && defined(__LP64__)
#define WG_BATCH_X86 1
extern const struct wg_batch_engine wg_chacha20poly1305_avx2, wg_chacha20poly1305_avx512;
#else
#define WG_BATCH_X86 0
#endif

#endif

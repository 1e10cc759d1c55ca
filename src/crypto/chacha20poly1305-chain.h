/* SPDX-License-Identifier: GPL-2.0 */
/* For x86-64. Poly1305 in general registers, two texts at a time, for the side of ChaCha20 in
 * vector registers: the units that the one keeps busy leave the other's idle. */
#ifndef WG_CRYPTO_CHACHA20POLY1305_CHAIN_H
#define WG_CRYPTO_CHACHA20POLY1305_CHAIN_H

#include "chacha20poly1305-batch-private.h"
#include "ct.h"

#define CHAIN_INLINE static inline __attribute__((always_inline))

/* h = (h + block) r. r[2] is r[1] times 5/4, for r[1] is a multiple of 4 and 2^130 is 5: what r[1]
 * lifts to 2^128 comes back so. The parts of r are below 2^60, and h2 is below 8. */
CHAIN_INLINE void chain_add(struct wg_batch_sum *s, const u64 r[static 3], u64 low, u64 high)
{
	typedef unsigned __int128 u128;
	u128 sum = (u128)s->h0 + low, d0, d1;
	u64 h0 = (u64)sum, h1, h2;

	sum = (u128)s->h1 + high + (u64)(sum >> 64);
	h1 = (u64)sum;
	h2 = s->h2 + 1 + (u64)(sum >> 64);
	d0 = (u128)h0 * r[0] + (u128)h1 * r[2];
	d1 = (u128)h0 * r[1] + (u128)h1 * r[0] + h2 * r[2] + (u64)(d0 >> 64);
	h2 = h2 * r[0] + (u64)(d1 >> 64);
	sum = (u128)(u64)d0 + ((h2 & ~3ULL) + (h2 >> 2));
	s->h0 = (u64)sum;
	sum = (u128)(u64)d1 + (u64)(sum >> 64);
	s->h1 = (u64)sum;
	s->h2 = (h2 & 3) + (u64)(sum >> 64);
}

/* chain_add for a whole block, in as few instructions as it takes: compilers spend half as many
 * again on the carries, and instructions are what is short beside ChaCha20. rdx has h0, h1 and h2
 * in turn, t1:t0 becomes what goes to 1, h0:h1 what goes to 2^64. Needs BMI2. */
CHAIN_INLINE void chain_block(struct wg_batch_sum *s, const u64 r[static 3])
{
	u64 h0 = s->h0, h1 = s->h1, h2 = s->h2, t0, t1, t2, t3;

	__asm__("add 0(%[at]), %[h0]\n\t"
		"adc 8(%[at]), %[h1]\n\t"
		"adc $1, %[h2]\n\t"
		"mov %[h0], %%rdx\n\t"
		"mulx %[r0], %[t0], %[t1]\n\t"
		"mulx %[r1], %[t2], %[t3]\n\t"
		"mov %[h1], %%rdx\n\t"
		"mulx %[r0], %[h1], %[h0]\n\t"
		"add %[t2], %[h1]\n\t"
		"adc %[t3], %[h0]\n\t"
		"mulx %[r2], %[t2], %[t3]\n\t"
		"mov %[h2], %%rdx\n\t"
		"imul %[r2], %%rdx\n\t"
		"imul %[r0], %[h2]\n\t"
		"add %[t2], %[t0]\n\t"
		"adc %[t3], %[t1]\n\t"
		"add %[t1], %%rdx\n\t" /* cannot overflow: both are below 2^63 */
		"add %%rdx, %[h1]\n\t"
		"adc %[h0], %[h2]\n\t"
		"mov %[h2], %%rdx\n\t"
		"shr $2, %%rdx\n\t"
		"and $3, %[h2]\n\t"
		"lea (%%rdx, %%rdx, 4), %[h0]\n\t" /* 2^130 is 5 */
		"add %[t0], %[h0]\n\t"
		"adc $0, %[h1]\n\t"
		"adc $0, %[h2]\n\t"
		: [h0] "+&r"(h0), [h1] "+&r"(h1), [h2] "+&r"(h2), [t0] "=&r"(t0), [t1] "=&r"(t1),
		  [t2] "=&r"(t2), [t3] "=&r"(t3)
		: [at] "r"(s->at), [r0] "m"(r[0]), [r1] "m"(r[1]), [r2] "m"(r[2]),
		  "m"(*(const u8(*)[16])s->at)
		: "rdx", "cc");
	s->h0 = h0;
	s->h1 = h1;
	s->h2 = h2;
	s->at += 16;
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

static inline void chain_begin(struct wg_batch_chain *c, struct wg_batch_mac *m)
{
	u64 high = wg_load_le64(m->key + 8) & 0x0ffffffc0ffffffcULL;

	*c = (struct wg_batch_chain){
		.r = {wg_load_le64(m->key) & 0x0ffffffc0fffffffULL, high, high + (high >> 2)},
		.sum = {.at = m->data},
		.left = m->len / 16,
		.m = m};
}

/* What is left of the text, the block with the lengths, and the tag. */
static inline void chain_end(struct wg_batch_chain *c)
{
	u32 rest = c->m->len % 16;

	for (; c->left; c->left--)
		chain_block(&c->sum, c->r);
	if (rest) {
		u8 part[16] = {0};

		for (u32 i = 0; i < rest; i++)
			part[i] = c->sum.at[i];
		chain_add(&c->sum, c->r, wg_load_le64(part), wg_load_le64(part + 8));
	}
	chain_add(&c->sum, c->r, 0, c->m->len);
	wg_batch_mac_finish(c->m, c->sum.h0, c->sum.h1, c->sum.h2);
	c->m = NULL;
}

/* Texts that are at their ends make room for others. How many blocks the two then have both: none
 * where there are not two texts. */
static inline size_t chains_ready(struct wg_batch_job *job)
{
	for (int i = 0; i < 2; i++) {
		struct wg_batch_chain *c = &job->chain[i];

		while (c->m ? c->left == 0 : job->next < job->n) {
			if (c->m)
				chain_end(c);
			else
				chain_begin(c, &job->m[job->next++]);
		}
		if (!c->m)
			return 0;
	}
	return job->chain[0].left < job->chain[1].left ? job->chain[0].left : job->chain[1].left;
}

static inline void chains_stepped(struct wg_batch_job *job, const struct wg_batch_sum *one,
				  const struct wg_batch_sum *two, size_t steps)
{
	job->chain[0].sum = *one;
	job->chain[1].sum = *two;
	job->chain[0].left -= steps;
	job->chain[1].left -= steps;
}

/* `steps` blocks of both texts, at most what chains_ready says. */
static inline void chains_step(struct wg_batch_job *job, size_t steps)
{
	struct wg_batch_sum one = job->chain[0].sum, two = job->chain[1].sum;

	for (size_t i = 0; i < steps; i++) {
		chain_block(&one, job->chain[0].r);
		chain_block(&two, job->chain[1].r);
	}
	chains_stepped(job, &one, &two, steps);
}

/* All that is left, the last one by `mac` if that is not NULL and it is long and has not begun. */
static inline void chains_end(struct wg_batch_job *job, void (*mac)(struct wg_batch_mac *m))
{
	size_t steps;

	while ((steps = chains_ready(job)))
		chains_step(job, steps);
	for (int i = 0; i < 2; i++) {
		struct wg_batch_chain *c = &job->chain[i];

		if (mac && c->m && c->left > 16 && c->left == c->m->len / 16)
			mac(c->m);
		else if (c->m)
			chain_end(c);
	}
}

#endif

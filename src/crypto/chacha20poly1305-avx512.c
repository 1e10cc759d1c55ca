// SPDX-License-Identifier: GPL-2.0
/* The batch with AVX-512: ChaCha20 for 16 blocks, a word of all of them in a register, or for 8
 * in half registers where there are no more; Poly1305 of a text that nothing else is beside, 8 of
 * its blocks at a time, limbs of 44 bits, with the multiplication of 52 bits (IFMA).
 *
 * Constant time by construction, for valgrind does not know these instructions: nothing here
 * branches on or addresses by anything but lengths, counts and where a text begins, all masks
 * come from those, and the time of none of these instructions depends on what it works on. */
#include "chacha20poly1305-batch-private.h"

#if WG_BATCH_X86
#include <immintrin.h>
#include "chacha20poly1305-chain.h"
#include "ct.h"

#define TARGET "avx2,avx512f,avx512bw,avx512dq,avx512vl,avx512ifma,avx512vbmi2"
#define AVX512 static __attribute__((target(TARGET)))
#define INLINE static inline __attribute__((always_inline, target(TARGET)))

INLINE __m512i load(const void *p)
{
	return _mm512_loadu_si512(p);
}

INLINE void store(void *p, __m512i v)
{
	_mm512_storeu_si512(p, v);
}

/* Written out, for the number of bits is part of the instruction. */
INLINE __m256i rotate_left_8(__m256i v, int n)
{
	return n == 16   ? _mm256_rol_epi32(v, 16)
	       : n == 12 ? _mm256_rol_epi32(v, 12)
	       : n == 8  ? _mm256_rol_epi32(v, 8)
			 : _mm256_rol_epi32(v, 7);
}

INLINE __m512i rotate_left_16(__m512i v, int n)
{
	return n == 16   ? _mm512_rol_epi32(v, 16)
	       : n == 12 ? _mm512_rol_epi32(v, 12)
	       : n == 8  ? _mm512_rol_epi32(v, 8)
			 : _mm512_rol_epi32(v, 7);
}

#define STEPS_8  20 /* not used */
#define STEPS_16 30

#define VEC           __m256i
#define LANES         8
#define STEPS         STEPS_8
#define NAME(name)    name##_8
#define V_ADD         _mm256_add_epi32
#define V_XOR         _mm256_xor_si256
#define V_SET1        _mm256_set1_epi32
#define V_LOAD(p)     _mm256_loadu_si256((const void *)(p))
#define V_STORE(p, v) _mm256_storeu_si256((void *)(p), v)
#include "chacha20poly1305-lanes.h"

#define VEC        __m512i
#define LANES      16
#define STEPS      STEPS_16
#define NAME(name) name##_16
#define V_ADD      _mm512_add_epi32
#define V_XOR      _mm512_xor_si512
#define V_SET1     _mm512_set1_epi32
#define V_LOAD     _mm512_loadu_si512
#include "chacha20poly1305-lanes.h"

/* Quarter j of v[i] changes places with quarter i of v[j]. */
INLINE void transpose_quarters(__m512i v[static 4])
{
	__m512i low01 = _mm512_shuffle_i64x2(v[0], v[1], 0x44);
	__m512i low23 = _mm512_shuffle_i64x2(v[2], v[3], 0x44);
	__m512i high01 = _mm512_shuffle_i64x2(v[0], v[1], 0xee);
	__m512i high23 = _mm512_shuffle_i64x2(v[2], v[3], 0xee);

	v[0] = _mm512_shuffle_i64x2(low01, low23, 0x88);
	v[1] = _mm512_shuffle_i64x2(low01, low23, 0xdd);
	v[2] = _mm512_shuffle_i64x2(high01, high23, 0x88);
	v[3] = _mm512_shuffle_i64x2(high01, high23, 0xdd);
}

/* Quarter j of v[i] becomes the four words of block i + 4 j. */
INLINE void transpose_row(__m512i v[static 4])
{
	__m512i t0 = _mm512_unpacklo_epi32(v[0], v[1]), t1 = _mm512_unpackhi_epi32(v[0], v[1]);
	__m512i t2 = _mm512_unpacklo_epi32(v[2], v[3]), t3 = _mm512_unpackhi_epi32(v[2], v[3]);

	v[0] = _mm512_unpacklo_epi64(t0, t2);
	v[1] = _mm512_unpackhi_epi64(t0, t2);
	v[2] = _mm512_unpacklo_epi64(t1, t3);
	v[3] = _mm512_unpackhi_epi64(t1, t3);
}

/* The bits below bit n, which may be 64. */
static inline u64 below(u32 n)
{
	return n < 64 ? (1ULL << n) - 1 : ~0ULL;
}

/* Part of a block, or a block of which `head` bytes are at dst and the others at src. */
INLINE void apply_part(u8 *dst, const u8 *src, u32 len, u32 head, __m512i ks)
{
	u64 at_dst = below(head), all = below(len);
	__m512i text = _mm512_maskz_loadu_epi8(at_dst, dst);

	/* What is before src is masked out and does not fault. */
	text = _mm512_mask_loadu_epi8(text, all & ~at_dst, (const void *)((uintptr_t)src - head));
	_mm512_mask_storeu_epi8(dst, all, _mm512_xor_si512(text, ks));
}

AVX512 void apply(const struct wg_batch_lanes *lanes, const u8 (*ks)[WG_BATCH_BLOCK])
{
	for (const struct wg_batch_use *use = lanes->use; use < lanes->use + lanes->uses; use++) {
		const u8(*block)[WG_BATCH_BLOCK] = ks + use->lane;
		const u8 *src = use->src;
		u8 *dst = use->dst;
		u32 left = use->len;

		if (use->head) {
			u32 len = left < WG_BATCH_BLOCK ? left : WG_BATCH_BLOCK;

			apply_part(dst, src, len, use->head, load(block++));
			dst += len;
			src += len - use->head;
			left -= len;
		}
		for (; left >= WG_BATCH_BLOCK; left -= WG_BATCH_BLOCK) {
			store(dst, _mm512_xor_si512(load(src), load(block++)));
			dst += WG_BATCH_BLOCK;
			src += WG_BATCH_BLOCK;
		}
		if (left)
			apply_part(dst, src, left, 0, load(block));
	}
}

#define LIMBS 3
#define MASK  0xfffffffffffLL
#define TOP   (1LL << 40) /* the bit above a block, in its last limb */

/* Numbers modulo 2^130 - 5, with limbs of 44 bits: "reduced" if those are below 2^44 + 2^18. */
struct fe {
	__m512i v[LIMBS];
};

/* A reduced number, and twenty times its upper limbs: 2^132 is 20. */
struct factor {
	struct fe r;
	__m512i r1_20, r2_20;
};

/* Sums of products of limbs: of their lower 52 bits, and of what is above those. */
struct product {
	struct fe low, high;
};

INLINE struct fe fe_zero(void)
{
	return (struct fe){
		{_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()}};
}

INLINE struct fe fe_add(const struct fe *a, const struct fe *b)
{
	return (struct fe){{_mm512_add_epi64(a->v[0], b->v[0]), _mm512_add_epi64(a->v[1], b->v[1]),
			    _mm512_add_epi64(a->v[2], b->v[2])}};
}

INLINE __m512i times_20(__m512i v)
{
	return _mm512_madd52lo_epu64(_mm512_setzero_si512(), v, _mm512_set1_epi64(20));
}

INLINE struct factor factor_of(const struct fe *r)
{
	return (struct factor){*r, times_20(r->v[1]), times_20(r->v[2])};
}

/* sum += a b, in limb i. */
INLINE void mul_add(struct product *sum, int i, __m512i a, __m512i b)
{
	sum->low.v[i] = _mm512_madd52lo_epu64(sum->low.v[i], a, b);
	sum->high.v[i] = _mm512_madd52hi_epu64(sum->high.v[i], a, b);
}

/* What limb i of a gives to a f. */
INLINE void limb_mul_add(struct product *sum, const struct fe *a, int i, const struct factor *f)
{
	mul_add(sum, 0, a->v[i], i == 0 ? f->r.v[0] : i == 1 ? f->r2_20 : f->r1_20);
	mul_add(sum, 1, a->v[i], i == 0 ? f->r.v[1] : i == 1 ? f->r.v[0] : f->r2_20);
	mul_add(sum, 2, a->v[i], i == 0 ? f->r.v[2] : i == 1 ? f->r.v[1] : f->r.v[0]);
}

/* sum += a f; a may be the sum of two numbers. */
INLINE void fe_mul_add(struct product *sum, const struct fe *a, const struct factor *f)
{
	limb_mul_add(sum, a, 0, f);
	limb_mul_add(sum, a, 1, f);
	limb_mul_add(sum, a, 2, f);
}

/* What is above 2^52 in a limb is 2^8 times that in the next, and above the last 20 times 2^8
 * times that in the first. high.v[2] is a sum of three products of a factor below 2^45 + 2^19 and
 * one below 2^44 + 2^18, less 2^52: below 2^38.6. 5120 times that is below 2^52, as the
 * multiplication demands. All sums are below 2^54. */
INLINE struct fe fe_reduce(const struct product *p)
{
	const __m512i mask = _mm512_set1_epi64(MASK);
	__m512i t0 = _mm512_madd52lo_epu64(p->low.v[0], p->high.v[2], _mm512_set1_epi64(20 << 8));
	__m512i t1 = _mm512_add_epi64(p->low.v[1], _mm512_slli_epi64(p->high.v[0], 8));
	__m512i t2 = _mm512_add_epi64(p->low.v[2], _mm512_slli_epi64(p->high.v[1], 8));
	struct fe out;

	out.v[0] = _mm512_madd52lo_epu64(_mm512_and_si512(t0, mask), _mm512_srli_epi64(t2, 44),
					 _mm512_set1_epi64(20));
	out.v[1] = _mm512_add_epi64(_mm512_and_si512(t1, mask), _mm512_srli_epi64(t0, 44));
	out.v[2] = _mm512_add_epi64(_mm512_and_si512(t2, mask), _mm512_srli_epi64(t1, 44));
	return out;
}

INLINE struct fe fe_mul(const struct fe *a, const struct factor *f)
{
	struct product p = {fe_zero(), fe_zero()};

	fe_mul_add(&p, a, f);
	return fe_reduce(&p);
}

/* 128 bits of each text, and `top` in the last limb. */
INLINE struct fe fe_of(__m512i low, __m512i high, __m512i top)
{
	const __m512i mask = _mm512_set1_epi64(MASK);

	return (struct fe){{_mm512_and_si512(low, mask),
			    _mm512_and_si512(_mm512_shrdi_epi64(low, high, 44), mask),
			    _mm512_or_si512(_mm512_srli_epi64(high, 24), top)}};
}

INLINE struct fe fe_of_key(__m512i low, __m512i high)
{
	return fe_of(_mm512_and_si512(low, _mm512_set1_epi64(0x0ffffffc0fffffffLL)),
		     _mm512_and_si512(high, _mm512_set1_epi64(0x0ffffffc0ffffffcLL)),
		     _mm512_setzero_si512());
}

/* Limbs up to 2^60 each. */
static void finish(struct wg_batch_mac *m, u64 l0, u64 l1, u64 l2)
{
	l1 += l0 >> 44;
	l2 += l1 >> 44;
	l0 &= MASK;
	l1 &= MASK;
	wg_batch_mac_finish(m, l0 | l1 << 44, l1 >> 20 | l2 << 24, l2 >> 40);
}

/* One text, eight blocks of it abreast: those at 0 to 7 times 16 bytes are in lanes 0, 2, 4, 6,
 * 1, 3, 5, 7. The block with the lengths is the last one, so that the sum is (... (h + m) r^8 +
 * m) r^8 + m) times r^8 to r by block. */
struct powers {
	struct factor r8, end;
};

/* In the lanes of `mask` times f. */
INLINE struct fe fe_mul_in(const struct fe *a, __mmask8 mask, const struct factor *f)
{
	struct fe product = fe_mul(a, f);

	for (int i = 0; i < LIMBS; i++)
		product.v[i] = _mm512_mask_blend_epi64(mask, a->v[i], product.v[i]);
	return product;
}

INLINE struct powers powers_of(const struct fe *r)
{
	struct fe r2, r4, r8,
		end = {{_mm512_set1_epi64(1), _mm512_setzero_si512(), _mm512_setzero_si512()}};
	struct factor f = factor_of(r), f2, f4;
	struct powers p;

	r2 = fe_mul(r, &f);
	f2 = factor_of(&r2);
	r4 = fe_mul(&r2, &f2);
	f4 = factor_of(&r4);
	r8 = fe_mul(&r4, &f4);
	p.r8 = factor_of(&r8);
	/* The powers by lane: 8, 4, 7, 3, 6, 2, 5, 1. */
	for (int i = 0; i < LIMBS; i++)
		end.v[i] = _mm512_mask_blend_epi64(0xcc, end.v[i], r->v[i]);
	end = fe_mul_in(&end, 0x3c, &f2);
	end = fe_mul_in(&end, 0x56, &f4);
	for (int i = 0; i < LIMBS; i++)
		end.v[i] = _mm512_mask_blend_epi64(0x01, end.v[i], r8.v[i]);
	p.end = factor_of(&end);
	return p;
}

INLINE struct fe fe_of_blocks(__m512i first, __m512i second, __m512i top)
{
	return fe_of(_mm512_unpacklo_epi64(first, second), _mm512_unpackhi_epi64(first, second),
		     top);
}

/* The bytes of `m` at `at` and on, 0 for those before its beginning and beyond its end. */
INLINE __m512i load_part(const struct wg_batch_mac *m, s64 at)
{
	s64 from = at < 0 ? -at : 0, to = (s64)m->len - at;
	u64 mask = from < 64 && to > 0 ? below(to < 64 ? (u32)to : 64) & ~below((u32)from) : 0;

	/* What is masked out does not fault. */
	return _mm512_maskz_loadu_epi8(mask, (const void *)((uintptr_t)m->data + (u64)at));
}

/* The eight blocks at `at`, which may be before the beginning; `lengths` is what the last has
 * beside. */
INLINE struct fe fe_load_part(const struct wg_batch_mac *m, s64 at, __m512i lengths)
{
	__m512i first = load_part(m, at), second = load_part(m, at + 64);
	__m512i blocks = _mm512_set_epi64(7, 3, 6, 2, 5, 1, 4, 0);
	__mmask8 begun = _mm512_cmpge_epi64_mask(blocks, _mm512_set1_epi64(at < 0 ? -at / 16 : 0));

	return fe_of_blocks(first, _mm512_or_si512(second, lengths),
			    _mm512_maskz_set1_epi64(begun, TOP));
}

AVX512 void mac(struct wg_batch_mac *m)
{
	const __m512i top = _mm512_set1_epi64(TOP);
	const s64 end = (s64)(((u64)m->len + 15) & ~15ULL) - 7 * 16;
	s64 at = end > 0 && end % 128 ? end % 128 - 128 : 0;
	struct fe r, h = fe_zero(), block;
	struct powers p;

	r = fe_of_key(_mm512_set1_epi64((long long)wg_load_le64(m->key)),
		      _mm512_set1_epi64((long long)wg_load_le64(m->key + 8)));
	p = powers_of(&r);
	if (at < 0) {
		h = fe_load_part(m, at, _mm512_setzero_si512());
		h = fe_mul(&h, &p.r8);
		at += 128;
	}
	for (; at < end; at += 128) {
		block = fe_of_blocks(load(m->data + at), load(m->data + at + 64), top);
		h = fe_add(&h, &block);
		h = fe_mul(&h, &p.r8);
	}
	block = fe_load_part(m, end, _mm512_maskz_set1_epi64(0x80, m->len));
	h = fe_add(&h, &block);
	h = fe_mul(&h, &p.end);
	finish(m, (u64)_mm512_reduce_add_epi64(h.v[0]), (u64)_mm512_reduce_add_epi64(h.v[1]),
	       (u64)_mm512_reduce_add_epi64(h.v[2]));
	wg_ct_wipe(&p, sizeof(p));
}

INLINE void store_16(struct state_16 *s, u8 (*ks)[WG_BATCH_BLOCK])
{
	transpose_row(s->a.v);
	transpose_row(s->b.v);
	transpose_row(s->c.v);
	transpose_row(s->d.v);
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		__m512i block[4] = {s->a.v[i], s->b.v[i], s->c.v[i], s->d.v[i]};

		transpose_quarters(block);
#pragma GCC unroll 4
		for (int j = 0; j < 4; j++)
			store(ks[i + 4 * j], block[j]);
	}
}

AVX512 void keystream_beside(const u8 key[static 32], const struct wg_batch_lanes *lanes,
			     u8 (*ks)[WG_BATCH_BLOCK], struct wg_batch_job *job, size_t steps)
{
	const struct state_16 start = state_of_16(key, lanes, 0);
	struct state_16 s = start;

	rounds_beside_16(&s, job, steps);
	state_add_16(&s, &start);
	store_16(&s, ks);
}

AVX512 void keystream_only(const u8 key[static 32], const struct wg_batch_lanes *lanes,
			   u8 (*ks)[WG_BATCH_BLOCK])
{
	const struct state_16 start = state_of_16(key, lanes, 0);
	struct state_16 s = start;

	for (int i = 0; i < 10; i++)
		double_round_16(&s);
	state_add_16(&s, &start);
	store_16(&s, ks);
}

AVX512 void keystream_half(const u8 key[static 32], const struct wg_batch_lanes *lanes,
			   u8 (*ks)[WG_BATCH_BLOCK])
{
	keystream_8(key, lanes, 0, ks[0]);
}

static void keystream(const u8 key[static 32], const struct wg_batch_lanes *lanes,
		      u8 (*ks)[WG_BATCH_BLOCK], struct wg_batch_job *job)
{
	bool half = lanes->n <= WG_BATCH_LANES / 2;
	size_t steps = job && !half ? chains_ready(job) : 0;

	if (steps)
		keystream_beside(key, lanes, ks, job, steps < STEPS_16 ? steps : STEPS_16);
	else if (half)
		keystream_half(key, lanes, ks);
	else
		keystream_only(key, lanes, ks);
}

const struct wg_batch_engine wg_chacha20poly1305_avx512 = {keystream, apply, mac};
#endif

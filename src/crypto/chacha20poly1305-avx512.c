// SPDX-License-Identifier: GPL-2.0
/* The batch with AVX-512: ChaCha20 for 16 blocks, a word of all of them in a register, or for 8 in
 * half registers where there are no more, for those are twice as fast; Poly1305 for 8 texts, a limb
 * of 44 bits of all of them in a register, with the multiplication of 52 bits (IFMA).
 *
 * Constant time by construction, for valgrind does not know these instructions: nothing here branches
 * on or addresses by anything but lengths, counts and where a text begins, and all masks come from
 * those. */
#include "chacha20poly1305-batch-private.h"

#if WG_BATCH_X86
#include <immintrin.h>
#include "ct.h"

#define TARGET "avx2,avx512f,avx512bw,avx512dq,avx512vl,avx512ifma,avx512vbmi2"
#define AVX512 static __attribute__((target(TARGET)))
#define INLINE static inline __attribute__((always_inline, target(TARGET)))

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

#define VEC           __m256i
#define LANES         8
#define NAME(name)    name##_8
#define V_ADD         _mm256_add_epi32
#define V_XOR         _mm256_xor_si256
#define V_SET1        _mm256_set1_epi32
#define V_LOAD(p)     _mm256_loadu_si256((const void *)(p))
#define V_STORE(p, v) _mm256_storeu_si256((void *)(p), v)
#include "chacha20poly1305-lanes.h"

#define VEC        __m512i
#define LANES      16
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

AVX512 void keystream_wide(const u8 key[static 32], const struct wg_batch_lane *lane, size_t n,
			   u8 (*ks)[WG_BATCH_BLOCK])
{
	struct row_16 s[4];

	blocks_16(s, key, lane, n);
	transpose_row(s[0].v);
	transpose_row(s[1].v);
	transpose_row(s[2].v);
	transpose_row(s[3].v);
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		__m512i block[4] = {s[0].v[i], s[1].v[i], s[2].v[i], s[3].v[i]};

		transpose_quarters(block);
#pragma GCC unroll 4
		for (int j = 0; j < 4; j++)
			_mm512_storeu_si512(ks[i + 4 * j], block[j]);
	}
}

AVX512 void keystream(const u8 key[static 32], const struct wg_batch_lane *lane, size_t n,
		      u8 (*ks)[WG_BATCH_BLOCK])
{
	if (n > WG_BATCH_LANES / 2)
		keystream_wide(key, lane, n, ks);
	else
		keystream_8(key, lane, n, ks[0]);
}

/* The bits below bit n, which may be 64. */
static inline u64 below(u32 n)
{
	return n < 64 ? (1ULL << n) - 1 : ~0ULL;
}

INLINE void apply_part(const struct wg_batch_lane *l, __m512i ks)
{
	u64 head = below(l->head), all = below(l->len);
	__m512i text = _mm512_maskz_loadu_epi8(head, l->dst);

	/* What is before src is masked out, and so is a fault there. */
	text = _mm512_mask_loadu_epi8(text, all & ~head,
				      (const void *)((uintptr_t)l->src - l->head));
	_mm512_mask_storeu_epi8(l->dst, all, _mm512_xor_si512(text, ks));
}

AVX512 void apply(const struct wg_batch_lane *lane, size_t n, const u8 (*ks)[WG_BATCH_BLOCK])
{
	for (size_t i = 0; i < n; i++) {
		const struct wg_batch_lane *l = &lane[i];
		__m512i v = _mm512_loadu_si512(ks[i]);

		if (l->len < WG_BATCH_BLOCK || l->head)
			apply_part(l, v);
		else
			_mm512_storeu_si512(l->dst,
					    _mm512_xor_si512(_mm512_loadu_si512(l->src), v));
	}
}

#define TEXTS 8
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

/* sum += a f, for up to four f; one a may be the sum of two numbers, the others are below 2^130. */
INLINE void fe_mul_add(struct product *sum, const struct fe *a, const struct factor *f)
{
	mul_add(sum, 0, a->v[0], f->r.v[0]);
	mul_add(sum, 1, a->v[0], f->r.v[1]);
	mul_add(sum, 2, a->v[0], f->r.v[2]);
	mul_add(sum, 0, a->v[1], f->r2_20);
	mul_add(sum, 1, a->v[1], f->r.v[0]);
	mul_add(sum, 2, a->v[1], f->r.v[1]);
	mul_add(sum, 0, a->v[2], f->r1_20);
	mul_add(sum, 1, a->v[2], f->r2_20);
	mul_add(sum, 2, a->v[2], f->r.v[0]);
}

/* What is above 2^52 in a limb is 2^8 times that in the next, and above the last 20 times 2^8 times
 * that in the first. high.v[2] is a sum of no factor times 20: the three texts that are below 2^130,
 * with the last limb below 2^41, give at most 6.4 2^36, the sum of two numbers 5.2 2^36; 5120 times
 * that is below 2^52, as the multiplication demands. All sums are below 2^57. */
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

/* Texts side by side. */
struct sum {
	struct fe h;
	struct factor power[4]; /* r, r^2, r^3, r^4 */
};

/* Word i of v[j] changes places with word j of v[i]. */
INLINE void transpose_words(__m512i v[static 8])
{
	__m512i even[4], odd[4];

#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		even[i] = _mm512_unpacklo_epi64(v[2 * i], v[2 * i + 1]);
		odd[i] = _mm512_unpackhi_epi64(v[2 * i], v[2 * i + 1]);
	}
	transpose_quarters(even);
	transpose_quarters(odd);
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		v[2 * i] = even[i];
		v[2 * i + 1] = odd[i];
	}
}

/* h = (h + m0) r^4 + m1 r^3 + m2 r^2 + m3 r: reduced once for four blocks. */
INLINE void sum_chunk(struct sum *s, __m512i v[static 8], const __m512i top[static 4])
{
	struct product p = {fe_zero(), fe_zero()};
	struct fe m;

	transpose_words(v);
#pragma GCC unroll 4
	for (int i = 1; i < 4; i++) {
		m = fe_of(v[2 * i], v[2 * i + 1], top[i]);
		fe_mul_add(&p, &m, &s->power[3 - i]);
	}
	m = fe_of(v[0], v[1], top[0]);
	m = fe_add(&m, &s->h);
	fe_mul_add(&p, &m, &s->power[3]);
	s->h = fe_reduce(&p);
}

INLINE __m512i load_part(const struct wg_batch_chunk *c)
{
	return _mm512_maskz_loadu_epi8(below(c->to) & ~below(c->from), c->at);
}

/* A chunk in which some text has not begun or is at its end. */
AVX512 void sum_edge(struct sum *s, const struct wg_batch_mac m[static TEXTS], size_t left)
{
	__m512i v[TEXTS], top[4];
	u32 begun[4] = {0};

#pragma GCC unroll 8
	for (int i = 0; i < TEXTS; i++) {
		struct wg_batch_chunk c = wg_batch_chunk(&m[i], left);

		v[i] = load_part(&c);
		for (u32 j = c.from / 16; j < 4; j++)
			begun[j] |= 1U << i;
	}
	for (int i = 0; i < 4; i++)
		top[i] = _mm512_maskz_set1_epi64((__mmask8)begun[i], TOP);
	sum_chunk(s, v, top);
}

/* The chunks that are full in every text: those that at least `last` and fewer than `first` others
 * follow. */
AVX512 void sum_middle(struct sum *sum, const struct wg_batch_mac m[static TEXTS], size_t first,
		       size_t last)
{
	const __m512i one = _mm512_set1_epi64(TOP);
	const __m512i top[4] = {one, one, one, one};
	const u8 *at[TEXTS];
	struct sum s = *sum;

	for (int i = 0; i < TEXTS; i++)
		at[i] = wg_batch_chunk(&m[i], first - 1).at;
	for (size_t off = 0, end = 64 * (first - last); off < end; off += 64) {
		__m512i v[TEXTS];

#pragma GCC unroll 8
		for (int i = 0; i < TEXTS; i++)
			v[i] = _mm512_loadu_si512(at[i] + off);
		sum_chunk(&s, v, top);
	}
	sum->h = s.h;
}

AVX512 void sum_begin(struct sum *s, const struct wg_batch_mac m[static TEXTS])
{
	u64 low[TEXTS], high[TEXTS];
	struct fe r;

	for (int i = 0; i < TEXTS; i++) {
		low[i] = wg_load_le64(m[i].key);
		high[i] = wg_load_le64(m[i].key + 8);
	}
	r = fe_of_key(_mm512_loadu_si512(low), _mm512_loadu_si512(high));
	s->power[0] = factor_of(&r);
	for (int i = 1; i < 4; i++) {
		r = fe_mul(&r, &s->power[0]);
		s->power[i] = factor_of(&r);
	}
	s->h = fe_zero();
	wg_ct_wipe(low, sizeof(low));
	wg_ct_wipe(high, sizeof(high));
}

/* The block with the lengths, and the tags. */
AVX512 void sum_end(struct sum *s, struct wg_batch_mac *m, const u64 len[static TEXTS], size_t n)
{
	u64 limb[LIMBS][TEXTS];
	struct fe last =
		fe_of(_mm512_setzero_si512(), _mm512_loadu_si512(len), _mm512_set1_epi64(TOP));

	last = fe_add(&last, &s->h);
	last = fe_mul(&last, &s->power[0]);
	for (int i = 0; i < LIMBS; i++)
		_mm512_storeu_si512(limb[i], last.v[i]);
	for (size_t i = 0; i < n; i++)
		finish(&m[i], limb[0][i], limb[1][i], limb[2][i]);
	wg_ct_wipe(limb, sizeof(limb));
}

static void mac_abreast(struct wg_batch_mac *m, size_t n)
{
	struct wg_batch_mac all[TEXTS];
	u64 len[TEXTS];
	struct wg_batch_shape shape;
	size_t left;
	struct sum s;

	for (size_t i = 0; i < TEXTS; i++) {
		all[i] = m[i < n ? i : 0];
		len[i] = all[i].len;
	}
	shape = wg_batch_shape(all, TEXTS);
	sum_begin(&s, all);
	left = shape.most;
	while (left > shape.least)
		sum_edge(&s, all, --left);
	if (left > shape.last) {
		sum_middle(&s, all, left, shape.last);
		left = shape.last;
	}
	while (left > 0)
		sum_edge(&s, all, --left);
	sum_end(&s, m, len, n);
	wg_ct_wipe(all, sizeof(all));
	wg_ct_wipe(&s, sizeof(s));
}

/* One text, eight blocks of it abreast: those at 0 to 7 times 16 bytes are in lanes 0, 2, 4, 6, 1, 3,
 * 5, 7. The block with the lengths is the last one, so that the sum is
 * (... (h + m) r^8 + m) r^8 + m) times r^8 to r by block. */
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

/* The 128 bytes of `m` at `at`, which may be before its beginning and reach beyond its end. */
INLINE struct fe fe_load_part(const struct wg_batch_mac *m, s64 at, __m512i *second)
{
	u32 from = at < 0 ? (u32)-at : 0;
	u32 to = (s64)m->len - at < 128 ? (u32)((s64)m->len - at) : 128;
	struct wg_batch_chunk a = {m->data + at, from < 64 ? from : 64, to < 64 ? to : 64};
	struct wg_batch_chunk b = {m->data + at + 64, from < 64 ? 0 : from - 64,
				   to < 64 ? 0 : to - 64};
	__m512i blocks = _mm512_set_epi64(7, 3, 6, 2, 5, 1, 4, 0);
	__mmask8 begun = _mm512_cmpge_epi64_mask(blocks, _mm512_set1_epi64(from / 16));

	return fe_of_blocks(load_part(&a), _mm512_or_si512(load_part(&b), *second),
			    _mm512_maskz_set1_epi64(begun, TOP));
}

AVX512 void mac_one(struct wg_batch_mac *m)
{
	const __m512i top = _mm512_set1_epi64(TOP);
	s64 end = (s64)(((u64)m->len + 15) & ~15ULL) - 7 * 16, at = end;
	__m512i second = _mm512_setzero_si512();
	struct fe r, h = fe_zero(), block;
	struct powers p;

	r = fe_of_key(_mm512_set1_epi64((long long)wg_load_le64(m->key)),
		      _mm512_set1_epi64((long long)wg_load_le64(m->key + 8)));
	p = powers_of(&r);
	while (at > 0)
		at -= 128;
	if (at < 0 && at < end) {
		h = fe_load_part(m, at, &second);
		h = fe_mul(&h, &p.r8);
		at += 128;
	}
	for (; at < end; at += 128) {
		block = fe_of_blocks(_mm512_loadu_si512(m->data + at),
				     _mm512_loadu_si512(m->data + at + 64), top);
		h = fe_add(&h, &block);
		h = fe_mul(&h, &p.r8);
	}
	second = _mm512_maskz_set1_epi64(0x80, m->len);
	block = fe_load_part(m, end, &second);
	h = fe_add(&h, &block);
	h = fe_mul(&h, &p.end);
	finish(m, (u64)_mm512_reduce_add_epi64(h.v[0]), (u64)_mm512_reduce_add_epi64(h.v[1]),
	       (u64)_mm512_reduce_add_epi64(h.v[2]));
	wg_ct_wipe(&p, sizeof(p));
}

static void mac(struct wg_batch_mac *m, size_t n)
{
	if (n > 3) {
		mac_abreast(m, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		mac_one(&m[i]);
}

const struct wg_batch_engine wg_chacha20poly1305_avx512 = {keystream, apply, mac};
#endif

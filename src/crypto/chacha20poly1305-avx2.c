// SPDX-License-Identifier: GPL-2.0
/* The batch with AVX2: ChaCha20 for 8 blocks, a word of all of them in a register; Poly1305 for 4
 * texts, a limb of 26 bits of all of them in a register. */
#include "chacha20poly1305-batch-private.h"

#if WG_BATCH_X86
#include <immintrin.h>
#include "ct.h"

#define AVX2   static __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))

#define WIDTH 8

INLINE __m256i load(const void *p)
{
	return _mm256_loadu_si256(p);
}

INLINE void store(void *p, __m256i v)
{
	_mm256_storeu_si256(p, v);
}

/* By whole bytes where that can be. */
INLINE __m256i rotate_left_8(__m256i v, int n)
{
	const __m256i by_16 = _mm256_set_epi64x(0x0d0c0f0e09080b0aLL, 0x0504070601000302LL,
						0x0d0c0f0e09080b0aLL, 0x0504070601000302LL);
	const __m256i by_8 = _mm256_set_epi64x(0x0e0d0c0f0a09080bLL, 0x0605040702010003LL,
					       0x0e0d0c0f0a09080bLL, 0x0605040702010003LL);

	if (n == 16 || n == 8)
		return _mm256_shuffle_epi8(v, n == 16 ? by_16 : by_8);
	return _mm256_or_si256(_mm256_slli_epi32(v, n), _mm256_srli_epi32(v, 32 - n));
}

#define VEC        __m256i
#define LANES      8
#define NAME(name) name##_8
#define V_ADD      _mm256_add_epi32
#define V_XOR      _mm256_xor_si256
#define V_SET1     _mm256_set1_epi32
#define V_LOAD     load
#define V_STORE    store
#include "chacha20poly1305-lanes.h"

AVX2 void keystream_half(const u8 key[static 32], const struct wg_batch_lane *lane, size_t n,
			 u8 *ks)
{
	keystream_8(key, lane, n, ks);
}

static void keystream(const u8 key[static 32], const struct wg_batch_lane *lane, size_t n,
		      u8 (*ks)[WG_BATCH_BLOCK])
{
	keystream_half(key, lane, n < WIDTH ? n : WIDTH, ks[0]);
	if (n > WIDTH)
		keystream_half(key, lane + WIDTH, n - WIDTH, ks[WIDTH]);
}

static void apply_bytes(const struct wg_batch_lane *l, const u8 *ks)
{
	for (u32 i = 0; i < l->head; i++)
		l->dst[i] ^= ks[i];
	for (u32 i = l->head; i < l->len; i++)
		l->dst[i] = l->src[i - l->head] ^ ks[i];
}

AVX2 void apply(const struct wg_batch_lane *lane, size_t n, const u8 (*ks)[WG_BATCH_BLOCK])
{
	for (size_t i = 0; i < n; i++) {
		const struct wg_batch_lane *l = &lane[i];
		__m256i low, high;

		if (l->len < WG_BATCH_BLOCK || l->head) {
			apply_bytes(l, ks[i]);
			continue;
		}
		low = _mm256_xor_si256(load(l->src), load(ks[i]));
		high = _mm256_xor_si256(load(l->src + 32), load(ks[i] + 32));
		store(l->dst, low);
		store(l->dst + 32, high);
	}
}

#define TEXTS 4
#define LIMBS 5
#define MASK  0x3ffffffLL

/* Numbers modulo 2^130 - 5. Limbs are below 2^27 where they go into a product. */
struct fe {
	__m256i v[LIMBS];
};

/* Five times the limbs too, for what a product has above 2^130. */
struct factor {
	struct fe r, r5;
};

INLINE struct factor factor_of(const struct fe *r)
{
	struct factor f = {.r = *r};

#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++)
		f.r5.v[i] = _mm256_add_epi64(r->v[i], _mm256_slli_epi64(r->v[i], 2));
	return f;
}

INLINE __m256i mul_add(__m256i sum, __m256i a, __m256i b)
{
	return _mm256_add_epi64(sum, _mm256_mul_epu32(a, b));
}

/* sum += a f. A product of limbs is below 2^(27 + 29.4), and a sum has 20 of them at most. */
INLINE void fe_mul_add(struct fe *sum, const struct fe *a, const struct factor *f)
{
#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++) {
#pragma GCC unroll 5
		for (int j = 0; j < LIMBS; j++) {
			int to = i + j < LIMBS ? i + j : i + j - LIMBS;

			sum->v[to] = mul_add(sum->v[to], a->v[i],
					     i + j < LIMBS ? f->r.v[j] : f->r5.v[j]);
		}
	}
}

INLINE void carry(struct fe *a, int from, int to)
{
	__m256i c = _mm256_srli_epi64(a->v[from], 26);

	a->v[from] = _mm256_and_si256(a->v[from], _mm256_set1_epi64x(MASK));
	if (!to)
		c = _mm256_add_epi64(c, _mm256_slli_epi64(c, 2));
	a->v[to] = _mm256_add_epi64(a->v[to], c);
}

/* Sums become limbs below 2^26 + 2^12. */
INLINE void fe_carry(struct fe *a)
{
	carry(a, 0, 1);
	carry(a, 3, 4);
	carry(a, 1, 2);
	carry(a, 4, 0);
	carry(a, 2, 3);
	carry(a, 0, 1);
	carry(a, 3, 4);
}

INLINE struct fe fe_mul(const struct fe *a, const struct factor *f)
{
	struct fe sum = {{_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
			  _mm256_setzero_si256(), _mm256_setzero_si256()}};

	fe_mul_add(&sum, a, f);
	fe_carry(&sum);
	return sum;
}

/* 128 bits of each text, and `top` above 2^104. */
INLINE struct fe fe_of(__m256i low, __m256i high, __m256i top)
{
	const __m256i mask = _mm256_set1_epi64x(MASK);
	__m256i middle = _mm256_or_si256(_mm256_srli_epi64(low, 52), _mm256_slli_epi64(high, 12));

	return (struct fe){{_mm256_and_si256(low, mask),
			    _mm256_and_si256(_mm256_srli_epi64(low, 26), mask),
			    _mm256_and_si256(middle, mask),
			    _mm256_and_si256(_mm256_srli_epi64(high, 14), mask),
			    _mm256_or_si256(_mm256_srli_epi64(high, 40), top)}};
}

struct sum {
	struct fe h;
	struct factor power[4]; /* r, r^2, r^3, r^4 */
};

INLINE __m256i load_halves(const void *low, const void *high)
{
	__m256i v = _mm256_castsi128_si256(_mm_loadu_si128(low));

	return _mm256_inserti128_si256(v, _mm_loadu_si128(high), 1);
}

/* The 16 bytes at `off` of each text. */
INLINE struct fe fe_load(const u8 *const at[static TEXTS], size_t off, __m256i top)
{
	__m256i even = load_halves(at[0] + off, at[2] + off);
	__m256i odd = load_halves(at[1] + off, at[3] + off);

	return fe_of(_mm256_unpacklo_epi64(even, odd), _mm256_unpackhi_epi64(even, odd), top);
}

/* h = (h + m0) r^4 + m1 r^3 + m2 r^2 + m3 r: a carry for four blocks. */
INLINE void sum_chunk(struct sum *s, const u8 *const at[static TEXTS], const __m256i top[static 4])
{
	struct fe m, next;

	next = (struct fe){{_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
			    _mm256_setzero_si256(), _mm256_setzero_si256()}};
#pragma GCC unroll 5
	for (int i = 1; i < 4; i++) {
		m = fe_load(at, (size_t)i * 16, top[i]);
		fe_mul_add(&next, &m, &s->power[3 - i]);
	}
	m = fe_load(at, 0, top[0]);
#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++)
		m.v[i] = _mm256_add_epi64(m.v[i], s->h.v[i]);
	fe_mul_add(&next, &m, &s->power[3]);
	fe_carry(&next);
	s->h = next;
}

/* A chunk in which some text has not begun or is at its end. */
AVX2 void sum_edge(struct sum *s, const struct wg_batch_mac m[static TEXTS], size_t left)
{
	_Alignas(32) u8 part[TEXTS][64] = {{0}};
	_Alignas(32) u64 high[4][TEXTS] = {{0}};
	const u8 *at[TEXTS] = {part[0], part[1], part[2], part[3]};
	__m256i top[4];

	for (size_t i = 0; i < TEXTS; i++) {
		struct wg_batch_chunk c = wg_batch_chunk(&m[i], left);

		for (u32 j = c.from / 16; j < 4; j++)
			high[j][i] = 1 << 24;
		for (u32 j = c.from; j < c.to; j++)
			part[i][j] = c.at[j];
	}
#pragma GCC unroll 5
	for (int i = 0; i < 4; i++)
		top[i] = load(high[i]);
	sum_chunk(s, at, top);
}

/* The chunks that are full in every text: those that more than `last` and fewer than `first` others
 * follow. */
AVX2 void sum_middle(struct sum *s, const struct wg_batch_mac *m, size_t first, size_t last)
{
	const __m256i one = _mm256_set1_epi64x(1 << 24);
	const __m256i top[4] = {one, one, one, one};
	const u8 *at[TEXTS];

#pragma GCC unroll 5
	for (int i = 0; i < TEXTS; i++)
		at[i] = wg_batch_chunk(&m[i], first - 1).at;
	for (size_t left = first; left > last; left--) {
		sum_chunk(s, at, top);
		for (int i = 0; i < TEXTS; i++)
			at[i] += 64;
	}
}

/* Lane i of four words `stride` bytes apart. */
INLINE __m256i gather(const u8 *p, size_t stride)
{
	return _mm256_set_epi64x((long long)wg_load_le64(p + 3 * stride),
				 (long long)wg_load_le64(p + 2 * stride),
				 (long long)wg_load_le64(p + stride), (long long)wg_load_le64(p));
}

AVX2 void sum_begin(struct sum *s, const struct wg_batch_mac m[static TEXTS])
{
	const size_t stride = sizeof(*m);
	__m256i low = gather(m->key, stride), high = gather(m->key + 8, stride);
	struct fe r;

	low = _mm256_and_si256(low, _mm256_set1_epi64x(0x0ffffffc0fffffffLL));
	high = _mm256_and_si256(high, _mm256_set1_epi64x(0x0ffffffc0ffffffcLL));
	r = fe_of(low, high, _mm256_setzero_si256());
	s->power[0] = factor_of(&r);
#pragma GCC unroll 5
	for (int i = 1; i < 4; i++) {
		struct fe next = fe_mul(&s->power[i - 1].r, &s->power[0]);

		s->power[i] = factor_of(&next);
	}
#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++)
		s->h.v[i] = _mm256_setzero_si256();
}

/* The block with the lengths, and the tags. */
AVX2 void sum_end(struct sum *s, struct wg_batch_mac *m, size_t n)
{
	_Alignas(32) u64 limb[LIMBS][TEXTS];
	struct fe last = fe_of(_mm256_setzero_si256(),
			       _mm256_set_epi64x(m[3].len, m[2].len, m[1].len, m[0].len),
			       _mm256_set1_epi64x(1 << 24));

#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++)
		s->h.v[i] = _mm256_add_epi64(s->h.v[i], last.v[i]);
	s->h = fe_mul(&s->h, &s->power[0]);
#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++)
		store(limb[i], s->h.v[i]);
	for (size_t i = 0; i < n; i++) {
		unsigned __int128 low = limb[0][i] + ((unsigned __int128)limb[1][i] << 26);

		low += (unsigned __int128)limb[2][i] << 52;
		low += (unsigned __int128)limb[3][i] << 78;
		limb[4][i] += (u64)(low >> 104);
		wg_batch_mac_finish(&m[i], (u64)low,
				    ((u64)(low >> 64) & 0xffffffffff) | limb[4][i] << 40,
				    limb[4][i] >> 24);
	}
	wg_ct_wipe(limb, sizeof(limb));
}

static void mac_4(struct wg_batch_mac *m, size_t n)
{
	struct wg_batch_mac all[TEXTS];
	struct wg_batch_shape shape;
	size_t left;
	struct sum s;

	for (size_t i = 0; i < TEXTS; i++)
		all[i] = m[i < n ? i : 0];
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
	sum_end(&s, all, n);
	for (size_t i = 0; i < n; i++)
		memcpy(m[i].tag, all[i].tag, sizeof(m[i].tag));
	wg_ct_wipe(all, sizeof(all));
	wg_ct_wipe(&s, sizeof(s));
}

static void mac(struct wg_batch_mac *m, size_t n)
{
	for (size_t i = 0; i < n; i += TEXTS)
		mac_4(m + i, n - i < TEXTS ? n - i : TEXTS);
}

const struct wg_batch_engine wg_chacha20poly1305_avx2 = {keystream, apply, mac};
#endif

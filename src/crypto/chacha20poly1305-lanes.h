/* SPDX-License-Identifier: GPL-2.0 */
/* ChaCha20 with a word of many blocks in a register. The file that includes this says how wide a
 * register is: VEC, LANES (8 or 16), V_ADD, V_XOR, V_SET1, rotate_left and NAME, which makes names of
 * its own for each width; INLINE says for which instruction set functions are. */

/* Four neighbouring words of the state, of each block. */
struct NAME(row) {
	VEC v[4];
};

INLINE void NAME(mix)(VEC *sum, VEC *to, VEC by, int n)
{
	*sum = V_ADD(*sum, by);
	*to = NAME(rotate_left)(V_XOR(*to, *sum), n);
}

/* The quarter rounds of columns i and i + 1 where the rows b, c and d begin with columns 1, 2 and 3
 * if `turned`. Two at a time: 16 registers hold neither all of the state and a temporary value, nor
 * is there much to gain from four. */
INLINE void NAME(quarter_rounds)(struct NAME(row) * ra, struct NAME(row) * rb,
				 struct NAME(row) * rc, struct NAME(row) * rd, int i, int turned)
{
	const int j = i + 1;
	VEC *a = &ra->v[i], *b = &rb->v[(i + turned) % 4], *c = &rc->v[(i + 2 * turned) % 4];
	VEC *d = &rd->v[(i + 3 * turned) % 4];
	VEC *e = &ra->v[j], *f = &rb->v[(j + turned) % 4], *g = &rc->v[(j + 2 * turned) % 4];
	VEC *h = &rd->v[(j + 3 * turned) % 4];

	NAME(mix)(a, d, *b, 16);
	NAME(mix)(e, h, *f, 16);
	NAME(mix)(c, b, *d, 12);
	NAME(mix)(g, f, *h, 12);
	NAME(mix)(a, d, *b, 8);
	NAME(mix)(e, h, *f, 8);
	NAME(mix)(c, b, *d, 7);
	NAME(mix)(g, f, *h, 7);
}

INLINE struct NAME(row) NAME(row_of)(u32 w0, u32 w1, u32 w2, u32 w3)
{
	return (struct NAME(row)){
		{V_SET1((int)w0), V_SET1((int)w1), V_SET1((int)w2), V_SET1((int)w3)}};
}

INLINE struct NAME(row) NAME(row_of_key)(const u8 key[static 16])
{
	return NAME(row_of)(wg_load_le32(key), wg_load_le32(key + 4), wg_load_le32(key + 8),
			    wg_load_le32(key + 12));
}

/* The words in which the blocks differ, of which there are n. */
INLINE struct NAME(row) NAME(row_of_lanes)(const struct wg_batch_lane *lane, size_t n)
{
	u32 counter[LANES] = {0}, low[LANES] = {0}, high[LANES] = {0};

	for (size_t i = 0; i < n; i++) {
		counter[i] = lane[i].counter;
		low[i] = (u32)lane[i].nonce;
		high[i] = (u32)(lane[i].nonce >> 32);
	}
	return (struct NAME(row)){{V_LOAD(counter), V_SET1(0), V_LOAD(low), V_LOAD(high)}};
}

INLINE void NAME(row_add)(struct NAME(row) * a, const struct NAME(row) * b)
{
	a->v[0] = V_ADD(a->v[0], b->v[0]);
	a->v[1] = V_ADD(a->v[1], b->v[1]);
	a->v[2] = V_ADD(a->v[2], b->v[2]);
	a->v[3] = V_ADD(a->v[3], b->v[3]);
}

INLINE void NAME(blocks)(struct NAME(row) s[static 4], const u8 key[static 32],
			 const struct wg_batch_lane *lane, size_t n)
{
	const struct NAME(row) a0 = NAME(row_of)(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
	const struct NAME(row) b0 = NAME(row_of_key)(key), c0 = NAME(row_of_key)(key + 16);
	const struct NAME(row) d0 = NAME(row_of_lanes)(lane, n);
	struct NAME(row) a = a0, b = b0, c = c0, d = d0;

	for (int i = 0; i < 10; i++) {
		NAME(quarter_rounds)(&a, &b, &c, &d, 0, 0);
		NAME(quarter_rounds)(&a, &b, &c, &d, 2, 0);
		NAME(quarter_rounds)(&a, &b, &c, &d, 0, 1);
		NAME(quarter_rounds)(&a, &b, &c, &d, 2, 1);
	}
	NAME(row_add)(&a, &a0);
	NAME(row_add)(&b, &b0);
	NAME(row_add)(&c, &c0);
	NAME(row_add)(&d, &d0);
	s[0] = a;
	s[1] = b;
	s[2] = c;
	s[3] = d;
}

#if LANES == 8
/* Eight words of eight blocks become the eight words of each block, at ks, 64 bytes apart. */
INLINE void NAME(store_half)(u8 *ks, const VEC a[static 4], const VEC b[static 4])
{
	VEC t[8], u[8];

	t[0] = _mm256_unpacklo_epi32(a[0], a[1]);
	t[1] = _mm256_unpackhi_epi32(a[0], a[1]);
	t[2] = _mm256_unpacklo_epi32(a[2], a[3]);
	t[3] = _mm256_unpackhi_epi32(a[2], a[3]);
	t[4] = _mm256_unpacklo_epi32(b[0], b[1]);
	t[5] = _mm256_unpackhi_epi32(b[0], b[1]);
	t[6] = _mm256_unpacklo_epi32(b[2], b[3]);
	t[7] = _mm256_unpackhi_epi32(b[2], b[3]);
	/* u[i] has row a of blocks i and i + 4, u[i + 4] row b. */
	u[0] = _mm256_unpacklo_epi64(t[0], t[2]);
	u[1] = _mm256_unpackhi_epi64(t[0], t[2]);
	u[2] = _mm256_unpacklo_epi64(t[1], t[3]);
	u[3] = _mm256_unpackhi_epi64(t[1], t[3]);
	u[4] = _mm256_unpacklo_epi64(t[4], t[6]);
	u[5] = _mm256_unpackhi_epi64(t[4], t[6]);
	u[6] = _mm256_unpacklo_epi64(t[5], t[7]);
	u[7] = _mm256_unpackhi_epi64(t[5], t[7]);
#pragma GCC unroll 4
	for (size_t i = 0; i < 4; i++) {
		V_STORE(ks + i * WG_BATCH_BLOCK, _mm256_permute2x128_si256(u[i], u[i + 4], 0x20));
		V_STORE(ks + (i + 4) * WG_BATCH_BLOCK,
			_mm256_permute2x128_si256(u[i], u[i + 4], 0x31));
	}
}

INLINE void NAME(keystream)(const u8 key[static 32], const struct wg_batch_lane *lane, size_t n,
			    u8 *ks)
{
	struct NAME(row) s[4];

	NAME(blocks)(s, key, lane, n);
	NAME(store_half)(ks, s[0].v, s[1].v);
	NAME(store_half)(ks + WG_BATCH_BLOCK / 2, s[2].v, s[3].v);
}
#endif

#undef VEC
#undef LANES
#undef NAME
#undef V_ADD
#undef V_XOR
#undef V_SET1
#undef V_LOAD
#undef V_STORE

/* SPDX-License-Identifier: GPL-2.0 */
/* ChaCha20 with a word of many blocks in a register. The file that includes this says how wide a
 * register is: VEC, LANES (8 or 16), V_ADD, V_XOR, V_SET1, V_LOAD, V_STORE (with 8 lanes),
 * rotate_left and NAME, which makes names of its own for each width; INLINE says for which
 * instruction set functions are. */

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
 * if `turned`. Two at a time, for 16 registers cannot hold the state and anything else. */
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

/* The words in which the blocks from lane `first` on differ. */
INLINE struct NAME(row) NAME(row_of_lanes)(const struct wg_batch_lanes *lanes, size_t first)
{
	return (struct NAME(row)){{V_LOAD(lanes->counter + first), V_SET1(0),
				   V_LOAD(lanes->low + first), V_LOAD(lanes->high + first)}};
}

INLINE void NAME(row_add)(struct NAME(row) * a, const struct NAME(row) * b)
{
	a->v[0] = V_ADD(a->v[0], b->v[0]);
	a->v[1] = V_ADD(a->v[1], b->v[1]);
	a->v[2] = V_ADD(a->v[2], b->v[2]);
	a->v[3] = V_ADD(a->v[3], b->v[3]);
}

/* The state. */
struct NAME(state) {
	struct NAME(row) a, b, c, d;
};

INLINE struct NAME(state)
	NAME(state_of)(const u8 key[static 32], const struct wg_batch_lanes *lanes, size_t first)
{
	return (struct NAME(state)){NAME(row_of)(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574),
				    NAME(row_of_key)(key), NAME(row_of_key)(key + 16),
				    NAME(row_of_lanes)(lanes, first)};
}

INLINE void NAME(double_round)(struct NAME(state) * s)
{
	NAME(quarter_rounds)(&s->a, &s->b, &s->c, &s->d, 0, 0);
	NAME(quarter_rounds)(&s->a, &s->b, &s->c, &s->d, 2, 0);
	NAME(quarter_rounds)(&s->a, &s->b, &s->c, &s->d, 0, 1);
	NAME(quarter_rounds)(&s->a, &s->b, &s->c, &s->d, 2, 1);
}

/* The twenty rounds, and beside them `steps` blocks, at most STEPS, of both texts of the job. */
INLINE void NAME(rounds_beside)(struct NAME(state) * s, struct wg_batch_job *job, size_t steps)
{
	struct wg_batch_sum one = job->chain[0].sum, two = job->chain[1].sum;
	const u64 *r = job->chain[0].r, *q = job->chain[1].r;

	for (size_t i = 0; i < STEPS; i += STEPS / 10) {
		NAME(quarter_rounds)(&s->a, &s->b, &s->c, &s->d, 0, 0);
		if (i < steps) {
			chain_block(&one, r);
			chain_block(&two, q);
		}
		NAME(quarter_rounds)(&s->a, &s->b, &s->c, &s->d, 2, 0);
		if (i + 1 < steps)
			chain_block(&one, r);
		NAME(quarter_rounds)(&s->a, &s->b, &s->c, &s->d, 0, 1);
		if (i + 1 < steps)
			chain_block(&two, q);
		NAME(quarter_rounds)(&s->a, &s->b, &s->c, &s->d, 2, 1);
		if (STEPS / 10 > 2 && i + 2 < steps) {
			chain_block(&one, r);
			chain_block(&two, q);
		}
	}
	chains_stepped(job, &one, &two, steps);
}

INLINE void NAME(state_add)(struct NAME(state) * s, const struct NAME(state) * start)
{
	NAME(row_add)(&s->a, &start->a);
	NAME(row_add)(&s->b, &start->b);
	NAME(row_add)(&s->c, &start->c);
	NAME(row_add)(&s->d, &start->d);
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

INLINE void NAME(store)(const struct NAME(state) * s, u8 *ks)
{
	NAME(store_half)(ks, s->a.v, s->b.v);
	NAME(store_half)(ks + WG_BATCH_BLOCK / 2, s->c.v, s->d.v);
}

INLINE void NAME(keystream)(const u8 key[static 32], const struct wg_batch_lanes *lanes,
			    size_t first, u8 *ks)
{
	const struct NAME(state) start = NAME(state_of)(key, lanes, first);
	struct NAME(state) s = start;

	for (int i = 0; i < 10; i++)
		NAME(double_round)(&s);
	NAME(state_add)(&s, &start);
	NAME(store)(&s, ks);
}
#endif

#undef VEC
#undef LANES
#undef STEPS
#undef NAME
#undef V_ADD
#undef V_XOR
#undef V_SET1
#undef V_LOAD
#undef V_STORE

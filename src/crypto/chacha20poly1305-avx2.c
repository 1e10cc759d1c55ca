// SPDX-License-Identifier: GPL-2.0
/* The batch with AVX2: ChaCha20 for 8 blocks, a word of all of them in a register. */
#include "chacha20poly1305-batch-private.h"

#if WG_BATCH_X86
#include <immintrin.h>
#include "chacha20poly1305-chain.h"

#define AVX2   static __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))

#define WIDTH   8
#define STEPS_8 20

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
#define STEPS      STEPS_8
#define NAME(name) name##_8
#define V_ADD      _mm256_add_epi32
#define V_XOR      _mm256_xor_si256
#define V_SET1     _mm256_set1_epi32
#define V_LOAD     load
#define V_STORE    store
#include "chacha20poly1305-lanes.h"

AVX2 void keystream_only(const u8 key[static 32], const struct wg_batch_lanes *lanes, size_t first,
			 u8 *ks)
{
	keystream_8(key, lanes, first, ks);
}

AVX2 void keystream_beside(const u8 key[static 32], const struct wg_batch_lanes *lanes,
			   size_t first, u8 *ks, struct wg_batch_job *job, size_t steps)
{
	const struct state_8 start = state_of_8(key, lanes, first);
	struct state_8 s = start;

	rounds_beside_8(&s, job, steps);
	state_add_8(&s, &start);
	store_8(&s, ks);
}

static void keystream(const u8 key[static 32], const struct wg_batch_lanes *lanes,
		      u8 (*ks)[WG_BATCH_BLOCK], struct wg_batch_job *job)
{
	for (size_t first = 0; first < lanes->n; first += WIDTH) {
		size_t steps = job ? chains_ready(job) : 0;

		if (steps)
			keystream_beside(key, lanes, first, ks[first], job,
					 steps < STEPS_8 ? steps : STEPS_8);
		else
			keystream_only(key, lanes, first, ks[first]);
	}
}

static void apply_bytes(u8 *dst, const u8 *src, u32 len, const u8 *ks)
{
	for (u32 i = 0; i < len; i++)
		dst[i] = src[i] ^ ks[i];
}

AVX2 void apply(const struct wg_batch_lanes *lanes, const u8 (*ks)[WG_BATCH_BLOCK])
{
	for (const struct wg_batch_use *use = lanes->use; use < lanes->use + lanes->uses; use++) {
		const u8 *src = use->src, *stream = ks[use->lane];
		u8 *dst = use->dst;
		u32 left = use->len;

		if (use->head) {
			u32 len = left < WG_BATCH_BLOCK ? left : WG_BATCH_BLOCK;

			apply_bytes(dst, dst, use->head, stream);
			apply_bytes(dst + use->head, src, len - use->head, stream + use->head);
			dst += len;
			src += len - use->head;
			stream += len;
			left -= len;
		}
		for (; left >= 32; left -= 32) {
			store(dst, _mm256_xor_si256(load(src), load(stream)));
			dst += 32;
			src += 32;
			stream += 32;
		}
		apply_bytes(dst, src, left, stream);
	}
}

const struct wg_batch_engine wg_chacha20poly1305_avx2 = {keystream, apply, NULL};
#endif

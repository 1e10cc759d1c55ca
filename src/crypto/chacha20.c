// SPDX-License-Identifier: GPL-2.0
/* ChaCha20 in plain C, a block at a time. The words of a block are an array that nobody points to,
 * so that the compiler may keep them in registers; that is why they are not wiped. */
#include "chacha20.h"

#include "ct.h"

/* Else the words of a block are in memory and not in registers. */
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

#define BLOCK WG_CHACHA20_BLOCK_LEN

static inline u32 rotate_left(u32 v, int n)
{
	return v << n | v >> (32 - n);
}

/* A quarter round is four times a += b, d = (d ^ a) <<< n. Here it is done for the four of a round
 * side by side, so that none waits for its own last result. Rows begin at a, b and d; where a round
 * goes along diagonals they are turned. */
INLINE void step(u32 x[static 16], int a, int turn_a, int b, int turn_b, int d, int turn_d, int n)
{
	u32 *a0 = &x[a + (turn_a & 3)], *a1 = &x[a + ((turn_a + 1) & 3)];
	u32 *a2 = &x[a + ((turn_a + 2) & 3)], *a3 = &x[a + ((turn_a + 3) & 3)];
	u32 *d0 = &x[d + (turn_d & 3)], *d1 = &x[d + ((turn_d + 1) & 3)];
	u32 *d2 = &x[d + ((turn_d + 2) & 3)], *d3 = &x[d + ((turn_d + 3) & 3)];

	*a0 += x[b + (turn_b & 3)];
	*a1 += x[b + ((turn_b + 1) & 3)];
	*a2 += x[b + ((turn_b + 2) & 3)];
	*a3 += x[b + ((turn_b + 3) & 3)];
	*d0 = rotate_left(*d0 ^ *a0, n);
	*d1 = rotate_left(*d1 ^ *a1, n);
	*d2 = rotate_left(*d2 ^ *a2, n);
	*d3 = rotate_left(*d3 ^ *a3, n);
}

/* Of columns, turn 0, or diagonals, turn 1. */
INLINE void round4(u32 x[static 16], int turn)
{
	step(x, 0, 0, 4, turn, 12, 3 * turn, 16);
	step(x, 8, 2 * turn, 12, 3 * turn, 4, turn, 12);
	step(x, 0, 0, 4, turn, 12, 3 * turn, 8);
	step(x, 8, 2 * turn, 12, 3 * turn, 4, turn, 7);
}

/* The twenty rounds. */
INLINE void permute(u32 x[static 16])
{
	for (int i = 0; i < 10; i++) {
		round4(x, 0);
		round4(x, 1);
	}
}

/* "expand 32-byte k" and the key. */
static void load_key(u32 word[static 12], const u8 key[static WG_CHACHA20_KEY_LEN])
{
	word[0] = 0x61707865;
	word[1] = 0x3320646e;
	word[2] = 0x79622d32;
	word[3] = 0x6b206574;
	for (int i = 0; i < 8; i++)
		word[4 + i] = wg_load_le32(key + 4 * i);
}

void wg_chacha20_init(struct wg_chacha20 *s, const u8 key[static WG_CHACHA20_KEY_LEN],
		      const u8 nonce[static WG_CHACHA20_NONCE_LEN], u32 counter)
{
	load_key(s->word, key);
	s->word[12] = counter;
	for (int i = 0; i < 3; i++)
		s->word[13 + i] = wg_load_le32(nonce + 4 * i);
}

void wg_chacha20_block(struct wg_chacha20 *s, u8 out[static BLOCK])
{
	u32 x[16];

	UNROLL
	for (int i = 0; i < 16; i++)
		x[i] = s->word[i];
	permute(x);
	UNROLL
	for (int i = 0; i < 16; i++)
		wg_store_le32(out + 4 * i, x[i] + s->word[i]);
	s->word[12]++;
}

static void xor_block(struct wg_chacha20 *s, u8 *dst, const u8 *src)
{
	u32 x[16];

	UNROLL
	for (int i = 0; i < 16; i++)
		x[i] = s->word[i];
	permute(x);
	UNROLL
	for (int i = 0; i < 16; i++)
		wg_store_le32(dst + 4 * i, wg_load_le32(src + 4 * i) ^ (x[i] + s->word[i]));
	s->word[12]++;
}

void wg_chacha20_xor(struct wg_chacha20 *s, u8 *dst, const u8 *src, size_t len)
{
	u8 stream[BLOCK];

	for (; len >= BLOCK; len -= BLOCK, dst += BLOCK, src += BLOCK)
		xor_block(s, dst, src);
	if (!len)
		return;
	wg_chacha20_block(s, stream);
	for (size_t i = 0; i < len; i++)
		dst[i] = src[i] ^ stream[i];
	wg_ct_wipe(stream, sizeof(stream));
}

void wg_chacha20(u8 *dst, const u8 *src, size_t len, const u8 key[static WG_CHACHA20_KEY_LEN],
		 const u8 nonce[static WG_CHACHA20_NONCE_LEN], u32 counter)
{
	struct wg_chacha20 s;

	wg_chacha20_init(&s, key, nonce, counter);
	wg_chacha20_xor(&s, dst, src, len);
	wg_ct_wipe(&s, sizeof(s));
}

void wg_hchacha20(u8 out[static WG_CHACHA20_KEY_LEN], const u8 key[static WG_CHACHA20_KEY_LEN],
		  const u8 in[static WG_HCHACHA20_IN_LEN])
{
	u32 x[16];

	load_key(x, key);
	for (int i = 0; i < 4; i++)
		x[12 + i] = wg_load_le32(in + 4 * i);
	permute(x);
	for (int i = 0; i < 4; i++) {
		wg_store_le32(out + 4 * i, x[i]);
		wg_store_le32(out + 16 + 4 * i, x[12 + i]);
	}
	wg_ct_wipe(x, sizeof(x));
}

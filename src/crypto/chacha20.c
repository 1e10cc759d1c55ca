// SPDX-License-Identifier: GPL-2.0
/* ChaCha20 in plain C, a block at a time. The words of a block are an array that nobody points to,
 * so that the compiler may keep them in registers; that is why they are not wiped. */
#include "chacha20.h"

#include "ct.h"

#define BLOCK WG_CHACHA20_BLOCK_LEN

static inline u32 rotate_left(u32 v, int n)
{
	return v << n | v >> (32 - n);
}

static inline void quarter_round(u32 x[static 16], int a, int b, int c, int d)
{
	x[a] += x[b];
	x[d] = rotate_left(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotate_left(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotate_left(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotate_left(x[b] ^ x[c], 7);
}

/* The twenty rounds: columns and diagonals in turn. */
static inline void permute(u32 x[static 16])
{
	for (int i = 0; i < 10; i++) {
		quarter_round(x, 0, 4, 8, 12);
		quarter_round(x, 1, 5, 9, 13);
		quarter_round(x, 2, 6, 10, 14);
		quarter_round(x, 3, 7, 11, 15);
		quarter_round(x, 0, 5, 10, 15);
		quarter_round(x, 1, 6, 11, 12);
		quarter_round(x, 2, 7, 8, 13);
		quarter_round(x, 3, 4, 9, 14);
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

	for (int i = 0; i < 16; i++)
		x[i] = s->word[i];
	permute(x);
	for (int i = 0; i < 16; i++)
		wg_store_le32(out + 4 * i, x[i] + s->word[i]);
	s->word[12]++;
}

static void xor_block(struct wg_chacha20 *s, u8 *dst, const u8 *src)
{
	u32 x[16];

	for (int i = 0; i < 16; i++)
		x[i] = s->word[i];
	permute(x);
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

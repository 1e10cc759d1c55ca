// SPDX-License-Identifier: GPL-2.0
/* BLAKE2s by RFC 7693. The state and a copy of each block, which may be a key, are wiped. */
#include "blake2s.h"

#include "ct.h"

#define BLOCK WG_BLAKE2S_BLOCK_LEN

static const u32 iv[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static inline u32 rotate_right(u32 v, int n)
{
	return v >> n | v << (32 - n);
}

static inline void mix(u32 v[static 16], int a, int b, int c, int d, u32 x, u32 y)
{
	v[a] += v[b] + x;
	v[d] = rotate_right(v[d] ^ v[a], 16);
	v[c] += v[d];
	v[b] = rotate_right(v[b] ^ v[c], 12);
	v[a] += v[b] + y;
	v[d] = rotate_right(v[d] ^ v[a], 8);
	v[c] += v[d];
	v[b] = rotate_right(v[b] ^ v[c], 7);
}

/* One round: the columns, then the diagonals. The numbers are the RFC's SIGMA, written out so that
 * the compiler knows where each word of the message is. */
#define ROUND(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15) \
	do {                                                                        \
		mix(v, 0, 4, 8, 12, m[s0], m[s1]);                                  \
		mix(v, 1, 5, 9, 13, m[s2], m[s3]);                                  \
		mix(v, 2, 6, 10, 14, m[s4], m[s5]);                                 \
		mix(v, 3, 7, 11, 15, m[s6], m[s7]);                                 \
		mix(v, 0, 5, 10, 15, m[s8], m[s9]);                                 \
		mix(v, 1, 6, 11, 12, m[s10], m[s11]);                               \
		mix(v, 2, 7, 8, 13, m[s12], m[s13]);                                \
		mix(v, 3, 4, 9, 14, m[s14], m[s15]);                                \
	} while (0)

/* `last` is all ones for the last block and 0 for the others. */
static void compress(struct wg_blake2s *s, const u8 block[static BLOCK], u32 last)
{
	u32 m[16], v[16];

	for (int i = 0; i < 16; i++)
		m[i] = wg_load_le32(block + 4 * i);
	for (int i = 0; i < 8; i++) {
		v[i] = s->h[i];
		v[8 + i] = iv[i];
	}
	v[12] ^= (u32)s->count;
	v[13] ^= (u32)(s->count >> 32);
	v[14] ^= last;
	ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);
	ROUND(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4);
	ROUND(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8);
	ROUND(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13);
	ROUND(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9);
	ROUND(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11);
	ROUND(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10);
	ROUND(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5);
	ROUND(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0);
	for (int i = 0; i < 8; i++)
		s->h[i] ^= v[i] ^ v[8 + i];
	wg_ct_wipe(m, sizeof(m));
}

void wg_blake2s_init(struct wg_blake2s *s, size_t outlen, const u8 *key, size_t keylen)
{
	memset(s, 0, sizeof(*s));
	memcpy(s->h, iv, sizeof(iv));
	s->h[0] ^= 0x01010000 ^ (u32)keylen << 8 ^ (u32)outlen;
	s->outlen = (u32)outlen;
	if (keylen) {
		memcpy(s->block, key, keylen);
		s->filled = BLOCK;
	}
}

/* A full block waits in the state until it is known whether it is the last. */
void wg_blake2s_update(struct wg_blake2s *s, const void *data, size_t len)
{
	const u8 *in = data;

	while (len) {
		size_t n = BLOCK - s->filled;

		if (!n) {
			s->count += BLOCK;
			compress(s, s->block, 0);
			s->filled = 0;
			n = BLOCK;
		}
		for (; !s->filled && len > BLOCK; in += BLOCK, len -= BLOCK) {
			s->count += BLOCK;
			compress(s, in, 0);
		}
		n = len < n ? len : n;
		memcpy(s->block + s->filled, in, n);
		s->filled += (u32)n;
		in += n;
		len -= n;
	}
}

void wg_blake2s_final(struct wg_blake2s *s, u8 *out)
{
	u8 full[WG_BLAKE2S_LEN];

	s->count += s->filled;
	memset(s->block + s->filled, 0, BLOCK - s->filled);
	compress(s, s->block, ~0U);
	for (int i = 0; i < 8; i++)
		wg_store_le32(full + 4 * i, s->h[i]);
	memcpy(out, full, s->outlen);
	wg_ct_wipe(full, sizeof(full));
	wg_ct_wipe(s, sizeof(*s));
}

void wg_blake2s(u8 *out, size_t outlen, const void *data, size_t len, const u8 *key, size_t keylen)
{
	struct wg_blake2s s;

	wg_blake2s_init(&s, outlen, key, keylen);
	wg_blake2s_update(&s, data, len);
	wg_blake2s_final(&s, out);
}

void wg_blake2s_hmac(u8 out[static WG_BLAKE2S_LEN], const u8 *key, size_t keylen, const void *data,
		     size_t len)
{
	struct wg_blake2s s;
	u8 pad[BLOCK] = {0}, inner[WG_BLAKE2S_LEN];

	if (keylen > BLOCK)
		wg_blake2s(pad, WG_BLAKE2S_LEN, key, keylen, NULL, 0);
	else if (keylen)
		memcpy(pad, key, keylen);
	for (int i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36;
	wg_blake2s_init(&s, WG_BLAKE2S_LEN, NULL, 0);
	wg_blake2s_update(&s, pad, BLOCK);
	wg_blake2s_update(&s, data, len);
	wg_blake2s_final(&s, inner);
	for (int i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	wg_blake2s_init(&s, WG_BLAKE2S_LEN, NULL, 0);
	wg_blake2s_update(&s, pad, BLOCK);
	wg_blake2s_update(&s, inner, sizeof(inner));
	wg_blake2s_final(&s, out);
	wg_ct_wipe(pad, sizeof(pad));
	wg_ct_wipe(inner, sizeof(inner));
}

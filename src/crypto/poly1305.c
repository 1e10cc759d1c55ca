// SPDX-License-Identifier: GPL-2.0
/* Poly1305: blocks are gathered here, the arithmetic is that of poly1305-64.h or poly1305-32.h. */
#include "poly1305.h"

#include "ct.h"

/* Whether limbs are of 64 or 32 bits; the command line may say. */
#ifndef WG_POLY1305_BITS
#ifdef __SIZEOF_INT128__
#define WG_POLY1305_BITS 64
#else
#define WG_POLY1305_BITS 32
#endif
#endif

#if WG_POLY1305_BITS == 64
#include "poly1305-64.h"
#else
#include "poly1305-32.h"
#endif

#define BLOCK WG_POLY1305_BLOCK_LEN

void wg_poly1305_init(struct wg_poly1305 *s, const u8 key[static WG_POLY1305_KEY_LEN])
{
	memset(s, 0, sizeof(*s));
	poly_load(s, key);
	memcpy(s->pad, key + 16, sizeof(s->pad));
}

void wg_poly1305_update(struct wg_poly1305 *s, const u8 *data, size_t len)
{
	size_t n;

	if (s->filled && len) {
		n = BLOCK - s->filled;
		n = len < n ? len : n;
		memcpy(s->block + s->filled, data, n);
		data += n;
		len -= n;
		s->filled += (u32)n;
		if (s->filled < BLOCK)
			return;
		poly_blocks(s, s->block, BLOCK, 1);
		s->filled = 0;
	}
	n = len % BLOCK;
	poly_blocks(s, data, len, 1);
	if (!n)
		return;
	memcpy(s->block, data + (len - n), n);
	s->filled = (u32)n;
}

void wg_poly1305_align(struct wg_poly1305 *s)
{
	if (!s->filled)
		return;
	memset(s->block + s->filled, 0, BLOCK - s->filled);
	poly_blocks(s, s->block, BLOCK, 1);
	s->filled = 0;
}

void wg_poly1305_final(struct wg_poly1305 *s, u8 tag[static WG_POLY1305_TAG_LEN])
{
	/* A part of a block carries the bit that others have above them right behind it. */
	if (s->filled) {
		s->block[s->filled] = 1;
		memset(s->block + s->filled + 1, 0, BLOCK - s->filled - 1);
		poly_blocks(s, s->block, BLOCK, 0);
	}
	poly_store(s, tag);
	wg_ct_wipe(s, sizeof(*s));
}

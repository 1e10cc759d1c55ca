// SPDX-License-Identifier: GPL-2.0
#include "tai64n.h"

/* The label of 1970-01-01 00:00:00 UTC, ten seconds ahead of TAI's own count of that day. */
#define TAI64_EPOCH 0x400000000000000aULL
#define GRAIN       (1U << 24) /* ns; shorter than WG_INITIATION_INTERVAL */

static void store_be(u8 *p, size_t len, u64 v)
{
	while (len--) {
		p[len] = (u8)v;
		v >>= 8;
	}
}

static u64 load_be(const u8 *p, size_t len)
{
	u64 v = 0;

	while (len--)
		v = v << 8 | *p++;
	return v;
}

/* Long division with digits of 11 bits: a second is 2^9 * 1953125 ns, and a 32-bit kernel has no
 * division of 64-bit numbers. */
static u64 seconds_of(u64 ns, u32 *rest)
{
	const u32 divisor = WG_SECOND >> 9;
	u64 seconds = 0;
	u32 r = 0;

	for (int shift = 44; shift >= 0; shift -= 11) {
		r = r << 11 | (u32)(ns >> 9 >> shift & 0x7ff);
		seconds = seconds << 11 | r / divisor;
		r %= divisor;
	}
	*rest = r << 9 | (u32)(ns & 0x1ff);
	return seconds;
}

static void store(u8 out[static WG_TIMESTAMP_LEN], u64 label, u32 ns)
{
	store_be(out, 8, label);
	store_be(out + 8, 4, ns);
}

void wg_tai64n_from(u8 out[static WG_TIMESTAMP_LEN], u64 unix_now)
{
	u32 ns;
	u64 seconds = seconds_of(unix_now, &ns);

	store(out, TAI64_EPOCH + seconds, ns & ~(GRAIN - 1));
}

void wg_tai64n_after(u8 out[static WG_TIMESTAMP_LEN], const u8 last[static WG_TIMESTAMP_LEN],
		     u64 unix_now)
{
	u8 t[WG_TIMESTAMP_LEN];

	wg_tai64n_from(t, unix_now);
	if (!wg_tai64n_later(t, last)) {
		u64 label = load_be(last, 8);
		u64 ns = load_be(last + 8, 4) + GRAIN;

		if (ns >= WG_SECOND) {
			label++;
			ns = 0;
		}
		store(t, label, (u32)ns);
	}
	memcpy(out, t, sizeof(t));
}

bool wg_tai64n_later(const u8 a[static WG_TIMESTAMP_LEN], const u8 b[static WG_TIMESTAMP_LEN])
{
	return memcmp(a, b, WG_TIMESTAMP_LEN) > 0;
}

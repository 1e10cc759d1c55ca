/* SPDX-License-Identifier: GPL-2.0 */
/* Comparing, choosing and wiping in time that does not depend on the bytes. A mask is all ones for
 * "yes" and zero for "no"; wg_ct_hide keeps the compiler from finding that out and branching. */
#ifndef WG_CRYPTO_CT_H
#define WG_CRYPTO_CT_H

#include "../port.h"

/* `v` itself, of which the compiler knows nothing any more. */
static inline u32 wg_ct_hide(u32 v)
{
	__asm__("" : "+r"(v));
	return v;
}

static inline u64 wg_ct_hide64(u64 v)
{
	__asm__("" : "+r"(v));
	return v;
}

/* Yes where the top bit of `v` is set. */
static inline u32 wg_ct_top(u32 v)
{
	return wg_ct_hide(0U - (v >> 31));
}

/* Yes where v is 0. */
static inline u32 wg_ct_is_zero(u32 v)
{
	return wg_ct_top(~v & (v - 1));
}

/* Yes where lo <= v <= hi; all three below 2^31. */
static inline u32 wg_ct_within(u32 v, u32 lo, u32 hi)
{
	return wg_ct_top(~(v - lo) & ~(hi - v));
}

/* Eight bytes in a word, each a lane of its own: yes, 0xff, in those with lo <= v <= hi; all of them
 * and both bounds below 0x80, so that no sum runs into the next lane. */
#define WG_CT_LANES(byte) (0x0101010101010101ULL * (byte))
static inline u64 wg_ct_lanes_within(u64 v, u8 lo, u8 hi)
{
	u64 yes = (v + WG_CT_LANES(0x80U - lo)) & ~(v + WG_CT_LANES(0x7fU - hi));

	return wg_ct_hide64(yes >> 7 & WG_CT_LANES(1)) * 0xff;
}

/* `yes` or `no`, as the mask says. */
static inline u32 wg_ct_select(u32 mask, u32 yes, u32 no)
{
	return no ^ (mask & (yes ^ no));
}

/* Yes where `len` bytes are the same. */
static inline u32 wg_ct_equal(const void *a, const void *b, size_t len)
{
	const u8 *x = a, *y = b;
	u32 diff = 0;

	for (size_t i = 0; i < len; i++)
		diff |= x[i] ^ y[i];
	return wg_ct_is_zero(diff);
}

/* Makes the result of a comparison public: branches may depend on it from here on. tests/ct/, where memcheck watches
 * secrets, defines WG_CT_PUBLISH so that memcheck is told. */
#ifndef WG_CT_PUBLISH
#define WG_CT_PUBLISH(v) ((void)0)
#endif
static inline bool wg_ct_declassify(u32 mask)
{
	WG_CT_PUBLISH(mask);
	return mask != 0;
}

/* Overwrites, in a way the compiler keeps. */
static inline void wg_ct_wipe(void *p, size_t len)
{
	memset(p, 0, len);
	__asm__ volatile("" : : "r"(p) : "memory");
}

#endif

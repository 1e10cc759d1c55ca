/* SPDX-License-Identifier: GPL-2.0 */
/* The numbers in headers of IP packets: big-endian, at any address. */
#ifndef WG_TUN_BE_H
#define WG_TUN_BE_H

#include "../../port.h"

static inline u32 be_load16(const u8 *p)
{
	return (u32)p[0] << 8 | p[1];
}

static inline u32 be_load32(const u8 *p)
{
	return be_load16(p) << 16 | be_load16(p + 2);
}

static inline void be_store16(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static inline void be_store32(u8 *p, u32 v)
{
	be_store16(p, v >> 16);
	be_store16(p + 2, v);
}

#endif

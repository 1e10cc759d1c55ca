/* SPDX-License-Identifier: GPL-2.0 */
/* What the shared code takes from its surroundings, kernel or C library. The only file that may
 * say __KERNEL__. */
#ifndef WG_PORT_H
#define WG_PORT_H

#ifdef __KERNEL__
#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/types.h>

#ifndef UINT64_MAX
#define UINT64_MAX U64_MAX
#endif

/* A pointer that readers follow while one writer changes it is marked with __rcu. The writer writes
 * what it points to before wg_publish(). Readers use wg_consume(), in an RCU section or with bottom
 * halves off. wg_own() is for the writer, whom the caller serialises. */
#define wg_publish(place, value) rcu_assign_pointer(place, value)
#define wg_consume(place)	 rcu_dereference_check(place, rcu_read_lock_bh_held())
#define wg_own(place)		 rcu_dereference_protected(place, true)
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define __rcu /* the kernel's name; NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#define wg_publish(place, value) __atomic_store_n(&(place), value, __ATOMIC_RELEASE)
#define wg_consume(place)	 __atomic_load_n(&(place), __ATOMIC_ACQUIRE)
#define wg_own(place)		 (place)
#endif

/* Unaligned little-endian loads and stores, right on either byte order. */
static inline u32 wg_load_le32(const u8 *p)
{
	return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static inline u64 wg_load_le64(const u8 *p)
{
	return (u64)wg_load_le32(p) | (u64)wg_load_le32(p + 4) << 32;
}

static inline void wg_store_le32(u8 *p, u32 v)
{
	p[0] = (u8)v;
	p[1] = (u8)(v >> 8);
	p[2] = (u8)(v >> 16);
	p[3] = (u8)(v >> 24);
}

static inline void wg_store_le64(u8 *p, u64 v)
{
	wg_store_le32(p, (u32)v);
	wg_store_le32(p + 4, (u32)(v >> 32));
}

/* Big-endian, which the compiler makes one instruction of. */
static inline u32 wg_load_be32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | (u32)p[3];
}

static inline u64 wg_load_be64(const u8 *p)
{
	return (u64)wg_load_be32(p) << 32 | wg_load_be32(p + 4);
}

static inline void wg_store_be32(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 24);
	p[1] = (u8)(v >> 16);
	p[2] = (u8)(v >> 8);
	p[3] = (u8)v;
}

static inline void wg_store_be64(u8 *p, u64 v)
{
	wg_store_be32(p, (u32)(v >> 32));
	wg_store_be32(p + 4, (u32)v);
}

/* A 32-bit kernel has no division of 64-bit numbers but this. */
static inline u64 wg_divide(u64 n, u32 divisor, u32 *rest)
{
#ifdef __KERNEL__
	return div_u64_rem(n, divisor, rest);
#else
	*rest = (u32)(n % divisor);
	return n / divisor;
#endif
}

#endif

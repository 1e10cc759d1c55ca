/* SPDX-License-Identifier: GPL-2.0 */
/* Inner packets for the tests of tun/: built by a plain reading of the RFCs, and checked by one. */
#ifndef TESTS_UNIT_TUN_INNER_H
#define TESTS_UNIT_TUN_INNER_H

#include <netinet/in.h>
#include <stdlib.h>
#include "../../../src/port.h"

struct inner {
	bool ipv6;
	u8 protocol;  /* IPPROTO_TCP or IPPROTO_UDP */
	u8 flags;     /* of TCP */
	u32 options;  /* bytes of TCP's, a multiple of 4 */
	u32 seq, ack;
	u16 id;
	bool may_fragment;
	u8 tos;
	u32 payload;
};

static inline void inner_put16(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static inline u32 inner_get16(const u8 *p)
{
	return (u32)p[0] << 8 | p[1];
}

static inline void inner_put32(u8 *p, u32 v)
{
	inner_put16(p, v >> 16);
	inner_put16(p + 2, v);
}

/* Two bytes at a time, big-endian, as RFC 1071 explains it. */
static inline u32 inner_sum(u32 sum, const u8 *p, size_t len)
{
	for (size_t i = 0; i < len; i += 2) {
		sum += inner_get16((u8[]){p[i], i + 1 < len ? p[i + 1] : 0});
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

static inline u32 inner_pseudo(const u8 *ip, u8 protocol, u32 len)
{
	u8 rest[4];

	inner_put16(rest, len);
	inner_put16(rest + 2, protocol);
	return inner_sum(ip[0] >> 4 == 6 ? inner_sum(0, ip + 8, 32) : inner_sum(0, ip + 12, 8), rest, 4);
}

static inline u32 inner_l4(const u8 *ip)
{
	return ip[0] >> 4 == 6 ? 40 : 20;
}

static inline u8 inner_protocol(const u8 *ip)
{
	return ip[0] >> 4 == 6 ? ip[6] : ip[9];
}

/* Whether all checksums and lengths of a TCP or UDP packet are right. */
static inline bool inner_right(const u8 *ip, u32 len)
{
	u32 l4 = inner_l4(ip), rest = len - l4;

	if (ip[0] >> 4 == 4 && (inner_sum(0, ip, 20) != 0xffff || inner_get16(ip + 2) != len))
		return false;
	if (ip[0] >> 4 == 6 && inner_get16(ip + 4) != rest)
		return false;
	if (inner_protocol(ip) == IPPROTO_UDP && inner_get16(ip + l4 + 4) != rest)
		return false;
	return inner_sum(inner_pseudo(ip, inner_protocol(ip), rest), ip + l4, rest) == 0xffff;
}

static inline void inner_fix(u8 *ip, u32 len)
{
	u32 l4 = inner_l4(ip), place = l4 + (inner_protocol(ip) == IPPROTO_TCP ? 16 : 6), sum;

	if (ip[0] >> 4 == 4) {
		inner_put16(ip + 10, 0);
		inner_put16(ip + 10, ~inner_sum(0, ip, 20));
	}
	inner_put16(ip + place, 0);
	sum = ~inner_sum(inner_pseudo(ip, inner_protocol(ip), len - l4), ip + l4, len - l4) & 0xffff;
	inner_put16(ip + place, sum ? sum : 0xffff);
}

/* Writes it with random payload, all fields right; its length. */
static inline u32 inner_make(const struct inner *x, u8 *out)
{
	u32 l4 = x->ipv6 ? 40 : 20;
	u32 header = l4 + (x->protocol == IPPROTO_TCP ? 20 + x->options : 8);
	u32 len = header + x->payload;
	u8 *p = out + l4;

	memset(out, 0, header);
	if (x->ipv6) {
		out[0] = 0x60;
		out[1] = (u8)(x->tos << 4);
		inner_put16(out + 4, len - l4);
		out[6] = x->protocol;
		out[7] = 64;
		memset(out + 8, 0xfd, 31);
		out[39] = 2;
	} else {
		out[0] = 0x45;
		out[1] = x->tos;
		inner_put16(out + 2, len);
		inner_put16(out + 4, x->id);
		out[6] = x->may_fragment ? 0 : 0x40;
		out[8] = 64;
		out[9] = x->protocol;
		inner_put32(out + 12, 0x0a000001);
		inner_put32(out + 16, 0x0a000002);
	}
	inner_put16(p, 1000);
	inner_put16(p + 2, 2000);
	if (x->protocol == IPPROTO_TCP) {
		inner_put32(p + 4, x->seq);
		inner_put32(p + 8, x->ack);
		p[12] = (u8)((20 + x->options) / 4 << 4);
		p[13] = x->flags;
		inner_put16(p + 14, 500);
		memset(p + 20, 1, x->options);
	} else {
		inner_put16(p + 4, len - l4);
	}
	for (u32 i = header; i < len; i++)
		out[i] = (u8)rand();
	inner_fix(out, len);
	return len;
}

#endif

// SPDX-License-Identifier: GPL-2.0
/* Sums in the byte order of the machine: what is stored comes out right in either order (RFC 1071
 * section 2). */
#include "checksum.h"

/* Eight sums side by side, of the halves of 32-bit words: 32768 blocks cannot overflow a lane. */
typedef u32 lanes __attribute__((vector_size(32)));

#define BLOCKS_MAX 32768

static inline __attribute__((always_inline)) u64 add_blocks(const u8 *p, size_t n)
{
	lanes sum = {0}, word;
	u64 total = 0;

	for (; n; n--, p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum += (word & 0xffff) + word / 0x10000; /* gcc 12's analyzer shifts wrongly */
	}
	for (size_t i = 0; i < sizeof(sum) / sizeof(u32); i++)
		total += sum[i];
	return total;
}

static u64 add_blocks_plain(const u8 *p, size_t n)
{
	return add_blocks(p, n);
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static u64 add_blocks_avx2(const u8 *p, size_t n)
{
	return add_blocks(p, n);
}

static u64 add_blocks_best(const u8 *p, size_t n)
{
	return __builtin_cpu_supports("avx2") ? add_blocks_avx2(p, n) : add_blocks_plain(p, n);
}
#else
#define add_blocks_best add_blocks_plain
#endif

static u64 add_rest(u64 sum, const u8 *p, size_t len)
{
	u32 word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum += word;
	}
	word = 0;
	memcpy(&word, p, len);
	return sum + word;
}

/* Below a few hundred bytes words are as fast as lanes, which must be added up. */
u64 checksum_add(u64 sum, const u8 *p, size_t len)
{
	while (len >= 4 * sizeof(lanes)) {
		size_t n = len / sizeof(lanes) < BLOCKS_MAX ? len / sizeof(lanes) : BLOCKS_MAX;

		sum += add_blocks_best(p, n);
		p += n * sizeof(lanes);
		len -= n * sizeof(lanes);
	}
	return add_rest(sum, p, len);
}

u64 checksum_pseudo(const u8 *ip, u8 protocol, size_t len)
{
	const u8 rest[8] = {(u8)(len >> 24), (u8)(len >> 16), (u8)(len >> 8), (u8)len, 0, 0, 0,
			    protocol};
	u64 sum = checksum_add(0, rest, sizeof(rest));

	return ip[0] >> 4 == 6 ? checksum_add(sum, ip + 8, 32) : checksum_add(sum, ip + 12, 8);
}

u16 checksum_fold(u64 sum)
{
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (u16)sum;
}

void checksum_store(u8 *place, u64 sum)
{
	u16 v = (u16)~checksum_fold(sum);

	memcpy(place, &v, sizeof(v));
}

void checksum_ipv4(u8 *ip)
{
	ip[10] = ip[11] = 0;
	checksum_store(ip + 10, checksum_add(0, ip, (size_t)(ip[0] & 15) * 4));
}

void checksum_adjust(u8 *place, u16 old, u16 new)
{
	u16 v;

	memcpy(&v, place, sizeof(v));
	checksum_store(place, (u64)(u16)~v + (u16)~old + new);
}

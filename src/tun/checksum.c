// SPDX-License-Identifier: GPL-2.0
/* Sums in the byte order of the machine, eight bytes at a time with the carry brought round: what is
 * stored comes out right in either order (RFC 1071 section 2). */
#include "checksum.h"

static u64 add(u64 a, u64 b)
{
	a += b;
	return a + (a < b);
}

static u64 load(const u8 *p)
{
	u64 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

u64 checksum_add(u64 sum, const u8 *p, size_t len)
{
	u64 other = 0, last = 0;

	for (; len >= 32; p += 32, len -= 32) {
		sum = add(sum, load(p));
		other = add(other, load(p + 8));
		sum = add(sum, load(p + 16));
		other = add(other, load(p + 24));
	}
	for (; len >= 8; p += 8, len -= 8)
		sum = add(sum, load(p));
	memcpy(&last, p, len);
	return add(add(sum, other), last);
}

u64 checksum_pseudo(const u8 *ip, u8 protocol, size_t len)
{
	const u8 rest[8] = {(u8)(len >> 24), (u8)(len >> 16), (u8)(len >> 8), (u8)len, 0, 0, 0, protocol};
	u64 sum = checksum_add(0, rest, sizeof(rest));

	return ip[0] >> 4 == 6 ? checksum_add(sum, ip + 8, 32) : checksum_add(sum, ip + 12, 8);
}

u16 checksum_fold(u64 sum)
{
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

// SPDX-License-Identifier: GPL-2.0
#include "packet.h"

enum { HEADER4 = 20, HEADER6 = 40 };

/* 10.0.0.HOST, fd00::HOST, and from 100 on somewhere in 10.9.N.0/24 and fd00:9:N::/48. */
void packet_address(u8 ip[static 16], u8 *cidr, u8 family, u8 address)
{
	bool moves = address >= PACKET_FLOAT;

	memset(ip, 0, 16);
	if (family == 4) {
		ip[0] = 10;
		ip[1] = moves ? 9 : 0;
		ip[2] = moves ? address : 0;
		ip[3] = moves ? 0 : address;
		*cidr = moves ? 24 : 32;
	} else {
		ip[0] = 0xfd;
		ip[3] = moves ? 9 : 0;
		ip[5] = moves ? address : 0;
		ip[15] = moves ? 0 : address;
		*cidr = moves ? 48 : 128;
	}
}

size_t packet_write(u8 out[static PACKET_MAX], u8 family, u8 source, u8 destination, u64 id)
{
	size_t header = family == 4 ? HEADER4 : HEADER6, len = header + 8 + id % 37;
	u8 cidr, ip[16];

	memset(out, 0, header);
	out[0] = family == 4 ? 0x45 : 0x60;
	if (family == 4) {
		out[2] = (u8)(len >> 8);
		out[3] = (u8)len;
	} else {
		out[4] = (u8)((len - header) >> 8);
		out[5] = (u8)(len - header);
	}
	packet_address(ip, &cidr, family, source);
	memcpy(out + (family == 4 ? 12 : 8), ip, family == 4 ? 4 : 16);
	packet_address(ip, &cidr, family, destination);
	memcpy(out + (family == 4 ? 16 : 24), ip, family == 4 ? 4 : 16);
	wg_store_le64(out + header, id);
	for (size_t i = header + 8; i < len; i++)
		out[i] = (u8)(id * 0x9e3779b97f4a7c15ULL >> 8 * (i % 8));
	return len;
}

static u8 address_in(const u8 *ip, u8 family)
{
	if (family == 4)
		return ip[1] == 9 ? ip[2] : ip[3];
	return ip[3] == 9 ? ip[5] : ip[15];
}

bool packet_read(const u8 *packet, size_t len, u64 *id, u8 *source, u8 *destination)
{
	u8 again[PACKET_MAX], family = len && packet[0] >> 4 == 6 ? 6 : 4;
	size_t header = family == 4 ? HEADER4 : HEADER6, whole;

	if (len < header + 8)
		return false;
	*id = wg_load_le64(packet + header);
	*source = address_in(packet + (family == 4 ? 12 : 8), family);
	*destination = address_in(packet + (family == 4 ? 16 : 24), family);
	whole = packet_write(again, family, *source, *destination, *id);
	if (len < whole || memcmp(packet, again, whole))
		return false;
	for (size_t i = whole; i < len; i++)
		if (packet[i])
			return false;
	return len == ((whole + 15) & ~(size_t)15);
}

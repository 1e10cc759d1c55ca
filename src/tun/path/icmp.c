// SPDX-License-Identifier: GPL-2.0
/* The answer comes from the address that cannot be reached: it is routed to this device, so no
 * filter of source addresses objects. */
#include "icmp.h"
#include <netinet/in.h>
#include "be.h"
#include "checksum.h"

enum {
	IPV4_LEN = 20,
	IPV6_LEN = 40,
	ICMP_LEN = 8,
	IPV4_MOST = 576, /* RFC 1812 section 4.3.2.3 */
	UNREACHABLE4 = 3,
	HOST = 1,
	UNREACHABLE6 = 1,
	ADDRESS = 3,
	TTL = 64,
};

/* No answer is given to an answer, to a fragment but the first, or to anything but a host. */
static bool answers4(const u8 *p, u32 len)
{
	u32 header = (p[0] & 15U) * 4;

	if (len < IPV4_LEN || header < IPV4_LEN || len < header || (p[6] & 0x1f) || p[7])
		return false;
	if (p[16] >= 224 || p[12] >= 224 || p[12] == 0 || p[12] == 127)
		return false;
	/* Of ICMP only requests are answered. */
	return p[9] != IPPROTO_ICMP || (len > header && (p[header] == 8 || p[header] == 13));
}

static bool answers6(const u8 *p, u32 len)
{
	static const u8 zeros[16];

	if (len < IPV6_LEN || p[24] == 0xff || p[8] == 0xff || memcmp(p + 8, zeros, 16) == 0)
		return false;
	return p[6] != IPPROTO_ICMPV6 || (len > IPV6_LEN && p[IPV6_LEN] >= 128);
}

static u32 unreachable4(u8 *out, const u8 *packet, u32 len)
{
	u32 quoted = len < IPV4_MOST - IPV4_LEN - ICMP_LEN ? len : IPV4_MOST - IPV4_LEN - ICMP_LEN;
	u32 total = IPV4_LEN + ICMP_LEN + quoted;

	memset(out, 0, IPV4_LEN + ICMP_LEN);
	out[0] = 0x45;
	be_store16(out + 2, total);
	out[8] = TTL;
	out[9] = IPPROTO_ICMP;
	memcpy(out + 12, packet + 16, 4);
	memcpy(out + 16, packet + 12, 4);
	checksum_ipv4(out);
	out[IPV4_LEN] = UNREACHABLE4;
	out[IPV4_LEN + 1] = HOST;
	memcpy(out + IPV4_LEN + ICMP_LEN, packet, quoted);
	checksum_store(out + IPV4_LEN + 2, checksum_add(0, out + IPV4_LEN, ICMP_LEN + quoted));
	return total;
}

static u32 unreachable6(u8 *out, const u8 *packet, u32 len)
{
	u32 quoted = len < ICMP_MAX - IPV6_LEN - ICMP_LEN ? len : ICMP_MAX - IPV6_LEN - ICMP_LEN;
	u32 payload = ICMP_LEN + quoted;

	memset(out, 0, IPV6_LEN + ICMP_LEN);
	out[0] = 0x60;
	be_store16(out + 4, payload);
	out[6] = IPPROTO_ICMPV6;
	out[7] = TTL;
	memcpy(out + 8, packet + 24, 16);
	memcpy(out + 24, packet + 8, 16);
	out[IPV6_LEN] = UNREACHABLE6;
	out[IPV6_LEN + 1] = ADDRESS;
	memcpy(out + IPV6_LEN + ICMP_LEN, packet, quoted);
	checksum_store(out + IPV6_LEN + 2,
		       checksum_add(checksum_pseudo(out, IPPROTO_ICMPV6, payload), out + IPV6_LEN,
				    payload));
	return IPV6_LEN + payload;
}

u32 icmp_unreachable(u8 out[static ICMP_MAX], const u8 *packet, u32 len)
{
	if (len && packet[0] >> 4 == 4 && answers4(packet, len))
		return unreachable4(out, packet, len);
	if (len && packet[0] >> 4 == 6 && answers6(packet, len))
		return unreachable6(out, packet, len);
	return 0;
}

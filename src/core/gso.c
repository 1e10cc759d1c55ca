// SPDX-License-Identifier: GPL-2.0
#include "gso.h"

enum {
	IPV4_MIN = 20,
	IPV6_LEN = 40,
	TCP_MIN = 20,
	UDP_LEN = 8,
	PACKET_MAX = 65535, /* bytes that a length field can state; IPv6's excludes its header */
	HEADER_MAX = 1024,  /* bytes in front of a payload: each segment repeats them */

	/* Offsets in the IPv4 header. */
	IPV4_TOTAL = 2,
	IPV4_ID = 4,
	IPV4_FRAGMENT = 6,
	IPV4_CHECK = 10,
	IPV4_PROTOCOL = 9,
	IPV4_SOURCE = 12, /* and the destination behind it */
	/* Offsets in the other headers. */
	IPV6_PAYLOAD = 4,
	IPV6_NEXT = 6,
	IPV6_SOURCE = 8, /* and the destination behind it */
	TCP_SEQ = 4,
	TCP_DATA_OFFSET = 12,
	TCP_FLAGS = 13,
	TCP_CHECK = 16,
	UDP_TOTAL = 4,
	UDP_CHECK = 6,

	DONT_FRAGMENT = 0x40, /* in the first byte of the fragment field */
	MORE_FRAGMENTS_AND_OFFSET = 0x3f,
	FIN = 1,
	PSH = 8,
	CWR = 128,

	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	HOP_BY_HOP = 0,
	ROUTING = 43,
	DESTINATION = 60,
};

static u32 load_be16(const u8 *p)
{
	return (u32)p[0] << 8 | p[1];
}

static void store_be16(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

/* A sum stays right in either byte order if its words are loaded and its result is stored in the
 * order of the machine (RFC 1071 section 2). */
static u32 sum_word(const u8 *p)
{
	u16 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static u32 sum_number(u32 v)
{
	u8 p[2];

	store_be16(p, v);
	return sum_word(p);
}

static u32 sum_bytes(const u8 *p, u32 even_len)
{
	u32 sum = 0;

	for (u32 i = 0; i < even_len; i += 2)
		sum += sum_word(p + i);
	return sum;
}

static u16 sum_fold(u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)sum;
}

/* Adding the complement takes a word out of a sum. */
static u32 sum_without(u32 word)
{
	return ~word & 0xffff;
}

static void sum_store(u8 *place, u32 sum)
{
	u16 v = (u16)~sum_fold(sum);

	memcpy(place, &v, sizeof(v));
}

void wg_gso_whole(struct wg_gso *g, u32 len)
{
	memset(g, 0, sizeof(*g));
	g->len = g->size = len;
	g->count = 1;
}

/* Returns the offset of the header behind IPv4 or IPv6 and its protocol number, 0 where there is a
 * header in between that must not be repeated in each segment, or one that is not known. */
static u32 find_l4(const u8 *p, u32 n, u8 *protocol)
{
	u32 at = IPV6_LEN;

	if (n >= IPV4_MIN && p[0] >> 4 == 4) {
		*protocol = p[IPV4_PROTOCOL];
		if ((p[IPV4_FRAGMENT] & MORE_FRAGMENTS_AND_OFFSET) || p[IPV4_FRAGMENT + 1])
			return 0;
		return (p[0] & 15U) * 4;
	}
	if (n < IPV6_LEN || p[0] >> 4 != 6)
		return 0;
	*protocol = p[IPV6_NEXT];
	while (*protocol == HOP_BY_HOP || *protocol == ROUTING || *protocol == DESTINATION) {
		if (n - at < 8)
			return 0;
		*protocol = p[at];
		at += 8 + p[at + 1] * 8U;
		if (at > n)
			return 0;
	}
	return at;
}

/* Reads the TCP header at g->l4, which is within `n`. */
static bool parse_tcp(struct wg_gso *g, const u8 *headers, u32 n)
{
	const u8 *tcp = headers + g->l4;
	u32 len;

	if (n - g->l4 < TCP_MIN)
		return false;
	len = (tcp[TCP_DATA_OFFSET] >> 4) * 4U;
	if (len < TCP_MIN || len > n - g->l4)
		return false;
	g->header_len = (u16)(g->l4 + len);
	/* Sequence number, flags and checksum are left out: they differ between segments. */
	g->l4_sum = sum_fold(g->l4_sum + sum_bytes(tcp, TCP_SEQ) +
			     sum_bytes(tcp + TCP_SEQ + 4, TCP_DATA_OFFSET - TCP_SEQ - 4) +
			     sum_bytes(tcp + TCP_DATA_OFFSET + 2, TCP_CHECK - TCP_DATA_OFFSET - 2) +
			     sum_bytes(tcp + TCP_CHECK + 2, len - TCP_CHECK - 2));
	return true;
}

static bool parse_udp(struct wg_gso *g, const u8 *headers, u32 n)
{
	const u8 *udp = headers + g->l4;

	if (n - g->l4 < UDP_LEN || load_be16(udp + UDP_TOTAL) != g->len - g->l4)
		return false;
	g->header_len = (u16)(g->l4 + UDP_LEN);
	g->l4_sum = sum_fold(g->l4_sum + sum_bytes(udp, UDP_TOTAL));
	return true;
}

bool wg_gso_parse(struct wg_gso *g, const u8 *headers, u32 n, u32 len,
		  const struct wg_gso_request *request)
{
	bool udp = request->protocol == WG_GSO_UDP, ipv6;
	u32 l4, check, payload;
	u8 protocol;

	if (n > len)
		n = len;
	l4 = find_l4(headers, n, &protocol);
	check = l4 + (udp ? UDP_CHECK : TCP_CHECK);
	if (l4 < IPV4_MIN || check + 2 > n || protocol != (udp ? PROTOCOL_UDP : PROTOCOL_TCP) ||
	    request->csum_start != l4 || request->csum_start + request->csum_offset != check)
		return false;
	ipv6 = headers[0] >> 4 == 6;
	/* A payload length of zero is a jumbogram's, whose length is in an option (RFC 2675). */
	if (l4 > HEADER_MAX || (ipv6 && !load_be16(headers + IPV6_PAYLOAD)))
		return false;
	if (!udp && ipv6 != (request->protocol == WG_GSO_TCP6))
		return false;
	/* The kernel's software refuses a fixed identification that a fragment could need. */
	if (len > PACKET_MAX + (ipv6 ? IPV6_LEN : 0) || !request->size ||
	    (request->fixed_id && !ipv6 && !(headers[IPV4_FRAGMENT] & DONT_FRAGMENT)))
		return false;
	wg_gso_whole(g, len);
	g->l4 = (u16)l4;
	g->udp = udp;
	g->fixed_id = request->fixed_id;
	/* The kernel left the pseudo header's sum with the length of the whole there. */
	g->l4_sum = sum_fold(sum_word(headers + check) + sum_without(sum_number(len - l4)));
	if (!(udp ? parse_udp(g, headers, n) : parse_tcp(g, headers, n)) || g->header_len >= len)
		return false;
	if (!ipv6)
		g->ip_sum = sum_fold(sum_bytes(headers, IPV4_TOTAL) +
				     sum_bytes(headers + IPV4_FRAGMENT, IPV4_CHECK - IPV4_FRAGMENT) +
				     sum_bytes(headers + IPV4_CHECK + 2, l4 - IPV4_CHECK - 2));
	payload = len - g->header_len;
	g->size = request->size < payload ? request->size : payload;
	g->count = (u16)((payload + g->size - 1) / g->size);
	return true;
}

/* The checksum of the IPv4 header covers that header alone, whatever is in its options, so it is
 * the sum of what all segments share and of the two fields that differ. */
static void write_ip(const struct wg_gso *g, u32 i, u32 len, u8 *ip)
{
	u32 id;

	if (ip[0] >> 4 == 6) {
		store_be16(ip + IPV6_PAYLOAD, len - IPV6_LEN);
		return;
	}
	id = load_be16(ip + IPV4_ID) + (g->fixed_id ? 0 : i);
	store_be16(ip + IPV4_TOTAL, len);
	store_be16(ip + IPV4_ID, id);
	sum_store(ip + IPV4_CHECK, g->ip_sum + sum_word(ip + IPV4_TOTAL) + sum_word(ip + IPV4_ID));
}

static void write_tcp(const struct wg_gso *g, u32 i, u32 sum, u8 *tcp)
{
	wg_store_be32(tcp + TCP_SEQ, wg_load_be32(tcp + TCP_SEQ) + i * g->size);
	if (i + 1 < g->count)
		tcp[TCP_FLAGS] &= 0xff & ~(FIN | PSH);
	if (i > 0)
		tcp[TCP_FLAGS] &= 0xff & ~CWR;
	sum_store(tcp + TCP_CHECK, sum + sum_word(tcp + TCP_SEQ) + sum_word(tcp + TCP_SEQ + 2) +
					   sum_word(tcp + TCP_DATA_OFFSET));
}

static void write_udp(u32 len, u32 sum, u8 *udp)
{
	store_be16(udp + UDP_TOTAL, len);
	sum_store(udp + UDP_CHECK, sum + sum_word(udp + UDP_TOTAL));
	/* A checksum of zero says that there is none; TCP has no such rule (RFC 768). */
	if (!udp[UDP_CHECK] && !udp[UDP_CHECK + 1])
		udp[UDP_CHECK] = udp[UDP_CHECK + 1] = 0xff;
}

void wg_gso_write_header(const struct wg_gso *g, const u8 *headers, u32 i, u32 payload_sum, u8 *out)
{
	u32 len = wg_gso_segment_len(g, i), l4_len = len - g->l4;
	u32 sum = sum_fold(payload_sum) + g->l4_sum + sum_number(l4_len);

	memcpy(out, headers, g->header_len);
	write_ip(g, i, len, out);
	if (g->udp)
		write_udp(l4_len, sum, out + g->l4);
	else
		write_tcp(g, i, sum, out + g->l4);
}

/* Without options and extension headers the destination is the final one, so the pseudo header has
 * the addresses of the IP header. */
static u32 pseudo_sum(const u8 *ip, bool ipv6, u8 protocol, u32 l4_len)
{
	u32 addresses = ipv6 ? sum_bytes(ip + IPV6_SOURCE, 32) : sum_bytes(ip + IPV4_SOURCE, 8);

	return addresses + sum_number(protocol) + sum_number(l4_len);
}

static void join_ip(u8 *ip, bool ipv6, u32 len)
{
	u32 sum;

	if (ipv6) {
		store_be16(ip + IPV6_PAYLOAD, len - IPV6_LEN);
		return;
	}
	/* The sum is adjusted by the change of the length (RFC 1624, equation 3). */
	sum = sum_without(sum_word(ip + IPV4_CHECK)) + sum_without(sum_word(ip + IPV4_TOTAL));
	store_be16(ip + IPV4_TOTAL, len);
	sum_store(ip + IPV4_CHECK, sum + sum_word(ip + IPV4_TOTAL));
}

void wg_gso_join(struct wg_gso_request *request, u8 *first, const u8 *last, u32 len, u32 size)
{
	bool ipv6 = first[0] >> 4 == 6;
	u8 protocol = first[ipv6 ? IPV6_NEXT : IPV4_PROTOCOL];
	u32 l4 = ipv6 ? IPV6_LEN : IPV4_MIN;
	u16 pseudo = sum_fold(pseudo_sum(first, ipv6, protocol, len - l4));

	*request = (struct wg_gso_request){.size = size, .csum_start = l4};
	join_ip(first, ipv6, len);
	if (protocol == PROTOCOL_UDP) {
		request->protocol = WG_GSO_UDP;
		request->csum_offset = UDP_CHECK;
		store_be16(first + l4 + UDP_TOTAL, len - l4);
	} else {
		request->protocol = ipv6 ? WG_GSO_TCP6 : WG_GSO_TCP4;
		request->csum_offset = TCP_CHECK;
		first[l4 + TCP_FLAGS] |= last[l4 + TCP_FLAGS] & (FIN | PSH);
	}
	memcpy(first + l4 + request->csum_offset, &pseudo, sizeof(pseudo));
}

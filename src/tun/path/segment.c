// SPDX-License-Identifier: GPL-2.0
/* As the kernel's own TSO and USO would cut it (RFC 9293, RFC 768): sequence numbers and
 * identifications count on; FIN and PSH are the last segment's, CWR is the first one's (RFC 3168
 * section 6.1.2). */
#include "segment.h"
#include <netinet/in.h>
#include "be.h"
#include "checksum.h"

enum {
	IPV4_MIN = 20,
	IPV6_LEN = 40,
	TCP_MIN = 20,
	UDP_LEN = 8,
	TCP_FLAGS = 13, /* offset */
	TCP_CHECK = 16,
	UDP_CHECK = 6,
	TCP_FIN = 1,
	TCP_PSH = 8,
	TCP_CWR = 128,
};

static bool is_ip(const u8 *packet, u32 len)
{
	return (len >= IPV4_MIN && packet[0] >> 4 == 4) || (len >= IPV6_LEN && packet[0] >> 4 == 6);
}

static bool finish_checksum(const struct virtio_net_hdr *h, u8 *packet, u32 len)
{
	u32 start = h->csum_start, place = start + h->csum_offset;
	u8 *p = packet + place;

	if (start > len || place + 2 > len)
		return false;
	/* The pseudo header's sum is in the field. */
	checksum_store(p, checksum_add(0, packet + start, len - start));
	/* UDP has no checksum of zero; TCP's that is zero means the same as all ones. */
	if (h->csum_offset == UDP_CHECK && !p[0] && !p[1])
		p[0] = p[1] = 0xff;
	return true;
}

static bool is_version(const u8 *packet, u8 version)
{
	return packet[0] >> 4 == version;
}

static bool protocol_of(const struct virtio_net_hdr *h, const u8 *packet, u8 *protocol)
{
	switch (h->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
		*protocol = IPPROTO_TCP;
		return is_version(packet, 4);
	case VIRTIO_NET_HDR_GSO_TCPV6:
		*protocol = IPPROTO_TCP;
		return is_version(packet, 6);
	case VIRTIO_NET_HDR_GSO_UDP_L4:
		*protocol = IPPROTO_UDP;
		return true;
	default: /* numbers of the kernel's */
		return false;
	}
}

static bool set_headers(struct gso_packet *s, const struct virtio_net_hdr *h)
{
	u32 ip_len = is_version(s->packet, 6) ? IPV6_LEN : (s->packet[0] & 15U) * 4;
	u32 rest;

	s->l4 = h->csum_start;
	if (s->l4 < ip_len || ip_len < IPV4_MIN || s->l4 > s->len)
		return false;
	rest = s->len - s->l4;
	if (s->protocol == IPPROTO_UDP) {
		s->header_len = s->l4 + UDP_LEN;
		return rest > UDP_LEN;
	}
	if (rest < TCP_MIN)
		return false;
	s->header_len = s->l4 + (u32)(s->packet[s->l4 + 12] >> 4) * 4;
	return s->header_len >= s->l4 + TCP_MIN && s->header_len < s->len;
}

bool segment_begin(struct gso_packet *s, const struct virtio_net_hdr *h, u8 *packet, u32 len)
{
	*s = (struct gso_packet){.packet = packet, .len = len, .size = len, .count = 1};
	if (!is_ip(packet, len))
		return false;
	if (h->gso_type == VIRTIO_NET_HDR_GSO_NONE)
		return !(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || finish_checksum(h, packet, len);
	if (!(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || !h->gso_size ||
	    !protocol_of(h, packet, &s->protocol) || !set_headers(s, h))
		return false;
	s->size = h->gso_size;
	s->count = (len - s->header_len + s->size - 1) / s->size;
	return true;
}

u32 segment_len(const struct gso_packet *s, u32 i)
{
	u32 begin = s->header_len + i * s->size;
	u32 payload = s->len - begin < s->size ? s->len - begin : s->size;

	return s->header_len + payload;
}

const u8 *segment_payload(const struct gso_packet *s, u32 i)
{
	return s->packet + s->header_len + i * s->size;
}

static void write_ip(const struct gso_packet *s, u32 i, u8 *ip, u32 len)
{
	if (is_version(ip, 6)) {
		be_store16(ip + 4, len - IPV6_LEN);
		return;
	}
	be_store16(ip + 2, len);
	be_store16(ip + 4, be_load16(s->packet + 4) + i);
	checksum_ipv4(ip);
}

static void write_tcp(const struct gso_packet *s, u32 i, u8 *tcp)
{
	be_store32(tcp + 4, be_load32(tcp + 4) + i * s->size);
	if (i + 1 < s->count)
		tcp[TCP_FLAGS] &= (u8)~(TCP_FIN | TCP_PSH);
	if (i > 0)
		tcp[TCP_FLAGS] &= (u8)~TCP_CWR;
}

void segment_write_header(const struct gso_packet *s, u32 i, u8 *out)
{
	u32 len = segment_len(s, i), l4_len = len - s->l4, header = s->header_len - s->l4;
	u8 *l4 = out + s->l4, *check = l4 + (s->protocol == IPPROTO_TCP ? TCP_CHECK : UDP_CHECK);
	u64 sum;

	if (!s->header_len)
		return;
	memcpy(out, s->packet, s->header_len);
	write_ip(s, i, out, len);
	if (s->protocol == IPPROTO_TCP)
		write_tcp(s, i, l4);
	else
		be_store16(l4 + 4, l4_len);
	check[0] = check[1] = 0;
	sum = checksum_add(checksum_pseudo(out, s->protocol, l4_len), l4, header);
	checksum_store(check, checksum_add(sum, segment_payload(s, i), l4_len - header));
	if (s->protocol == IPPROTO_UDP && !check[0] && !check[1])
		check[0] = check[1] = 0xff;
}

// SPDX-License-Identifier: GPL-2.0
#include "coalesce.h"
#include <netinet/in.h>
#include "../../core/gso.h"
#include "be.h"
#include "checksum.h"

enum {
	IPV4_LEN = 20,
	IPV6_LEN = 40,
	TCP_MIN = 20,
	UDP_LEN = 8,
	TCP_FLAGS = 13,
	UDP_CHECK = 6,
	TCP_PSH = 8,
	TCP_ACK = 16,
	TCP_ECE = 64,
	MAX_LEN = 65535,
};

/* How one packet looks. */
struct view {
	u8 *p;
	u32 len, l4, header_len;
	u8 protocol;
};

static bool is_ipv6(const u8 *p)
{
	return p[0] >> 4 == 6;
}

/* Packets with options, extension headers or fragments go alone. */
static bool view_ip(struct view *v, u8 *p, u32 len)
{
	v->p = p;
	v->len = len;
	if (is_ipv6(p)) {
		v->l4 = IPV6_LEN;
		v->protocol = len > IPV6_LEN ? p[6] : 0;
		return len > IPV6_LEN && be_load16(p + 4) == len - IPV6_LEN;
	}
	v->l4 = IPV4_LEN;
	v->protocol = p[9];
	return p[0] == 0x45 && len > IPV4_LEN && be_load16(p + 2) == len &&
	       !(be_load16(p + 6) & 0xbfff) &&
	       checksum_fold(checksum_add(0, p, IPV4_LEN)) == 0xffff;
}

static bool view_l4(struct view *v)
{
	const u8 *l4 = v->p + v->l4;
	u32 rest = v->len - v->l4;

	if (v->protocol == IPPROTO_UDP) {
		v->header_len = v->l4 + UDP_LEN;
		return rest > UDP_LEN && be_load16(l4 + 4) == rest &&
		       be_load16(l4 + UDP_CHECK) != 0;
	}
	if (v->protocol != IPPROTO_TCP || rest < TCP_MIN)
		return false;
	v->header_len = v->l4 + (u32)(l4[12] >> 4) * 4;
	return v->header_len >= v->l4 + TCP_MIN && v->header_len < v->len &&
	       (l4[TCP_FLAGS] & ~(TCP_PSH | TCP_ECE)) == TCP_ACK;
}

static bool checksum_right(const struct view *v)
{
	u32 len = v->len - v->l4;

	return checksum_fold(checksum_add(checksum_pseudo(v->p, v->protocol, len), v->p + v->l4,
					  len)) == 0xffff;
}

/* Returns whether a packet shares with the first one all that a flow's packets share, but for what
 * counts on. */
static bool same_ipv4(const struct coalesce *c, const u8 *p)
{
	const u8 *first = c->packet[0];
	bool dont_fragment = p[6] & 0x40;

	return p[1] == first[1] && p[6] == first[6] && p[8] == first[8] &&
	       (dont_fragment ||
		be_load16(p + 4) == ((be_load16(first + 4) + c->count) & 0xffff)) &&
	       memcmp(p + 12, first + 12, 8) == 0;
}

static bool same_ipv6(const struct coalesce *c, const u8 *p)
{
	const u8 *first = c->packet[0];

	return memcmp(p, first, 4) == 0 && p[7] == first[7] && memcmp(p + 8, first + 8, 32) == 0;
}

static bool same_tcp(const struct coalesce *c, const u8 *tcp)
{
	const u8 *first = c->packet[0] + c->l4;
	u32 sent = c->len - c->header_len;

	return memcmp(tcp, first, 4) == 0 && be_load32(tcp + 4) == be_load32(first + 4) + sent &&
	       memcmp(tcp + 8, first + 8, 5) == 0 &&
	       ((tcp[TCP_FLAGS] ^ first[TCP_FLAGS]) & ~TCP_PSH) == 0 &&
	       memcmp(tcp + 14, first + 14, 2) == 0 && memcmp(tcp + 18, first + 18, 2) == 0 &&
	       memcmp(tcp + TCP_MIN, first + TCP_MIN, c->header_len - c->l4 - TCP_MIN) == 0;
}

static bool joins(const struct coalesce *c, const struct view *v)
{
	u32 payload = v->len - v->header_len;

	if (c->closed || c->count == COALESCE_PACKETS || v->protocol != c->protocol ||
	    v->header_len != c->header_len || v->l4 != c->l4 || payload > c->size ||
	    c->len + payload > MAX_LEN || v->p[0] >> 4 != c->packet[0][0] >> 4)
		return false;
	if (is_ipv6(v->p) ? !same_ipv6(c, v->p) : !same_ipv4(c, v->p))
		return false;
	if (v->protocol == IPPROTO_TCP ? !same_tcp(c, v->p + v->l4)
				       : memcmp(v->p + v->l4, c->packet[0] + c->l4, 4) != 0)
		return false;
	return checksum_right(v);
}

static bool is_last(const struct coalesce *c, const struct view *v)
{
	return v->len - v->header_len < c->size ||
	       (v->protocol == IPPROTO_TCP && v->p[v->l4 + TCP_FLAGS] & TCP_PSH);
}

static void append_segment(struct coalesce *c, u8 *packet, u32 len, u32 skip)
{
	c->packet[c->count] = packet;
	c->packet_len[c->count] = len;
	c->count++;
	c->iov[c->count].iov_base = packet + skip;
	c->iov[c->count].iov_len = len - skip;
	c->len += len - skip;
}

static void start_super_packet(struct coalesce *c, u8 *packet, u32 len, struct view *v,
			       bool joinable)
{
	append_segment(c, packet, len, 0);
	c->protocol = 0;
	if (!joinable || !(v->protocol == IPPROTO_UDP ? c->udp : c->tcp) || !checksum_right(v))
		return;
	c->protocol = v->protocol;
	c->l4 = v->l4;
	c->header_len = v->header_len;
	c->size = v->len - v->header_len;
	c->closed = is_last(c, v);
}

bool coalesce_add(struct coalesce *c, u8 *packet, u32 len)
{
	struct view v;
	bool joinable = view_ip(&v, packet, len) && view_l4(&v);

	if (!c->count) {
		start_super_packet(c, packet, len, &v, joinable);
		return true;
	}
	if (!c->protocol || !joinable || !joins(c, &v))
		return false;
	c->closed = is_last(c, &v);
	append_segment(c, packet, len, c->header_len);
	return true;
}

static const u8 gso_types[] = {
	[WG_GSO_TCP4] = VIRTIO_NET_HDR_GSO_TCPV4,
	[WG_GSO_TCP6] = VIRTIO_NET_HDR_GSO_TCPV6,
	[WG_GSO_UDP] = VIRTIO_NET_HDR_GSO_UDP_L4,
};

void coalesce_finish(struct coalesce *c)
{
	struct wg_gso_request request;

	memset(&c->header, 0, sizeof(c->header));
	c->iov[0].iov_base = &c->header;
	c->iov[0].iov_len = sizeof(c->header);
	if (c->count < 2)
		return;
	memcpy(c->saved, c->packet[0], c->header_len);
	wg_gso_join(&request, c->packet[0], c->packet[c->count - 1], c->len, c->size);
	c->header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	c->header.gso_type = gso_types[request.protocol];
	c->header.gso_size = (u16)request.size;
	c->header.hdr_len = (u16)c->header_len;
	c->header.csum_start = (u16)request.csum_start;
	c->header.csum_offset = (u16)request.csum_offset;
}

void coalesce_undo(struct coalesce *c)
{
	if (c->count > 1)
		memcpy(c->packet[0], c->saved, c->header_len);
}

void coalesce_reset(struct coalesce *c)
{
	c->count = 0;
	c->len = 0;
	c->closed = false;
}

// SPDX-License-Identifier: GPL-2.0
#include "segment.h"
#include "checksum.h"

enum {
	IPV4_MIN = 20,
	IPV6_LEN = 40,
};

static bool is_ip(const u8 *packet, u32 len)
{
	return (len >= IPV4_MIN && packet[0] >> 4 == 4) || (len >= IPV6_LEN && packet[0] >> 4 == 6);
}

/* The sum of the pseudo header is in the field. A result of zero is written as all ones, as the
 * kernel does for every protocol: it means the same but for UDP, where it would say that there is
 * no checksum. */
static bool complete_checksum(const struct virtio_net_hdr *h, u8 *packet, u32 len)
{
	u32 start = h->csum_start, place = start + h->csum_offset;
	u8 *p = packet + place;

	if (start > len || place + 2 > len)
		return false;
	checksum_store(p, checksum_add(0, packet + start, len - start));
	if (!p[0] && !p[1])
		p[0] = p[1] = 0xff;
	return true;
}

static bool parse_request(struct wg_gso_request *r, const struct virtio_net_hdr *h)
{
	r->size = h->gso_size;
	r->csum_start = h->csum_start;
	r->csum_offset = h->csum_offset;
	r->fixed_id = false; /* the kernel cuts those itself: we do not ask for them */
	switch (h->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
		r->protocol = WG_GSO_TCP4;
		return true;
	case VIRTIO_NET_HDR_GSO_TCPV6:
		r->protocol = WG_GSO_TCP6;
		return true;
	case VIRTIO_NET_HDR_GSO_UDP_L4:
		r->protocol = WG_GSO_UDP;
		return true;
	default: /* numbers of the kernel's */
		return false;
	}
}

bool segment_begin(struct gso_packet *s, const struct virtio_net_hdr *h, u8 *packet, u32 len)
{
	struct wg_gso_request request;

	s->packet = packet;
	wg_gso_whole(&s->gso, len);
	if (!is_ip(packet, len))
		return false;
	if (h->gso_type == VIRTIO_NET_HDR_GSO_NONE)
		return !(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) ||
		       complete_checksum(h, packet, len);
	return (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) && parse_request(&request, h) &&
	       wg_gso_parse(&s->gso, packet, len, len, &request);
}

u32 segment_len(const struct gso_packet *s, u32 i)
{
	return wg_gso_segment_len(&s->gso, i);
}

const u8 *segment_payload(const struct gso_packet *s, u32 i)
{
	return s->packet + wg_gso_payload_at(&s->gso, i);
}

void segment_write_header(const struct gso_packet *s, u32 i, u8 *out)
{
	u32 payload = segment_len(s, i) - s->gso.header_len;

	if (s->gso.header_len)
		wg_gso_write_header(&s->gso, s->packet, i,
				    checksum_fold(checksum_add(0, segment_payload(s, i), payload)),
				    out);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* The header arithmetic of a super-packet: one TCP or UDP packet that stands for many, as a kernel
 * hands it to a link that promises segmentation (TSO, USO). A host parses the headers once, then
 * has the header of each segment written to where that segment is sealed. A host that puts segments
 * together again has the header of the whole written. Segments are what the
 * kernel's own segmentation gives, bit for bit.
 *
 * A checksum is adjusted and never computed from addresses. The kernel leaves the sum of the pseudo
 * header in the checksum field, and that pseudo header has the final destination: with an IPv6
 * routing header or an IPv4 source route the destination field holds another address. Here the
 * difference of what changes between the super-packet and a segment is applied to that sum.
 *
 * Sums are Internet checksums (RFC 1071) that are not inverted: 16-bit words in memory order, as
 * the kernel's csum_partial() adds them up, folded to 16 bits. All functions work in the caller's
 * memory and need no lock. */
#ifndef WG_CORE_GSO_H
#define WG_CORE_GSO_H

#include "../port.h"

enum wg_gso_protocol {
	WG_GSO_TCP4, /* TCP over IPv4 */
	WG_GSO_TCP6, /* TCP over IPv6 */
	WG_GSO_UDP,  /* UDP over either */
};

/* What the kernel says of a super-packet beside its bytes: struct virtio_net_hdr, or the fields of
 * a socket buffer. */
struct wg_gso_request {
	enum wg_gso_protocol protocol;
	bool fixed_id;	 /* all segments keep the IPv4 identification (SKB_GSO_TCP_FIXEDID) */
	u32 size;	 /* payload of each segment but the last, bytes */
	u32 csum_start;	 /* from the IP header to where the pending checksum begins, bytes */
	u32 csum_offset; /* from there to the checksum field, bytes */
};

/* A packet on its way through a host: what it takes to write the header of any of its segments. */
struct wg_gso {
	u32 len;	 /* of the whole packet from its IP header on, bytes */
	u32 size;	 /* payload of each segment but the last, bytes; `len` if it is not cut */
	u16 count;	 /* segments, at least 1 */
	u16 header_len;	 /* bytes in front of each payload; 0: the packet is not to be cut */
	u16 l4;		 /* from the IP header to the TCP or UDP header, bytes */
	u16 ip_sum;	 /* of the IPv4 header without length, identification and checksum */
	u16 l4_sum;	 /* of pseudo header and TCP or UDP header without what differs */
	bool udp;
	bool fixed_id;
};

/* Describes a packet that is not to be cut, of `len` bytes; it may be empty. */
void wg_gso_whole(struct wg_gso *g, u32 len);

/* Reads the headers of a super-packet of `len` bytes, of which the first `n` are at `headers`.
 * Returns true if it can be cut here: IPv4 with or without options, or IPv6 with hop-by-hop,
 * destination and routing headers, directly followed by the TCP or UDP header that `request` names,
 * all of it within the `n` bytes, and a payload behind it. Returns false for everything else:
 * fragments, authentication headers, jumbograms, unknown extension headers, a pending checksum that
 * is not that header's, and contradictions. The host then leaves the packet to the kernel or drops
 * it; `g` is not to be used. Nothing is read beyond `n`. */
bool wg_gso_parse(struct wg_gso *g, const u8 *headers, u32 n, u32 len,
		  const struct wg_gso_request *request);

/* Returns the length of segment `i` (below g->count) from its IP header on, in bytes. */
static inline u32 wg_gso_segment_len(const struct wg_gso *g, u32 i)
{
	u32 left = g->len - g->header_len - i * g->size;

	return g->header_len + (left < g->size ? left : g->size);
}

/* Returns where in the super-packet the payload of segment `i` begins, in bytes. */
static inline u32 wg_gso_payload_at(const struct wg_gso *g, u32 i)
{
	return g->header_len + i * g->size;
}

/* Writes the g->header_len bytes in front of segment `i`'s payload to `out`, right in every length
 * and checksum. `headers` is the super-packet, as it was parsed; `payload_sum` is the sum of the
 * segment's payload, of at most 32 bits. Sequence numbers and identifications count on; FIN and PSH
 * are the last segment's, CWR is the first one's (RFC 9293, RFC 3168 section 6.1.2). */
void wg_gso_write_header(const struct wg_gso *g, const u8 *headers, u32 i, u32 payload_sum, u8 *out);

/* The reverse: `first` has the headers of the first of the segments that a host puts together, of
 * which the caller knows that they follow each other. They become the headers of the super-packet,
 * of `len` bytes (at most 65535) from its IP header on, with the sum of the pseudo header in the
 * checksum field. `last` has the headers of the last segment, whose FIN and PSH the whole gets.
 * Fills `request` in, for segments with `size` bytes of payload. The IP header must be IPv4 without
 * options or IPv6 without extension headers, directly followed by that of TCP or UDP; its checksum
 * must be right. */
void wg_gso_join(struct wg_gso_request *request, u8 *first, const u8 *last, u32 len, u32 size);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What one read of the TUN device gives: a packet, or a super-packet that is to be cut into
 * segments, whose checksum is still to be computed (struct virtio_net_hdr). Headers of segments are
 * written to where they will be sealed, payloads stay where they are. core/gso.h has the
 * arithmetic; this is its host. */
#ifndef WG_TUN_SEGMENT_H
#define WG_TUN_SEGMENT_H

#include "../../core/gso.h"
#include "vnet.h"

struct gso_packet {
	const u8 *packet; /* from its IP header on */
	struct wg_gso gso;
};

/* Reads the headers of what was read: `len` bytes at `packet`, described by `h`. Completes a single
 * packet's pending checksum in place. Returns false if the packet is to be dropped: it is no IP
 * packet, its headers contradict each other, or it cannot be cut (wg_gso_parse). */
bool segment_begin(struct gso_packet *s, const struct virtio_net_hdr *h, u8 *packet, u32 len);
/* Returns the length of the i-th segment, headers included. */
u32 segment_len(const struct gso_packet *s, u32 i);
/* Returns the payload of the i-th segment, in the super-packet; headers go in front. */
const u8 *segment_payload(const struct gso_packet *s, u32 i);
/* Writes the s->gso.header_len bytes in front of it, right in all fields and checksums. */
void segment_write_header(const struct gso_packet *s, u32 i, u8 *out);

#endif

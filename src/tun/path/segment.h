/* SPDX-License-Identifier: GPL-2.0 */
/* What one read of the TUN device gives: a packet, or a super-packet that is to be cut into
 * segments, with its checksum still to be computed (struct virtio_net_hdr). Headers of segments are
 * written where they will be sealed, payloads are left where they are. */
#ifndef WG_TUN_SEGMENT_H
#define WG_TUN_SEGMENT_H


#include "../../port.h"
#include "vnet.h"

struct gso_packet {
	const u8 *packet; /* from its IP header on */
	u32 len;
	u32 header_len;	/* of IP and TCP or UDP, before each payload; 0: not to be cut */
	u32 l4;		/* where the TCP or UDP header begins */
	u32 size;	/* payload of a segment, but the last */
	u32 count;	/* of segments, at least 1 */
	u8 protocol;
};

/* Looks at what was read. A packet's pending checksum is computed on the spot. False where the
 * headers contradict each other: drop it. */
bool segment_begin(struct gso_packet *s, const struct virtio_net_hdr *h, u8 *packet, u32 len);
/* The length of the i-th segment, headers included. */
u32 segment_len(const struct gso_packet *s, u32 i);
/* Its payload, in the super-packet; headers go in front. */
const u8 *segment_payload(const struct gso_packet *s, u32 i);
/* Writes s->header_len bytes, right in all fields and checksums. */
void segment_write_header(const struct gso_packet *s, u32 i, u8 *out);

#endif

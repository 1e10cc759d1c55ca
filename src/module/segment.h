/* SPDX-License-Identifier: GPL-2.0 */
/* Cutting a super-packet (TCP or UDP, IPv4 or IPv6) as the kernel's own segmentation would, but
 * straight to where each segment is sealed, with its checksums. */
#ifndef WG_MODULE_SEGMENT_H
#define WG_MODULE_SEGMENT_H

#include <linux/skbuff.h>
#include "../port.h"

struct wg_super {
	struct sk_buff *skb; /* data at the IP header */
	u32 len, header_len; /* header_len 0: one packet, not to be cut */
	u32 l4, size, count; /* where the TCP or UDP header begins; payload of a segment; segments */
	bool tcp;
};

/* How many segments this packet will be; 0: it cannot be cut. Cheap. */
u32 wg_segment_count(const struct sk_buff *skb);
/* A single packet's pending checksum is computed when it is written. False: headers contradict. */
bool wg_segment_begin(struct wg_super *s, struct sk_buff *skb);
u32 wg_segment_len(const struct wg_super *s, u32 i);
/* Writes the i-th segment, whole; false: the packet's pieces cannot be read. */
bool wg_segment_write(const struct wg_super *s, u32 i, u8 *out);

#endif

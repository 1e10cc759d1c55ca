/* SPDX-License-Identifier: GPL-2.0 */
/* Cutting a super-packet (TCP or UDP, IPv4 or IPv6) as the kernel's own segmentation would, but
 * straight to where each segment is sealed, with its checksums. */
#ifndef WG_MODULE_SEGMENT_H
#define WG_MODULE_SEGMENT_H

#include <linux/netdev_features.h>
#include <linux/skbuff.h>
#include "../port.h"

/* What a link may promise that uses this; wg_segment_count() knows nothing else. */
#define WG_SEGMENT_FEATURES (NETIF_F_ALL_TSO | NETIF_F_GSO_UDP_L4 | NETIF_F_FRAGLIST)

struct wg_super {
	const struct sk_buff *skb; /* data at the IP header */
	u32 len, header_len; /* header_len 0: one packet, not to be cut */
	u32 l4, size, count; /* where the TCP or UDP header begins; payload of a segment; segments */
	bool tcp;
};

/* How many segments this packet will be, at least 1, also of an empty one; 0: the kernel has to cut
 * it. Cheap. */
u32 wg_segment_count(const struct sk_buff *skb);
/* Of a packet whose count is not 0. A single packet's pending checksum is computed when it is
 * written. False: headers contradict. */
bool wg_segment_begin(struct wg_super *s, const struct sk_buff *skb);
u32 wg_segment_len(const struct wg_super *s, u32 i);
/* Writes the i-th segment, whole; false: the packet's pieces cannot be read. */
bool wg_segment_write(const struct wg_super *s, u32 i, u8 *out);

#endif

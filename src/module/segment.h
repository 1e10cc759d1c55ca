/* SPDX-License-Identifier: GPL-2.0 */
/* Cutting a super-packet (TCP or UDP, IPv4 or IPv6) as the kernel's own segmentation would, but
 * straight to where each segment is sealed, with its checksums. */
#ifndef WG_MODULE_SEGMENT_H
#define WG_MODULE_SEGMENT_H

#include <linux/netdev_features.h>
#include <linux/skbuff.h>

/* What a link may promise that uses this; wg_segment_begin() knows nothing else. */
#define WG_SEGMENT_FEATURES (NETIF_F_ALL_TSO | NETIF_F_GSO_UDP_L4 | NETIF_F_FRAGLIST)

struct wg_super {
	u32 header_len;	 /* 0: one packet, not to be cut */
	u32 l4;		 /* where the TCP or UDP header begins */
	u32 size, count; /* payload of a segment; segments */
	bool tcp;
};

/* `skb`: data at the IP header, or empty. False: the kernel has to cut it; each of its pieces is
 * then one packet as `s` says. Cheap. */
bool wg_segment_begin(struct wg_super *s, const struct sk_buff *skb);
u32 wg_segment_len(const struct wg_super *s, const struct sk_buff *skb, u32 i);
/* Writes the i-th segment, whole. A single packet's pending checksum is computed before. False:
 * it cannot be, or the packet's pieces cannot be read. */
bool wg_segment_write(const struct wg_super *s, struct sk_buff *skb, u32 i, u8 *out);

#endif

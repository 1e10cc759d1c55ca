/* SPDX-License-Identifier: GPL-2.0 */
/* Cuts a super-packet (TCP or UDP, IPv4 or IPv6) as the kernel's own segmentation would, but
 * straight to where each segment is sealed, with its checksums. core/gso.h has the arithmetic of
 * the headers; this is its host. */
#ifndef WG_MODULE_SEGMENT_H
#define WG_MODULE_SEGMENT_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include "../core/gso.h"

/* The offloads that a link promises: what wg_segment_begin() does not know the kernel's software
 * cuts, as for its own WireGuard; pieces in a list are read as they are. */
#define WG_SEGMENT_FEATURES (NETIF_F_GSO_SOFTWARE | NETIF_F_FRAGLIST)

/* Describes `skb`, whose data begin at the IP header, or which is empty. Returns false if the
 * kernel has to cut it (skb_gso_segment()); each of its pieces is then a whole packet
 * (wg_gso_whole()). */
bool wg_segment_begin(struct wg_gso *g, const struct sk_buff *skb);
/* Writes the i-th segment to `out`, wg_gso_segment_len(g, i) bytes, headers and payload; a single
 * packet's pending checksum is completed before. Returns false if that cannot be done or the
 * packet's pieces cannot be read. */
bool wg_segment_write(const struct wg_gso *g, struct sk_buff *skb, u32 i, u8 *out);

#endif

// SPDX-License-Identifier: GPL-2.0
#include "segment.h"

#define TCP     (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)
#define KINDS   (TCP | SKB_GSO_UDP_L4)
#define DETAILS (SKB_GSO_DODGY | SKB_GSO_TCP_ECN | SKB_GSO_TCP_FIXEDID)

static enum wg_gso_protocol protocol_of(unsigned int gso_type)
{
	if (gso_type & SKB_GSO_UDP_L4)
		return WG_GSO_UDP;
	return gso_type & SKB_GSO_TCPV6 ? WG_GSO_TCP6 : WG_GSO_TCP4;
}

bool wg_segment_begin(struct wg_gso *g, const struct sk_buff *skb)
{
	unsigned int type = skb_shinfo(skb)->gso_type;
	struct wg_gso_request request;

	wg_gso_whole(g, skb->len);
	if (!skb_is_gso(skb))
		return true;
	/* An inner packet of another tunnel has headers that are not ours to cut. */
	if (!(type & KINDS) || type & ~(KINDS | DETAILS) || skb->encapsulation ||
	    skb->ip_summed != CHECKSUM_PARTIAL)
		return false;
	request = (struct wg_gso_request){
		.protocol = protocol_of(type),
		.fixed_id = type & SKB_GSO_TCP_FIXEDID,
		.size = skb_shinfo(skb)->gso_size,
		.csum_start = (u32)skb_checksum_start_offset(skb),
		.csum_offset = skb->csum_offset,
	};
	return wg_gso_parse(g, skb->data, skb_headlen(skb), skb->len, &request);
}

bool wg_segment_write(const struct wg_gso *g, struct sk_buff *skb, u32 i, u8 *out)
{
	u32 at = wg_gso_payload_at(g, i), len = wg_gso_segment_len(g, i) - g->header_len;

	if (!g->header_len)
		return (skb->ip_summed != CHECKSUM_PARTIAL || !skb_checksum_help(skb)) &&
		       !skb_copy_bits(skb, 0, out, len);
	wg_gso_write_header(g, skb->data, i,
			    (__force u32)skb_copy_and_csum_bits(skb, (int)at, out + g->header_len,
								(int)len),
			    out);
	return true;
}

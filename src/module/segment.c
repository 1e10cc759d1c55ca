// SPDX-License-Identifier: GPL-2.0
/* Sequence numbers and identifications count on; FIN and PSH are the last segment's, CWR is the
 * first one's (RFC 3168 section 6.1.2). */
#include "segment.h"
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>

#define TCP     (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)
#define KINDS   (TCP | SKB_GSO_UDP_L4)
#define DETAILS (SKB_GSO_DODGY | SKB_GSO_TCP_ECN | SKB_GSO_TCP_FIXEDID)

bool wg_segment_begin(struct wg_super *s, const struct sk_buff *skb)
{
	unsigned int type = skb_shinfo(skb)->gso_type;
	u32 least = type & TCP ? sizeof(struct tcphdr) : sizeof(struct udphdr), l4, header_len;

	*s = (struct wg_super){.size = U32_MAX, .count = 1};
	if (!skb_is_gso(skb))
		return true;
	l4 = (u32)skb_transport_offset(skb);
	if (!(type & KINDS) || type & ~(KINDS | DETAILS) || skb->encapsulation ||
	    skb->ip_summed != CHECKSUM_PARTIAL || l4 < sizeof(struct iphdr) ||
	    l4 > skb_headlen(skb) || l4 + least > skb_headlen(skb))
		return false;
	header_len = l4 + (type & TCP ? tcp_hdrlen(skb) : least);
	if (header_len < l4 + least || header_len > skb_headlen(skb) || header_len >= skb->len)
		return false;
	s->header_len = header_len;
	s->l4 = l4;
	s->size = skb_shinfo(skb)->gso_size;
	s->count = DIV_ROUND_UP(skb->len - header_len, s->size);
	s->tcp = type & TCP;
	return true;
}

u32 wg_segment_len(const struct wg_super *s, const struct sk_buff *skb, u32 i)
{
	return s->header_len + min(skb->len - s->header_len - i * s->size, s->size);
}

/* `sum`: of what follows the headers. */
static void write_headers(const struct wg_super *s, const struct sk_buff *skb, u32 i, u8 *out,
			  __wsum sum)
{
	u32 len = wg_segment_len(s, skb, i), l4_len = len - s->l4;
	u8 protocol = s->tcp ? IPPROTO_TCP : IPPROTO_UDP;
	struct tcphdr *tcp = (struct tcphdr *)(out + s->l4);
	struct udphdr *udp = (struct udphdr *)tcp;
	__sum16 *check = s->tcp ? &tcp->check : &udp->check;
	struct ipv6hdr *ip6 = (struct ipv6hdr *)out;
	struct iphdr *ip = (struct iphdr *)out;

	memcpy(out, skb->data, s->header_len);
	if (s->tcp) {
		be32_add_cpu(&tcp->seq, i * s->size);
		if (i + 1 < s->count)
			tcp->fin = tcp->psh = 0;
		if (i > 0)
			tcp->cwr = 0;
	} else {
		udp->len = htons(l4_len);
	}
	*check = 0;
	sum = csum_partial(tcp, s->header_len - s->l4, sum);
	if (ip->version == 6) {
		ip6->payload_len = htons(len - sizeof(*ip6));
		*check = csum_ipv6_magic(&ip6->saddr, &ip6->daddr, l4_len, protocol, sum);
	} else {
		ip->tot_len = htons(len);
		if (!(skb_shinfo(skb)->gso_type & SKB_GSO_TCP_FIXEDID))
			be16_add_cpu(&ip->id, i);
		ip_send_check(ip);
		*check = csum_tcpudp_magic(ip->saddr, ip->daddr, l4_len, protocol, sum);
	}
	/* UDP has no sum of zero; TCP's that is zero means the same as all ones. */
	*check = *check ?: CSUM_MANGLED_0;
}

bool wg_segment_write(const struct wg_super *s, struct sk_buff *skb, u32 i, u8 *out)
{
	u32 len = wg_segment_len(s, skb, i) - s->header_len;

	if (!s->header_len)
		return (skb->ip_summed != CHECKSUM_PARTIAL || !skb_checksum_help(skb)) &&
		       !skb_copy_bits(skb, 0, out, len);
	write_headers(
		s, skb, i, out,
		skb_copy_and_csum_bits(skb, s->header_len + i * s->size, out + s->header_len, len));
	return true;
}

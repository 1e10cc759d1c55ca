// SPDX-License-Identifier: GPL-2.0
/* Sequence numbers and identifications count on; FIN and PSH are the last segment's, CWR is the
 * first one's (RFC 3168 section 6.1.2). */
#include "segment.h"
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>

#define TCP	(SKB_GSO_TCPV4 | SKB_GSO_TCPV6)
#define KINDS	(TCP | SKB_GSO_UDP_L4)
#define DETAILS (SKB_GSO_DODGY | SKB_GSO_TCP_ECN | SKB_GSO_TCP_FIXEDID)

static bool is_kind_we_cut(const struct sk_buff *skb)
{
	unsigned int type = skb_shinfo(skb)->gso_type;

	return (type & KINDS) && !(type & ~(KINDS | DETAILS)) && !skb->encapsulation &&
	       skb->ip_summed == CHECKSUM_PARTIAL && skb_shinfo(skb)->gso_size;
}

/* Of all headers; 0: they are not whole in the linear part, or nothing follows. */
static u32 header_len(const struct sk_buff *skb)
{
	u32 l4 = (u32)skb_transport_offset(skb), len = l4 + sizeof(struct udphdr);

	if (l4 < sizeof(struct iphdr) || l4 > skb_headlen(skb))
		return 0;
	if (skb_shinfo(skb)->gso_type & TCP) {
		if (l4 + sizeof(struct tcphdr) > skb_headlen(skb))
			return 0;
		len = l4 + tcp_hdrlen(skb);
		if (len < l4 + sizeof(struct tcphdr))
			return 0;
	}
	return len <= skb_headlen(skb) && len < skb->len ? len : 0;
}

u32 wg_segment_count(const struct sk_buff *skb)
{
	u32 header;

	if (!skb_is_gso(skb))
		return 1;
	header = is_kind_we_cut(skb) ? header_len(skb) : 0;
	return header ? DIV_ROUND_UP(skb->len - header, skb_shinfo(skb)->gso_size) : 0;
}

static bool checksum_fits(const struct sk_buff *skb)
{
	int start = skb_checksum_start_offset(skb);

	return skb->ip_summed != CHECKSUM_PARTIAL ||
	       (start >= 0 && start + skb->csum_offset + sizeof(__sum16) <= skb->len);
}

bool wg_segment_begin(struct wg_super *s, const struct sk_buff *skb)
{
	*s = (struct wg_super){.skb = skb, .len = skb->len, .size = skb->len, .count = 1};
	if (!skb_is_gso(skb))
		return checksum_fits(skb);
	s->count = wg_segment_count(skb);
	if (!s->count)
		return false;
	s->header_len = header_len(skb);
	s->l4 = (u32)skb_transport_offset(skb);
	s->size = skb_shinfo(skb)->gso_size;
	s->tcp = skb_shinfo(skb)->gso_type & TCP;
	return true;
}

u32 wg_segment_len(const struct wg_super *s, u32 i)
{
	u32 begin = s->header_len + i * s->size;

	return s->header_len + min(s->len - begin, s->size);
}

static void write_ip(const struct wg_super *s, u32 i, u8 *out, u32 len)
{
	struct iphdr *ip = (struct iphdr *)out;

	if (ip->version == 6) {
		((struct ipv6hdr *)out)->payload_len = htons(len - sizeof(struct ipv6hdr));
		return;
	}
	ip->tot_len = htons(len);
	if (!(skb_shinfo(s->skb)->gso_type & SKB_GSO_TCP_FIXEDID))
		ip->id = htons(ntohs(ip->id) + i);
	ip_send_check(ip);
}

static void write_tcp(const struct wg_super *s, u32 i, struct tcphdr *tcp)
{
	tcp->seq = htonl(ntohl(tcp->seq) + i * s->size);
	if (i + 1 < s->count)
		tcp->fin = tcp->psh = 0;
	if (i > 0)
		tcp->cwr = 0;
}

static __sum16 finish_sum(const u8 *out, u32 len, u8 protocol, __wsum sum)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)out;
	const struct iphdr *ip = (const struct iphdr *)out;

	if (ip->version == 6)
		return csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, protocol, sum);
	return csum_tcpudp_magic(ip->saddr, ip->daddr, len, protocol, sum);
}

/* `payload`: the sum of what follows the headers. */
static void write_headers(const struct wg_super *s, u32 i, u8 *out, __wsum payload)
{
	u32 len = wg_segment_len(s, i), l4_len = len - s->l4, header = s->header_len - s->l4;
	struct tcphdr *tcp = (struct tcphdr *)(out + s->l4);
	struct udphdr *udp = (struct udphdr *)(out + s->l4);

	memcpy(out, s->skb->data, s->header_len);
	write_ip(s, i, out, len);
	if (s->tcp) {
		write_tcp(s, i, tcp);
		tcp->check = 0;
		payload = csum_partial(tcp, header, payload);
		tcp->check = finish_sum(out, l4_len, IPPROTO_TCP, payload);
		return;
	}
	udp->len = htons(l4_len);
	udp->check = 0;
	payload = csum_partial(udp, header, payload);
	udp->check = finish_sum(out, l4_len, IPPROTO_UDP, payload) ?: CSUM_MANGLED_0;
}

/* The pseudo header's sum is in the field. */
static bool write_single(const struct wg_super *s, u8 *out)
{
	const struct sk_buff *skb = s->skb;
	u32 start = s->len;
	__sum16 sum;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		start = skb_checksum_start_offset(skb);
	if (skb_copy_bits(skb, 0, out, start))
		return false;
	if (start == s->len)
		return true;
	sum = csum_fold(skb_copy_and_csum_bits(skb, start, out + start, s->len - start));
	sum = sum ?: CSUM_MANGLED_0;
	memcpy(out + start + skb->csum_offset, &sum, sizeof(sum));
	return true;
}

bool wg_segment_write(const struct wg_super *s, u32 i, u8 *out)
{
	u32 begin = s->header_len + i * s->size;
	u32 len = wg_segment_len(s, i) - s->header_len;
	__wsum sum;

	if (!s->header_len)
		return write_single(s, out);
	sum = skb_copy_and_csum_bits(s->skb, begin, out + s->header_len, len);
	write_headers(s, i, out, sum);
	return true;
}

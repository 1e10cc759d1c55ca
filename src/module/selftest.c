// SPDX-License-Identifier: GPL-2.0
/* Tests what could be wrong in this kernel only: its cipher, its compiler, its segmentation. The
 * rest is tested as an ordinary program. */
#include "selftest.h"
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/tcp.h>
#include <net/gso.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include "../core/messages.h"
#include "../crypto/chacha20poly1305.h"
#include "aead.h"
#include "segment.h"

enum {
	VECTOR_LEN = 150,
	SEALED_MAX = 320,
	SEGMENT = 1000,
	PAYLOAD = 4500,
};

static u8 plain[SEALED_MAX], ours[SEALED_MAX + WG_TAG_LEN], theirs[sizeof(ours)];
static u8 key[WG_SYMMETRIC_LEN], segment[SEGMENT + 100];

/* Computed by OpenSSL: key 0, 1, 2..., 150 bytes 0, 7, 14... */
static bool cipher_gives_what_others_give(void)
{
	static const u8 tag[WG_TAG_LEN] = {0xf9, 0x63, 0x62, 0x08, 0x48, 0x2f, 0x70, 0x4d,
					   0x3a, 0xd8, 0x88, 0xa4, 0xcd, 0xca, 0xe7, 0xa2};
	u8 i;

	for (i = 0; i < sizeof(key); i++)
		key[i] = i;
	for (i = 0; i < VECTOR_LEN; i++)
		ours[i] = (u8)(7 * i);
	wg_aead_seal(ours, ours, VECTOR_LEN, NULL, 0, 0x0807060504030201, key);
	return ours[0] == 0xef && ours[1] == 0xe1 && !memcmp(ours + VECTOR_LEN, tag, sizeof(tag));
}

static bool cipher_agrees_with_ours(void)
{
	u64 counter;
	size_t len;

	for (len = 0; len <= SEALED_MAX; len++) {
		get_random_bytes(&counter, sizeof(counter));
		get_random_bytes(plain, len);
		get_random_bytes(key, sizeof(key));
		wg_chacha20poly1305_seal(ours, plain, len, NULL, 0, counter, key);
		wg_aead_seal(theirs, plain, len, NULL, 0, counter, key);
		if (memcmp(ours, theirs, len + WG_TAG_LEN) ||
		    !wg_aead_open(ours, ours, len + WG_TAG_LEN, NULL, 0, counter, key) ||
		    memcmp(ours, plain, len))
			return false;
		theirs[get_random_u32() % (len + WG_TAG_LEN)] ^= 4;
		if (wg_aead_open(ours, theirs, len + WG_TAG_LEN, NULL, 0, counter, key))
			return false;
	}
	return true;
}

/* What lies between the IP header and TCP or UDP: a loose source route, destination options. */
static const u8 source_route[] = {131, 7, 4, 192, 0, 2, 9, 0};
static const u8 destination_options[] = {0, 0, 1, 4, 0, 0, 0, 0};

/* The packet has another final destination than its header: its pseudo header has another sum. */
static void change_pseudo_sum(__sum16 *check)
{
	*check = (__force __sum16)csum16_add((__force __sum16)*check, htons(0x1234));
}

/* The payload is the same each time: a sum that is zero may be written in two ways. */
static struct sk_buff *new_super(bool six, bool tcp, bool extended)
{
	u32 base_len = six ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	u32 ip_len = base_len + (extended ? sizeof(source_route) : 0);
	u32 l4_len = (tcp ? sizeof(struct tcphdr) : sizeof(struct udphdr)) + PAYLOAD, i;
	struct sk_buff *skb = alloc_skb(LL_MAX_HEADER + ip_len + l4_len, GFP_KERNEL);

	if (!skb)
		return NULL;
	skb_reserve(skb, LL_MAX_HEADER);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, (int)ip_len);
	for (i = 0; i < ip_len + l4_len; i++)
		*(u8 *)skb_put(skb, 1) = (u8)(i * i + i / 7);
	if (six) {
		ipv6_hdr(skb)->version = 6;
		ipv6_hdr(skb)->payload_len = htons(ip_len - base_len + l4_len);
		ipv6_hdr(skb)->nexthdr = tcp ? IPPROTO_TCP : IPPROTO_UDP;
	} else {
		ip_hdr(skb)->version = 4;
		ip_hdr(skb)->ihl = ip_len / 4;
		ip_hdr(skb)->tot_len = htons(ip_len + l4_len);
		ip_hdr(skb)->id = htons(0xffff);
		ip_hdr(skb)->frag_off = 0;
		ip_hdr(skb)->protocol = tcp ? IPPROTO_TCP : IPPROTO_UDP;
	}
	if (extended && six) {
		memcpy(skb->data + base_len, destination_options, sizeof(destination_options));
		skb->data[base_len] = ipv6_hdr(skb)->nexthdr;
		ipv6_hdr(skb)->nexthdr = IPPROTO_DSTOPTS;
	} else if (extended) {
		memcpy(skb->data + base_len, source_route, sizeof(source_route));
	}
	if (tcp) {
		tcp_hdr(skb)->seq = htonl(~0U - 5);
		tcp_hdr(skb)->doff = 5;
		tcp_hdr(skb)->fin = tcp_hdr(skb)->psh = tcp_hdr(skb)->cwr = 1;
	} else {
		udp_hdr(skb)->len = htons(l4_len);
	}
	skb->dev = init_net.loopback_dev;
	skb->protocol = htons(six ? ETH_P_IPV6 : ETH_P_IP);
	skb_shinfo(skb)->gso_type = !tcp ? SKB_GSO_UDP_L4 : six ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4;
	skb_shinfo(skb)->gso_size = SEGMENT;
	skb_checksum_setup(skb, true);
	change_pseudo_sum(tcp ? &tcp_hdr(skb)->check : &udp_hdr(skb)->check);
	return skb;
}

static bool is_cut_alike(bool six, bool tcp, bool extended)
{
	struct sk_buff *skb = new_super(six, tcp, extended), *pieces, *piece, *next;
	struct wg_gso s;
	bool good;
	u32 i = 0;

	pieces = skb ? skb_gso_segment(skb, 0) : NULL;
	good = !IS_ERR_OR_NULL(pieces) && wg_segment_begin(&s, skb) && s.count > 1;
	if (!IS_ERR_OR_NULL(pieces)) {
		skb_list_walk_safe(pieces, piece, next) {
			good = good && i < s.count && piece->len == wg_gso_segment_len(&s, i) &&
			       wg_segment_write(&s, skb, i, segment) &&
			       !memcmp(piece->data, segment, piece->len);
			kfree_skb(piece);
			i++;
		}
	}
	kfree_skb(skb);
	return good && i == s.count;
}

static bool super_packets_are_cut_alike(void)
{
	for (u32 i = 0; i < 8; i++) {
		if ((!(i & 1) || IS_ENABLED(CONFIG_IPV6)) && !is_cut_alike(i & 1, i & 2, i & 4))
			return false;
	}
	return true;
}

static const struct {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{"the cipher gives what others give", cipher_gives_what_others_give},
	{"the cipher agrees with ours", cipher_agrees_with_ours},
	{"super-packets are cut alike", super_packets_are_cut_alike},
};

bool wg_selftest(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		if (!tests[i].run()) {
			pr_err("wireguard: self-test failed: %s\n", tests[i].name);
			return false;
		}
	}
	pr_info("wireguard: %zu self-tests passed\n", ARRAY_SIZE(tests));
	return true;
}

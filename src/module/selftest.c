// SPDX-License-Identifier: GPL-2.0
/* What could be wrong in this kernel only: its cipher, its compiler, its segmentation. The rest is
 * tested as an ordinary program. Each test has memory of its own, `m`, zeroed. */
#include "selftest.h"
#include <linux/ip.h>
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/unaligned.h>
#include <net/gso.h>
#include <net/net_namespace.h>
#include "../core/allowedips.h"
#include "../core/ratelimiter.h"
#include "../core/remote.h"
#include "../core/replay.h"
#include "../crypto/chacha20poly1305.h"
#include "aead.h"
#include "segment.h"

enum {
	VECTOR_LEN = 150,
	SEALED_MAX = 320,
	PREFIXES = 64,
	REMOTES = 8,
	COUNTERS = 40000,
	SEGMENT = 1000,
	PAYLOAD = 4500,
	HEADERS = sizeof(struct iphdr) + sizeof(struct tcphdr),
};

struct prefix {
	u8 ip[4], cidr;
	struct wg_remote *remote;
};

union memory {
	struct {
		u8 plain[SEALED_MAX], ours[SEALED_MAX + WG_TAG_LEN],
			theirs[SEALED_MAX + WG_TAG_LEN];
		u8 key[WG_SYMMETRIC_LEN];
	} aead;
	struct {
		struct wg_allowedips trie;
		struct wg_allowedips_node nodes[2 * PREFIXES];
		struct wg_remote remotes[REMOTES];
		struct prefix prefixes[PREFIXES];
	} ips;
	struct {
		struct wg_replay window;
		DECLARE_BITMAP(seen, 2 * COUNTERS);
	} replay;
	struct wg_rate_entry rates[2 * WG_RATE_WAYS];
	u8 segment[HEADERS + SEGMENT];
};

/* Computed by OpenSSL: key 0, 1, 2..., 150 bytes 0, 7, 14... */
static bool cipher_gives_what_others_give(union memory *m)
{
	static const u8 tag[WG_TAG_LEN] = {0xf9, 0x63, 0x62, 0x08, 0x48, 0x2f, 0x70, 0x4d,
					   0x3a, 0xd8, 0x88, 0xa4, 0xcd, 0xca, 0xe7, 0xa2};
	u8 *buf = m->aead.ours;
	u8 i;

	for (i = 0; i < WG_SYMMETRIC_LEN; i++)
		m->aead.key[i] = i;
	for (i = 0; i < VECTOR_LEN; i++)
		buf[i] = (u8)(7 * i);
	wg_aead_seal(buf, buf, VECTOR_LEN, 0x0807060504030201, m->aead.key);
	return buf[0] == 0xef && buf[1] == 0xe1 && !memcmp(buf + VECTOR_LEN, tag, WG_TAG_LEN);
}

static bool cipher_agrees_with_ours(union memory *m)
{
	u8 *plain = m->aead.plain, *ours = m->aead.ours, *theirs = m->aead.theirs;
	u64 counter;
	size_t len;

	for (len = 0; len <= SEALED_MAX; len++) {
		get_random_bytes(&counter, sizeof(counter));
		get_random_bytes(plain, len);
		get_random_bytes(m->aead.key, sizeof(m->aead.key));
		wg_chacha20poly1305_seal(ours, plain, len, NULL, 0, counter, m->aead.key);
		wg_aead_seal(theirs, plain, len, counter, m->aead.key);
		if (memcmp(ours, theirs, len + WG_TAG_LEN) ||
		    !wg_aead_open(ours, ours, len + WG_TAG_LEN, counter, m->aead.key) ||
		    memcmp(ours, plain, len))
			return false;
		theirs[get_random_u32() % (len + WG_TAG_LEN)] ^= 4;
		if (wg_aead_open(ours, theirs, len + WG_TAG_LEN, counter, m->aead.key))
			return false;
	}
	return true;
}

/* Few different bits, so that prefixes lie in each other. */
static void random_ip(u8 ip[4])
{
	u32 bits = get_random_u32() & 0x81818181;

	memcpy(ip, &bits, sizeof(bits));
}

static bool covers(const struct prefix *p, const u8 *ip)
{
	u32 mask = p->cidr ? ~0U << (32 - p->cidr) : 0;

	return !((get_unaligned_be32(p->ip) ^ get_unaligned_be32(ip)) & mask);
}

static bool same(const struct prefix *a, const struct prefix *b)
{
	return a->cidr == b->cidr && covers(a, b->ip);
}

static struct wg_remote *find_slowly(const struct prefix *prefixes, int n, const u8 *ip)
{
	const struct prefix *best = NULL;

	for (; n--; prefixes++)
		if (prefixes->remote && covers(prefixes, ip) &&
		    (!best || prefixes->cidr > best->cidr))
			best = prefixes;
	return best ? best->remote : NULL;
}

static void keep_node(void *ctx, struct wg_allowedips_node *node)
{
}

static void add_prefix(union memory *m, int i)
{
	struct wg_allowedips_node *spare[WG_ALLOWEDIPS_SPARE] = {&m->ips.nodes[2 * i],
								 &m->ips.nodes[2 * i + 1]};
	struct prefix *p = &m->ips.prefixes[i];
	int j;

	random_ip(p->ip);
	p->cidr = get_random_u32() % 33;
	p->remote = &m->ips.remotes[get_random_u32() % REMOTES];
	for (j = 0; j < i; j++)
		if (same(&m->ips.prefixes[j], p))
			m->ips.prefixes[j].remote = NULL;
	wg_allowedips_insert(&m->ips.trie, 4, p->ip, p->cidr, p->remote, spare);
}

static void remove_prefix(union memory *m, struct prefix *p)
{
	if (p->remote)
		wg_allowedips_remove(&m->ips.trie, 4, p->ip, p->cidr, p->remote);
	p->remote = NULL;
}

static bool prefixes_are_found(union memory *m, int n)
{
	u8 ip[4];
	int i;

	for (i = 0; i < 200; i++) {
		random_ip(ip);
		if (wg_allowedips_find(&m->ips.trie, 4, ip) != find_slowly(m->ips.prefixes, n, ip))
			return false;
	}
	return true;
}

static bool longest_prefix_wins(union memory *m)
{
	int i;

	m->ips.trie.free_node = keep_node;
	for (i = 0; i < PREFIXES; i++) {
		add_prefix(m, i);
		if (!prefixes_are_found(m, i + 1))
			return false;
	}
	for (i = 0; i < PREFIXES; i++) {
		remove_prefix(m, &m->ips.prefixes[i]);
		if (!prefixes_are_found(m, PREFIXES))
			return false;
	}
	return !m->ips.trie.root[0];
}

static bool counters_are_accepted_once(union memory *m)
{
	u64 newest = 0, counter;
	bool fresh;
	int i;

	for (i = 0; i < COUNTERS; i++) {
		counter = newest + 2 - min(newest + 2, (u64)get_random_u32() % 10000);
		fresh = !test_bit(counter, m->replay.seen) && counter + WG_REPLAY_WINDOW >= newest;
		if (wg_replay_accept(&m->replay.window, counter) != fresh)
			return false;
		__set_bit(counter, m->replay.seen);
		newest = max(newest, counter);
	}
	return true;
}

static bool a_source_is_limited(union memory *m)
{
	static const u8 key[16] = {1};
	struct wg_addr from = {.ip = {10, 0, 0, 1}, .family = 4};
	u64 now = WG_SECOND;
	struct wg_ratelimiter rl;
	int i;

	wg_ratelimiter_init(&rl, m->rates, 2, key);
	for (i = 0; i < WG_RATE_BURST; i++)
		if (!wg_ratelimiter_allow(&rl, &from, now))
			return false;
	if (wg_ratelimiter_allow(&rl, &from, now))
		return false;
	now += WG_SECOND / WG_RATE_PER_SECOND;
	return wg_ratelimiter_allow(&rl, &from, now) && !wg_ratelimiter_allow(&rl, &from, now);
}

static struct sk_buff *new_super(void)
{
	struct sk_buff *skb = alloc_skb(LL_MAX_HEADER + HEADERS + PAYLOAD, GFP_KERNEL);
	struct iphdr *ip;
	struct tcphdr *tcp;

	if (!skb)
		return NULL;
	skb_reserve(skb, LL_MAX_HEADER);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	ip = skb_put_zero(skb, sizeof(*ip));
	*ip = (struct iphdr){.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP};
	ip->tot_len = htons(HEADERS + PAYLOAD);
	ip->id = htons(0xffff);
	ip->saddr = htonl(0x0a000001);
	ip->daddr = htonl(0x0a000002);
	skb_set_transport_header(skb, sizeof(*ip));
	tcp = skb_put_zero(skb, sizeof(*tcp));
	*tcp = (struct tcphdr){.doff = 5, .psh = 1, .fin = 1, .ack = 1, .seq = htonl(~0U - 5)};
	tcp->check =
		~csum_tcpudp_magic(ip->saddr, ip->daddr, sizeof(*tcp) + PAYLOAD, IPPROTO_TCP, 0);
	get_random_bytes(skb_put(skb, PAYLOAD), PAYLOAD);
	skb->dev = init_net.loopback_dev;
	skb->protocol = htons(ETH_P_IP);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	skb_shinfo(skb)->gso_size = SEGMENT;
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(PAYLOAD, SEGMENT);
	return skb;
}

static bool is_same_piece(union memory *m, const struct wg_super *s, u32 i,
			  const struct sk_buff *piece)
{
	return piece->len == wg_segment_len(s, i) && wg_segment_write(s, i, m->segment) &&
	       !memcmp(piece->data, m->segment, piece->len);
}

static bool compare_pieces(union memory *m, struct sk_buff *skb)
{
	struct sk_buff *pieces = skb_gso_segment(skb, 0), *piece, *next;
	struct wg_super s;
	u32 i = 0;
	bool good = !IS_ERR_OR_NULL(pieces) && wg_segment_begin(&s, skb);

	if (!good)
		return false;
	skb_list_walk_safe(pieces, piece, next) {
		good &= i < s.count && is_same_piece(m, &s, i, piece);
		kfree_skb(piece);
		i++;
	}
	return good && i == s.count && i > 1;
}

static bool super_packets_are_cut_alike(union memory *m)
{
	struct sk_buff *skb = new_super();
	bool good = skb && compare_pieces(m, skb);

	kfree_skb(skb);
	return good;
}

static const struct {
	const char *name;
	bool (*run)(union memory *m);
} tests[] = {
	{"the cipher gives what others give", cipher_gives_what_others_give},
	{"the cipher agrees with ours", cipher_agrees_with_ours},
	{"the longest prefix wins", longest_prefix_wins},
	{"counters are accepted once", counters_are_accepted_once},
	{"a source is limited", a_source_is_limited},
	{"super-packets are cut alike", super_packets_are_cut_alike},
};

static bool run(int i)
{
	union memory *m = kvzalloc(sizeof(*m), GFP_KERNEL);
	bool good = m && tests[i].run(m);

	kvfree(m);
	if (!good)
		pr_err("wireguard: self-test failed: %s\n", tests[i].name);
	return good;
}

bool wg_selftest(void)
{
	bool good = true;
	int i;

	for (i = 0; i < ARRAY_SIZE(tests); i++)
		good &= run(i);
	if (good)
		pr_info("wireguard: %zu self-tests passed\n", ARRAY_SIZE(tests));
	return good;
}

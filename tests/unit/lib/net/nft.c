/* SPDX-License-Identifier: GPL-2.0 */
/* src/lib/net/nft.c: the shape of the batch and the text. That the kernel makes of it what nft would
 * is tested in tests/netns/nft.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/lib/net/nft.h"
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#define NFT(message) (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_##message)

static const struct wg_prefix addresses[] = {
	{AF_INET, 24, {10, 66, 0, 2}},
	{AF_INET6, 64, {0xfd, 0x66, [15] = 2}},
	{AF_INET, 32, {10, 77, 0, 3}},
};
static const struct wg_nft_guard guard = {.family = AF_INET,
					  .ifname = "wg0",
					  .fwmark = 51820,
					  .addresses = addresses,
					  .n_addresses = 3};

static void sequence(void **state)
{
	static const u16 want[] = {
		NFNL_MSG_BATCH_BEGIN, NFT(NEWTABLE), NFT(NEWCHAIN), NFT(NEWCHAIN),
		NFT(NEWCHAIN),	      NFT(NEWRULE),  NFT(NEWRULE),  NFT(NEWRULE),
		NFT(NEWRULE),	      NFNL_MSG_BATCH_END,
	};
	_Alignas(8) char buf[8192];
	int left = (int)wg_nft_guard_batch(&guard, buf, sizeof(buf));
	const struct nlmsghdr *nlh = (void *)buf;
	size_t n = 0;

	(void)state;
	assert_true(left > 0 && (size_t)left <= sizeof(buf));
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
		bool mark = n == 0 || n == 9;

		assert_true(n < 10);
		assert_int_equal(nlh->nlmsg_type, want[n]);
		assert_int_equal(nlh->nlmsg_seq, n + 1);
		assert_int_equal(nfg->nfgen_family, mark ? AF_UNSPEC : NFPROTO_IPV4);
		n++;
	}
	assert_int_equal(n, 10);
	assert_int_equal(left, 0);
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* The first messages to the byte: the batch opens, and the table is made, if there is none (NLM_F_EXCL). */
static void golden(void **state)
{
	static const u8 want[] = {
		20,  0,	  0,   0,   0x10, 0,   0x01, 0,	   1,	0,    0,   0,	 0,    0,   0,
		0,   0,	  0,   0,   10,	  40,  0,    0,	   0,	0x00, 10,  0x01, 0x06, 2,   0,
		0,   0,	  0,   0,   0,	  0,   2,    0,	   0,	0,    17,  0,	 1,    0,   'w',
		'g', '-', 'q', 'u', 'i',  'c', 'k',  '-',  'w', 'g',  '0', 0,	 0,    0,   0,
	};
	u8 buf[8192];

	(void)state;
	wg_nft_guard_batch(&guard, buf, sizeof(buf));
	assert_memory_equal(buf, want, sizeof(want));
}
#endif

static void size_only(void **state)
{
	char buf[4] = {1, 2, 3, 4};
	char all[8192];
	size_t len = wg_nft_guard_batch(&guard, all, sizeof(all));

	(void)state;
	assert_int_equal(wg_nft_guard_batch(&guard, buf, 2), len);
	assert_memory_equal(buf, all, 2);
	assert_int_equal(buf[2], 3);
}

static void grows(void **state)
{
	struct wg_prefix *many = calloc(1000, sizeof(*many));
	struct wg_nft_guard big = guard;
	char buf[1], all[8192];
	size_t two, thousand;

	(void)state;
	assert_non_null(many);
	for (size_t i = 0; i < 1000; i++)
		many[i] = addresses[0];
	two = wg_nft_guard_batch(&guard, all, sizeof(all));
	big.n_addresses = 1;
	thousand = two - wg_nft_guard_batch(&big, all, sizeof(all)); /* one rule */
	big.addresses = many;
	big.n_addresses = 1000;
	assert_int_equal(wg_nft_guard_batch(&big, buf, 1), two + 998 * thousand);
	free(many);
}

static void text(void **state)
{
	char *s = wg_nft_guard_text(&guard);

	(void)state;
	assert_string_equal(
		s, "add table ip wg-quick-wg0\n"
		   "delete table ip wg-quick-wg0\n"
		   "add table ip wg-quick-wg0\n"
		   "add chain ip wg-quick-wg0 preraw "
		   "{ type filter hook prerouting priority -300; }\n"
		   "add chain ip wg-quick-wg0 premangle "
		   "{ type filter hook prerouting priority -150; }\n"
		   "add chain ip wg-quick-wg0 postmangle "
		   "{ type filter hook postrouting priority -150; }\n"
		   "add rule ip wg-quick-wg0 preraw iifname != \"wg0\" ip daddr 10.66.0.2 "
		   "fib saddr type != local drop\n"
		   "add rule ip wg-quick-wg0 preraw iifname != \"wg0\" ip daddr 10.77.0.3 "
		   "fib saddr type != local drop\n"
		   "add rule ip wg-quick-wg0 postmangle meta l4proto udp meta mark 51820 "
		   "ct mark set meta mark\n"
		   "add rule ip wg-quick-wg0 premangle meta l4proto udp meta mark set ct mark\n");
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequence),
		cmocka_unit_test(size_only),
		cmocka_unit_test(grows),
		cmocka_unit_test(text),
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		cmocka_unit_test(golden),
#endif
	};

	return cmocka_run_group_tests_name("lib/nft", tests, NULL, NULL);
}

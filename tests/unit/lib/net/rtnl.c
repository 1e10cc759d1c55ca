/* SPDX-License-Identifier: GPL-2.0 */
/* src/lib/rtnl*.c: messages as bytes, equal to what iproute2 6.1 was seen to send but for the ACK
 * flag (only the last of a chunk has it), the protocol, and the flag of a nest. What the kernel
 * makes of them is tested in tests/netns/rtnl.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/netlink.h>
#include "../../../../src/lib/net/rtnl.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

static int open_socket(void **state)
{
	struct wg_error err;
	struct wg_rtnl *rt = NULL;

	if (wg_rtnl_open(&rt, &err) < 0)
		return -1;
	*state = rt;
	return 0;
}

static int close_socket(void **state)
{
	struct wg_rtnl *rt = *state;

	wg_rtnl_close(&rt);
	wg_rtnl_close(&rt); /* NULL is allowed */
	return 0;
}

static void assert_pending(struct wg_rtnl *rt, const u8 *want, size_t len)
{
	size_t found;
	const void *bytes = wg_rtnl_pending(rt, &found);

	assert_int_equal(found, len);
	assert_memory_equal(bytes, want, len);
}

static void links(void **state)
{
	static const u8 want[] = {
		/* add: RTM_NEWLINK, REQUEST|EXCL|CREATE */
		60, 0, 0, 0, 16, 0, 0x01, 0x06, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		8, 0, 3, 0, 'w', 'g', '0', 0,
		20, 0, 18, 0x80, 13, 0, 1, 0, 'w', 'i', 'r', 'e', 'g', 'u', 'a', 'r', 'd', 0, 0, 0,
		/* up with MTU 1420: RTM_NEWLINK, REQUEST */
		40, 0, 0, 0, 16, 0, 0x01, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
		8, 0, 4, 0, 0x8c, 0x05, 0, 0,
		/* delete: RTM_DELLINK */
		32, 0, 0, 0, 17, 0, 0x01, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};

	wg_rtnl_link_add(*state, "wg0", "wireguard", 0);
	wg_rtnl_link_set(*state, 7, 1420, true);
	wg_rtnl_link_del(*state, 7);
	assert_pending(*state, want, sizeof(want));
}

static void address(void **state)
{
	struct wg_prefix p4 = { AF_INET, 24, { 10, 0, 0, 1 } };
	struct wg_prefix p6 = { AF_INET6, 64, { 0xfd, [15] = 1 } };
	static const u8 want[] = {
		40, 0, 0, 0, 20, 0, 0x01, 0x06, 0, 0, 0, 0, 0, 0, 0, 0,
		2, 24, 0, 0, 7, 0, 0, 0, 8, 0, 2, 0, 10, 0, 0, 1, 8, 0, 1, 0, 10, 0, 0, 1,
		64, 0, 0, 0, 21, 0, 0x01, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
		10, 64, 0, 0, 7, 0, 0, 0,
		20, 0, 2, 0, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		20, 0, 1, 0, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	};

	wg_rtnl_address_add(*state, 7, &p4);
	wg_rtnl_address_del(*state, 7, &p6);
	assert_pending(*state, want, sizeof(want));
}

static void route(void **state)
{
	struct wg_route r4 = { .dst = { AF_INET, 16, { 10, 9 } },
			       .table = 51820,
			       .oif = 7,
			       .protocol = WG_RTNL_PROTOCOL };
	struct wg_route r6 = { .dst = { AF_INET6, 16, { 0xfd, 9 } },
			       .table = 254,
			       .oif = 7,
			       .protocol = WG_RTNL_PROTOCOL };
	static const u8 want[] = {
		52, 0, 0, 0, 24, 0, 0x01, 0x06, 0, 0, 0, 0, 0, 0, 0, 0,
		2, 16, 0, 0, 0, 87, 253, 1, 0, 0, 0, 0,
		8, 0, 1, 0, 10, 9, 0, 0, 8, 0, 15, 0, 0x6c, 0xca, 0, 0, 8, 0, 4, 0, 7, 0, 0, 0,
		56, 0, 0, 0, 25, 0, 0x01, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
		10, 16, 0, 0, 254, 87, 0, 1, 0, 0, 0, 0,
		20, 0, 1, 0, 0xfd, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		8, 0, 4, 0, 7, 0, 0, 0,
	};

	wg_rtnl_route_add(*state, &r4);
	wg_rtnl_route_del(*state, &r6);
	assert_pending(*state, want, sizeof(want));
}

static void rule(void **state)
{
	struct wg_rule mark = { .family = AF_INET,
				.protocol = WG_RTNL_PROTOCOL,
				.invert = true,
				.table = 51820,
				.fwmark = 51820,
				.fwmask = UINT32_MAX,
				.suppress_prefixlength = -1 };
	struct wg_rule suppress = { .family = AF_INET6,
				    .protocol = WG_RTNL_PROTOCOL,
				    .priority = 100,
				    .table = 254 };
	static const u8 want[] = {
		52, 0, 0, 0, 32, 0, 0x01, 0x06, 0, 0, 0, 0, 0, 0, 0, 0,
		2, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0,
		8, 0, 10, 0, 0x6c, 0xca, 0, 0, 8, 0, 15, 0, 0x6c, 0xca, 0, 0, 5, 0, 21, 0, 87, 0, 0, 0,
		52, 0, 0, 0, 33, 0, 0x01, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
		10, 0, 0, 0, 254, 0, 0, 1, 0, 0, 0, 0,
		8, 0, 14, 0, 0, 0, 0, 0, 8, 0, 6, 0, 100, 0, 0, 0, 5, 0, 21, 0, 87, 0, 0, 0,
	};

	wg_rtnl_rule_add(*state, &mark);
	wg_rtnl_rule_del(*state, &suppress);
	assert_pending(*state, want, sizeof(want));
}

/* A route that refuses packets, and a rule that jumps. */
static void route_and_rule_of_a_hold(void **state)
{
	struct wg_route refuses = { .dst = { AF_INET, 16, { 10, 9 } },
				    .table = 254,
				    .oif = 7,
				    .metric = 0x01020304,
				    .protocol = WG_RTNL_PROTOCOL,
				    .type = 7 };
	struct wg_rule jumps = { .family = AF_INET,
				 .protocol = WG_RTNL_PROTOCOL,
				 .priority = 100,
				 .fwmark = 51820,
				 .fwmask = UINT32_MAX,
				 .suppress_prefixlength = -1,
				 .jump = 200 };
	static const u8 want[] = {
		44, 0, 0, 0, 24, 0, 0x01, 0x06, 0, 0, 0, 0, 0, 0, 0, 0,
		2, 16, 0, 0, 254, 87, 0, 7, 0, 0, 0, 0,
		8, 0, 1, 0, 10, 9, 0, 0, 8, 0, 6, 0, 4, 3, 2, 1,
		60, 0, 0, 0, 32, 0, 0x01, 0x06, 0, 0, 0, 0, 0, 0, 0, 0,
		2, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0,
		8, 0, 10, 0, 0x6c, 0xca, 0, 0, 8, 0, 4, 0, 200, 0, 0, 0, 8, 0, 6, 0, 100, 0, 0, 0,
		5, 0, 21, 0, 87, 0, 0, 0,
	};

	wg_rtnl_route_add(*state, &refuses);
	wg_rtnl_rule_add(*state, &jumps);
	assert_pending(*state, want, sizeof(want));
}

/* The kernel is told of all bits where a mark of 0 would else mean no mark at all. */
static void rule_mark_zero(void **state)
{
	struct wg_rule r = { .family = AF_INET,
			     .table = 7,
			     .fwmask = UINT32_MAX,
			     .suppress_prefixlength = -1 };
	static const u8 want[] = {
		44, 0, 0, 0, 32, 0, 0x01, 0x06, 0, 0, 0, 0, 0, 0, 0, 0,
		2, 0, 0, 0, 7, 0, 0, 1, 0, 0, 0, 0,
		8, 0, 10, 0, 0, 0, 0, 0, 8, 0, 16, 0, 0xff, 0xff, 0xff, 0xff,
	};

	wg_rtnl_rule_add(*state, &r);
	assert_pending(*state, want, sizeof(want));
}

static void refused(void **state)
{
	struct wg_prefix p = { AF_INET, 32, { 10, 0, 0, 1 } };
	struct wg_error err;
	size_t failed = 99, len;

	assert_int_equal(wg_rtnl_commit(*state, &failed, &err), 0); /* nothing to do */
	assert_int_equal(failed, 99);
	wg_rtnl_address_del(*state, INT32_MAX, &p); /* ENODEV, or EPERM for a user */
	assert_int_equal(wg_rtnl_commit(*state, &failed, &err), -1);
	assert_int_equal(failed, 0);
	assert_true(err.code == ENODEV || err.code == EPERM);
	wg_rtnl_pending(*state, &len);
	assert_int_equal(len, 0);
}

static void lo(void **state)
{
	struct wg_link by_name, by_index;
	struct wg_link *all;
	struct wg_error err;
	size_t n;

	assert_int_equal(wg_rtnl_link(*state, "lo", &by_name, &err), 1);
	assert_string_equal(by_name.name, "lo");
	assert_string_equal(by_name.kind, "");
	assert_true(by_name.flags & IFF_LOOPBACK);
	assert_int_equal(wg_rtnl_link_by_index(*state, by_name.index, &by_index, &err), 1);
	assert_memory_equal(&by_name, &by_index, sizeof(by_name));
	assert_int_equal(wg_rtnl_link(*state, "a-name-that-is-too-long", &by_name, &err), 0);
	assert_int_equal(wg_rtnl_link(*state, "", &by_name, &err), 0);
	assert_int_equal(wg_rtnl_link_by_index(*state, 0, &by_name, &err), 0);
	assert_int_equal(wg_rtnl_links(*state, NULL, &all, &n, &err), 0);
	assert_true(n >= 1);
	free(all);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_socket, close_socket)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(links), TEST(address),	  TEST(route), TEST(rule),
		TEST(route_and_rule_of_a_hold),
		TEST(lo),   TEST(rule_mark_zero), TEST(refused),
	};

	return cmocka_run_group_tests_name("lib/rtnl", tests, NULL, NULL);
}

#else
int main(void)
{
	return 77; /* golden bytes are those of little-endian machines */
}
#endif

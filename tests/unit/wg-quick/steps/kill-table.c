// SPDX-License-Identifier: GPL-2.0
/* The table that tunnels with KillSwitch share: how claims come together, and which rules they make. That the
 * kernel takes it, and what it drops, is tested in tests/netns/kill-switch.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/wg-quick/steps/kill-table.h"

static const struct kill_claim strict = {"wg1", KILL_SWITCH_YES, 51820};
static const struct kill_claim lan = {"wg0", KILL_SWITCH_LAN, 7};
static const struct wg_prefix private = {AF_INET, 32, {192, 168, 7, 9}};
static const struct wg_prefix public = {AF_INET, 32, {198, 51, 100, 7}};
static const struct wg_prefix link_local = {AF_INET6, 128, {0xfe, 0x80, [15] = 1}};

static void claims_are_one_a_tunnel(void **state)
{
	cleanup(kill_claims_wipe) struct kill_claims c = {0};
	struct kill_claim again = strict;

	(void)state;
	kill_claims_set(&c, &strict);
	kill_claims_set(&c, &lan);
	again.mark = 9;
	kill_claims_set(&c, &again);
	assert_int_equal(c.n, 2);
	assert_string_equal(c.list[0].name, "wg0");
	assert_int_equal(kill_claims_find(&c, "wg1")->mark, 9);
	kill_claims_remove(&c, "wg0");
	assert_null(kill_claims_find(&c, "wg0"));
	assert_int_equal(c.n, 1);
}

static void the_strictest_decides(void **state)
{
	cleanup(kill_claims_wipe) struct kill_claims c = {0};

	(void)state;
	kill_claims_set(&c, &lan);
	assert_true(kill_claims_let_pass(&c, &private));
	assert_true(kill_claims_let_pass(&c, &link_local));
	assert_false(kill_claims_let_pass(&c, &public));
	kill_claims_set(&c, &strict);
	assert_false(kill_claims_let_pass(&c, &private));
}

/* How often a text stands in the table's commands. */
static int count(const struct kill_claims *c, const char *text)
{
	cleanup(wg_nft_table_freep) struct wg_nft_table *t = kill_table_build(c);
	int n = 0;

	for (const char *at = strstr(wg_nft_table_text(t), text); at; at = strstr(at + 1, text))
		n++;
	return n;
}

static void rules(void **state)
{
	cleanup(kill_claims_wipe) struct kill_claims c = {0};
	struct kill_claim unmarked = strict;

	(void)state;
	unmarked.mark = 0;
	kill_claims_set(&c, &unmarked);
	assert_int_equal(count(&c, "meta mark"), 0);
	kill_claims_set(&c, &strict);
	assert_int_equal(count(&c, "meta l4proto 17 meta mark 51820 accept"), 1);
	assert_int_equal(count(&c, "oifname \"wg1\" accept comment \"wg-quick kill switch of wg1 yes 51820\""), 1);
	assert_int_equal(count(&c, "192.168.0.0/16"), 0);
	assert_int_equal(count(&c, "icmpv6 type 135 accept"), 1);
	kill_claims_remove(&c, "wg1");
	kill_claims_set(&c, &lan);
	assert_int_equal(count(&c, "ip daddr 192.168.0.0/16 accept"), 1);
	/* Names are not asked of the LAN, and all else is dropped last. */
	assert_int_equal(count(&c, "udp dport 53 drop"), 1);
	assert_int_equal(count(&c, " leave drop comment"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claims_are_one_a_tunnel),
		cmocka_unit_test(the_strictest_decides),
		cmocka_unit_test(rules),
	};

	return cmocka_run_group_tests_name("wg-quick/kill-table", tests, NULL, NULL);
}

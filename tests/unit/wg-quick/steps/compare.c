// SPDX-License-Identifier: GPL-2.0
/* Each kind of step that can be read back: present, different, another's, missing. On a real
 * kernel, in a network namespace of the test's own. */
#include <linux/rtnetlink.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../../src/wg-quick/steps/ops.h"

static struct run run = {.name = "wgc0"};

static void sh(const char *command)
{
	if (system(command))
		fail_msg("%s", command);
}

static void expect_at(const struct step *s, enum step_state expected, int line)
{
	enum step_state state = STEP_UNKNOWN;
	struct wg_error err;

	if (step_compare(&run, s, &state, &err) < 0)
		fail_msg("line %d: %s", line, err.text);
	if (state != expected)
		fail_msg("line %d: %d instead of %d", line, (int)state, (int)expected);
}
#define expect(s, expected) expect_at(s, expected, __LINE__)

static void address(void **ctx)
{
	struct step s = {.kind = STEP_ADDRESS,
			 .prefix = {.family = AF_INET, .cidr = 24, .addr = {10, 66, 0, 1}}};

	(void)ctx;
	expect(&s, STEP_MISSING);
	sh("ip address add 10.66.0.1/25 dev wgc0");
	expect(&s, STEP_MISSING);
	sh("ip address add 10.66.0.1/24 dev wgc1");
	expect(&s, STEP_MISSING);
	sh("ip address add 10.66.0.1/24 dev wgc0");
	expect(&s, STEP_PRESENT);
}

static void link_up(void **ctx)
{
	struct step s = {.kind = STEP_LINK_UP, .mtu = 1400};
	u32 index = run.ifindex;

	(void)ctx;
	expect(&s, STEP_DIFFERS);
	sh("ip link set wgc0 up");
	expect(&s, STEP_DIFFERS);
	sh("ip link set wgc0 mtu 1400");
	expect(&s, STEP_PRESENT);
	s.mtu = 0;
	expect(&s, STEP_PRESENT);
	run.ifindex = 99999;
	expect(&s, STEP_MISSING);
	run.ifindex = index;
}

static void route(void **ctx)
{
	struct step s = {.kind = STEP_ROUTE,
			 .route = {.dst = {.family = AF_INET, .cidr = 16, .addr = {10, 9}},
				   .table = 777, .protocol = WG_RTNL_PROTOCOL}};
	struct step s6 = {.kind = STEP_ROUTE,
			  .route = {.dst = {.family = AF_INET6, .cidr = 16, .addr = {0xfd, 9}},
				    .table = RT_TABLE_MAIN, .protocol = WG_RTNL_PROTOCOL}};

	(void)ctx;
	sh("ip link set wgc0 up && ip link set wgc1 up");
	expect(&s, STEP_MISSING);
	sh("ip route add 10.9.0.0/16 dev wgc0 table 778 protocol 87");
	sh("ip route add 10.9.0.0/17 dev wgc0 table 777 protocol 87");
	sh("ip route add 10.9.0.0/16 dev wgc1 table 777 metric 5");
	expect(&s, STEP_MISSING);
	sh("ip route add 10.9.0.0/16 dev wgc1 table 777 protocol 87");
	expect(&s, STEP_FOREIGN);
	sh("ip route replace 10.9.0.0/16 dev wgc0 table 777");
	expect(&s, STEP_DIFFERS);
	sh("ip route replace 10.9.0.0/16 dev wgc0 table 777 protocol 87");
	expect(&s, STEP_PRESENT);
	expect(&s6, STEP_MISSING);
	sh("ip -6 route add fd09::/16 dev wgc1 protocol 87");
	expect(&s6, STEP_FOREIGN);
	sh("ip -6 route del fd09::/16 dev wgc1 && ip -6 route add fd09::/16 dev wgc0 protocol 87");
	expect(&s6, STEP_PRESENT);
}

static void rule(void **ctx)
{
	struct step s = {.kind = STEP_RULE,
			 .rule = {.family = AF_INET, .protocol = WG_RTNL_PROTOCOL, .invert = true,
				  .priority = 700, .table = 777, .fwmark = 777,
				  .fwmask = UINT32_MAX, .suppress_prefixlength = -1}};

	(void)ctx;
	expect(&s, STEP_MISSING);
	sh("ip rule add not fwmark 777 lookup 777 priority 700");
	expect(&s, STEP_FOREIGN);
	sh("ip rule add not fwmark 777 lookup 778 priority 700 protocol 87");
	expect(&s, STEP_FOREIGN);
	sh("ip rule add not fwmark 777 lookup 777 priority 701 protocol 87");
	expect(&s, STEP_FOREIGN);
	sh("ip rule add not fwmark 777 iif wgc1 lookup 777 priority 700 protocol 87");
	expect(&s, STEP_FOREIGN);
	sh("ip rule add not fwmark 777 lookup 777 priority 700 protocol 87");
	expect(&s, STEP_PRESENT);
}

static void sysctl(void **ctx)
{
	struct step s = {.kind = STEP_SYSCTL, .was_off = true};

	(void)ctx;
	sh("sysctl -qw net.ipv4.conf.all.src_valid_mark=0");
	expect(&s, STEP_MISSING);
	sh("sysctl -qw net.ipv4.conf.all.src_valid_mark=1");
	expect(&s, STEP_PRESENT);
}

static void others(void **ctx)
{
	(void)ctx;
	expect(&(struct step){.kind = STEP_HOOK}, STEP_UNKNOWN);
	expect(&(struct step){.kind = STEP_DNS}, STEP_UNKNOWN);
}

static int setup(void **ctx)
{
	struct wg_error err;
	struct wg_link link;

	(void)ctx;
	sh("ip link add wgc0 type veth peer name wgc1");
	if (wg_rtnl_open(&run.rtnl, &err) || wg_rtnl_link(run.rtnl, run.name, &link, &err) != 1)
		fail_msg("%s", err.text);
	run.ifindex = link.index;
	return 0;
}

static int teardown(void **ctx)
{
	(void)ctx;
	wg_rtnl_close(&run.rtnl);
	sh("ip link del wgc0; ip rule flush; ip rule add lookup main priority 32766");
	return 0;
}

static int alone(void **ctx)
{
	(void)ctx;
	return unshare(CLONE_NEWNET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(address, setup, teardown),
		cmocka_unit_test_setup_teardown(link_up, setup, teardown),
		cmocka_unit_test_setup_teardown(route, setup, teardown),
		cmocka_unit_test_setup_teardown(rule, setup, teardown),
		cmocka_unit_test_setup_teardown(sysctl, setup, teardown),
		cmocka_unit_test(others),
	};

	if (geteuid())
		return 77;
	return cmocka_run_group_tests_name("wg-quick/steps/compare", tests, alone, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Snapshots of a real kernel, in a network namespace of the test's own. Without the privilege to
 * make one, the test is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/wg-quick/plan/netstate.h"

static void read_text(struct config *c, const char *text)
{
	struct wg_error err = { 0 };
	FILE *f = fmemopen((void *)text, strlen(text), "r");

	*c = (struct config){ .name = "wgns0", .path = "wgns0.conf", .arg = "wgns0" };
	if (config_parse(c, f, NULL, &err))
		fail_msg("%s", err.text);
	fclose(f);
}

static void snapshot(struct netstate *s, const char *text)
{
	cleanup(config_wipe) struct config c = { 0 };
	struct wg_error err = { 0 };

	read_text(&c, text);
	if (netstate_take(s, &c, &err))
		fail_msg("%s", err.text);
}

static void run(const char *command)
{
	if (system(command))
		fail_msg("%s", command);
}

#define PEER "[Peer]\nPublicKey = wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=\n"

static void no_link(void **state)
{
	struct netstate s;

	(void)state;
	snapshot(&s, "[Interface]\n");
	assert_false(s.link_exists);
	assert_int_equal(s.n_rules, 0);
	netstate_wipe(&s);
}

static void ahead(void **state)
{
	static const char text[] = "[Interface]\n" PEER "AllowedIPs = 0.0.0.0/0\n";
	cleanup(config_wipe) struct config c = { 0 };
	struct wg_error err = { 0 };
	struct netstate s;

	(void)state;
	read_text(&c, text);
	assert_int_equal(netstate_take_ahead(&s, &c, &err), 0);
	assert_false(s.link_exists);
	assert_true(s.n_rules >= 3);
	assert_int_equal(s.free_table, 51820);
	netstate_wipe(&s);
	strcpy(c.name, "lo");
	assert_int_equal(netstate_take_ahead(&s, &c, &err), 0);
	assert_true(s.link_exists);
	assert_int_equal(s.n_rules, 0);
	netstate_wipe(&s);
}

static void link_and_routes(void **state)
{
	struct netstate s;

	(void)state;
	run("ip link add wgns0 type veth peer name wgns9 && "
	    "ip link add wgns1 mtu 1400 type veth peer name wgns8 && "
	    "ip link set wgns8 up && ip link set wgns9 up && "
	    "ip link set wgns0 up && ip link set wgns1 up && "
	    "ip address add 10.0.0.1/24 dev wgns0 && ip address add 192.0.2.1/24 dev wgns1 && "
	    "ip route add 172.16.0.0/12 dev wgns0 && ip route add 198.51.100.0/24 dev wgns1 mtu 1300");
	snapshot(&s, "[Interface]\nMTU = 1400\n");
	assert_true(s.link_exists);
	assert_null(s.dev); /* it is no WireGuard device */
	assert_int_equal(s.free_table, 0);
	assert_true(s.n_rules >= 3);
	assert_true(s.n_addresses >= 1);
	assert_true(s.n_routes >= 2);
	for (size_t i = 0; i < s.n_routes; i++)
		assert_int_equal(s.routes[i].oif, s.ifindex);
	netstate_wipe(&s);
}

static void free_tables(void **state)
{
	struct netstate s;

	(void)state;
	snapshot(&s, "[Interface]\n" PEER "AllowedIPs = ::/0\n");
	assert_int_equal(s.free_table, 51820);
	netstate_wipe(&s);
	run("ip route add 10.9.0.0/16 dev wgns1 table 51820 && "
	    "ip rule add to 10.8.0.0/16 lookup 51821 && ip rule add fwmark 51822 lookup 100");
	snapshot(&s, "[Interface]\n" PEER "AllowedIPs = ::/0\n");
	assert_int_equal(s.free_table, 51823);
	netstate_wipe(&s);
}

static void mtus(void **state)
{
	struct netstate s;

	(void)state;
	snapshot(&s, "[Interface]\n" PEER "Endpoint = 203.0.113.1:1\n");
	assert_int_equal(s.endpoint_mtu, 0);
	assert_int_equal(s.default_mtu, 0);
	netstate_wipe(&s);
	run("ip route add default via 192.0.2.2 dev wgns1 metric 5");
	snapshot(&s, "[Interface]\n");
	assert_int_equal(s.default_mtu, 1400);
	netstate_wipe(&s);
	snapshot(&s, "[Interface]\n" PEER "Endpoint = 203.0.113.1:1\n" PEER
		     "Endpoint = 198.51.100.7:1\n" PEER "Endpoint = 192.0.2.9:1\n");
	assert_int_equal(s.endpoint_mtu, 1300);
	netstate_wipe(&s);
}

static void ipv6_disabled(void **state)
{
	struct netstate s;

	(void)state;
	if (access("/proc/sys/net/ipv6", F_OK))
		skip();
	run("echo 0 > /proc/sys/net/ipv6/conf/wgns0/disable_ipv6");
	snapshot(&s, "[Interface]\n");
	assert_false(s.no_ipv6);
	netstate_wipe(&s);
	run("echo 1 > /proc/sys/net/ipv6/conf/wgns0/disable_ipv6");
	snapshot(&s, "[Interface]\n");
	assert_true(s.no_ipv6);
	netstate_wipe(&s);
}

static int alone(void **state)
{
	(void)state;
	return unshare(CLONE_NEWNET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_link),	   cmocka_unit_test(ahead),
		cmocka_unit_test(link_and_routes), cmocka_unit_test(free_tables),
		cmocka_unit_test(mtus),		   cmocka_unit_test(ipv6_disabled),
	};

	if (geteuid())
		return 77;
	return cmocka_run_group_tests_name("wg-quick/netstate", tests, alone, NULL);
}

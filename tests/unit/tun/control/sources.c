// SPDX-License-Identifier: GPL-2.0
/* A peer at 192.0.2.9 was spoken to at 127.0.0.1 (which this host has), by link 7; another one at
 * 2001:db8::9, at ::1, by link 8. */
#include "../../../../src/tun/control/sources.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "../fake.h"
#include <cmocka.h>
#include <linux/rtnetlink.h>
#include "../../../../src/tun/device/peers.h"

static struct device *d;
static struct peer *four, *six;
static struct sources s;

static void remember(void)
{
	four->endpoint.addr4.sin_family = AF_INET;
	inet_pton(AF_INET, "192.0.2.9", &four->endpoint.addr4.sin_addr);
	inet_pton(AF_INET, "127.0.0.1", &four->endpoint.source4);
	four->endpoint.source_ifindex = 7;
	six->endpoint.addr6.sin6_family = AF_INET6;
	inet_pton(AF_INET6, "2001:db8::9", &six->endpoint.addr6.sin6_addr);
	inet_pton(AF_INET6, "::1", &six->endpoint.source6);
	six->endpoint.source_ifindex = 8;
}

static int begin(void **state)
{
	u8 key[WG_PUBLIC_LEN];

	(void)state;
	d = fake_device();
	four = peers_add(d, fake_key(key, 1));
	six = peers_add(d, fake_key(key, 2));
	sources_init(&s);
	remember();
	return 0;
}

static int end(void **state)
{
	(void)state;
	device_free(d);
	return 0;
}

static void work(void)
{
	assert_int_equal(sources_work(&s, d, s.due - 1), s.due);
	assert_int_equal(sources_work(&s, d, s.due), WG_NEVER);
}

static void link_message(u16 type, u8 family, u32 ifindex, u32 flags)
{
	struct ifinfomsg m = {.ifi_family = family, .ifi_index = (int)ifindex, .ifi_flags = flags};

	sources_message(&s, d, type, 0, (const u8 *)&m, sizeof(m));
}

static void route_message(u16 type, u16 flags, const char *prefix, u8 bits, u32 ifindex)
{
	bool v6 = strchr(prefix, ':');
	struct {
		struct rtmsg m;
		struct rtattr dst_header;
		u8 dst[16];
		struct rtattr oif_header;
		u32 oif;
	} r = {
		.m = {.rtm_family = v6 ? AF_INET6 : AF_INET, .rtm_dst_len = bits,
		      .rtm_type = RTN_UNICAST},
		.dst_header = {sizeof(struct rtattr) + 16, RTA_DST},
		.oif_header = {sizeof(struct rtattr) + 4, RTA_OIF},
		.oif = ifindex,
	};

	inet_pton(r.m.rtm_family, prefix, r.dst);
	sources_message(&s, d, type, flags, (const u8 *)&r, sizeof(r));
}

static bool kept4(void)
{
	return four->endpoint.source_ifindex == 7;
}

static bool kept6(void)
{
	return six->endpoint.source_ifindex == 8;
}

static void other_changes_leave_sources_alone(void **state)
{
	struct ifaddrmsg address = {.ifa_family = AF_INET};

	(void)state;
	link_message(RTM_NEWLINK, AF_UNSPEC, 7, IFF_UP);
	link_message(RTM_NEWLINK, AF_UNSPEC, 9, 0);
	link_message(RTM_DELLINK, AF_UNSPEC, 9, IFF_UP);
	link_message(RTM_DELLINK, AF_BRIDGE, 7, IFF_UP);
	sources_message(&s, d, RTM_NEWADDR, 0, (const u8 *)&address, sizeof(address));
	sources_message(&s, d, RTM_DELADDR, 0, (const u8 *)&address, sizeof(address));
	route_message(RTM_NEWROUTE, 0, "192.0.2.0", 24, 9);
	route_message(RTM_DELROUTE, 0, "192.0.2.0", 24, 9);
	route_message(RTM_DELROUTE, 0, "192.0.2.0", 29, 7); /* 192.0.2.0 to .7 */
	route_message(RTM_DELROUTE, 0, "198.51.100.0", 24, 7);
	route_message(RTM_NEWROUTE, NLM_F_REPLACE, "0.0.0.0", 0, 7);
	route_message(RTM_DELROUTE, 0, "2001:db8::8", 128, 8);
	sources_lost_messages(&s);
	work();
	assert_true(kept4());
	assert_true(kept6());
}

static void a_link_that_is_gone_or_down_takes_its_sources(void **state)
{
	(void)state;
	link_message(RTM_DELLINK, AF_UNSPEC, 7, IFF_UP);
	work();
	assert_false(kept4());
	assert_true(kept6());
	remember();
	link_message(RTM_NEWLINK, AF_UNSPEC, 8, 0);
	work();
	assert_true(kept4());
	assert_false(kept6());
}

static void a_route_that_is_gone_takes_the_way(void **state)
{
	(void)state;
	route_message(RTM_DELROUTE, 0, "192.0.2.8", 29, 7);
	route_message(RTM_DELROUTE, 0, "::", 0, 8);
	work();
	assert_false(kept4());
	assert_false(kept6());
	remember();
	route_message(RTM_NEWROUTE, NLM_F_REPLACE, "0.0.0.0", 0, 9);
	work();
	assert_false(kept4());
	assert_true(kept6());
}

static void an_address_that_is_gone_is_found_out(void **state)
{
	struct ifaddrmsg address = {.ifa_family = AF_INET};

	(void)state;
	inet_pton(AF_INET, "192.0.2.77", &four->endpoint.source4);
	inet_pton(AF_INET6, "2001:db8::77", &six->endpoint.source6);
	sources_message(&s, d, RTM_DELADDR, 0, (const u8 *)&address, sizeof(address));
	work();
	assert_false(kept4());
	assert_false(kept6());
}

static void many_notes_are_not_lost(void **state)
{
	(void)state;
	route_message(RTM_DELROUTE, 0, "192.0.2.9", 32, 7);
	for (u32 i = 0; i < 3 * SOURCES_NOTES; i++)
		route_message(RTM_DELROUTE, 0, "198.51.100.0", 24, i);
	link_message(RTM_DELLINK, AF_UNSPEC, 8, 0);
	work();
	assert_false(kept4());
	assert_false(kept6());
}

static void nonsense_is_ignored(void **state)
{
	u8 junk[64];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		static const u16 types[] = {RTM_NEWLINK, RTM_DELLINK, RTM_NEWROUTE, RTM_DELROUTE,
					    RTM_DELADDR, 999};

		for (size_t k = 0; k < sizeof(junk); k++)
			junk[k] = (u8)(rand() % 5 ? 0 : rand());
		sources_message(&s, d, types[i % 6], (u16)rand(), junk, (size_t)rand() % 65);
	}
	sources_work(&s, d, WG_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(other_changes_leave_sources_alone, begin, end),
		cmocka_unit_test_setup_teardown(a_link_that_is_gone_or_down_takes_its_sources, begin, end),
		cmocka_unit_test_setup_teardown(a_route_that_is_gone_takes_the_way, begin, end),
		cmocka_unit_test_setup_teardown(an_address_that_is_gone_is_found_out, begin, end),
		cmocka_unit_test_setup_teardown(many_notes_are_not_lost, begin, end),
		cmocka_unit_test_setup_teardown(nonsense_is_ignored, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

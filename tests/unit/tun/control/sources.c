// SPDX-License-Identifier: GPL-2.0
/* When the kernel is asked about remembered sources, and what follows from its answer, which is the
 * test's. uplinks.sh asks a kernel. */
#include "../../../../src/tun/control/sources.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "../fake.h"
#include <cmocka.h>
#include <linux/rtnetlink.h>
#include "../../../../src/tun/control/route-query.h"

#define LINK  7
#define PEERS 1000

static enum route_answer answer;
static u32 by; /* the link of the answer */
static u32 asked;

enum route_answer route_query(int netlink, const struct endpoint *e, u16 port, u32 fwmark,
			      u32 *ifindex)
{
	(void)netlink, (void)e, (void)port, (void)fwmark;
	asked++;
	*ifindex = by;
	return answer;
}

int route_query_open(void)
{
	return -1;
}

static struct device *d;
static struct peer *peers[PEERS];
static struct sources s;

static int begin(void **state)
{
	u8 key[WG_PUBLIC_LEN];

	(void)state;
	d = fake_device();
	for (u32 i = 0; i < PEERS; i++) {
		peers[i] = peers_add(d, fake_key(key, i));
		peers[i]->endpoint.addr4.sin_family = AF_INET;
		inet_pton(AF_INET, "192.0.2.9", &peers[i]->endpoint.addr4.sin_addr);
		peers[i]->endpoint.source_ifindex = LINK;
	}
	sources_open(&s);
	answer = ROUTE_BY;
	by = LINK;
	asked = 0;
	return 0;
}

static int end(void **state)
{
	(void)state;
	sources_close(&s);
	device_free(d);
	return 0;
}

static u32 count_kept(void)
{
	u32 n = 0;

	for (u32 i = 0; i < PEERS; i++)
		n += peers[i]->endpoint.source_ifindex == LINK;
	return n;
}

static void message(u16 type)
{
	union {
		struct rtmsg route;
		struct ifinfomsg link;
	} m = {{0}};

	sources_message(&s, type, (const u8 *)&m, sizeof(m));
}

/* Does all that is due. */
static void work(void)
{
	u64 due = s.due;

	assert_int_equal(sources_work(&s, d, due - 1), due);
	while (sources_work(&s, d, due) == 0)
		;
}

static void the_answer_decides(void **state)
{
	static const struct {
		enum route_answer answer;
		u32 by, kept;
	} cases[] = {
		{ROUTE_BY, LINK, PEERS}, {ROUTE_UNKNOWN, 0, PEERS}, {ROUTE_BY, LINK + 1, 0},
		{ROUTE_NO_SOURCE, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (u32 k = 0; k < PEERS; k++)
			peers[k]->endpoint.source_ifindex = LINK;
		answer = cases[i].answer;
		by = cases[i].by;
		message(RTM_DELROUTE);
		work();
		assert_int_equal(count_kept(), cases[i].kept);
		assert_int_equal(s.due, WG_NEVER);
	}
}

/* Whatever may change a way is a reason to ask, and nothing else is. */
static void what_changes_a_way_is_a_reason_to_ask(void **state)
{
	static const u16 types[] = {RTM_NEWROUTE, RTM_DELROUTE, RTM_NEWRULE, RTM_DELRULE,
				    RTM_NEWLINK, RTM_DELLINK, RTM_DELADDR};
	struct rtmsg cached = {.rtm_flags = RTM_F_CLONED};

	(void)state;
	sources_message(&s, RTM_NEWROUTE, (const u8 *)&cached, sizeof(cached));
	message(RTM_NEWADDR);
	message(RTM_NEWNEIGH);
	assert_int_equal(s.due, WG_NEVER);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		asked = 0;
		message(types[i]);
		assert_int_not_equal(s.due, WG_NEVER);
		work();
		assert_int_equal(asked, PEERS);
	}
	sources_changed(&s);
	assert_int_not_equal(s.due, WG_NEVER);
}

static void a_turn_is_bounded(void **state)
{
	u32 turns = 0, before = 0;
	u64 due;

	(void)state;
	for (int i = 0; i < 1000; i++)
		message(RTM_DELROUTE);
	due = s.due;
	while (sources_work(&s, d, due) == 0) {
		assert_in_range(asked - before, 1, 64);
		before = asked;
		turns++;
	}
	assert_true(turns > 10);
	assert_int_equal(asked, PEERS);
}

/* What changes during a check is checked after it, and peers may go. */
static void changes_during_a_check_are_not_lost(void **state)
{
	u64 due;

	(void)state;
	message(RTM_DELROUTE);
	due = s.due;
	assert_int_equal(sources_work(&s, d, due), 0);
	peers_remove(d, s.cursor.at);
	by = LINK + 1;
	message(RTM_NEWROUTE);
	assert_int_not_equal(s.due, WG_NEVER);
	due = s.due;
	while (sources_work(&s, d, due - 1) == 0)
		;
	assert_true(peers[0]->endpoint.source_ifindex == LINK);
	assert_int_equal(s.due, due);
	work();
	assert_true(peers[0]->endpoint.source_ifindex == 0);
}

static void all_peers_may_go_during_a_check(void **state)
{
	(void)state;
	message(RTM_DELROUTE);
	assert_int_equal(sources_work(&s, d, s.due), 0);
	peers_clear(d);
	assert_int_equal(sources_work(&s, d, 0), WG_NEVER);
	assert_null(d->cursors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_answer_decides, begin, end),
		cmocka_unit_test_setup_teardown(what_changes_a_way_is_a_reason_to_ask, begin, end),
		cmocka_unit_test_setup_teardown(a_turn_is_bounded, begin, end),
		cmocka_unit_test_setup_teardown(changes_during_a_check_are_not_lost, begin, end),
		cmocka_unit_test_setup_teardown(all_peers_may_go_during_a_check, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

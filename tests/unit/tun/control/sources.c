// SPDX-License-Identifier: GPL-2.0
/* When the kernel is asked about remembered sources, and what follows from its answer, which is the
 * test's. uplinks.sh asks a kernel. */
#include "../../../../src/tun/control/sources.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../fake.h"
#include <cmocka.h>
#include <linux/rtnetlink.h>
#include "../../../../src/tun/control/route-query.h"
#include "../../../../src/tun/path/udp.h"

#define LINK  7
#define PEERS 1000

static enum route_answer answer;
static u32 by; /* the link of the answer */
static bool with_mtu;
static u32 owner; /* the link that has the source */
static bool has_source;
static u32 asked, asked_source;
static useconds_t takes; /* an answer, in microseconds */

enum route_answer route_query(int netlink, const struct endpoint *e, u16 port, u32 fwmark,
			      struct route_way *way)
{
	(void)netlink, (void)e, (void)port, (void)fwmark;
	asked++;
	if (takes)
		usleep(takes);
	*way = (struct route_way){by, with_mtu};
	return answer;
}

u32 route_query_owner(int netlink, const struct endpoint *e)
{
	(void)netlink, (void)e;
	return owner;
}

bool udp_has_source(const struct endpoint *e)
{
	(void)e;
	asked_source++;
	return has_source;
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
		peers[i]->endpoint.way = WAY_OWN;
	}
	sources_open(&s);
	answer = ROUTE_BY;
	by = owner = LINK;
	has_source = true;
	asked = asked_source = takes = 0;
	return 0;
}

static int end(void **state)
{
	(void)state;
	sources_close(&s, d);
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

/* A way is gone only if it was that of the source's own link. */
static void the_answer_decides(void **state)
{
	static const struct {
		u8 way; /* what the kernel said before */
		bool has_source;
		enum route_answer answer;
		u32 by, owner, kept;
		u8 then;
	} cases[] = {
		{WAY_OWN, true, ROUTE_BY, LINK, LINK, PEERS, WAY_OWN},
		{WAY_OWN, true, ROUTE_UNKNOWN, 0, LINK, PEERS, WAY_OWN},
		{WAY_OWN, true, ROUTE_BY, LINK + 1, LINK, 0, WAY_OTHER},
		{WAY_OWN, true, ROUTE_NO_SOURCE, 0, LINK, 0, WAY_OWN},
		{WAY_OWN, false, ROUTE_BY, LINK, LINK, 0, WAY_OWN},
		/* Asymmetric, or an address of lo, from the beginning. */
		{WAY_UNKNOWN, true, ROUTE_BY, LINK + 1, LINK, PEERS, WAY_OTHER},
		{WAY_OTHER, true, ROUTE_BY, LINK + 2, LINK, PEERS, WAY_OTHER},
		{WAY_OTHER, true, ROUTE_BY, LINK, LINK, PEERS, WAY_OWN},
		{WAY_UNKNOWN, true, ROUTE_BY, LINK, LINK, PEERS, WAY_OWN},
		{WAY_UNKNOWN, true, ROUTE_UNKNOWN, 0, LINK, PEERS, WAY_OTHER},
		/* The address is on the link that is the way now, too. */
		{WAY_OWN, true, ROUTE_BY, LINK + 1, LINK + 1, PEERS, WAY_OWN},
		/* The kernel does not say which link has the address. */
		{WAY_OWN, true, ROUTE_BY, LINK + 1, 0, PEERS, WAY_OWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (u32 k = 0; k < PEERS; k++) {
			peers[k]->endpoint.source_ifindex = LINK;
			peers[k]->endpoint.way = cases[i].way;
		}
		has_source = cases[i].has_source;
		answer = cases[i].answer;
		by = cases[i].by;
		owner = cases[i].owner;
		message(RTM_DELROUTE);
		work();
		assert_int_equal(count_kept(), cases[i].kept);
		assert_int_equal(peers[0]->endpoint.way, cases[i].then);
		assert_int_equal(s.due, WG_NEVER);
	}
}

static void the_mtu_of_a_route_is_noted(void **state)
{
	(void)state;
	for (int i = 1; i >= 0; i--) {
		with_mtu = i;
		message(RTM_NEWROUTE);
		work();
		assert_true(peers[0]->endpoint.route_mtu == with_mtu);
	}
}

/* With IPv6 the address alone counts. */
static void the_way_of_ipv6_is_not_asked_for(void **state)
{
	(void)state;
	for (u32 k = 0; k < PEERS; k++)
		peers[k]->endpoint.addr.sa_family = AF_INET6;
	by = LINK + 1;
	message(RTM_DELROUTE);
	work();
	assert_int_equal(count_kept(), PEERS);
	assert_int_equal(asked, 0);
	has_source = false;
	message(RTM_DELROUTE);
	work();
	assert_int_equal(count_kept(), 0);
}

/* One source of many peers. */
static void a_source_is_asked_for_once(void **state)
{
	(void)state;
	message(RTM_DELROUTE);
	work();
	assert_int_equal(asked_source, 1);
	peers[PEERS / 2]->endpoint.source4.s_addr = 1;
	message(RTM_DELROUTE);
	work();
	assert_int_equal(asked_source, 1 + 3);
}

/* Routes of a router change all the time. */
static void a_long_check_is_followed_by_a_long_rest(void **state)
{
	u64 due, spent;

	(void)state;
	takes = 100;
	message(RTM_DELROUTE);
	due = s.due;
	spent = device_now();
	while (sources_work(&s, d, due) == 0)
		message(RTM_NEWROUTE); /* also while it goes on */
	spent = device_now() - spent;
	assert_true(spent >= PEERS * 100000ULL);
	message(RTM_NEWROUTE);
	assert_in_range(s.due - due, PEERS * 900000ULL, 10 * spent);
	__atomic_store_n(&d->source_learnt, true, __ATOMIC_RELAXED);
	assert_in_range(sources_work(&s, d, due) - due, PEERS * 900000ULL, 10 * spent);
}

/* A source that a peer was heard at is asked about soon, so that a later answer can differ. */
static void a_new_source_is_asked_about(void **state)
{
	struct endpoint other = peers[5]->endpoint;
	u64 now = device_now();

	(void)state;
	assert_false(device_heard_peer(d, peers[5], &other));
	assert_int_equal(peers[5]->endpoint.way, WAY_OWN);
	other.addr4.sin_port = 1;
	other.way = WAY_UNKNOWN;
	assert_true(device_heard_peer(d, peers[5], &other));
	other.addr4.sin_port = 2;
	assert_false(device_heard_peer(d, peers[5], &other)); /* the control thread is awake */
	while (sources_work(&s, d, now) == 0)
		;
	assert_int_equal(asked, 1);
	assert_int_equal(peers[5]->endpoint.way, WAY_OWN);
	/* Whoever moves with each packet is not asked about with each. */
	other.addr4.sin_port = 3;
	assert_true(device_heard_peer(d, peers[5], &other));
	assert_in_range(sources_work(&s, d, now + 1), now + 1, now + WG_SECOND);
	assert_int_equal(asked, 1);
	while (sources_work(&s, d, now + WG_SECOND) == 0)
		;
	assert_int_equal(asked, 2);
	assert_int_equal(sources_work(&s, d, now + WG_SECOND), WG_NEVER);
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
	assert_in_range(s.due, due, due + WG_SECOND);
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

static void a_check_ends_with_its_end(void **state)
{
	(void)state;
	message(RTM_DELROUTE);
	assert_int_equal(sources_work(&s, d, s.due), 0);
	assert_non_null(d->cursors);
	sources_close(&s, d);
	assert_null(d->cursors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_answer_decides, begin, end),
		cmocka_unit_test_setup_teardown(the_mtu_of_a_route_is_noted, begin, end),
		cmocka_unit_test_setup_teardown(the_way_of_ipv6_is_not_asked_for, begin, end),
		cmocka_unit_test_setup_teardown(a_source_is_asked_for_once, begin, end),
		cmocka_unit_test_setup_teardown(a_long_check_is_followed_by_a_long_rest, begin, end),
		cmocka_unit_test_setup_teardown(a_new_source_is_asked_about, begin, end),
		cmocka_unit_test_setup_teardown(what_changes_a_way_is_a_reason_to_ask, begin, end),
		cmocka_unit_test_setup_teardown(a_turn_is_bounded, begin, end),
		cmocka_unit_test_setup_teardown(changes_during_a_check_are_not_lost, begin, end),
		cmocka_unit_test_setup_teardown(a_check_ends_with_its_end, begin, end),
		cmocka_unit_test_setup_teardown(all_peers_may_go_during_a_check, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

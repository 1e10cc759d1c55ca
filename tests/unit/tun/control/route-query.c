// SPDX-License-Identifier: GPL-2.0
/* What is asked of the kernel about a route, and how its answers are read, which are the test's: it has the
 * other end of the socket. uplinks.sh and route-mtu.sh ask a kernel. */
#include "../../../../src/tun/control/route-query.h"
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/rtnetlink.h>

#define LINK 7

struct message {
	struct nlmsghdr header;
	struct rtmsg route; /* or what follows the header of an error */
	u8 attributes[256];
};

static int ends[2]; /* ours is the second one */
static struct endpoint peer;
static struct message answer;
static struct route_way way;

static int begin(void **state)
{
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	peer.addr4.sin_family = AF_INET;
	peer.addr4.sin_port = htons(51820);
	inet_pton(AF_INET, "192.0.2.9", &peer.addr4.sin_addr);
	inet_pton(AF_INET, "192.0.2.1", &peer.source4);
	return 0;
}

static int end(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void begin_answer(u8 type)
{
	memset(&answer, 0, sizeof(answer));
	answer.header.nlmsg_type = RTM_NEWROUTE;
	answer.header.nlmsg_len = NLMSG_LENGTH(sizeof(answer.route));
	answer.route.rtm_type = type;
}

static void add(u16 type, const void *data, size_t len)
{
	struct rtattr a = {(u16)RTA_LENGTH(len), type};
	u8 *at = (u8 *)&answer + NLMSG_ALIGN(answer.header.nlmsg_len);

	memcpy(at, &a, sizeof(a));
	memcpy(at + RTA_LENGTH(0), data, len);
	answer.header.nlmsg_len = (u32)(at - (u8 *)&answer) + (u32)RTA_SPACE(len);
}

static void add_link(u32 link)
{
	add(RTA_OIF, &link, sizeof(link));
}

static void add_mtu(u32 mtu, u32 expires)
{
	struct {
		struct rtattr a;
		u32 mtu;
	} metric = {{RTA_LENGTH(sizeof(u32)), RTAX_MTU}, mtu};
	struct rta_cacheinfo cache = {.rta_expires = expires};

	add(RTA_METRICS, &metric, sizeof(metric));
	add(RTA_CACHEINFO, &cache, sizeof(cache));
}

/* Puts the first `len` bytes of the answer where the kernel's will be. */
static void give(size_t len)
{
	assert_int_equal(send(ends[1], &answer, len, 0), len);
}

static void give_all(void)
{
	give(answer.header.nlmsg_len);
}

static void question(struct message *m)
{
	memset(m, 0, sizeof(*m));
	assert_true(recv(ends[1], m, sizeof(*m), MSG_DONTWAIT) > 0);
}

static enum route_answer query(void)
{
	memset(&way, 0xff, sizeof(way));
	way.has_mtu = true;
	return route_query(ends[0], &peer, 51821, 5, &way);
}

static bool has_attribute(const struct message *m, u16 type, const void *data, size_t len)
{
	size_t end = m->header.nlmsg_len - NLMSG_LENGTH(sizeof(m->route));
	struct rtattr a;

	for (size_t at = 0; at + sizeof(a) <= end; at += RTA_ALIGN(a.rta_len)) {
		memcpy(&a, m->attributes + at, sizeof(a));
		if (a.rta_type == type)
			return RTA_PAYLOAD(&a) == len &&
			       !memcmp(m->attributes + at + RTA_LENGTH(0), data, len);
		if (a.rta_len < sizeof(a))
			break;
	}
	return false;
}

static void asks_as_the_packet_would(void **state)
{
	u16 from = htons(51821), to = htons(51820);
	u8 udp = IPPROTO_UDP;
	struct message m;
	u32 mark = 5, uid = geteuid();

	(void)state;
	close(route_query_open());
	begin_answer(RTN_UNICAST);
	add_link(LINK);
	give_all();
	assert_int_equal(query(), ROUTE_BY);
	assert_int_equal(way.ifindex, LINK);
	assert_false(way.has_mtu);
	question(&m);
	assert_int_equal(m.header.nlmsg_type, RTM_GETROUTE);
	assert_int_equal(m.route.rtm_family, AF_INET);
	assert_true(has_attribute(&m, RTA_DST, &peer.addr4.sin_addr, 4));
	assert_true(has_attribute(&m, RTA_SRC, &peer.source4, 4));
	assert_true(has_attribute(&m, RTA_MARK, &mark, sizeof(mark)));
	assert_true(has_attribute(&m, RTA_UID, &uid, sizeof(uid)));
	assert_true(has_attribute(&m, 27, &udp, 1)); /* RTA_IP_PROTO and the ports: 4.19 */
	assert_true(has_attribute(&m, 28, &from, 2));
	assert_true(has_attribute(&m, 29, &to, 2));
}

static void errors_are_told_apart(void **state)
{
	static const struct {
		int error;
		enum route_answer told;
	} cases[] = {
		{-EINVAL, ROUTE_NO_SOURCE}, {-ENETUNREACH, ROUTE_UNKNOWN},
		{-EPERM, ROUTE_UNKNOWN}, {0, ROUTE_UNKNOWN},
	};
	struct message m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		memset(&answer, 0, sizeof(answer));
		answer.header.nlmsg_type = NLMSG_ERROR;
		answer.header.nlmsg_len = NLMSG_LENGTH(sizeof(struct nlmsgerr));
		memcpy(&answer.route, &cases[i].error, sizeof(cases[i].error));
		give_all();
		assert_int_equal(query(), cases[i].told);
		assert_false(way.has_mtu);
		question(&m);
	}
	assert_int_equal(query(), ROUTE_UNKNOWN); /* no answer at all */
	assert_int_equal(route_query(-1, &peer, 1, 0, &way), ROUTE_UNKNOWN);
}

/* Packets that go nowhere have no way. */
static void a_route_to_nowhere_is_none(void **state)
{
	static const u8 types[] = {RTN_UNREACHABLE, RTN_BLACKHOLE, RTN_PROHIBIT, RTN_BROADCAST};
	struct message m;

	(void)state;
	for (size_t i = 0; i < sizeof(types); i++) {
		begin_answer(types[i]);
		add_link(LINK);
		give_all();
		assert_int_equal(query(), ROUTE_UNKNOWN);
		question(&m);
	}
	begin_answer(RTN_LOCAL);
	add_link(1);
	give_all();
	assert_int_equal(query(), ROUTE_BY);
}

static void damaged_answers_say_nothing(void **state)
{
	struct message m;
	u16 rta_len = 400;
	size_t len;

	(void)state;
	begin_answer(RTN_UNICAST);
	add_link(LINK + (1 << 24)); /* its last byte counts */
	len = answer.header.nlmsg_len;
	for (size_t part = 1; part < len; part++) {
		give(part);
		assert_int_equal(query(), ROUTE_UNKNOWN);
		question(&m);
	}
	/* The header is whole, and says less than there is. */
	for (u32 part = 0; part < len; part++) {
		answer.header.nlmsg_len = part;
		give(len);
		assert_int_equal(query(), ROUTE_UNKNOWN);
		question(&m);
	}
	answer.header.nlmsg_len = (u32)len;
	for (int i = 0; i < 3; i++) {
		memcpy(answer.attributes, &rta_len, sizeof(rta_len));
		give(len);
		assert_int_equal(query(), ROUTE_UNKNOWN);
		question(&m);
		rta_len = (u16)i;
	}
}

/* What ICMP told expires; the entry of the table tells what the route was given. */
static void only_a_given_mtu_counts(void **state)
{
	struct message m;

	(void)state;
	begin_answer(RTN_UNICAST);
	add_link(LINK);
	add_mtu(1500, 0);
	give_all();
	assert_int_equal(query(), ROUTE_BY);
	assert_true(way.has_mtu);
	question(&m);
	for (int given = 0; given < 2; given++) {
		begin_answer(RTN_UNICAST);
		add_link(LINK);
		add_mtu(600, 5000);
		give_all();
		begin_answer(RTN_UNICAST);
		add_link(LINK + 1);
		if (given)
			add_mtu(1500, 0);
		give_all();
		assert_int_equal(query(), ROUTE_BY);
		assert_int_equal(way.ifindex, LINK);
		assert_int_equal(way.has_mtu, given);
		question(&m);
		assert_false(m.route.rtm_flags & 0x2000);
		question(&m);
		assert_true(m.route.rtm_flags & 0x2000);
	}
	/* Kernels before 4.13 repeat the first answer. */
	begin_answer(RTN_UNICAST);
	add_link(LINK);
	add_mtu(600, 5000);
	give_all();
	give_all();
	assert_int_equal(query(), ROUTE_BY);
	assert_false(way.has_mtu);
}

static void the_owner_of_an_address_is_its_entry(void **state)
{
	struct message m;

	(void)state;
	begin_answer(RTN_LOCAL);
	add_link(LINK);
	give_all();
	assert_int_equal(route_query_owner(ends[0], &peer), LINK);
	question(&m);
	assert_true(has_attribute(&m, RTA_DST, &peer.source4, 4));
	assert_true(m.route.rtm_flags & 0x2000); /* RTM_F_FIB_MATCH */
	begin_answer(RTN_UNICAST);
	add_link(LINK);
	give_all();
	assert_int_equal(route_query_owner(ends[0], &peer), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(asks_as_the_packet_would, begin, end),
		cmocka_unit_test_setup_teardown(errors_are_told_apart, begin, end),
		cmocka_unit_test_setup_teardown(a_route_to_nowhere_is_none, begin, end),
		cmocka_unit_test_setup_teardown(damaged_answers_say_nothing, begin, end),
		cmocka_unit_test_setup_teardown(only_a_given_mtu_counts, begin, end),
		cmocka_unit_test_setup_teardown(the_owner_of_an_address_is_its_entry, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* On loopback: GSO datagrams arrive whole with and without offloads, and what is refused is sent
 * otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <fcntl.h>
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../../../../src/tun/path/udp.h"

static struct udp_receiver receiver;
static u8 buffers[UDP_RECEIVES][UDP_BUFFER], data[60000];

/* Messages that the kernel is said to refuse: after `after` that it took, `times` of them (0: all
 * others). */
static struct fault {
	bool active;
	int error, after, times;
	u32 calls; /* of sendmsg and sendmmsg */
} fault;

static bool fails(void)
{
	if (!fault.active || fault.after-- > 0)
		return false;
	fault.after = 0;
	if (fault.times && !--fault.times)
		fault.active = false;
	errno = fault.error;
	return true;
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	fault.calls++;
	return fails() ? -1 : syscall(SYS_sendmsg, fd, m, flags);
}

int sendmmsg(int fd, struct mmsghdr *m, unsigned int n, int flags)
{
	unsigned int good = 0;

	fault.calls++;
	while (good < n && !fails())
		good++;
	return good ? (int)syscall(SYS_sendmmsg, fd, m, good, flags) : -1;
}

struct ends {
	struct udp from, to;
	struct endpoint there;
};

static void open_ends(struct ends *e, int family)
{
	struct wg_error err;
	u16 port = 0, other = 0;

	memset(e, 0, sizeof(*e));
	assert_int_equal(udp_open(&e->from, family, &other, 0, 1, &err), 0);
	assert_int_equal(udp_open(&e->to, family, &port, 0, 1, &err), 0);
	assert_int_not_equal(port, 0);
	e->there.addr.sa_family = (sa_family_t)family;
	if (family == AF_INET6) {
		e->there.addr6.sin6_port = htons(port);
		e->there.addr6.sin6_addr = in6addr_loopback;
	} else {
		e->there.addr4.sin_port = htons(port);
		e->there.addr4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
	receiver.buffers = buffers;
}

static void close_ends(struct ends *e)
{
	udp_close(&e->from);
	udp_close(&e->to);
	assert_int_equal(e->to.fd, -1);
}

/* Everything that comes, in a row; checks sizes and what is said of it. */
static u32 collect(struct ends *e, u8 *out, u32 expected, u32 size, u8 tos)
{
	u32 got = 0;

	while (got < expected) {
		struct pollfd p = {.fd = e->to.fd, .events = POLLIN};
		u32 n;

		if (poll(&p, 1, 2000) != 1)
			break;
		n = udp_receive(&e->to, &receiver);
		for (u32 i = 0; i < n; i++) {
			const struct udp_datagrams *a = &receiver.received[i];

			assert_true(a->size <= size);
			assert_int_equal(a->tos, tos);
			assert_int_equal(a->from.addr.sa_family, e->there.addr.sa_family);
			assert_int_not_equal(a->from.source_ifindex, 0);
			memcpy(out + got, a->data, a->len);
			got += a->len;
		}
	}
	return got;
}

static void exchange(struct ends *e, u8 tos)
{
	static u8 out[120000];
	struct udp_gso t[3] = {{data, 20000, 1000}, {data + 20000, 999, 999}, {data + 20999, 30500, 1000}};
	struct udp_outcome o;

	assert_true(udp_send(&e->from, &e->there, tos, t, 3, true, &o));
	assert_false(o.source_gone);
	assert_int_equal(collect(e, out, 51499, 1000, tos), 51499);
	assert_memory_equal(out, data, 51499);
}

static void sends_gso_datagrams(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct ends e;

		open_ends(&e, i & 1 ? AF_INET6 : AF_INET);
		e.from.gso = i < 2;
		exchange(&e, i < 2 ? 0 : 3);
		close_ends(&e);
	}
}

static u32 created;
static bool create_fails;

static int create_counted(int family)
{
	created++;
	errno = ETIMEDOUT;
	return create_fails ? -1 : socket(family, SOCK_DGRAM, 0);
}

static int count_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Creating may wait; opening what was created before does not. */
static void prepared_sockets_are_opened_without_waiting(void **state)
{
	int before = count_descriptors();
	struct ends e;

	(void)state;
	udp_create_by(create_counted);
	created = 0;
	udp_prepare(3, 2);
	assert_int_equal(created, 5);
	create_fails = true;
	open_ends(&e, AF_INET6);
	exchange(&e, 0);
	close_ends(&e);
	open_ends(&e, AF_INET);
	exchange(&e, 0);
	close_ends(&e);
	assert_int_equal(created, 5);
	udp_end_prepared();
	assert_int_equal(count_descriptors(), before);
	/* The first that fails is the last that is tried. */
	udp_prepare(3, 2);
	assert_int_equal(created, 6);
	create_fails = false;
	udp_create_by(NULL);
}

/* They answer what may be a flood, so they are not preferred to other packets. */
static void cookie_replies_have_no_dscp(void **state)
{
	static u8 out[40 * sizeof(struct wg_message_cookie)];
	struct handshake_reply replies[40];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct ends e;

		open_ends(&e, i ? AF_INET6 : AF_INET);
		memset(replies, 0, sizeof(replies));
		for (int k = 0; k < 40; k++)
			replies[k].to = e.there;
		assert_int_equal(udp_send_replies(&e.from, replies, 40), 40);
		assert_int_equal(collect(&e, out, sizeof(out), sizeof(struct wg_message_cookie), 0),
				 sizeof(out));
		close_ends(&e);
	}
}

/* 131 segments are more than one call takes: EINVAL. */
static void send_too_many(struct ends *e, struct udp_outcome *o)
{
	static u8 out[80000], much[65536];
	struct udp_gso t = {much, 65500, 500};

	assert_true(udp_send(&e->from, &e->there, 0, &t, 1, true, o));
	assert_int_equal(o->lost + o->lost_bytes + o->full, 0);
	assert_int_equal(collect(e, out, 65500, 500, 0), 65500);
}

static void remember_source(struct ends *e)
{
	e->there.source_ifindex = if_nametoindex("lo");
	e->there.source4.s_addr = htonl(INADDR_LOOPBACK);
}

static void a_gso_datagram_that_is_refused_is_sent_otherwise(void **state)
{
	struct udp_outcome o;
	struct ends e;

	(void)state;
	for (int with_source = 0; with_source < 2; with_source++) {
		open_ends(&e, AF_INET);
		if (with_source)
			remember_source(&e);
		for (int i = 0; i < 20; i++) {
			send_too_many(&e, &o);
			assert_true(o.gso_refused);
			assert_false(o.gso_worked);
			assert_false(o.source_gone);
			exchange(&e, 0);
		}
		close_ends(&e);
	}
}

/* Of one call, those behind the refused one are not tried, and those before it worked. */
static void says_what_became_of_gso_datagrams(void **state)
{
	static u8 much[65536], out[120000];
	struct udp_gso t[3] = {{data, 3000, 1000}, {much, 6550, 50}, {data + 3000, 3000, 1000}};
	struct udp_outcome o;
	struct ends e;

	(void)state;
	open_ends(&e, AF_INET);
	assert_true(udp_send(&e.from, &e.there, 0, t, 3, true, &o));
	assert_true(o.gso_worked);
	assert_true(o.gso_refused);
	assert_int_equal(collect(&e, out, 12550, 1000, 0), 12550);
	assert_memory_equal(out, data, 3000);
	assert_memory_equal(out + 9550, data + 3000, 3000);
	assert_true(udp_send(&e.from, &e.there, 0, t, 1, false, &o));
	assert_false(o.gso_worked || o.gso_refused);
	assert_int_equal(collect(&e, out, 3000, 1000, 0), 3000);
	close_ends(&e);
}

/* A source that is gone and a GSO datagram that is refused give the same error. */
static void both_reasons_are_told_apart(void **state)
{
	static u8 much[65536], out[80000];
	struct udp_gso t = {much, 65500, 500};
	struct udp_outcome o;
	struct ends e;

	(void)state;
	for (int gso = 0; gso < 2; gso++) {
		open_ends(&e, AF_INET);
		remember_source(&e);
		inet_pton(AF_INET, "192.0.2.77", &e.there.source4);
		assert_true(udp_send(&e.from, &e.there, 0, &t, 1, gso, &o));
		assert_true(o.source_gone);
		assert_int_equal(o.gso_refused, gso);
		assert_int_equal(collect(&e, out, 65500, 500, 0), 65500);
		close_ends(&e);
	}
}

/* defects.md: sendmmsg's partial result taken for success */
static void counts_what_a_partial_call_left(void **state)
{
	static u8 out[4000];
	struct udp_gso t[20];
	struct udp_outcome o;
	struct ends e;

	(void)state;
	open_ends(&e, AF_INET);
	for (int i = 0; i < 20; i++)
		t[i] = (struct udp_gso){data + i * 100, 100, 100};
	t[5] = (struct udp_gso){data, 65536, 65536}; /* EMSGSIZE */
	assert_false(udp_send(&e.from, &e.there, 0, t, 20, true, &o));
	assert_int_equal(o.lost, 1);
	assert_int_equal(o.full, 0);
	assert_int_equal(o.lost_bytes, 65536);
	assert_int_equal(collect(&e, out, 1900, 100, 0), 1900);
	for (int i = 0, at = 0; i < 20; i++) {
		if (i == 5)
			continue;
		assert_memory_equal(out + at, data + i * 100, 100);
		at += 100;
	}
	close_ends(&e);
}

/* defects.md: one slow or dead path fills a shared queue or socket buffer and stalls everyone */
static void a_full_buffer_does_not_wait(void **state)
{
	static u8 out[40000];
	struct udp_gso t[40];
	struct udp_outcome o;
	struct ends e;

	(void)state;
	open_ends(&e, AF_INET);
	for (int i = 0; i < 40; i++)
		t[i] = (struct udp_gso){data + i * 1000, 1000, 500};
	fault = (struct fault){.active = true, .error = EAGAIN, .after = 18};
	assert_false(udp_send(&e.from, &e.there, 0, t, 40, true, &o));
	fault.active = false;
	assert_int_equal(o.full, 22 * 2);
	assert_int_equal(o.lost, o.full);
	assert_int_equal(o.lost_bytes, 22000);
	assert_false(o.gso_refused);
	/* Once it is full, it is not asked for each datagram. */
	assert_in_range(fault.calls, 3, 5);
	assert_int_equal(collect(&e, out, 18000, 500, 0), 18000);
	assert_memory_equal(out, data, 18000);
	close_ends(&e);
}

/* A link that flaps, a firewall: neither the source nor GSO is the reason, as long as the kernel
 * does not send without them. */
static void trouble_of_the_network_changes_nothing(void **state)
{
	static const int errors[] = {ENETUNREACH, EHOSTUNREACH, ENETDOWN, EPERM, EACCES, EINVAL,
				     ENODEV, EADDRNOTAVAIL, ECONNREFUSED, ENOBUFS, ENOMEM};
	struct udp_gso t = {data, 3000, 1000};
	struct udp_outcome o;
	struct ends e;

	(void)state;
	open_ends(&e, AF_INET);
	remember_source(&e);
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		fault = (struct fault){.active = true, .error = errors[i]};
		assert_false(udp_send(&e.from, &e.there, 0, &t, 1, true, &o));
		fault.active = false;
		assert_int_equal(o.lost, 3);
		assert_int_equal(o.full, 0);
		assert_false(o.source_gone);
		assert_false(o.gso_refused);
	}
	close_ends(&e);
}

/* A moment without memory costs a GSO datagram its form, not its segments. */
static void a_moment_without_memory_is_a_refusal(void **state)
{
	static const int errors[] = {ENOBUFS, ENOMEM, EIO, EMSGSIZE};
	static u8 out[4000];
	struct udp_gso t = {data, 3000, 1000};
	struct udp_outcome o;
	struct ends e;

	(void)state;
	open_ends(&e, AF_INET);
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		fault = (struct fault){.active = true, .error = errors[i], .times = 1};
		assert_true(udp_send(&e.from, &e.there, 0, &t, 1, true, &o));
		fault.active = false;
		assert_true(o.gso_refused);
		assert_int_equal(collect(&e, out, 3000, 1000, 0), 3000);
	}
	close_ends(&e);
}

static void says_what_was_lost(void **state)
{
	struct udp_gso t[2] = {{data, 3100, 1000}, {data, 10, 10}};
	struct udp_outcome o;
	struct ends e;

	(void)state;
	open_ends(&e, AF_INET);
	e.there.addr4.sin_addr.s_addr = htonl(0xffffffff); /* EACCES: we may not broadcast */
	remember_source(&e);
	assert_false(udp_send(&e.from, &e.there, 0, t, 2, true, &o));
	assert_int_equal(o.lost, 5);
	assert_int_equal(o.lost_bytes, 3110);
	assert_int_equal(o.full, 0);
	assert_false(o.gso_refused);
	assert_false(o.source_gone);
	close_ends(&e);
}

static void forgets_a_source_that_is_gone(void **state)
{
	(void)state;
	for (int family = AF_INET; family; family = family == AF_INET ? AF_INET6 : 0) {
		struct udp_gso t = {data, 3000, 1000};
		static u8 out[4000];
		struct ends e;
		struct udp_outcome o;

		open_ends(&e, family);
		e.there.source_ifindex = 12345;
		if (family == AF_INET6)
			inet_pton(AF_INET6, "2001:db8::77", &e.there.source6);
		else
			inet_pton(AF_INET, "192.0.2.77", &e.there.source4);
		assert_true(udp_send(&e.from, &e.there, 0, &t, 1, true, &o));
		assert_true(o.source_gone);
		assert_false(o.gso_refused);
		assert_int_equal(collect(&e, out, 3000, 1000, 0), 3000);
		close_ends(&e);
	}
}

/* Nobody else may be there before us, whether it shares the port or not. */
static void a_port_is_taken_for_us_alone(void **state)
{
	struct wg_error err;
	struct udp u, v, w;
	u16 port = 0, same;
	int one = 1;

	(void)state;
	assert_int_equal(udp_open(&u, AF_INET, &port, 0, 2, &err), 0);
	same = port;
	assert_int_equal(udp_open(&v, AF_INET, &same, 0, 2, &err), -1);
	assert_int_equal(err.code, EADDRINUSE);
	assert_int_equal(v.fd, -1);
	assert_int_equal(udp_join(&v, AF_INET, port, 0, &err), 0);
	assert_int_equal(udp_join_sender(&w, AF_INET, port, 0, &err), 0);
	udp_close(&w);
	udp_close(&v);
	udp_close(&u);
	/* One that shares. */
	assert_int_equal(udp_open(&u, AF_INET, &port, 0, 1, &err), 0);
	assert_int_equal(setsockopt(u.fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)), 0);
	assert_int_equal(udp_open(&v, AF_INET, &port, 0, 1, &err), -1);
	udp_close(&u);
}

/* From many places: both receivers get their part, each place always reaches the same one, and
 * sockets that only send get nothing, also while they come and go. */
static void only_receivers_receive(void **state)
{
	enum { PLACES = 40 };

	(void)state;
	for (int family = AF_INET; family; family = family == AF_INET ? AF_INET6 : 0) {
		struct udp receivers[2], senders[5], place[PLACES];
		int of[PLACES], got[2] = {0, 0};
		struct wg_error err;
		struct endpoint to = {.addr.sa_family = (sa_family_t)family};
		struct udp_outcome o;
		u16 port = 0;

		receiver.buffers = buffers;
		assert_int_equal(udp_open(&receivers[0], family, &port, 0, 2, &err), 0);
		assert_true(receivers[0].steers);
		assert_int_equal(udp_join(&receivers[1], family, port, 0, &err), 0);
		for (int i = 0; i < 5; i++)
			assert_int_equal(udp_join_sender(&senders[i], family, port, 0, &err), 0);
		to.addr4.sin_port = htons(port);
		if (family == AF_INET6)
			to.addr6.sin6_addr = in6addr_loopback;
		else
			to.addr4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		for (int round = 0; round < 4; round++) {
			for (int i = 0; i < PLACES; i++) {
				struct udp_gso t = {data, 100, 100};
				u16 any = 0;
				u32 n[2];

				if (!round)
					assert_int_equal(udp_open(&place[i], family, &any, 0, 1,
								  &err), 0);
				assert_true(udp_send(&place[i], &to, 0, &t, 1, true, &o));
				n[0] = udp_receive(&receivers[0], &receiver);
				n[1] = udp_receive(&receivers[1], &receiver);
				assert_int_equal(n[0] + n[1], 1);
				if (!round)
					of[i] = n[1];
				assert_int_equal(of[i], n[1]);
				got[n[1]]++;
			}
			if (round == 1)
				udp_close(&senders[0]);
			if (round == 2)
				assert_int_equal(udp_join_sender(&senders[0], family, port, 0,
								 &err), 0);
		}
		assert_in_range(got[0], 20, 140);
		for (int i = 0; i < 5; i++) {
			assert_int_equal(udp_receive(&senders[i], &receiver), 0);
			udp_close(&senders[i]);
		}
		for (int i = 0; i < PLACES; i++)
			udp_close(&place[i]);
		udp_close(&receivers[0]);
		udp_close(&receivers[1]);
	}
}

static void does_nothing_when_closed(void **state)
{
	struct udp u = {.fd = -1};
	struct udp_gso t = {data, 10, 10};
	struct endpoint e = {.addr.sa_family = AF_INET};
	struct udp_outcome o;

	(void)state;
	assert_false(udp_send(&u, &e, 0, &t, 1, true, &o));
	assert_int_equal(o.lost, 1);
	assert_int_equal(udp_receive(&u, &receiver), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_gso_datagrams),
		cmocka_unit_test(prepared_sockets_are_opened_without_waiting),
		cmocka_unit_test(cookie_replies_have_no_dscp),
		cmocka_unit_test(a_gso_datagram_that_is_refused_is_sent_otherwise),
		cmocka_unit_test(says_what_became_of_gso_datagrams),
		cmocka_unit_test(counts_what_a_partial_call_left),
		cmocka_unit_test(a_full_buffer_does_not_wait),
		cmocka_unit_test(trouble_of_the_network_changes_nothing),
		cmocka_unit_test(a_moment_without_memory_is_a_refusal),
		cmocka_unit_test(both_reasons_are_told_apart),
		cmocka_unit_test(says_what_was_lost),
		cmocka_unit_test(forgets_a_source_that_is_gone),
		cmocka_unit_test(a_port_is_taken_for_us_alone),
		cmocka_unit_test(only_receivers_receive),
		cmocka_unit_test(does_nothing_when_closed),
	};

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (u8)rand();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

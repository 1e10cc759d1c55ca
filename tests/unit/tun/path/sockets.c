// SPDX-License-Identifier: GPL-2.0
/* Which socket a peer's data leaves by. How full a socket is, is what the test says. */
#include "../../../../src/tun/path/sockets.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../../../../src/tun/report/logger.h"

static u32 fills[1024]; /* by descriptor */

int getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
	u32 *memory = value;

	if (level != SOL_SOCKET || option != SO_MEMINFO)
		return (int)syscall(SYS_getsockopt, fd, level, option, value, len);
	memory[SK_MEMINFO_SNDBUF] = UDP_FILL_ALL;
	memory[SK_MEMINFO_WMEM_ALLOC] = fills[fd];
	return 0;
}

static int said;

void logger_say(enum logger_level level, const char *fmt, ...)
{
	(void)level, (void)fmt;
	said++;
}

bool logger_says(enum logger_level level)
{
	(void)level;
	return false;
}

static int passes, refusals; /* after so many sockets, so many cannot be created */

static int create(int family)
{
	if (passes-- > 0 || refusals-- <= 0)
		return socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	errno = ENOBUFS;
	return -1;
}

static struct sockets s;
static struct udp first;
static u16 port;
static struct peer peers[3 * SOCKETS_PEERS];

static int begin(void **state)
{
	struct wg_error err;

	(void)state;
	memset(fills, 0, sizeof(fills));
	memset(peers, 0, sizeof(peers));
	port = 0;
	said = passes = refusals = 0;
	udp_create_by(create);
	sockets_init(&s);
	assert_int_equal(udp_open(&first, AF_INET, &port, 0, 1, &err), 0);
	sockets_open(&s, AF_INET, port, 0, ~0U);
	return 0;
}

static int end(void **state)
{
	(void)state;
	sockets_close(&s.ipv4);
	udp_close(&first);
	return 0;
}

static const struct udp *pick(u32 i, u64 now, bool *full)
{
	bool grow;
	const struct udp *u = sockets_for_peer(&s, AF_INET, &peers[i], &first, now, full, &grow);

	if (grow)
		sockets_grow(&s, port, 0, ~0U, now);
	return u;
}

static void each_busy_peer_has_its_own(void **state)
{
	const struct udp *of[SOCKETS_PEERS];
	bool full;

	(void)state;
	for (u32 i = 0; i < SOCKETS_PEERS; i++) {
		of[i] = pick(i, WG_SECOND, &full);
		assert_false(full);
		assert_ptr_not_equal(of[i], &first);
		for (u32 k = 0; k < i; k++)
			assert_ptr_not_equal(of[i], of[k]);
	}
	assert_int_equal(s.ipv4.n, SOCKETS_PEERS);
	/* And keeps it, full or not. */
	for (u32 i = 0; i < SOCKETS_PEERS; i++) {
		fills[of[i]->fd] = UDP_FILL_ALL;
		assert_ptr_equal(pick(i, 100 * WG_SECOND, &full), of[i]);
		assert_false(full);
	}
}

static void idle_sockets_change_hands(void **state)
{
	const struct udp *slow, *u;
	bool full;

	(void)state;
	slow = pick(0, WG_SECOND, &full);
	fills[slow->fd] = 1; /* its owner is silent, but what it sent is still there */
	for (u32 i = 1; i < SOCKETS_PEERS; i++)
		pick(i, WG_SECOND, &full);
	u = pick(100, WG_SECOND + SOCKETS_IDLE, &full);
	assert_false(full);
	assert_ptr_not_equal(u, slow);
	assert_ptr_equal(pick(100, WG_SECOND + SOCKETS_IDLE + 1, &full), u);
	/* The one that lost it finds another one. */
	assert_ptr_not_equal(pick(peers[100].socket + 0, 2 * WG_SECOND + SOCKETS_IDLE, &full), u);
}

/* More busy peers than sockets: guests have half of a socket, and go where it is empty. */
static void guests_leave_the_owner_half(void **state)
{
	const struct udp *u, *v;
	bool full;
	u64 now = WG_SECOND;

	(void)state;
	for (u32 i = 0; i < SOCKETS_PEERS; i++)
		pick(i, now, &full);
	u = pick(100, now, &full);
	assert_ptr_not_equal(u, &first);
	assert_false(full);
	fills[u->fd] = UDP_FILL_ALL / 2;
	assert_ptr_equal(pick(100, now + 1, &full), &first);
	assert_false(full);
	fills[first.fd] = UDP_FILL_ALL / 4;
	pick(100, now + 1, &full);
	assert_true(full);
	for (u32 i = 0; i < SOCKETS_PEERS; i++) {
		const struct udp *own = pick(i, now + 2, &full);

		assert_false(full);
		if (own != u)
			fills[own->fd] = 1;
	}
	v = pick(100, now + SOCKETS_STAY, &full);
	assert_ptr_not_equal(v, u);
	assert_false(full);
}

/* Whichever of all has room is found. */
static void a_guest_finds_the_only_room(void **state)
{
	bool full;

	(void)state;
	for (u32 i = 0; i < SOCKETS_PEERS; i++)
		fills[pick(i, WG_SECOND, &full)->fd] = UDP_FILL_ALL / 2;
	fills[first.fd] = UDP_FILL_ALL;
	for (u32 i = 0; i < SOCKETS_PEERS; i++) {
		fills[s.ipv4.peers[i].udp.fd] = 0;
		assert_ptr_equal(pick(SOCKETS_PEERS + i, 2 * WG_SECOND, &full),
				 &s.ipv4.peers[i].udp);
		assert_false(full);
		fills[s.ipv4.peers[i].udp.fd] = UDP_FILL_ALL / 2;
	}
}

static u64 served_at[100]; /* when each slow peer last had a socket of its own, or room in one */

/* A hundred slow peers fill all that they are given, for as long as the test wants. A packet of peer
 * 150, which is fast, comes once in 10 ms from the moment `from` on. Returns how many were lost. */
static u32 count_lost(u64 from, u64 until)
{
	u32 lost = 0;
	bool full;

	for (u64 now = WG_SECOND; now < until; now += WG_SECOND / 100) {
		for (u32 i = 0; i < 100; i++) {
			const struct udp *u = pick(i, now, &full);
			bool own = u != &first && u == &s.ipv4.peers[peers[i].socket].udp &&
				   s.ipv4.peers[peers[i].socket].owner == &peers[i];

			if (full)
				continue;
			if (u != &first)
				served_at[i] = now;
			if (own && fills[u->fd] == UDP_FILL_ALL)
				sockets_found_full(&s, AF_INET, &peers[i], now);
			else if (own)
				fills[u->fd] = UDP_FILL_ALL;
			else
				fills[u->fd] = u == &first ? UDP_FILL_ALL / 4 : UDP_FILL_ALL / 2;
		}
		if (now >= from) {
			const struct udp *u = pick(150, now, &full);

			lost += full || fills[u->fd] == UDP_FILL_ALL;
			/* What others left there goes out. */
			fills[u->fd] -= fills[u->fd] > 8 ? 8 : 0;
		}
	}
	return lost;
}

static void slow_peers_do_not_starve_a_fast_one(void **state)
{
	u32 lost;

	(void)state;
	/* It comes late: all sockets are full, and its first packet finds one full to the brim. */
	lost = count_lost(6 * WG_SECOND, 60 * WG_SECOND);
	assert_in_range(lost, 0, 20);
}

/* Those that lost their socket for being slow get one again in time. */
static void no_slow_peer_is_locked_out(void **state)
{
	(void)state;
	count_lost(6 * WG_SECOND, 60 * WG_SECOND);
	for (u32 i = 0; i < 100; i++)
		assert_true(served_at[i] > 20 * WG_SECOND);
}

static void what_cannot_be_opened_is_tried_again(void **state)
{
	const struct udp *u;
	bool full;

	(void)state;
	/* That for handshakes, that for cookies, the first one of peers. */
	for (int failing = 0; failing < 3; failing++) {
		u64 now;

		sockets_close(&s.ipv4);
		passes = failing;
		refusals = 1;
		sockets_open(&s, AF_INET, port, 0, ~0U);
		assert_int_equal(said, failing + 1);
		assert_ptr_equal(pick(0, WG_SECOND, &full), &first);
		now = s.next;
		assert_int_equal(sockets_grow(&s, port, 0, ~0U, now - 1), now);
		refusals = 1;
		assert_int_equal(sockets_grow(&s, port, 0, ~0U, now), now + WG_SECOND);
		assert_int_equal(said, failing + 1);
		assert_int_equal(sockets_grow(&s, port, 0, ~0U, now + WG_SECOND), WG_NEVER);
		assert_int_equal(s.ipv4.n, SOCKETS_SPARE);
		u = pick(0, WG_SECOND, &full);
		assert_ptr_not_equal(u, &first);
		assert_ptr_not_equal(sockets_for_message(&s, AF_INET, false, &first), &first);
		assert_ptr_not_equal(sockets_for_message(&s, AF_INET, true, &first), &first);
	}
}

static void doing_without_is_said_once(void **state)
{
	(void)state;
	sockets_do_without(&s);
	sockets_do_without(&s);
	assert_int_equal(said, 1);
}

static void messages_have_their_own(void **state)
{
	const struct udp *handshakes = sockets_for_message(&s, AF_INET, false, &first);
	const struct udp *cookies = sockets_for_message(&s, AF_INET, true, &first);
	bool full;

	(void)state;
	assert_ptr_not_equal(handshakes, &first);
	assert_ptr_not_equal(cookies, &first);
	assert_ptr_not_equal(cookies, handshakes);
	for (u32 i = 0; i < 100; i++) {
		const struct udp *u = pick(i, WG_SECOND, &full);

		assert_ptr_not_equal(u, handshakes);
		assert_ptr_not_equal(u, cookies);
	}
	/* No IPv6 here: what the caller has. */
	assert_ptr_equal(sockets_for_message(&s, AF_INET6, false, &first), &first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_busy_peer_has_its_own, begin, end),
		cmocka_unit_test_setup_teardown(idle_sockets_change_hands, begin, end),
		cmocka_unit_test_setup_teardown(guests_leave_the_owner_half, begin, end),
		cmocka_unit_test_setup_teardown(a_guest_finds_the_only_room, begin, end),
		cmocka_unit_test_setup_teardown(slow_peers_do_not_starve_a_fast_one, begin, end),
		cmocka_unit_test_setup_teardown(no_slow_peer_is_locked_out, begin, end),
		cmocka_unit_test_setup_teardown(what_cannot_be_opened_is_tried_again, begin, end),
		cmocka_unit_test_setup_teardown(doing_without_is_said_once, begin, end),
		cmocka_unit_test_setup_teardown(messages_have_their_own, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

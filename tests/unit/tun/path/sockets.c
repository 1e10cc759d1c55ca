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
	sockets_init(&s);
	assert_int_equal(udp_open(&first, AF_INET, &port, 0, 1, &err), 0);
	sockets_open(&s.ipv4, AF_INET, port, 0, ~0U);
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
		sockets_grow(&s, port, 0, ~0U);
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
		cmocka_unit_test_setup_teardown(messages_have_their_own, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

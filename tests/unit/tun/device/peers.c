// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/device/peers.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include "../../../../src/tun/device/staged.h"
#include "../fake.h"
#include <cmocka.h>

static struct peer *add(struct device *d, u32 number)
{
	u8 key[WG_PUBLIC_LEN];

	return peers_add(d, fake_key(key, number));
}

static struct peer *find(struct device *d, u32 number)
{
	u8 key[WG_PUBLIC_LEN];

	return peers_find(d, fake_key(key, number));
}

static void they_are_found_by_key_and_keep_their_order(void **state)
{
	struct device *d = fake_device();
	u32 n = 0;

	(void)state;
	for (u32 i = 0; i < 1000; i++)
		assert_non_null(add(d, i));
	for (u32 i = 0; i < 1000; i += 3)
		peers_remove(d, find(d, i));
	for (u32 i = 0; i < 1000; i++)
		assert_int_equal(find(d, i) != NULL, i % 3 != 0);
	for (struct peer *p = d->peers; p; p = p->next, n++)
		assert_ptr_equal(p, find(d, n / 2 * 3 + n % 2 + 1));
	assert_int_equal(n, d->n_peers);
	device_free(d);
}

static void one_that_goes_takes_all_with_it(void **state)
{
	struct device *d = fake_device();
	struct peer *p = add(d, 1);
	const u8 ip[4] = {10, 0, 0, 1};

	(void)state;
	assert_true(peers_allow(d, p, 4, ip, 24));
	staged_add(d, p, ip, 4);
	heap_set(&d->deadlines, p, 5);
	device_ask(d, p, WG_ACT_INITIATE);
	peers_remove(d, p);
	assert_null(wg_allowedips_find(&d->allowed, 4, ip));
	assert_null(heap_first(&d->deadlines));
	assert_null(device_take_asked(d));
	assert_int_equal(d->staged.bytes, 0);
	assert_int_equal(d->peer_memory.live, 0);
	device_free(d);
}

static void a_prefix_belongs_to_who_got_it_last(void **state)
{
	struct device *d = fake_device();
	struct peer *a = add(d, 1), *b = add(d, 2);
	const u8 ip[4] = {10, 0, 0, 0};

	(void)state;
	assert_true(peers_allow(d, a, 4, ip, 8));
	assert_true(peers_allow(d, b, 4, ip, 8));
	peers_disallow(d, a, 4, ip, 8);
	assert_ptr_equal(wg_allowedips_find(&d->allowed, 4, ip), &b->remote);
	peers_disallow_all(d, b);
	assert_null(wg_allowedips_find(&d->allowed, 4, ip));
	device_free(d);
}

static void less_than_a_kilobyte_each(void **state)
{
	(void)state;
	/* With two nodes, and 24 bytes a peer in each of the heap and the table of keys. */
	assert_true(sizeof(struct peer) + 2 * sizeof(struct wg_allowedips_node) + 48 < 1000);
}

static void a_list_goes_on_while_peers_go(void **state)
{
	struct device *d = fake_device();
	struct peer_cursor c;

	(void)state;
	for (u32 i = 0; i < 4; i++)
		add(d, i);
	peers_cursor_begin(d, &c);
	assert_ptr_equal(c.at, find(d, 0));
	peers_remove(d, find(d, 0));
	assert_true(c.moved);
	assert_ptr_equal(c.at, find(d, 1));
	peers_remove(d, find(d, 2));
	peers_cursor_next(&c);
	assert_ptr_equal(c.at, find(d, 3));
	peers_clear(d);
	assert_null(c.at);
	peers_cursor_end(d, &c);
	assert_null(d->cursors);
	device_free(d);
}

static void so_do_lists_of_allowed_ips(void **state)
{
	struct device *d = fake_device();
	struct peer *p = add(d, 1);
	struct peer_cursor c;
	u8 ip[4] = {10, 0, 0, 0};
	int n = 0;

	(void)state;
	for (; ip[1] < 10; ip[1]++)
		assert_true(peers_allow(d, p, 4, ip, 16));
	peers_cursor_begin(d, &c);
	for (u8 i = 0; i < 5; i++)
		assert_int_equal(peers_cursor_ip(d, &c)->bits[1], i);
	ip[1] = 5;
	peers_disallow(d, p, 4, ip, 16);
	assert_int_equal(peers_cursor_ip(d, &c)->bits[1], 6);
	while (peers_cursor_ip(d, &c))
		n++;
	assert_int_equal(n, 3);
	peers_disallow_all(d, p);
	assert_null(peers_cursor_ip(d, &c));
	peers_cursor_end(d, &c);
	device_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_found_by_key_and_keep_their_order),
		cmocka_unit_test(one_that_goes_takes_all_with_it),
		cmocka_unit_test(a_prefix_belongs_to_who_got_it_last),
		cmocka_unit_test(less_than_a_kilobyte_each),
		cmocka_unit_test(a_list_goes_on_while_peers_go),
		cmocka_unit_test(so_do_lists_of_allowed_ips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

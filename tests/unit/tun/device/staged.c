// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/device/staged.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include "../fake.h"
#include <cmocka.h>

static u8 out[65535 + 16];

static void they_come_out_in_order_and_whole(void **state)
{
	struct device d = {0};
	struct peer p = {0};

	(void)state;
	assert_int_equal(staged_take(&d, &p, out, sizeof(out)), 0);
	staged_add(&d, &p, (const u8 *)"one", 3);
	staged_add(&d, &p, (const u8 *)"three", 5);
	assert_int_equal(staged_take(&d, &p, out, sizeof(out)), 3);
	assert_memory_equal(out, "one", 3);
	assert_int_equal(staged_take(&d, &p, out, sizeof(out)), 5);
	assert_memory_equal(out, "three", 5);
	assert_int_equal(staged_take(&d, &p, out, sizeof(out)), 0);
	assert_null(p.staged);
	assert_int_equal(d.staged.bytes, 0);
}

static void what_is_put_back_is_the_oldest(void **state)
{
	struct device d = {0};
	struct peer p = {0};
	u8 n;

	(void)state;
	staged_return(&d, &p, (const u8 *)"one", 3);
	staged_add(&d, &p, (const u8 *)"three", 5);
	assert_int_equal(staged_take(&d, &p, out, sizeof(out)), 3);
	staged_return(&d, &p, out, 3);
	assert_int_equal(staged_take(&d, &p, out, sizeof(out)), 3);
	assert_memory_equal(out, "one", 3);
	assert_int_equal(staged_take(&d, &p, out, sizeof(out)), 5);
	assert_null(p.staged);
	assert_int_equal(d.drops.n[DROP_STAGED_FULL], 0);
	for (n = 0; n < WG_MAX_STAGED; n++)
		staged_add(&d, &p, &n, 1);
	staged_return(&d, &p, (const u8 *)"one", 3);
	assert_int_equal(staged_take(&d, &p, out, sizeof(out)), 1);
	assert_int_equal(out[0], 0);
	staged_drop(&d, &p);
	assert_int_equal(d.staged.bytes, 0);
	assert_int_equal(d.drops.n[DROP_STAGED_FULL], 1);
	assert_int_equal(d.drops.n[DROP_STAGED_EXPIRED], WG_MAX_STAGED - 1);
}

static void the_oldest_gives_way(void **state)
{
	struct device d = {0};
	struct peer p = {0};
	u8 n;

	(void)state;
	for (n = 0; n < WG_MAX_STAGED + 3; n++)
		staged_add(&d, &p, &n, 1);
	for (n = 3; n < WG_MAX_STAGED + 3; n++) {
		assert_int_equal(staged_take(&d, &p, out, sizeof(out)), 1);
		assert_int_equal(out[0], n);
	}
	assert_null(p.staged);
}

static void take_all(struct device *d, struct peer *p)
{
	while (staged_take(d, p, out, sizeof(out)))
		;
	assert_false(staged_any(p));
}

static void one_that_is_larger_than_the_room_stays(void **state)
{
	struct device d = {0};
	struct peer p = {0};

	(void)state;
	staged_add(&d, &p, (const u8 *)"three", 5);
	assert_int_equal(staged_take(&d, &p, out, 4), 0);
	assert_true(staged_any(&p));
	assert_int_equal(staged_take(&d, &p, out, 5), 5);
	assert_false(staged_any(&p));
}

/* defects.md: memory of waiting packets bounded in packets, not in bytes */
static void a_device_holds_so_many_bytes(void **state)
{
	struct device d = {0};
	struct peer peers[4];

	(void)state;
	memset(peers, 0, sizeof(peers));
	for (int i = 0; i < 4 * WG_MAX_STAGED; i++) {
		staged_add(&d, &peers[i % 4], out, 60000);
		assert_true(d.staged.bytes <= STAGED_BYTES);
	}
	assert_true(d.staged.bytes > STAGED_BYTES - 61000);
	for (int i = 0; i < 4; i++)
		staged_drop(&d, &peers[i]);
	assert_int_equal(d.staged.bytes, 0);
}

static size_t staged_count(struct device *d, struct peer *p)
{
	u64 before = d->drops.n[DROP_STAGED_EXPIRED];

	staged_drop(d, p);
	return d->drops.n[DROP_STAGED_EXPIRED] - before;
}

/* Peers that never answer hold everything: a newcomer gets as much as each of them. */
static void a_newcomer_gets_its_share(void **state)
{
	enum { DEAD = 40 };
	struct device d = {0};
	struct peer dead[DEAD], newcomer = {0};
	size_t share;

	(void)state;
	memset(dead, 0, sizeof(dead));
	for (int i = 0; i < DEAD * WG_MAX_STAGED; i++)
		staged_add(&d, &dead[i % DEAD], out, 1420);
	assert_true(d.staged.bytes > STAGED_BYTES - 1500);
	share = STAGED_BYTES / (DEAD + 1) / 1440;
	for (int i = 0; i < WG_MAX_STAGED; i++) {
		/* The dead ones go on. */
		for (int k = 0; k < DEAD; k++)
			staged_add(&d, &dead[k], out, 1420);
		staged_add(&d, &newcomer, out, 1420);
	}
	assert_true(staged_count(&d, &newcomer) >= share / 2);
	for (int i = 0; i < DEAD; i++)
		assert_true(staged_count(&d, &dead[i]) >= share / 2);
	assert_int_equal(d.staged.bytes, 0);
}

/* One peer holds all, or each of thousands holds one packet: the newcomer's first finds room, and
 * stays while others come. */
static void the_first_packet_of_a_peer_finds_room(void **state)
{
	enum { DEAD = 5000 };
	static struct peer dead[DEAD];
	struct device d = {0};
	struct peer one = {0}, newcomer = {0};

	(void)state;
	for (int i = 0; i < WG_MAX_STAGED; i++)
		staged_add(&d, &one, out, 60000);
	staged_add(&d, &newcomer, out, 60000);
	assert_true(staged_any(&newcomer));
	assert_true(staged_any(&one));
	take_all(&d, &newcomer);
	take_all(&d, &one);
	for (int i = 0; i < DEAD; i++)
		staged_add(&d, &dead[i], out, 1400);
	assert_true(d.staged.bytes > STAGED_BYTES - 1500);
	staged_add(&d, &newcomer, out, 1420);
	for (int i = 0; i < 2000; i++)
		staged_add(&d, &dead[i], out, 1400);
	assert_true(staged_any(&newcomer));
	take_all(&d, &newcomer);
	for (int i = 0; i < DEAD; i++)
		staged_drop(&d, &dead[i]);
	assert_int_equal(d.staged.bytes, 0);
}

/* What is put back evicts a larger holder's packet, and never others that hold less. */
static void what_is_put_back_finds_room(void **state)
{
	struct device d = {0};
	struct peer large = {0}, small = {0};
	size_t n;

	(void)state;
	staged_add(&d, &small, out, 1000);
	assert_int_equal(staged_take(&d, &small, out, sizeof(out)), 1000);
	while (d.staged.bytes + 60016 <= STAGED_BYTES)
		staged_add(&d, &large, out, 60000);
	while (d.staged.bytes + 1016 <= STAGED_BYTES)
		staged_add(&d, &large, out, 1000);
	staged_return(&d, &small, out, 1000);
	assert_true(staged_any(&small));
	staged_return(&d, &large, out, 60000);
	assert_int_equal(staged_count(&d, &small), 1);
	n = staged_count(&d, &large);
	assert_in_range(n, 60, WG_MAX_STAGED);
	assert_int_equal(d.staged.bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_come_out_in_order_and_whole),
		cmocka_unit_test(what_is_put_back_is_the_oldest),
		cmocka_unit_test(the_oldest_gives_way),
		cmocka_unit_test(one_that_is_larger_than_the_room_stays),
		cmocka_unit_test(a_device_holds_so_many_bytes),
		cmocka_unit_test(a_newcomer_gets_its_share),
		cmocka_unit_test(the_first_packet_of_a_peer_finds_room),
		cmocka_unit_test(what_is_put_back_finds_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

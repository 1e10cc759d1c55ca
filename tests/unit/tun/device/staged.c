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
	assert_int_equal(staged_take(&d, &p, out), 0);
	staged_add(&d, &p, (const u8 *)"one", 3);
	staged_add(&d, &p, (const u8 *)"three", 5);
	assert_int_equal(staged_take(&d, &p, out), 3);
	assert_memory_equal(out, "one", 3);
	assert_int_equal(staged_take(&d, &p, out), 5);
	assert_memory_equal(out, "three", 5);
	assert_int_equal(staged_take(&d, &p, out), 0);
	assert_null(p.staged);
	assert_int_equal(d.staged_bytes, 0);
}

static void what_is_put_back_is_the_oldest(void **state)
{
	struct device d = {0};
	struct peer p = {0};
	u8 n;

	(void)state;
	staged_return(&d, &p, (const u8 *)"one", 3);
	staged_add(&d, &p, (const u8 *)"three", 5);
	assert_int_equal(staged_take(&d, &p, out), 3);
	staged_return(&d, &p, out, 3);
	assert_int_equal(staged_take(&d, &p, out), 3);
	assert_memory_equal(out, "one", 3);
	assert_int_equal(staged_take(&d, &p, out), 5);
	assert_null(p.staged);
	assert_int_equal(d.drops.n[DROP_STAGED_FULL], 0);
	for (n = 0; n < WG_MAX_STAGED; n++)
		staged_add(&d, &p, &n, 1);
	staged_return(&d, &p, (const u8 *)"one", 3);
	assert_int_equal(staged_take(&d, &p, out), 1);
	assert_int_equal(out[0], 0);
	staged_drop(&d, &p);
	assert_int_equal(d.staged_bytes, 0);
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
		assert_int_equal(staged_take(&d, &p, out), 1);
		assert_int_equal(out[0], n);
	}
	assert_null(p.staged);
}

static void a_device_holds_so_many_bytes(void **state)
{
	struct device d = {0};
	struct peer peers[4];

	(void)state;
	memset(peers, 0, sizeof(peers));
	for (int i = 0; i < 4 * WG_MAX_STAGED; i++) {
		staged_add(&d, &peers[i % 3], out, 60000);
		assert_true(d.staged_bytes <= STAGED_BYTES);
	}
	assert_true(d.staged_bytes > STAGED_BYTES - 61000);
	/* One that came too late gets nothing, and no empty queue. */
	staged_add(&d, &peers[3], out, 60000);
	assert_null(peers[3].staged);
	for (int i = 0; i < 4; i++)
		staged_drop(&d, &peers[i]);
	assert_int_equal(d.staged_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_come_out_in_order_and_whole),
		cmocka_unit_test(what_is_put_back_is_the_oldest),
		cmocka_unit_test(the_oldest_gives_way),
		cmocka_unit_test(a_device_holds_so_many_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

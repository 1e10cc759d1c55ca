// SPDX-License-Identifier: GPL-2.0
/* Timestamps of initiations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../src/core/tai64n.h"

#define GRAIN (1U << 24)

static u64 be(const u8 *p, int len)
{
	u64 v = 0;

	for (int i = 0; i < len; i++)
		v = v << 8 | p[i];
	return v;
}

static void assert_stamp(const u8 stamp[static WG_TIMESTAMP_LEN], u64 label, u64 ns)
{
	assert_int_equal(be(stamp, 8), label);
	assert_int_equal(be(stamp + 8, 4), ns);
}

static void has_the_label_of_the_format(void **state)
{
	static const u8 expected[] = {0x40, 0, 0, 0, 0x65, 0x53, 0xf1, 0x0a, 0x07, 0, 0, 0};
	u8 t[WG_TIMESTAMP_LEN];

	(void)state;
	wg_tai64n_from(t, 1700000000123456789ULL);
	assert_memory_equal(t, expected, sizeof(t));
	wg_tai64n_from(t, 0);
	assert_stamp(t, 0x400000000000000aULL, 0);
}

static void divides_any_time(void **state)
{
	u64 time = 1;
	u8 t[WG_TIMESTAMP_LEN];

	(void)state;
	for (int i = 0; i < 200000; i++) {
		u64 v = i == 0   ? UINT64_MAX
			: i == 1 ? WG_SECOND - 1
			: i == 2 ? WG_SECOND
				 : time >> (i & 63);

		wg_tai64n_from(t, v);
		assert_stamp(t, 0x400000000000000aULL + v / WG_SECOND,
			     v % WG_SECOND / GRAIN * GRAIN);
		time = time * 6364136223846793005ULL + 1442695040888963407ULL;
	}
}

static void tells_nothing_finer_than_its_grain(void **state)
{
	u8 a[WG_TIMESTAMP_LEN], b[WG_TIMESTAMP_LEN];

	(void)state;
	wg_tai64n_from(a, 5 * WG_SECOND + GRAIN);
	wg_tai64n_from(b, 5 * WG_SECOND + 2 * GRAIN - 1);
	assert_memory_equal(a, b, sizeof(a));
	wg_tai64n_from(b, 5 * WG_SECOND + 2 * GRAIN);
	assert_true(wg_tai64n_later(b, a));
}

static void is_later_only_if_later(void **state)
{
	u8 a[WG_TIMESTAMP_LEN], b[WG_TIMESTAMP_LEN];

	(void)state;
	for (int i = 0; i < WG_TIMESTAMP_LEN; i++) {
		wg_tai64n_from(a, 7 * WG_SECOND);
		memcpy(b, a, sizeof(b));
		assert_false(wg_tai64n_later(a, b));
		b[i]++;
		assert_true(wg_tai64n_later(b, a));
		assert_false(wg_tai64n_later(a, b));
	}
}

static void goes_on_with_the_clock(void **state)
{
	u8 last[WG_TIMESTAMP_LEN] = {0}, t[WG_TIMESTAMP_LEN], now[WG_TIMESTAMP_LEN];

	(void)state;
	wg_tai64n_after(t, last, 9 * WG_SECOND);
	wg_tai64n_from(now, 9 * WG_SECOND);
	assert_memory_equal(t, now, sizeof(t));
	wg_tai64n_after(last, t, 10 * WG_SECOND);
	wg_tai64n_from(now, 10 * WG_SECOND);
	assert_memory_equal(last, now, sizeof(t));
}

static void advances_while_the_clock_stands_or_goes_back(void **state)
{
	u8 last[WG_TIMESTAMP_LEN], before[WG_TIMESTAMP_LEN];

	(void)state;
	wg_tai64n_from(last, 1000 * WG_SECOND);
	for (u64 i = 1; i < 200; i++) {
		memcpy(before, last, sizeof(last));
		wg_tai64n_after(last, last, (1000 - i) * WG_SECOND);
		assert_true(wg_tai64n_later(last, before));
		/* 60 grains begin within a second. */
		assert_stamp(last, 0x400000000000000aULL + 1000 + i / 60, i % 60 * GRAIN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_label_of_the_format),
		cmocka_unit_test(divides_any_time),
		cmocka_unit_test(tells_nothing_finer_than_its_grain),
		cmocka_unit_test(is_later_only_if_later),
		cmocka_unit_test(goes_on_with_the_clock),
		cmocka_unit_test(advances_while_the_clock_stands_or_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

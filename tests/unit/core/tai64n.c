// SPDX-License-Identifier: GPL-2.0
/* Timestamps of initiations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../src/core/tai64n.h"

#define GRAIN WG_TAI64N_GRAIN

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
	assert_true(memcmp(b, a, sizeof(b)) > 0);
}

static void is_later_a_grain_later(void **state)
{
	u8 before[WG_TIMESTAMP_LEN], t[WG_TIMESTAMP_LEN];
	u64 time = 1000 * WG_SECOND + 12345;

	(void)state;
	for (int i = 0; i < 200; i++) {
		wg_tai64n_from(before, time);
		time += GRAIN;
		wg_tai64n_from(t, time);
		assert_true(memcmp(t, before, sizeof(t)) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_label_of_the_format),
		cmocka_unit_test(divides_any_time),
		cmocka_unit_test(tells_nothing_finer_than_its_grain),
		cmocka_unit_test(is_later_a_grain_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

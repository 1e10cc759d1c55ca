// SPDX-License-Identifier: GPL-2.0
/* On a virtual clock. */
#include "../../../../src/tun/device/latch.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define MINUTE (60 * WG_SECOND)

static void zeros_allow_the_offload(void **state)
{
	struct latch l = {0};

	(void)state;
	assert_true(latch_allows(&l, 0));
	assert_true(latch_allows(&l, MINUTE));
	assert_false(latch_is_set(&l));
}

/* defects.md: offloads switched off for ever after one passing error */
static void a_refusal_passes(void **state)
{
	struct latch l = {0};
	u64 now = MINUTE;

	(void)state;
	latch_refused(&l, 0, now);
	assert_false(latch_allows(&l, now));
	assert_false(latch_allows(&l, now + LATCH_FIRST - 1));
	assert_true(latch_allows(&l, now + LATCH_FIRST));
	assert_true(latch_is_set(&l));
}

/* However often it was refused, whatever the random part is: within a minute it is tried again. */
static void is_tried_again_within_a_minute(void **state)
{
	struct latch l = {0};
	u64 now = 5, tries = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		u64 before = l.until;

		latch_refused(&l, (u32)rand(), now);
		assert_true(l.until > before);
		assert_true(l.until - now <= LATCH_LONGEST * 5 / 4);
		assert_true(l.until - now >= LATCH_FIRST);
		now = l.until;
	}
	l.refusals = (u32)-1;
	latch_refused(&l, (u32)-1, now);
	latch_refused(&l, (u32)-1, now);
	assert_true(l.until - now < MINUTE);
	/* And not so often that trying is a cost. */
	memset(&l, 0, sizeof(l));
	for (now = 0; now < 10 * MINUTE; now += WG_SECOND / 100) {
		if (!latch_allows(&l, now))
			continue;
		tries++;
		latch_refused(&l, (u32)rand(), now);
	}
	assert_in_range(tries, 10, 50);
}

static void a_success_ends_it(void **state)
{
	struct latch l = {0};

	(void)state;
	for (int i = 0; i < 20; i++)
		latch_refused(&l, 1, MINUTE);
	latch_worked(&l);
	assert_true(latch_allows(&l, MINUTE));
	assert_false(latch_is_set(&l));
	latch_refused(&l, 0, MINUTE);
	assert_int_equal(l.until, MINUTE + LATCH_FIRST);
}

static void those_refused_together_are_not_tried_together(void **state)
{
	struct latch l[2] = {{0}, {0}};

	(void)state;
	latch_refused(&l[0], 3, MINUTE);
	latch_refused(&l[1], 200, MINUTE);
	assert_int_not_equal(l[0].until, l[1].until);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeros_allow_the_offload),
		cmocka_unit_test(a_refusal_passes),
		cmocka_unit_test(is_tried_again_within_a_minute),
		cmocka_unit_test(a_success_ends_it),
		cmocka_unit_test(those_refused_together_are_not_tried_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

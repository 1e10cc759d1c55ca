// SPDX-License-Identifier: GPL-2.0
/* Which of several peers holds their prefix, on a clock that the tests turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "../../../../src/wg-quick/watch/failover.h"

#define N 3

static struct failover_member members[N];
static struct failover f;
static struct health all[N];
static const struct health *const list[N] = {&all[0], &all[1], &all[2]};
static struct watch_times t;
static u64 now;

static void good(size_t i)
{
	all[i].lost = false;
	all[i].handshake = 1;
	all[i].age_ms = 1000;
}

static int begin(void **state)
{
	(void)state;
	memset(members, 0, sizeof(members));
	memset(all, 0, sizeof(all));
	f = (struct failover){.members = members, .n = N};
	t = watch_times_get();
	now = 1000000;
	for (size_t i = 0; i < N; i++) {
		good(i);
		all[i].keepalive_ms = 25000;
	}
	return 0;
}

static size_t work(void)
{
	size_t holder = failover_work(&f, &t, list, now);

	if (holder != f.holder) {
		failover_moved(&f, &t, holder, now);
		health_forgive(&all[holder], now);
	}
	return holder;
}

/* Polls for so long; the holder at the end. */
static size_t pass(u64 ms)
{
	size_t holder = f.holder;

	for (u64 end = now + ms; now < end; now += 1000)
		holder = work();
	return holder;
}

static void nobody_holds_it(void **state)
{
	(void)state;
	f.holder = N;
	assert_int_equal(work(), 0);
}

static void all_are_well(void **state)
{
	(void)state;
	assert_int_equal(pass(3600000), 0);
}

static void the_first_that_is_well_follows(void **state)
{
	(void)state;
	pass(60000);
	all[0].lost = true;
	all[1].lost = true;
	assert_int_equal(work(), 2);
}

static void one_that_is_well_before_one_that_is_not_known(void **state)
{
	(void)state;
	all[1].handshake = 0;
	all[0].lost = true;
	assert_int_equal(work(), 2);
	/* The unknown one is tried where nobody is well. */
	begin(NULL);
	all[1].handshake = all[2].handshake = 0;
	all[0].lost = true;
	assert_int_equal(work(), 1);
}

static void all_are_lost(void **state)
{
	(void)state;
	all[0].lost = all[1].lost = all[2].lost = true;
	assert_int_equal(pass(600000), 0);
}

static void it_goes_back_after_a_while(void **state)
{
	(void)state;
	all[0].lost = true;
	assert_int_equal(work(), 1);
	assert_int_equal(pass(600000), 1);
	good(0);
	assert_int_equal(pass(t.settle_ms - 1000), 1);
	assert_int_equal(pass(3000), 0);
}

static void a_moment_of_health_is_not_enough(void **state)
{
	(void)state;
	all[0].lost = true;
	work();
	for (int i = 0; i < 100; i++) {
		good(0);
		assert_int_equal(pass(t.settle_ms - 5000), 1);
		all[0].lost = true;
		assert_int_equal(pass(2000), 1);
	}
}

/* A peer that fails whenever it has its prefixes gets them less and less often. */
static void a_peer_that_flaps_waits_longer(void **state)
{
	unsigned int moves = 0;
	size_t before = 0;

	(void)state;
	for (u64 end = now + 4 * 3600000; now < end; now += 1000) {
		size_t holder;

		/* It is lost 12 s after it got them, and well whenever it has not got them. */
		if (!f.holder && now - members[0].returned_at >= 12000)
			all[0].lost = true;
		else if (f.holder)
			good(0);
		holder = work();
		moves += holder != before;
		before = holder;
	}
	assert_in_range(moves, 4, 80);
}

static void one_without_keepalive_is_tried_again(void **state)
{
	(void)state;
	all[0].keepalive_ms = 0;
	all[0].lost = true;
	assert_int_equal(work(), 1);
	/* It cannot show that it is well. */
	assert_int_equal(pass(t.trial_ms - 2000), 1);
	assert_int_equal(pass(4000), 0);
	all[0].lost = true;
	assert_int_equal(pass(2 * t.trial_ms - 2000), 1);
	assert_int_equal(pass(4000), 0);
	assert_int_equal(pass(600000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nobody_holds_it, begin),
		cmocka_unit_test_setup(all_are_well, begin),
		cmocka_unit_test_setup(the_first_that_is_well_follows, begin),
		cmocka_unit_test_setup(one_that_is_well_before_one_that_is_not_known, begin),
		cmocka_unit_test_setup(all_are_lost, begin),
		cmocka_unit_test_setup(it_goes_back_after_a_while, begin),
		cmocka_unit_test_setup(a_moment_of_health_is_not_enough, begin),
		cmocka_unit_test_setup(a_peer_that_flaps_waits_longer, begin),
		cmocka_unit_test_setup(one_without_keepalive_is_tried_again, begin),
	};

	return cmocka_run_group_tests_name("wg-quick/watch/failover", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* When a peer owes an answer, and when it is lost. Times are milliseconds of a clock that the tests turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../../src/wg-quick/watch/health.h"

#define DATA       1400
#define INITIATION 148
#define EMPTY      32

static struct health h;
static struct health_sample s;
static struct watch_times t;
static u64 now;

static int begin(void **state)
{
	(void)state;
	h = (struct health){0};
	t = watch_times_get();
	now = 1000000;
	s = (struct health_sample){.rx = 5000, .tx = 7000, .handshake = 1, .age_ms = 1000};
	health_sample(&h, &t, &s, now);
	return 0;
}

/* Time passes, in polls of two seconds. */
static void pass(u64 ms, u64 tx_each)
{
	for (u64 end = now + ms; now < end;) {
		u64 step = end - now < 2000 ? end - now : 2000;

		now += step;
		s.age_ms += step;
		s.tx += tx_each;
		health_sample(&h, &t, &s, now);
	}
}

static void answer(u64 bytes)
{
	s.rx += bytes;
	health_sample(&h, &t, &s, now);
}

static void an_idle_peer_is_never_lost(void **state)
{
	(void)state;
	pass(3600000, 0);
	assert_false(h.lost);
	assert_int_equal(h.owes_since, 0);
	assert_int_equal(health_state(&h, &t), HEALTH_UNKNOWN);
}

static void data_without_an_answer_is_lost_in_time(void **state)
{
	(void)state;
	assert_int_equal(health_state(&h, &t), HEALTH_GOOD);
	pass(10000, DATA);
	assert_false(h.lost);
	pass(4000, DATA);
	assert_true(h.lost);
	assert_int_equal(health_state(&h, &t), HEALTH_LOST);
	/* An answer is one, however late. */
	answer(EMPTY);
	assert_false(h.lost);
	assert_int_equal(health_state(&h, &t), HEALTH_GOOD);
}

static void an_answer_after_ten_seconds_is_in_time(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		pass(10000, DATA);
		answer(EMPTY);
		assert_false(h.lost);
	}
}

static void empty_messages_get_no_answer(void **state)
{
	(void)state;
	/* One that acknowledges what the peer has sent. */
	s.tx += EMPTY;
	pass(60000, 0);
	assert_int_equal(h.owes_since, 0);
	/* PersistentKeepalive of a second, for two minutes. */
	begin(NULL);
	s.keepalive_ms = 1000;
	pass(120000, EMPTY * 2);
	assert_int_equal(h.owes_since, 0);
	assert_false(h.lost);
}

static void initiations_without_a_session_are_lost_sooner(void **state)
{
	(void)state;
	s.age_ms = 200000;
	health_sample(&h, &t, &s, now);
	s.tx += INITIATION;
	pass(2000, 0);
	assert_int_not_equal(h.owes_since, 0);
	pass(5000, 0);
	assert_false(h.lost);
	pass(2000, 0);
	assert_true(h.lost);
}

static void keepalives_do_not_hide_initiations(void **state)
{
	(void)state;
	s.age_ms = 400000;
	s.keepalive_ms = 1000;
	health_sample(&h, &t, &s, now);
	/* The session is over: nothing but initiations is sent. */
	for (int i = 0; i < 3; i++) {
		s.tx += INITIATION;
		pass(5000, 0);
	}
	assert_true(h.lost);
}

static void a_new_handshake_is_an_answer(void **state)
{
	(void)state;
	pass(20000, DATA);
	assert_true(h.lost);
	s.handshake++;
	s.age_ms = 0;
	health_sample(&h, &t, &s, now);
	assert_false(h.lost);
}

static void a_restart_forgets_what_was_sent_and_not_that_it_is_lost(void **state)
{
	(void)state;
	pass(20000, DATA);
	health_restart(&h, now);
	assert_true(h.lost);
	assert_int_equal(h.owes_since, 0);
	pass(2000, 0);
	assert_int_equal(h.owes_since, 0);
	pass(2000, INITIATION);
	assert_int_not_equal(h.owes_since, 0);
	health_forgive(&h, now);
	assert_false(h.lost);
	assert_int_equal(h.owes_since, 0);
}

static void without_a_way_it_is_lost_once_the_session_is_over(void **state)
{
	(void)state;
	s.no_way = true;
	pass(4000, 0);
	assert_false(h.lost);
	s.age_ms = 180000;
	pass(2000, 0);
	assert_true(h.lost);
}

static void counters_that_go_back_are_a_new_peer(void **state)
{
	(void)state;
	pass(20000, DATA);
	s.tx = 0;
	health_sample(&h, &t, &s, now);
	assert_false(h.lost);
	assert_int_equal(h.owes_since, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_idle_peer_is_never_lost, begin),
		cmocka_unit_test_setup(data_without_an_answer_is_lost_in_time, begin),
		cmocka_unit_test_setup(an_answer_after_ten_seconds_is_in_time, begin),
		cmocka_unit_test_setup(empty_messages_get_no_answer, begin),
		cmocka_unit_test_setup(initiations_without_a_session_are_lost_sooner, begin),
		cmocka_unit_test_setup(keepalives_do_not_hide_initiations, begin),
		cmocka_unit_test_setup(a_new_handshake_is_an_answer, begin),
		cmocka_unit_test_setup(a_restart_forgets_what_was_sent_and_not_that_it_is_lost, begin),
		cmocka_unit_test_setup(without_a_way_it_is_lost_once_the_session_is_over, begin),
		cmocka_unit_test_setup(counters_that_go_back_are_a_new_peer, begin),
	};

	return cmocka_run_group_tests_name("wg-quick/watch/health", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* The timers on a virtual clock: each rule by itself, then any sequence of events with what must
 * always hold. */
#include "../../../src/core/timers.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include "../random.h"
#include <cmocka.h>

#define S WG_SECOND
/* What a handshake's jitter makes of these. */
#define HALF        0x80000000U
#define HALF_JITTER (S / 6)

static struct wg_timers new_session(void)
{
	struct wg_timers s = {0};

	wg_timers_stop(&s);
	return s;
}

/* Nothing happens until `at`, and then these actions. */
static void expect_at(struct wg_timers *s, u64 at, u32 actions)
{
	assert_int_equal(wg_timers_deadline(s), at);
	if (at)
		assert_int_equal(wg_timers_tick(s, at - 1), 0);
	assert_int_equal(wg_timers_deadline(s), at);
	assert_int_equal(wg_timers_tick(s, at), actions);
	assert_int_equal(wg_timers_tick(s, at), 0);
}

static void expect_nothing(struct wg_timers *s)
{
	assert_true(wg_timers_deadline(s) == WG_NEVER);
	assert_int_equal(wg_timers_tick(s, WG_NEVER - 1), 0);
}

static void nothing_is_due_at_first(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	expect_nothing(&s);
}

static void an_initiation_is_repeated_after_five_seconds_and_jitter(void **state)
{
	static const struct {
		u32 random;
		u64 jitter;
	} cases[] = {{0, 0}, {HALF, HALF_JITTER}, {UINT32_MAX, S / 3 - 1}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct wg_timers s = new_session();

		wg_timers_initiated(&s, cases[i].random, 100 * S);
		expect_at(&s, 105 * S + cases[i].jitter, WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
	}
}

/* 18 initiations, of which 17 again: 90 seconds. Then what waits is dropped; and the secrets go nine
 * minutes after the first. */
static void unanswered_attempts_end(void **state)
{
	struct wg_timers s = new_session();
	u64 now = 0;

	(void)state;
	assert_int_equal(wg_timers_want_handshake(&s, now), WG_ACT_INITIATE);
	for (int i = 1; i < WG_MAX_ATTEMPTS; i++) {
		wg_timers_initiated(&s, HALF, now);
		now += 5 * S + HALF_JITTER;
		expect_at(&s, now, WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
	}
	wg_timers_initiated(&s, 0, now);
	wg_timers_received(&s, true, now);
	now += 5 * S;
	expect_at(&s, now, WG_ACT_DROP_STAGED);
	expect_at(&s, 540 * S, WG_ACT_ZERO_KEYS);
	expect_nothing(&s);
}

static void an_initiation_does_not_put_off_the_end_of_the_keys(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_derived(&s, 0);
	s.attempts = WG_MAX_ATTEMPTS;
	wg_timers_initiated(&s, 0, 100 * S);
	expect_at(&s, 105 * S, WG_ACT_DROP_STAGED);
	expect_at(&s, 540 * S, WG_ACT_ZERO_KEYS);
}

static void a_new_request_has_all_attempts(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	s.attempts = WG_MAX_ATTEMPTS;
	wg_timers_initiated(&s, 0, 0);
	assert_int_equal(wg_timers_want_handshake(&s, S), 0);
	for (u64 i = 1; i <= WG_MAX_ATTEMPTS; i++)
		expect_at(&s, 5 * i * S, WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
	expect_at(&s, 95 * S, WG_ACT_DROP_STAGED);
}

/* Of those that it asks for, the first is sent, or the first and some later ones. */
static void secrets_of_an_initiation_go_though_no_other_is_sent(void **state)
{
	(void)state;
	for (unsigned int sent = 1; sent < 200; sent += 33) {
		struct wg_timers s = new_session();
		u64 now = 0;

		wg_timers_initiated(&s, 0, now);
		for (unsigned int i = 1; i < 108; i++) {
			wg_timers_want_handshake(&s, now + 1);
			now += 5 * S;
			expect_at(&s, now, WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
			if (i % sent == 0)
				wg_timers_initiated(&s, 0, now);
		}
		expect_at(&s, 540 * S, WG_ACT_ZERO_KEYS | WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
	}
}

static void requests_are_granted_once_in_five_seconds(void **state)
{
	static const u64 begin[] = {0, 1, 1000 * S};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct wg_timers s = new_session();
		u64 now = begin[i];

		assert_int_equal(wg_timers_want_handshake(&s, now), WG_ACT_INITIATE);
		assert_int_equal(wg_timers_want_handshake(&s, now), 0);
		assert_int_equal(wg_timers_want_handshake(&s, now + 5 * S - 1), 0);
		assert_int_equal(wg_timers_want_handshake(&s, now + 5 * S), WG_ACT_INITIATE);
		wg_timers_initiated(&s, 0, now + 6 * S);
		assert_int_equal(wg_timers_want_handshake(&s, now + 11 * S - 1), 0);
		assert_int_equal(wg_timers_want_handshake(&s, now + 11 * S), WG_ACT_INITIATE);
	}
}

/* The host had no memory or no address: nothing was sent. */
static void an_initiation_that_was_not_sent_is_asked_for_again(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	assert_int_equal(wg_timers_want_handshake(&s, S), WG_ACT_INITIATE);
	expect_at(&s, 6 * S, WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
	expect_at(&s, 11 * S, WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
}

/* The session that came of the last one is gone already. */
static void a_request_that_comes_too_soon_is_kept(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_initiated(&s, HALF, 10 * S);
	wg_timers_handshake_complete(&s);
	assert_true(s.retransmit == WG_NEVER);
	assert_int_equal(wg_timers_want_handshake(&s, 11 * S), 0);
	expect_at(&s, 15 * S, WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
}

static void a_complete_handshake_is_not_repeated(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_initiated(&s, 0, 0);
	s.attempts = 7;
	s.last_minute = true;
	wg_timers_handshake_complete(&s);
	assert_int_equal(s.attempts, 0);
	assert_false(s.last_minute);
	expect_at(&s, 540 * S, WG_ACT_ZERO_KEYS);
	expect_nothing(&s);
}

static void data_that_came_is_acknowledged_after_ten_seconds(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_received(&s, true, 3 * S);
	expect_at(&s, 13 * S, WG_ACT_KEEPALIVE);
	expect_nothing(&s);
}

static void more_data_is_acknowledged_once_more(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_received(&s, true, 3 * S);
	wg_timers_received(&s, true, 4 * S);
	wg_timers_received(&s, true, 12 * S);
	expect_at(&s, 13 * S, WG_ACT_KEEPALIVE);
	expect_at(&s, 23 * S, WG_ACT_KEEPALIVE);
	expect_nothing(&s);
}

static void whatever_is_sent_acknowledges(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_received(&s, true, 3 * S);
	wg_timers_received(&s, true, 4 * S);
	wg_timers_sent(&s, false, 5 * S);
	expect_nothing(&s);
	wg_timers_received(&s, true, 6 * S);
	expect_at(&s, 16 * S, WG_ACT_KEEPALIVE);
	expect_nothing(&s);
}

static void without_a_session_nothing_is_acknowledged(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_received(&s, true, 3 * S);
	wg_timers_received(&s, true, 4 * S);
	wg_timers_ended(&s);
	expect_nothing(&s);
	assert_false(s.another_keepalive);
}

static void data_without_an_answer_leads_to_a_handshake(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_initiated(&s, HALF, 0);
	wg_timers_handshake_complete(&s);
	wg_timers_sent(&s, true, 10 * S);
	wg_timers_sent(&s, true, 20 * S);
	expect_at(&s, 25 * S + HALF_JITTER, WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
	expect_at(&s, 30 * S + 2 * HALF_JITTER, WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
	assert_int_equal(s.attempts, 2);
}

static void an_answer_of_any_kind_is_enough(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_sent(&s, true, 10 * S);
	wg_timers_received(&s, false, 11 * S);
	expect_nothing(&s);
	wg_timers_sent(&s, true, 12 * S);
	expect_at(&s, 27 * S, WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
}

static void unanswered_data_does_not_outrun_the_limit(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_sent(&s, true, 10 * S);
	assert_int_equal(wg_timers_want_handshake(&s, 24 * S), WG_ACT_INITIATE);
	expect_at(&s, 25 * S, WG_ACT_FORGET_SOURCE);
	expect_at(&s, 29 * S, WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
}

static void keys_go_nine_minutes_after_the_latest_session(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_derived(&s, 0);
	wg_timers_derived(&s, 100 * S);
	expect_at(&s, 640 * S, WG_ACT_ZERO_KEYS);
	expect_nothing(&s);
}

static void a_persistent_keepalive_begins_at_once(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	assert_int_equal(wg_timers_set_persistent(&s, 25, true, 3 * S), WG_ACT_KEEPALIVE);
	expect_at(&s, 28 * S, WG_ACT_KEEPALIVE);
	expect_at(&s, 53 * S, WG_ACT_KEEPALIVE);
	wg_timers_sent(&s, false, 60 * S);
	expect_at(&s, 85 * S, WG_ACT_KEEPALIVE);
	wg_timers_received(&s, false, 100 * S);
	expect_at(&s, 125 * S, WG_ACT_KEEPALIVE);
	assert_int_equal(wg_timers_set_persistent(&s, 0, true, 126 * S), 0);
	expect_nothing(&s);
	wg_timers_sent(&s, false, 130 * S);
	wg_timers_received(&s, false, 130 * S);
	expect_nothing(&s);
}

static void a_device_that_is_down_keeps_only_the_interval(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	assert_int_equal(wg_timers_set_persistent(&s, 25, false, 0), 0);
	expect_nothing(&s);
	assert_int_equal(wg_timers_set_persistent(&s, s.persistent_interval, true, S),
			 WG_ACT_KEEPALIVE);
	wg_timers_stop(&s);
	expect_nothing(&s);
	assert_int_equal(s.persistent_interval, 25);
	assert_int_equal(wg_timers_set_persistent(&s, 25, true, 2 * S), WG_ACT_KEEPALIVE);
	assert_int_equal(wg_timers_set_persistent(&s, 25, false, 3 * S), 0);
	expect_nothing(&s);
}

static void setting_an_interval_again_puts_nothing_off(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_set_persistent(&s, 25, true, 0);
	assert_int_equal(wg_timers_set_persistent(&s, 25, true, 20 * S), 0);
	assert_int_equal(wg_timers_set_persistent(&s, 60, true, 21 * S), 0);
	expect_at(&s, 25 * S, WG_ACT_KEEPALIVE);
	assert_int_equal(wg_timers_set_persistent(&s, 5, true, 26 * S), 0);
	expect_at(&s, 31 * S, WG_ACT_KEEPALIVE);
}

static void the_longest_interval_is_not_cut(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_set_persistent(&s, UINT16_MAX, true, 0);
	expect_at(&s, 65535 * S, WG_ACT_KEEPALIVE);
}

static void stopping_disarms_all(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_set_persistent(&s, 1, true, 0);
	wg_timers_want_handshake(&s, 0);
	wg_timers_derived(&s, 0);
	wg_timers_received(&s, true, 0);
	s.new_handshake = 15 * S;
	wg_timers_received(&s, true, 0);
	s.attempts = 3;
	s.last_minute = true;
	wg_timers_stop(&s);
	expect_nothing(&s);
	assert_false(s.another_keepalive || s.last_minute || s.attempts);
	assert_int_equal(wg_timers_want_handshake(&s, 0), WG_ACT_INITIATE);
}

/* All at once, hours late: what was for a session that is dead does not fire. */
static void after_a_suspend_each_fires_once_and_none_for_the_dead(void **state)
{
	struct wg_timers s = new_session();
	u64 later = 7200 * S;

	(void)state;
	wg_timers_set_persistent(&s, 25, true, 0);
	wg_timers_derived(&s, 0);
	wg_timers_received(&s, true, 0);
	s.new_handshake = 15 * S;
	assert_int_equal(wg_timers_tick(&s, later), WG_ACT_ZERO_KEYS | WG_ACT_KEEPALIVE);
	expect_at(&s, later + 25 * S, WG_ACT_KEEPALIVE);

	s = new_session();
	wg_timers_derived(&s, 0);
	wg_timers_received(&s, true, 0);
	s.new_handshake = 15 * S;
	assert_int_equal(wg_timers_tick(&s, later), WG_ACT_ZERO_KEYS);
	expect_nothing(&s);

	wg_timers_want_handshake(&s, 0);
	assert_int_equal(wg_timers_tick(&s, later), WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
	expect_at(&s, later + 5 * S, WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
}

static void late_ticks_ask_for_one_initiation(void **state)
{
	struct wg_timers s = new_session();

	(void)state;
	wg_timers_sent(&s, true, 0);
	wg_timers_want_handshake(&s, 10 * S);
	assert_int_equal(wg_timers_tick(&s, 60 * S), WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
	expect_at(&s, 65 * S, WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
}

/* Any sequence of events. */

struct walk {
	struct random r;
	struct wg_timers s;
	u64 now, asked; /* the latest initiation that was granted or sent */
	bool any_asked, persistent, stopped;
	unsigned int retries; /* since the latest request from outside or handshake */
};

static void check(struct walk *w, const char *what, u32 actions, bool ticked)
{
	u64 deadline = wg_timers_deadline(&w->s);

	if (actions & WG_ACT_INITIATE) {
		if (w->any_asked && w->now - w->asked < 5 * S)
			fail_msg("%s: an initiation too soon", what);
		w->any_asked = true;
		w->asked = w->now;
	}
	if (ticked && deadline <= w->now)
		fail_msg("%s: the deadline is in the past", what);
	if (w->s.attempts > WG_MAX_ATTEMPTS || w->retries > WG_MAX_ATTEMPTS)
		fail_msg("%s: too many attempts", what);
	if (w->persistent && w->s.persistent == WG_NEVER)
		fail_msg("%s: the persistent keepalive was lost", what);
	if (!w->persistent && w->s.persistent != WG_NEVER)
		fail_msg("%s: a persistent keepalive that nobody wants", what);
	if (w->s.jitter >= WG_REKEY_TIMEOUT_JITTER)
		fail_msg("%s: too much jitter", what);
	if (w->s.another_keepalive && w->s.keepalive == WG_NEVER)
		fail_msg("%s: another keepalive than none", what);
}

static void tick(struct walk *w)
{
	bool due = wg_timers_deadline(&w->s) <= w->now;
	bool asks = w->s.new_handshake <= w->now && w->s.zero_keys > w->now;
	u32 actions = wg_timers_tick(&w->s, w->now);

	if (!due)
		assert_int_equal(actions, 0);
	if (asks)
		w->retries = 0;
	else if (actions & WG_ACT_INITIATE)
		w->retries++;
	if (actions & WG_ACT_DROP_STAGED)
		assert_true(asks || w->s.retransmit == WG_NEVER);
	check(w, "tick", actions, true);
	/* Mostly the host does as it is told. */
	if (actions & WG_ACT_INITIATE && random_below(&w->r, 4))
		wg_timers_initiated(&w->s, (u32)random_next(&w->r), w->now);
}

static u64 any_time(struct random *r)
{
	static const u64 spans[] = {1, 1000, S, 6 * S, 30 * S, 600 * S, 90000 * S};

	return random_below(r, spans[random_below(r, 7)]);
}

static void want(struct walk *w)
{
	u32 actions = wg_timers_want_handshake(&w->s, w->now);

	w->retries = 0;
	check(w, "want_handshake", actions, false);
	/* A request is never forgotten. */
	if (w->s.retransmit == WG_NEVER)
		fail_msg("a request was lost");
	if (actions && random_below(&w->r, 4))
		wg_timers_initiated(&w->s, (u32)random_next(&w->r), w->now);
}

static void set_persistent(struct walk *w)
{
	bool was = w->persistent;
	u16 seconds = random_below(&w->r, 3) ? (u16)random_below(&w->r, 40) : 0;
	u32 actions = wg_timers_set_persistent(&w->s, seconds, true, w->now);

	w->persistent = seconds != 0;
	assert_int_equal(actions, w->persistent && !was ? WG_ACT_KEEPALIVE : 0);
}

static void stop(struct walk *w)
{
	wg_timers_stop(&w->s);
	assert_true(wg_timers_deadline(&w->s) == WG_NEVER);
	assert_int_equal(wg_timers_tick(&w->s, w->now), 0);
	w->any_asked = w->persistent = false;
	w->retries = 0;
	/* The device comes up again. */
	wg_timers_set_persistent(&w->s, w->s.persistent_interval, true, w->now);
	w->persistent = w->s.persistent_interval != 0;
}

static void one_event(struct walk *w)
{
	switch (random_below(&w->r, 16)) {
	case 0:
	case 1:
	case 2:
		want(w);
		break;
	case 3:
		wg_timers_derived(&w->s, w->now);
		break;
	case 4:
		wg_timers_handshake_complete(&w->s);
		w->retries = 0;
		break;
	case 5:
		wg_timers_sent(&w->s, true, w->now);
		break;
	case 6:
		wg_timers_received(&w->s, true, w->now);
		break;
	case 7:
		wg_timers_received(&w->s, false, w->now);
		break;
	case 8:
		set_persistent(w);
		break;
	case 9:
		if (!random_below(&w->r, 50))
			stop(w);
		break;
	case 10:
		wg_timers_ended(&w->s);
		break;
	default: /* time passes, to the deadline or beside it */
		if (wg_timers_deadline(&w->s) != WG_NEVER && random_below(&w->r, 3))
			w->now = wg_timers_deadline(&w->s) > w->now ? wg_timers_deadline(&w->s)
								     : w->now;
		else
			w->now += any_time(&w->r);
		tick(w);
	}
	check(w, "event", 0, false);
}

static void what_must_hold_holds_after_any_events(void **state)
{
	(void)state;
	for (u64 seed = 1; seed <= 300; seed++) {
		struct walk w = {.r = {seed}, .s = new_session()};

		for (int i = 0; i < 2000; i++)
			one_event(&w);
	}
}

/* Only retries: the bound on attempts is reached, never passed, and then it is quiet. */
static void without_new_requests_every_walk_falls_silent(void **state)
{
	(void)state;
	for (u64 seed = 1; seed <= 200; seed++) {
		struct walk w = {.r = {seed}, .s = new_session()};

		for (int i = 0; i < 100; i++)
			one_event(&w);
		wg_timers_set_persistent(&w.s, 0, true, w.now);
		w.persistent = false;
		for (int i = 0; i < 60 && wg_timers_deadline(&w.s) != WG_NEVER; i++) {
			if (w.now < wg_timers_deadline(&w.s))
				w.now = wg_timers_deadline(&w.s);
			tick(&w);
		}
		expect_nothing(&w.s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_due_at_first),
		cmocka_unit_test(an_initiation_is_repeated_after_five_seconds_and_jitter),
		cmocka_unit_test(unanswered_attempts_end),
		cmocka_unit_test(an_initiation_does_not_put_off_the_end_of_the_keys),
		cmocka_unit_test(a_new_request_has_all_attempts),
		cmocka_unit_test(secrets_of_an_initiation_go_though_no_other_is_sent),
		cmocka_unit_test(requests_are_granted_once_in_five_seconds),
		cmocka_unit_test(an_initiation_that_was_not_sent_is_asked_for_again),
		cmocka_unit_test(a_request_that_comes_too_soon_is_kept),
		cmocka_unit_test(a_complete_handshake_is_not_repeated),
		cmocka_unit_test(data_that_came_is_acknowledged_after_ten_seconds),
		cmocka_unit_test(more_data_is_acknowledged_once_more),
		cmocka_unit_test(whatever_is_sent_acknowledges),
		cmocka_unit_test(without_a_session_nothing_is_acknowledged),
		cmocka_unit_test(data_without_an_answer_leads_to_a_handshake),
		cmocka_unit_test(an_answer_of_any_kind_is_enough),
		cmocka_unit_test(unanswered_data_does_not_outrun_the_limit),
		cmocka_unit_test(keys_go_nine_minutes_after_the_latest_session),
		cmocka_unit_test(a_persistent_keepalive_begins_at_once),
		cmocka_unit_test(a_device_that_is_down_keeps_only_the_interval),
		cmocka_unit_test(setting_an_interval_again_puts_nothing_off),
		cmocka_unit_test(the_longest_interval_is_not_cut),
		cmocka_unit_test(stopping_disarms_all),
		cmocka_unit_test(after_a_suspend_each_fires_once_and_none_for_the_dead),
		cmocka_unit_test(late_ticks_ask_for_one_initiation),
		cmocka_unit_test(what_must_hold_holds_after_any_events),
		cmocka_unit_test(without_new_requests_every_walk_falls_silent),
	};

	return cmocka_run_group_tests_name("core/session", tests, NULL, NULL);
}

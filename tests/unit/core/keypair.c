// SPDX-License-Identifier: GPL-2.0
/* The rotation of keys and their limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/core/keypair.h"

#define T0 (1000 * WG_SECOND)

static struct wg_keypair pair[6];
static struct wg_keypairs k;
static bool freed[6];

static void let_go(void *ctx, struct wg_keypair *keypair)
{
	(void)ctx;
	assert_false(freed[keypair - pair]);
	freed[keypair - pair] = true;
}

static const struct wg_host host = {.keypair_free = let_go};

static int setup(void **state)
{
	(void)state;
	memset(pair, 0, sizeof(pair));
	memset(&k, 0, sizeof(k));
	memset(freed, 0, sizeof(freed));
	return 0;
}

static void add(int i, bool initiator)
{
	pair[i].initiator = initiator;
	if (!pair[i].created_at)
		pair[i].created_at = T0;
	wg_keypairs_add(&k, &pair[i], &host);
}

/* Each is a number of `pair`, or -1 for none. */
static void assert_held(int previous, int current, int next)
{
	assert_ptr_equal(k.previous, previous < 0 ? NULL : &pair[previous]);
	assert_ptr_equal(k.active, current < 0 ? NULL : &pair[current]);
	assert_ptr_equal(k.next, next < 0 ? NULL : &pair[next]);
}

static void assert_freed(const char *which)
{
	for (int i = 0; i < 6; i++)
		assert_int_equal(freed[i], strchr(which, '0' + i) != NULL);
}

static void an_initiators_session_is_current_at_once(void **state)
{
	(void)state;
	add(0, true);
	assert_held(-1, 0, -1);
	add(1, true);
	assert_held(0, 1, -1);
	assert_freed("");
	add(2, true);
	assert_held(1, 2, -1);
	assert_freed("0");
}

static void a_responders_session_waits_for_its_first_message(void **state)
{
	(void)state;
	add(0, true);
	add(1, false);
	assert_held(-1, 0, 1);
	assert_false(wg_keypairs_confirm(&k, &pair[0], &host));
	assert_held(-1, 0, 1);
	assert_true(wg_keypairs_confirm(&k, &pair[1], &host));
	assert_held(0, 1, -1);
	assert_false(wg_keypairs_confirm(&k, &pair[1], &host));
	assert_false(wg_keypairs_confirm(&k, NULL, &host));
	assert_held(0, 1, -1);
	assert_freed("");
}

static void a_newer_response_replaces_the_one_that_waits(void **state)
{
	(void)state;
	add(0, true);
	add(1, true);
	add(2, false);
	add(3, false);
	assert_held(0, 1, 3);
	assert_freed("2");
	assert_true(wg_keypairs_confirm(&k, &pair[3], &host));
	assert_held(1, 3, -1);
	assert_freed("02");
}

static void an_initiators_session_overtakes_the_one_that_waits(void **state)
{
	(void)state;
	add(0, true);
	add(1, true);
	add(2, false);
	add(3, true);
	assert_held(2, 3, -1);
	assert_freed("01");
}

static void an_initiator_that_yields_leaves_the_one_that_waits(void **state)
{
	(void)state;
	add(0, true);
	add(1, true);
	add(2, false);
	pair[3].loses_tie = true;
	pair[3].started_at = T0;
	add(3, true);
	assert_held(1, 3, 2);
	assert_freed("0");
	assert_true(wg_keypairs_confirm(&k, &pair[2], &host));
	assert_held(3, 2, -1);
	assert_freed("01");
}

static void an_initiator_that_yields_leaves_the_one_just_confirmed(void **state)
{
	(void)state;
	add(0, true);
	add(1, false);
	assert_true(wg_keypairs_confirm(&k, &pair[1], &host));
	pair[2].loses_tie = true;
	pair[2].started_at = T0;
	add(2, true);
	assert_held(2, 1, -1);
	assert_freed("0");
	/* But not one that was there long before. */
	pair[3].loses_tie = true;
	pair[3].started_at = T0 + WG_REKEY_TIMEOUT;
	add(3, true);
	assert_held(1, 3, -1);
	assert_freed("02");
}

/* Its sender may have been answered by us while our own initiation was on its way to it. */
static void an_initiator_that_yields_leaves_what_waited_when_it_began(void **state)
{
	(void)state;
	add(0, true);
	add(1, false);
	pair[2].loses_tie = true;
	pair[2].started_at = T0 + 1;
	add(2, true);
	assert_held(0, 2, 1);
	assert_freed("");
}

static void what_waited_in_vain_goes_before_what_is_in_use(void **state)
{
	(void)state;
	add(0, true);
	add(1, false);
	pair[2].started_at = T0 + WG_REKEY_TIMEOUT;
	add(2, true);
	assert_held(0, 2, -1);
	assert_freed("1");
	add(3, false);
	pair[4].started_at = T0 + WG_REKEY_TIMEOUT - 1;
	add(4, true);
	assert_held(3, 4, -1);
	assert_freed("012");
}

/* As wg_remote_retire() leaves it. */
static void what_cannot_send_any_more_wins_no_tie(void **state)
{
	(void)state;
	add(0, false);
	assert_true(wg_keypairs_confirm(&k, &pair[0], &host));
	pair[0].send_counter = WG_REJECT_AFTER_MESSAGES;
	pair[1].loses_tie = true;
	pair[1].started_at = T0;
	add(1, true);
	assert_held(0, 1, -1);
	assert_freed("");
	add(2, false);
	pair[2].send_counter = WG_REJECT_AFTER_MESSAGES;
	pair[3].started_at = T0;
	add(3, true);
	assert_held(1, 3, -1);
	assert_freed("02");
}

static void to_yield_without_a_session_that_waits_is_nothing(void **state)
{
	(void)state;
	add(0, true);
	pair[1].loses_tie = true;
	add(1, true);
	assert_held(0, 1, -1);
}

static void clearing_lets_all_go(void **state)
{
	(void)state;
	add(0, true);
	add(1, true);
	add(2, false);
	wg_keypairs_clear(&k, &host);
	assert_held(-1, -1, -1);
	assert_freed("012");
	wg_keypairs_clear(&k, &host);
}

static void ends_with_its_time(void **state)
{
	struct wg_keypair *p = &pair[0];

	(void)state;
	p->created_at = T0;
	assert_true(wg_keypair_may_send(p, 1, T0 - 1));
	assert_true(wg_keypair_may_send(p, 1, T0 + WG_REJECT_AFTER_TIME - 1));
	assert_true(wg_keypair_may_receive(p, T0 + WG_REJECT_AFTER_TIME - 1));
	assert_false(wg_keypair_may_send(p, 1, T0 + WG_REJECT_AFTER_TIME));
	assert_false(wg_keypair_may_receive(p, T0 + WG_REJECT_AFTER_TIME));
}

static void ends_with_its_messages(void **state)
{
	struct wg_keypair *p = &pair[0];

	(void)state;
	p->created_at = T0;
	p->send_counter = WG_REJECT_AFTER_MESSAGES - 3;
	assert_true(wg_keypair_may_send(p, 3, T0));
	assert_false(wg_keypair_may_send(p, 4, T0));
	assert_false(wg_keypair_may_send(p, UINT64_MAX, T0));
	p->send_counter = WG_REJECT_AFTER_MESSAGES;
	assert_false(wg_keypair_may_send(p, 1, T0));
	p->send_counter = WG_REJECT_AFTER_MESSAGES + 1;
	assert_false(wg_keypair_may_send(p, 1, T0));
	assert_true(wg_keypair_may_receive(p, T0));
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_initiators_session_is_current_at_once),
		TEST(a_responders_session_waits_for_its_first_message),
		TEST(a_newer_response_replaces_the_one_that_waits),
		TEST(an_initiators_session_overtakes_the_one_that_waits),
		TEST(an_initiator_that_yields_leaves_the_one_that_waits),
		TEST(an_initiator_that_yields_leaves_the_one_just_confirmed),
		TEST(an_initiator_that_yields_leaves_what_waited_when_it_began),
		TEST(what_waited_in_vain_goes_before_what_is_in_use),
		TEST(what_cannot_send_any_more_wins_no_tie),
		TEST(to_yield_without_a_session_that_waits_is_nothing),
		TEST(clearing_lets_all_go),
		TEST(ends_with_its_time),
		TEST(ends_with_its_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

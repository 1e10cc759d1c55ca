// SPDX-License-Identifier: GPL-2.0
/* Both sides begin a handshake at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "pair.h"

/* Both sides initiate at once. Four deliveries, two of which follow from two others, in any order;
 * and then the confirmations. One session must be current on both sides, begun by one of them. */
static void race(unsigned int order, int lost)
{
	struct datagram initiation[2], response[2], none;
	bool initiated[2] = {false}, responded[2] = {false};

	initiate(I, &initiation[I]);
	initiate(R, &initiation[R]);
	for (int step = 0; step < 4; step++, order >>= 2) {
		int to = order & 1;

		if (order & 2) { /* the response to `to`, if it is on its way */
			if (!responded[!to] || lost == to)
				continue;
			responded[!to] = false;
			accept_message(to, &response[!to], &none);
			say(to);
		} else if (!initiated[to]) {
			initiated[to] = true;
			accept_message(to, &initiation[!to], &response[to]);
			responded[to] = true;
		}
	}
	for (int to = I; to <= R; to++) {
		if (!initiated[to]) {
			accept_message(to, &initiation[!to], &response[to]);
			responded[to] = true;
		}
	}
	for (int to = I; to <= R; to++) {
		if (!responded[!to] || lost == to)
			continue;
		accept_message(to, &response[!to], &none);
		say(to);
	}
	say(I);
	say(R);
	say(I);
	assert_non_null(remote[I]->keys.active);
	assert_int_equal(remote[I]->keys.active->local_index,
			 remote[R]->keys.active->remote_index);
	assert_int_equal(remote[I]->keys.active->remote_index,
			 remote[R]->keys.active->local_index);
	assert_int_not_equal(remote[I]->keys.active->initiator,
			     remote[R]->keys.active->initiator);
}

static void both_may_begin_at_once(void **state)
{
	for (unsigned int order = 0; order < 256; order++)
		for (int lost = -1; lost <= R; lost++) {
			setup(state);
			race(order, lost);
			assert_true(side_end(&side[I]) && side_end(&side[R]));
		}
}

static void a_race_is_decided_by_the_greater_key(void **state)
{
	struct datagram initiation[2], response[2], none;
	const u8 *mine = side[I].local.identity.public_key,
		 *theirs = side[R].local.identity.public_key;
	int greater = memcmp(mine, theirs, 32) > 0 ? I : R;

	(void)state;
	for (int i = I; i <= R; i++)
		initiate(i, &initiation[i]);
	for (int i = I; i <= R; i++)
		accept_message(i, &initiation[!i], &response[i]);
	for (int i = I; i <= R; i++)
		accept_message(i, &response[!i], &none);
	say(!greater);
	assert_true(remote[greater]->keys.active->initiator);
	say(greater);
	assert_true(remote[greater]->keys.active->initiator);
	assert_false(remote[!greater]->keys.active->initiator);
}

/* As other implementations do: an initiation that comes in ends the one that went out. */
static void a_race_with_who_forgets_ends_well_too(void **state)
{
	for (int forgetful = I; forgetful <= R; forgetful++) {
		struct datagram initiation[2], response[2], none;
		int i = !forgetful;

		setup(state);
		initiate(I, &initiation[I]);
		initiate(R, &initiation[R]);
		wg_handshake_forget(&side[forgetful].local, remote[forgetful], false);
		accept_message(forgetful, &initiation[i], &response[forgetful]);
		accept_message(i, &initiation[forgetful], &response[i]);
		assert_nothing_came(receive(forgetful, &response[i]), WG_HANDSHAKE_UNKNOWN);
		accept_message(i, &response[forgetful], &none);
		say(i);
		say(forgetful);
		assert_true(remote[i]->keys.active->initiator);
		assert_true(side_end(&side[I]) && side_end(&side[R]));
	}
}

static void an_old_initiation_ends_when_the_other_side_begins(void **state)
{
	struct datagram ours, theirs, late, response, none;

	(void)state;
	initiate(I, &ours);
	accept_message(R, &ours, &late);
	now += WG_REKEY_TIMEOUT - 1;
	initiate(R, &theirs);
	accept_message(I, &theirs, &response);
	assert_true(remote[I]->handshake.pending.active);
	now += WG_SECOND;
	initiate(R, &theirs);
	accept_message(I, &theirs, &response);
	assert_false(remote[I]->handshake.pending.active);
	assert_nothing_came(receive(I, &late), WG_HANDSHAKE_UNKNOWN);
	accept_message(R, &response, &none);
	say(R);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_may_begin_at_once),
		TEST(a_race_is_decided_by_the_greater_key),
		TEST(a_race_with_who_forgets_ends_well_too),
		TEST(an_old_initiation_ends_when_the_other_side_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* The replay window: its edges case by case, and any sequence against a model that remembers
 * all. */
#include "../../../src/core/replay.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include "../../../src/core/messages.h"
#include "../random.h"
#include <cmocka.h>

#define LIMIT WG_REJECT_AFTER_MESSAGES
#define W     WG_REPLAY_WINDOW

struct step {
	u64 counter;
	bool accepted;
};

struct sequence {
	const char *what;
	struct step steps[12]; /* up to the first with nothing after it: {0, false} */
};

static const struct sequence sequences[] = {
	{"1: zero is a counter", {{0, true}}},
	{"2: only once", {{1, true}, {1, false}, {2, true}, {1, false}, {2, false}}},
	{"3: zero may come late", {{1, true}, {0, true}, {1, false}}},
	{"4: within a word in any order",
	 {{63, true}, {1, true}, {62, true}, {1, false}, {2, true}, {63, false}}},
	{"5: across words",
	 {{63, true}, {64, true}, {127, true}, {128, true}, {64, false}, {65, true}}},
	{"6: the oldest of a window that begins a word", {{W, true}, {1, true}, {1, false}}},
	{"7: one before it is too old", {{W + 64, true}, {63, false}, {64, true}, {64, false}}},
	{"8: the oldest of a window that ends a word",
	 {{W + 63, true}, {62, false}, {63, true}, {63, false}}},
	{"9: a move by one makes the oldest too old",
	 {{W + 1, true}, {1, true}, {W + 2, true}, {1, false}, {2, true}}},
	{"10: a jump by the whole window forgets nothing wrong",
	 {{5, true}, {W + 5, true}, {5, false}, {6, true}, {W + 5, false}}},
	{"11: a jump by all the bits",
	 {{7, true}, {WG_REPLAY_BITS + 7, true}, {71, true}, {7, false}, {72, true}}},
	{"12: a jump of just less than all words",
	 {{64, true}, {WG_REPLAY_BITS + 63, true}, {127, true}, {64, false}}},
	{"13: a far jump",
	 {{3, true},
	  {1ULL << 40, true},
	  {3, false},
	  {(1ULL << 40) - W, true},
	  {(1ULL << 40) - W - 1, false}}},
	{"14: the place of a counter is free again after a turn",
	 {{9, true},
	  {WG_REPLAY_BITS + 9 + W, true},
	  {WG_REPLAY_BITS + 9, true},
	  {WG_REPLAY_BITS + 9, false}}},
	{"15: the last counter, and none after it",
	 {{LIMIT - 1, true},
	  {LIMIT, false},
	  {LIMIT + 1, false},
	  {UINT64_MAX, false},
	  {LIMIT - 1, false},
	  {LIMIT - 2, true}}},
	{"16: a refused counter moves nothing",
	 {{1, true}, {UINT64_MAX, false}, {LIMIT, false}, {2, true}, {0, true}}},
	{"17: the window at the end",
	 {{LIMIT - 1, true},
	  {LIMIT - 1 - W, true},
	  {LIMIT - 2 - W, false},
	  {0, false},
	  {1, false}}},
	{"18: a gap may be filled once",
	 {{0, true}, {100, true}, {50, true}, {50, false}, {99, true}, {99, false}, {0, false}}},
};

static void accepts_each_counter_of_the_table_as_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
		struct wg_replay w = {0};

		for (const struct step *s = sequences[i].steps;
		     s == sequences[i].steps || s->counter || s->accepted; s++) {
			if (wg_replay_accept(&w, s->counter) != s->accepted)
				fail_msg("%s: %llu", sequences[i].what,
					 (unsigned long long)s->counter);
		}
	}
}

static void every_counter_of_the_window_is_accepted_once(void **state)
{
	static const u64 newest[] = {0, 1, 63, 64, W - 1, W, W + 1, 12345, 1ULL << 60, LIMIT - 1};

	(void)state;
	for (size_t i = 0; i < sizeof(newest) / sizeof(newest[0]); i++) {
		struct wg_replay w = {0};
		u64 oldest = newest[i] > W ? newest[i] - W : 0;

		assert_true(wg_replay_accept(&w, newest[i]));
		for (u64 c = newest[i]; c-- > oldest;)
			assert_true(wg_replay_accept(&w, c));
		for (u64 c = newest[i] + 1; c-- > oldest;)
			assert_false(wg_replay_accept(&w, c));
		if (oldest)
			assert_false(wg_replay_accept(&w, oldest - 1));
	}
}

static void in_order_none_is_lost(void **state)
{
	struct wg_replay w = {0};

	(void)state;
	for (u64 c = 0; c < 5 * WG_REPLAY_BITS; c++) {
		assert_true(wg_replay_accept(&w, c));
		assert_false(wg_replay_accept(&w, c));
		assert_int_equal(w.next, c + 1);
	}
}

/* All counters below MODEL, a byte each. */
enum { MODEL = 1 << 17 };

static bool model_accept(u8 *seen, u64 *newest, bool *any, u64 c)
{
	if (seen[c] || (*any && *newest > c && *newest - c > W))
		return false;
	seen[c] = 1;
	if (!*any || c > *newest)
		*newest = c;
	*any = true;
	return true;
}

/* Mostly a little ahead or anywhere in the window, and often right at its edge. */
static u64 any_counter(struct random *r, u64 newest)
{
	switch (random_below(r, 8)) {
	case 0:
		return newest - W - 2 + random_below(r, 5);
	case 1:
	case 2:
		return newest + random_below(r, 80);
	case 3:
		return newest + random_below(r, random_below(r, 40) ? 3 : 2 * WG_REPLAY_BITS);
	default:
		return newest - random_below(r, random_below(r, 2) ? 130 : W + 100);
	}
}

static void agrees_with_a_model_that_remembers_all(void **state)
{
	u8 *seen = malloc(MODEL);

	(void)state;
	for (u64 seed = 1; seed <= 40; seed++) {
		struct random r = {seed};
		struct wg_replay w = {0};
		u64 newest = 0;
		bool any = false;

		memset(seen, 0, MODEL);
		for (int i = 0; i < 20000; i++) {
			u64 c = any_counter(&r, newest);

			if (c >= MODEL)
				continue;
			if (wg_replay_accept(&w, c) != model_accept(seen, &newest, &any, c))
				fail_msg("seed %llu, step %d", (unsigned long long)seed, i);
		}
	}
	free(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_each_counter_of_the_table_as_it_says),
		cmocka_unit_test(every_counter_of_the_window_is_accepted_once),
		cmocka_unit_test(in_order_none_is_lost),
		cmocka_unit_test(agrees_with_a_model_that_remembers_all),
	};

	return cmocka_run_group_tests_name("core/replay", tests, NULL, NULL);
}

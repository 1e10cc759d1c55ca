// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/device/heap.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define PEERS 300

static void an_empty_one_has_no_first(void **state)
{
	struct heap h = {0};

	(void)state;
	assert_null(heap_first(&h));
}

static void order_is_that_of_the_deadlines(void **state)
{
	static struct peer peers[PEERS];
	struct heap h = {0};
	u64 last = 0;

	(void)state;
	assert_true(heap_reserve(&h, PEERS));
	for (u32 i = 0; i < PEERS; i++) {
		peers[i].deadline = WG_NEVER;
		heap_set(&h, &peers[i], 1 + i * 7919 % 1000);
	}
	for (u32 i = 0; i < PEERS; i++) {
		struct peer *first = heap_first(&h);

		assert_non_null(first);
		assert_true(first->deadline >= last);
		last = first->deadline;
		heap_set(&h, first, WG_NEVER);
	}
	assert_null(heap_first(&h));
	heap_free(&h);
}

static u64 earliest(const struct peer *peers)
{
	u64 min = WG_NEVER;

	for (int i = 0; i < PEERS; i++)
		if (peers[i].deadline < min)
			min = peers[i].deadline;
	return min;
}

/* Any changes, against a search through all. */
static void the_first_is_the_earliest_whatever_changes(void **state)
{
	static struct peer peers[PEERS];
	struct heap h = {0};
	u32 seed = 12345;

	(void)state;
	assert_true(heap_reserve(&h, PEERS));
	for (int i = 0; i < PEERS; i++)
		peers[i].deadline = WG_NEVER;
	for (int i = 0; i < 20000; i++) {
		struct peer *p;
		u64 deadline;

		seed = seed * 1664525 + 1013904223;
		p = &peers[(seed >> 8) % PEERS];
		deadline = seed >> 28 ? (seed >> 4) % 5000 : WG_NEVER;
		heap_set(&h, p, deadline);
		assert_true(p->deadline == deadline);
		assert_true((heap_first(&h) ? heap_first(&h)->deadline : WG_NEVER) == earliest(peers));
	}
	heap_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_one_has_no_first),
		cmocka_unit_test(order_is_that_of_the_deadlines),
		cmocka_unit_test(the_first_is_the_earliest_whatever_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

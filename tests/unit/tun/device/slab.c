// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/device/slab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define OBJECTS 5000
#define SIZE    100

static bool is_zero(const u8 *p)
{
	for (int i = 0; i < SIZE; i++)
		if (p[i])
			return false;
	return true;
}

static void objects_are_zeroed_and_apart(void **state)
{
	static u8 *objects[OBJECTS];
	struct slab s;

	(void)state;
	slab_init(&s, SIZE, true);
	for (int i = 0; i < OBJECTS; i++) {
		objects[i] = slab_alloc(&s);
		assert_non_null(objects[i]);
		assert_int_equal((uintptr_t)objects[i] % 8, 0);
		assert_true(is_zero(objects[i]));
		memset(objects[i], i % 255 + 1, SIZE);
	}
	for (int i = 0; i < OBJECTS; i++)
		assert_true(objects[i][0] == i % 255 + 1 && objects[i][SIZE - 1] == i % 255 + 1);
	slab_wipe(&s);
}

static void what_was_given_back_is_used_again_and_zeroed(void **state)
{
	struct slab s;
	u8 *kept, *p;

	(void)state;
	slab_init(&s, SIZE, false);
	kept = slab_alloc(&s);
	p = slab_alloc(&s);
	memset(p, 0xff, SIZE);
	slab_free(&s, p);
	assert_ptr_equal(slab_alloc(&s), p);
	assert_true(is_zero(p) && is_zero(kept));
	slab_wipe(&s);
}

static void the_last_one_takes_the_memory_with_it(void **state)
{
	struct slab s;
	void *a, *b;

	(void)state;
	slab_init(&s, SIZE, true);
	a = slab_alloc(&s);
	b = slab_alloc(&s);
	slab_free(&s, a);
	assert_non_null(s.chunks);
	slab_free(&s, b);
	assert_null(s.chunks);
	assert_non_null(slab_alloc(&s));
	slab_wipe(&s);
}

static void an_object_may_be_larger_than_a_chunk(void **state)
{
	struct slab s;
	u8 *p;

	(void)state;
	slab_init(&s, 300000, false);
	p = slab_alloc(&s);
	assert_non_null(p);
	memset(p, 1, 300000);
	slab_wipe(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_zeroed_and_apart),
		cmocka_unit_test(what_was_given_back_is_used_again_and_zeroed),
		cmocka_unit_test(the_last_one_takes_the_memory_with_it),
		cmocka_unit_test(an_object_may_be_larger_than_a_chunk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* As much of cmocka's interface as the unit tests of crypto/ and core/ use, for machines that have no
 * cmocka: the same test compiles with this one. Prints a line a test, as tests/run.sh counts them. */
#ifndef WG_TESTS_CROSS_CMOCKA_H
#define WG_TESTS_CROSS_CMOCKA_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct CMUnitTest {
	const char *name;
	void (*test_func)(void **state);
	int (*setup_func)(void **state);
	int (*teardown_func)(void **state);
	void *initial_state;
};

/* Where a failed assertion goes. */
static jmp_buf cmocka_failed;

#define fail_msg(...)                                    \
	do {                                             \
		printf("# %s:%d: ", __FILE__, __LINE__); \
		printf(__VA_ARGS__);                     \
		putchar('\n');                           \
		longjmp(cmocka_failed, 1);               \
	} while (0)
#define fail() fail_msg("failed")

#define cmocka_assert(yes, text)              \
	do {                                  \
		if (!(yes))                   \
			fail_msg("%s", text); \
	} while (0)
#define cmocka_number(v) ((unsigned long long)(v))
#define cmocka_compare(a, op, b)                                                                 \
	do {                                                                                     \
		unsigned long long cmocka_a = cmocka_number(a), cmocka_b = cmocka_number(b);     \
		if (!(cmocka_a op cmocka_b))                                                     \
			fail_msg("%s: %#llx, and %#llx", #a " " #op " " #b, cmocka_a, cmocka_b); \
	} while (0)

#define assert_true(v)                   cmocka_assert(v, #v)
#define assert_false(v)                  cmocka_assert(!(v), "not " #v)
#define assert_null(p)                   cmocka_assert(!(p), #p " == NULL")
#define assert_non_null(p)               cmocka_assert(p, #p " != NULL")
#define assert_ptr_equal(a, b)           cmocka_assert((a) == (b), #a " == " #b)
#define assert_ptr_not_equal(a, b)       cmocka_assert((a) != (b), #a " != " #b)
#define assert_int_equal(a, b)           cmocka_compare(a, ==, b)
#define assert_int_not_equal(a, b)       cmocka_compare(a, !=, b)
#define assert_memory_equal(a, b, n)     cmocka_assert(!memcmp(a, b, n), #a " has the bytes of " #b)
#define assert_memory_not_equal(a, b, n) cmocka_assert(memcmp(a, b, n), #a " differs from " #b)
#define assert_string_equal(a, b)        cmocka_assert(!strcmp(a, b), #a " is the text " #b)
#define assert_string_not_equal(a, b)    cmocka_assert(strcmp(a, b), #a " is not the text " #b)
#define assert_in_range(v, low, high)        \
	do {                                 \
		cmocka_compare(v, >=, low);  \
		cmocka_compare(v, <=, high); \
	} while (0)

/* clang-format off */
#define cmocka_unit_test(test)			      {#test, test, NULL, NULL, NULL}
#define cmocka_unit_test_setup(test, setup)	      {#test, test, setup, NULL, NULL}
#define cmocka_unit_test_teardown(test, teardown)     {#test, test, NULL, teardown, NULL}
#define cmocka_unit_test_setup_teardown(test, setup, teardown) {#test, test, setup, teardown, NULL}
/* clang-format on */

static inline bool cmocka_run(const struct CMUnitTest *test, void *state)
{
	volatile bool good = false;

	if (test->initial_state)
		state = test->initial_state;
	if (test->setup_func && test->setup_func(&state))
		return false;
	if (!setjmp(cmocka_failed)) {
		test->test_func(&state);
		good = true;
	}
	if (test->teardown_func && test->teardown_func(&state))
		return false;
	return good;
}

static inline int cmocka_run_all(const char *group, const struct CMUnitTest *tests, size_t n,
				 int (*setup)(void **), int (*teardown)(void **))
{
	void *state = NULL;
	int failed = 0;

	if (setup && setup(&state)) {
		printf("not ok %s: set-up\n", group);
		return 1;
	}
	for (size_t i = 0; i < n; i++) {
		bool good = cmocka_run(&tests[i], state);

		printf("%s %s: %s\n", good ? "ok" : "not ok", group, tests[i].name);
		failed += !good;
	}
	if (teardown && teardown(&state))
		failed++;
	return failed;
}

#define cmocka_run_group_tests_name(name, tests, setup, teardown) \
	cmocka_run_all(name, tests, sizeof(tests) / sizeof(*(tests)), setup, teardown)
#define cmocka_run_group_tests(tests, setup, teardown) \
	cmocka_run_group_tests_name(#tests, tests, setup, teardown)

#endif

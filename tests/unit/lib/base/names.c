// SPDX-License-Identifier: GPL-2.0
/* The list of interface names. */
#include "../../../../src/lib/base/names.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"

static void each_once_in_order(void **state)
{
	cleanup(wg_names_free) struct wg_names names = {0};
	char name[32];

	(void)state;
	assert_false(wg_names_has(&names, "wg0"));
	/* More than the list has room for at first, and every name twice. */
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "wg%d", i / 2);
		wg_names_add(&names, name);
	}
	assert_int_equal(names.n, 100);
	for (size_t i = 0; i < names.n; i++) {
		snprintf(name, sizeof(name), "wg%zu", i);
		assert_string_equal(names.name[i], name);
		assert_true(wg_names_has(&names, name));
	}
	assert_false(wg_names_has(&names, "wg"));
	assert_false(wg_names_has(&names, "wg100"));
}

static void longest_name_fits(void **state)
{
	cleanup(wg_names_free) struct wg_names names = {0};

	(void)state;
	wg_names_add(&names, "fifteen-letters");
	wg_names_add(&names, "x");
	assert_string_equal(names.name[0], "fifteen-letters");
	assert_string_equal(names.name[1], "x");
}

static void empty_after_free(void **state)
{
	struct wg_names names = {0};

	(void)state;
	wg_names_free(&names);
	wg_names_add(&names, "wg0");
	wg_names_free(&names);
	assert_int_equal(names.n, 0);
	assert_false(wg_names_has(&names, "wg0"));
	wg_names_add(&names, "wg1");
	assert_string_equal(names.name[0], "wg1");
	wg_names_free(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_once_in_order),
		cmocka_unit_test(longest_name_fits),
		cmocka_unit_test(empty_after_free),
	};

	return cmocka_run_group_tests_name("lib/names", tests, NULL, NULL);
}

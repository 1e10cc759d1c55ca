// SPDX-License-Identifier: GPL-2.0
/* Sentences: how they are put together, and that one too long is cut. */
#include "../../../../src/lib/base/error.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* What stands behind the struct must stay as it is. */
struct fenced {
	struct wg_error err;
	char fence[64];
};

static void set_and_errno(void **state)
{
	struct wg_error err = {.code = 99};

	(void)state;
	assert_int_equal(wg_error_set(&err, "line %d", 7), -1);
	assert_string_equal(err.text, "line 7");
	assert_int_equal(err.code, 0);
	assert_int_equal(wg_error_errno(&err, ENODEV, "cannot open %s", "x"), -1);
	assert_string_equal(err.text, "cannot open x: No such device");
	assert_int_equal(err.code, ENODEV);
}

static void prefix_keeps_code_and_text(void **state)
{
	struct wg_error err;

	(void)state;
	wg_error_errno(&err, EPERM, "b");
	assert_int_equal(wg_error_prefix(&err, "a%d", 1), -1);
	assert_string_equal(err.text, "a1: b: Operation not permitted");
	assert_int_equal(err.code, EPERM);
}

static void too_long_is_cut(void **state)
{
	static char huge[4000], whole[sizeof(((struct wg_error *)0)->text)];
	struct fenced f, clean;

	(void)state;
	memset(huge, 'x', sizeof(huge) - 1);
	memset(whole, 'x', sizeof(whole) - 1);
	memset(&f, 0x5a, sizeof(f));
	clean = f;
	wg_error_set(&f.err, "%s", huge);
	assert_string_equal(f.err.text, whole);
	wg_error_errno(&f.err, EPERM, "%s", huge);
	assert_string_equal(f.err.text, whole);
	wg_error_prefix(&f.err, "ab");
	assert_int_equal(strlen(f.err.text), sizeof(whole) - 1);
	assert_memory_equal(f.err.text, "ab: xxx", 7);
	wg_error_set(&f.err, "end");
	wg_error_prefix(&f.err, "%s", huge);
	assert_string_equal(f.err.text + strlen(f.err.text) - 6, "x: end");
	assert_memory_equal(f.fence, clean.fence, sizeof(f.fence));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_and_errno),
		cmocka_unit_test(prefix_keeps_code_and_text),
		cmocka_unit_test(too_long_is_cut),
	};

	return cmocka_run_group_tests_name("lib/error", tests, NULL, NULL);
}

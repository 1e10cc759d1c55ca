// SPDX-License-Identifier: GPL-2.0
/* Lines of any length up to a bound, and a file up to a bound. */
#include "../../../../src/lib/conf/conf-reader.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"

static void gives_lines(void **state)
{
	static const char text[] = "one\n\nthree";
	static const char *const lines[] = {"one\n", "\n", "three"};
	cleanup(wg_conf_reader_wipe) struct wg_conf_reader r;
	cleanup(close_file) FILE *f = fmemopen((void *)(uintptr_t)text, sizeof(text) - 1, "r");
	struct wg_error err;
	const char *line;
	size_t len;

	(void)state;
	assert_non_null(f);
	wg_conf_reader_init(&r, f, "file");
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(wg_conf_reader_next(&r, &line, &len, &err), 1);
		assert_int_equal(len, strlen(lines[i]));
		assert_memory_equal(line, lines[i], len);
	}
	assert_int_equal(wg_conf_reader_next(&r, &line, &len, &err), 0);
	assert_int_equal(wg_conf_reader_next(&r, &line, &len, &err), 0);
}

/* Longer than the buffer is at first. */
static void gives_long_lines(void **state)
{
	const size_t size = 100000;
	cleanup(free_ptr) char *text = malloc(size);
	cleanup(wg_conf_reader_wipe) struct wg_conf_reader r;
	cleanup(close_file) FILE *f = NULL;
	struct wg_error err;
	const char *line;
	size_t len;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < size; i++)
		text[i] = (char)('a' + i % 26);
	text[50000] = '\n';
	f = fmemopen(text, size, "r");
	assert_non_null(f);
	wg_conf_reader_init(&r, f, "file");
	assert_int_equal(wg_conf_reader_next(&r, &line, &len, &err), 1);
	assert_int_equal(len, 50001);
	assert_memory_equal(line, text, len);
	assert_int_equal(wg_conf_reader_next(&r, &line, &len, &err), 1);
	assert_int_equal(len, size - 50001);
	assert_memory_equal(line, text + 50001, len);
}

static ssize_t endless_lines(void *cookie, char *buf, size_t size)
{
	(void)cookie;
	memset(buf, 'a', size);
	buf[size - 1] = '\n';
	return (ssize_t)size;
}

static void refuses_what_has_no_end(void **state)
{
	(void)state;
	for (int lines = 0; lines < 2; lines++) {
		cleanup(wg_conf_reader_wipe) struct wg_conf_reader r;
		cleanup(close_file) FILE *f = NULL;
		struct wg_error err = {0};
		const char *line;
		size_t len;
		int more;

		f = lines ? fopencookie(NULL, "r", (cookie_io_functions_t){.read = endless_lines})
			  : fopen("/dev/zero", "re");
		assert_non_null(f);
		wg_conf_reader_init(&r, f, "file");
		while ((more = wg_conf_reader_next(&r, &line, &len, &err)) > 0)
			;
		assert_int_equal(more, -1);
		assert_int_equal(err.code, EFBIG);
		assert_non_null(strstr(err.text, lines ? "a length of more than 256 MiB"
						       : "a line of more than 16 MiB"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_lines),
		cmocka_unit_test(gives_long_lines),
		cmocka_unit_test(refuses_what_has_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

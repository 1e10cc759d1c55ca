// SPDX-License-Identifier: GPL-2.0
/* Memory that is always there: what it holds, and how the program ends when there is none. */
#include "../../../../src/lib/base/alloc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* AddressSanitizer would end the program itself. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static volatile size_t huge = SIZE_MAX / 2;

static void alloc_too_much(void)
{
	free(wg_alloc(huge));
}

static void realloc_too_much(void)
{
	free(wg_realloc(NULL, 2, huge));
}

/* Cut to a size_t, the product would be eight bytes. */
static void realloc_overflow(void)
{
	free(wg_realloc(NULL, huge / 2 + 3, 4));
}

/* What a child prints to standard error; it must end with status 1. */
static void output_of(void (*run)(void), char *text, size_t size)
{
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(fds[1], STDERR_FILENO);
		run();
		_exit(0);
	}
	close(fds[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	n = read(fds[0], text, size - 1);
	close(fds[0]);
	assert_true(n >= 0);
	text[n] = '\0';
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void no_memory_is_one_line_and_status_1(void **state)
{
	static void (*const runs[])(void) = {wg_alloc_failed, alloc_too_much, realloc_too_much,
					     realloc_overflow};

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		char text[8192], *line;

		output_of(runs[i], text, sizeof(text));
		/* AddressSanitizer has its say before it. */
		line = strstr(text, "out of memory\n");
		assert_non_null(line);
		assert_string_equal(line, "out of memory\n");
	}
}

static void alloc_zeroes(void **state)
{
	(void)state;
	/* The heap gives a freed block out again. */
	for (int i = 0; i < 4; i++) {
		unsigned char *p = wg_alloc(200);

		for (size_t at = 0; at < 200; at++)
			assert_int_equal(p[at], 0);
		memset(p, 0xaa, 200);
		free(p);
	}
}

static void realloc_keeps(void **state)
{
	int *p = wg_realloc(NULL, 2, sizeof(*p));

	(void)state;
	p[0] = 7;
	p[1] = 8;
	p = wg_realloc(p, 1000, sizeof(*p));
	assert_int_equal(p[0], 7);
	assert_int_equal(p[1], 8);
	p[999] = 9;
	free(p);
}

static void strings(void **state)
{
	char *cut = wg_strndup("abcdef", 3), *whole = wg_strndup("abc", 9);
	char *made = wg_format("%s-%d", "wg", 42);

	(void)state;
	assert_string_equal(cut, "abc");
	assert_string_equal(whole, "abc");
	assert_string_equal(made, "wg-42");
	free(cut);
	free(whole);
	free(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_memory_is_one_line_and_status_1),
		cmocka_unit_test(alloc_zeroes),
		cmocka_unit_test(realloc_keeps),
		cmocka_unit_test(strings),
	};

	return cmocka_run_group_tests_name("lib/alloc", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Colours: what the environment and the descriptor say about them. */
#include "../../../src/wg/terminal.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../src/lib/base/cleanup.h"

static const struct {
	const char *mode, *no_color;
	bool on_terminal, on_file;
} cases[] = {
	{NULL, NULL, true, false},   {"auto", NULL, true, false},   {"", NULL, true, false},
	{"always", NULL, true, true}, {"never", NULL, false, false}, {NULL, "1", false, false},
	{NULL, "", true, false},     {"always", "1", true, true},   {"auto", "1", false, false},
};

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void every_combination(void **state)
{
	cleanup(close_fd) int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	cleanup(close_fd) int file = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(isatty(terminal));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set("WG_COLOR_MODE", cases[i].mode);
		set("NO_COLOR", cases[i].no_color);
		assert_int_equal(terminal_has_colour(terminal), cases[i].on_terminal);
		assert_int_equal(terminal_has_colour(file), cases[i].on_file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_combination),
	};

	return cmocka_run_group_tests_name("wg/terminal", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* What reaches the sink, and that there need not be one. */
#include "../../../../src/lib/base/log.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct heard {
	int lines;
	enum wg_log_level level;
	char text[600];
};

static void hear(void *ctx, enum wg_log_level level, const char *text)
{
	struct heard *h = ctx;

	h->lines++;
	h->level = level;
	snprintf(h->text, sizeof(h->text), "%s", text);
}

static void the_sink_hears_one_line(void **state)
{
	struct heard h = {0};
	const struct wg_log log = {hear, &h};

	(void)state;
	wg_log_say(&log, WG_LOG_PROGRESS, "%s %d", "waiting", 3);
	assert_int_equal(h.lines, 1);
	assert_int_equal(h.level, WG_LOG_PROGRESS);
	assert_string_equal(h.text, "waiting 3");
	wg_log_say(&log, WG_LOG_WARNING, "100%%");
	assert_int_equal(h.level, WG_LOG_WARNING);
	assert_string_equal(h.text, "100%");
}

static void a_long_line_is_cut(void **state)
{
	struct heard h = {0};
	const struct wg_log log = {hear, &h};
	static char huge[4000];

	(void)state;
	memset(huge, 'x', sizeof(huge) - 1);
	wg_log_say(&log, WG_LOG_WARNING, "%s", huge);
	assert_int_equal(strlen(h.text), 511);
}

static void nobody_need_listen(void **state)
{
	const struct wg_log silent = {NULL, NULL};

	(void)state;
	wg_log_say(NULL, WG_LOG_WARNING, "x");
	wg_log_say(&silent, WG_LOG_WARNING, "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sink_hears_one_line),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(nobody_need_listen),
	};

	return cmocka_run_group_tests_name("lib/log", tests, NULL, NULL);
}

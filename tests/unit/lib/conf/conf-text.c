// SPDX-License-Identifier: GPL-2.0
/* Characters that editors do not show: found, named, and no others. */
#include "../../../../src/lib/conf/conf-text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static void odd_characters(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		unsigned int reason; /* 0: none is odd */
		size_t at;
	} cases[] = {
		{"plain \t\v\f\r\n text", 16, 0, 0},
		{"\xc3\xa4\xe4\xb8\xad\xf0\x9f\x98\x80", 9, 0, 0},
		/* Not UTF-8: Latin-1, cut, overlong, surrogates and beyond are no business of ours. */
		{"\xe4 \xa0\xe2\x80", 5, 0, 0},
		{"\xc0\x80 \xf5\x80\x80\x80", 7, 0, 0},
		{"a\0b", 3, WG_CODE_NUL_BYTE, 1},
		{"a\x1b[m", 4, WG_CODE_CONTROL, 1},
		{"a\x7f", 2, WG_CODE_CONTROL, 1},
		{"ab\xc2\xa0", 4, WG_CODE_INVISIBLE, 2},
		{"\xc2\xad", 2, WG_CODE_INVISIBLE, 0},
		{"\xe2\x80\x8b", 3, WG_CODE_INVISIBLE, 0},
		{"\xe2\x80\xae", 3, WG_CODE_INVISIBLE, 0},
		{"\xe3\x80\x80", 3, WG_CODE_INVISIBLE, 0},
		{"\xef\xbb\xbf", 3, WG_CODE_INVISIBLE, 0},
		{"\xf3\xa0\x80\xa0", 4, WG_CODE_INVISIBLE, 0},
		{"\xe2\x80\x99", 3, WG_CODE_LOOKALIKE, 0},
		{"\xe2\x88\x92", 3, WG_CODE_LOOKALIKE, 0},
		{"\xef\xbc\x9d", 3, WG_CODE_LOOKALIKE, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct wg_error err = {0};
		size_t at = 99;
		int ret = wg_conf_check_text(cases[i].text, cases[i].len, &at, &err);

		if (ret != (cases[i].reason ? -1 : 0) || err.reason != cases[i].reason ||
		    (ret && at != cases[i].at))
			fail_msg("case %zu: %d at %zu: %s", i, ret, at, err.text);
	}
}

static void every_code_has_a_row(void **state)
{
	(void)state;
	for (enum wg_conf_code i = WG_CODE_NONE + 1; i < WG_CODES; i++) {
		assert_non_null(wg_conf_code(i)->fix);
		for (const char *c = wg_conf_code(i)->code; *c; c++)
			assert_true((*c >= 'a' && *c <= 'z') || *c == '-' ||
				    (*c >= '0' && *c <= '9'));
		for (enum wg_conf_code k = i + 1; k < WG_CODES; k++)
			assert_string_not_equal(wg_conf_code(i)->code, wg_conf_code(k)->code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_characters),
		cmocka_unit_test(every_code_has_a_row),
	};

	return cmocka_run_group_tests_name("lib/conf-text", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/lib/base/printable.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void control_characters_are_replaced(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{"", ""},
		{"wg0", "wg0"},
		{"a\nb\tc", "a?b?c"},
		{"\033[2J", "?[2J"},
		{"\x7f", "?"},
		{"gr\xc3\xbc\xc3\x9f" "e", "gr\xc3\xbc\xc3\x9f" "e"},
		{"\xe2\x82\xac \xf0\x9f\x94\x91", "\xe2\x82\xac \xf0\x9f\x94\x91"},
		/* U+009B is a control sequence's beginning, as a character and as a byte. */
		{"\xc2\x9b" "2J", "?2J"},
		{"\x9b" "2J", "?2J"},
		{"\xc2\xa0", "\xc2\xa0"},
		{"\xe2\x82", "??"},
		{"\xff" "a", "?a"},
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(wg_printable(out, sizeof(out), cases[i].text), cases[i].shown);
}

static void a_character_is_not_cut(void **state)
{
	static const char *const shown[] = {"", "a", "a", "a\xc3\xbc", "a\xc3\xbc", "a\xc3\xbc", "a\xc3\xbc\xe2\x82\xac"};
	char out[8];

	(void)state;
	for (size_t room = 0; room < sizeof(shown) / sizeof(*shown); room++)
		assert_string_equal(wg_printable(out, room + 1, "a\xc3\xbc\xe2\x82\xac"), shown[room]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_characters_are_replaced),
		cmocka_unit_test(a_character_is_not_cut),
	};

	return cmocka_run_group_tests_name("lib/base/printable", tests, NULL, NULL);
}

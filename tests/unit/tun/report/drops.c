// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/report/drops.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void only_what_is_new_is_told(void **state)
{
	struct drops d = {0};
	char text[DROPS_TEXT];

	(void)state;
	assert_false(drops_describe(&d, text, sizeof(text)));
	drops_count(&d, DROP_NO_PEER, 3);
	drops_count(&d, DROP_NOT_SENT, 0);
	drops_count(&d, DROP_NO_SESSION, 2);
	drops_count(&d, DROP_NO_PEER, 1);
	assert_true(drops_describe(&d, text, sizeof(text)));
	assert_string_equal(text, "4 to an address that no peer has, 2 of no session");
	assert_false(drops_describe(&d, text, sizeof(text)));
	drops_count(&d, DROP_NO_SESSION, 5);
	assert_true(drops_describe(&d, text, sizeof(text)));
	assert_string_equal(text, "5 of no session");
}

static void all_reasons_have_words_and_room(void **state)
{
	struct drops d = {0};
	char text[DROPS_TEXT];

	(void)state;
	for (int i = 0; i < DROP_REASONS; i++)
		drops_count(&d, (enum drop)i, 1000000);
	assert_true(drops_describe(&d, text, sizeof(text)));
	assert_true(strlen(text) < sizeof(text) - 1);
	for (int i = 0; i < DROP_REASONS; i++) {
		const char *name = drops_name((enum drop)i);

		assert_int_equal(drops_get(&d, (enum drop)i), 1000000);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(name, drops_name((enum drop)j));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_new_is_told),
		cmocka_unit_test(all_reasons_have_words_and_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

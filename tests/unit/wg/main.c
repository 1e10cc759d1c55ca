// SPDX-License-Identifier: GPL-2.0
/* The table of verbs, which is static: the file is a part of this one, with its main() renamed. */
#include "../lib/command/table.h"

int program_main(int argc, char **argv);
#define main program_main
#include "../../../src/wg/main.c"
#undef main

static void the_table_is_sound(void **state)
{
	(void)state;
	table_check(&wg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sound),
	};

	return cmocka_run_group_tests_name("wg/main", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* The texts of --help. */
#include "../../../../src/lib/command/usage.h"
#include "sample.h"

static char text[2048];

static const char *usage_of(const struct wg_command *c)
{
	FILE *f = fmemopen(text, sizeof(text), "w");

	wg_usage_print(c, "car", f);
	fclose(f);
	return text;
}

static const char *usage_of_verb(size_t row)
{
	FILE *f = fmemopen(text, sizeof(text), "w");

	wg_usage_verb("car", &sample_verbs[row], f);
	fclose(f);
	return text;
}

static void verbs_with_their_operands(void **state)
{
	(void)state;
	assert_string_equal(usage_of(&sample),
		"Usage: car drive [--fast | --slow] [--load TONS] [--lights] PLACE | MAP [VIA]  Goes there\n"
		"       car honk                                                                Makes a noise\n"
		"       car tow   CAR WORD...                                                   Tows a car\n"
		"\nThat is all.\n");
}

static void verbs_as_wireguard_tools_lists_them(void **state)
{
	struct wg_command bare = sample;

	(void)state;
	bare.usage_has_operands = false;
	assert_string_equal(usage_of(&bare),
		"Usage: car <cmd> [<args>]\n\nAvailable subcommands:\n"
		"  drive: Goes there\n  honk: Makes a noise\n  tow: Tows a car\n\nThat is all.\n");
}

static void a_verb_with_its_options(void **state)
{
	(void)state;
	assert_string_equal(usage_of_verb(0),
		"Usage: car drive [--fast | --slow] [--load TONS] [--lights] PLACE | MAP [VIA]\n"
		"\nGoes there.\n\n"
		"  --fast       goes without a break\n"
		"  --slow       takes its time\n"
		"  --load TONS  carries so much\n"
		"  --lights     can be seen\n"
		"\nBy road.\n");
	assert_string_equal(usage_of_verb(1), "Usage: car honk\n\nMakes a noise.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verbs_with_their_operands),
		cmocka_unit_test(verbs_as_wireguard_tools_lists_them),
		cmocka_unit_test(a_verb_with_its_options),
	};

	return cmocka_run_group_tests_name("lib/command/usage", tests, NULL, NULL);
}

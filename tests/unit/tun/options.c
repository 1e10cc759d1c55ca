// SPDX-License-Identifier: GPL-2.0
#include "../../../src/tun/options.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct wg_error err;

#define KEY "wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s="
#define HIDDEN "(hidden, as it may be a key)"

static int parse(struct options *o, const char *a, const char *b, const char *c)
{
	char program[] = "wg-tun", words[3][128];
	char *argv[5] = {program};
	const char *const given[] = {a, b, c};
	int argc = 1;

	for (int i = 0; i < 3 && given[i]; i++) {
		strcpy(words[i], given[i]);
		argv[argc++] = words[i];
	}
	return options_parse(o, argc, argv, &err);
}

static void names_and_options(void **state)
{
	struct options o;

	(void)state;
	unsetenv("LOG_LEVEL");
	unsetenv("WG_PROCESS_FOREGROUND");
	unsetenv("WG_TUN_OFFLOAD");
	assert_int_equal(parse(&o, "wg0", NULL, NULL), 0);
	assert_false(o.foreground || o.logs);
	assert_null(o.user);
	assert_int_equal(o.workers, 0);
	assert_int_equal(parse(&o, "-f", "--workers=3", "wg0"), 0);
	assert_true(o.foreground);
	assert_int_equal(o.workers, 3);
	assert_int_equal(parse(&o, "wg0", "--user", "daemon"), 0);
	assert_int_equal(o.offload.wanted, OFFLOAD_ON);
	assert_false(o.offload.keep);
	assert_int_equal(parse(&o, "--offload=tun-gro", "wg0", NULL), 0);
	assert_int_equal(o.offload.wanted, OFFLOAD_TUN_GRO);
	assert_int_equal(parse(&o, "-o", "every", "wg0"), -1);
	assert_int_equal(parse(&o, "--help", NULL, NULL), 0);
	assert_int_equal(o.what, OPTIONS_HELP);
	assert_int_equal(parse(&o, "-v", NULL, NULL), 0);
	assert_int_equal(o.what, OPTIONS_VERSION);
}

static void the_environment_of_others(void **state)
{
	struct options o;

	(void)state;
	setenv("LOG_LEVEL", "debug", 1);
	setenv("WG_PROCESS_FOREGROUND", "1", 1);
	assert_int_equal(parse(&o, "wg0", NULL, NULL), 0);
	assert_true(o.foreground);
	assert_false(o.logs);
	assert_int_equal(o.level, LOGGER_VERBOSE);
	assert_int_equal(parse(&o, "-l", "silent", "wg0"), 0);
	assert_true(o.foreground && o.logs);
	assert_int_equal(o.level, LOGGER_SILENT);
	unsetenv("LOG_LEVEL");
	unsetenv("WG_PROCESS_FOREGROUND");
	setenv("WG_TUN_OFFLOAD", "off", 1);
	assert_int_equal(parse(&o, "wg0", NULL, NULL), 0);
	assert_int_equal(o.offload.wanted, 0);
	assert_int_equal(parse(&o, "--offload=on", "wg0", NULL), 0);
	assert_int_equal(o.offload.wanted, OFFLOAD_ON);
	setenv("WG_TUN_OFFLOAD", "tun", 1);
	assert_int_equal(parse(&o, "wg0", NULL, NULL), -1);
	unsetenv("WG_TUN_OFFLOAD");
}

/* Many programs read LOG_LEVEL: what it says to them must not keep a tunnel from starting. */
static void levels_of_other_programs(void **state)
{
	static const struct {
		const char *name;
		enum logger_level level;
		bool unknown;
	} cases[] = {
		{"off", LOGGER_SILENT, false},	   {"warn", LOGGER_ERROR, false},
		{"INFO", LOGGER_ERROR, false},	   {"notice", LOGGER_ERROR, false},
		{"Debug", LOGGER_VERBOSE, false}, {"trace", LOGGER_VERBOSE, false},
		{"", LOGGER_ERROR, false},	   {"loud", LOGGER_ERROR, true},
		{"7", LOGGER_ERROR, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct options o;

		setenv("LOG_LEVEL", cases[i].name, 1);
		assert_int_equal(parse(&o, "wg0", NULL, NULL), 0);
		assert_int_equal(o.level, cases[i].level);
		assert_int_equal(o.unknown_level != NULL, cases[i].unknown);
		assert_false(o.logs);
		assert_int_equal(parse(&o, "wg0", "-l", "verbose"), 0);
		assert_int_equal(o.level, LOGGER_VERBOSE);
		assert_null(o.unknown_level);
	}
	unsetenv("LOG_LEVEL");
}

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *a, *b, *says;
	} cases[] = {
		{NULL, NULL, "expected the name"},
		{"wg0", "wg1", "expected the name"},
		{"", NULL, "is not a valid interface name"},
		{"..", NULL, "is not a valid interface name"},
		{"a/b", NULL, "is not a valid interface name"},
		{"a b", NULL, "is not a valid interface name"},
		{"wg%d", NULL, "is not a valid interface name"},
		{"a234567890123456", NULL, "more than 15 characters"},
		{"--nonsense", "wg0", "unknown option `--nonsense': see wg-tun --help"},
		{"--wrokers=3", "wg0", "unknown option `--wrokers=3': did you mean `--workers'?"},
		{"-fzl", "wg0", "unknown option `-z': see wg-tun --help"},
		{"--foreground=yes", "wg0", "--foreground takes no value"},
		{"wg0", "-w", "--workers needs a value: expected --workers=NUMBER"},
		{"wg0", "--user", "needs a value"},
		{"--workers=0", "wg0", "from 1 to"},
		{"--workers=1x", "wg0", "from 1 to"},
		{"--log-level=x", "wg0", "expected silent"},
		{KEY, NULL, HIDDEN " is not a valid interface name"},
		{"--private-key=" KEY, "wg0", "unknown option `--private-key': see wg-tun --help"},
		{"--" KEY, "wg0", "unknown option " HIDDEN ": see wg-tun --help"},
		{"--" KEY "=x", "wg0", "unknown option " HIDDEN ": see wg-tun --help"},
		{"--workers=" KEY, "wg0", "--workers " HIDDEN ": expected"},
		{"--log-level=" KEY, "wg0", "--log-level " HIDDEN ": expected"},
		{"--offload=" KEY, "wg0", "not " HIDDEN},
		{"-\033", "wg0", "unknown option `-?': see wg-tun --help"},
		{"-\xc3\xbc", "wg0", "unknown option `-?': see wg-tun --help"},
		{"a\033[2J", NULL, "`a?[2J' is not a valid interface name"},
		{"--x\n", "wg0", "unknown option `--x?': see wg-tun --help"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct options o;

		assert_int_equal(parse(&o, cases[i].a, cases[i].b, NULL), -1);
		assert_non_null(strstr(err.text, cases[i].says));
		assert_null(strstr(err.text, "wPjz"));
	}
}

static void the_longest_name_is_good(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, "a23456789012345", NULL, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_options),
		cmocka_unit_test(the_environment_of_others),
		cmocka_unit_test(levels_of_other_programs),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(the_longest_name_is_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

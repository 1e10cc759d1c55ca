// SPDX-License-Identifier: GPL-2.0
/* How a line of a file is quoted: where the caret stands, and what is never shown. */
#include "../../../../src/lib/conf/conf-quote.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#define KEY "wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s="

static const struct {
	const char *line;
	size_t at;
	bool masked;
	const char *says;
} cases[] = {
	{"MTU = x # why", 6, false, "f:7:7: bad\n    MTU = x\n          ^"},
	{"\tMTU=x", 5, false, "f:7:6: bad\n     MTU=x\n         ^"},
	{"", 0, false, "f:7:1: bad\n    \n    ^"},
	/* The caret counts characters, the column bytes. */
	{"\xc3\xa4=\xc3\xa4 x", 6, false, "f:7:7: bad\n    \xc3\xa4=\xc3\xa4 x\n        ^"},
	{"a\x1b[1m=\x7f", 0, false, "f:7:1: bad\n    a?[1m=?\n    ^"},
	/* Secrets: by the caller's word, by the key's name, by their length. */
	{"PostUp = secret", 12, true, "f:7:13: bad\n    PostUp = (hidden)\n             ^"},
	{"privateKEY =\tshort", 14, false, "f:7:15: bad\n    privateKEY = (hidden)\n                 ^"},
	{"Pre shared Key=short", 0, false, "f:7:1: bad\n    Pre shared Key=(hidden)\n    ^"},
	{"PublicKey=" KEY, 10, false, "f:7:11: bad\n    PublicKey=" KEY "\n              ^"},
	{"PublicKeys=short", 0, false, "f:7:1: bad\n    PublicKeys=(hidden)\n    ^"},
	{"MTU=" KEY, 4, false, "f:7:5: bad\n    MTU=(hidden)\n        ^"},
	{"MTU=wPjzmypuP1MK6lxo5XKejn EqyGPUAwpnlCW8JmWL20s", 0, false,
	 "f:7:1: bad\n    MTU=(hidden)\n    ^"},
	{KEY, 9, false, "f:7:10: bad\n    (hidden)\n    ^"},
	{"PrivateKey " KEY, 0, false, "f:7:1: bad\n    (hidden)\n    ^"},
};

static void lines_are_quoted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wg_error err;

		wg_error_set(&err, "bad");
		assert_int_equal(wg_conf_error_at(&err, "f", 7, cases[i].line,
						  strlen(cases[i].line), cases[i].at,
						  cases[i].masked),
				 -1);
		assert_string_equal(err.text, cases[i].says);
	}
}

/* A name too long to be one: there may be anything in it. */
static void long_names_are_hidden(void **state)
{
	char line[400];
	struct wg_error err;

	(void)state;
	memset(line, '.', sizeof(line));
	wg_error_set(&err, "bad");
	wg_conf_error_at(&err, "f", 7, line, sizeof(line), 300, false);
	assert_string_equal(err.text, "f:7:301: bad\n    (hidden)\n    ^");
}

/* The window moves with the caret, and says where it cut. */
static void long_lines_are_cut(void **state)
{
	char line[400];
	struct wg_error err;
	const char *shown, *caret;

	(void)state;
	memset(line, '.', sizeof(line));
	memcpy(line, "MTU=", 4);
	line[300] = 'X';
	wg_error_set(&err, "bad");
	wg_conf_error_at(&err, "f", 7, line, sizeof(line), 300, false);
	assert_memory_equal(err.text, "f:7:301: bad\n    ...", 20);
	shown = strchr(err.text, '\n') + 1;
	caret = strchr(shown, '\n') + 1;
	assert_int_equal(caret[-2], '.');
	assert_int_equal(shown[strlen(caret) - 1], 'X');
	wg_error_set(&err, "bad");
	wg_conf_error_at(&err, "f", 7, line, sizeof(line), 0, false);
	assert_memory_equal(err.text, "f:7:1: bad\n    MTU=...", 22);
	assert_non_null(strstr(err.text, "....\n    ^"));
	assert_true(strlen(err.text) < 160);
}

/* A path of plain words may have as many base64 characters as a key, but is hardly a valid one. */
static void paths_are_shown_and_keys_are_not(void **state)
{
	static const char key[] = "wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=";
	static const char odd_key[] = "/PjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=";
	static const char path[] = "/home/someone/configurations/wireguard/tunnels/office";
	char out[128];

	(void)state;
	assert_true(wg_conf_path_may_be_key(key));
	assert_true(wg_conf_path_may_be_key(odd_key));
	assert_false(wg_conf_path_may_be_key(path));
	assert_string_equal(wg_conf_show_path(out, sizeof(out), key), WG_CONF_HIDDEN);
	assert_string_equal(wg_conf_show_path(out, sizeof(out), path), path);
	assert_string_equal(wg_conf_show_path(out, sizeof(out), "/a\nb"), "/a?b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_shown_and_keys_are_not),
		cmocka_unit_test(lines_are_quoted),
		cmocka_unit_test(long_names_are_hidden),
		cmocka_unit_test(long_lines_are_cut),
	};

	return cmocka_run_group_tests_name("lib/conf-quote", tests, NULL, NULL);
}

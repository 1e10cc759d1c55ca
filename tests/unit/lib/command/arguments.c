// SPDX-License-Identifier: GPL-2.0
/* What the words after a verb mean, and what is said of those that mean nothing. */
#include "sample.h"

static struct wg_call call;
static struct wg_error err;

static int read_line(const char *line)
{
	static char *argv[16];
	struct wg_call *used = &call;
	int argc = sample_words(line, argv);

	wg_arguments_wipe(&used);
	call = (struct wg_call){.program = "car", .verb = wg_command_find(&sample, argv[0])};
	err = (struct wg_error){0};
	return wg_arguments_read(&call, &sample, argc, argv, &err);
}

static int release(void **state)
{
	struct wg_call *used = &call;

	(void)state;
	wg_arguments_wipe(&used);
	return 0;
}

static void options_stand_anywhere(void **state)
{
	static const char *const lines[] = {"drive --fast --load 3 home work", "drive home --load=3 --fast work",
					    "drive home work --fast --fast --load 3"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(read_line(lines[i]), 0);
		assert_int_equal(call.argc, 2);
		assert_string_equal(call.argv[0], "home");
		assert_string_equal(call.argv[1], "work");
		assert_null(call.argv[2]);
		assert_string_equal(call.words[0], "drive");
		assert_true(wg_call_has(&call, "--fast"));
		assert_false(wg_call_has(&call, "--slow"));
		assert_true(wg_call_has(&call, "--load"));
		assert_string_equal(call.value[2], "3");
	}
}

static void what_looks_like_an_option_may_be_an_operand(void **state)
{
	(void)state;
	assert_int_equal(read_line("drive -x -"), 0);
	assert_int_equal(call.argc, 2);
	assert_int_equal(read_line("tow car -1 --fast --help"), 0);
	assert_int_equal(call.argc, 4);
	assert_false(call.help);
}

static void help_needs_nothing_else(void **state)
{
	static const char *const lines[] = {"drive --help", "drive -h", "drive a b c --help", "honk x -h",
					    "tow help", "tow --help"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(read_line(lines[i]), 0);
		assert_true(call.help);
	}
	assert_int_equal(read_line("drive help"), 0);
	assert_false(call.help);
}

static void a_wrong_word_gets_a_sentence(void **state)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{"drive", "missing argument: expected PLACE or MAP after `drive'"},
		{"drive --fast", "missing argument: expected PLACE or MAP after `--fast'"},
		{"tow", "missing argument: expected CAR after `tow'"},
		{"drive a b c d", "invalid argument: `c': expected nothing after `b'"},
		{"honk x", "invalid argument: `x': honk takes none: it makes a noise"},
		{"honk " SAMPLE_KEY,
		 "invalid argument: (hidden, as it may be a key): honk takes none: it makes a noise"},
		{"drive a b " SAMPLE_KEY,
		 "invalid argument: (hidden, as it may be a key): expected nothing after `b'"},
		{"drive --fsat a", "drive has no option `--fsat': did you mean `--fast'?"},
		{"drive --hlep", "drive has no option `--hlep': did you mean `--help'?"},
		{"drive --colour a", "drive has no option `--colour': expected --fast, --slow, --load, --lights or --help"},
		{"honk --colour", "honk has no option `--colour': expected --help"},
		{"tow --colour", "tow has no option `--colour': expected --help"},
		{"drive -- a", "drive has no option `--': expected --fast, --slow, --load, --lights or --help"},
		{"drive --fast a --slow", "drive takes --fast or --slow, not both"},
		{"drive --slow --fast a", "drive takes --fast or --slow, not both"},
		{"drive a --load", "--load needs a value: expected TONS after it"},
		{"drive --lights=1 a", "--lights takes no value: expected no = after it"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(read_line(cases[i].line), -1);
		assert_string_equal(err.text, cases[i].says);
	}
}

/* Where a program's errors have no prefix, a sentence begins with a capital. */
static void without_a_prefix(void **state)
{
	struct wg_command bare = sample;
	struct wg_call *used = &call;
	char *argv[16];
	int argc = sample_words("drive", argv);

	(void)state;
	wg_arguments_wipe(&used);
	bare.prefix = "";
	bare.is_operand = NULL;
	call = (struct wg_call){.verb = sample_verbs};
	assert_int_equal(wg_arguments_read(&call, &bare, argc, argv, &err), -1);
	assert_string_equal(err.text, "Missing argument: expected PLACE or MAP after `drive'");
	argc = sample_words("drive -x", argv);
	wg_arguments_wipe(&used);
	call = (struct wg_call){.verb = sample_verbs};
	assert_int_equal(wg_arguments_read(&call, &bare, argc, argv, &err), -1);
}

/* Without is_operand, a verb that has no options takes words with a dash while it takes operands. */
static void a_verb_without_options(void **state)
{
	static const struct wg_verb verb = {.name = "tow", .operands = {"CAR", "MAP"}, .least = 2, .most = 2,
					    .summary = "Tows a car"};
	struct wg_command bare = sample;
	struct wg_call *used = &call;
	char *argv[16];

	(void)state;
	bare.is_operand = NULL;
	bare.lone_help = true;
	for (int i = 0; i < 4; i++) {
		static const char *const lines[] = {"tow car -x.map", "tow --fast -h", "tow -h --help", "tow car --hlep"};
		int argc = sample_words(lines[i], argv);

		wg_arguments_wipe(&used);
		call = (struct wg_call){.verb = &verb};
		assert_int_equal(wg_arguments_read(&call, &bare, argc, argv, &err), 0);
		assert_int_equal(call.argc, 2);
		assert_false(call.help);
	}
	wg_arguments_wipe(&used);
	call = (struct wg_call){.verb = &verb};
	assert_int_equal(wg_arguments_read(&call, &bare, sample_words("tow car map --hlep", argv), argv, &err), -1);
	assert_string_equal(err.text, "tow has no option `--hlep': did you mean `--help'?");
	wg_arguments_wipe(&used);
	call = (struct wg_call){.verb = &verb};
	assert_int_equal(wg_arguments_read(&call, &bare, sample_words("tow -h", argv), argv, &err), 0);
	assert_true(call.help);
}

static void a_word_is_cut_and_a_key_is_not_shown(void **state)
{
	char text[WG_ARGUMENTS_QUOTED];

	(void)state;
	wg_arguments_quote(text, "word");
	assert_string_equal(text, "`word'");
	wg_arguments_quote(text, SAMPLE_KEY);
	assert_null(strstr(text, "wPjz"));
	wg_arguments_quote(text, "/a/path/of/words.and.dots/that.is.longer.than/anything.that.is.useful/in.a.sentence/of.ours");
	assert_int_equal(strlen(text), 66);
	wg_arguments_quote(text, "a\033]0;b\n");
	assert_string_equal(text, "`a?]0;b?'");
	wg_arguments_quote(text, "---------------------------------------------------------------\xc3\xbc");
	assert_string_equal(text, "`---------------------------------------------------------------'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(options_stand_anywhere, release),
		cmocka_unit_test_teardown(what_looks_like_an_option_may_be_an_operand, release),
		cmocka_unit_test_teardown(help_needs_nothing_else, release),
		cmocka_unit_test_teardown(a_wrong_word_gets_a_sentence, release),
		cmocka_unit_test_teardown(without_a_prefix, release),
		cmocka_unit_test_teardown(a_verb_without_options, release),
		cmocka_unit_test(a_word_is_cut_and_a_key_is_not_shown),
	};

	return cmocka_run_group_tests_name("lib/command/arguments", tests, NULL, NULL);
}

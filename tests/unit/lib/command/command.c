// SPDX-License-Identifier: GPL-2.0
/* The main loop and completion: exit status, standard output and standard error of a line. */
#include "sample.h"
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char out[2048], err_text[2048];

static void read_back(FILE *f, char *text, size_t size)
{
	rewind(f);
	text[fread(text, 1, size - 1, f)] = '\0';
	fclose(f);
}

/* Runs the line in a child, and returns its exit status. */
static int run_line(const struct wg_command *c, const char *line)
{
	FILE *o = tmpfile(), *e = tmpfile();
	char *argv[16];
	int argc = sample_words(line, argv), status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(fileno(o), STDOUT_FILENO);
		dup2(fileno(e), STDERR_FILENO);
		status = wg_command_main(c, argc, argv);
		fflush(NULL);
		_exit(status);
	}
	waitpid(pid, &status, 0);
	read_back(o, out, sizeof(out));
	read_back(e, err_text, sizeof(err_text));
	return WEXITSTATUS(status);
}

static void expect(const char *line, int status, const char *on_out, const char *on_err)
{
	assert_int_equal(run_line(&sample, line), status);
	assert_string_equal(out, on_out);
	assert_string_equal(err_text, on_err);
}

static void a_verb_runs(void **state)
{
	(void)state;
	expect("car honk", 0, "car ran as honk\n", "");
	expect("car drive ditch", 7, "", "car: the ditch is deep\n");
	expect("car drive", 1, "", "car: missing argument: expected PLACE or MAP after `drive'\n");
}

static void a_wrong_verb_gets_a_sentence(void **state)
{
	(void)state;
	expect("car hnok", 1, "", "car: unknown verb `hnok': did you mean `honk'?\n");
	expect("car home drive", 1, "", "car: unknown verb `home': did you mean `car drive home'?\n");
	expect("car fly", 1, "", "car: unknown verb `fly': expected drive, honk, tow, or --help\n");
	expect("car -v x", 1, "",
	       "car: unknown verb `-v': expected drive, honk, tow, or --help or --version alone\n");
	expect("car " SAMPLE_KEY, 1, "",
	       "car: unknown verb (hidden, as it may be a key): expected drive, honk, tow, or --help\n");
}

/* The suggestion for swapped words repeats the first one, which must not be a key or control the terminal. */
static void swapped_words_show_no_key(void **state)
{
	char line[128];

	(void)state;
	for (const struct wg_verb *v = sample_verbs; v->name; v++) {
		snprintf(line, sizeof(line), "car %s %s", SAMPLE_KEY, v->name);
		expect(line, 1, "",
		       "car: unknown verb (hidden, as it may be a key): expected drive, honk, tow, or --help\n");
	}
	expect("car a\033[2J honk", 1, "", "car: unknown verb `a?[2J': did you mean `car honk a?[2J'?\n");
}

static void help_and_version(void **state)
{
	static const char *const help[] = {"car help", "car -h", "car --help"};
	static const char *const version[] = {"car version", "car -v", "car --version"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(run_line(&sample, help[i]), 0);
		assert_non_null(strstr(out, "That is all."));
		assert_string_equal(err_text, "");
		assert_int_equal(run_line(&sample, version[i]), 0);
		assert_int_equal(strncmp(out, "wirekit v", 9), 0);
	}
	assert_int_equal(run_line(&sample, "car"), 1);
	assert_string_equal(out, "");
	assert_non_null(strstr(err_text, "That is all."));
	assert_int_equal(run_line(&sample, "car drive --help --nonsense"), 1);
	assert_int_equal(run_line(&sample, "car drive home --help"), 0);
	assert_int_equal(strncmp(out, "Usage: car drive [--fast", 24), 0);
}

static void traditions(void **state)
{
	struct wg_command other = sample;

	(void)state;
	other.as_called = true;
	other.default_verb = "honk";
	assert_int_equal(run_line(&other, "./van"), 0);
	assert_string_equal(out, "./van ran as honk\n");
	other.lone_help = true;
	assert_int_equal(run_line(&other, "car drive -h"), 0);
	assert_int_equal(strncmp(out, "Usage: car drive", 16), 0);
	assert_int_equal(run_line(&other, "car drive home --help"), 1);
	assert_string_equal(out, "");
}

#define VERBS  "drive\tGoes there\nhonk\tMakes a noise\ntow\tTows a car\nhelp\tPrints the verbs\nversion\tPrints the version\n"
#define FAST   "--fast\tgoes without a break\n"
#define SLOW   "--slow\ttakes its time\n"
#define LOAD   "--load\tcarries so much\n"
#define LIGHTS "--lights\tcan be seen\n"

static void words_are_offered(void **state)
{
	static const struct {
		const char *line, *offers;
	} cases[] = {
		{"car __complete 1 car x", VERBS},
		{"car __complete 1 car -x", VERBS "--help\tPrints the verbs\n--version\tPrints the version\n"},
		{"car __complete 2 car drive x", "home\n"},
		{"car __complete 2 car drive -", FAST SLOW LOAD LIGHTS "home\n--help\tPrints the usage of the verb\n"},
		{"car __complete 3 car drive --fast --", LOAD LIGHTS "home\n"},
		{"car __complete 3 car drive --load x", ""},
		{"car __complete 4 car drive --load 3 --", FAST SLOW LIGHTS "home\n"},
		{"car __complete 3 car drive home -", FAST SLOW LOAD LIGHTS},
		{"car __complete 3 car tow car x", ""},
		{"car __complete 2 car fly x", ""},
		{"car __complete 9 car honk", ""},
		{"car __complete x car honk", ""},
		{"car __complete", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		expect(cases[i].line, 0, cases[i].offers, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verb_runs),
		cmocka_unit_test(a_wrong_verb_gets_a_sentence),
		cmocka_unit_test(swapped_words_show_no_key),
		cmocka_unit_test(help_and_version),
		cmocka_unit_test(traditions),
		cmocka_unit_test(words_are_offered),
	};

	return cmocka_run_group_tests_name("lib/command/command", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* The command `wg`: finds the verb, runs it, prints the one sentence that says what went wrong.
 * Exit status 0, or 1 for every failure. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../lib/base/error.h"
#include "../lib/command/stdfd.h"
#include "../lib/base/suggest.h"
#include "../version.h"
#include "complete.h"
#include "verb.h"

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
	return !strcmp(word, a) || !strcmp(word, b) || !strcmp(word, c);
}

/* Standard output is complete only once it is flushed: a full disk shows up here. */
static int finish_stdout(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	perror("Unable to write to standard output");
	return 1;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct wg_error err = {0};
	int status;

	/* Of the arguments only a lone "help" can also be an interface's name. */
	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
			  (verb->run == verb_show && !strcmp(argv[1], "help")))) {
		verb_usage(verb, true, stdout);
		return finish_stdout();
	}
	status = verb->run(verb, argc, argv, &err);
	if (status == VERB_USAGE) {
		if (err.text[0])
			fprintf(stderr, "%s\n", err.text);
		verb_usage(verb, false, stderr);
		return 1;
	}
	if (status && err.text[0])
		fprintf(stderr, "%s\n", err.text);
	return status ? 1 : finish_stdout();
}

/* One sentence: the word that was probably meant, or all that there are. */
static void unknown_verb(int argc, char **argv)
{
	struct wg_suggest guess;

	wg_suggest_init(&guess, argv[1], strlen(argv[1]));
	for (const struct verb *v = verb_table(); v->name; v++)
		wg_suggest_try(&guess, v->name);
	wg_suggest_try(&guess, "--help");
	wg_suggest_try(&guess, "--version");
	fprintf(stderr, "Invalid subcommand: `%s'", argv[1]);
	if (argc == 3 && verb_find(argv[2])) {
		fprintf(stderr, ": did you mean `%s %s %s'?\n", prog_name, argv[2], argv[1]);
		return;
	}
	if (guess.best && strcmp(guess.best, argv[1])) {
		fprintf(stderr, ": did you mean `%s'?\n", guess.best);
		return;
	}
	for (const struct verb *v = verb_table(); v->name; v++)
		fprintf(stderr, "%s%s", v == verb_table() ? ": expected " : ", ", v->name);
	fprintf(stderr, ", or --help%s\n", argv[1][0] == '-' ? " or --version alone" : "");
}

int main(int argc, char **argv)
{
	static char show[] = "show";
	char *only_show[] = {show, NULL};
	const struct verb *verb;

	/* Writing to it fails, which is said. */
	wg_sanitise_stdfd("/", O_PATH);
	prog_name = argc ? argv[0] : "wg";
	if (argc < 2)
		return run(verb_find(show), 1, only_show);
	if (argc == 2 && is_one_of(argv[1], "-v", "--version", "version")) {
		printf("wirekit v%s (compatible with wireguard-tools v%s)\n", WIREKIT_VERSION,
		       WIREKIT_COMPATIBLE_WITH);
		return finish_stdout();
	}
	if (argc == 2 && is_one_of(argv[1], "-h", "--help", "help")) {
		verb_usage_all(stdout);
		return finish_stdout();
	}
	if (!strcmp(argv[1], "__complete")) {
		complete_words(argc - 2, argv + 2);
		return finish_stdout();
	}
	verb = verb_find(argv[1]);
	if (!verb) {
		unknown_verb(argc, argv);
		return 1;
	}
	return run(verb, argc - 1, argv + 1);
}

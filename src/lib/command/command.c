// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../version.h"
#include "../base/cleanup.h"
#include "../base/printable.h"
#include "../base/suggest.h"
#include "../conf/conf-quote.h"
#include "arguments.h"
#include "candidates.h"
#include "complete.h"
#include "stdfd.h"
#include "usage.h"

const struct wg_verb *wg_command_find(const struct wg_command *c, const char *name)
{
	for (const struct wg_verb *v = c->verbs; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

bool wg_call_has(const struct wg_call *call, const char *option)
{
	const struct wg_option *o = call->verb->options;

	for (size_t i = 0; o && o[i].name; i++)
		if (!strcmp(o[i].name, option))
			return call->given[i];
	return false;
}

/* Standard output is complete only once it is flushed: a full disk shows up here. Where the verb has said
 * so already, once is enough. */
static int finish(const struct wg_command *c, int status, bool told)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	if (!told) {
		fputs(c->prefix, stderr);
		perror(c->write_error);
	}
	return status ? status : 1;
}

static int fail(const struct wg_command *c, const struct wg_error *err)
{
	fprintf(stderr, "%s%s\n", c->prefix, err->text);
	return 1;
}

static int run(const struct wg_command *c, const char *program, const struct wg_verb *verb, int argc,
	       char **words)
{
	struct wg_call call = {.program = program, .verb = verb, .words = words};
	cleanup(wg_arguments_wipe) struct wg_call *used = &call;
	struct wg_error err = {0};
	int status;

	if (wg_arguments_read(used, c, argc, words, &err) < 0)
		return fail(c, &err);
	if (call.help) {
		wg_usage_verb(program, verb, stdout);
		return finish(c, 0, false);
	}
	if (c->prepare)
		c->prepare();
	status = verb->run(&call, &err);
	if (status && err.text[0])
		fail(c, &err);
	return finish(c, status, status && err.text[0]);
}

/* Of two words that stand the wrong way round, the second one is a verb. The suggestion repeats the first one,
 * so there is none for a word that may be a key. */
static int refuse_verb(const struct wg_command *c, const char *program, int argc, char **argv,
		       struct wg_error *err)
{
	char word[WG_ARGUMENTS_QUOTED], shown[WG_ARGUMENTS_SHOWN + 1], list[512];
	struct wg_suggest guess;
	size_t n = 0;

	wg_arguments_quote(word, argv[1]);
	if (argc == 3 && wg_command_find(c, argv[2]) && !wg_conf_may_be_key(argv[1], strlen(argv[1])))
		return wg_error_set(err, "%s %s: did you mean `%s %s %s'?", c->unknown_verb, word, program,
				    argv[2], wg_printable(shown, sizeof(shown), argv[1]));
	wg_suggest_init(&guess, argv[1], strlen(argv[1]));
	for (const struct wg_verb *v = c->verbs; v->name; v++)
		wg_suggest_try(&guess, v->name);
	wg_suggest_try(&guess, "--help");
	wg_suggest_try(&guess, "--version");
	if (guess.best && strcmp(guess.best, argv[1]))
		return wg_error_set(err, "%s %s: did you mean `%s'?", c->unknown_verb, word, guess.best);
	for (const struct wg_verb *v = c->verbs; v->name && n < sizeof(list); v++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s, ", v->name);
	return wg_error_set(err, "%s %s: expected %sor --help%s", c->unknown_verb, word, list,
			    argv[1][0] == '-' ? " or --version alone" : "");
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
	return !strcmp(word, a) || !strcmp(word, b) || !strcmp(word, c);
}

int wg_command_main(const struct wg_command *c, int argc, char **argv)
{
	const char *program = c->as_called && argc ? argv[0] : c->name;
	const struct wg_verb *verb = c->default_verb ? wg_command_find(c, c->default_verb) : NULL;
	struct wg_error err = {0};

	wg_sanitise_stdfd(c->stdfd_path, c->stdfd_flags);
	if (argc < 2 && verb) {
		char *only[] = {(char *)c->default_verb, NULL};

		return run(c, program, verb, 1, only);
	}
	if (argc < 2) {
		wg_usage_print(c, program, stderr);
		return 1;
	}
	if (argc == 2 && is_one_of(argv[1], "-v", "--version", "version")) {
		printf("wirekit v%s (compatible with wireguard-tools v%s)\n", WIREKIT_VERSION,
		       WIREKIT_COMPATIBLE_WITH);
		return finish(c, 0, false);
	}
	if (argc == 2 && is_one_of(argv[1], "-h", "--help", "help")) {
		wg_usage_print(c, program, stdout);
		return finish(c, 0, false);
	}
	if (!strcmp(argv[1], WG_COMPLETE_VERB)) {
		wg_complete_words(c, argc - 2, argv + 2);
		return finish(c, 0, false);
	}
	verb = wg_command_find(c, argv[1]);
	if (verb)
		return run(c, program, verb, argc - 1, argv + 1);
	refuse_verb(c, program, argc, argv, &err);
	return fail(c, &err);
}

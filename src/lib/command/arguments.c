// SPDX-License-Identifier: GPL-2.0
#include "arguments.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/alloc.h"
#include "../base/printable.h"
#include "../base/suggest.h"
#include "../conf/conf-quote.h"

void wg_arguments_quote(char out[static WG_ARGUMENTS_QUOTED], const char *word)
{
	char shown[WG_ARGUMENTS_SHOWN + 1];

	if (wg_conf_may_be_key(word, strlen(word)))
		snprintf(out, WG_ARGUMENTS_QUOTED, "%s", WG_CONF_HIDDEN);
	else
		snprintf(out, WG_ARGUMENTS_QUOTED, "`%s'", wg_printable(shown, sizeof(shown), word));
}

void wg_arguments_wipe(struct wg_call **call)
{
	free((*call)->argv);
	(*call)->argv = NULL;
}

/* Returns the row's index, or -1. *value: what follows "=", or NULL. */
static int find_option(const struct wg_verb *verb, const char *word, const char **value)
{
	size_t len = strcspn(word, "=");

	*value = word[len] ? word + len + 1 : NULL;
	for (int i = 0; verb->options && verb->options[i].name; i++)
		if (strlen(verb->options[i].name) == len && !strncmp(verb->options[i].name, word, len))
			return i;
	return -1;
}

/* A dash alone is an operand: the name of a file. */
static bool may_be_option(const struct wg_call *call, const char *word)
{
	return word[0] == '-' && word[1] && !(call->verb->own_words && call->argc);
}

static bool is_help(const struct wg_command *c, const char *word, int argc)
{
	return (!strcmp(word, "--help") || !strcmp(word, "-h")) && (!c->lone_help || argc == 2);
}

/* Whether a word that begins with - and that no row names is an operand. */
static bool is_operand(const struct wg_call *call, const struct wg_command *c, const char *word)
{
	if (c->is_operand)
		return c->is_operand(word);
	return !call->verb->options && call->argc < call->verb->most;
}

static int refuse_option(const struct wg_verb *verb, const char *given, struct wg_error *err)
{
	char word[WG_ARGUMENTS_QUOTED], list[256] = "";
	const struct wg_option *o = verb->options;
	struct wg_suggest guess;
	size_t n = 0;

	wg_arguments_quote(word, given);
	wg_suggest_init(&guess, given, strcspn(given, "="));
	for (size_t i = 0; o && o[i].name && n < sizeof(list); i++) {
		wg_suggest_try(&guess, o[i].name);
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", o[i].name, o[i + 1].name ? ", " : " or ");
	}
	wg_suggest_try(&guess, "--help");
	if (guess.best)
		return wg_error_set(err, "%s has no option %s: did you mean `%s'?", verb->name, word,
				    guess.best);
	return wg_error_set(err, "%s has no option %s: expected %s--help", verb->name, word, list);
}

static int check_groups(const struct wg_call *call, struct wg_error *err)
{
	const struct wg_option *o = call->verb->options;

	for (size_t i = 0; o && o[i].name; i++)
		for (size_t j = 0; j < i; j++)
			if (call->given[i] && call->given[j] && o[i].group && o[i].group == o[j].group)
				return wg_error_set(err, "%s takes %s or %s, not both", call->verb->name,
						    o[j].name, o[i].name);
	return 0;
}

/* "NAME | FILE" as a sentence has it: "NAME or FILE". */
static void name_operand(char *out, size_t size, const char *operand)
{
	size_t n = 0;

	while (*operand && n + 5 < size) {
		if (!strncmp(operand, " | ", 3)) {
			memcpy(out + n, " or ", 4);
			n += 4;
			operand += 3;
		} else {
			out[n++] = *operand++;
		}
	}
	out[n] = '\0';
}

/* `last` is the word after which something is missing. */
static int check_count(const struct wg_call *call, const struct wg_command *c, const char *last,
		       struct wg_error *err)
{
	const struct wg_verb *verb = call->verb;
	const char *invalid = *c->prefix ? "invalid argument" : "Invalid argument";
	const char *missing = *c->prefix ? "missing argument" : "Missing argument";
	char word[WG_ARGUMENTS_QUOTED], before[WG_ARGUMENTS_QUOTED], operand[64];

	if (call->argc < verb->least) {
		wg_arguments_quote(before, last);
		name_operand(operand, sizeof(operand), verb->operands[call->argc]);
		return wg_error_set(err, "%s: expected %s after %s", missing, operand, before);
	}
	if (call->argc <= verb->most)
		return 0;
	wg_arguments_quote(word, call->argv[verb->most]);
	if (!verb->most)
		return wg_error_set(err, "%s: %s: %s takes none: it %c%s", invalid, word, verb->name,
				    tolower((unsigned char)verb->summary[0]), verb->summary + 1);
	wg_arguments_quote(before, call->argv[verb->most - 1]);
	return wg_error_set(err, "%s: %s: expected nothing after %s", invalid, word, before);
}

/* Takes words[i], which is option `row`. Returns the index of the last word that was taken. */
static int take_option(struct wg_call *call, int row, const char *value, int i, int argc, char **words)
{
	call->given[row] = true;
	if (call->verb->options[row].value && !value && i + 1 < argc)
		value = words[++i];
	call->value[row] = value;
	return i;
}

static int check_value(const struct wg_call *call, int row, struct wg_error *err)
{
	const struct wg_option *o = &call->verb->options[row];

	if (o->value && !call->value[row])
		return wg_error_set(err, "%s needs a value: expected %s after it", o->name, o->value);
	if (!o->value && call->value[row])
		return wg_error_set(err, "%s takes no value: expected no = after it", o->name);
	return 0;
}

int wg_arguments_read(struct wg_call *call, const struct wg_command *c, int argc, char **words,
		      struct wg_error *err)
{
	call->words = words;
	call->argv = wg_alloc((size_t)(argc + 1) * sizeof(*call->argv));
	call->help = argc == 2 && call->verb->help_word && !strcmp(words[1], "help");
	for (int i = 1; i < argc; i++) {
		const char *value;
		int row;

		if (!may_be_option(call, words[i])) {
			call->argv[call->argc++] = words[i];
			continue;
		}
		row = find_option(call->verb, words[i], &value);
		if (is_help(c, words[i], argc)) {
			call->help = true;
		} else if (row >= 0) {
			i = take_option(call, row, value, i, argc, words);
			if (check_value(call, row, err) < 0)
				return -1;
		} else if (is_operand(call, c, words[i])) {
			call->argv[call->argc++] = words[i];
		} else {
			return refuse_option(call->verb, words[i], err);
		}
	}
	if (call->help)
		return 0;
	return check_groups(call, err) < 0 ? -1 : check_count(call, c, words[argc - 1], err);
}

const struct wg_option *wg_arguments_guess(struct wg_call *call, int argc, char **words)
{
	call->words = words;
	call->argv = wg_alloc((size_t)(argc + 1) * sizeof(*call->argv));
	for (int i = 1; i < argc; i++) {
		const char *value;
		int row = may_be_option(call, words[i]) ? find_option(call->verb, words[i], &value) : -1;

		if (row < 0) {
			call->argv[call->argc++] = words[i];
			continue;
		}
		i = take_option(call, row, value, i, argc, words);
		if (call->verb->options[row].value && !call->value[row])
			return &call->verb->options[row];
	}
	return NULL;
}

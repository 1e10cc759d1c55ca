/* SPDX-License-Identifier: GPL-2.0 */
/* A program with a verb of each kind, for the tests of lib/command. */
#ifndef UNIT_COMMAND_SAMPLE_H
#define UNIT_COMMAND_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "../../../../src/lib/command/arguments.h"

#define SAMPLE_KEY "wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s="

static const struct wg_option sample_options[] = {
	{"--fast", NULL, "goes without a break", 1},
	{"--slow", NULL, "takes its time", 1},
	{"--load", "TONS", "carries so much", 0},
	{"--lights", NULL, "can be seen", 0},
	{.name = NULL},
};

static int sample_run(const struct wg_call *call, struct wg_error *err)
{
	if (call->argc && !strcmp(call->argv[0], "ditch"))
		return wg_error_set(err, "the ditch is deep"), 7;
	printf("%s ran as %s\n", call->program, call->verb->name);
	return 0;
}

static void sample_complete(const struct wg_call *call)
{
	if (!call->argc)
		puts("home");
}

static const struct wg_verb sample_verbs[] = {
	{.name = "drive", .options = sample_options, .operands = {"PLACE | MAP", "[VIA]"}, .least = 1, .most = 2,
	 .summary = "Goes there", .details = "By road.\n", .run = sample_run, .complete = sample_complete},
	{.name = "honk", .summary = "Makes a noise", .run = sample_run},
	{.name = "tow", .operands = {"CAR", "WORD..."}, .least = 1, .most = WG_COMMAND_ANY, .own_words = true,
	 .help_word = true, .summary = "Tows a car", .run = sample_run, .complete = sample_complete},
	{.name = NULL},
};

static bool sample_is_operand(const char *word)
{
	return !strcmp(word, "-x");
}

static const struct wg_command sample = {
	.name = "car",
	.prefix = "car: ",
	.unknown_verb = "unknown verb",
	.write_error = "cannot write",
	.verbs = sample_verbs,
	.usage_has_operands = true,
	.usage_tail = "\nThat is all.\n",
	.stdfd_path = "/dev/null",
	.is_operand = sample_is_operand,
};

/* Cuts a line at its spaces, in place of the one before; argv ends with NULL. Returns how many. */
static inline int sample_words(const char *line, char *argv[static 16])
{
	static char text[512];
	char *save;
	int n = 0;

	snprintf(text, sizeof(text), "%s", line);
	for (char *w = strtok_r(text, " ", &save); w && n < 15; w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	argv[n] = NULL;
	return n;
}

#endif

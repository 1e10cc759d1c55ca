// SPDX-License-Identifier: GPL-2.0
/* Failures are silent: a word without candidates is all that a user at the prompt should see of them. */
#include "complete.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "../base/cleanup.h"
#include "arguments.h"

static void print_verbs(const struct wg_command *c)
{
	for (const struct wg_verb *v = c->verbs; v->name; v++)
		puts(v->name);
	puts("help\nversion\n--help\n--version");
}

static bool is_excluded(const struct wg_call *call, size_t row)
{
	const struct wg_option *o = call->verb->options;

	for (size_t i = 0; o[i].name; i++)
		if (call->given[i] && (i == row || (o[i].group && o[i].group == o[row].group)))
			return true;
	return false;
}

static void print_options(const struct wg_call *call)
{
	const struct wg_option *o = call->verb->options;

	for (size_t i = 0; o && o[i].name; i++)
		if (!is_excluded(call, i))
			puts(o[i].name);
}

void wg_complete_words(const struct wg_command *c, int argc, char **argv)
{
	struct wg_call call = {0};
	cleanup(wg_arguments_wipe) struct wg_call *used = &call;
	char *end;
	long at;

	if (argc < 2)
		return;
	errno = 0;
	at = strtol(argv[0], &end, 10);
	if (errno || *end || end == argv[0] || at < 1 || at > argc - 1)
		return;
	if (at == 1) {
		print_verbs(c);
		return;
	}
	call.program = argv[1];
	call.verb = wg_command_find(c, argv[2]);
	if (!call.verb || wg_arguments_guess(used, (int)at - 1, argv + 2))
		return;
	if (!(call.verb->own_words && call.argc))
		print_options(&call);
	if (call.verb->complete)
		call.verb->complete(&call);
	if (at == 2)
		puts("--help");
}

// SPDX-License-Identifier: GPL-2.0
/* Failures are silent: a word without candidates is all that a user at the prompt should see of them. */
#include "complete.h"
#include "../base/cleanup.h"
#include "arguments.h"
#include "candidates.h"

static void offer_verbs(const struct wg_command *c)
{
	for (const struct wg_verb *v = c->verbs; v->name; v++)
		wg_offer(v->name, v->summary);
	wg_offer("help", "Prints the verbs");
	wg_offer("version", "Prints the version");
}

static bool is_excluded(const struct wg_call *call, size_t row)
{
	const struct wg_option *o = call->verb->options;

	for (size_t i = 0; o[i].name; i++)
		if (call->given[i] && (i == row || (o[i].group && o[i].group == o[row].group)))
			return true;
	return false;
}

static void offer_options(const struct wg_call *call)
{
	const struct wg_option *o = call->verb->options;

	for (size_t i = 0; o && o[i].name; i++)
		if (!is_excluded(call, i))
			wg_offer(o[i].name, o[i].summary);
}

void wg_complete_words(const struct wg_command *c, int argc, char **argv)
{
	struct wg_call call = {0};
	cleanup(wg_arguments_wipe) struct wg_call *used = &call;
	struct wg_completion line;
	bool dash;

	if (!wg_completion_read(&line, argc, argv))
		return;
	/* Options stay away until a dash is typed: a tunnel that is the only one is then completed at once. */
	dash = line.words[line.at][0] == '-';
	if (line.at == 1) {
		offer_verbs(c);
		if (dash) {
			wg_offer("--help", "Prints the verbs");
			wg_offer("--version", "Prints the version");
		}
		return;
	}
	call.program = line.words[0];
	call.verb = wg_command_find(c, line.words[1]);
	call.line = &line;
	if (!call.verb || wg_arguments_guess(used, (int)line.at - 1, line.words + 1))
		return;
	if (dash && !(call.verb->own_words && call.argc))
		offer_options(&call);
	if (call.verb->complete)
		call.verb->complete(&call);
	if (dash && line.at == 2)
		wg_offer("--help", "Prints the usage of the verb");
}

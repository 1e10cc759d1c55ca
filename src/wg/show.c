// SPDX-License-Identifier: GPL-2.0
/* `wg show`: which interfaces, in which form. One that cannot be read does not keep the others
 * from being shown: its error goes to standard error at once, and the exit status is 0 as long as
 * any could be. */
#include "show.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "../lib/base/cleanup.h"
#include "../lib/base/printable.h"
#include "../lib/base/secret.h"
#include "../lib/command/arguments.h"
#include "../lib/command/candidates.h"
#include "../lib/device/backend.h"
#include "interface.h"
#include "terminal.h"
#include "verb.h"

static struct pretty pretty_from_environment(void)
{
	const char *hide = getenv("WG_HIDE_KEYS");

	return (struct pretty){
		.colour = terminal_has_colour(STDOUT_FILENO),
		.show_keys = hide && !strcmp(hide, "never"),
		.now = time(NULL),
	};
}

/* One among several: lines name it, paragraphs are set apart from those before. */
enum position {
	ALONE,
	FIRST,
	NEXT,
};

/* `parameter` NULL: the form for people. */
static int show_one(struct output *o, const char *name, const char *parameter,
		    enum position position, struct wg_error *err)
{
	static const char *const instead[] = {"all", "interfaces", "--help", NULL};
	cleanup(wg_device_freep) struct wg_device *dev = NULL;
	struct pretty pretty;

	if (interface_get_or(&dev, name, instead, err) < 0)
		return -1;
	if (parameter) {
		show_parameter(o, dev, parameter, position != ALONE);
		return 0;
	}
	if (position == NEXT)
		output_char(o, '\n');
	pretty = pretty_from_environment();
	show_pretty(o, dev, &pretty);
	return 0;
}

static int show_all(struct output *o, const char *parameter, struct wg_error *err)
{
	cleanup(wg_names_free) struct wg_names names = {0};
	size_t shown = 0;

	if (wg_backend_list(&names, err) < 0)
		return 1;
	for (size_t i = 0; i < names.n; i++) {
		struct wg_error one;

		if (show_one(o, names.name[i], parameter, shown ? NEXT : FIRST, &one) < 0)
			fprintf(stderr, "%s\n", one.text);
		else
			shown++;
	}
	return names.n && !shown;
}

static int show_interfaces(struct output *o, struct wg_error *err)
{
	cleanup(wg_names_free) struct wg_names names = {0};

	if (wg_backend_list(&names, err) < 0)
		return 1;
	for (size_t i = 0; i < names.n; i++) {
		output_text(o, names.name[i]);
		output_char(o, i + 1 < names.n ? ' ' : '\n');
	}
	return 0;
}

static int show(struct output *o, const char *what, const char *parameter, struct wg_error *err)
{
	if (!strcmp(what, "interfaces"))
		return show_interfaces(o, err);
	if (!strcmp(what, "all"))
		return show_all(o, parameter, err);
	return show_one(o, what, parameter, ALONE, err) < 0;
}

/* For a word that is no parameter. */
static int refuse_parameter(const struct wg_call *call, struct wg_error *err)
{
	const char *what = call->argv[0], *parameter = call->argv[1];
	const char *guess = show_guess_parameter(parameter);
	char word[WG_ARGUMENTS_QUOTED], name[IFNAMSIZ];

	wg_arguments_quote(word, parameter);
	if (show_has_parameter(what) && strlen(parameter) < IFNAMSIZ)
		return wg_error_set(err, "Invalid parameter: %s: did you mean `%s show %s %s'?", word,
				    call->program, wg_printable(name, sizeof(name), parameter), what);
	if (guess)
		return wg_error_set(err, "Invalid parameter: %s: did you mean `%s'?", word, guess);
	return wg_error_set(err, "Invalid parameter: %s: expected one that `%s show --help' lists", word,
			    call->program);
}

static int refuse_after_interfaces(const char *parameter, struct wg_error *err)
{
	char word[WG_ARGUMENTS_QUOTED];

	wg_arguments_quote(word, parameter);
	return wg_error_set(err, "Invalid argument: %s: expected nothing after `interfaces'", word);
}

int verb_show(const struct wg_call *call, struct wg_error *err)
{
	const char *what = call->argc > 0 ? call->argv[0] : "all";
	const char *parameter = call->argc > 1 ? call->argv[1] : NULL;
	cleanup(output_freep) struct output *o = NULL;
	int status;

	if (parameter && !strcmp(what, "interfaces"))
		return refuse_after_interfaces(parameter, err), 1;
	if (parameter && !show_has_parameter(parameter))
		return refuse_parameter(call, err), 1;
	wg_secret_guard();
	o = output_new(STDOUT_FILENO);
	status = show(o, what, parameter, err);
	return output_finish(o, err) < 0 ? 1 : status;
}

void complete_show(const struct wg_call *call)
{
	if (!call->argc) {
		complete_interface(call);
		wg_offer("all", "All interfaces");
		wg_offer("interfaces", "The names of the interfaces");
	} else if (call->argc == 1 && strcmp(call->argv[0], "interfaces")) {
		show_offer_parameters();
	}
}

void usage_show(FILE *f)
{
	fputs("[", f);
	show_write_parameters(f, " | ");
	fputs("]", f);
}

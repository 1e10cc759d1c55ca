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
#include "../lib/base/secret.h"
#include "../lib/device/backend.h"
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
	cleanup(wg_device_freep) struct wg_device *dev = NULL;
	struct pretty pretty;

	if (wg_backend_get(&dev, name, err) < 0)
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

int verb_show(const struct verb *verb, int argc, char **argv, struct wg_error *err)
{
	const char *what = argc > 1 ? argv[1] : "all";
	const char *parameter = argc > 2 ? argv[2] : NULL;
	cleanup(output_freep) struct output *o = NULL;
	int status;

	(void)verb;
	if (argc > 3 || (parameter && !strcmp(what, "interfaces")))
		return VERB_USAGE;
	if (parameter && !show_has_parameter(parameter)) {
		const char *guess = show_guess_parameter(parameter);

		if (guess)
			wg_error_set(err, "Invalid parameter: `%s': did you mean `%s'?", parameter, guess);
		else
			wg_error_set(err, "Invalid parameter: `%s': expected one that `%s show --help' lists",
				     parameter, prog_name);
		return 1;
	}
	wg_secret_guard();
	o = output_new(STDOUT_FILENO);
	status = show(o, what, parameter, err);
	return output_finish(o, err) < 0 ? 1 : status;
}

void complete_show(int argc, char **argv)
{
	if (argc == 2) {
		complete_interface(argc, argv);
		puts("all\ninterfaces");
	} else if (argc == 3 && strcmp(argv[1], "interfaces")) {
		show_complete_parameters();
	}
}

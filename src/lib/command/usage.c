// SPDX-License-Identifier: GPL-2.0
#include "usage.h"
#include <stdlib.h>
#include <string.h>
#include "../base/alloc.h"
#include "../base/cleanup.h"

/* A malloc'd string: "--dry-run", or "--level LEVEL". */
static char *option_text(const struct wg_option *o)
{
	return wg_format("%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
}

/* Prints the options as "[--a | --b] [--c VALUE] ", those of a group in one bracket. */
static void print_options(const struct wg_option *o, FILE *f)
{
	for (size_t i = 0; o && o[i].name; i++) {
		cleanup(free_ptr) char *text = option_text(&o[i]);
		bool first = !i || !o[i].group || o[i].group != o[i - 1].group;
		bool last = !o[i].group || o[i].group != o[i + 1].group;

		fprintf(f, "%s%s%s", first ? "[" : " | ", text, last ? "] " : "");
	}
}

/* A malloc'd string: what follows the verb in its usage line. */
static char *arguments_text(const struct wg_verb *verb)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		wg_alloc_failed();
	print_options(verb->options, f);
	for (size_t i = 0; verb->operands[i]; i++)
		fprintf(f, "%s%s", i ? " " : "", verb->operands[i]);
	if (verb->write_rest) {
		putc(' ', f);
		verb->write_rest(f);
	}
	if (fclose(f))
		wg_alloc_failed();
	return text;
}

static void print_table(const struct wg_command *c, const char *program, FILE *f)
{
	int name_width = 0, width = 0;

	for (const struct wg_verb *v = c->verbs; v->name; v++) {
		cleanup(free_ptr) char *arguments = arguments_text(v);

		if ((int)strlen(v->name) > name_width)
			name_width = (int)strlen(v->name);
		if ((int)strlen(arguments) > width)
			width = (int)strlen(arguments);
	}
	for (const struct wg_verb *v = c->verbs; v->name; v++) {
		cleanup(free_ptr) char *arguments = arguments_text(v);

		fprintf(f, "%s %s %-*s %-*s  %s\n", v == c->verbs ? "Usage:" : "      ", program, name_width,
			v->name, width, arguments, v->summary);
	}
}

void wg_usage_print(const struct wg_command *c, const char *program, FILE *f)
{
	if (c->usage_has_operands) {
		print_table(c, program, f);
	} else {
		fprintf(f, "Usage: %s <cmd> [<args>]\n\nAvailable subcommands:\n", program);
		for (const struct wg_verb *v = c->verbs; v->name; v++)
			fprintf(f, "  %s: %s\n", v->name, v->summary);
	}
	fputs(c->usage_tail, f);
}

void wg_usage_verb(const char *program, const struct wg_verb *verb, FILE *f)
{
	cleanup(free_ptr) char *arguments = arguments_text(verb);
	const struct wg_option *o = verb->options;
	int width = 0;

	fprintf(f, "Usage: %s %s%s%s\n\n%s.\n", program, verb->name, *arguments ? " " : "", arguments,
		verb->summary);
	for (size_t i = 0; o && o[i].name; i++) {
		cleanup(free_ptr) char *text = option_text(&o[i]);

		if ((int)strlen(text) > width)
			width = (int)strlen(text);
	}
	for (size_t i = 0; o && o[i].name; i++) {
		cleanup(free_ptr) char *text = option_text(&o[i]);

		fprintf(f, "%s  %-*s  %s\n", i ? "" : "\n", width, text, o[i].summary);
	}
	if (verb->details)
		fprintf(f, "%s%s", o ? "\n" : "", verb->details);
}

// SPDX-License-Identifier: GPL-2.0
/* Candidates for the shell's completion. Failures are silent: a word without candidates is all
 * that a user at the prompt should see of them. */
#include "complete.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../lib/base/cleanup.h"
#include "../lib/device/backend.h"
#include "verb.h"

void complete_interface(int argc, char **argv)
{
	cleanup(wg_names_free) struct wg_names names = {0};
	struct wg_error err;

	(void)argv;
	if (argc != 2 || wg_backend_list(&names, &err) < 0)
		return;
	for (size_t i = 0; i < names.n; i++)
		puts(names.name[i]);
}

void complete_conf(int argc, char **argv)
{
	complete_interface(argc, argv);
	if (argc == 3)
		puts(":file");
}

static void complete_verb(void)
{
	for (const struct verb *v = verb_table(); v->name; v++)
		puts(v->name);
	puts("help\nversion\n--help\n--version");
}

void complete_words(int argc, char **argv)
{
	const struct verb *verb;
	char *end;
	long at;

	if (argc < 2)
		return;
	errno = 0;
	at = strtol(argv[0], &end, 10);
	if (errno || *end || end == argv[0] || at < 1 || at > argc - 1)
		return;
	if (at == 1) {
		complete_verb();
		return;
	}
	verb = verb_find(argv[2]);
	if (!verb)
		return;
	if (verb->complete)
		verb->complete((int)at, argv + 2);
	if (at == 2)
		puts("--help");
}

// SPDX-License-Identifier: GPL-2.0
/* Candidates for the shell's completion. Failures are silent: a word without candidates is all
 * that a user at the prompt should see of them. */
#include "verb.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>

void complete_config(int argc, char **argv)
{
	static const char suffix[] = ".conf";
	DIR *dir = argc == 2 ? opendir(CONFDIR) : NULL;
	struct dirent *e;

	(void)argv;
	while (dir && (e = readdir(dir))) {
		size_t n = strlen(e->d_name);

		if (n > strlen(suffix) && !strcmp(e->d_name + n - strlen(suffix), suffix))
			printf("%.*s\n", (int)(n - strlen(suffix)), e->d_name);
	}
	if (dir)
		closedir(dir);
	if (argc == 2)
		puts(":file");
}

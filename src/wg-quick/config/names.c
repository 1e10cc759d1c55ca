// SPDX-License-Identifier: GPL-2.0
#include "names.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_=+.-"

bool names_is_valid(const char *s, size_t len)
{
	return len && len < IFNAMSIZ && strspn(s, NAME_CHARS) >= len;
}

void names_list(struct wg_names *names)
{
	static const char suffix[] = ".conf";
	DIR *dir = opendir(CONFDIR);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		size_t n = strlen(e->d_name), ending = strlen(suffix);
		char name[IFNAMSIZ];

		if (n <= ending || strcmp(e->d_name + n - ending, suffix) ||
		    !names_is_valid(e->d_name, n - ending))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(n - ending), e->d_name);
		wg_names_add(names, name);
	}
	if (dir)
		closedir(dir);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Names come from rt_tables files: lines of a number and a name, "#" begins a comment. A file that
 * is not there or a line that is not understood gives no name; nothing else can fail. */
#include "tables.h"

#include <dirent.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/cleanup.h"
#include "../../lib/conf/ip-value.h"

/* The administrator's, then where newer iproute2 has its own. */
static const char *const folders[] = {
	SYSCONFDIR "/iproute2",
	"/usr/share/iproute2",
	"/usr/lib/iproute2",
};

/* As ip(8) reads it: octal after a zero, too. */
static bool parse_number(u32 *table, const char *s, size_t len)
{
	if (!wg_ip_number(table, s, len))
		return false;
	if (!*table)
		*table = RT_TABLE_MAIN;
	return true;
}

static bool find_in_file(const char *path, u32 *table, const char *name, size_t len)
{
	cleanup(close_file) FILE *f = fopen(path, "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		char *rest = NULL, *number, *word;

		line[strcspn(line, "#")] = '\0';
		number = strtok_r(line, " \t\n", &rest);
		word = strtok_r(NULL, " \t\n", &rest);
		if (word && strlen(word) == len && !memcmp(word, name, len) &&
		    parse_number(table, number, strlen(number)))
			return true;
	}
	return false;
}

static void close_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

static bool find_in_folder(const char *folder, u32 *table, const char *name, size_t len)
{
	cleanup(close_dir) DIR *d = NULL;
	char path[4096];
	struct dirent *e;

	snprintf(path, sizeof(path), "%s/rt_tables", folder);
	if (find_in_file(path, table, name, len))
		return true;
	snprintf(path, sizeof(path), "%s/rt_tables.d", folder);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		size_t n = strlen(e->d_name);

		if (n <= 5 || strcmp(e->d_name + n - 5, ".conf"))
			continue;
		snprintf(path, sizeof(path), "%s/rt_tables.d/%s", folder, e->d_name);
		if (find_in_file(path, table, name, len))
			return true;
	}
	return false;
}

bool table_parse(u32 *table, const char *s, size_t len)
{
	static const struct {
		const char *name;
		u32 table;
	} builtin[] = {
		{ "default", RT_TABLE_DEFAULT },
		{ "main", RT_TABLE_MAIN },
		{ "local", RT_TABLE_LOCAL },
	};

	if (parse_number(table, s, len))
		return true;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (find_in_folder(folders[i], table, s, len))
			return true;
	for (size_t i = 0; i < sizeof(builtin) / sizeof(*builtin); i++)
		if (strlen(builtin[i].name) == len && !memcmp(builtin[i].name, s, len)) {
			*table = builtin[i].table;
			return true;
		}
	return false;
}

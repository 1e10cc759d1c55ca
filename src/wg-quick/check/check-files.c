// SPDX-License-Identifier: GPL-2.0
/* Modes and owners only: access lists and capabilities are not looked at. */
#include "check-files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../config/key-file.h"
#include "../host/hooks.h"

/* Where one path ends and another word begins, to a shell. */
#define WORD_ENDS " \t;&|()<>\"'`=,"

/* The folder of a path; free it. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return wg_strndup(path, slash && slash > path ? (size_t)(slash - path) : 1);
}

/* Whether somebody other than root, and than who asks, can write. Of a folder with the sticky bit
 * nobody can replace what is another's. */
static bool others_write(const struct stat *st)
{
	if (S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX)
		return false;
	return st->st_mode & S_IWOTH || (st->st_mode & S_IWGRP && st->st_gid) ||
	       (st->st_uid && st->st_uid != geteuid());
}

/* The same for the file of a path, or the folder that it is in. */
static bool others_change(const char *path, struct stat *st)
{
	cleanup(free_ptr) char *folder = folder_of(path);
	struct stat above;

	return others_write(st) || (!stat(folder, &above) && others_write(&above));
}

static void check_config(const char *path, const struct place *at, struct places *p)
{
	cleanup(free_ptr) char *folder = folder_of(path);
	struct stat st, above;

	if (stat(path, &st) || stat(folder, &above))
		return;
	if (st.st_mode & above.st_mode & S_IRWXO)
		places_add(p, WG_CODE_FILE_READABLE, at, "`%s' is world accessible", path);
	if (others_change(path, &st))
		places_add(p, WG_CODE_FILE_WRITABLE, at,
			   "others than root can change `%s', whose hooks root runs", path);
}

static void check_key_files(const struct config *c, struct places *p)
{
	static const char *const keys[] = {"PrivateKeyFile", "PresharedKeyFile"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		for (const struct place *at = places_next(p, keys[i], NULL); at;
		     at = places_next(p, keys[i], at + 1)) {
			cleanup(free_ptr) char *path = key_file_path(c, at->text, strlen(at->text));
			cleanup(free_ptr) char *folder = folder_of(path);
			struct stat st, above;

			if (!stat(path, &st) && !stat(folder, &above) && S_ISREG(st.st_mode) &&
			    st.st_mode & above.st_mode & S_IRWXO)
				places_add(p, WG_CODE_FILE_READABLE, at, "`%s' is world accessible", path);
		}
}

/* The paths in a command that is expanded, but for those that only output goes to. */
static void check_command(const char *command, const struct place *at, struct places *p)
{
	char before = '\0';

	for (const char *s = command; *s;) {
		size_t len = strcspn(s, WORD_ENDS);
		cleanup(free_ptr) char *path = NULL;
		struct stat st;

		if (!len) {
			before = *s == ' ' || *s == '\t' ? before : *s;
			s++;
			continue;
		}
		path = wg_strndup(s, len);
		if (*s == '/' && before != '>' && !stat(path, &st) && S_ISREG(st.st_mode) &&
		    others_change(path, &st))
			places_add(p, WG_CODE_HOOK_WRITABLE, at,
				   "others than root can change `%s', which this hook has root run or read",
				   path);
		before = '\0';
		s += len;
	}
}

void check_files(const struct config *c, struct places *p)
{
	static const char *const keys[] = {"PreUp", "PostUp", "PreDown", "PostDown"};

	check_config(c->path, NULL, p);
	for (size_t i = 0; i < c->drop_ins.n; i++)
		check_config(c->drop_ins.s[i],
			     &(struct place){.file = c->drop_ins.s[i], .line = 1, .column = 1}, p);
	check_key_files(c, p);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		for (const struct place *at = places_next(p, keys[i], NULL); at;
		     at = places_next(p, keys[i], at + 1)) {
			char *command = hooks_expand(at->text, c->name);

			check_command(command, at, p);
			string_wipe(&command);
		}
}

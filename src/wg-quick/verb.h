/* SPDX-License-Identifier: GPL-2.0 */
/* The verbs of `wg-quick`. One table, in main.c, drives dispatch, help and completion. */
#ifndef WG_QUICK_VERB_H
#define WG_QUICK_VERB_H

#include "../lib/base/error.h"

struct verb {
	const char *name;
	const char *arguments; /* as the usage line shows them */
	const char *summary;   /* one phrase */
	const char *details;   /* what --help adds, or NULL */
	/* argv[0] is the verb. Returns the exit status; where it is not 0 and err->text is not
	 * empty, main prints it. VERB_USAGE: main prints the usage to stderr, exit status 1. */
	int (*run)(const struct verb *verb, int argc, char **argv, struct wg_error *err);
	/* Prints the words that may stand at argv[argc - 1], one a line; NULL: none. */
	void (*complete)(int argc, char **argv);
};

#define VERB_USAGE (-1)

/* verb.c */
/* 0 when we are root. Otherwise runs `wg-quick ARGV...` again through sudo and does not return;
 * -1 with err where there is no sudo. argv[0] is the verb, and argv ends in NULL. */
int verb_become_root(char **argv, struct wg_error *err);

/* up.c */
int verb_up(const struct verb *verb, int argc, char **argv, struct wg_error *err);
void complete_up(int argc, char **argv);
/* down.c */
int verb_down(const struct verb *verb, int argc, char **argv, struct wg_error *err);
void complete_down(int argc, char **argv);
/* reload.c */
int verb_reload(const struct verb *verb, int argc, char **argv, struct wg_error *err);
void complete_reload(int argc, char **argv);
int verb_diff(const struct verb *verb, int argc, char **argv, struct wg_error *err);
int verb_repair(const struct verb *verb, int argc, char **argv, struct wg_error *err);
/* status.c */
int verb_status(const struct verb *verb, int argc, char **argv, struct wg_error *err);
/* save.c */
int verb_save(const struct verb *verb, int argc, char **argv, struct wg_error *err);
/* check.c */
int verb_check(const struct verb *verb, int argc, char **argv, struct wg_error *err);
void complete_check(int argc, char **argv);
/* strip.c */
int verb_strip(const struct verb *verb, int argc, char **argv, struct wg_error *err);

/* complete.c: the argument of all verbs: names of CONFDIR/NAME.conf. Paths are the shell's part. */
void complete_config(int argc, char **argv);

#endif

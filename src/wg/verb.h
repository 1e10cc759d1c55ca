/* SPDX-License-Identifier: GPL-2.0 */
/* The verbs of `wg`. One table, in verb.c, drives dispatch, help and completion. */
#ifndef WG_VERB_H
#define WG_VERB_H

#include <stdio.h>
#include "../lib/base/error.h"
#include "../lib/base/log.h"
#include "../port.h"

struct verb {
	const char *name;
	const char *arguments; /* as the usage line shows them */
	const char *summary;   /* one phrase */
	const char *details;   /* what --help adds, or NULL */
	/* argv[0] is the verb. Returns the exit status; where it is not 0 and err->text is not
	 * empty, main prints it. VERB_USAGE: main prints the verb's usage to stderr, exit status
	 * 1. */
	int (*run)(const struct verb *verb, int argc, char **argv, struct wg_error *err);
	/* Prints the words that may stand at argv[argc - 1], one a line; NULL: none. */
	void (*complete)(int argc, char **argv);
};

#define VERB_USAGE (-1)

extern const char *prog_name;        /* argv[0] as given */
extern const struct wg_log verb_log; /* warnings and progress to standard error */

/* verb.c */
const struct verb *verb_table(void); /* ends with a row whose name is NULL */
const struct verb *verb_find(const char *name);
void verb_usage(const struct verb *verb, bool details, FILE *f);
void verb_usage_all(FILE *f);

/* show.c */
int verb_show(const struct verb *verb, int argc, char **argv, struct wg_error *err);
void complete_show(int argc, char **argv);
/* showconf.c */
int verb_showconf(const struct verb *verb, int argc, char **argv, struct wg_error *err);
/* set.c */
int verb_set(const struct verb *verb, int argc, char **argv, struct wg_error *err);
void complete_set(int argc, char **argv);
/* setconf.c: by argv[0], setconf, addconf and syncconf */
int verb_setconf(const struct verb *verb, int argc, char **argv, struct wg_error *err);
/* genkey.c: by argv[0], genkey and genpsk */
int verb_genkey(const struct verb *verb, int argc, char **argv, struct wg_error *err);
/* pubkey.c */
int verb_pubkey(const struct verb *verb, int argc, char **argv, struct wg_error *err);

/* complete.c */
void complete_interface(int argc, char **argv); /* the first argument of most verbs */
void complete_conf(int argc, char **argv);      /* an interface and a file */

#endif

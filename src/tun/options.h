/* SPDX-License-Identifier: GPL-2.0 */
/* The command line and the environment of wg-tun. */
#ifndef WG_TUN_OPTIONS_H
#define WG_TUN_OPTIONS_H

#include <stdio.h>
#include "../lib/base/error.h"
#include "path/offload.h"
#include "report/logger.h"

struct options {
	enum { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION } what;
	const char *name; /* of the interface: valid */
	bool foreground;
	bool logs; /* an option asked for a level: see logger_open_background() */
	enum logger_level level;
	const char *unknown_level; /* the value of LOG_LEVEL, if it is no level's name; or NULL */
	bool offload_set; /* by an option, which wins over the environment */
	struct offload_choice offload;
	const char *user; /* name or number; NULL: _wg-tun or nobody, where that is possible */
	unsigned int workers; /* 0: as many as there are processors, within limits */
};

#define OPTIONS_MAX_WORKERS 64

/* Reads the arguments, then the environment (WG_PROCESS_FOREGROUND, LOG_LEVEL, WG_TUN_OFFLOAD),
 * whose values do not replace an option's. LOG_LEVEL belongs to many programs: names of theirs
 * stand for the nearest level, and a value that is no level's name is not an error. Texts in `o`
 * point into both. Returns 0, or -1 with err. After --help and --version nothing else is read. */
int options_parse(struct options *o, int argc, char **argv, struct wg_error *err);
/* Answers the hidden verb WG_COMPLETE_VERB (lib/command/candidates.h): the options that were not given yet, or the
 * value of one. `argv` is what follows the verb, and `argc` counts it. */
void options_complete(int argc, char **argv);
/* Prints what --help says. A write error is the stream's. */
void options_print_help(FILE *f);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The texts of --help, from the table of verbs. */
#ifndef WG_LIB_USAGE_H
#define WG_LIB_USAGE_H

#include <stdio.h>
#include "command.h"

/* All verbs, each with its summary. `program` is the program's name. */
void wg_usage_print(const struct wg_command *c, const char *program, FILE *f);
/* One verb: the usage line, what it does, each option, and its details. */
void wg_usage_verb(const char *program, const struct wg_verb *verb, FILE *f);

#endif

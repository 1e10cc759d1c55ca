/* SPDX-License-Identifier: GPL-2.0 */
/* The texts of --help, from the table of verbs. */
#ifndef WG_LIB_USAGE_H
#define WG_LIB_USAGE_H

#include <stdio.h>
#include "command.h"

/* Prints what `PROGRAM --help` says: one line for each verb of `c`, with its summary, then c->usage_tail. `program`
 * is the name that the text shows. A write error is the stream's: the caller asks it. */
void wg_usage_print(const struct wg_command *c, const char *program, FILE *f);
/* Prints what `PROGRAM VERB --help` says: the usage line, what the verb does, each option, and its details. */
void wg_usage_verb(const char *program, const struct wg_verb *verb, FILE *f);

#endif

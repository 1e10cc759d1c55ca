/* SPDX-License-Identifier: GPL-2.0 */
/* The hidden verb __complete of a program with verbs, from the table of its verbs. */
#ifndef WG_LIB_COMPLETE_H
#define WG_LIB_COMPLETE_H

#include "command.h"

/* Prints what may stand under the cursor, in the form that candidates.h describes, whatever is typed of that word so
 * far. `argv` is what follows __complete, and `argc` counts it. Options are offered once
 * that word begins with a dash. The function runs no verb, asks for no password, and
 * prints nothing to standard error. It prints nothing at all if no word can be completed, or if the index is
 * wrong. */
void wg_complete_words(const struct wg_command *c, int argc, char **argv);

#endif

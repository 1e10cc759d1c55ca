/* SPDX-License-Identifier: GPL-2.0 */
/* The hidden verb __complete, which the shells' completion scripts ask. */
#ifndef WG_LIB_COMPLETE_H
#define WG_LIB_COMPLETE_H

#include "command.h"

#define WG_COMPLETE_VERB "__complete"

/* Prints the candidates for the word under the cursor, one a line, whatever the word has so far; a line ":file"
 * stands for the names of files. argv[0] is the index of that word, counted in the words of the command line, which
 * follow: argv[1] is the program. The function prints nothing where nothing can be completed, or if the index is
 * wrong. */
void wg_complete_words(const struct wg_command *c, int argc, char **argv);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The hidden verb __complete, which the shells' completion scripts ask. */
#ifndef WG_LIB_COMPLETE_H
#define WG_LIB_COMPLETE_H

#include "command.h"

#define WG_COMPLETE_VERB "__complete"

/* argv[0] is the index of the word under the cursor, counted in the words of the command line, which
 * follow: argv[1] is the program. Prints candidates one a line, whatever the word has so far; a line ":file"
 * stands for the names of files. Prints nothing where nothing can be completed, or the index is wrong. */
void wg_complete_words(const struct wg_command *c, int argc, char **argv);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The hidden verb `wg __complete`, which the shells' completion scripts ask. */
#ifndef WG_COMPLETE_H
#define WG_COMPLETE_H

/* argv[0] is the index of the word under the cursor, counted in the words of the command line,
 * which follow: argv[1] is "wg". Prints candidates one a line, whatever the word has so far; a
 * line ":file" stands for the names of files. Prints nothing where nothing can be completed. */
void complete_words(int argc, char **argv);

#endif

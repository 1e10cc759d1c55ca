/* SPDX-License-Identifier: GPL-2.0 */
/* What a program answers when it is asked for the words that may stand under the cursor. Each function prints to
 * standard output; the files in completion/ read it, and contain no list of words.
 *
 * Each line is one of
 *
 *	WORD<tab>DESCRIPTION    a candidate; the tab and the description may be missing
 *	:file SUFFIX            names of folders, and of files that end in SUFFIX; without SUFFIX, of all files
 *	:command INDEX          another program's command line begins at word INDEX of the line
 */
#ifndef WG_LIB_CANDIDATES_H
#define WG_LIB_CANDIDATES_H

#include "../../port.h"

/* The hidden verb, after which the index of the word under the cursor and the words of the line follow. The name of
 * the program is word 0. */
#define WG_COMPLETE_VERB "__complete"

/* The line that a shell asks about. */
struct wg_completion {
	unsigned int at; /* the index of the word under the cursor, at least 1 */
	char **words;    /* words[0] is the program; words[at] is the word under the cursor as far as it is typed */
};

/* Reads what follows WG_COMPLETE_VERB: the index, and then the words. argc counts both. Returns false if the index
 * is no number or not that of a word. From then on the program writes nothing to standard error, as that would
 * land in the user's command line. */
bool wg_completion_read(struct wg_completion *c, int argc, char **argv);

/* Offers a word. `description` is a phrase, of which the first line is shown; NULL: none. A word that is empty, has a
 * control character, or begins with a colon is not offered: the line would mean something else. */
void wg_offer(const char *word, const char *description);
/* Offers a word that is `prefix` and then `word`, with the same rules. */
void wg_offer_after(const char *prefix, const char *word, const char *description);
/* Offers folders and files. `suffix` is the end of the files' names, or NULL. */
void wg_offer_files(const char *suffix);
/* Offers what a shell offers for a command line that begins at the word with this index. */
void wg_offer_command(unsigned int index);

#endif

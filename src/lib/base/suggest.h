/* SPDX-License-Identifier: GPL-2.0 */
/* "Did you mean": the word of a list that a misspelt word is most like. */
#ifndef WG_LIB_SUGGEST_H
#define WG_LIB_SUGGEST_H

#include <stddef.h>

struct wg_suggest {
	const char *word; /* the misspelt one; need not end in NUL */
	size_t len;
	const char *best;  /* the likest candidate yet, or NULL */
	unsigned int cost; /* of `best`: how many mistakes of typing lie between */
};

/* No candidate yet. */
void wg_suggest_init(struct wg_suggest *s, const char *word, size_t len);
/* Compares a candidate in any case; *s keeps the pointer where it is the likest. One that would
 * take more than a third of its characters, or more than three mistakes (a letter too many, too
 * few, another, or two swapped), is none; nor is a word that another one begins with, if that has
 * three letters at least, more than one mistake. */
void wg_suggest_try(struct wg_suggest *s, const char *candidate);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* A growing list of strings, each malloc'd. */
#ifndef WG_QUICK_STRLIST_H
#define WG_QUICK_STRLIST_H

#include <stddef.h>
#include "../../port.h"

struct strings {
	char **s;
	size_t n;
};

/* Appends a copy of `len` bytes, and a NUL. Ends the program where there is no memory. */
void strings_add(struct strings *list, const char *s, size_t len);
/* Appends copies of all strings of `from`. */
void strings_copy(struct strings *list, const struct strings *from);
void strings_free(struct strings *list);
bool strings_equal(const struct strings *a, const struct strings *b);
/* The same, for what may hold keys: overwrites them first. */
void strings_wipe(struct strings *list);
/* For cleanup() of one string that may hold secrets, or NULL. */
void string_wipe(char **s);

#endif

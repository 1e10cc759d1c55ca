/* SPDX-License-Identifier: GPL-2.0 */
/* The fields of a journal's line: words separated by single spaces and, at the end of the line, at
 * most one free text. Backslash and control bytes are written as \xHH, and a space too where a
 * field follows, so that a line stays a line whatever a hook is made of.
 *
 * Reading accepts exactly what writing makes: a number with a leading zero, or an address in
 * another spelling, is refused. */
#ifndef WG_QUICK_FIELDS_H
#define WG_QUICK_FIELDS_H

#include <stdio.h>
#include "../../lib/base/prefix.h"

/* What is left of a line; `s` is NULL after its last field. */
struct fields {
	const char *s;
	size_t len;
};

/* Each writes a space, then its field. */
void fields_write_prefix(FILE *f, const struct wg_prefix *p);
void fields_write_family(FILE *f, u8 family);
/* A text that other fields may follow. */
void fields_write_word(FILE *f, const char *text);
/* A text up to the end of the line. */
void fields_write_rest(FILE *f, const char *text);

/* Each takes the next field and returns whether it was there and had that form. */
bool fields_take_word(struct fields *c, const char *word);
/* The next field's index in `words`, or -1. */
int fields_take_index(struct fields *c, const char *const *words, size_t n);
bool fields_take_number(struct fields *c, u32 *value, u32 max);
bool fields_take_u8(struct fields *c, u8 *value);
bool fields_take_family(struct fields *c, u8 *family);
bool fields_take_prefix(struct fields *c, struct wg_prefix *p);
/* Both give a malloc'd text, or leave *text NULL. */
bool fields_take_text(struct fields *c, char **text);
bool fields_take_rest(struct fields *c, char **text);

#endif

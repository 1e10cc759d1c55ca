/* SPDX-License-Identifier: GPL-2.0 */
/* How an error shows a line of a configuration file, without the secrets that the line may hold. */
#ifndef WG_LIB_CONF_QUOTE_H
#define WG_LIB_CONF_QUOTE_H

#include "../../port.h"
#include "../base/error.h"

/* The error for offset `at` of a line of any of our files: "FILE:LINE:COL: SENTENCE", the line up
 * to its comment, and a caret. `err` holds the sentence. `masked`: the value after "=" is shown as
 * "(hidden)"; so it is without, where the key's name contains "key" and is not PublicKey, and
 * anything else that could be a key by its length, wherever it stands. Columns count from 1, in
 * bytes of the line as read. Returns -1. */
int wg_conf_error_at(struct wg_error *err, const char *file, unsigned int number, const char *line,
		     size_t len, size_t at, bool masked);

/* The same without file and sentence: "    LINE\n    ^", in out. */
#define WG_CONF_QUOTE_SIZE 512
void wg_conf_quote(char out[static WG_CONF_QUOTE_SIZE], const char *line, size_t len, size_t at,
		   bool masked);

/* Whether so many base64 characters follow one another, white space aside, that they may be a key,
 * or most of one. */
bool wg_conf_may_be_key(const char *s, size_t len);

/* The white space that files may have anywhere. */
static inline bool wg_conf_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

#endif

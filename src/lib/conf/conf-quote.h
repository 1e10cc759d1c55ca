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
/* The same for a word that should be the path of a file. An absolute path may well be as long as a key and have
 * no other characters: it counts as a key only if it is a valid one. */
bool wg_conf_path_may_be_key(const char *path);
/* What a message shows in place of such a word. */
#define WG_CONF_HIDDEN "(hidden, as it may be a key)"
/* Writes into `out`, which has room for `size` bytes, how an error names a file that cannot be opened: the path
 * as wg_printable shows it, or WG_CONF_HIDDEN where the path may be a key. Returns `out`. */
char *wg_conf_show_path(char *out, size_t size, const char *path);

/* The white space that files may have anywhere. */
static inline bool wg_conf_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Characters that a configuration file cannot have where it matters, and that editors do not show:
 * byte order marks, UTF-16, invisible spaces, and what looks like ASCII and is none. */
#ifndef WG_LIB_CONF_TEXT_H
#define WG_LIB_CONF_TEXT_H

#include "conf-code.h"

/* Moves past a UTF-8 byte order mark at the beginning of a file's first line: it means nothing. */
void wg_conf_skip_bom(const char **line, size_t *len);
/* The first line of a file, read up to its newline. Returns 0, or -1 with the error of a file that
 * is UTF-16 or UTF-32, with or without a byte order mark. */
int wg_conf_check_encoding(const char *line, size_t len, struct wg_error *err);
/* Looks for the first such character. Returns 0 where there is none, else -1: *at is its offset,
 * and the error names it. Letters of other scripts are none, nor is what is not UTF-8. */
int wg_conf_check_text(const char *s, size_t len, size_t *at, struct wg_error *err);

#endif

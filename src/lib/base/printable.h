/* SPDX-License-Identifier: GPL-2.0 */
/* Text of the user's in a message to a terminal. */
#ifndef WG_LIB_PRINTABLE_H
#define WG_LIB_PRINTABLE_H

#include <stddef.h>

/* Copies `text` to `out`, which has room for `size` bytes (at least 1) and always ends with NUL. Each control
 * character (U+0000 to U+001F, U+007F to U+009F) becomes one `?', and so does each byte that is not UTF-8.
 * The copy ends before the first character that does not fit as a whole. Returns `out`. */
char *wg_printable(char *out, size_t size, const char *text);

#endif

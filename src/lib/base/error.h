/* SPDX-License-Identifier: GPL-2.0 */
/* The one error convention of userspace: a function that can fail takes `struct wg_error *err` as
 * its last parameter (never NULL), writes the sentence there, where the facts are, and returns a
 * negative number. Only main() prints. A sentence never contains key material. */
#ifndef WG_LIB_ERROR_H
#define WG_LIB_ERROR_H

#include <stddef.h>

struct wg_error {
	int code;        /* an errno value, or 0 where none applies */
	unsigned int reason; /* enum wg_conf_code of a mistake in a file, or 0 */
	char text[1536]; /* one sentence without trailing newline; a file error adds the quoted line */
};

/* Both return -1, so that a caller can `return wg_error_set(...)`. */
int wg_error_set(struct wg_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Like wg_error_set, and appends ": " and the text of errno value `code` (> 0). */
int wg_error_errno(struct wg_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Puts "PREFIX: " before a sentence that is there already, keeping its code. Returns -1. */
int wg_error_prefix(struct wg_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

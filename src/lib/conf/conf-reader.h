/* SPDX-License-Identifier: GPL-2.0 */
/* The lines of a configuration file, which may hold keys: stdio keeps no copy of them, and the buffer is wiped.
 * How much is read is bounded, so that a device such as /dev/zero is refused and does not fill the memory. */
#ifndef WG_LIB_CONF_READER_H
#define WG_LIB_CONF_READER_H

#include <stdio.h>
#include "../../port.h"
#include "../base/error.h"

#define WG_CONF_LINE_MAX ((size_t)16 << 20)  /* bytes of a line: a list of 300,000 IPv6 prefixes */
#define WG_CONF_FILE_MAX ((size_t)256 << 20) /* bytes of a file: a million peers */

struct wg_conf_reader {
	FILE *f;
	const char *file; /* for messages */
	char *buf;
	size_t size, start, end; /* unread bytes are buf[start..end) */
	size_t total;            /* bytes that were read */
	bool eof;
};

/* Prepares to read from `f`, of which nothing was read yet, and which is not buffered from now on. */
void wg_conf_reader_init(struct wg_conf_reader *r, FILE *f, const char *file);
/* Gives the next line with its newline, which only the last may lack: 1 and *line, valid until the next call;
 * 0 at the end of the file; -1 with err where the file cannot be read or is too large. */
int wg_conf_reader_next(struct wg_conf_reader *r, const char **line, size_t *len, struct wg_error *err);
void wg_conf_reader_wipe(struct wg_conf_reader *r); /* for cleanup() too; not the file */

#endif

// SPDX-License-Identifier: GPL-2.0
#include "conf-reader.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../base/alloc.h"
#include "../base/secret.h"

#define READ_SIZE ((size_t)16 * 1024)

void wg_conf_reader_init(struct wg_conf_reader *r, FILE *f, const char *file)
{
	*r = (struct wg_conf_reader){.f = f, .file = file, .buf = wg_alloc(READ_SIZE), .size = READ_SIZE};
	setvbuf(f, NULL, _IONBF, 0);
	wg_secret_lock(r->buf, r->size);
}

void wg_conf_reader_wipe(struct wg_conf_reader *r)
{
	wg_secret_wipe(r->buf, r->size);
	free(r->buf);
	r->buf = NULL;
	r->size = 0;
}

static int too_large(const struct wg_conf_reader *r, const char *what, size_t max, struct wg_error *err)
{
	wg_error_set(err, "cannot read %s: it has %s of more than %zu MiB: expected a configuration file", r->file,
		     what, max >> 20);
	err->code = EFBIG;
	return -1;
}

/* Reads on behind what is unread, and makes room for it. */
static int fill(struct wg_conf_reader *r, struct wg_error *err)
{
	size_t kept = r->end - r->start, n;

	if (kept >= WG_CONF_LINE_MAX)
		return too_large(r, "a line", WG_CONF_LINE_MAX, err);
	if (r->total >= WG_CONF_FILE_MAX)
		return too_large(r, "a length", WG_CONF_FILE_MAX, err);
	if (r->start) {
		memmove(r->buf, r->buf + r->start, kept);
	} else if (kept == r->size) {
		char *bigger = wg_alloc(r->size * 2);

		memcpy(bigger, r->buf, kept);
		wg_secret_wipe(r->buf, r->size);
		free(r->buf);
		r->buf = bigger;
		r->size *= 2;
	}
	n = fread(r->buf + kept, 1, r->size - kept, r->f);
	r->start = 0;
	r->end = kept + n;
	r->total += n;
	if (ferror(r->f))
		return wg_error_errno(err, errno, "cannot read %s", r->file);
	r->eof = feof(r->f);
	return 0;
}

int wg_conf_reader_next(struct wg_conf_reader *r, const char **line, size_t *len, struct wg_error *err)
{
	size_t seen = 0; /* bytes of the line in which there is no newline */

	for (;;) {
		size_t unread = r->end - r->start;
		const char *text = r->buf + r->start, *newline = memchr(text + seen, '\n', unread - seen);

		if (newline || r->eof) {
			*line = text;
			*len = newline ? (size_t)(newline - text) + 1 : unread;
			r->start += *len;
			return *len > 0;
		}
		seen = unread;
		if (fill(r, err))
			return -1;
	}
}

// SPDX-License-Identifier: GPL-2.0
/* Configuration files, line by line. A line is copied once, without its white space and comment,
 * and parsed in place; only an error maps an offset back to the line as it was read. What a line
 * held may be a key, so both buffers are wiped. */
#include "conf.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include "alloc.h"
#include "secret.h"

#define READ_SIZE (16 * 1024)

void wg_conf_init(struct wg_conf *c, struct wg_device *dev, struct wg_resolve *resolve,
		  const struct wg_log *log, const char *file)
{
	*c = (struct wg_conf){.dev = dev, .resolve = resolve, .log = log, .file = file};
}

void wg_conf_wipe(struct wg_conf *c)
{
	if (c->squeezed)
		wg_secret_wipe(c->squeezed, c->squeezed_size);
	free(c->squeezed);
	c->squeezed = NULL;
	c->squeezed_size = 0;
}

/* Makes room; not by realloc, which would leave a copy of keys behind. */
static void grow_squeezed(struct wg_conf *c, size_t len)
{
	size_t size = c->squeezed_size ? c->squeezed_size : 256;

	if (len <= c->squeezed_size)
		return;
	while (size < len)
		size *= 2;
	wg_conf_wipe(c);
	c->squeezed = wg_alloc(size);
	c->squeezed_size = size;
}

/* Copies the line without white space, up to its comment. Returns the length. */
static size_t squeeze(struct wg_conf *c, const char *line, size_t len)
{
	const char *comment = memchr(line, '#', len);
	size_t n = 0;
	char *out;

	if (comment)
		len = (size_t)(comment - line);
	grow_squeezed(c, len);
	out = c->squeezed;
	/* Every byte is written and most are kept: no branch to guess wrong. */
	for (size_t i = 0; i < len; i++) {
		out[n] = line[i];
		n += !wg_conf_is_space(line[i]);
	}
	return n;
}

/* Where the byte at an offset of the squeezed line stood in the line; behind the last byte that
 * was kept for an offset that is not there. */
static size_t unsqueeze(const char *line, size_t len, size_t offset)
{
	size_t end = 0;

	for (size_t i = 0; i < len && line[i] != '#'; i++) {
		if (wg_conf_is_space(line[i]))
			continue;
		if (!offset--)
			return i;
		end = i + 1;
	}
	return end;
}

static bool equals(const char *s, size_t len, const char *name)
{
	return len == strlen(name) && !strncasecmp(s, name, len);
}

static int check_peer(const struct wg_conf *c, struct wg_error *err)
{
	if (!c->peer || c->peer->flags & WG_PEER_HAS_PUBLIC_KEY)
		return 0;
	return wg_error_set(err, "%s:%u: this [Peer] has no PublicKey: expected one in each", c->file,
			    c->peer_line);
}

static void begin_peer(struct wg_conf *c, unsigned int number)
{
	c->section = WG_CONF_PEER;
	c->peer = wg_device_add_peer(c->dev);
	c->peer->flags |= WG_PEER_REPLACE_ALLOWEDIPS;
	c->peer_line = number;
}

/* Returns 1 for a section's header that is unknown. */
static int parse_section(struct wg_conf *c, size_t len, unsigned int number, struct wg_error *err)
{
	bool interface = equals(c->squeezed, len, "[Interface]");

	if (!interface && !equals(c->squeezed, len, "[Peer]"))
		return 1;
	if (check_peer(c, err))
		return -1;
	if (interface) {
		c->section = WG_CONF_INTERFACE;
		c->peer = NULL;
	} else {
		begin_peer(c, number);
	}
	return 0;
}

static const struct wg_conf_key *find_key(const char *s, size_t len)
{
	for (const struct wg_conf_key *key = wg_conf_keys; key->name; key++)
		if (equals(s, len, key->name))
			return key;
	return NULL;
}

static int unknown_key(const struct wg_conf *c, struct wg_error *err)
{
	switch (c->section) {
	case WG_CONF_NONE:
		return wg_error_set(err, "expected [Interface] or [Peer] before the first setting");
	case WG_CONF_INTERFACE:
		return wg_error_set(err, "unknown key in [Interface]: expected PrivateKey, ListenPort%s%s",
				    c->also ? ", FwMark" : " or FwMark", c->also ? c->also : "");
	case WG_CONF_PEER:
		return wg_error_set(err, "unknown key in [Peer]: expected PublicKey, PresharedKey, "
					 "AllowedIPs, Endpoint or PersistentKeepalive");
	}
	return -1;
}

/* A squeezed line that is no section's header. On error, err is the bare sentence. */
static int parse_setting(struct wg_conf *c, size_t len, unsigned int number, size_t *at,
			 const struct wg_conf_key **key, struct wg_error *err)
{
	const char *equal = memchr(c->squeezed, '=', len);
	size_t name_len = equal ? (size_t)(equal - c->squeezed) : len;

	*at = 0;
	*key = find_key(c->squeezed, name_len);
	if (c->section == WG_CONF_NONE || (*key && (*key)->section != c->section) || (equal && !*key))
		return unknown_key(c, err);
	*at = name_len;
	if (!equal)
		return wg_error_set(err, "no \"=\": expected \"Key = value\"");
	*at = name_len + 1;
	if (*at == len)
		return wg_error_set(err, "no value: expected one after \"=\"");
	if (!(*key)->parse(c, equal + 1, len - *at, number, at, err))
		return 0;
	*at += name_len + 1;
	return -1;
}

int wg_conf_line(struct wg_conf *c, const char *line, size_t len, unsigned int number,
		 struct wg_error *err)
{
	const struct wg_conf_key *key = NULL;
	size_t n = squeeze(c, line, len), at = 0;
	int ret;

	if (!n)
		return 0;
	if (c->squeezed[0] == '[') {
		ret = parse_section(c, n, number, err);
		if (ret <= 0)
			return ret;
		wg_error_set(err, "unknown section: expected [Interface] or [Peer]");
	} else if (!parse_setting(c, n, number, &at, &key, err)) {
		return 0;
	}
	return wg_conf_error_at(err, c->file, number, line, len, unsqueeze(line, len, at),
				key && key->secret);
}

int wg_conf_finish(struct wg_conf *c, struct wg_error *err)
{
	return check_peer(c, err);
}

/* Lines of a file, in a buffer of our own: stdio's would keep a copy of the keys. */
struct reader {
	FILE *f;
	char *buf;
	size_t size, start, end; /* unread bytes are buf[start..end) */
	bool eof;
};

/* Reads on behind what is unread, and makes room for it. */
static int fill(struct reader *r, const char *file, struct wg_error *err)
{
	size_t kept = r->end - r->start;

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
	r->start = 0;
	r->end = kept + fread(r->buf + kept, 1, r->size - kept, r->f);
	if (ferror(r->f))
		return wg_error_errno(err, errno, "cannot read %s", file);
	r->eof = feof(r->f);
	return 0;
}

static int read_lines(struct wg_conf *c, struct reader *r, struct wg_error *err)
{
	unsigned int number = 0;

	for (;;) {
		char *line = r->buf + r->start;
		size_t unread = r->end - r->start;
		char *newline = memchr(line, '\n', unread);
		size_t len = newline ? (size_t)(newline - line) + 1 : unread;

		if (!newline && !r->eof) {
			if (fill(r, c->file, err))
				return -1;
			continue;
		}
		if (len && wg_conf_line(c, line, len, ++number, err))
			return -1;
		if (!newline)
			return wg_conf_finish(c, err);
		r->start += len;
	}
}

int wg_conf_read(struct wg_device *dev, struct wg_resolve *resolve, const struct wg_log *log,
		 FILE *f, const char *file, struct wg_error *err)
{
	struct reader r = {.f = f, .buf = wg_alloc(READ_SIZE), .size = READ_SIZE};
	struct wg_conf c;
	int ret;

	setvbuf(f, NULL, _IONBF, 0);
	wg_secret_lock(r.buf, r.size);
	wg_conf_init(&c, dev, resolve, log, file);
	ret = read_lines(&c, &r, err);
	if (!ret && c.section == WG_CONF_NONE)
		ret = 1;
	wg_conf_wipe(&c);
	wg_secret_wipe(r.buf, r.size);
	free(r.buf);
	return ret;
}

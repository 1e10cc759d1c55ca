// SPDX-License-Identifier: GPL-2.0
/* Quoting a line of a file in an error. In doubt about what a line holds, it is hidden: a secret in
 * a log is worse than a quote that shows less. */
#include "conf-quote.h"

#include <stdio.h>
#include <string.h>
#include "../base/encoding.h"
#include "../base/printable.h"
#include "../base/secret.h"

#define NAME_MAX_LEN 24  /* no key's name is longer */
#define FOLD_MAX_LEN 256 /* how far a name is looked at */
#define SECRET_RUN   40  /* so many base64 characters in a row may be a key, or most of one */
#define SHOWN_MAX    120 /* bytes of a line */
#define SHOWN_BEFORE 60  /* of them before the column, where the line is longer */

static bool is_base64(char c)
{
	char lower = c | 0x20;

	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* White space does not end a run: the parser deletes it, too. */
bool wg_conf_may_be_key(const char *s, size_t len)
{
	size_t run = 0;

	for (size_t i = 0; i < len; i++) {
		if (wg_conf_is_space(s[i]))
			continue;
		run = is_base64(s[i]) ? run + 1 : 0;
		if (run == SECRET_RUN)
			return true;
	}
	return false;
}

bool wg_conf_path_may_be_key(const char *path)
{
	u8 key[WG_KEY_LEN];
	bool valid = wg_key_from_base64(key, path, strlen(path));

	wg_secret_wipe(key, sizeof(key));
	return valid || (path[0] != '/' && wg_conf_may_be_key(path, strlen(path)));
}

char *wg_conf_show_path(char *out, size_t size, const char *path)
{
	return wg_printable(out, size, wg_conf_path_may_be_key(path) ? WG_CONF_HIDDEN : path);
}

/* Lower-case, without white space. False where it is too long to be looked at. */
static bool fold_name(char name[static FOLD_MAX_LEN + 1], const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (wg_conf_is_space(s[i]))
			continue;
		if (n == FOLD_MAX_LEN)
			return false;
		name[n++] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] | 0x20) : s[i];
	}
	name[n] = '\0';
	return true;
}

/* Where the part that must not be shown begins; `len` for nowhere. */
static size_t hidden_from(const char *line, size_t len, bool masked)
{
	const char *equal = memchr(line, '=', len);
	size_t name_len = equal ? (size_t)(equal - line) : len, value = name_len;
	char name[FOLD_MAX_LEN + 1];
	bool keylike;

	if (!fold_name(name, line, name_len) || wg_conf_may_be_key(line, name_len))
		return 0;
	keylike = strstr(name, "key");
	if (keylike && strlen(name) > NAME_MAX_LEN)
		return 0;
	if (!equal)
		return keylike || masked ? 0 : len;
	for (value++; value < len && wg_conf_is_space(line[value]); value++)
		;
	if (masked)
		return value;
	if (!strcmp(name, "publickey"))
		return len;
	return keylike || wg_conf_may_be_key(line + value, len - value) ? value : len;
}

/* Without comment, line end and white space before it. */
static size_t quoted_len(const char *line, size_t len)
{
	const char *comment = memchr(line, '#', len);

	if (comment)
		len = (size_t)(comment - line);
	while (len && wg_conf_is_space(line[len - 1]))
		len--;
	return len;
}

void wg_conf_quote(char out[static WG_CONF_QUOTE_SIZE], const char *line, size_t len, size_t at,
		   bool masked)
{
	size_t quoted = quoted_len(line, len), hidden = hidden_from(line, quoted, masked);
	size_t caret = at < hidden ? at : hidden, end = hidden;
	size_t start = caret > SHOWN_MAX - SHOWN_BEFORE / 2 ? caret - SHOWN_BEFORE : 0;
	size_t indent = caret - start + (start ? 3 : 0);
	char shown[SHOWN_MAX + 1];

	if (end - start > SHOWN_MAX)
		end = start + SHOWN_MAX;
	for (size_t i = start; i < end; i++) {
		unsigned char c = (unsigned char)line[i];

		shown[i - start] = (char)(c == '\t' ? ' ' : c < ' ' || c == 0x7f ? '?' : c);
		/* The caret stands below characters, not bytes. */
		if (i < caret && (c & 0xc0) == 0x80)
			indent--;
	}
	shown[end - start] = '\0';
	snprintf(out, WG_CONF_QUOTE_SIZE, "    %s%s%s\n    %*s^", start ? "..." : "", shown,
		 end < hidden ? "..." : hidden < quoted ? "(hidden)" : "", (int)indent, "");
}

int wg_conf_error_at(struct wg_error *err, const char *file, unsigned int number, const char *line,
		     size_t len, size_t at, bool masked)
{
	char sentence[512], quote[WG_CONF_QUOTE_SIZE];
	unsigned int reason = err->reason;

	snprintf(sentence, sizeof(sentence), "%.511s", err->text);
	wg_conf_quote(quote, line, len, at, masked);
	wg_error_set(err, "%s:%u:%zu: %s\n%s", file, number, at + 1, sentence, quote);
	err->reason = reason;
	return -1;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Writing fields cannot fail here: the stream keeps its own error. */
#include "fields.h"

#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../config/strlist.h"

static void write_text(FILE *f, const char *s, bool field)
{
	for (; *s; s++) {
		u8 c = (u8)*s;

		if (c < ' ' || c == '\\' || c == 0x7f || (c == ' ' && field))
			fprintf(f, "\\x%02x", c);
		else
			putc(c, f);
	}
}

void fields_write_prefix(FILE *f, const struct wg_prefix *p)
{
	char text[WG_PREFIX_STRLEN];

	fprintf(f, " %s", wg_prefix_format(text, p));
}

void fields_write_family(FILE *f, u8 family)
{
	fputs(family == AF_INET6 ? " 6" : " 4", f);
}

void fields_write_word(FILE *f, const char *text)
{
	putc(' ', f);
	write_text(f, text, true);
}

void fields_write_rest(FILE *f, const char *text)
{
	putc(' ', f);
	write_text(f, text, false);
}

/* Takes the next field. False where there is none. */
static bool take_field(struct fields *c, const char **field, size_t *len)
{
	const char *space;

	if (!c->s)
		return false;
	space = memchr(c->s, ' ', c->len);
	*field = c->s;
	*len = space ? (size_t)(space - c->s) : c->len;
	c->s = space ? space + 1 : NULL;
	c->len = space ? c->len - *len - 1 : 0;
	return true;
}

static bool equal(const char *word, const char *s, size_t len)
{
	return strlen(word) == len && !memcmp(word, s, len);
}

bool fields_take_word(struct fields *c, const char *word)
{
	const char *s;
	size_t len;

	return take_field(c, &s, &len) && equal(word, s, len);
}

int fields_take_index(struct fields *c, const char *const *words, size_t n)
{
	const char *s;
	size_t len;

	if (!take_field(c, &s, &len))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (equal(words[i], s, len))
			return (int)i;
	return -1;
}

bool fields_take_number(struct fields *c, u32 *value, u32 max)
{
	const char *s;
	size_t len;
	u64 v = 0;

	if (!take_field(c, &s, &len) || !len || len > 10 || (len > 1 && *s == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (u64)(s[i] - '0');
	}
	*value = (u32)v;
	return v <= max;
}

bool fields_take_u8(struct fields *c, u8 *value)
{
	u32 v;

	if (!fields_take_number(c, &v, UINT8_MAX))
		return false;
	*value = (u8)v;
	return true;
}

bool fields_take_family(struct fields *c, u8 *family)
{
	static const char *const digits[] = { "4", "6" };
	int i = fields_take_index(c, digits, 2);

	*family = i == 1 ? AF_INET6 : AF_INET;
	return i >= 0;
}

bool fields_take_prefix(struct fields *c, struct wg_prefix *p)
{
	char text[WG_PREFIX_STRLEN], back[WG_PREFIX_STRLEN];
	struct fields cidr;
	const char *s;
	char *slash;
	size_t len;
	u32 max;

	if (!take_field(c, &s, &len) || len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	slash = strchr(text, '/');
	if (!slash)
		return false;
	*slash = '\0';
	*p = (struct wg_prefix){ .family = strchr(text, ':') ? AF_INET6 : AF_INET };
	cidr = (struct fields){ slash + 1, strlen(slash + 1) };
	if (inet_pton(p->family, text, p->addr) != 1 ||
	    !fields_take_number(&cidr, &max, p->family == AF_INET6 ? 128 : 32))
		return false;
	p->cidr = (u8)max;
	*slash = '/';
	return equal(wg_prefix_format(back, p), text, len);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Undoes write_text. NULL where that cannot have written it. */
static char *unescape(const char *s, size_t len, bool field)
{
	char *out = wg_alloc(len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int c = (u8)s[i];
		bool escaped = c == '\\' && len - i >= 4 && s[i + 1] == 'x' &&
			       hex_digit(s[i + 2]) >= 0 && hex_digit(s[i + 3]) >= 0;

		if (escaped) {
			c = hex_digit(s[i + 2]) * 16 + hex_digit(s[i + 3]);
			i += 3;
		}
		if (!c || escaped != (c < ' ' || c == '\\' || c == 0x7f || (c == ' ' && field))) {
			string_wipe(&out);
			return NULL;
		}
		out[n++] = (char)c;
	}
	return out;
}

bool fields_take_text(struct fields *c, char **text)
{
	const char *s;
	size_t len;

	if (!take_field(c, &s, &len))
		return false;
	*text = unescape(s, len, true);
	return *text;
}

bool fields_take_rest(struct fields *c, char **text)
{
	if (!c->s)
		return false;
	*text = unescape(c->s, c->len, false);
	c->s = NULL;
	return *text;
}

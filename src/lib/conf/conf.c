// SPDX-License-Identifier: GPL-2.0
/* Configuration files, line by line. A line is copied once, without its white space and comment,
 * and parsed in place; only an error maps an offset back to the line as it was read. What a line
 * held may be a key, so both buffers are wiped. */
#include "conf.h"

#include <stdlib.h>
#include <strings.h>
#include "../base/alloc.h"
#include "../base/secret.h"
#include "../base/suggest.h"
#include "conf-names.h"
#include "conf-reader.h"
#include "conf-text.h"
#include "setting-text.h"

#define MISTAKES_MAX 100 /* that are told of one line */

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

/* A line as it was read. */
struct conf_text {
	const char *s;
	size_t len;     /* with the line end */
	size_t shown;   /* up to the comment */
	unsigned int number;
};

/* Copies the line without white space, up to its comment. Returns the length. *odd: it has bytes
 * that are neither white space nor ASCII that can be seen. */
static size_t squeeze(struct wg_conf *c, const struct conf_text *t, bool *odd)
{
	unsigned int strange = 0;
	size_t n = 0;
	char *out;

	grow_squeezed(c, t->shown);
	out = c->squeezed;
	/* Every byte is written and most are kept: no branch to guess wrong. */
	for (size_t i = 0; i < t->shown; i++) {
		bool space = wg_conf_is_space(t->s[i]);

		out[n] = t->s[i];
		n += !space;
		strange |= (unsigned int)!space & (unsigned int)((u8)(t->s[i] - '!') > '~' - '!');
	}
	*odd = strange;
	return n;
}

/* Where the byte at an offset of the squeezed line stood in the line; behind the last byte that
 * was kept for an offset that is not there. The search begins at c->mark, if that is not behind it. */
static size_t unsqueeze(const struct wg_conf *c, const struct conf_text *t, size_t offset)
{
	bool from_mark = offset >= c->mark.squeezed;
	size_t at = from_mark ? c->mark.squeezed : 0, end = from_mark ? c->mark.line : 0;

	for (size_t i = end; i < t->shown; i++) {
		if (wg_conf_is_space(t->s[i]))
			continue;
		if (at++ == offset)
			return i;
		end = i + 1;
	}
	return end;
}

/* Lets the lookups of one element of a list begin where that stands: a list may be a line of megabytes. */
static void mark_element(struct wg_conf *c, const struct conf_text *t, const char *value)
{
	size_t offset = (size_t)(value - c->squeezed);

	c->mark.line = unsqueeze(c, t, offset);
	c->mark.squeezed = offset;
}

static bool equals(const char *s, size_t len, const char *name)
{
	return len == strlen(name) && !strncasecmp(s, name, len);
}

static void give_finding(const struct wg_conf *c, unsigned int number, size_t column,
			 const char *quote, const struct wg_error *err)
{
	const struct wg_conf_finding f = {
		.code = (enum wg_conf_code)err->reason,
		.file = c->file,
		.line = number,
		.column = column,
		.sentence = err->text,
		.quote = quote,
	};

	c->sink->found(c->sink->ctx, &f);
}

bool wg_conf_gives_up(const struct wg_conf *c, unsigned int number)
{
	return c->failed_line == number && c->mistakes >= MISTAKES_MAX;
}

void wg_conf_cut_short(const struct wg_conf *c)
{
	if (c->sink && c->sink->cut_short)
		c->sink->cut_short(c->sink->ctx);
}

/* Counts a mistake, and says behind the last one of its line that there may be more. */
static void count_mistake(struct wg_conf *c, unsigned int number, struct wg_error *err)
{
	size_t len = strlen(err->text);

	if (c->failed_line != number)
		c->mistakes = 0;
	c->failed_line = number;
	if (++c->mistakes == MISTAKES_MAX)
		snprintf(err->text + len, sizeof(err->text) - len, "; the rest of this line is not checked");
}

int wg_conf_fail(struct wg_conf *c, unsigned int number, const char *line, size_t len,
		 size_t at, bool masked, struct wg_error *err)
{
	char quote[WG_CONF_QUOTE_SIZE];

	if (!c->sink)
		return wg_conf_error_at(err, c->file, number, line, len, at, masked);
	count_mistake(c, number, err);
	wg_conf_quote(quote, line, len, at, masked);
	give_finding(c, number, at + 1, quote, err);
	return 0;
}

/* Old Mac editors end lines with a carriage return alone: all is one line then. */
static bool has_lone_cr(const struct conf_text *t, size_t *at)
{
	const char *cr = memchr(t->s, '\r', t->len);
	size_t rest = cr ? t->len - (size_t)(cr - t->s) : 0;

	while (rest && wg_conf_is_space(t->s[t->len - rest]))
		rest--;
	if (rest)
		*at = (size_t)(cr - t->s);
	return rest;
}

static int fail_at(struct wg_conf *c, const struct conf_text *t, size_t at, bool masked,
		   struct wg_error *err)
{
	if (has_lone_cr(t, &at))
		wg_conf_wrong(err, WG_CODE_LINE_END,
			      "a carriage return within the line: expected a line feed at the end of each");
	return wg_conf_fail(c, t->number, t->s, t->len, at, masked, err);
}

static int check_peer(const struct wg_conf *c, struct wg_error *err)
{
	static const char sentence[] = "this [Peer] has no PublicKey: expected one in each";

	/* A line of it that was wrong may have been just that. */
	if (!c->peer || c->peer_failed || c->peer->flags & WG_PEER_HAS_PUBLIC_KEY)
		return 0;
	wg_conf_wrong(err, WG_CODE_NO_PUBLIC_KEY, "%s", sentence);
	if (!c->sink)
		return wg_error_prefix(err, "%s:%u", c->file, c->peer_line);
	give_finding(c, c->peer_line, 0, "", err);
	return 0;
}

/* After the last line of a section. With a sink, exclusions stay as they stand in the file. */
static int end_section(struct wg_conf *c, struct wg_error *err)
{
	if (check_peer(c, err))
		return -1;
	if (c->peer && !c->sink)
		wg_peer_exclude(c->dev, c->peer);
	return 0;
}

static int begin_section(struct wg_conf *c, enum wg_conf_section section, unsigned int number,
			 struct wg_error *err)
{
	if (end_section(c, err))
		return -1;
	c->section = section;
	c->lost = section == WG_CONF_NONE;
	c->peer = NULL;
	c->peer_failed = false;
	c->has_endpoint = false;
	if (section == WG_CONF_PEER) {
		c->peer = wg_device_add_peer(c->dev);
		c->peer->flags |= WG_PEER_REPLACE_ALLOWEDIPS;
		c->peer_line = number;
	}
	return 0;
}

/* Sections of systemd.netdev(5), where the same settings stand. */
static bool is_networkd_section(const char *s, size_t len)
{
	return equals(s, len, "[NetDev]") || equals(s, len, "[WireGuard]") ||
	       equals(s, len, "[WireGuardPeer]");
}

/* The section that a word is most like, in brackets or not; NONE where it is like neither. */
static enum wg_conf_section guess_section(const char *s, size_t len)
{
	struct wg_suggest guess;

	while (len && (*s == '[' || *s == '(' || *s == '{'))
		s++, len--;
	while (len && strchr("])}:", s[len - 1]))
		len--;
	wg_suggest_init(&guess, s, len);
	wg_suggest_try(&guess, "Interface");
	wg_suggest_try(&guess, "Peer");
	return !guess.best ? WG_CONF_NONE : *guess.best == 'P' ? WG_CONF_PEER : WG_CONF_INTERFACE;
}

static const char *section_name(enum wg_conf_section section)
{
	return section == WG_CONF_PEER ? "[Peer]" : "[Interface]";
}

static int unknown_section(const struct wg_conf *c, size_t len, enum wg_conf_section guess,
			   struct wg_error *err)
{
	if (is_networkd_section(c->squeezed, len))
		return wg_conf_wrong(err, WG_CODE_FOREIGN_KEY,
				     "a section of systemd.netdev(5): expected [Interface] or [Peer], and "
				     "the keys of wg(8)");
	if (guess != WG_CONF_NONE)
		return wg_conf_wrong(err, WG_CODE_UNKNOWN_SECTION, "unknown section: did you mean %s?",
				     section_name(guess));
	return wg_conf_wrong(err, WG_CODE_UNKNOWN_SECTION,
			     "unknown section: expected [Interface] or [Peer]");
}

/* A squeezed line that begins with "[". */
static int parse_section(struct wg_conf *c, const struct conf_text *t, size_t len,
			 struct wg_error *err)
{
	enum wg_conf_section guess;

	if (equals(c->squeezed, len, "[Interface]"))
		return begin_section(c, WG_CONF_INTERFACE, t->number, err);
	if (equals(c->squeezed, len, "[Peer]"))
		return begin_section(c, WG_CONF_PEER, t->number, err);
	guess = guess_section(c->squeezed, len);
	/* With a sink, what follows is read as it was probably meant. */
	if (c->sink && begin_section(c, guess, t->number, err))
		return -1;
	unknown_section(c, len, guess, err);
	return fail_at(c, t, unsqueeze(c, t, 0), false, err);
}

/* Where the settings of the section that is being read are. */
static enum wg_section own_section(const struct wg_conf *c)
{
	return c->section == WG_CONF_PEER ? WG_SECTION_PEER : WG_SECTION_INTERFACE;
}

static bool has_section(const struct wg_conf *c, const struct wg_setting *key)
{
	return c->section != WG_CONF_NONE && key->section == own_section(c);
}

static const struct wg_setting *find_key_in(enum wg_section section, const char *s, size_t len)
{
	for (const struct wg_setting *key = wg_settings(section); key->type != WG_TYPE_NONE; key++)
		if (key->key && equals(s, len, key->key))
			return key;
	return NULL;
}

/* The setting of that key, which may belong to the other section. */
static const struct wg_setting *find_key(const struct wg_conf *c, const char *s, size_t len)
{
	enum wg_section own = own_section(c);
	const struct wg_setting *key = find_key_in(own, s, len);

	return key ? key : find_key_in(own == WG_SECTION_PEER ? WG_SECTION_INTERFACE : WG_SECTION_PEER,
				       s, len);
}

/* The row of a key that is not wg's: that of the section that is being read, if there are two. */
static const struct wg_conf_name *find_name(const struct wg_conf *c, const char *s, size_t len)
{
	const struct wg_conf_name *found = NULL;

	for (const struct wg_conf_name *name = wg_conf_names; name->name; name++)
		if (equals(s, len, name->name) && (!found || name->section == own_section(c)))
			found = name;
	return found;
}

static bool is_quick(const struct wg_conf_name *name)
{
	return name->owner == WG_OWNER_QUICK || name->owner == WG_OWNER_OURS;
}

/* Whether a squeezed line sets a key that only our wg-quick has: for wg, the line is not there. */
static bool is_passed_over(const struct wg_conf *c, size_t len)
{
	const char *equal = memchr(c->squeezed, '=', len);
	const struct wg_conf_name *name;

	if (c->quick || !equal || c->section == WG_CONF_NONE)
		return false;
	name = find_name(c, c->squeezed, (size_t)(equal - c->squeezed));
	return name && name->owner == WG_OWNER_OURS && name->section == own_section(c);
}

/* A key that is known, but not here. */
static int foreign_key(const struct wg_conf *c, const struct wg_conf_name *name, struct wg_error *err)
{
	switch (name->owner) {
	case WG_OWNER_OURS:
	case WG_OWNER_QUICK:
		if (c->quick && name->section == own_section(c))
			return wg_conf_wrong(err, WG_CODE_UNKNOWN_KEY,
					     "unknown key in %s: did you mean %s, without white "
					     "space in it?", section_name(c->section), name->name);
		if (c->quick || name->owner == WG_OWNER_OURS)
			return wg_conf_wrong(err, WG_CODE_WRONG_SECTION,
					     "unknown key in %s: %s belongs to %s", section_name(c->section),
					     name->name,
					     section_name(name->section == WG_SECTION_PEER ? WG_CONF_PEER
										 : WG_CONF_INTERFACE));
		return wg_conf_wrong(err, WG_CODE_QUICK_KEY,
				     "unknown key: %s is wg-quick's: use `wg-quick up FILE', or give wg "
				     "what `wg-quick strip FILE' prints", name->name);
	case WG_OWNER_AMNEZIA:
		return wg_conf_wrong(err, WG_CODE_AMNEZIA_KEY,
				     "unknown key: %s is AmneziaWG's, another protocol, which WireGuard "
				     "does not speak", name->name);
	case WG_OWNER_NETWORKD:
		return wg_conf_wrong(err, WG_CODE_FOREIGN_KEY,
				     "unknown key: %s is of systemd-networkd: expected %s", name->name,
				     name->instead);
	}
	return -1;
}

/* The most keys that a message about one section can list: those of the table of settings, and up to 48
 * of wg-quick's (conf-names.c). Keys beyond it are not listed. */
#define KEYS_MAX (WG_SETTINGS_MAX + 48)

/* The keys that may stand in the section that is being read. Returns how many. */
static size_t list_keys(const struct wg_conf *c, const char *keys[static KEYS_MAX])
{
	size_t n = 0;

	if (c->section == WG_CONF_NONE)
		return 0;
	for (const struct wg_setting *key = wg_settings(own_section(c)); key->type != WG_TYPE_NONE; key++)
		if (key->key && n < KEYS_MAX)
			keys[n++] = key->key;
	for (const struct wg_conf_name *name = wg_conf_names; name->name; name++)
		if (c->quick && is_quick(name) && name->section == own_section(c) && n < KEYS_MAX)
			keys[n++] = name->name;
	return n;
}

static const char *guess_key(const struct wg_conf *c, const char *s, size_t len)
{
	const char *keys[KEYS_MAX];
	size_t n = list_keys(c, keys);
	struct wg_suggest guess;

	wg_suggest_init(&guess, s, len);
	for (size_t i = 0; i < n; i++)
		wg_suggest_try(&guess, keys[i]);
	return guess.best;
}

static int no_such_key(const struct wg_conf *c, struct wg_error *err)
{
	const char *keys[KEYS_MAX];
	size_t n = list_keys(c, keys), len = 0;
	char list[1024] = "";

	for (size_t i = 0; i < n && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
					!i ? "" : i + 1 < n ? ", " : " or ", keys[i]);
	return wg_conf_wrong(err, WG_CODE_UNKNOWN_KEY, "unknown key in %s: expected %s",
			     section_name(c->section), list);
}

static int unknown_key(const struct wg_conf *c, size_t name_len, const struct wg_setting *key,
		       struct wg_error *err)
{
	const struct wg_conf_name *name = find_name(c, c->squeezed, name_len);
	const char *guess;

	if (c->section == WG_CONF_NONE)
		return wg_conf_wrong(err, WG_CODE_NO_SECTION,
				     "expected [Interface] or [Peer] before the first setting");
	if (key)
		return wg_conf_wrong(err, WG_CODE_WRONG_SECTION,
				     "unknown key in %s: %s belongs to %s", section_name(c->section),
				     key->key,
				     section_name(c->section == WG_CONF_PEER ? WG_CONF_INTERFACE
									     : WG_CONF_PEER));
	if (name)
		return foreign_key(c, name, err);
	guess = guess_key(c, c->squeezed, name_len);
	if (guess)
		return wg_conf_wrong(err, WG_CODE_UNKNOWN_KEY, "unknown key in %s: did you mean %s?",
				     section_name(c->section), guess);
	return no_such_key(c, err);
}

/* Of a squeezed line: up to "=", or all of it. */
static size_t name_length(const char *s, size_t len)
{
	const char *equal = memchr(s, '=', len);

	return equal ? (size_t)(equal - s) : len;
}

/* A setting that was refused: where it was the peer's key, the peer is not reproached as well with
 * having none. */
static void note_lost_key(struct wg_conf *c, size_t name_len)
{
	const struct wg_setting *key = find_key(c, c->squeezed, name_len);
	const char *name = key ? key->key : guess_key(c, c->squeezed, name_len);

	c->peer_failed |= c->peer && name && !strcmp(name, "PublicKey");
}

static bool is_comment_sign(const char *s, size_t len)
{
	return s[0] == ';' || (len > 1 && s[0] == '/' && s[1] == '/');
}

/* A line without "=" whose name is not known. */
static int no_equals(const struct wg_conf *c, size_t len, struct wg_error *err)
{
	enum wg_conf_section section = guess_section(c->squeezed, len);

	if (section != WG_CONF_NONE)
		return wg_conf_wrong(err, WG_CODE_UNKNOWN_SECTION, "expected %s, in brackets",
				     section_name(section));
	return wg_conf_wrong(err, WG_CODE_NO_EQUALS, "no \"=\": expected \"Key = value\"");
}

static bool is_address_like(const char *s, size_t len)
{
	return len && (memchr(s, '.', len) || memchr(s, ':', len)) &&
	       (s[0] == ':' || strchr("0123456789abcdefABCDEF", s[0]));
}

/* A list that is wrong at offset `at` of the line: finds two addresses with no comma between them
 * in that element, and where the second begins. */
static bool find_missing_comma(const struct conf_text *t, size_t at, size_t *second)
{
	size_t start = at < t->shown ? at : t->shown, end = start, first;

	while (start && t->s[start - 1] != ',' && t->s[start - 1] != '=')
		start--;
	while (end < t->shown && t->s[end] != ',')
		end++;
	while (start < end && wg_conf_is_space(t->s[start]))
		start++;
	for (first = start; start < end && !wg_conf_is_space(t->s[start]) && t->s[start] != ';'; start++)
		;
	if (start == end || !is_address_like(t->s + first, start - first))
		return false;
	while (start < end && (wg_conf_is_space(t->s[start]) || t->s[start] == ';'))
		start++;
	*second = start;
	return is_address_like(t->s + start, end - start);
}

/* Replaces the sentence where it is clear what was meant. The value begins at offset `start` of the
 * line and is wrong at *at. */
static void explain_value(const struct conf_text *t, const struct wg_setting *key, size_t start,
			  size_t *at, struct wg_error *err)
{
	size_t second;

	if (start < t->shown && strchr("\"'`", t->s[start])) {
		*at = start;
		wg_conf_wrong(err, WG_CODE_QUOTED_VALUE,
			      "a value has no quotation marks around it: expected the value alone");
	} else if (key->role == WG_ROLE_LIST && find_missing_comma(t, *at, &second)) {
		wg_conf_wrong(err, WG_CODE_MISSING_COMMA, "no comma: expected \",\" between two addresses");
		*at = second;
	}
}

static void give_value(const struct wg_conf *c, const struct conf_text *t, const struct wg_setting *key,
		       const char *value, size_t len)
{
	const struct wg_conf_value v = {
		.file = c->file,
		.key = key->key,
		.text = wg_setting_ops(key)->secret ? "" : value,
		.len = wg_setting_ops(key)->secret ? 0 : len,
		.line = t->number,
		.column = unsqueeze(c, t, (size_t)(value - c->squeezed)) + 1,
		.peer = c->dev->n_peers,
	};

	c->sink->took(c->sink->ctx, &v);
}

static struct wg_conf_further *add_further(struct wg_conf *c)
{
	struct wg_conf_furthers *f = c->furthers;

	f->list = wg_realloc(f->list, f->n + 1, sizeof(*f->list));
	f->list[f->n] = (struct wg_conf_further){c->peer, wg_arena_alloc(&c->dev->arena, sizeof(struct wg_peer))};
	return &f->list[f->n++];
}

void wg_conf_furthers_wipe(struct wg_conf_furthers *f)
{
	free(f->list);
	wg_resolve_wipe(&f->resolve);
	*f = (struct wg_conf_furthers){0};
}

/* As wg_setting_parse, for a value of the file. */
static int parse_setting_value(struct wg_conf *c, const struct wg_setting *key, struct wg_setting_target *to,
			       const char *value, size_t len, size_t *at, struct wg_error *err)
{
	bool is_endpoint = key->type == WG_TYPE_ENDPOINT && c->furthers, is_further = is_endpoint && c->has_endpoint;
	int ret;

	if (is_further) {
		to->peer = add_further(c)->as;
		to->resolve = &c->furthers->resolve;
	}
	ret = wg_setting_parse(key, to, value, len, at, err);
	if (ret && is_further)
		c->furthers->n--;
	c->has_endpoint |= is_endpoint && !ret;
	return ret;
}

/* The value of a key, or one element of its list: `value` is in the squeezed line. */
static int parse_value(struct wg_conf *c, const struct conf_text *t, const struct wg_setting *key,
		       const char *value, size_t len, struct wg_error *err)
{
	struct wg_setting_target to = {c->dev, c->peer, c->resolve, c->log, c->file, t->number};
	size_t offset = (size_t)(value - c->squeezed), at = 0;

	if (!parse_setting_value(c, key, &to, value, len, &at, err)) {
		if (c->sink && c->sink->took)
			give_value(c, t, key, value, len);
		return 0;
	}
	at = unsqueeze(c, t, offset + at);
	explain_value(t, key, unsqueeze(c, t, offset), &at, err);
	return fail_at(c, t, at, wg_setting_ops(key)->secret, err);
}

/* With a sink each element counts for itself, so that one mistake does not hide the next. */
static int parse_values(struct wg_conf *c, const struct conf_text *t, const struct wg_setting *key,
			const char *value, size_t len, struct wg_error *err)
{
	while (c->sink && key->role == WG_ROLE_LIST) {
		const char *comma = memchr(value, ',', len);
		size_t n = comma ? (size_t)(comma - value) : len;

		mark_element(c, t, value);
		/* The whole list may be empty, for `wg set'; an element may not. */
		if (!n) {
			wg_conf_wrong(err, WG_CODE_ADDRESS, "expected an IPv4 or IPv6 address");
			fail_at(c, t, c->mark.line, wg_setting_ops(key)->secret, err);
		} else if (parse_value(c, t, key, value, n, err)) {
			return -1;
		}
		if (!comma)
			return 0;
		if (wg_conf_gives_up(c, t->number)) {
			wg_conf_cut_short(c);
			return 0;
		}
		value += n + 1;
		len -= n + 1;
	}
	return parse_value(c, t, key, value, len, err);
}

/* A squeezed line that is no section's header. */
static int parse_setting(struct wg_conf *c, const struct conf_text *t, size_t len, struct wg_error *err)
{
	size_t name_len = name_length(c->squeezed, len), at = name_len;
	const char *equal = name_len < len ? c->squeezed + name_len : NULL;
	const struct wg_setting *key = find_key(c, c->squeezed, name_len);

	if (c->section != WG_CONF_NONE && key && has_section(c, key) && equal &&
	    name_len + 1 < len)
		return parse_values(c, t, key, equal + 1, len - name_len - 1, err);
	if (!key && is_passed_over(c, len))
		return 0;
	if (is_comment_sign(c->squeezed, len)) {
		at = 0;
		wg_conf_wrong(err, WG_CODE_COMMENT_SIGN,
			      "a comment begins with #: expected # or \"Key = value\"");
	} else if (c->section == WG_CONF_NONE || (key && !has_section(c, key)) ||
		   (equal && !key)) {
		at = 0;
		unknown_key(c, name_len, key, err);
	} else if (!equal) {
		no_equals(c, len, err);
	} else {
		at = len;
		wg_conf_wrong(err, WG_CODE_NO_VALUE, "no value: expected one after \"=\"");
	}
	note_lost_key(c, name_len);
	return fail_at(c, t, unsqueeze(c, t, at), key && wg_setting_ops(key)->secret, err);
}

int wg_conf_line(struct wg_conf *c, const char *line, size_t len, unsigned int number,
		 struct wg_error *err)
{
	const char *comment = memchr(line, '#', len);
	const struct conf_text t = {line, len, comment ? (size_t)(comment - line) : len, number};
	struct wg_error ignored;
	size_t at, n;
	bool odd;

	n = squeeze(c, &t, &odd);
	memset(&c->mark, 0, sizeof(c->mark));
	if (!n || (c->lost && c->squeezed[0] != '['))
		return 0;
	if (odd && !is_passed_over(c, n) && wg_conf_check_text(line, t.shown, &at, err)) {
		note_lost_key(c, name_length(c->squeezed, n));
		if (c->sink && c->squeezed[0] == '[' &&
		    begin_section(c, guess_section(c->squeezed, n), number, &ignored))
			return -1;
		return fail_at(c, &t, at, false, err);
	}
	if (c->squeezed[0] == '[')
		return parse_section(c, &t, n, err);
	return parse_setting(c, &t, n, err);
}

int wg_conf_first_line(const struct wg_conf *c, const char **line, size_t *len, struct wg_error *err)
{
	if (!wg_conf_check_encoding(*line, *len, err)) {
		wg_conf_skip_bom(line, len);
		return 0;
	}
	if (c->sink)
		give_finding(c, 1, 1, "", err);
	return wg_error_prefix(err, "%s:1:1", c->file);
}

int wg_conf_finish(struct wg_conf *c, struct wg_error *err)
{
	return end_section(c, err);
}

static int read_lines(struct wg_conf *c, struct wg_conf_reader *r, struct wg_error *err)
{
	unsigned int number = 0;
	const char *line;
	size_t len;
	int more;

	while ((more = wg_conf_reader_next(r, &line, &len, err)) > 0) {
		if (!number++ && wg_conf_first_line(c, &line, &len, err))
			return -1;
		if (wg_conf_line(c, line, len, number, err))
			return -1;
	}
	return more ? -1 : wg_conf_finish(c, err);
}

int wg_conf_read(struct wg_device *dev, struct wg_resolve *resolve, const struct wg_log *log,
		 FILE *f, const char *file, struct wg_error *err)
{
	struct wg_conf_reader r;
	struct wg_conf c;
	int ret;

	wg_conf_reader_init(&r, f, file);
	wg_conf_init(&c, dev, resolve, log, file);
	ret = read_lines(&c, &r, err);
	if (!ret && c.section == WG_CONF_NONE)
		ret = 1;
	wg_conf_wipe(&c);
	wg_conf_reader_wipe(&r);
	return ret;
}

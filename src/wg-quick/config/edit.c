// SPDX-License-Identifier: GPL-2.0
/* A file is a list of lines, of which some are replaced, removed or followed by new ones. What the lines
 * mean is asked of the parser: the n-th [Peer] is the n-th peer of the parsed file. Text may hold keys,
 * and is wiped. */
#include "edit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../../crypto/curve25519.h"
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/encoding.h"
#include "../../lib/base/prefix-set.h"
#include "../../lib/base/secret.h"
#include "../../lib/conf/ip-value.h"
#include "../../lib/conf/setting-text.h"
#include "../../lib/conf/value.h"
#include "exclusions.h"

/* The keys that can be changed, and those between which a new line finds its place. Upstream's order: a new
 * line stands behind the last one of a lower rank; keys without a rank do not count. */
struct edit_key {
	const char *name;
	enum wg_section section;
	unsigned int rank;
};

static const struct edit_key edit_keys[] = {
	{"Address", WG_SECTION_INTERFACE, 1},    {"DNS", WG_SECTION_INTERFACE, 2},
	{"MTU", WG_SECTION_INTERFACE, 3},        {"Table", WG_SECTION_INTERFACE, 4},
	{"SaveConfig", WG_SECTION_INTERFACE, 5}, {"PreUp", WG_SECTION_INTERFACE, 6},
	{"PostUp", WG_SECTION_INTERFACE, 6},     {"PreDown", WG_SECTION_INTERFACE, 6},
	{"PostDown", WG_SECTION_INTERFACE, 6},   {"ListenPort", WG_SECTION_INTERFACE, 7},
	{"FwMark", WG_SECTION_INTERFACE, 8},     {"PrivateKey", WG_SECTION_INTERFACE, 9},
	{"PublicKey", WG_SECTION_PEER, 1},       {"PresharedKey", WG_SECTION_PEER, 2},
	{"AllowedIPs", WG_SECTION_PEER, 3},      {"Endpoint", WG_SECTION_PEER, 4},
	{"PersistentKeepalive", WG_SECTION_PEER, 5},
};
#define N_KEYS (sizeof(edit_keys) / sizeof(*edit_keys))
#define RANKS  10 /* more than the greatest rank */

enum line_kind {
	LINE_BLANK,
	LINE_COMMENT,
	LINE_HEADER,
	LINE_SETTING, /* or what is none */
};

struct line {
	const char *s; /* in the file's text */
	size_t len;    /* with its line end */
	enum line_kind kind;
	const struct edit_key *key; /* NULL: another one */
	size_t value, value_len;    /* without white space around it, and without comment */
	char *now;   /* what it is replaced by, line end included; NULL: it stays */
	size_t now_len;
	bool gone;
	char *after; /* lines that follow it */
};

struct section {
	struct edit_file *file;
	size_t first, end; /* its lines: the header, and behind the last one */
	const struct wg_peer *peer; /* as the file has it; NULL: [Interface] */
	const struct config_peer *own;
	bool named_endpoint;
	char *fresh[RANKS]; /* the values of new lines, by the rank of their keys */
	size_t order; /* among all sections */
};

struct edit_file {
	char *text;
	size_t len;
	size_t bom; /* the length of its byte order mark */
	const char *line_end;
	struct line *lines;
	size_t n_lines;
	struct config c;
	char *front; /* what is put before the first line */
	struct strings back; /* sections that follow the last line, each with a line end behind it */
	bool changed;
};

struct edit {
	struct edit_file **files;
	size_t n_files;
	struct section *sections; /* in their order */
	size_t n_sections;
	struct section **peers; /* sorted by public key, and by order */
	size_t n_peers;
	bool failover; /* several peers may list one prefix */
	const struct wg_log *log;
};

/* The sections of one peer, or all of [Interface], in their order. */
struct scope {
	struct section **list;
	size_t n;
};

struct edit *edit_new(const struct wg_log *log)
{
	struct edit *e = wg_alloc(sizeof(struct edit));

	e->log = log;
	return e;
}

static void file_free(struct edit_file *f)
{
	for (size_t i = 0; i < f->n_lines; i++) {
		string_wipe(&f->lines[i].now);
		string_wipe(&f->lines[i].after);
	}
	free(f->lines);
	string_wipe(&f->front);
	strings_wipe(&f->back);
	if (f->text)
		wg_secret_wipe(f->text, f->len);
	free(f->text);
	config_wipe(&f->c);
	free(f);
}

void edit_freep(struct edit **ep)
{
	struct edit *e = *ep;

	if (!e)
		return;
	for (size_t i = 0; i < e->n_files; i++)
		file_free(e->files[i]);
	free(e->files);
	for (size_t i = 0; i < e->n_sections; i++)
		for (size_t k = 0; k < RANKS; k++)
			string_wipe(&e->sections[i].fresh[k]);
	free(e->sections);
	free(e->peers);
	free(e);
}

static const struct edit_key *find_key(enum wg_section section, const char *s, size_t len)
{
	char name[24];
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (wg_conf_is_space(s[i]))
			continue;
		if (n + 1 == sizeof(name))
			return NULL;
		name[n++] = s[i];
	}
	name[n] = '\0';
	for (size_t i = 0; i < N_KEYS; i++)
		if (edit_keys[i].section == section && !strcasecmp(edit_keys[i].name, name))
			return &edit_keys[i];
	return NULL;
}

static void read_line(struct line *l, enum wg_section section)
{
	size_t start = 0, end;
	const char *hash = memchr(l->s, '#', l->len), *equals;

	while (start < l->len && wg_conf_is_space(l->s[start]))
		start++;
	if (start == l->len) {
		l->kind = LINE_BLANK;
		return;
	}
	l->kind = l->s[start] == '#' ? LINE_COMMENT : l->s[start] == '[' ? LINE_HEADER : LINE_SETTING;
	end = hash ? (size_t)(hash - l->s) : l->len;
	equals = memchr(l->s, '=', end);
	if (l->kind != LINE_SETTING || !equals)
		return;
	l->key = find_key(section, l->s, (size_t)(equals - l->s));
	start = (size_t)(equals - l->s) + 1;
	while (start < end && wg_conf_is_space(l->s[start]))
		start++;
	while (end > start && wg_conf_is_space(l->s[end - 1]))
		end--;
	l->value = start;
	l->value_len = end - start;
}

static bool is_peer_header(const struct line *l)
{
	static const char header[] = "[peer]";
	size_t n = 0;

	for (size_t i = 0; i < l->len && l->s[i] != '#'; i++) {
		if (wg_conf_is_space(l->s[i]))
			continue;
		if (n == strlen(header) || tolower((u8)l->s[i]) != header[n])
			return false;
		n++;
	}
	return n == strlen(header);
}

static void split_lines(struct edit_file *f)
{
	enum wg_section section = WG_SECTION_INTERFACE;
	size_t room = 0;

	for (size_t at = f->bom; at < f->len;) {
		const char *end = memchr(f->text + at, '\n', f->len - at);
		size_t len = end ? (size_t)(end - f->text) + 1 - at : f->len - at;
		struct line *l;

		if (f->n_lines == room) {
			room = room ? 2 * room : 64;
			f->lines = wg_realloc(f->lines, room, sizeof(*f->lines));
		}
		l = &f->lines[f->n_lines++];
		*l = (struct line){.s = f->text + at, .len = len};
		read_line(l, section);
		if (l->kind == LINE_HEADER)
			section = is_peer_header(l) ? WG_SECTION_PEER : WG_SECTION_INTERFACE;
		at += len;
	}
	f->line_end = f->n_lines && f->lines[0].len > 1 && f->lines[0].s[f->lines[0].len - 2] == '\r' &&
				      f->lines[0].s[f->lines[0].len - 1] == '\n'
			      ? "\r\n" : "\n";
}

static int parse_file(struct edit_file *f, const char *name, const char *path, struct wg_error *err)
{
	char buf[8192]; /* ours, so that it can be wiped */
	FILE *in;
	int ret;

	snprintf(f->c.name, sizeof(f->c.name), "%s", name);
	snprintf(f->c.path, sizeof(f->c.path), "%s", path);
	f->c.no_key_files = true;
	f->c.no_shares = true;
	in = fmemopen(f->len ? f->text : (char[]){""}, f->len ? f->len : 1, "r");
	if (!in)
		wg_alloc_failed();
	setvbuf(in, buf, _IOFBF, sizeof(buf));
	ret = config_parse(&f->c, in, NULL, err);
	fclose(in);
	wg_secret_wipe(buf, sizeof(buf));
	return ret;
}

int edit_add(struct edit *e, const char *name, const char *path, char *text, size_t len, struct wg_error *err)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct edit_file *f = wg_alloc(sizeof(*f));

	f->text = text;
	f->len = len;
	f->bom = len >= strlen(bom) && !memcmp(text, bom, strlen(bom)) ? strlen(bom) : 0;
	e->files = wg_realloc(e->files, e->n_files + 1, sizeof(struct edit_file *));
	e->files[e->n_files++] = f;
	split_lines(f);
	return len ? parse_file(f, name, path, err)
		   : (f->c.dev = wg_device_new(), snprintf(f->c.path, sizeof(f->c.path), "%s", path), 0);
}

static int by_key(const void *x, const void *y)
{
	const struct section *a = *(struct section *const *)x, *b = *(struct section *const *)y;
	int r = memcmp(a->peer->public_key, b->peer->public_key, WG_KEY_LEN);

	return r ?: (a->order > b->order) - (a->order < b->order);
}

static size_t count_headers(const struct edit *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_files; i++)
		for (size_t k = 0; k < e->files[i]->n_lines; k++)
			n += e->files[i]->lines[k].kind == LINE_HEADER;
	return n;
}

static void index_file(struct edit *e, struct edit_file *f)
{
	const struct wg_peer *peer = f->c.dev->peers;
	const struct wg_resolve_job *job = f->c.resolve.jobs;
	size_t at = 0;

	for (size_t i = 0; i < f->n_lines; i++) {
		struct section *s = &e->sections[e->n_sections];

		if (f->lines[i].kind != LINE_HEADER)
			continue;
		*s = (struct section){.file = f, .first = i, .end = f->n_lines, .order = e->n_sections};
		if (e->n_sections && s[-1].file == f)
			s[-1].end = i;
		e->n_sections++;
		if (!is_peer_header(&f->lines[i]) || !peer)
			continue;
		s->peer = peer;
		s->own = config_next_peer(&f->c, &at, peer);
		while (job && !job->peer)
			job = job->next;
		if (job && job->peer == peer) {
			s->named_endpoint = true;
			job = job->next;
		}
		peer = peer->next;
		e->peers[e->n_peers++] = s;
	}
}

void edit_index(struct edit *e)
{
	size_t n = count_headers(e);

	e->sections = wg_realloc(NULL, n + 1, sizeof(*e->sections));
	e->peers = wg_realloc(NULL, n + 1, sizeof(struct section *));
	for (size_t i = 0; i < e->n_files; i++) {
		e->failover |= e->files[i]->c.failover;
		index_file(e, e->files[i]);
	}
	if (e->n_peers)
		qsort(e->peers, e->n_peers, sizeof(struct section *), by_key);
}

/* The sections of this key. */
static struct scope find_peer(const struct edit *e, const u8 key[static WG_KEY_LEN])
{
	size_t low = 0, high = e->n_peers, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(e->peers[middle]->peer->public_key, key, WG_KEY_LEN) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < e->n_peers && !memcmp(e->peers[end]->peer->public_key, key, WG_KEY_LEN);)
		end++;
	return (struct scope){e->peers + low, end - low};
}

/* *list is to be freed. */
static struct scope find_interface(const struct edit *e, struct section ***list)
{
	size_t n = 0;

	*list = wg_realloc(NULL, e->n_sections + 1, sizeof(struct section *));
	for (size_t i = 0; i < e->n_sections; i++)
		if (!is_peer_header(&e->sections[i].file->lines[e->sections[i].first]))
			(*list)[n++] = &e->sections[i];
	return (struct scope){*list, n};
}

/* Changing lines */

static void append_text(char **text, const char *more)
{
	char *joined = wg_format("%s%s", *text ? *text : "", more);

	string_wipe(text);
	*text = joined;
}

/* Comments may have any byte. */
static void replace_value(struct edit_file *f, struct line *l, const char *value)
{
	size_t behind = l->value + l->value_len, len = strlen(value);
	char *now = wg_alloc(l->len + len + 1);

	memcpy(now, l->s, l->value);
	memcpy(now + l->value, value, len + 1);
	memcpy(now + l->value + len, l->s + behind, l->len - behind);
	string_wipe(&l->now);
	l->now = now;
	l->now_len = l->value + len + l->len - behind;
	f->changed = true;
}

static void remove_line(struct edit_file *f, struct line *l)
{
	l->gone = true;
	f->changed = true;
}

static void insert_line(struct edit_file *f, struct line *after, const char *key, const char *value)
{
	char *text = wg_format("%s = %s%s", key, value, f->line_end);

	append_text(&after->after, text);
	string_wipe(&text);
	f->changed = true;
}

/* The line of a section behind which a new one of this rank stands. */
static struct line *find_place(const struct section *s, unsigned int rank)
{
	struct line *lines = s->file->lines, *place = &lines[s->first];

	for (size_t i = s->first + 1; i < s->end; i++)
		if (lines[i].key && lines[i].key->rank <= rank)
			place = &lines[i];
	return place;
}

static const struct edit_key *key_named(enum wg_section section, const char *name)
{
	return find_key(section, name, strlen(name));
}

/* The last line with this key, of which the value counts, or NULL; *in is its section. */
static struct line *find_line(const struct scope *scope, const struct edit_key *key, struct section **in)
{
	for (size_t i = scope->n; i-- > 0;) {
		struct section *s = scope->list[i];

		for (size_t k = s->end; k-- > s->first;)
			if (s->file->lines[k].key == key && !s->file->lines[k].gone) {
				*in = s;
				return &s->file->lines[k];
			}
	}
	return NULL;
}

static void remove_lines(const struct scope *scope, const struct edit_key *key)
{
	struct section *in;
	struct line *l;

	while ((l = find_line(scope, key, &in)))
		remove_line(in->file, l);
}

/* A file without [Interface] gets one. */
static void add_interface(struct edit *e, const char *key, const char *value)
{
	struct edit_file *f = e->files[0];
	char *text = wg_format("%s%s%s = %s%s", f->front ? "" : "[Interface]", f->front ? "" : f->line_end, key,
			       value, f->line_end);

	append_text(&f->front, text);
	string_wipe(&text);
	f->changed = true;
}

/* Puts the new lines of a section into the file, in the order of their ranks. */
static void insert_fresh(struct edit *e)
{
	for (size_t i = 0; i < e->n_sections; i++)
		for (unsigned int rank = 0; rank < RANKS; rank++) {
			struct section *s = &e->sections[i];

			for (size_t k = 0; s->fresh[rank] && k < N_KEYS; k++) {
				const struct edit_key *key = &edit_keys[k];

				if (key->rank != rank || (key->section == WG_SECTION_PEER) != !!s->peer)
					continue;
				insert_line(s->file, find_place(s, rank), key->name, s->fresh[rank]);
				break;
			}
			string_wipe(&s->fresh[rank]);
		}
}

/* `value` NULL: the setting is taken out. */
static void set_value(struct edit *e, const struct scope *scope, const struct edit_key *key, const char *value)
{
	struct section *in;
	struct line *l = find_line(scope, key, &in);

	for (size_t i = 0; i < scope->n; i++)
		string_wipe(&scope->list[i]->fresh[key->rank]);
	if (!value)
		remove_lines(scope, key);
	else if (l)
		replace_value(in->file, l, value);
	else if (!scope->n)
		add_interface(e, key->name, value);
	else
		scope->list[key->section == WG_SECTION_PEER ? scope->n - 1 : 0]->fresh[key->rank] =
			wg_strndup(value, strlen(value));
}

/* The value of a setting as text; malloc'd, and may be a key. */
static char *print_value(const struct wg_setting *s, const void *object)
{
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		wg_alloc_failed();
	wg_setting_print(f, s, object);
	if (fclose(f))
		wg_alloc_failed();
	return text;
}

/* The line of a setting as `object` has it; without `is_there` it goes. */
static void set_setting(struct edit *e, const struct scope *scope, const struct wg_setting *s, const void *object,
			bool is_there)
{
	const struct edit_key *key = key_named(s->section, s->key);
	char *text = is_there ? print_value(s, object) : NULL;

	if (key)
		set_value(e, scope, key, text);
	string_wipe(&text);
}

/* Lists */

/* Reads one element of AllowedIPs or Address, which may have white space in it. *sign: '!', '+', '-' or 0. */
static bool read_element(const char *s, size_t len, bool is_address, char *sign, struct wg_prefix *p)
{
	struct wg_error ignored;
	char text[WG_PREFIX_STRLEN * 2];
	size_t n = 0, at;

	for (size_t i = 0; i < len && n + 1 < sizeof(text); i++)
		if (!wg_conf_is_space(s[i]))
			text[n++] = s[i];
	*p = (struct wg_prefix){0};
	*sign = 0;
	if (is_address)
		return !wg_ip_prefix(p, text, n, &at, &ignored);
	if (wg_value_prefix(sign, &p->family, p->addr, &p->cidr, text, n, &at, &ignored))
		return false;
	wg_prefix_mask(p);
	return true;
}

static bool is_separator(char c, bool is_address)
{
	return c == ',' || (is_address && wg_conf_is_space(c));
}

/* Finds the next element of a value, from *at on, which moves behind it. False: there is none. */
static bool next_element(const char *value, size_t len, bool is_address, size_t *at, size_t *start, size_t *end)
{
	*start = *at;
	while (*start < len && (is_separator(value[*start], is_address) || wg_conf_is_space(value[*start])))
		++*start;
	for (*at = *start; *at < len && !is_separator(value[*at], is_address);)
		++*at;
	for (*end = *at; *end > *start && wg_conf_is_space(value[*end - 1]);)
		--*end;
	return *start < *at;
}

/* The elements of lists that stay. */
struct kept_elements {
	const struct prefixes *in;  /* those without a sign */
	const struct prefixes *out; /* exclusions; NULL: all */
};

static bool is_kept(const struct kept_elements *keep, char sign, const struct wg_prefix *p)
{
	if (!sign)
		return prefixes_have(keep->in, p);
	return sign != '!' || !keep->out || prefixes_have(keep->out, p);
}

/* Takes out of a line the elements that are not kept. What stands between two that stay is what stood before the second
 * one. Those without a sign that stay are added to `there`, for which there is room. */
static void filter_line(struct edit_file *f, struct line *l, bool is_address, const struct kept_elements *keep,
			struct prefixes *there)
{
	const char *value = l->s + l->value;
	cleanup(string_wipe) char *text = wg_alloc(l->value_len + 1);
	size_t out = 0, behind = 0, start, end;
	bool changed = false;

	for (size_t at = 0; next_element(value, l->value_len, is_address, &at, &start, &end);) {
		struct wg_prefix p;
		char sign;
		bool readable = read_element(value + start, end - start, is_address, &sign, &p);

		if (readable && !is_kept(keep, sign, &p)) {
			changed = true;
			behind = end;
			continue;
		}
		if (readable && !sign)
			there->list[there->n++] = p;
		if (out) {
			size_t gap = start;

			/* Of what separates, the part right before the element. */
			while (gap > behind && (is_separator(value[gap - 1], is_address) ||
						wg_conf_is_space(value[gap - 1])))
				gap--;
			memcpy(text + out, value + gap, start - gap);
			out += start - gap;
		}
		memcpy(text + out, value + start, end - start);
		out += end - start;
		behind = end;
	}
	text[out] = '\0';
	if (changed && out)
		replace_value(f, l, text);
	else if (changed)
		remove_line(f, l);
}

static size_t count_elements(const struct scope *scope, const struct edit_key *key)
{
	size_t n = 0;

	for (size_t i = 0; i < scope->n; i++)
		for (size_t k = scope->list[i]->first; k < scope->list[i]->end; k++)
			if (scope->list[i]->file->lines[k].key == key)
				n += scope->list[i]->file->lines[k].len;
	return n;
}

static void filter_lines(const struct scope *scope, const struct edit_key *key, const struct kept_elements *keep,
			 struct prefixes *there)
{
	bool is_address = key->section == WG_SECTION_INTERFACE;

	there->list = wg_realloc(NULL, count_elements(scope, key) + 1, sizeof(*there->list));
	for (size_t i = 0; i < scope->n; i++) {
		struct section *s = scope->list[i];

		for (size_t k = s->first; k < s->end; k++)
			if (s->file->lines[k].key == key)
				filter_line(s->file, &s->file->lines[k], is_address, keep, there);
	}
	prefixes_sort(there);
}

/* Whether an AllowedIPs line of a section has elements that change others: then they cannot be changed one
 * by one. */
static bool has_signs(const struct section *s, const struct edit_key *key)
{
	for (size_t k = s->first; k < s->end; k++) {
		const struct line *l = &s->file->lines[k];

		if (l->key == key && (memchr(l->s + l->value, '!', l->value_len) ||
				      memchr(l->s + l->value, '+', l->value_len) ||
				      memchr(l->s + l->value, '-', l->value_len)))
			return true;
	}
	return false;
}

/* The value of a line as it is by now. */
static char *present_value(const struct line *l)
{
	struct line now = {.s = l->now ? l->now : l->s, .len = l->now ? l->now_len : l->len};

	read_line(&now, l->key->section);
	return wg_strndup(now.s + now.value, now.value_len);
}

static void list_allowed(struct prefixes *p, const struct wg_peer *peer)
{
	size_t n = 0;

	for (const struct wg_allowedip *a = peer->allowedips; a; a = a->next)
		n++;
	*p = (struct prefixes){.list = wg_realloc(NULL, n + 1, sizeof(*p->list))};
	for (const struct wg_allowedip *a = peer->allowedips; a; a = a->next) {
		struct wg_prefix *prefix = &p->list[p->n++];

		*prefix = (struct wg_prefix){.family = a->family, .cidr = a->cidr};
		memcpy(prefix->addr, a->addr, wg_family_len(a->family));
		wg_prefix_mask(prefix);
	}
}

/* Appends to `text` those of a list that `there` does not have. */
static void append_missing(char **text, const struct prefixes *want, const struct prefixes *there)
{
	size_t size;
	char *out;
	FILE *f = open_memstream(&out, &size);
	bool first = !**text;

	if (!f)
		wg_alloc_failed();
	fputs(*text, f);
	for (size_t i = 0; i < want->n; i++) {
		char one[WG_PREFIX_STRLEN];

		if (prefixes_have(there, &want->list[i]))
			continue;
		fprintf(f, "%s%s", first ? "" : ", ", wg_prefix_format(one, &want->list[i]));
		first = false;
	}
	if (fclose(f))
		wg_alloc_failed();
	free(*text);
	*text = out;
}

/* Lists the elements of a section. Returns false if some of them have a sign other than "!". */
static bool list_elements(const struct section *s, const struct edit_key *key, struct prefixes *in, struct prefixes *out)
{
	const struct scope scope = {(struct section *[]){(struct section *)s}, 1};
	size_t room = count_elements(&scope, key) + 1;
	bool simple = true;

	in->list = wg_realloc(NULL, room, sizeof(*in->list));
	out->list = wg_realloc(NULL, room, sizeof(*out->list));
	for (size_t k = s->first; k < s->end; k++) {
		const struct line *l = &s->file->lines[k];
		size_t at = 0, start, end;

		if (l->key != key)
			continue;
		while (next_element(l->s + l->value, l->value_len, false, &at, &start, &end)) {
			struct wg_prefix p;
			char sign;

			simple = simple && read_element(l->s + l->value + start, end - start, false, &sign, &p) &&
				 (!sign || sign == '!');
			if (simple && sign)
				out->list[out->n++] = p;
			else if (simple)
				in->list[in->n++] = p;
		}
	}
	return simple;
}

/* "A, B, !C", malloc'd; NULL for nothing. */
static char *print_elements(const struct prefixes *in, const struct prefixes *out)
{
	char *text = NULL;

	for (size_t i = 0; i < in->n + out->n; i++) {
		const struct wg_prefix *p = i < in->n ? &in->list[i] : &out->list[i - in->n];
		char one[WG_PREFIX_STRLEN], *longer;

		longer = wg_format("%s%s%s%s", text ? text : "", text ? ", " : "", i < in->n ? "" : "!",
				   wg_prefix_format(one, p));
		free(text);
		text = longer;
	}
	return text;
}

static void parse_allowed(struct wg_device *dev, struct wg_peer *peer, char *value)
{
	struct wg_error ignored;
	size_t n = 0, at;

	for (size_t i = 0; value[i]; i++)
		if (!wg_conf_is_space(value[i]))
			value[n++] = value[i];
	/* What cannot be parsed is not there, and so is not what is wanted. */
	(void)wg_value_allowedips(dev, peer, value, n, NULL, &at, &ignored);
}

/* The prefixes that the lines of a section mean as they are by now. */
static void read_section(const struct section *s, const struct edit_key *key, struct prefixes *means)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	struct wg_peer *peer = wg_device_add_peer(dev);

	for (size_t k = s->first; k < s->end; k++) {
		const struct line *l = &s->file->lines[k];
		cleanup(free_ptr) char *value = l->key == key && !l->gone ? present_value(l) : NULL;

		if (value)
			parse_allowed(dev, peer, value);
	}
	if (s->fresh[key->rank]) {
		cleanup(free_ptr) char *value = wg_strndup(s->fresh[key->rank], strlen(s->fresh[key->rank]));

		parse_allowed(dev, peer, value);
	}
	wg_peer_exclude(dev, peer);
	list_allowed(means, peer);
	prefixes_sort(means);
}

static bool other_peer_covers(const struct wg_device *dev, const struct wg_peer *peer, const struct wg_prefix *p)
{
	for (const struct wg_peer *other = dev->peers; other; other = other->next)
		for (const struct wg_allowedip *a = other == peer ? NULL : other->allowedips; a; a = a->next) {
			struct wg_prefix q = {.family = a->family, .cidr = a->cidr};

			memcpy(q.addr, a->addr, wg_family_len(a->family));
			if (wg_prefix_covers(&q, p))
				return true;
		}
	return false;
}

/* Whether `a` has all addresses of `b`, and no prefix of another peer is between a prefix that only `b` has and those of
 * `a`: then each packet goes to the same peer with both, if the same holds the other way round. Both are sorted. */
static bool replaces(const struct prefixes *a, const struct prefixes *b, const struct wg_device *dev,
		     const struct wg_peer *peer)
{
	cleanup(free_ptr) struct wg_prefix *left = NULL;
	size_t n;

	wg_prefix_subtract(b->list, b->n, a->list, a->n, &left, &n);
	for (size_t i = 0; !n && i < b->n; i++)
		if (!prefixes_have(a, &b->list[i]) && other_peer_covers(dev, peer, &b->list[i]))
			return false;
	return !n;
}

static bool means_the_same(const struct section *s, const struct edit_key *key, const struct prefixes *want,
			   const struct wg_device *dev, const struct wg_peer *peer)
{
	struct prefixes means;
	bool same;

	read_section(s, key, &means);
	same = replaces(&means, want, dev, peer) && replaces(want, &means, dev, peer);
	free(means.list);
	return same;
}

static bool has_default(const struct prefixes *in)
{
	for (size_t i = 0; i < in->n; i++)
		if (!in->list[i].cidr)
			return true;
	return false;
}

/* Takes back what was done to the AllowedIPs of a section. Returns the first line of them, or NULL. */
static struct line *restore_allowed(struct section *s, const struct edit_key *key)
{
	struct line *first = NULL;

	for (size_t k = s->first; k < s->end; k++) {
		struct line *l = &s->file->lines[k];

		if (l->key != key)
			continue;
		l->gone = false;
		string_wipe(&l->now);
		first = first ? first : l;
	}
	string_wipe(&s->fresh[key->rank]);
	return first;
}

static void warn_of_default(const struct edit *e, const struct section *s, const struct edit_key *key)
{
	char shown[WG_KEY_BASE64_LEN + 1];
	size_t first = s->first;

	while (first + 1 < s->end && s->file->lines[first].key != key)
		first++;
	wg_key_to_base64(shown, s->peer->public_key);
	wg_log_say(e->log, WG_LOG_WARNING, "%s:%zu: the allowed IPs of peer %.8s... cannot be written with their "
		   "exclusions any more: they become a list of prefixes, and no default route at the next `up'",
		   s->file->c.path, first + 1, shown);
}

/* Each of the first is held against each of the second. Past some seconds of that, with tens of thousands of
 * prefixes, a `down' would be ended before it had undone anything. */
#define ELEMENTS_WORK	100000000ul
#define EXCLUSIONS_WORK 2000000000ul

/* Changes the elements of a section that has exclusions, and appends a line of those that are missing. Returns false if
 * the section would not have exclusions, or not mean what is wanted; then nothing is changed. */
static bool keep_exclusions(struct edit *e, const struct scope *last, const struct edit_key *key,
			    const struct prefixes *want, const struct wg_device *dev, const struct wg_peer *peer)
{
	cleanup(exclusions_wipe) struct exclusions x = {0};
	struct section *s = last->list[0];
	struct prefixes in = {0}, out = {0}, there = {0};
	bool simple = list_elements(s, key, &in, &out), kept = false, loses_default = false;

	if (in.n * want->n > ELEMENTS_WORK || out.n * want->n > EXCLUSIONS_WORK) {
		simple = false;
		loses_default = has_default(&in);
	}
	if (simple) {
		exclusions_change(&x, &in, &out, want);
		loses_default = x.loses_default;
	}
	if (simple && x.in.n) {
		const struct kept_elements keep = {&x.in, &x.out};

		filter_lines(last, key, &keep, &there);
		s->fresh[key->rank] = print_elements(&x.new_in, &x.new_out);
		kept = means_the_same(s, key, want, dev, peer);
		s->file->changed |= kept && s->fresh[key->rank];
		loses_default |= !kept && has_default(&in);
	}
	if (loses_default)
		warn_of_default(e, s, key);
	if (!kept)
		restore_allowed(s, key);
	free(in.list);
	free(out.list);
	free(there.list);
	return kept;
}

/* Makes the last section of a peer list the device's allowed IPs: elements that the device lacks go, and
 * those that no line has follow the last one. Lines whose exclusions cannot be kept become one. */
static void set_allowed(struct edit *e, const struct scope *scope, const struct wg_device *dev,
			const struct wg_peer *have)
{
	const struct edit_key *key = key_named(WG_SECTION_PEER, "AllowedIPs");
	const struct scope last = {scope->list + scope->n - 1, 1};
	struct section *s = last.list[0], *in;
	/* It may have been changed before. */
	struct line *l, *first = restore_allowed(s, key);
	struct prefixes want, sorted, there = {0};
	const struct kept_elements keep = {.in = &sorted};
	cleanup(free_ptr) char *text = NULL;

	list_allowed(&want, have);
	list_allowed(&sorted, have);
	prefixes_sort(&sorted);
	if (want.n && has_signs(s, key) && keep_exclusions(e, &last, key, &sorted, dev, have)) {
		free(want.list);
		free(sorted.list);
		return;
	}
	if (!want.n || has_signs(s, key)) {
		remove_lines(&last, key);
		if (want.n && first)
			first->gone = false;
	} else {
		filter_lines(&last, key, &keep, &there);
	}
	l = find_line(&last, key, &in);
	text = l && there.n ? present_value(l) : wg_strndup("", 0);
	append_missing(&text, &want, &there);
	if (l && want.n)
		replace_value(s->file, l, text);
	else if (want.n && first) {
		first->gone = false;
		replace_value(s->file, first, text);
	} else {
		set_value(e, &last, key, want.n ? text : NULL);
	}
	free(want.list);
	free(sorted.list);
	free(there.list);
}

/* Removing and adding peers */

/* The first line of the comment that stands right above a header. */
static size_t leading_comment(const struct edit_file *f, size_t header)
{
	while (header && f->lines[header - 1].kind == LINE_COMMENT)
		header--;
	return header;
}

static void remove_section(struct section *s)
{
	struct edit_file *f = s->file;
	size_t first = leading_comment(f, s->first), last = s->first, next = s->end;

	if (next < f->n_lines)
		next = leading_comment(f, next);
	for (size_t i = s->first; i < next; i++)
		if (f->lines[i].kind == LINE_SETTING)
			last = i;
	while (last + 1 < next && f->lines[last + 1].kind == LINE_COMMENT)
		last++;
	for (size_t i = first; i <= last; i++)
		remove_line(f, &f->lines[i]);
	for (last++; last < next && f->lines[last].kind == LINE_BLANK; last++)
		remove_line(f, &f->lines[last]);
	/* At the end of the file it is the blank lines before it that separated it. */
	while (last == f->n_lines && first && (f->lines[first - 1].kind == LINE_BLANK || f->lines[first - 1].gone))
		remove_line(f, &f->lines[--first]);
}

static void add_peer(struct edit *e, const struct wg_peer *p, const struct wg_resolve_job *name)
{
	const struct wg_setting *const *list = wg_settings_in_order(WG_SECTION_PEER, WG_ORDER_FILE);
	struct edit_file *f = e->files[0];
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		wg_alloc_failed();
	fprintf(out, "[Peer]%s", f->line_end);
	for (; *list; list++) {
		bool by_name = (*list)->type == WG_TYPE_ENDPOINT && name;

		if (!by_name && !wg_setting_is_shown(*list, p))
			continue;
		fprintf(out, "%s = ", (*list)->key);
		if (by_name)
			fprintf(out, "%s:%u", name->host, name->port);
		else
			wg_setting_print(out, *list, p);
		fputs(f->line_end, out);
	}
	if (fclose(out))
		wg_alloc_failed();
	strings_add(&f->back, text, size);
	string_wipe(&text);
	f->changed = true;
}

/* Comparing with what runs */

/* The allowed IPs that a data path has of each section that counts, as it is read: the last section of a key
 * has those of the peer, and the last peer that lists a prefix has it; with Failover each that lists it. */
struct claim {
	struct wg_prefix prefix;
	const struct section *section;
};

static int by_claim(const void *x, const void *y)
{
	const struct claim *a = x, *b = y;
	int r = wg_prefix_order(&a->prefix, &b->prefix);

	return r ?: (a->section->order > b->section->order) - (a->section->order < b->section->order);
}

static int by_section(const void *x, const void *y)
{
	const struct claim *a = x, *b = y;

	if (a->section->order != b->section->order)
		return a->section->order < b->section->order ? -1 : 1;
	return wg_prefix_order(&a->prefix, &b->prefix);
}

struct claims {
	struct claim *list; /* sorted by section and prefix */
	size_t n;
};

static bool is_last_of_peer(const struct edit *e, size_t i)
{
	return i + 1 == e->n_peers ||
	       memcmp(e->peers[i]->peer->public_key, e->peers[i + 1]->peer->public_key, WG_KEY_LEN);
}

static void list_claims(struct claims *c, const struct edit *e, const u8 *own_key)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < e->n_peers; i++)
		for (const struct wg_allowedip *a = e->peers[i]->peer->allowedips; a; a = a->next)
			n++;
	*c = (struct claims){.list = wg_realloc(NULL, n + 1, sizeof(*c->list))};
	for (size_t i = 0; i < e->n_peers; i++) {
		if (!is_last_of_peer(e, i) ||
		    (own_key && !memcmp(e->peers[i]->peer->public_key, own_key, WG_KEY_LEN)))
			continue;
		for (const struct wg_allowedip *a = e->peers[i]->peer->allowedips; a; a = a->next) {
			struct claim *claim = &c->list[c->n++];

			*claim = (struct claim){.section = e->peers[i]};
			claim->prefix.family = a->family;
			claim->prefix.cidr = a->cidr;
			memcpy(claim->prefix.addr, a->addr, wg_family_len(a->family));
			wg_prefix_mask(&claim->prefix);
		}
	}
	if (c->n)
		qsort(c->list, c->n, sizeof(*c->list), by_claim);
	for (size_t i = 0; i < c->n; i++)
		if (i + 1 == c->n || !wg_prefix_equal(&c->list[i].prefix, &c->list[i + 1].prefix) ||
		    (e->failover && c->list[i].section != c->list[i + 1].section))
			c->list[kept++] = c->list[i];
	c->n = kept;
	if (c->n)
		qsort(c->list, c->n, sizeof(*c->list), by_section);
}

/* Whether the device has exactly the allowed IPs of that section. */
static bool allowed_agree(const struct claims *c, const struct section *s, const struct wg_peer *have)
{
	size_t low = 0, high = c->n;
	struct prefixes there;
	bool same;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->list[middle].section->order < s->order)
			low = middle + 1;
		else
			high = middle;
	}
	list_allowed(&there, have);
	prefixes_sort(&there);
	same = true;
	for (size_t i = 0; same && i < there.n; i++)
		same = low + i < c->n && c->list[low + i].section == s &&
		       wg_prefix_equal(&c->list[low + i].prefix, &there.list[i]);
	same = same && !(low + there.n < c->n && c->list[low + there.n].section == s);
	free(there.list);
	return same;
}

/* The last section that gives a setting, or NULL. */
static const struct section *section_with(const struct scope *scope, const struct edit_key *key)
{
	struct section *in;

	return find_line(scope, key, &in) ? in : NULL;
}

static bool has_key_file(const struct scope *scope)
{
	for (size_t i = 0; i < scope->n; i++)
		if (scope->list[i]->own && scope->list[i]->own->has_key_file)
			return true;
	return false;
}

/* A host name stays, and so do several endpoints to choose from. */
static bool endpoint_stays(const struct section *s, const struct edit_key *key)
{
	size_t n = 0;

	for (size_t k = s->first; k < s->end; k++)
		n += s->file->lines[k].key == key;
	return s->named_endpoint || n > 1;
}

static void compare_peer_setting(struct edit *e, const struct scope *scope, const struct wg_setting *s,
				 const struct wg_peer *have)
{
	const struct edit_key *key = key_named(WG_SECTION_PEER, s->key);
	const struct section *given = key ? section_with(scope, key) : NULL;
	const void *now = wg_setting_value(s, have);
	bool is_there = wg_setting_is_shown(s, have);

	if (!key || (s->type == WG_TYPE_PRESHARED_KEY && has_key_file(scope)))
		return;
	if (s->type == WG_TYPE_ENDPOINT && given && (!is_there || endpoint_stays(given, key)))
		return;
	if (given && wg_setting_ops(s)->agrees(wg_setting_value(s, given->peer), now))
		return;
	if (given || is_there)
		set_setting(e, scope, s, have, is_there);
}

static void compare_peer(struct edit *e, const struct scope *scope, const struct claims *claims,
			 const struct wg_device *dev, const struct wg_peer *have)
{
	const struct wg_setting *const *list = wg_settings_in_order(WG_SECTION_PEER, WG_ORDER_FILE);

	for (; *list; list++) {
		if ((*list)->role == WG_ROLE_VALUE)
			compare_peer_setting(e, scope, *list, have);
		else if ((*list)->role == WG_ROLE_LIST && !allowed_agree(claims, scope->list[scope->n - 1], have))
			set_allowed(e, scope, dev, have);
	}
}

/* Sections whose peer the device does not have. One of the device's own key is no peer anywhere. */
static void remove_gone(struct edit *e, const struct wg_device *have, const u8 *own_key)
{
	bool *there = wg_alloc(e->n_sections + 1);

	for (const struct wg_peer *p = have->peers; p; p = p->next)
		for (struct scope s = find_peer(e, p->public_key); s.n; s.n--)
			there[s.list[s.n - 1]->order] = true;
	for (size_t i = 0; i < e->n_sections; i++) {
		const u8 *key = e->sections[i].peer ? e->sections[i].peer->public_key : NULL;

		if (key && !there[i] && !(own_key && !memcmp(key, own_key, WG_KEY_LEN)))
			remove_section(&e->sections[i]);
	}
	free(there);
}

/* A line for an address that no line has, behind those of its family; IPv4 comes first. */
static void add_address(struct edit *e, const struct scope *scope, const struct wg_prefix *address)
{
	const struct edit_key *key = key_named(WG_SECTION_INTERFACE, "Address");
	struct section *in = NULL;
	struct line *place = NULL;
	char text[WG_PREFIX_STRLEN];

	wg_prefix_format(text, address);
	for (size_t i = 0; i < scope->n; i++)
		for (size_t k = scope->list[i]->first; k < scope->list[i]->end; k++) {
			struct line *l = &scope->list[i]->file->lines[k];

			if (l->key == key && (address->family == AF_INET6 ||
					      !memchr(l->s + l->value, ':', l->value_len) ||
					      memchr(l->s + l->value, '.', l->value_len))) {
				place = l;
				in = scope->list[i];
			}
		}
	if (place)
		insert_line(in->file, place, key->name, text);
	else if (scope->n)
		insert_line(scope->list[0]->file, &scope->list[0]->file->lines[scope->list[0]->first], key->name,
			    text);
	else
		add_interface(e, key->name, text);
}

static void compare_addresses(struct edit *e, const struct scope *scope, const struct running *now)
{
	const struct edit_key *key = key_named(WG_SECTION_INTERFACE, "Address");
	struct prefixes keep = {.list = wg_realloc(NULL, now->n_addresses + 1, sizeof(*keep.list))}, there = {0};

	for (size_t i = 0; i < now->n_addresses; i++)
		keep.list[keep.n++] = now->addresses[i];
	prefixes_sort(&keep);
	filter_lines(scope, key, &(struct kept_elements){.in = &keep}, &there);
	for (size_t i = 0; i < now->n_addresses; i++)
		if (!prefixes_have(&there, &now->addresses[i]))
			add_address(e, scope, &now->addresses[i]);
	free(keep.list);
	free(there.list);
}

static void compare_mtu(struct edit *e, const struct scope *scope, u32 mtu)
{
	const struct edit_key *key = key_named(WG_SECTION_INTERFACE, "MTU");
	const struct section *given = section_with(scope, key);
	char text[16];

	/* "MTU =" and words that choose it otherwise ask for no number. */
	if (!given || !given->file->c.mtu || given->file->c.mtu == mtu)
		return;
	snprintf(text, sizeof(text), "%u", mtu);
	set_value(e, scope, key, text);
}

static void compare_interface_setting(struct edit *e, const struct scope *scope, const struct wg_setting *s,
				      const struct running *now)
{
	const struct edit_key *key = key_named(WG_SECTION_INTERFACE, s->key);
	const struct section *given = key ? section_with(scope, key) : NULL;
	const struct wg_device *file = given ? given->file->c.dev : NULL;
	bool is_there = wg_setting_is_shown(s, now->dev);

	if (!key || (!given && s->type == WG_TYPE_PRIVATE_KEY) ||
	    (!given && s->type == WG_TYPE_PORT && now->port_is_chosen))
		return;
	if (s->type == WG_TYPE_PORT && given && !file->listen_port && now->port_is_chosen)
		return;
	if (s->type == WG_TYPE_MARK && now->own_mark && now->dev->fwmark == now->own_mark &&
	    !(given && file->fwmark))
		return;
	if (given && wg_setting_ops(s)->agrees(wg_setting_value(s, file), wg_setting_value(s, now->dev)))
		return;
	if (given || is_there)
		set_setting(e, scope, s, now->dev, is_there);
}

static const u8 *public_key(u8 key[static WG_KEY_LEN], const struct wg_device *dev)
{
	if (!(dev->flags & WG_DEVICE_HAS_PRIVATE_KEY))
		return NULL;
	wg_curve25519_public(key, dev->private_key);
	return key;
}

void edit_running(struct edit *e, const struct running *now)
{
	const struct wg_setting *const *settings = wg_settings_in_order(WG_SECTION_INTERFACE, WG_ORDER_FILE);
	struct section **list;
	const struct scope interface = find_interface(e, &list);
	u8 key[WG_KEY_LEN];
	const u8 *own_key = public_key(key, now->dev);
	struct claims claims;

	compare_addresses(e, &interface, now);
	compare_mtu(e, &interface, now->mtu);
	for (; *settings; settings++)
		if ((*settings)->role == WG_ROLE_VALUE)
			compare_interface_setting(e, &interface, *settings, now);
	list_claims(&claims, e, own_key);
	remove_gone(e, now->dev, own_key);
	for (const struct wg_peer *p = now->dev->peers; p; p = p->next) {
		const struct scope peer = find_peer(e, p->public_key);

		if (peer.n)
			compare_peer(e, &peer, &claims, now->dev, p);
		else
			add_peer(e, p, NULL);
	}
	insert_fresh(e);
	free(claims.list);
	free(list);
}

/* Writing what a change says */

static const struct wg_peer *peer_of(const struct wg_device *dev, const u8 key[static WG_KEY_LEN])
{
	for (const struct wg_peer *p = dev->peers; p; p = p->next)
		if (!memcmp(p->public_key, key, WG_KEY_LEN))
			return p;
	return NULL;
}

static const struct wg_resolve_job *name_of(const struct wg_resolve *names, const struct wg_peer *change)
{
	for (const struct wg_resolve_job *job = names->jobs; job; job = job->next)
		if (job->peer == change)
			return job;
	return NULL;
}

/* Whether a member of a share goes on to list a prefix that the others list, too. */
static bool shares_already(const struct edit *e, const struct wg_peer *taker, const struct wg_allowedip *a)
{
	const struct scope scope = find_peer(e, taker->public_key);
	const struct wg_peer *listed = e->failover && scope.n ? scope.list[scope.n - 1]->peer : NULL;

	for (const struct wg_allowedip *b = listed ? listed->allowedips : NULL; b; b = b->next)
		if (a->family == b->family && a->cidr == b->cidr && !memcmp(a->addr, b->addr, wg_family_len(a->family)))
			return true;
	return false;
}

/* Takes the allowed IPs of a peer away from the other sections, which had them on the device, too: the last
 * section would get them back. */
static void take_from_others(struct edit *e, const struct wg_device *after, const struct wg_peer *taker)
{
	struct claims claims;

	list_claims(&claims, e, NULL);
	for (size_t i = 0; i < e->n_peers; i++) {
		const struct wg_peer *have;
		bool overlap = false;

		if (!is_last_of_peer(e, i) ||
		    !memcmp(e->peers[i]->peer->public_key, taker->public_key, WG_KEY_LEN))
			continue;
		for (const struct wg_allowedip *a = taker->allowedips; a && !overlap; a = a->next)
			for (const struct wg_allowedip *b = e->peers[i]->peer->allowedips; b && !overlap; b = b->next)
				overlap = a->family == b->family && a->cidr == b->cidr &&
					  !memcmp(a->addr, b->addr, wg_family_len(a->family)) &&
					  !shares_already(e, taker, a);
		have = overlap ? peer_of(after, e->peers[i]->peer->public_key) : NULL;
		if (have && !allowed_agree(&claims, e->peers[i], have)) {
			const struct scope scope = find_peer(e, have->public_key);

			set_allowed(e, &scope, after, have);
		}
	}
	free(claims.list);
}

static int key_is_elsewhere(const char *key, struct wg_error *err)
{
	return wg_error_set(err, "the file has the key from another file: change the file that its %sFile names",
			    key);
}

static int write_peer_setting(struct edit *e, const struct scope *scope, const struct wg_setting *s,
			      const struct wg_peer *change, const struct wg_device *after, const struct wg_peer *have,
			      const struct wg_resolve_job *name, struct wg_error *err)
{
	const struct edit_key *key = key_named(WG_SECTION_PEER, s->key);

	if (s->role == WG_ROLE_LIST) {
		if (change->flags & WG_PEER_REPLACE_ALLOWEDIPS || change->allowedips)
			set_allowed(e, scope, after, have);
		return 0;
	}
	if (!key || s->role != WG_ROLE_VALUE || !wg_setting_is_given(s, change))
		return 0;
	if (s->type == WG_TYPE_PRESHARED_KEY && has_key_file(scope))
		return key_is_elsewhere("PresharedKey", err);
	if (s->type == WG_TYPE_ENDPOINT && name) {
		cleanup(free_ptr) char *text = wg_format("%s:%u", name->host, name->port);

		set_value(e, scope, key, text);
	} else {
		set_setting(e, scope, s, change, wg_setting_ops(s)->is_set(wg_setting_value(s, change)));
	}
	return 0;
}

/* Whether the words before `change` name its peer, too, and take it away. */
static bool was_named(const struct wg_device *words, const struct wg_peer *change, bool removed)
{
	for (const struct wg_peer *p = words->peers; p != change; p = p->next)
		if (!memcmp(p->public_key, change->public_key, WG_KEY_LEN) &&
		    (!removed || p->flags & WG_PEER_REMOVE_ME))
			return true;
	return false;
}

static void write_all(struct edit *e, const struct scope *scope, const struct wg_device *after,
		      const struct wg_peer *have)
{
	struct claims claims;

	list_claims(&claims, e, NULL);
	compare_peer(e, scope, &claims, after, have);
	free(claims.list);
}

/* What the words say of one peer. `after` is the device after all of them. */
static int write_peer(struct edit *e, const struct wg_device *words, const struct wg_peer *change,
		      const struct wg_resolve *names, const struct wg_device *after, struct wg_error *err)
{
	const struct wg_setting *const *list = wg_settings_in_order(WG_SECTION_PEER, WG_ORDER_FILE);
	const struct wg_resolve_job *name = name_of(names, change);
	const struct wg_peer *have = peer_of(after, change->public_key);
	const struct scope scope = find_peer(e, change->public_key);

	if (!have) {
		for (size_t i = 0; i < scope.n && !was_named(words, change, false); i++)
			remove_section(scope.list[i]);
		return 0;
	}
	if (!scope.n && !was_named(words, change, false)) {
		for (const struct wg_peer *p = change; p; p = p->next)
			if (!memcmp(p->public_key, change->public_key, WG_KEY_LEN) && name_of(names, p))
				name = name_of(names, p);
		add_peer(e, have, name);
	}
	if (scope.n && was_named(words, change, true))
		write_all(e, &scope, after, have);
	for (; scope.n && *list && !(change->flags & WG_PEER_REMOVE_ME); list++)
		if (write_peer_setting(e, &scope, *list, change, after, have, name, err))
			return -1;
	if (change->allowedips)
		take_from_others(e, after, have);
	return 0;
}

int edit_change(struct edit *e, const struct wg_device *change, const struct wg_resolve *names,
		const struct wg_device *after, struct wg_error *err)
{
	const struct wg_setting *const *settings = wg_settings_in_order(WG_SECTION_INTERFACE, WG_ORDER_FILE);
	struct section **list;
	const struct scope interface = find_interface(e, &list);
	bool has_file = false;
	int ret = 0;

	for (size_t i = 0; i < e->n_files; i++)
		has_file |= e->files[i]->c.has_key_file;
	for (; !ret && *settings; settings++) {
		const struct wg_setting *s = *settings;

		if (s->role != WG_ROLE_VALUE || !wg_setting_is_given(s, change))
			continue;
		if (s->type == WG_TYPE_PRIVATE_KEY && has_file)
			ret = key_is_elsewhere("PrivateKey", err);
		else
			set_setting(e, &interface, s, change,
				    wg_setting_ops(s)->is_set(wg_setting_value(s, change)));
	}
	for (const struct wg_peer *p = change->peers; !ret && p; p = p->next)
		ret = write_peer(e, change, p, names, after, err);
	insert_fresh(e);
	free(list);
	return ret;
}

/* Texts */

size_t edit_n_files(const struct edit *e)
{
	return e->n_files;
}

const char *edit_path(const struct edit *e, size_t file)
{
	return e->files[file]->c.path;
}

const char *edit_before(const struct edit *e, size_t file, size_t *len)
{
	*len = e->files[file]->len;
	return e->files[file]->text;
}

/* The text as it grows. Its room is that of all that can come, so that no copy of a key is left behind. */
struct output {
	char *s;
	size_t len;
};

static void put(struct output *out, const char *s, size_t len)
{
	memcpy(out->s + out->len, s, len);
	out->len += len;
}

static bool ends_with(const struct output *out, const char *s, size_t times)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < times; i++)
		if (out->len < (i + 1) * len || memcmp(out->s + out->len - (i + 1) * len, s, len))
			return false;
	return true;
}

static void put_line_end(struct output *out, const struct edit_file *f)
{
	if (out->len > f->bom && out->s[out->len - 1] != '\n')
		put(out, f->line_end, strlen(f->line_end));
}

static size_t room_for(const struct edit_file *f)
{
	size_t n = f->len + 16;

	for (size_t i = 0; i < f->n_lines; i++)
		n += (f->lines[i].now ? f->lines[i].now_len : 0) +
		     (f->lines[i].after ? strlen(f->lines[i].after) : 0) + 2;
	for (size_t i = 0; i < f->back.n; i++)
		n += strlen(f->back.s[i]) + 4;
	return n + (f->front ? strlen(f->front) : 0);
}

char *edit_after(const struct edit *e, size_t file, size_t *len)
{
	const struct edit_file *f = e->files[file];
	bool ended = !f->len || f->text[f->len - 1] == '\n';
	struct output out = {0};

	if (!f->changed)
		return NULL;
	out.s = wg_alloc(room_for(f));
	put(&out, f->text, f->bom);
	if (f->front) {
		put(&out, f->front, strlen(f->front));
		if (f->n_lines)
			put(&out, f->line_end, strlen(f->line_end));
	}
	for (size_t i = 0; i < f->n_lines; i++) {
		const struct line *l = &f->lines[i];

		if (!l->gone)
			put(&out, l->now ? l->now : l->s, l->now ? l->now_len : l->len);
		if (!l->after)
			continue;
		put_line_end(&out, f);
		put(&out, l->after, strlen(l->after));
	}
	for (size_t i = 0; i < f->back.n; i++) {
		put_line_end(&out, f);
		if (out.len > f->bom && !ends_with(&out, f->line_end, 2))
			put(&out, f->line_end, strlen(f->line_end));
		put(&out, f->back.s[i], strlen(f->back.s[i]));
	}
	if (!ended && ends_with(&out, f->line_end, 1))
		out.len -= strlen(f->line_end);
	*len = out.len;
	return out.s;
}

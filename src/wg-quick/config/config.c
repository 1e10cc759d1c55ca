/* SPDX-License-Identifier: GPL-2.0 */
/* Finds and reads a wg-quick configuration. One pass validates both parts, each line being either
 * ours (config-keys.c) or wg's; errors name file, line and column, and leave a config that may
 * only be wiped. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/printable.h"
#include "../../lib/base/suggest.h"
#include "../../lib/conf/conf-quote.h"
#include "../../lib/conf/conf-reader.h"
#include "../../lib/conf/conf-text.h"
#include "../../lib/conf/conf.h"
#include "names.h"

static const char suffix[] = ".conf";

#define DEV_NULL makedev(1, 3) /* an empty file, as a link of this name to it may be meant */

/* The name that a path stands for: its last part without ".conf". */
static bool name_of(const char *path, char name[static IFNAMSIZ])
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t len = strlen(base), ending = strlen(suffix);

	if (len <= ending || strcmp(base + len - ending, suffix) || !names_is_valid(base, len - ending))
		return false;
	memcpy(name, base, len - ending);
	name[len - ending] = '\0';
	return true;
}

static bool file_exists(const char *path)
{
	return !access(path, F_OK);
}

/* A file from which no interface's name follows. */
static int bad_name(const char *path, struct wg_error *err)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t len = strlen(base), ending = strlen(suffix);
	char shown[PATH_MAX];

	wg_printable(shown, sizeof(shown), path);
	if (len <= ending || strcmp(base + len - ending, suffix))
		return wg_error_set(err, "`%s' does not end in .conf: The config file must be a valid "
				    "interface name, followed by .conf", shown);
	base = strrchr(shown, '/') ? strrchr(shown, '/') + 1 : shown;
	if (len - ending >= IFNAMSIZ)
		return wg_error_set(err, "`%.*s' is too long for an interface's name: expected at most "
				    "%d characters before .conf; rename %s", (int)(strlen(base) - ending), base,
				    IFNAMSIZ - 1, shown);
	return wg_error_set(err, "`%.*s' is no valid interface name: expected 1 to %d letters, digits or "
			    "_=+.- before .conf; rename %s", (int)(strlen(base) - ending), base, IFNAMSIZ - 1,
			    shown);
}

/* A name without a file: the name that was probably meant. `shown` is the file, as a message shows it. */
static int no_such_tunnel(const char *arg, const char *shown, struct wg_error *err)
{
	cleanup(wg_names_free) struct wg_names names = {0};
	struct wg_suggest guess;

	names_list(&names);
	wg_suggest_init(&guess, arg, strlen(arg));
	for (size_t i = 0; i < names.n; i++)
		wg_suggest_try(&guess, names.name[i]);
	if (guess.best)
		return wg_error_set(err, "`%s' does not exist: did you mean `%s'?", shown, guess.best);
	return wg_error_set(err, "`%s' does not exist", shown);
}

/* The file that `arg` stands for, `given`, is not there: says so, or which rule of names `arg` does
 * not follow. */
static int not_found(const char *arg, const char *given, struct wg_error *err)
{
	size_t len = strlen(arg), ending = strlen(suffix);
	cleanup(free_ptr) char *meant = wg_format("%s/%s%s", CONFDIR, arg, suffix);
	bool is_name = !strchr(arg, '/'), replaced = strcmp(arg, given), there = file_exists(meant);
	char shown[PATH_MAX];

	wg_printable(shown, sizeof(shown), given);
	if (wg_conf_path_may_be_key(arg) && !(is_name && there))
		wg_error_set(err, "%s does not exist: expected a name or a file", WG_CONF_HIDDEN);
	else if (is_name && len >= IFNAMSIZ && strcmp(arg + len - ending, suffix))
		wg_error_set(err, "`%s' is too long for an interface's name: expected at most %d "
			     "characters%s%s", shown, IFNAMSIZ - 1, there ? "; rename " : "", there ? meant : "");
	else if (is_name && there && !names_is_valid(arg, len))
		bad_name(meant, err);
	else if (is_name && replaced && file_exists(arg))
		wg_error_set(err, "`%s' does not exist; for the file in this folder, give its path: ./%s",
			     shown, arg);
	else if (is_name && replaced && len > ending && !strcmp(arg + len - ending, suffix))
		wg_error_set(err, "`%s' does not exist: expected a name without .conf, or a path with a /",
			     shown);
	else if (replaced)
		no_such_tunnel(arg, shown, err);
	else
		wg_error_set(err, "`%s' does not exist", shown);
	return -1;
}

/* The frame of config_find need not hold another path. */
static __attribute__((noinline)) int cannot_find(const char *given, int code, struct wg_error *err)
{
	char shown[PATH_MAX];

	return wg_error_errno(err, code, "cannot find %s", wg_conf_show_path(shown, sizeof(shown), given));
}

int config_find(struct config *c, const char *arg, struct wg_error *err)
{
	char given[PATH_MAX];
	struct stat st;

	*c->name = '\0';
	if (strlen(arg) >= sizeof(c->arg))
		return wg_error_errno(err, ENAMETOOLONG, "configuration file");
	strcpy(c->arg, arg);
	if (names_is_valid(arg, strlen(arg))) {
		memcpy(c->name, arg, strlen(arg) + 1);
		snprintf(given, sizeof(given), "%s/%s%s", CONFDIR, c->name, suffix);
	} else {
		strcpy(given, arg);
		if (!name_of(given, c->name))
			*c->name = '\0';
	}
	if (!realpath(given, c->path)) {
		int code = errno;

		if (code == ENOENT)
			not_found(arg, given, err);
		else
			cannot_find(given, code, err);
		err->code = code;
		return -1;
	}
	if (!*c->name)
		return bad_name(given, err);
	if (stat(c->path, &st))
		return 0;
	if (S_ISDIR(st.st_mode))
		return wg_error_errno(err, EISDIR, "cannot read %s", c->path);
	if (S_ISBLK(st.st_mode) || (S_ISCHR(st.st_mode) && st.st_rdev != DEV_NULL)) {
		wg_error_set(err, "cannot read %s: it is a device: expected a configuration file", c->path);
		err->code = EINVAL;
		return -1;
	}
	return 0;
}

/* A span of a line. */
struct span {
	const char *s;
	size_t len;
};

static struct span trim(struct span t)
{
	while (t.len && isspace((u8)*t.s))
		t.s++, t.len--;
	while (t.len && isspace((u8)t.s[t.len - 1]))
		t.len--;
	return t;
}

struct config_peer *config_own_peer(struct config *c)
{
	if (!c->n_peers || c->peers[c->n_peers - 1].peer != c->reading) {
		c->peers = wg_realloc(c->peers, c->n_peers + 1, sizeof(*c->peers));
		c->peers[c->n_peers++] = (struct config_peer){.peer = c->reading};
	}
	return &c->peers[c->n_peers - 1];
}

const struct config_peer *config_next_peer(const struct config *c, size_t *at,
					   const struct wg_peer *peer)
{
	return *at < c->n_peers && c->peers[*at].peer == peer ? &c->peers[(*at)++] : NULL;
}

/* The row for a "Key = value" line of that section, and its value; NULL where the line is not ours. */
static const struct config_key *find_key(enum wg_conf_section in, struct span line, struct span *value)
{
	enum wg_section section = in == WG_CONF_PEER ? WG_SECTION_PEER : WG_SECTION_INTERFACE;
	const char *hash = memchr(line.s, '#', line.len);
	size_t bare = hash ? (size_t)(hash - line.s) : line.len;
	const char *equals = memchr(line.s, '=', bare);
	const struct config_key *row;
	struct span key;

	if (!equals || in == WG_CONF_NONE)
		return NULL;
	key = trim((struct span){ line.s, (size_t)(equals - line.s) });
	for (row = config_keys; row->name; row++)
		if (row->section == section && strlen(row->name) == key.len &&
		    !strncasecmp(row->name, key.s, key.len))
			break;
	if (!row->name)
		return NULL;
	value->s = equals + 1;
	value->len = (row->raw ? line.len : bare) - (size_t)(value->s - line.s);
	if (row->extent && hash)
		value->len = row->extent(value->s, line.len - (size_t)(value->s - line.s), value->len);
	*value = trim(*value);
	return row;
}

/* A line that is ours. */
struct own_line {
	const struct config_key *row;
	struct span line, value;
	unsigned int number;
};

/* The whole value, or one word of a list. */
static int read_value(struct config *c, struct wg_conf *conf, const struct own_line *l,
		      struct span value, struct wg_error *err)
{
	size_t at = 0, column = (size_t)(value.s - l->line.s);

	if (!l->row->parse(c, value.s, value.len, &at, err)) {
		const struct wg_conf_value v = {
			.key = l->row->name,
			.text = value.s,
			.len = value.len,
			.line = l->number,
			.column = column + 1,
			.peer = c->dev->n_peers,
			.comment = column + value.len < l->line.len && value.s[value.len] == '#',
		};

		if (conf->sink && conf->sink->took)
			conf->sink->took(conf->sink->ctx, &v);
		return 0;
	}
	if (value.len && !l->row->raw && strchr("\"'`", *value.s)) {
		wg_conf_wrong(err, WG_CODE_QUOTED_VALUE,
			      "a value has no quotation marks around it: expected the value alone");
		at = 0;
	}
	return wg_conf_fail(conf, l->number, l->line.s, l->line.len, column + at, l->row->raw, err);
}

/* The next word of a list; an empty one behind the last. */
static struct span next_word(struct span *rest)
{
	struct span word;

	while (rest->len && (*rest->s == ',' || isspace((u8)*rest->s)))
		rest->s++, rest->len--;
	word = (struct span){rest->s, 0};
	while (rest->len && *rest->s != ',' && !isspace((u8)*rest->s))
		rest->s++, rest->len--, word.len++;
	return word;
}

/* The characters of a line. bash would not get what stands behind a NUL; what else it gets may be
 * meant for a string. */
static int check_own(const struct own_line *l, size_t *at, struct wg_error *err)
{
	size_t start = (size_t)(l->value.s - l->line.s), end = start + l->value.len;

	if (!l->row->raw)
		return wg_conf_check_text(l->line.s, end, at, err);
	*at = start + strnlen(l->value.s, l->value.len);
	return *at < end ? wg_conf_check_text(l->line.s + *at, 1, &end, err) : 0;
}

static int read_own(struct config *c, struct wg_conf *conf, const struct own_line *l,
		    struct wg_error *err)
{
	struct span rest = l->value, word;
	size_t at;

	if (check_own(l, &at, err))
		return wg_conf_fail(conf, l->number, l->line.s, l->line.len, at, l->row->raw, err);
	if (!l->row->list)
		return read_value(c, conf, l, rest, err);
	while (!wg_conf_gives_up(conf, l->number) && (word = next_word(&rest)).len)
		if (read_value(c, conf, l, word, err))
			return -1;
	return 0;
}

/* Upstream's `strip` loses these at the ends of lines, and nothing else. */
static void keep_line(struct config *c, struct span line)
{
	while (line.len && (*line.s == ' ' || *line.s == '\t'))
		line.s++, line.len--;
	while (line.len && (line.s[line.len - 1] == ' ' || line.s[line.len - 1] == '\t'))
		line.len--;
	strings_add(&c->rest, line.s, line.len);
}

/* For `strip`: what is ours goes, the rest stays, right or wrong; `wg` will judge it. Printing
 * nothing instead would make an empty file of it, which takes every peer away. */
static void strip_line(struct config *c, struct wg_conf *conf, struct span line, unsigned int number)
{
	struct wg_error ignored;
	struct span value;

	if (trim(line).len && *trim(line).s == '[') {
		conf->peer = NULL;
		if (wg_conf_line(conf, line.s, line.len, number, &ignored))
			conf->section = WG_CONF_NONE;
	}
	if (!find_key(conf->section, line, &value))
		keep_line(c, line);
}

static int read_line(struct config *c, struct wg_conf *conf, struct span line, unsigned int number,
		     struct wg_error *err)
{
	struct own_line own = {.number = number};

	if (number == 1 && c->strip)
		wg_conf_skip_bom(&line.s, &line.len);
	else if (number == 1 && wg_conf_first_line(conf, &line.s, &line.len, err))
		return -1;
	if (line.len && line.s[line.len - 1] == '\n')
		line.len--;
	if (c->strip) {
		strip_line(c, conf, line, number);
		return 0;
	}
	own.line = line;
	own.row = find_key(conf->section, line, &own.value);
	c->reading = conf->peer;
	if (own.row)
		return read_own(c, conf, &own, err);
	return wg_conf_line(conf, line.s, line.len, number, err);
}

int config_parse(struct config *c, FILE *f, const struct wg_log *log, struct wg_error *err)
{
	cleanup(wg_conf_reader_wipe) struct wg_conf_reader reader;
	unsigned int number = 0;
	struct wg_conf conf;
	const char *line;
	size_t len;
	int r = 0, more = 0;

	c->dev = wg_device_new();
	memcpy(c->dev->name, c->name, sizeof(c->dev->name));
	wg_conf_init(&conf, c->dev, &c->resolve, log, c->path);
	conf.quick = true;
	conf.sink = c->sink;
	wg_conf_reader_init(&reader, f, c->path);
	while (!r && (more = wg_conf_reader_next(&reader, &line, &len, err)) > 0)
		r = read_line(c, &conf, (struct span){ line, len }, ++number, err);
	if (!r)
		r = more;
	if (!r && !c->strip)
		r = wg_conf_finish(&conf, err);
	wg_conf_wipe(&conf);
	if (!r && c->dns_odd && (c->dns_backend == DNS_AUTO || c->dns_backend == DNS_RESOLVCONF))
		wg_log_say(log, WG_LOG_WARNING,
			   "DNS server %s is given to resolvconf as it is: not every one takes that",
			   c->dns_odd);
	return r;
}

/* The folder keeps strangers out as well as the file's own mode does. */
static void check_mode(const struct config *c, FILE *f, const struct wg_log *log)
{
	cleanup(free_ptr) char *dir = wg_strndup(c->path, strlen(c->path));
	struct stat file, folder;
	char *slash = strrchr(dir, '/');

	if (!slash)
		return;
	slash[slash == dir] = '\0';
	if (fstat(fileno(f), &file) || stat(dir, &folder))
		return;
	if (file.st_mode & folder.st_mode & 0007)
		wg_log_say(log, WG_LOG_WARNING, "`%s' is world accessible", c->path);
}

int config_read(struct config *c, const struct wg_log *log, struct wg_error *err)
{
	FILE *f = fopen(c->path, "re");
	int r;

	if (!f)
		return wg_error_errno(err, errno, "cannot open %s", c->path);
	check_mode(c, f, log);
	r = config_parse(c, f, log, err);
	fclose(f);
	return r;
}

void config_wipe(struct config *c)
{
	free(c->addresses);
	free(c->peers);
	free(c->table_text);
	free(c->dns_odd);
	strings_free(&c->dns_servers);
	strings_free(&c->dns_search);
	for (size_t i = 0; i < HOOK_PHASES; i++)
		strings_wipe(&c->hooks[i]);
	strings_wipe(&c->rest);
	wg_resolve_wipe(&c->resolve);
	wg_device_free(c->dev);
	*c = (struct config){ 0 };
}

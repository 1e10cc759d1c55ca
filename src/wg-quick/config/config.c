/* SPDX-License-Identifier: GPL-2.0 */
/* Finds and reads a wg-quick configuration. One pass validates both parts, each line being either
 * ours (config-keys.c) or wg's; errors name file, line and column, and leave a config that may
 * only be wiped. */
#include "config.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/encoding.h"
#include "../../lib/base/printable.h"
#include "../../lib/base/secret.h"
#include "../../lib/base/suggest.h"
#include "../../lib/conf/conf-quote.h"
#include "../../lib/conf/conf-reader.h"
#include "../../lib/conf/conf-text.h"
#include "../../lib/conf/conf.h"
#include "../../lib/conf/value.h"
#include "key-file.h"
#include "names.h"
#include "shares.h"

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
			.file = conf->file,
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
	while ((word = next_word(&rest)).len) {
		if (wg_conf_gives_up(conf, l->number)) {
			wg_conf_cut_short(conf);
			return 0;
		}
		if (read_value(c, conf, l, word, err))
			return -1;
	}
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

/* The value of a line that sets this key of wg's; false for other lines. White space means nothing to wg, in a
 * key neither. */
static bool sets_key(struct span line, const char *key, struct span *value)
{
	const char *hash = memchr(line.s, '#', line.len), *end = hash ? hash : line.s + line.len;
	const char *at = line.s;

	for (; at < end && *at != '='; at++) {
		if (isspace((u8)*at))
			continue;
		if (!*key || tolower((u8)*at) != tolower((u8)*key))
			return false;
		key++;
	}
	if (at == end || *key)
		return false;
	*value = trim((struct span){at + 1, (size_t)(end - at - 1)});
	return true;
}

/* For `strip`, so that wg makes of the lines what `up` makes of them: of several endpoints the first stays. */
static void strip_peer_line(struct config *c, struct wg_conf *conf, struct span line)
{
	bool is_endpoint, is_further;
	struct span value;

	is_endpoint = sets_key(line, "Endpoint", &value) && value.len;
	is_further = is_endpoint && conf->has_endpoint;
	conf->has_endpoint |= is_endpoint;
	if (!is_further)
		keep_line(c, line);
}

/* The value of an AllowedIPs line without white space and comment; malloc'd, or NULL for another line. */
static char *allowed_ips(const char *line)
{
	static const char key[] = "allowedips=";
	size_t n = 0, len = strcspn(line, "#");
	char *text = wg_alloc(len + 1);

	for (size_t i = 0; i < len; i++)
		if (!wg_conf_is_space(line[i]))
			text[n++] = line[i];
	if (!strncasecmp(text, key, strlen(key))) {
		memmove(text, text + strlen(key), n - strlen(key) + 1);
		return text;
	}
	wg_secret_wipe(text, len);
	free(text);
	return NULL;
}

/* The AllowedIPs line that says the same without exclusions; malloc'd, or NULL if the lines are wrong. */
static char *expand_allowed_ips(const struct strings *rest, size_t from)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	struct wg_peer *peer = wg_device_add_peer(dev);
	struct wg_error ignored;
	size_t size, at;
	bool wrong = false;
	char *text;
	FILE *f;

	for (size_t i = from; i < rest->n; i++) {
		char *list = allowed_ips(rest->s[i]);

		wrong |= list && wg_value_allowedips(dev, peer, list, strlen(list), NULL, &at, &ignored);
		free(list);
	}
	if (wrong || !(peer->flags & WG_PEER_EXCLUDES))
		return NULL;
	wg_peer_exclude(dev, peer);
	f = open_memstream(&text, &size);
	if (!f)
		wg_alloc_failed();
	for (const struct wg_allowedip *a = peer->allowedips; a; a = a->next) {
		struct wg_prefix p = {.family = a->family, .cidr = a->cidr};
		char one[WG_PREFIX_STRLEN];

		memcpy(p.addr, a->addr, wg_family_len(a->family));
		fprintf(f, "%s%s", a == peer->allowedips ? "AllowedIPs = " : ", ", wg_prefix_format(one, &p));
	}
	if (fclose(f))
		wg_alloc_failed();
	return text;
}

/* After the last line of a section: other programs know no exclusions. The first AllowedIPs line says it
 * all then, and the others go. Lines that are wrong stay. */
static void strip_exclusions(struct config *c)
{
	char *text = c->excludes ? expand_allowed_ips(&c->rest, c->rest_section) : NULL;
	size_t n = c->rest_section;

	c->excludes = false;
	if (!text)
		return;
	for (size_t i = n; i < c->rest.n; i++) {
		char *list = allowed_ips(c->rest.s[i]);

		if (list) {
			free(c->rest.s[i]);
			c->rest.s[i] = text && *text ? text : NULL;
			text = c->rest.s[i] ? NULL : text;
		}
		if (c->rest.s[i])
			c->rest.s[n++] = c->rest.s[i];
		free(list);
	}
	c->rest.n = n;
	free(text);
}

/* After strip_exclusions: with Failover each prefix stays with the first peer. `peer` is that of the section,
 * or NULL. */
static void strip_shares(struct config *c, struct wg_peer *peer)
{
	size_t n = c->rest_section;

	if (!c->failover || !peer)
		return;
	for (size_t i = n; i < c->rest.n; i++) {
		cleanup(free_ptr) char *list = allowed_ips(c->rest.s[i]), *left = NULL;

		if (list && shares_strip(c, peer, list, strlen(list), &left)) {
			free(c->rest.s[i]);
			c->rest.s[i] = *left ? wg_format("AllowedIPs = %s", left) : NULL;
		}
		if (c->rest.s[i])
			c->rest.s[n++] = c->rest.s[i];
	}
	c->rest.n = n;
}

/* The key itself in place of the file that holds it. */
static int strip_key_file(struct config *c, struct wg_conf *conf, const struct config_key *row,
			  struct span line, struct span value, unsigned int number, struct wg_error *err)
{
	char text[WG_KEY_BASE64_LEN + 1];
	u8 key[WG_KEY_LEN];
	char *out;

	if (key_file_read(key, c, value.s, value.len, err))
		return wg_conf_fail(conf, number, line.s, line.len, (size_t)(value.s - line.s), false, err);
	wg_key_to_base64(text, key);
	out = wg_format("%s = %s", row->strip_as, text);
	strings_add(&c->rest, out, strlen(out));
	string_wipe(&out);
	wg_secret_wipe(text, sizeof(text));
	wg_secret_wipe(key, sizeof(key));
	return 0;
}

/* For `strip`: what is ours goes, the rest stays, right or wrong; `wg` will judge it. Printing
 * nothing instead would make an empty file of it, which takes every peer away. A drop-in must begin with a
 * section: its lines would else be taken for more of the last one of the file before. */
static int strip_line(struct config *c, struct wg_conf *conf, struct span line, unsigned int number,
		      struct wg_error *err)
{
	struct wg_error ignored;
	struct span value = {0}, text = trim(line);
	const struct config_key *row;
	size_t at;

	if (text.len && *text.s == '[') {
		strip_exclusions(c);
		strip_shares(c, conf->peer);
		c->rest_section = c->rest.n;
		conf->peer = NULL;
		if (wg_conf_line(conf, line.s, line.len, number, &ignored))
			conf->section = WG_CONF_NONE;
	} else if (c->drop_ins.n && conf->section == WG_CONF_NONE && text.len && *text.s != '#') {
		wg_conf_wrong(err, WG_CODE_NO_SECTION,
			      "expected [Interface] or [Peer] before the first setting");
		return wg_conf_fail(conf, number, line.s, line.len, (size_t)(text.s - line.s), true, err);
	}
	row = find_key(conf->section, line, &value);
	if (row && row->strip_as)
		return strip_key_file(c, conf, row, line, value, number, err);
	/* It decides on what wg gets. */
	if (row && !strcmp(row->name, "Failover"))
		row->parse(c, value.s, value.len, &at, &ignored);
	if (!row && conf->section == WG_CONF_PEER)
		strip_peer_line(c, conf, line);
	else if (!row)
		keep_line(c, line);
	if (!row && conf->section == WG_CONF_PEER && memchr(line.s, '!', line.len))
		c->excludes = true;
	return 0;
}

/* A key that is given by a file is not to be given by itself, too. The flag shows which of the two a line
 * has set. */
static bool hide_key(struct config *c)
{
	struct config_peer *own = c->n_peers ? &c->peers[c->n_peers - 1] : NULL;

	if (c->reading && own && own->peer == c->reading && own->has_key_file)
		c->reading->flags &= (u16)~WG_PEER_HAS_PRESHARED_KEY;
	else if (!c->reading && c->has_key_file)
		c->dev->flags &= ~(u32)WG_DEVICE_HAS_PRIVATE_KEY;
	else
		return false;
	return true;
}

static int wg_line(struct config *c, struct wg_conf *conf, struct span line, unsigned int number,
		   struct wg_error *err)
{
	u32 device_flags = c->dev->flags;
	struct wg_peer *peer = c->reading;
	u16 peer_flags = peer ? peer->flags : 0;
	bool hidden = hide_key(c), twice;

	if (wg_conf_line(conf, line.s, line.len, number, err))
		return -1;
	if (!hidden)
		return 0;
	twice = peer ? peer->flags & WG_PEER_HAS_PRESHARED_KEY : c->dev->flags & WG_DEVICE_HAS_PRIVATE_KEY;
	if (peer)
		peer->flags |= peer_flags & WG_PEER_HAS_PRESHARED_KEY;
	else
		c->dev->flags |= device_flags & WG_DEVICE_HAS_PRIVATE_KEY;
	if (!twice)
		return 0;
	wg_conf_wrong(err, WG_CODE_KEY_TWICE, "expected either %s or %sFile, and each once",
		      peer ? "PresharedKey" : "PrivateKey", peer ? "PresharedKey" : "PrivateKey");
	return wg_conf_fail(conf, number, line.s, line.len, 0, true, err);
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
	if (c->strip)
		return strip_line(c, conf, line, number, err);
	own.line = line;
	own.row = find_key(conf->section, line, &own.value);
	c->reading = conf->peer;
	if (own.row)
		return read_own(c, conf, &own, err);
	return wg_line(c, conf, line, number, err);
}

/* `file` is the name for messages, which lives as long as `c`. */
static int parse_file(struct config *c, FILE *f, const char *file, const struct wg_log *log,
		      struct wg_error *err)
{
	cleanup(wg_conf_reader_wipe) struct wg_conf_reader reader;
	unsigned int number = 0;
	struct wg_conf conf;
	const char *line;
	size_t len;
	int r = 0, more = 0;

	wg_conf_init(&conf, c->dev, &c->resolve, log, file);
	conf.quick = true;
	conf.furthers = &c->furthers;
	conf.sink = c->sink;
	c->log = log;
	wg_conf_reader_init(&reader, f, file);
	while (!r && (more = wg_conf_reader_next(&reader, &line, &len, err)) > 0)
		r = read_line(c, &conf, (struct span){ line, len }, ++number, err);
	if (!r)
		r = more;
	if (!r && c->strip) {
		strip_exclusions(c);
		strip_shares(c, conf.peer);
	} else if (!r) {
		r = wg_conf_finish(&conf, err);
	}
	wg_conf_wipe(&conf);
	c->reading = NULL;
	c->log = NULL;
	return r;
}

static void begin_device(struct config *c)
{
	c->dev = wg_device_new();
	memcpy(c->dev->name, c->name, sizeof(c->dev->name));
}

/* After the last file: several may list one prefix. Who wants all mistakes wants all prefixes where they
 * stand, too. */
static void find_shares_unless_checking(struct config *c)
{
	if (!c->sink && !c->no_shares)
		shares_find(c);
}

static void warn_of_dns(const struct config *c, const struct wg_log *log)
{
	if (c->dns_odd && (c->dns_backend == DNS_AUTO || c->dns_backend == DNS_RESOLVCONF))
		wg_log_say(log, WG_LOG_WARNING,
			   "DNS server %s is given to resolvconf as it is: not every one takes that",
			   c->dns_odd);
}

int config_parse(struct config *c, FILE *f, const struct wg_log *log, struct wg_error *err)
{
	begin_device(c);
	if (parse_file(c, f, c->path, log, err))
		return -1;
	find_shares_unless_checking(c);
	warn_of_dns(c, log);
	return 0;
}

/* The folder keeps strangers out as well as the file's own mode does. */
static void check_mode(const char *path, FILE *f, const struct wg_log *log)
{
	cleanup(free_ptr) char *dir = wg_strndup(path, strlen(path));
	struct stat file, folder;
	char *slash = strrchr(dir, '/');

	if (!slash)
		return;
	slash[slash == dir] = '\0';
	if (fstat(fileno(f), &file) || stat(dir, &folder))
		return;
	if (file.st_mode & folder.st_mode & 0007)
		wg_log_say(log, WG_LOG_WARNING, "`%s' is world accessible", path);
}

static int read_file(struct config *c, const char *path, const struct wg_log *log, struct wg_error *err)
{
	FILE *f = fopen(path, "re");
	int r;

	if (!f)
		return wg_error_errno(err, errno, "cannot open %s", path);
	check_mode(path, f, log);
	r = parse_file(c, f, path, log, err);
	fclose(f);
	return r;
}

static int by_name(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

/* Lists them before one is read: those before it in the order of names may be found later. */
static int list_drop_ins(struct config *c, struct wg_error *err)
{
	cleanup(free_ptr) char *folder = wg_format("%s.d", c->path);
	DIR *dir = opendir(folder);
	struct dirent *e;
	int code;

	if (!dir)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0 : wg_error_errno(err, errno, "cannot open %s", folder);
	while (errno = 0, (e = readdir(dir))) {
		size_t len = strlen(e->d_name), ending = strlen(suffix);
		cleanup(free_ptr) char *path = NULL;

		if (*e->d_name == '.' || len <= ending || strcmp(e->d_name + len - ending, suffix))
			continue;
		path = wg_format("%s/%s", folder, e->d_name);
		strings_add(&c->drop_ins, path, strlen(path));
	}
	code = errno;
	closedir(dir);
	if (code)
		return wg_error_errno(err, code, "cannot read %s", folder);
	if (c->drop_ins.n)
		qsort(c->drop_ins.s, c->drop_ins.n, sizeof(*c->drop_ins.s), by_name);
	return 0;
}

int config_read(struct config *c, const struct wg_log *log, struct wg_error *err)
{
	begin_device(c);
	if (read_file(c, c->path, log, err) || list_drop_ins(c, err))
		return -1;
	for (size_t i = 0; i < c->drop_ins.n; i++)
		if (read_file(c, c->drop_ins.s[i], log, err))
			return -1;
	find_shares_unless_checking(c);
	warn_of_dns(c, log);
	return 0;
}

void config_drop_hooks(struct config *c)
{
	for (size_t i = 0; i < HOOK_PHASES; i++)
		strings_wipe(&c->hooks[i]);
	c->no_hooks = true;
}

void config_wipe(struct config *c)
{
	free(c->addresses);
	for (size_t i = 0; i < c->n_peers; i++)
		free(c->peers[i].routes);
	free(c->peers);
	free(c->table_text);
	free(c->netns);
	free(c->underlay);
	free(c->dns_odd);
	strings_free(&c->dns_servers);
	strings_free(&c->dns_search);
	for (size_t i = 0; i < HOOK_PHASES; i++)
		strings_wipe(&c->hooks[i]);
	strings_wipe(&c->rest);
	strings_free(&c->drop_ins);
	wg_resolve_wipe(&c->resolve);
	wg_conf_furthers_wipe(&c->furthers);
	shares_wipe(c);
	wg_device_free(c->dev);
	*c = (struct config){ 0 };
}

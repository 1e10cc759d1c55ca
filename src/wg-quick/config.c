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
#include "../lib/alloc.h"
#include "../lib/cleanup.h"
#include "../lib/conf.h"
#include "../lib/secret.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_=+.-"

static const char suffix[] = ".conf";

static bool is_name(const char *s, size_t len)
{
	return len && len < IFNAMSIZ && strspn(s, NAME_CHARS) >= len;
}

/* The name that a path stands for: its last part without ".conf". */
static bool name_of(const char *path, char name[static IFNAMSIZ])
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t len = strlen(base), ending = strlen(suffix);

	if (len <= ending || strcmp(base + len - ending, suffix) || !is_name(base, len - ending))
		return false;
	memcpy(name, base, len - ending);
	name[len - ending] = '\0';
	return true;
}

static int bad_name(struct wg_error *err)
{
	return wg_error_set(err, "The config file must be a valid interface name, followed by .conf "
				 "(1 to 15 letters, digits or _=+.-)");
}

int config_find(struct config *c, const char *arg, struct wg_error *err)
{
	char given[PATH_MAX];
	struct stat st;

	*c->name = '\0';
	if (strlen(arg) >= sizeof(c->arg))
		return wg_error_errno(err, ENAMETOOLONG, "configuration file");
	strcpy(c->arg, arg);
	if (is_name(arg, strlen(arg))) {
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
			wg_error_set(err, "`%s' does not exist", given);
		else
			wg_error_errno(err, code, "cannot find %s", given);
		err->code = code;
		return -1;
	}
	if (!*c->name)
		return bad_name(err);
	if (!stat(c->path, &st) && S_ISDIR(st.st_mode))
		return wg_error_errno(err, EISDIR, "cannot read %s", c->path);
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

/* The row for a "Key = value" line and its value; NULL where the line is not ours. */
static const struct config_key *find_key(struct span line, struct span *value)
{
	const char *hash = memchr(line.s, '#', line.len);
	size_t bare = hash ? (size_t)(hash - line.s) : line.len;
	const char *equals = memchr(line.s, '=', bare);
	const struct config_key *row;
	struct span key;

	if (!equals)
		return NULL;
	key = trim((struct span){ line.s, (size_t)(equals - line.s) });
	for (row = config_keys; row->name; row++)
		if (strlen(row->name) == key.len && !strncasecmp(row->name, key.s, key.len))
			break;
	if (!row->name)
		return NULL;
	value->s = equals + 1;
	value->len = (row->raw ? line.len : bare) - (size_t)(value->s - line.s);
	*value = trim(*value);
	return row;
}

static int read_own(struct config *c, const struct config_key *row, struct span line,
		    struct span value, unsigned int number, struct wg_error *err)
{
	size_t at = 0;

	if (memchr(value.s, '\0', value.len)) {
		wg_error_set(err, "a line of text cannot hold a NUL byte");
		at = strnlen(value.s, value.len);
	} else if (!row->parse(c, value.s, value.len, &at, err)) {
		return 0;
	}
	return wg_conf_error_at(err, c->path, number, line.s, line.len,
				(size_t)(value.s - line.s) + at, row->raw);
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
	if (conf->section != WG_CONF_INTERFACE || !find_key(line, &value))
		keep_line(c, line);
}

static int read_line(struct config *c, struct wg_conf *conf, struct span line, unsigned int number,
		     struct wg_error *err)
{
	const struct config_key *row = NULL;
	struct span value;

	if (line.len && line.s[line.len - 1] == '\n')
		line.len--;
	if (c->strip) {
		strip_line(c, conf, line, number);
		return 0;
	}
	if (conf->section == WG_CONF_INTERFACE)
		row = find_key(line, &value);
	if (row)
		return read_own(c, row, line, value, number, err);
	return wg_conf_line(conf, line.s, line.len, number, err);
}

/* getline's buffer; the lines in it held keys. */
struct line_buffer {
	char *s;
	size_t size;
};

static void line_buffer_wipe(struct line_buffer *b)
{
	if (b->s)
		wg_secret_wipe(b->s, b->size);
	free(b->s);
}

/* ", KEY" for each row. Free it. */
static char *own_keys(void)
{
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		wg_alloc_failed();
	for (const struct config_key *row = config_keys; row->name; row++)
		fprintf(f, ", %s", row->name);
	fclose(f);
	return text;
}

int config_parse(struct config *c, FILE *f, const struct wg_log *log, struct wg_error *err)
{
	cleanup(line_buffer_wipe) struct line_buffer buf = { 0 };
	cleanup(free_ptr) char *also = own_keys();
	unsigned int number = 0;
	struct wg_conf conf;
	ssize_t len;
	int r = 0;

	c->dev = wg_device_new();
	memcpy(c->dev->name, c->name, sizeof(c->dev->name));
	wg_conf_init(&conf, c->dev, &c->resolve, log, c->path);
	conf.also = also;
	while (!r && (len = getline(&buf.s, &buf.size, f)) >= 0)
		r = read_line(c, &conf, (struct span){ buf.s, (size_t)len }, ++number, err);
	if (!r && ferror(f))
		r = wg_error_errno(err, errno, "cannot read %s", c->path);
	if (!r && !c->strip)
		r = wg_conf_finish(&conf, err);
	wg_conf_wipe(&conf);
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
	char buf[8192]; /* ours, so that it can be wiped */
	FILE *f = fopen(c->path, "re");
	int r;

	if (!f)
		return wg_error_errno(err, errno, "cannot open %s", c->path);
	setvbuf(f, buf, _IOFBF, sizeof(buf));
	check_mode(c, f, log);
	r = config_parse(c, f, log, err);
	fclose(f);
	wg_secret_wipe(buf, sizeof(buf));
	return r;
}

void config_wipe(struct config *c)
{
	free(c->addresses);
	free(c->table_text);
	strings_free(&c->dns_servers);
	strings_free(&c->dns_search);
	for (size_t i = 0; i < HOOK_PHASES; i++)
		strings_wipe(&c->hooks[i]);
	strings_wipe(&c->rest);
	wg_resolve_wipe(&c->resolve);
	wg_device_free(c->dev);
	*c = (struct config){ 0 };
}

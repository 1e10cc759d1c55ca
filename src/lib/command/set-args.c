// SPDX-License-Identifier: GPL-2.0
/* The arguments of `wg set`: options of the interface, then peers, each followed by its options.
 * Everything is checked before anything is sent; an error quotes the value, but never a key. */
#include "set-args.h"

#include <stdio.h>
#include <string.h>
#include "../base/printable.h"
#include "../base/suggest.h"
#include "../conf/conf.h"
#include "../conf/setting-text.h"
#include "arguments.h"

#define QUOTED_MAX 64

/* How the value of a type of setting stands on the command line. */
struct argument {
	const char *usage;
	bool quoted;          /* an error may show it */
	const char *complete; /* words that may be the value, NULL for none */
};

static const struct argument arguments[WG_TYPES] = {
	[WG_TYPE_PUBLIC_KEY] = {"<base64 public key>", false, NULL},
	[WG_TYPE_PRIVATE_KEY] = {"<file path>", false, ":file"},
	[WG_TYPE_PRESHARED_KEY] = {"<file path>", false, ":file"},
	[WG_TYPE_PORT] = {"<port>", true, NULL},
	[WG_TYPE_MARK] = {"<mark>", true, "off"},
	[WG_TYPE_INTERVAL] = {"<interval seconds>", true, "off"},
	[WG_TYPE_ENDPOINT] = {"<ip>:<port>", true, NULL},
	[WG_TYPE_ALLOWEDIPS] = {"[+|-]<ip1>/<cidr1>[,[+|-]<ip2>/<cidr2>]...", true, NULL},
};

/* The one option that is no setting; it has no value. */
static const struct wg_setting remove_option = {.section = WG_SECTION_PEER, .option = "remove"};

static bool takes_value(const struct wg_setting *o)
{
	return o != &remove_option;
}

/* Comes before the options of a peer, and may stand anywhere. */
static bool is_peer(const struct wg_setting *o)
{
	return o->role == WG_ROLE_IDENTITY;
}

/* The most options of a section: `remove' and the rows of wg_peer_settings, or `peer' and the rows of
 * wg_interface_settings. The table's last row, which is counted too, is no option. */
#define OPTIONS_MAX WG_SETTINGS_MAX

/* Lists the options that may stand before the first peer, or behind one; `peer' is the last. Returns how
 * many there are. */
static size_t list_options(const struct wg_setting *list[static OPTIONS_MAX], bool in_peer)
{
	const struct wg_setting *const *rows =
		wg_settings_in_order(in_peer ? WG_SECTION_PEER : WG_SECTION_INTERFACE, WG_ORDER_COMMAND);
	size_t n = 0;

	if (in_peer)
		list[n++] = &remove_option;
	for (; *rows && n < OPTIONS_MAX - 1; rows++)
		list[n++] = *rows;
	for (const struct wg_setting *s = wg_peer_settings; s->type != WG_TYPE_NONE; s++)
		if (is_peer(s) && n < OPTIONS_MAX)
			list[n++] = s;
	return n;
}

static void add_key_file(struct set_args *a, const char *option, const char *path, u8 *key)
{
	struct set_key_file *file = wg_arena_alloc(&a->dev->arena, sizeof(*file));

	*file = (struct set_key_file){.option = option, .path = path, .key = key, .fd = -1};
	if (a->last_key_file)
		a->last_key_file->next = file;
	else
		a->key_files = file;
	a->last_key_file = file;
}

/* White space is no part of a list, as it is none in a file. */
static const char *strip_space(struct set_args *a, const char *value)
{
	char *list = wg_arena_alloc(&a->dev->arena, strlen(value) + 1);
	size_t len = 0;

	for (const char *s = value; *s; s++)
		if (!wg_conf_is_space(*s))
			list[len++] = *s;
	return list;
}

static int parse_option(struct set_args *a, const struct wg_setting *o, const char *value, size_t *at,
			struct wg_error *err)
{
	struct wg_setting_target to = {.dev = a->dev, .resolve = a->resolve, .log = a->log};
	void *object = o->section == WG_SECTION_PEER ? (void *)a->peer : a->dev;

	if (is_peer(o))
		object = a->peer = wg_device_add_peer(a->dev);
	to.peer = a->peer;
	if (!takes_value(o)) {
		a->peer->flags |= WG_PEER_REMOVE_ME;
		return 0;
	}
	if (wg_setting_ops(o)->secret) {
		wg_setting_set_flag(o, object, true);
		add_key_file(a, o->option, value, wg_setting_field(o, object));
		return 0;
	}
	if (o->role == WG_ROLE_LIST) {
		value = strip_space(a, value);
		a->peer->flags |= WG_PEER_REPLACE_ALLOWEDIPS;
	}
	/* As strtoul has always let it pass. */
	while (o->type == WG_TYPE_PORT && wg_conf_is_space(*value))
		value++;
	return wg_setting_parse(o, &to, value, strlen(value), at, err);
}

static const struct wg_setting *find_option(const char *name, bool in_peer)
{
	const struct wg_setting *list[OPTIONS_MAX];
	size_t n = list_options(list, in_peer);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i]->option, name))
			return list[i];
	return NULL;
}

static int explain(const struct wg_setting *o, const char *value, size_t at, struct wg_error *err)
{
	char shown[QUOTED_MAX + 1];
	bool cut = strlen(value) > QUOTED_MAX && at < strlen(value);

	if (!arguments[o->type].quoted || wg_conf_may_be_key(value, strlen(value)))
		return wg_error_prefix(err, "Invalid %s", o->option);
	wg_printable(shown, sizeof(shown), cut ? value + at : value);
	return wg_error_prefix(err, "Invalid %s%s `%s'", o->option, cut ? " at" : "", shown);
}

/* The names of what may stand here, as a sentence has them. */
static void name_options(char *text, size_t size, bool in_peer)
{
	const struct wg_setting *list[OPTIONS_MAX];
	size_t n = list_options(list, in_peer), len = 0;

	*text = '\0';
	for (size_t i = 0; i < n && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s",
					!i ? "" : i + 1 < n ? ", " : ", or ", list[i]->option);
}

/* A word where an option was expected. */
static int unexpected(const char *arg, bool in_peer, struct wg_error *err)
{
	const struct wg_setting *list[OPTIONS_MAX];
	size_t n = list_options(list, in_peer);
	struct wg_suggest guess;
	char text[256], shown[QUOTED_MAX + 1];

	if (wg_conf_may_be_key(arg, strlen(arg)))
		return wg_error_set(err, "Invalid argument: " WG_CONF_HIDDEN ": expected "
				    "`peer' before a peer's key, and a file for any other key");
	if (find_option(arg, !in_peer))
		return wg_error_set(err, in_peer ? "Invalid argument: %s: expected it before the first peer"
						 : "Invalid argument: %s: expected it after `peer KEY'",
				    arg);
	wg_printable(shown, sizeof(shown), arg);
	wg_suggest_init(&guess, arg, strlen(arg));
	for (size_t i = 0; i < n; i++)
		wg_suggest_try(&guess, list[i]->option);
	if (guess.best)
		return wg_error_set(err, "Invalid argument: %s: did you mean `%s'?", shown, guess.best);
	name_options(text, sizeof(text), in_peer);
	return wg_error_set(err, "Invalid argument: %s: expected %s", shown, text);
}

int set_args_missing(const char *name, struct wg_error *err)
{
	char list[256], word[WG_ARGUMENTS_QUOTED];

	wg_arguments_quote(word, name);
	name_options(list, sizeof(list), false);
	return wg_error_set(err, "Missing argument: expected %s after %s", list, word);
}

int set_args_parse(struct set_args *a, int argc, char **argv, struct wg_error *err)
{
	for (int i = 0; i < argc; i++) {
		const struct wg_setting *o = find_option(argv[i], a->peer);
		const char *value;
		size_t at = 0;

		if (!o)
			return unexpected(argv[i], a->peer, err);
		if (takes_value(o) && i + 1 == argc)
			return wg_error_set(err, "Invalid argument: %s: expected its value after it",
					    o->option);
		value = argv[takes_value(o) ? ++i : i];
		if (parse_option(a, o, value, &at, err))
			return explain(o, value, at, err);
	}
	for (struct wg_peer *p = a->dev->peers; p; p = p->next)
		wg_peer_exclude(a->dev, p);
	return 0;
}

bool set_args_complete(int argc, char **argv)
{
	const struct wg_setting *list[OPTIONS_MAX];
	bool in_peer = false;
	size_t n;

	for (int i = 0; i < argc; i++) {
		const struct wg_setting *o = find_option(argv[i], in_peer);

		if (!o)
			return false;
		in_peer |= is_peer(o);
		if (!takes_value(o) || ++i < argc)
			continue;
		if (arguments[o->type].complete)
			puts(arguments[o->type].complete);
		return is_peer(o);
	}
	n = list_options(list, in_peer);
	for (size_t i = 0; i < n; i++)
		puts(list[i]->option);
	return false;
}

static void write_usage(FILE *f, const struct wg_setting *o)
{
	fprintf(f, "[%s%s%s] ", o->option, takes_value(o) ? " " : "",
		takes_value(o) ? arguments[o->type].usage : "");
}

void set_args_usage(FILE *f)
{
	const struct wg_setting *list[OPTIONS_MAX];
	size_t n = list_options(list, false);

	for (size_t i = 0; i < n; i++) {
		if (is_peer(list[i]))
			fprintf(f, "[%s %s ", list[i]->option, arguments[list[i]->type].usage);
		else
			write_usage(f, list[i]);
	}
	n = list_options(list, true);
	for (size_t i = 0; i < n; i++)
		if (!is_peer(list[i]))
			write_usage(f, list[i]);
	fputs("]...", f);
}

// SPDX-License-Identifier: GPL-2.0
/* The arguments of `wg set`: options of the interface, then peers, each followed by its options.
 * Everything is checked before anything is sent; an error quotes the value, but never a key. */
#include "set-args.h"

#include <stdio.h>
#include <string.h>
#include "../base/encoding.h"
#include "../base/prefix.h"
#include "../base/printable.h"
#include "../base/suggest.h"
#include "../conf/conf.h"
#include "../conf/setting-text.h"
#include "arguments.h"
#include "candidates.h"

#define QUOTED_MAX 64

/* How the value of a type of setting stands on the command line. */
struct argument {
	const char *usage;
	const char *word; /* that may be the value, or NULL */
	bool quoted;      /* an error may show it */
	bool file;        /* the value is the name of a file */
};

static const struct argument arguments[WG_TYPES] = {
	[WG_TYPE_PUBLIC_KEY] = {"<base64 public key>", NULL, false, false},
	[WG_TYPE_PRIVATE_KEY] = {"<file path>", NULL, false, true},
	[WG_TYPE_PRESHARED_KEY] = {"<file path>", NULL, false, true},
	[WG_TYPE_PORT] = {"<port>", NULL, true, false},
	[WG_TYPE_MARK] = {"<mark>", "off", true, false},
	[WG_TYPE_INTERVAL] = {"<interval seconds>", "off", true, false},
	[WG_TYPE_ENDPOINT] = {"<ip>:<port>", NULL, true, false},
	[WG_TYPE_ALLOWEDIPS] = {"[+|-]<ip1>/<cidr1>[,[+|-]<ip2>/<cidr2>]...", NULL, true, false},
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

/* The settings that were given since the last `peer', or before the first one. */
struct given {
	const struct wg_setting *option[2 * OPTIONS_MAX];
	size_t n;
};

static bool is_given(const struct given *g, const struct wg_setting *o)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->option[i] == o)
			return true;
	return false;
}

/* A peer that is removed has no settings. */
static bool may_follow(const struct given *g, const struct wg_setting *o)
{
	if (is_peer(o))
		return true;
	if (is_given(g, &remove_option) || is_given(g, o))
		return false;
	return takes_value(o) || !g->n;
}

static void offer_options(const struct given *g, bool in_peer)
{
	const struct wg_setting *list[OPTIONS_MAX];
	size_t n = list_options(list, in_peer);

	for (size_t i = 0; i < n; i++)
		if (may_follow(g, list[i]))
			wg_offer(list[i]->option, takes_value(list[i]) ? arguments[list[i]->type].usage
								       : "removes the peer");
}

static void offer_value(const struct wg_setting *o)
{
	if (arguments[o->type].word)
		wg_offer(arguments[o->type].word, NULL);
	if (arguments[o->type].file)
		wg_offer_files(NULL);
}

enum set_args_next set_args_complete(int argc, char **argv)
{
	struct given given = {0};
	bool in_peer = false;

	for (int i = 0; i < argc; i++) {
		const struct wg_setting *o = find_option(argv[i], in_peer);

		if (!o)
			return SET_ARGS_NEXT_WRONG;
		if (is_peer(o)) {
			in_peer = true;
			given.n = 0;
		} else if (given.n < sizeof(given.option) / sizeof(*given.option)) {
			given.option[given.n++] = o;
		}
		if (!takes_value(o) || ++i < argc)
			continue;
		offer_value(o);
		return is_peer(o) ? SET_ARGS_NEXT_PEER : SET_ARGS_NEXT_VALUE;
	}
	offer_options(&given, in_peer);
	return SET_ARGS_NEXT_OPTION;
}

static bool is_among(const char *word, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!strcmp(argv[i], word))
			return true;
	return false;
}

/* The first allowed IPs, by which people know a peer. */
static void describe_peer(char *text, size_t size, const struct wg_peer *p)
{
	const struct wg_allowedip *a = p->allowedips;
	char one[WG_PREFIX_STRLEN];
	size_t len = 0;

	*text = '\0';
	for (int i = 0; a && i < 2; a = a->next, i++) {
		struct wg_prefix prefix = {.family = a->family, .cidr = a->cidr};

		memcpy(prefix.addr, a->addr, a->family == AF_INET ? 4 : 16);
		len += (size_t)snprintf(text + len, size - len, "%s%s", i ? ", " : "",
					wg_prefix_format(one, &prefix));
	}
	if (a)
		snprintf(text + len, size - len, ", ...");
}

void set_args_offer_peers(const struct wg_device *dev, int argc, char **argv)
{
	char key[WG_KEY_BASE64_LEN + 1], text[2 * WG_PREFIX_STRLEN + sizeof(", , ...")];

	for (const struct wg_peer *p = dev->peers; p; p = p->next) {
		wg_key_to_base64(key, p->public_key);
		if (is_among(key, argc, argv))
			continue;
		describe_peer(text, sizeof(text), p);
		wg_offer(key, text);
	}
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

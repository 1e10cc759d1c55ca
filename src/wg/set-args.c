// SPDX-License-Identifier: GPL-2.0
/* The arguments of `wg set`: options of the interface, then peers, each followed by its options.
 * Everything is checked before anything is sent; an error quotes the value, but never a key. */
#include "set-args.h"

#include <stdio.h>
#include <string.h>
#include "../lib/base/suggest.h"
#include "../lib/command/arguments.h"
#include "../lib/conf/conf.h"
#include "../lib/conf/value.h"

#define QUOTED_MAX 64

struct option {
	const char *name;
	bool of_peer;         /* comes after a peer, else before the first */
	bool takes_value;     /* the next argument */
	bool quoted;          /* an error may show the value */
	const char *complete; /* words that may be the value, NULL for none */
	int (*parse)(struct set_args *a, char *value, size_t *at, struct wg_error *err);
};

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

static int parse_listen_port(struct set_args *a, char *value, size_t *at, struct wg_error *err)
{
	/* As strtoul has always let it pass. */
	while (wg_conf_is_space(*value))
		value++;
	a->dev->flags |= WG_DEVICE_HAS_LISTEN_PORT;
	return wg_value_port(&a->dev->listen_port, value, strlen(value), at, err);
}

static int parse_fwmark(struct set_args *a, char *value, size_t *at, struct wg_error *err)
{
	a->dev->flags |= WG_DEVICE_HAS_FWMARK;
	return wg_value_fwmark(&a->dev->fwmark, value, strlen(value), at, err);
}

static int parse_private_key(struct set_args *a, char *value, size_t *at, struct wg_error *err)
{
	(void)at;
	(void)err;
	a->dev->flags |= WG_DEVICE_HAS_PRIVATE_KEY;
	add_key_file(a, "private-key", value, a->dev->private_key);
	return 0;
}

static int parse_peer(struct set_args *a, char *value, size_t *at, struct wg_error *err)
{
	a->peer = wg_device_add_peer(a->dev);
	a->peer->flags = WG_PEER_HAS_PUBLIC_KEY;
	return wg_value_key(a->peer->public_key, value, strlen(value), at, err);
}

static int parse_remove(struct set_args *a, char *value, size_t *at, struct wg_error *err)
{
	(void)value;
	(void)at;
	(void)err;
	a->peer->flags |= WG_PEER_REMOVE_ME;
	return 0;
}

static int parse_preshared_key(struct set_args *a, char *value, size_t *at, struct wg_error *err)
{
	(void)at;
	(void)err;
	a->peer->flags |= WG_PEER_HAS_PRESHARED_KEY;
	add_key_file(a, "preshared-key", value, a->peer->preshared_key);
	return 0;
}

static int parse_endpoint(struct set_args *a, char *value, size_t *at, struct wg_error *err)
{
	return wg_value_endpoint(a->peer, value, strlen(value), a->resolve, NULL, 0, at, err);
}

static int parse_keepalive(struct set_args *a, char *value, size_t *at, struct wg_error *err)
{
	a->peer->flags |= WG_PEER_HAS_KEEPALIVE;
	return wg_value_keepalive(&a->peer->keepalive, value, strlen(value), at, err);
}

static int parse_allowedips(struct set_args *a, char *value, size_t *at, struct wg_error *err)
{
	char *list = wg_arena_alloc(&a->dev->arena, strlen(value) + 1);
	size_t len = 0;

	for (const char *s = value; *s; s++)
		if (!wg_conf_is_space(*s))
			list[len++] = *s;
	a->peer->flags |= WG_PEER_REPLACE_ALLOWEDIPS;
	return wg_value_allowedips(a->dev, a->peer, list, len, a->log, at, err);
}

static const struct option options[] = {
	{"listen-port", false, true, true, NULL, parse_listen_port},
	{"fwmark", false, true, true, "off", parse_fwmark},
	{"private-key", false, true, false, ":file", parse_private_key},
	{"remove", true, false, false, NULL, parse_remove},
	{"preshared-key", true, true, false, ":file", parse_preshared_key},
	{"endpoint", true, true, true, NULL, parse_endpoint},
	{"persistent-keepalive", true, true, true, "off", parse_keepalive},
	{"allowed-ips", true, true, true, NULL, parse_allowedips},
	{NULL, false, false, false, NULL, NULL},
};

/* May stand anywhere, and begins the options of a peer. */
static const struct option peer_option = {"peer", true, true, false, NULL, parse_peer};

static const struct option *find_option(const char *name, bool in_peer)
{
	if (!strcmp(name, peer_option.name))
		return &peer_option;
	for (const struct option *o = options; o->name; o++)
		if (o->of_peer == in_peer && !strcmp(o->name, name))
			return o;
	return NULL;
}

static int explain(const struct option *o, const char *value, size_t at, struct wg_error *err)
{
	if (!o->quoted || wg_conf_may_be_key(value, strlen(value)))
		return wg_error_prefix(err, "Invalid %s", o->name);
	if (strlen(value) > QUOTED_MAX && at < strlen(value))
		return wg_error_prefix(err, "Invalid %s at `%.*s'", o->name, QUOTED_MAX, value + at);
	return wg_error_prefix(err, "Invalid %s `%.*s'", o->name, QUOTED_MAX, value);
}

/* The options that may stand here: of the interface before the first peer, then the peer's. */
static void list_options(char *out, size_t size, bool in_peer)
{
	size_t n = 0;

	for (const struct option *o = options; o->name; o++)
		if (o->of_peer == in_peer)
			n += (size_t)snprintf(out + n, size - n, "%s, ", o->name);
	snprintf(out + n, size - n, "or peer");
}

/* A word where an option was expected. */
static int unexpected(const char *arg, bool in_peer, struct wg_error *err)
{
	char list[128];
	struct wg_suggest guess;

	if (wg_conf_may_be_key(arg, strlen(arg)))
		return wg_error_set(err, "Invalid argument: (hidden, as it may be a key): expected "
				    "`peer' before a peer's key, and a file for any other key");
	if (find_option(arg, !in_peer))
		return wg_error_set(err, in_peer ? "Invalid argument: %s: expected it before the first peer"
						 : "Invalid argument: %s: expected it after `peer KEY'",
				    arg);
	wg_suggest_init(&guess, arg, strlen(arg));
	for (const struct option *o = options; o->name; o++)
		if (o->of_peer == in_peer)
			wg_suggest_try(&guess, o->name);
	wg_suggest_try(&guess, peer_option.name);
	if (guess.best)
		return wg_error_set(err, "Invalid argument: %.*s: did you mean `%s'?", QUOTED_MAX, arg,
				    guess.best);
	list_options(list, sizeof(list), in_peer);
	return wg_error_set(err, "Invalid argument: %.*s: expected %s", QUOTED_MAX, arg, list);
}

int set_args_missing(const char *name, struct wg_error *err)
{
	char list[128], word[WG_ARGUMENTS_QUOTED];

	wg_arguments_quote(word, name);
	list_options(list, sizeof(list), false);
	return wg_error_set(err, "Missing argument: expected %s after %s", list, word);
}

int set_args_parse(struct set_args *a, int argc, char **argv, struct wg_error *err)
{
	for (int i = 0; i < argc; i++) {
		const struct option *o = find_option(argv[i], a->peer);
		size_t at = 0;
		char *value;

		if (!o)
			return unexpected(argv[i], a->peer, err);
		if (o->takes_value && i + 1 == argc)
			return wg_error_set(err, "Invalid argument: %s: expected its value after it",
					    o->name);
		value = argv[o->takes_value ? ++i : i];
		if (o->parse(a, value, &at, err))
			return explain(o, value, at, err);
	}
	return 0;
}

bool set_args_complete(int argc, char **argv)
{
	bool in_peer = false;

	for (int i = 0; i < argc; i++) {
		const struct option *o = find_option(argv[i], in_peer);

		if (!o)
			return false;
		in_peer |= o == &peer_option;
		if (!o->takes_value || ++i < argc)
			continue;
		if (o->complete)
			puts(o->complete);
		return o == &peer_option;
	}
	for (const struct option *o = options; o->name; o++)
		if (o->of_peer == in_peer)
			puts(o->name);
	puts(peer_option.name);
	return false;
}

// SPDX-License-Identifier: GPL-2.0
/* The forms of `wg show` that scripts read, to the byte those of wireguard-tools. */
#include "show.h"
#include <stdio.h>
#include <string.h>
#include "../lib/base/suggest.h"
#include "../lib/command/candidates.h"
#include "../lib/device/setting.h"

static void prefixes(struct output *o, const struct wg_allowedip *ip, char separator)
{
	if (!ip)
		output_text(o, "(none)");
	for (; ip; ip = ip->next) {
		output_address(o, ip->family, ip->addr);
		output_char(o, '/');
		output_number(o, ip->cidr);
		if (ip->next)
			output_char(o, separator);
	}
}

static void number_or_off(struct output *o, u64 n)
{
	if (n)
		output_number(o, n);
	else
		output_text(o, "off");
}

/* `separator` stands between the elements of a list. */
static void column(struct output *o, const struct wg_setting *s, const void *object, char separator)
{
	const void *value = wg_setting_value(s, object);

	switch (s->type) {
	case WG_TYPE_PUBLIC_KEY:
	case WG_TYPE_PRIVATE_KEY:
	case WG_TYPE_PRESHARED_KEY:
		if (wg_setting_is_shown(s, object))
			output_key(o, value);
		else
			output_text(o, "(none)");
		break;
	case WG_TYPE_PORT:
		output_number(o, *(const u16 *)value);
		break;
	case WG_TYPE_MARK:
		if (wg_setting_is_shown(s, object))
			output_hex(o, *(const u32 *)value);
		else
			output_text(o, "off");
		break;
	case WG_TYPE_INTERVAL:
		number_or_off(o, *(const u16 *)value);
		break;
	case WG_TYPE_ENDPOINT:
		if (wg_setting_is_shown(s, object))
			output_endpoint(o, value);
		else
			output_text(o, "(none)");
		break;
	case WG_TYPE_ALLOWEDIPS:
		prefixes(o, *(struct wg_allowedip *const *)value, separator);
		break;
	case WG_TYPE_TIME:
		output_number(o, (u64)*(const s64 *)value);
		break;
	case WG_TYPE_NANOSECONDS:
		output_number(o, *(const u32 *)value);
		break;
	case WG_TYPE_BYTES:
		output_number(o, *(const u64 *)value);
		break;
	case WG_TYPE_NONE:
	case WG_TYPES:
		break;
	}
}

/* The forms that show more than one setting, or none. */
#define PEERS "peers"
#define DUMP  "dump"

#define PARAMETERS_MAX 32

/* The names of all parameters, in the order in which help has them. Returns how many. */
static size_t list_parameters(const char *names[static PARAMETERS_MAX])
{
	size_t n = 0;

	for (enum wg_section section = 0; section < WG_SECTIONS; section++) {
		const struct wg_setting *const *list = wg_settings_in_order(section, WG_ORDER_SHOW);

		for (; *list && n < PARAMETERS_MAX - 2; list++)
			if (!n || strcmp(names[n - 1], (*list)->column))
				names[n++] = (*list)->column;
		names[n++] = section == WG_SECTION_INTERFACE ? PEERS : DUMP;
	}
	return n;
}

static void begin_line(struct output *o, const struct wg_device *dev, bool prefix)
{
	if (!prefix)
		return;
	output_text(o, dev->name);
	output_char(o, '\t');
}

static void dump_object(struct output *o, enum wg_section section, const void *object)
{
	const struct wg_setting *const *list = wg_settings_in_order(section, WG_ORDER_DUMP);

	for (; *list; list++) {
		column(o, *list, object, ',');
		output_char(o, list[1] ? '\t' : '\n');
	}
}

static void dump(struct output *o, const struct wg_device *dev, bool prefix)
{
	begin_line(o, dev, prefix);
	dump_object(o, WG_SECTION_INTERFACE, dev);
	for (const struct wg_peer *p = dev->peers; p; p = p->next) {
		begin_line(o, dev, prefix);
		dump_object(o, WG_SECTION_PEER, p);
	}
}

/* The rows of a parameter, which are neighbours: the first of them, in a list that goes on; NULL where
 * no setting has that name. */
static const struct wg_setting *const *find_rows(enum wg_section section, const char *parameter)
{
	const struct wg_setting *const *list = wg_settings_in_order(section, WG_ORDER_SHOW);

	while (*list && strcmp((*list)->column, parameter))
		list++;
	return *list ? list : NULL;
}

/* How many rows, beginning with the first, have the first one's name. */
static size_t count_rows(const struct wg_setting *const *rows)
{
	size_t n = 0;

	while (rows && rows[n] && !strcmp(rows[n]->column, rows[0]->column))
		n++;
	return n;
}

static bool is_form(const char *parameter)
{
	return !strcmp(parameter, PEERS) || !strcmp(parameter, DUMP);
}

bool show_has_parameter(const char *parameter)
{
	return is_form(parameter) || find_rows(WG_SECTION_INTERFACE, parameter) ||
	       find_rows(WG_SECTION_PEER, parameter);
}

const char *show_guess_parameter(const char *word)
{
	const char *names[PARAMETERS_MAX];
	size_t n = list_parameters(names);
	struct wg_suggest guess;

	wg_suggest_init(&guess, word, strlen(word));
	for (size_t i = 0; i < n; i++)
		wg_suggest_try(&guess, names[i]);
	return guess.best;
}

void show_write_parameters(FILE *f, const char *separator)
{
	const char *names[PARAMETERS_MAX];
	size_t n = list_parameters(names);

	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s%s", i ? separator : "", names[i]);
}

static const char *describe(const char *parameter)
{
	const struct wg_setting *const *rows = find_rows(WG_SECTION_PEER, parameter);

	if (!strcmp(parameter, PEERS))
		return "public keys of the peers";
	if (!strcmp(parameter, DUMP))
		return "all settings, with the secret keys";
	if (!rows)
		rows = find_rows(WG_SECTION_INTERFACE, parameter);
	return rows ? (*rows)->label : NULL;
}

void show_offer_parameters(void)
{
	const char *names[PARAMETERS_MAX];
	size_t n = list_parameters(names);

	for (size_t i = 0; i < n; i++)
		wg_offer(names[i], describe(names[i]));
}

static void show_interface(struct output *o, const struct wg_device *dev,
			   const struct wg_setting *const *rows, bool prefix)
{
	size_t n = count_rows(rows);

	begin_line(o, dev, prefix);
	for (size_t i = 0; i < n; i++) {
		column(o, rows[i], dev, ' ');
		output_char(o, i + 1 < n ? '\t' : '\n');
	}
}

/* A line for each peer: its key, and the columns of the rows, if there are any. */
static void show_peers(struct output *o, const struct wg_device *dev,
		       const struct wg_setting *const *rows, bool prefix)
{
	size_t n = count_rows(rows);

	for (const struct wg_peer *p = dev->peers; p; p = p->next) {
		begin_line(o, dev, prefix);
		output_key(o, p->public_key);
		for (size_t i = 0; i < n; i++) {
			output_char(o, '\t');
			column(o, rows[i], p, ' ');
		}
		output_char(o, '\n');
	}
}

bool show_parameter(struct output *o, const struct wg_device *dev, const char *parameter,
		    bool prefix)
{
	const struct wg_setting *const *rows = find_rows(WG_SECTION_INTERFACE, parameter);

	if (!show_has_parameter(parameter))
		return false;
	if (!strcmp(parameter, DUMP))
		dump(o, dev, prefix);
	else if (rows)
		show_interface(o, dev, rows, prefix);
	else
		show_peers(o, dev, find_rows(WG_SECTION_PEER, parameter), prefix);
	return true;
}

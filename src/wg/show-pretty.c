// SPDX-License-Identifier: GPL-2.0
/* The form of `wg show` that people read, to the byte that of wireguard-tools. */
#include "show.h"
#include <stdio.h>
#include <stdlib.h>
#include "../lib/base/alloc.h"
#include "../lib/base/cleanup.h"
#include "../lib/device/setting.h"
#include "terminal.h"

static void colour(struct output *o, bool on, const char *sequence)
{
	if (on)
		output_text(o, sequence);
}

static void unit(struct output *o, bool on, const char *name, bool plural)
{
	colour(o, on, TERMINAL_CYAN);
	output_text(o, name);
	if (plural)
		output_char(o, 's');
	colour(o, on, TERMINAL_RESET);
}

void show_duration(struct output *o, bool on, u64 seconds)
{
	static const struct {
		const char *name;
		u64 seconds;
	} units[] = {
		{"year", 31536000}, {"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1},
	};
	bool any = false;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		u64 n = seconds / units[i].seconds;

		seconds %= units[i].seconds;
		if (!n)
			continue;
		if (any)
			output_text(o, ", ");
		output_number(o, n);
		output_char(o, ' ');
		unit(o, on, units[i].name, n != 1);
		any = true;
	}
}

void show_bytes(struct output *o, bool on, u64 n)
{
	static const char *const names[] = {"KiB", "MiB", "GiB", "TiB"};
	char text[32];
	size_t i = 0;
	u64 size = 1024;

	if (n < size) {
		output_number(o, n);
		output_char(o, ' ');
		unit(o, on, "B", false);
		return;
	}
	while (i < 3 && n >= size * 1024) {
		size *= 1024;
		i++;
	}
	snprintf(text, sizeof(text), "%.2f ", (double)n / (double)size);
	output_text(o, text);
	unit(o, on, names[i], false);
}

static void field(struct output *o, bool on, const char *name)
{
	output_text(o, "  ");
	colour(o, on, TERMINAL_BOLD);
	output_text(o, name);
	colour(o, on, TERMINAL_RESET);
	output_text(o, ": ");
}

static void title(struct output *o, bool on, const char *tint, const char *name)
{
	colour(o, on, tint);
	colour(o, on, TERMINAL_BOLD);
	output_text(o, name);
	colour(o, on, TERMINAL_RESET);
	output_text(o, ": ");
	colour(o, on, tint);
}

static void write_allowedips(struct output *o, const struct wg_allowedip *ip, bool on)
{
	if (!ip)
		output_text(o, "(none)");
	for (; ip; ip = ip->next) {
		output_address(o, ip->family, ip->addr);
		colour(o, on, TERMINAL_CYAN);
		output_char(o, '/');
		colour(o, on, TERMINAL_RESET);
		output_number(o, ip->cidr);
		if (ip->next)
			output_text(o, ", ");
	}
}

static void write_time(struct output *o, s64 time, const struct pretty *p)
{
	if (time == p->now) {
		output_text(o, "Now");
	} else if (time > p->now) {
		output_char(o, '(');
		colour(o, p->colour, TERMINAL_RED);
		output_text(o, "System clock wound backward; connection problems may ensue.");
		colour(o, p->colour, TERMINAL_RESET);
		output_char(o, ')');
	} else {
		show_duration(o, p->colour, (u64)p->now - (u64)time);
		output_text(o, " ago");
	}
}

static void write_value(struct output *o, const struct wg_setting *s, const void *object,
			const struct pretty *p)
{
	const void *value = wg_setting_value(s, object);

	switch (s->type) {
	case WG_TYPE_PUBLIC_KEY:
	case WG_TYPE_PRIVATE_KEY:
	case WG_TYPE_PRESHARED_KEY:
		if (p->show_keys || !wg_setting_ops(s)->secret)
			output_key(o, value);
		else
			output_text(o, "(hidden)");
		break;
	case WG_TYPE_PORT:
		output_number(o, *(const u16 *)value);
		break;
	case WG_TYPE_MARK:
		output_hex(o, *(const u32 *)value);
		break;
	case WG_TYPE_INTERVAL:
		output_text(o, "every ");
		show_duration(o, p->colour, *(const u16 *)value);
		break;
	case WG_TYPE_ENDPOINT:
		output_endpoint(o, value);
		break;
	case WG_TYPE_ALLOWEDIPS:
		write_allowedips(o, *(struct wg_allowedip *const *)value, p->colour);
		break;
	case WG_TYPE_TIME:
		write_time(o, *(const s64 *)value, p);
		break;
	case WG_TYPE_NANOSECONDS:
		output_number(o, *(const u32 *)value);
		break;
	case WG_TYPE_BYTES:
		show_bytes(o, p->colour, *(const u64 *)value);
		break;
	case WG_TYPE_NONE:
	case WG_TYPES:
		break;
	}
	if (s->suffix) {
		output_char(o, ' ');
		output_text(o, s->suffix);
	}
}

/* Writes a line for the rows from `list` on that have its label, if one of them has something to show.
 * Returns the row behind them. */
static const struct wg_setting *const *write_line(struct output *o,
						  const struct wg_setting *const *list,
						  const void *object, const struct pretty *p)
{
	const struct wg_setting *first = *list;
	bool shown = first->role == WG_ROLE_LIST; /* also where it is empty */
	size_t n = 0;

	for (; list[n] && !strcmp(list[n]->label, first->label); n++)
		shown |= wg_setting_is_shown(list[n], object);
	if (shown)
		field(o, p->colour, first->label);
	for (size_t i = 0; shown && i < n; i++) {
		write_value(o, list[i], object, p);
		output_text(o, i + 1 < n ? ", " : "\n");
	}
	return list + n;
}

static void write_settings(struct output *o, enum wg_section section, const void *object,
			   const struct pretty *p)
{
	const struct wg_setting *const *list = wg_settings_in_order(section, WG_ORDER_SHOW);

	while (*list)
		list = write_line(o, list, object, p);
}

static void write_interface(struct output *o, const struct wg_device *dev, const struct pretty *p)
{
	colour(o, p->colour, TERMINAL_RESET);
	title(o, p->colour, TERMINAL_GREEN, "interface");
	output_text(o, dev->name);
	colour(o, p->colour, TERMINAL_RESET);
	output_char(o, '\n');
	write_settings(o, WG_SECTION_INTERFACE, dev, p);
}

static void write_peer(struct output *o, const struct wg_peer *peer, const struct pretty *p)
{
	output_char(o, '\n');
	title(o, p->colour, TERMINAL_YELLOW, "peer");
	output_key(o, peer->public_key);
	colour(o, p->colour, TERMINAL_RESET);
	output_char(o, '\n');
	write_settings(o, WG_SECTION_PEER, peer, p);
}

struct ranked {
	const struct wg_peer *peer;
	size_t place; /* the data path's: qsort need not be stable */
};

static int newest_first(const void *va, const void *vb)
{
	const struct ranked *a = va, *b = vb;

	if (a->peer->handshake_sec != b->peer->handshake_sec)
		return a->peer->handshake_sec > b->peer->handshake_sec ? -1 : 1;
	if (a->peer->handshake_nsec != b->peer->handshake_nsec)
		return a->peer->handshake_nsec > b->peer->handshake_nsec ? -1 : 1;
	return a->place < b->place ? -1 : 1;
}

void show_pretty(struct output *o, const struct wg_device *dev, const struct pretty *p)
{
	cleanup(free_ptr) struct ranked *peers = wg_realloc(NULL, dev->n_peers + 1, sizeof(*peers));
	size_t n = 0;

	for (const struct wg_peer *peer = dev->peers; peer; peer = peer->next, n++)
		peers[n] = (struct ranked){peer, n};
	qsort(peers, n, sizeof(*peers), newest_first);
	write_interface(o, dev, p);
	for (size_t i = 0; i < n; i++)
		write_peer(o, peers[i].peer, p);
}

// SPDX-License-Identifier: GPL-2.0
/* The form of `wg show` that people read, to the byte that of wireguard-tools. */
#include "show.h"
#include <stdio.h>
#include <stdlib.h>
#include "../lib/base/alloc.h"
#include "../lib/base/cleanup.h"
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

static void secret(struct output *o, const struct pretty *p, const u8 key[static WG_KEY_LEN])
{
	if (p->show_keys)
		output_key(o, key);
	else
		output_text(o, "(hidden)");
	output_char(o, '\n');
}

static void write_interface(struct output *o, const struct wg_device *dev, const struct pretty *p)
{
	colour(o, p->colour, TERMINAL_RESET);
	title(o, p->colour, TERMINAL_GREEN, "interface");
	output_text(o, dev->name);
	colour(o, p->colour, TERMINAL_RESET);
	output_char(o, '\n');
	if (dev->flags & WG_DEVICE_HAS_PUBLIC_KEY) {
		field(o, p->colour, "public key");
		output_key(o, dev->public_key);
		output_char(o, '\n');
	}
	if (dev->flags & WG_DEVICE_HAS_PRIVATE_KEY) {
		field(o, p->colour, "private key");
		secret(o, p, dev->private_key);
	}
	if (dev->listen_port) {
		field(o, p->colour, "listening port");
		output_number(o, dev->listen_port);
		output_char(o, '\n');
	}
	if (dev->fwmark) {
		field(o, p->colour, "fwmark");
		output_hex(o, dev->fwmark);
		output_char(o, '\n');
	}
}

static void write_allowedips(struct output *o, const struct wg_peer *peer, bool on)
{
	field(o, on, "allowed ips");
	if (!peer->allowedips)
		output_text(o, "(none)");
	for (const struct wg_allowedip *ip = peer->allowedips; ip; ip = ip->next) {
		output_address(o, ip->family, ip->addr);
		colour(o, on, TERMINAL_CYAN);
		output_char(o, '/');
		colour(o, on, TERMINAL_RESET);
		output_number(o, ip->cidr);
		if (ip->next)
			output_text(o, ", ");
	}
	output_char(o, '\n');
}

static void write_handshake(struct output *o, const struct wg_peer *peer, const struct pretty *p)
{
	if (!peer->handshake_sec)
		return;
	field(o, p->colour, "latest handshake");
	if (peer->handshake_sec == p->now) {
		output_text(o, "Now");
	} else if (peer->handshake_sec > p->now) {
		output_char(o, '(');
		colour(o, p->colour, TERMINAL_RED);
		output_text(o, "System clock wound backward; connection problems may ensue.");
		colour(o, p->colour, TERMINAL_RESET);
		output_char(o, ')');
	} else {
		show_duration(o, p->colour, (u64)p->now - (u64)peer->handshake_sec);
		output_text(o, " ago");
	}
	output_char(o, '\n');
}

static void write_transfer(struct output *o, const struct wg_peer *peer, bool on)
{
	if (!peer->rx_bytes && !peer->tx_bytes)
		return;
	field(o, on, "transfer");
	show_bytes(o, on, peer->rx_bytes);
	output_text(o, " received, ");
	show_bytes(o, on, peer->tx_bytes);
	output_text(o, " sent\n");
}

static void write_peer(struct output *o, const struct wg_peer *peer, const struct pretty *p)
{
	output_char(o, '\n');
	title(o, p->colour, TERMINAL_YELLOW, "peer");
	output_key(o, peer->public_key);
	colour(o, p->colour, TERMINAL_RESET);
	output_char(o, '\n');
	if (peer->flags & WG_PEER_HAS_PRESHARED_KEY) {
		field(o, p->colour, "preshared key");
		secret(o, p, peer->preshared_key);
	}
	if (output_has_endpoint(peer)) {
		field(o, p->colour, "endpoint");
		output_endpoint(o, &peer->endpoint);
		output_char(o, '\n');
	}
	write_allowedips(o, peer, p->colour);
	write_handshake(o, peer, p);
	write_transfer(o, peer, p->colour);
	if (peer->keepalive) {
		field(o, p->colour, "persistent keepalive");
		output_text(o, "every ");
		show_duration(o, p->colour, peer->keepalive);
		output_char(o, '\n');
	}
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

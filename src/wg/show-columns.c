// SPDX-License-Identifier: GPL-2.0
/* The forms of `wg show` that scripts read, to the byte those of wireguard-tools. */
#include "show.h"
#include <stdio.h>
#include <string.h>
#include "../lib/base/suggest.h"

struct parameter {
	const char *name;
	/* One of them: a line for the interface, or the columns behind a peer's key. */
	void (*device)(struct output *o, const struct wg_device *dev);
	void (*peer)(struct output *o, const struct wg_peer *peer);
};

static void key_or_none(struct output *o, bool has, const u8 key[static WG_KEY_LEN])
{
	if (has)
		output_key(o, key);
	else
		output_text(o, "(none)");
}

static void public_key(struct output *o, const struct wg_device *dev)
{
	key_or_none(o, dev->flags & WG_DEVICE_HAS_PUBLIC_KEY, dev->public_key);
}

static void private_key(struct output *o, const struct wg_device *dev)
{
	key_or_none(o, dev->flags & WG_DEVICE_HAS_PRIVATE_KEY, dev->private_key);
}

static void listen_port(struct output *o, const struct wg_device *dev)
{
	output_number(o, dev->listen_port);
}

static void fwmark(struct output *o, const struct wg_device *dev)
{
	if (dev->fwmark)
		output_hex(o, dev->fwmark);
	else
		output_text(o, "off");
}

static void preshared_key(struct output *o, const struct wg_peer *peer)
{
	key_or_none(o, peer->flags & WG_PEER_HAS_PRESHARED_KEY, peer->preshared_key);
}

static void endpoint(struct output *o, const struct wg_peer *peer)
{
	if (output_has_endpoint(peer))
		output_endpoint(o, &peer->endpoint);
	else
		output_text(o, "(none)");
}

static void prefixes(struct output *o, const struct wg_peer *peer, char separator)
{
	if (!peer->allowedips)
		output_text(o, "(none)");
	for (const struct wg_allowedip *ip = peer->allowedips; ip; ip = ip->next) {
		output_address(o, ip->family, ip->addr);
		output_char(o, '/');
		output_number(o, ip->cidr);
		if (ip->next)
			output_char(o, separator);
	}
}

static void allowed_ips(struct output *o, const struct wg_peer *peer)
{
	prefixes(o, peer, ' ');
}

static void latest_handshake(struct output *o, const struct wg_peer *peer)
{
	output_number(o, (u64)peer->handshake_sec);
}

static void transfer(struct output *o, const struct wg_peer *peer)
{
	output_number(o, peer->rx_bytes);
	output_char(o, '\t');
	output_number(o, peer->tx_bytes);
}

static void keepalive(struct output *o, const struct wg_peer *peer)
{
	if (peer->keepalive)
		output_number(o, peer->keepalive);
	else
		output_text(o, "off");
}

static const struct parameter parameters[] = {
	{"public-key", public_key, NULL},
	{"private-key", private_key, NULL},
	{"listen-port", listen_port, NULL},
	{"fwmark", fwmark, NULL},
	{"peers", NULL, NULL},
	{"preshared-keys", NULL, preshared_key},
	{"endpoints", NULL, endpoint},
	{"allowed-ips", NULL, allowed_ips},
	{"latest-handshakes", NULL, latest_handshake},
	{"transfer", NULL, transfer},
	{"persistent-keepalive", NULL, keepalive},
	{"dump", NULL, NULL},
	{NULL, NULL, NULL},
};

static void begin_line(struct output *o, const struct wg_device *dev, bool prefix)
{
	if (!prefix)
		return;
	output_text(o, dev->name);
	output_char(o, '\t');
}

static void dump_device(struct output *o, const struct wg_device *dev)
{
	private_key(o, dev);
	output_char(o, '\t');
	public_key(o, dev);
	output_char(o, '\t');
	listen_port(o, dev);
	output_char(o, '\t');
	fwmark(o, dev);
	output_char(o, '\n');
}

static void dump_peer(struct output *o, const struct wg_peer *peer)
{
	output_key(o, peer->public_key);
	output_char(o, '\t');
	preshared_key(o, peer);
	output_char(o, '\t');
	endpoint(o, peer);
	output_char(o, '\t');
	prefixes(o, peer, ',');
	output_char(o, '\t');
	latest_handshake(o, peer);
	output_char(o, '\t');
	transfer(o, peer);
	output_char(o, '\t');
	keepalive(o, peer);
	output_char(o, '\n');
}

static void dump(struct output *o, const struct wg_device *dev, bool prefix)
{
	begin_line(o, dev, prefix);
	dump_device(o, dev);
	for (const struct wg_peer *p = dev->peers; p; p = p->next) {
		begin_line(o, dev, prefix);
		dump_peer(o, p);
	}
}

static const struct parameter *find(const char *name)
{
	for (const struct parameter *p = parameters; p->name; p++) {
		if (!strcmp(p->name, name))
			return p;
	}
	return NULL;
}

bool show_has_parameter(const char *parameter)
{
	return find(parameter) != NULL;
}

const char *show_guess_parameter(const char *word)
{
	struct wg_suggest guess;

	wg_suggest_init(&guess, word, strlen(word));
	for (const struct parameter *p = parameters; p->name; p++)
		wg_suggest_try(&guess, p->name);
	return guess.best;
}

void show_complete_parameters(void)
{
	for (const struct parameter *p = parameters; p->name; p++)
		puts(p->name);
}

bool show_parameter(struct output *o, const struct wg_device *dev, const char *parameter,
		    bool prefix)
{
	const struct parameter *par = find(parameter);

	if (!par)
		return false;
	if (!strcmp(par->name, "dump")) {
		dump(o, dev, prefix);
		return true;
	}
	if (par->device) {
		begin_line(o, dev, prefix);
		par->device(o, dev);
		output_char(o, '\n');
		return true;
	}
	for (const struct wg_peer *p = dev->peers; p; p = p->next) {
		begin_line(o, dev, prefix);
		output_key(o, p->public_key);
		if (par->peer) {
			output_char(o, '\t');
			par->peer(o, p);
		}
		output_char(o, '\n');
	}
	return true;
}

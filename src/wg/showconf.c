// SPDX-License-Identifier: GPL-2.0
/* `wg showconf`: a device as the file that setconf takes. */
#include <unistd.h>
#include "../lib/backend.h"
#include "../lib/cleanup.h"
#include "../lib/secret.h"
#include "output.h"
#include "verb.h"

static void write_key(struct output *o, const char *name, const u8 key[static WG_KEY_LEN])
{
	output_text(o, name);
	output_key(o, key);
	output_char(o, '\n');
}

static void write_interface(struct output *o, const struct wg_device *dev)
{
	output_text(o, "[Interface]\n");
	if (dev->listen_port) {
		output_text(o, "ListenPort = ");
		output_number(o, dev->listen_port);
		output_char(o, '\n');
	}
	if (dev->fwmark) {
		output_text(o, "FwMark = ");
		output_hex(o, dev->fwmark);
		output_char(o, '\n');
	}
	if (dev->flags & WG_DEVICE_HAS_PRIVATE_KEY)
		write_key(o, "PrivateKey = ", dev->private_key);
	output_char(o, '\n');
}

static void write_allowedips(struct output *o, const struct wg_peer *peer)
{
	const char *before = "AllowedIPs = ";

	for (const struct wg_allowedip *ip = peer->allowedips; ip; ip = ip->next) {
		output_text(o, before);
		output_address(o, ip->family, ip->addr);
		output_char(o, '/');
		output_number(o, ip->cidr);
		before = ", ";
	}
	if (peer->allowedips)
		output_char(o, '\n');
}

static void write_peer(struct output *o, const struct wg_peer *peer)
{
	write_key(o, "[Peer]\nPublicKey = ", peer->public_key);
	if (peer->flags & WG_PEER_HAS_PRESHARED_KEY)
		write_key(o, "PresharedKey = ", peer->preshared_key);
	write_allowedips(o, peer);
	if (output_has_endpoint(peer)) {
		output_text(o, "Endpoint = ");
		output_endpoint(o, &peer->endpoint);
		output_char(o, '\n');
	}
	if (peer->keepalive) {
		output_text(o, "PersistentKeepalive = ");
		output_number(o, peer->keepalive);
		output_char(o, '\n');
	}
	if (peer->next)
		output_char(o, '\n');
}

int verb_showconf(const struct verb *verb, int argc, char **argv, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *dev = NULL;
	cleanup(output_freep) struct output *o = NULL;

	(void)verb;
	if (argc != 2)
		return VERB_USAGE;
	wg_secret_guard();
	if (wg_backend_get(&dev, argv[1], err) < 0)
		return 1;
	o = output_new(STDOUT_FILENO);
	write_interface(o, dev);
	for (const struct wg_peer *p = dev->peers; p; p = p->next)
		write_peer(o, p);
	return output_finish(o, err) ? 1 : 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Byte for byte what upstream's showconf prints. Write errors are the stream's: the caller asks
 * it. */
#include "showconf.h"

#include <netdb.h>
#include "../base/encoding.h"
#include "../base/prefix.h"
#include "../base/secret.h"

static void write_key(FILE *f, const char *name, const u8 key[static WG_KEY_LEN])
{
	char text[WG_KEY_BASE64_LEN + 1];

	wg_key_to_base64(text, key);
	fprintf(f, "%s = %s\n", name, text);
	wg_secret_wipe(text, sizeof(text));
}

void wg_showconf_interface(FILE *f, const struct wg_device *dev)
{
	if (dev->listen_port)
		fprintf(f, "ListenPort = %u\n", dev->listen_port);
	if (dev->fwmark)
		fprintf(f, "FwMark = 0x%x\n", dev->fwmark);
	if (dev->flags & WG_DEVICE_HAS_PRIVATE_KEY)
		write_key(f, "PrivateKey", dev->private_key);
	putc('\n', f);
}

static void write_allowedips(FILE *f, const struct wg_peer *peer)
{
	const char *before = "AllowedIPs = ";

	for (const struct wg_allowedip *a = peer->allowedips; a; a = a->next) {
		struct wg_prefix p = { .family = a->family, .cidr = a->cidr };
		char text[WG_PREFIX_STRLEN];

		memcpy(p.addr, a->addr, wg_family_len(a->family));
		fputs(before, f);
		fputs(wg_prefix_format(text, &p), f);
		before = ", ";
	}
	if (peer->allowedips)
		putc('\n', f);
}

static void write_endpoint(FILE *f, const union wg_endpoint *e)
{
	char host[INET6_ADDRSTRLEN + IFNAMSIZ + 1], port[8];
	bool six = e->addr.sa_family == AF_INET6;

	if (e->addr.sa_family != AF_INET && !six)
		return;
	if (getnameinfo(&e->addr, six ? sizeof(e->addr6) : sizeof(e->addr4), host, sizeof(host),
			port, sizeof(port), NI_DGRAM | NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	fprintf(f, six ? "Endpoint = [%s]:%s\n" : "Endpoint = %s:%s\n", host, port);
}

static void write_peer(FILE *f, const struct wg_peer *peer)
{
	fputs("[Peer]\n", f);
	write_key(f, "PublicKey", peer->public_key);
	if (peer->flags & WG_PEER_HAS_PRESHARED_KEY)
		write_key(f, "PresharedKey", peer->preshared_key);
	write_allowedips(f, peer);
	write_endpoint(f, &peer->endpoint);
	if (peer->keepalive)
		fprintf(f, "PersistentKeepalive = %u\n", peer->keepalive);
	if (peer->next)
		putc('\n', f);
}

void wg_showconf_peers(FILE *f, const struct wg_device *dev)
{
	for (const struct wg_peer *p = dev->peers; p; p = p->next)
		write_peer(f, p);
}

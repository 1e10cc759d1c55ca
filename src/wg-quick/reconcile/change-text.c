// SPDX-License-Identifier: GPL-2.0
#include "change-text.h"
#include <netdb.h>
#include "../../lib/base/encoding.h"
#include "../../lib/base/prefix.h"

static void write_peer_name(FILE *f, const char *prefix, const char *ifname,
			    const struct wg_peer *peer)
{
	char key[WG_KEY_BASE64_LEN + 1];

	wg_key_to_base64(key, peer->public_key);
	fprintf(f, "%swg set %s peer %s", prefix, ifname, key);
}

static void write_endpoint(FILE *f, const union wg_endpoint *e)
{
	char host[INET6_ADDRSTRLEN + IFNAMSIZ + 1], port[8];
	bool six = e->addr.sa_family == AF_INET6;

	if (e->addr.sa_family == AF_UNSPEC ||
	    getnameinfo(&e->addr, six ? sizeof(e->addr6) : sizeof(e->addr4), host, sizeof(host),
			port, sizeof(port), NI_DGRAM | NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	fprintf(f, six ? " endpoint [%s]:%s" : " endpoint %s:%s", host, port);
}

/* A list without signs replaces the peer's allowed IPs; "+" adds one to them. */
static void write_allowedips(FILE *f, const struct wg_peer *peer)
{
	bool replace = peer->flags & WG_PEER_REPLACE_ALLOWEDIPS;
	const char *before = " allowed-ips ";

	if (replace && !peer->allowedips)
		fputs(" allowed-ips ''", f);
	for (const struct wg_allowedip *a = peer->allowedips; a; a = a->next) {
		struct wg_prefix p = {.family = a->family, .cidr = a->cidr};
		char text[WG_PREFIX_STRLEN];

		memcpy(p.addr, a->addr, wg_family_len(a->family));
		fprintf(f, "%s%s%s", before, replace ? "" : "+", wg_prefix_format(text, &p));
		before = ",";
	}
}

static void write_peer(FILE *f, const char *prefix, const char *ifname, const struct wg_peer *peer)
{
	write_peer_name(f, prefix, ifname, peer);
	if (peer->flags & WG_PEER_REMOVE_ME) {
		fputs(" remove\n", f);
		return;
	}
	if (peer->flags & WG_PEER_HAS_PRESHARED_KEY)
		fprintf(f, " preshared-key %s",
			wg_key_is_zero(peer->preshared_key) ? "/dev/null" : "(hidden)");
	write_endpoint(f, &peer->endpoint);
	if (peer->flags & WG_PEER_HAS_KEEPALIVE)
		fprintf(f, " persistent-keepalive %u", peer->keepalive);
	write_allowedips(f, peer);
	putc('\n', f);
}

static void write_settings(FILE *f, const char *prefix, const char *ifname,
			   const struct wg_device *change)
{
	const u32 settings = WG_DEVICE_HAS_PRIVATE_KEY | WG_DEVICE_HAS_LISTEN_PORT |
			     WG_DEVICE_HAS_FWMARK;

	if (!(change->flags & settings))
		return;
	fprintf(f, "%swg set %s", prefix, ifname);
	if (change->flags & WG_DEVICE_HAS_LISTEN_PORT)
		fprintf(f, " listen-port %u", change->listen_port);
	if (change->flags & WG_DEVICE_HAS_FWMARK)
		fprintf(f, " fwmark %#x", change->fwmark);
	if (change->flags & WG_DEVICE_HAS_PRIVATE_KEY)
		fprintf(f, " private-key %s",
			wg_key_is_zero(change->private_key) ? "/dev/null" : "(hidden)");
	putc('\n', f);
}

void change_write(FILE *f, const char *prefix, const char *ifname, const struct wg_device *change,
		  const struct wg_device *have)
{
	write_settings(f, prefix, ifname, change);
	if (change->flags & WG_DEVICE_REPLACE_PEERS) {
		for (const struct wg_peer *p = have->peers; p; p = p->next) {
			write_peer_name(f, prefix, ifname, p);
			fputs(" remove\n", f);
		}
	}
	for (const struct wg_peer *p = change->peers; p; p = p->next)
		write_peer(f, prefix, ifname, p);
}

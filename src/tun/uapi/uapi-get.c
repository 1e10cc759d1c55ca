// SPDX-License-Identifier: GPL-2.0
/* The answer is written by hand rather than by printf: a device may have a million peers. */
#include "uapi-get.h"
#include <arpa/inet.h>
#include "../../lib/base/encoding.h"
#include "../../lib/base/secret.h"
#include "../../lib/device/model.h"

/* A text that grows; there is room, see UAPI_GET_PIECE. */
static char *put_text(char *at, const char *text)
{
	while (*text)
		*at++ = *text++;
	return at;
}

static char *put_number(char *at, u64 n)
{
	char digits[20];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + n % 10);
	while (n /= 10);
	memcpy(at, digits + i, sizeof(digits) - i);
	return at + sizeof(digits) - i;
}

static char *put_setting(char *at, const char *key, u64 n)
{
	at = put_number(put_text(at, key), n);
	*at++ = '\n';
	return at;
}

static char *put_key(char *at, const char *name, const u8 key[static WG_KEY_LEN])
{
	at = put_text(at, name);
	wg_key_to_hex(at, key);
	at += WG_KEY_HEX_LEN;
	*at++ = '\n';
	return at;
}

static char *put_device(char *at, const struct device *d)
{
	if (d->local.identity.present)
		at = put_key(at, "private_key=", d->local.identity.private_key);
	at = put_setting(at, "listen_port=", d->listen_port);
	if (d->fwmark)
		at = put_setting(at, "fwmark=", d->fwmark);
	return at;
}

static char *put_endpoint(char *at, const struct endpoint *e)
{
	char text[ENDPOINT_TEXT_LEN];

	if (e->addr.sa_family == AF_UNSPEC)
		return at;
	endpoint_to_text(e, text);
	at = put_text(put_text(at, "endpoint="), text);
	*at++ = '\n';
	return at;
}

/* What the lock of the peer protects, at one moment. */
struct moment {
	struct endpoint endpoint;
	u64 rx_bytes, tx_bytes, last_handshake;
	u16 keepalive;
};

static void look_at(struct moment *m, struct peer *peer)
{
	pthread_mutex_lock(&peer->lock);
	m->endpoint = peer->endpoint;
	m->rx_bytes = peer->remote.rx_bytes;
	m->tx_bytes = peer->remote.tx_bytes;
	m->last_handshake = peer->last_handshake;
	m->keepalive = peer->remote.timers.persistent_interval;
	pthread_mutex_unlock(&peer->lock);
}

static char *put_peer(char *at, struct peer *peer)
{
	const struct wg_handshake *h = &peer->remote.handshake;
	struct moment m;

	look_at(&m, peer);
	at = put_key(at, "public_key=", h->remote_static);
	if (!wg_key_is_zero(h->preshared_key))
		at = put_key(at, "preshared_key=", h->preshared_key);
	at = put_text(at, "protocol_version=1\n");
	at = put_endpoint(at, &m.endpoint);
	at = put_setting(at, "last_handshake_time_sec=", m.last_handshake / WG_SECOND);
	at = put_setting(at, "last_handshake_time_nsec=", m.last_handshake % WG_SECOND);
	at = put_setting(at, "tx_bytes=", m.tx_bytes);
	at = put_setting(at, "rx_bytes=", m.rx_bytes);
	return put_setting(at, "persistent_keepalive_interval=", m.keepalive);
}

static char *put_ip(char *at, const struct wg_allowedips_node *node)
{
	int family = node->family == 6 ? AF_INET6 : AF_INET;

	at = put_text(at, "allowed_ip=");
	inet_ntop(family, node->bits, at, INET6_ADDRSTRLEN);
	at += strlen(at);
	*at++ = '/';
	return put_setting(at, "", node->cidr);
}

void uapi_get_begin(struct uapi_get *g, struct device *d)
{
	g->device = d;
	g->next = UAPI_GET_DEVICE;
	peers_cursor_begin(d, &g->cursor);
}

void uapi_get_end(struct uapi_get *g)
{
	peers_cursor_end(g->device, &g->cursor);
	g->next = UAPI_GET_DONE;
}

/* Writes one piece, which is never longer than UAPI_GET_PIECE. */
static char *put_next(struct uapi_get *g, char *at)
{
	struct peer_cursor *c = &g->cursor;
	const struct wg_allowedips_node *node;

	if (c->moved && g->next == UAPI_GET_IPS)
		g->next = UAPI_GET_PEER;
	c->moved = false;
	switch (g->next) {
	case UAPI_GET_DEVICE:
		g->next = UAPI_GET_PEER;
		return put_device(at, g->device);
	case UAPI_GET_PEER:
		if (!c->at) {
			uapi_get_end(g);
			return put_text(at, "errno=0\n\n");
		}
		g->next = UAPI_GET_IPS;
		return put_peer(at, c->at);
	case UAPI_GET_IPS:
		node = peers_cursor_ip(g->device, c);
		if (node)
			return put_ip(at, node);
		peers_cursor_next(c);
		g->next = UAPI_GET_PEER;
		return at;
	case UAPI_GET_DONE:
		break;
	}
	return at;
}

size_t uapi_get_some(struct uapi_get *g, char *buf, size_t size)
{
	char *at = buf;

	while (g->next != UAPI_GET_DONE && size - (size_t)(at - buf) >= UAPI_GET_PIECE)
		at = put_next(g, at);
	return (size_t)(at - buf);
}

// SPDX-License-Identifier: GPL-2.0
/* One row per key of a configuration file: what it is called, where it may stand, how its value
 * gets into the device. A value that does not parse leaves the device in between; nobody sends it
 * then. */
#include "conf.h"

#include "value.h"

static int parse_private_key(struct wg_conf *c, const char *value, size_t len, unsigned int line,
			     size_t *at, struct wg_error *err)
{
	(void)line;
	c->dev->flags |= WG_DEVICE_HAS_PRIVATE_KEY;
	return wg_value_key(c->dev->private_key, value, len, at, err);
}

static int parse_listen_port(struct wg_conf *c, const char *value, size_t len, unsigned int line,
			     size_t *at, struct wg_error *err)
{
	(void)line;
	c->dev->flags |= WG_DEVICE_HAS_LISTEN_PORT;
	return wg_value_port(&c->dev->listen_port, value, len, at, err);
}

static int parse_fwmark(struct wg_conf *c, const char *value, size_t len, unsigned int line,
			size_t *at, struct wg_error *err)
{
	(void)line;
	c->dev->flags |= WG_DEVICE_HAS_FWMARK;
	return wg_value_fwmark(&c->dev->fwmark, value, len, at, err);
}

static int parse_public_key(struct wg_conf *c, const char *value, size_t len, unsigned int line,
			    size_t *at, struct wg_error *err)
{
	(void)line;
	c->peer->flags |= WG_PEER_HAS_PUBLIC_KEY;
	return wg_value_key(c->peer->public_key, value, len, at, err);
}

static int parse_preshared_key(struct wg_conf *c, const char *value, size_t len, unsigned int line,
			       size_t *at, struct wg_error *err)
{
	(void)line;
	c->peer->flags |= WG_PEER_HAS_PRESHARED_KEY;
	return wg_value_key(c->peer->preshared_key, value, len, at, err);
}

static int parse_allowedips(struct wg_conf *c, const char *value, size_t len, unsigned int line,
			    size_t *at, struct wg_error *err)
{
	(void)line;
	return wg_value_allowedips(c->dev, c->peer, value, len, c->log, at, err);
}

static int parse_endpoint(struct wg_conf *c, const char *value, size_t len, unsigned int line,
			  size_t *at, struct wg_error *err)
{
	return wg_value_endpoint(c->peer, value, len, c->resolve, c->file, line, at, err);
}

static int parse_keepalive(struct wg_conf *c, const char *value, size_t len, unsigned int line,
			   size_t *at, struct wg_error *err)
{
	(void)line;
	c->peer->flags |= WG_PEER_HAS_KEEPALIVE;
	return wg_value_keepalive(&c->peer->keepalive, value, len, at, err);
}

const struct wg_conf_key wg_conf_keys[] = {
	{"PrivateKey", WG_CONF_INTERFACE, true, false, parse_private_key},
	{"ListenPort", WG_CONF_INTERFACE, false, false, parse_listen_port},
	{"FwMark", WG_CONF_INTERFACE, false, false, parse_fwmark},
	{"PublicKey", WG_CONF_PEER, false, false, parse_public_key},
	{"PresharedKey", WG_CONF_PEER, true, false, parse_preshared_key},
	{"AllowedIPs", WG_CONF_PEER, false, true, parse_allowedips},
	{"Endpoint", WG_CONF_PEER, false, false, parse_endpoint},
	{"PersistentKeepalive", WG_CONF_PEER, false, false, parse_keepalive},
	{NULL, WG_CONF_NONE, false, false, NULL},
};

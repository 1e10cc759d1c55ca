// SPDX-License-Identifier: GPL-2.0
/* The text of the userspace API: "key=value" lines, ended by an empty one. What is read comes from
 * another program and is checked value by value; keys that we do not know are skipped. */
#include "uapi.h"
#include <arpa/inet.h>
#include <errno.h>
#include "../base/encoding.h"
#include "../base/secret.h"
#include "uapi-value.h"

/* Longer than any line that means something to us; what is behind is dropped. */
#define LINE_MAX_LEN 512

struct reader {
	struct wg_device *dev;
	struct wg_peer *peer; /* NULL until the first public_key= */
	bool said_errno;
};

static void write_key(FILE *f, const char *name, const u8 key[static WG_KEY_LEN])
{
	char hex[WG_KEY_HEX_LEN + 1];

	wg_key_to_hex(hex, key);
	fprintf(f, "%s=%s\n", name, hex);
	wg_secret_wipe(hex, sizeof(hex));
}

static void write_endpoint(FILE *f, const union wg_endpoint *e)
{
	char host[INET6_ADDRSTRLEN], zone[IFNAMSIZ] = "";

	if (e->addr.sa_family == AF_INET) {
		inet_ntop(AF_INET, &e->addr4.sin_addr, host, sizeof(host));
		fprintf(f, "endpoint=%s:%u\n", host, ntohs(e->addr4.sin_port));
		return;
	}
	inet_ntop(AF_INET6, &e->addr6.sin6_addr, host, sizeof(host));
	if (e->addr6.sin6_scope_id && !if_indextoname(e->addr6.sin6_scope_id, zone))
		snprintf(zone, sizeof(zone), "%u", e->addr6.sin6_scope_id);
	fprintf(f, "endpoint=[%s%s%s]:%u\n", host, zone[0] ? "%" : "", zone,
		ntohs(e->addr6.sin6_port));
}

static void write_allowedip(FILE *f, const struct wg_allowedip *ip)
{
	char addr[INET6_ADDRSTRLEN];

	inet_ntop(ip->family, ip->addr, addr, sizeof(addr));
	fprintf(f, "allowed_ip=%s%s/%u\n", ip->flags & WG_ALLOWEDIP_REMOVE_ME ? "-" : "", addr,
		ip->cidr);
}

static void write_peer(FILE *f, const struct wg_peer *peer)
{
	write_key(f, "public_key", peer->public_key);
	if (peer->flags & WG_PEER_REMOVE_ME) {
		fputs("remove=true\n", f);
		return;
	}
	if (peer->flags & WG_PEER_UPDATE_ONLY)
		fputs("update_only=true\n", f);
	if (peer->flags & WG_PEER_HAS_PRESHARED_KEY)
		write_key(f, "preshared_key", peer->preshared_key);
	if (peer->endpoint.addr.sa_family == AF_INET || peer->endpoint.addr.sa_family == AF_INET6)
		write_endpoint(f, &peer->endpoint);
	if (peer->flags & WG_PEER_HAS_KEEPALIVE)
		fprintf(f, "persistent_keepalive_interval=%u\n", peer->keepalive);
	if (peer->flags & WG_PEER_REPLACE_ALLOWEDIPS)
		fputs("replace_allowed_ips=true\n", f);
	for (const struct wg_allowedip *ip = peer->allowedips; ip; ip = ip->next)
		write_allowedip(f, ip);
}

void wg_uapi_write(FILE *f, const struct wg_device *dev)
{
	fputs("set=1\n", f);
	if (dev->flags & WG_DEVICE_HAS_PRIVATE_KEY)
		write_key(f, "private_key", dev->private_key);
	if (dev->flags & WG_DEVICE_HAS_LISTEN_PORT)
		fprintf(f, "listen_port=%u\n", dev->listen_port);
	if (dev->flags & WG_DEVICE_HAS_FWMARK)
		fprintf(f, "fwmark=%u\n", dev->fwmark);
	if (dev->flags & WG_DEVICE_REPLACE_PEERS)
		fputs("replace_peers=true\n", f);
	for (const struct wg_peer *p = dev->peers; p; p = p->next)
		write_peer(f, p);
	fputc('\n', f);
}

static bool read_allowedip(struct reader *r, char *value)
{
	u8 addr[16], family, cidr;

	if (!wg_uapi_value_prefix(&family, addr, &cidr, value))
		return false;
	wg_peer_add_allowedip(r->dev, r->peer, family, addr, cidr, 0);
	return true;
}

static bool read_new_peer(struct reader *r, const char *value)
{
	u8 key[WG_KEY_LEN];

	if (!wg_uapi_value_key(key, value))
		return false;
	r->peer = wg_device_add_peer(r->dev);
	memcpy(r->peer->public_key, key, WG_KEY_LEN);
	r->peer->flags |= WG_PEER_HAS_PUBLIC_KEY;
	return true;
}

static bool read_device_line(struct wg_device *dev, const char *key, const char *value)
{
	u64 n = 0;

	if (!strcmp(key, "private_key")) {
		if (!wg_uapi_value_key(dev->private_key, value))
			return false;
		if (!wg_key_is_zero(dev->private_key))
			dev->flags |= WG_DEVICE_HAS_PRIVATE_KEY;
	} else if (!strcmp(key, "listen_port")) {
		if (!wg_uapi_value_number(&n, value, UINT16_MAX))
			return false;
		dev->listen_port = (u16)n;
		dev->flags |= WG_DEVICE_HAS_LISTEN_PORT;
	} else if (!strcmp(key, "fwmark")) {
		if (!wg_uapi_value_number(&n, value, UINT32_MAX))
			return false;
		dev->fwmark = (u32)n;
		dev->flags |= WG_DEVICE_HAS_FWMARK;
	}
	return true;
}

static bool read_peer_numbers(struct wg_peer *peer, const char *key, const char *value)
{
	u64 n = 0;

	if (!strcmp(key, "rx_bytes"))
		return wg_uapi_value_number(&peer->rx_bytes, value, UINT64_MAX);
	if (!strcmp(key, "tx_bytes"))
		return wg_uapi_value_number(&peer->tx_bytes, value, UINT64_MAX);
	if (!strcmp(key, "last_handshake_time_sec")) {
		if (!wg_uapi_value_number(&n, value, INT64_MAX))
			return false;
		peer->handshake_sec = (s64)n;
	} else if (!strcmp(key, "last_handshake_time_nsec")) {
		if (!wg_uapi_value_number(&n, value, 999999999))
			return false;
		peer->handshake_nsec = (u32)n;
	} else if (!strcmp(key, "persistent_keepalive_interval")) {
		if (!wg_uapi_value_number(&n, value, UINT16_MAX))
			return false;
		peer->keepalive = (u16)n;
		peer->flags |= WG_PEER_HAS_KEEPALIVE;
	}
	return true;
}

static bool read_peer_line(struct reader *r, const char *key, char *value)
{
	struct wg_peer *peer = r->peer;

	if (!strcmp(key, "allowed_ip"))
		return read_allowedip(r, value);
	if (!strcmp(key, "endpoint"))
		return wg_uapi_value_endpoint(&peer->endpoint, value);
	if (strcmp(key, "preshared_key"))
		return read_peer_numbers(peer, key, value);
	if (!wg_uapi_value_key(peer->preshared_key, value))
		return false;
	if (!wg_key_is_zero(peer->preshared_key))
		peer->flags |= WG_PEER_HAS_PRESHARED_KEY;
	return true;
}

/* errno= is the last line; implementations differ in its sign. */
static int read_errno(const char *value, struct wg_error *err)
{
	u64 n;

	if (!wg_uapi_value_number(&n, value[0] == '-' ? value + 1 : value, 4095))
		return wg_error_errno(err, EPROTO, "the userspace implementation answered errno=?");
	if (!n)
		return 0;
	wg_error_set(err, "%s", strerror((int)n));
	err->code = (int)n;
	return -1;
}

/* The line without its newline. Returns its length, -1 at the end of the stream. */
static int read_line(FILE *f, char line[static LINE_MAX_LEN])
{
	char *newline;
	int c;

	if (!fgets_unlocked(line, LINE_MAX_LEN, f))
		return -1;
	newline = strchr(line, '\n');
	if (newline) {
		*newline = '\0';
		return (int)(newline - line);
	}
	do
		c = getc_unlocked(f);
	while (c != EOF && c != '\n');
	return c == EOF ? -1 : LINE_MAX_LEN - 1;
}

static int take_line(struct reader *r, char *line, struct wg_error *err)
{
	char *value = strchr(line, '=');
	bool ok;

	if (!value)
		return wg_error_errno(err, EPROTO, "the userspace implementation sent no KEY=VALUE");
	*value++ = '\0';
	if (!strcmp(line, "errno")) {
		r->said_errno = true;
		return read_errno(value, err);
	}
	if (!strcmp(line, "public_key"))
		ok = read_new_peer(r, value);
	else if (r->peer)
		ok = read_peer_line(r, line, value);
	else
		ok = read_device_line(r->dev, line, value);
	if (ok)
		return 0;
	return wg_error_errno(err, EPROTO, "the userspace implementation sent a bad value of %.64s",
			      line);
}

int wg_uapi_read(FILE *f, struct wg_device *dev, struct wg_error *err)
{
	struct reader r = {.dev = dev};
	char line[LINE_MAX_LEN];
	int len, ret = 0;

	while (!ret && (len = read_line(f, line)) != 0) {
		if (len < 0)
			ret = wg_error_errno(err, EPROTO,
					     "the userspace implementation broke off its answer");
		else
			ret = take_line(&r, line, err);
	}
	wg_secret_wipe(line, sizeof(line));
	/* Silence is no success. */
	if (!ret && !r.said_errno)
		return wg_error_errno(err, EPROTO, "the userspace implementation sent no errno=");
	return ret;
}

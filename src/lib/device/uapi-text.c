// SPDX-License-Identifier: GPL-2.0
/* The text of the userspace API: "key=value" lines, ended by an empty one. What is read comes from
 * another program and is checked value by value; keys that we do not know are skipped. */
#include "uapi.h"
#include <arpa/inet.h>
#include <errno.h>
#include "../base/secret.h"
#include "setting.h"
#include "uapi-value.h"

/* Longer than any line that means something to us; what is behind is dropped. */
#define LINE_MAX_LEN 512

struct reader {
	struct wg_device *dev;
	struct wg_peer *peer; /* NULL until the first public_key= */
	bool said_errno;
};

/* The settings of the interface or of the peer that a change mentions. */
static void write_values(FILE *f, const struct wg_setting *rows, const void *object)
{
	for (const struct wg_setting *s = rows; s->type != WG_TYPE_NONE; s++)
		if (s->role == WG_ROLE_VALUE && s->uapi && wg_setting_is_given(s, object))
			wg_setting_ops(s)->write_uapi(f, s->uapi, wg_setting_value(s, object));
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
	wg_setting_types[WG_TYPE_PUBLIC_KEY].write_uapi(f, "public_key", peer->public_key);
	if (peer->flags & WG_PEER_REMOVE_ME) {
		fputs("remove=true\n", f);
		return;
	}
	if (peer->flags & WG_PEER_UPDATE_ONLY)
		fputs("update_only=true\n", f);
	write_values(f, wg_peer_settings, peer);
	if (peer->flags & WG_PEER_REPLACE_ALLOWEDIPS)
		fputs("replace_allowed_ips=true\n", f);
	for (const struct wg_allowedip *ip = peer->allowedips; ip; ip = ip->next)
		write_allowedip(f, ip);
}

void wg_uapi_write(FILE *f, const struct wg_device *dev)
{
	fputs("set=1\n", f);
	write_values(f, wg_interface_settings, dev);
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

static const struct wg_setting *find_setting(enum wg_section section, const char *name)
{
	for (const struct wg_setting *s = wg_settings(section); s->type != WG_TYPE_NONE; s++)
		if (s->uapi && s->uapi[0] == name[0] && !strcmp(s->uapi, name))
			return s;
	return NULL;
}

/* A line about the interface, or about the peer that the last public_key= began. */
static bool read_setting(struct reader *r, const char *name, char *value)
{
	const struct wg_setting *s = find_setting(r->peer ? WG_SECTION_PEER : WG_SECTION_INTERFACE, name);
	void *object = r->peer ? (void *)r->peer : r->dev;

	if (!s)
		return true;
	if (s->role == WG_ROLE_LIST)
		return read_allowedip(r, value);
	if (!wg_setting_ops(s)->read_uapi(wg_setting_field(s, object), value))
		return false;
	wg_setting_reported(s, object);
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
	else
		ok = read_setting(r, line, value);
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

// SPDX-License-Identifier: GPL-2.0
/* The table has a row for each key. A peer is made late, at the line after its public_key or at its
 * end: update_only and remove must not make one. */
#include "uapi-set.h"
#include <errno.h>
#include "../../crypto/curve25519.h"
#include "../../lib/base/secret.h"
#include "../../lib/device/model.h"
#include "../../lib/device/uapi-value.h"
#include "../control/actions.h"
#include "../control/link.h"
#include "../device/peers.h"
#include "../path/worker.h"

static void write_config(struct uapi_set *s)
{
	if (!s->has_config)
		pthread_rwlock_wrlock(&s->device->config);
	s->has_config = true;
}

void uapi_set_pause(struct uapi_set *s)
{
	if (s->has_config)
		pthread_rwlock_unlock(&s->device->config);
	s->has_config = false;
	s->paused = s->in_peer;
}

/* While we paused other requests may have removed the peer, or made the one that we want. */
static void rearm_peer(struct uapi_set *s)
{
	struct peer *found;

	if (!s->paused)
		return;
	s->paused = false;
	if (!s->peer && !s->wanted)
		return;
	found = peers_find(s->device, s->key);
	s->wanted = s->wanted && !found;
	s->peer = found;
}

/* A peer with our own key disappears, as in the kernel's WireGuard; this says so. */
static void report_own_key(struct device *d)
{
	handshake_report(&d->handshake_report, WG_INITIATION_OWN_KEY, d->local.identity.public_key,
			 NULL, device_now());
}

static int set_private_key(struct uapi_set *s, char *value)
{
	struct device *d = s->device;
	u8 key[WG_PUBLIC_LEN];
	struct peer *self;

	if (!wg_uapi_value_key(key, value))
		return EINVAL;
	/* The key is compared as it will be told. */
	if (!wg_key_is_zero(key))
		wg_curve25519_clamp(key);
	if (memcmp(key, d->local.identity.private_key, sizeof(key))) {
		write_config(s);
		wg_local_set_private(&d->local, key);
		self = d->local.identity.present ? peers_find(d, d->local.identity.public_key)
						 : NULL;
		if (self) {
			peers_remove(d, self);
			report_own_key(d);
		}
		uapi_set_pause(s);
		actions_begin_anew(d);
	}
	wg_secret_wipe(key, sizeof(key));
	return 0;
}

static int set_listen_port(struct uapi_set *s, char *value)
{
	struct device *d = s->device;
	u16 before = d->listen_port;
	struct wg_error err = {0};
	bool was_up;
	u64 port;

	if (!wg_uapi_value_number(&port, value, UINT16_MAX))
		return EINVAL;
	/* A program that set the link up asks with this key whether the port could be had
	 * (wg-quick does): netlink may not have told us yet. */
	if (!d->up) {
		uapi_set_pause(s);
		link_refresh(d);
	}
	was_up = d->up;
	if (port == before && was_up == d->link_up)
		return 0;
	before = d->listen_port;
	if (d->link_up) {
		uapi_set_pause(s);
		worker_prepare(d);
	}
	write_config(s);
	d->listen_port = (u16)port;
	if (d->link_up && link_open(d, &err) < 0) {
		d->listen_port = before;
		return err.code ? err.code : EADDRINUSE;
	}
	actions_forget_sources(d);
	if (d->up && !was_up) {
		uapi_set_pause(s);
		actions_up(d);
	}
	return 0;
}

static int set_fwmark(struct uapi_set *s, char *value)
{
	struct device *d = s->device;
	u32 before = d->fwmark;
	struct wg_error err = {0};
	u64 mark;

	if (!wg_uapi_value_number(&mark, value, UINT32_MAX))
		return EINVAL;
	if (mark == before)
		return 0;
	write_config(s);
	d->fwmark = (u32)mark;
	d->next_open = 0; /* the mark may be what kept the sockets from being opened */
	if (d->up && worker_set_fwmark(d, &err) < 0) {
		d->fwmark = before;
		return err.code ? err.code : EPERM;
	}
	actions_forget_sources(d);
	return 0;
}

static int set_replace_peers(struct uapi_set *s, char *value)
{
	if (strcmp(value, "true"))
		return EINVAL;
	write_config(s);
	peers_clear(s->device);
	return 0;
}

/* Now is the time to make the peer, if it is wanted. */
static int make_peer(struct uapi_set *s)
{
	if (!s->wanted)
		return 0;
	s->wanted = false;
	write_config(s);
	s->peer = peers_add(s->device, s->key);
	if (!s->peer)
		return s->device->n_peers >= WG_MAX_PEERS ? ENOSPC : ENOMEM;
	s->is_new = true;
	return 0;
}

/* Packets that waited for an endpoint can go now. Returns true if the peer's timer is to be set
 * anew, too. */
static bool has_to_act(struct peer *peer, u32 *actions)
{
	bool early;

	pthread_mutex_lock(&peer->lock);
	if (staged_any(peer))
		*actions |= WG_ACT_FLUSH;
	early = peer_is_early(peer);
	pthread_mutex_unlock(&peer->lock);
	return *actions || early;
}

/* All lines about a peer have come. */
static int end_peer(struct uapi_set *s)
{
	int error = make_peer(s);
	struct peer *peer = s->peer;

	s->in_peer = s->is_new = false;
	s->peer = NULL;
	if (error || !peer || !s->device->up)
		return error;
	if (has_to_act(peer, &s->actions)) {
		uapi_set_pause(s);
		actions_do(s->device, peer, s->actions);
	}
	return 0;
}

static int set_public_key(struct uapi_set *s, char *value)
{
	const struct wg_identity *id = &s->device->local.identity;
	u8 key[WG_PUBLIC_LEN];
	bool is_self;
	int error;

	if (!wg_uapi_value_key(key, value))
		return EINVAL;
	error = end_peer(s);
	if (error)
		return error;
	memcpy(s->key, key, sizeof(key));
	s->in_peer = true;
	s->actions = 0;
	s->peer = peers_find(s->device, key);
	/* We are no peer of ours: the lines that follow mean nothing. */
	is_self = id->present && !memcmp(id->public_key, key, sizeof(key));
	if (is_self)
		report_own_key(s->device);
	s->wanted = !s->peer && !is_self;
	return 0;
}

/* The lines that follow about this peer mean nothing. */
static void remove_peer(struct uapi_set *s)
{
	s->wanted = false;
	if (!s->peer)
		return;
	write_config(s);
	peers_remove(s->device, s->peer);
	s->peer = NULL;
}

static int set_remove(struct uapi_set *s, char *value)
{
	if (strcmp(value, "true"))
		return EINVAL;
	remove_peer(s);
	return 0;
}

static int set_update_only(struct uapi_set *s, char *value)
{
	if (strcmp(value, "true"))
		return EINVAL;
	s->wanted = false;
	if (s->is_new)
		remove_peer(s);
	return 0;
}

static int set_preshared_key(struct uapi_set *s, char *value)
{
	u8 key[WG_PUBLIC_LEN];

	if (!wg_uapi_value_key(key, value))
		return EINVAL;
	if (s->peer)
		memcpy(s->peer->remote.handshake.preshared_key, key, sizeof(key));
	wg_secret_wipe(key, sizeof(key));
	return 0;
}

static int set_endpoint(struct uapi_set *s, char *value)
{
	union wg_endpoint told;
	struct endpoint e = {0};

	if (!wg_uapi_value_endpoint(&told, value))
		return EINVAL;
	if (!s->peer)
		return 0;
	if (told.addr.sa_family == AF_INET)
		e.addr4 = told.addr4;
	else
		e.addr6 = told.addr6;
	pthread_mutex_lock(&s->peer->lock);
	s->peer->endpoint = e;
	pthread_mutex_unlock(&s->peer->lock);
	return 0;
}

static int set_keepalive(struct uapi_set *s, char *value)
{
	struct peer *peer = s->peer;
	u64 n;

	if (!wg_uapi_value_number(&n, value, UINT16_MAX))
		return EINVAL;
	if (!peer)
		return 0;
	pthread_mutex_lock(&peer->lock);
	s->actions |= wg_timers_set_persistent(&peer->remote.timers, (u16)n, s->device->up,
						device_now());
	pthread_mutex_unlock(&peer->lock);
	return 0;
}

static int set_replace_allowed_ips(struct uapi_set *s, char *value)
{
	if (strcmp(value, "true"))
		return EINVAL;
	if (s->peer && s->peer->remote.allowed) {
		write_config(s);
		peers_disallow_all(s->device, s->peer);
	}
	return 0;
}

static int set_allowed_ip(struct uapi_set *s, char *value)
{
	bool removed = value[0] == '-';
	u8 ip[16], family, version, cidr;

	if (!wg_uapi_value_prefix(&family, ip, &cidr, value + removed))
		return EINVAL;
	if (!s->peer)
		return 0;
	version = family == AF_INET6 ? 6 : 4;
	write_config(s);
	if (removed)
		peers_disallow(s->device, s->peer, version, ip, cidr);
	else if (!peers_allow(s->device, s->peer, version, ip, cidr))
		return ENOMEM;
	return 0;
}

static int set_protocol_version(struct uapi_set *s, char *value)
{
	(void)s;
	return strcmp(value, "1") ? EINVAL : 0;
}

enum place {
	OF_DEVICE,
	OF_PEER_OR_NONE, /* does not make the peer */
	OF_PEER,
	BEGINS_PEER,
};

struct setting {
	const char *key;
	enum place place;
	int (*set)(struct uapi_set *s, char *value); /* an errno value, or 0 */
};

/* The most frequent keys come first. */
static const struct setting settings[] = {
	{"public_key", BEGINS_PEER, set_public_key},
	{"allowed_ip", OF_PEER, set_allowed_ip},
	{"replace_allowed_ips", OF_PEER, set_replace_allowed_ips},
	{"endpoint", OF_PEER, set_endpoint},
	{"persistent_keepalive_interval", OF_PEER, set_keepalive},
	{"preshared_key", OF_PEER, set_preshared_key},
	{"update_only", OF_PEER_OR_NONE, set_update_only},
	{"remove", OF_PEER_OR_NONE, set_remove},
	{"protocol_version", OF_PEER, set_protocol_version},
	{"private_key", OF_DEVICE, set_private_key},
	{"listen_port", OF_DEVICE, set_listen_port},
	{"fwmark", OF_DEVICE, set_fwmark},
	{"replace_peers", OF_DEVICE, set_replace_peers},
};

static const struct setting *find_setting(const char *key)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (!strcmp(settings[i].key, key))
			return &settings[i];
	return NULL;
}

static int apply_setting(struct uapi_set *s, const char *key, char *value)
{
	const struct setting *setting = find_setting(key);
	int error = 0;

	if (!setting)
		return EINVAL;
	switch (setting->place) {
	case OF_DEVICE:
		if (s->in_peer)
			return EINVAL;
		break;
	case OF_PEER:
	case OF_PEER_OR_NONE:
		if (!s->in_peer)
			return EINVAL;
		if (setting->place == OF_PEER)
			error = make_peer(s);
		break;
	case BEGINS_PEER:
		break;
	}
	return error ? error : setting->set(s, value);
}

void uapi_set_begin(struct uapi_set *s, struct device *d)
{
	memset(s, 0, sizeof(*s));
	s->device = d;
}

void uapi_set_line(struct uapi_set *s, char *line)
{
	char *value = strchr(line, '=');

	if (s->error)
		return;
	if (!value) {
		s->error = EINVAL;
		return;
	}
	*value++ = '\0';
	rearm_peer(s);
	s->error = apply_setting(s, line, value);
}

int uapi_set_end(struct uapi_set *s)
{
	rearm_peer(s);
	if (!s->error)
		s->error = end_peer(s);
	uapi_set_pause(s);
	return s->error;
}

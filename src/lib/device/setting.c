// SPDX-License-Identifier: GPL-2.0
#include "setting.h"
#include <arpa/inet.h>
#include <stddef.h>
#include "../../crypto/curve25519.h"
#include "../base/encoding.h"
#include "../base/secret.h"
#include "uapi-value.h"

/* WGPEER_A_LAST_HANDSHAKE_TIME: struct __kernel_timespec. */
struct timespec64 {
	s64 sec;
	s64 nsec;
};

static bool copy_payload(void *field, const void *payload, size_t len, size_t size)
{
	if (len != size)
		return false;
	memcpy(field, payload, size);
	return true;
}

/* Keys */

static bool is_set_key(const void *field)
{
	return !wg_key_is_zero(field);
}

static bool agrees_key(const void *want, const void *have)
{
	return !memcmp(want, have, WG_KEY_LEN);
}

/* Data paths clamp a key when they take it, whoever made it. */
static bool agrees_private_key(const void *want, const void *have)
{
	u8 clamped[WG_KEY_LEN];
	bool same;

	memcpy(clamped, want, WG_KEY_LEN);
	wg_curve25519_clamp(clamped);
	same = agrees_key(want, have) || (!wg_key_is_zero(want) && agrees_key(clamped, have));
	wg_secret_wipe(clamped, sizeof(clamped));
	return same;
}

static void write_uapi_key(FILE *f, const char *name, const void *field)
{
	char hex[WG_KEY_HEX_LEN + 1];

	wg_key_to_hex(hex, field);
	fprintf(f, "%s=%s\n", name, hex);
	wg_secret_wipe(hex, sizeof(hex));
}

static bool read_uapi_key(void *field, char *value)
{
	return wg_uapi_value_key(field, value);
}

static bool read_payload_key(void *field, const void *payload, size_t len)
{
	return copy_payload(field, payload, len, WG_KEY_LEN);
}

/* Numbers */

static bool is_set_u16(const void *field)
{
	return *(const u16 *)field != 0;
}

static bool agrees_u16(const void *want, const void *have)
{
	return *(const u16 *)want == *(const u16 *)have;
}

/* 0 leaves the choice to the data path, which has chosen. */
static bool agrees_port(const void *want, const void *have)
{
	return !is_set_u16(want) || agrees_u16(want, have);
}

static void write_uapi_u16(FILE *f, const char *name, const void *field)
{
	fprintf(f, "%s=%u\n", name, *(const u16 *)field);
}

static bool read_uapi_u16(void *field, char *value)
{
	u64 n;

	if (!wg_uapi_value_number(&n, value, UINT16_MAX))
		return false;
	*(u16 *)field = (u16)n;
	return true;
}

static bool read_payload_u16(void *field, const void *payload, size_t len)
{
	return copy_payload(field, payload, len, sizeof(u16));
}

static bool is_set_u32(const void *field)
{
	return *(const u32 *)field != 0;
}

static bool agrees_u32(const void *want, const void *have)
{
	return *(const u32 *)want == *(const u32 *)have;
}

static void write_uapi_u32(FILE *f, const char *name, const void *field)
{
	fprintf(f, "%s=%u\n", name, *(const u32 *)field);
}

static bool read_uapi_u32(void *field, char *value)
{
	u64 n;

	if (!wg_uapi_value_number(&n, value, UINT32_MAX))
		return false;
	*(u32 *)field = (u32)n;
	return true;
}

static bool read_payload_u32(void *field, const void *payload, size_t len)
{
	return copy_payload(field, payload, len, sizeof(u32));
}

static bool is_set_u64(const void *field)
{
	return *(const u64 *)field != 0;
}

static bool read_uapi_u64(void *field, char *value)
{
	return wg_uapi_value_number(field, value, UINT64_MAX);
}

static bool read_payload_u64(void *field, const void *payload, size_t len)
{
	return copy_payload(field, payload, len, sizeof(u64));
}

/* Times */

static bool read_uapi_time(void *field, char *value)
{
	u64 n;

	if (!wg_uapi_value_number(&n, value, INT64_MAX))
		return false;
	*(s64 *)field = (s64)n;
	return true;
}

static bool read_uapi_nanoseconds(void *field, char *value)
{
	u64 n;

	if (!wg_uapi_value_number(&n, value, 999999999))
		return false;
	*(u32 *)field = (u32)n;
	return true;
}

static bool read_timespec(struct timespec64 *t, const void *payload, size_t len)
{
	return copy_payload(t, payload, len, sizeof(*t)) && t->nsec >= 0 && t->nsec < 1000000000;
}

static bool read_payload_time(void *field, const void *payload, size_t len)
{
	struct timespec64 t;

	if (!read_timespec(&t, payload, len))
		return false;
	*(s64 *)field = t.sec;
	return true;
}

static bool read_payload_nanoseconds(void *field, const void *payload, size_t len)
{
	struct timespec64 t;

	if (!read_timespec(&t, payload, len))
		return false;
	*(u32 *)field = (u32)t.nsec;
	return true;
}

/* Endpoints */

static bool is_set_endpoint(const void *field)
{
	const union wg_endpoint *e = field;

	return e->addr.sa_family == AF_INET || e->addr.sa_family == AF_INET6;
}

static bool agrees_endpoint(const void *want, const void *have)
{
	const union wg_endpoint *a = want, *b = have;

	if (a->addr.sa_family != b->addr.sa_family)
		return false;
	if (a->addr.sa_family == AF_INET6)
		return a->addr6.sin6_port == b->addr6.sin6_port &&
		       a->addr6.sin6_scope_id == b->addr6.sin6_scope_id &&
		       !memcmp(&a->addr6.sin6_addr, &b->addr6.sin6_addr, 16);
	return a->addr4.sin_port == b->addr4.sin_port &&
	       a->addr4.sin_addr.s_addr == b->addr4.sin_addr.s_addr;
}

static void write_uapi_endpoint(FILE *f, const char *name, const void *field)
{
	const union wg_endpoint *e = field;
	char host[INET6_ADDRSTRLEN], zone[IFNAMSIZ] = "";

	if (e->addr.sa_family == AF_INET) {
		inet_ntop(AF_INET, &e->addr4.sin_addr, host, sizeof(host));
		fprintf(f, "%s=%s:%u\n", name, host, ntohs(e->addr4.sin_port));
		return;
	}
	inet_ntop(AF_INET6, &e->addr6.sin6_addr, host, sizeof(host));
	if (e->addr6.sin6_scope_id && !if_indextoname(e->addr6.sin6_scope_id, zone))
		snprintf(zone, sizeof(zone), "%u", e->addr6.sin6_scope_id);
	fprintf(f, "%s=[%s%s%s]:%u\n", name, host, zone[0] ? "%" : "", zone,
		ntohs(e->addr6.sin6_port));
}

static bool read_uapi_endpoint(void *field, char *value)
{
	return wg_uapi_value_endpoint(field, value);
}

static size_t payload_len_endpoint(const void *field)
{
	const union wg_endpoint *e = field;

	return e->addr.sa_family == AF_INET6 ? sizeof(e->addr6) : sizeof(e->addr4);
}

static bool read_payload_endpoint(void *field, const void *payload, size_t len)
{
	union wg_endpoint *e = field;
	sa_family_t family;

	if (len < sizeof(family))
		return false;
	memcpy(&family, payload, sizeof(family));
	switch (family) {
	case AF_INET:
		return copy_payload(&e->addr4, payload, len, sizeof(e->addr4));
	case AF_INET6:
		return copy_payload(&e->addr6, payload, len, sizeof(e->addr6));
	}
	return false;
}

static bool is_set_list(const void *field)
{
	return *(struct wg_allowedip *const *)field != NULL;
}

/* All functions of types that can be WG_ROLE_VALUE. */
#define OPS(is, agree, text, payload)                                                        \
	.is_set = is_set_##is, .agrees = agrees_##agree, .write_uapi = write_uapi_##text,    \
	.read_uapi = read_uapi_##text, .read_payload = read_payload_##payload

const struct wg_setting_ops wg_setting_types[WG_TYPES] = {
	[WG_TYPE_PUBLIC_KEY] = {.size = WG_KEY_LEN, .is_key = true, OPS(key, key, key, key)},
	[WG_TYPE_PRIVATE_KEY] = {.size = WG_KEY_LEN, .is_key = true, .secret = true,
				 OPS(key, private_key, key, key)},
	[WG_TYPE_PRESHARED_KEY] = {.size = WG_KEY_LEN, .is_key = true, .secret = true,
				   OPS(key, key, key, key)},
	[WG_TYPE_PORT] = {.size = sizeof(u16), OPS(u16, port, u16, u16)},
	[WG_TYPE_MARK] = {.size = sizeof(u32), OPS(u32, u32, u32, u32)},
	[WG_TYPE_INTERVAL] = {.size = sizeof(u16), OPS(u16, u16, u16, u16)},
	[WG_TYPE_ENDPOINT] = {.size = sizeof(union wg_endpoint), .payload_len = payload_len_endpoint,
			      OPS(endpoint, endpoint, endpoint, endpoint)},
	[WG_TYPE_ALLOWEDIPS] = {.size = sizeof(struct wg_allowedip *), .is_set = is_set_list},
	[WG_TYPE_TIME] = {.size = sizeof(s64), .is_set = is_set_u64, .read_uapi = read_uapi_time,
			  .read_payload = read_payload_time},
	[WG_TYPE_NANOSECONDS] = {.size = sizeof(u32), .is_set = is_set_u32,
				 .read_uapi = read_uapi_nanoseconds,
				 .read_payload = read_payload_nanoseconds},
	[WG_TYPE_BYTES] = {.size = sizeof(u64), .is_set = is_set_u64, .read_uapi = read_uapi_u64,
			   .read_payload = read_payload_u64},
};

#define INTERFACE(member) .section = WG_SECTION_INTERFACE, .offset = offsetof(struct wg_device, member)
#define PEER(member)      .section = WG_SECTION_PEER, .offset = offsetof(struct wg_peer, member)
#define PLACE(show, dump, file, command)                                          \
	.place = {[WG_ORDER_SHOW] = (show), [WG_ORDER_DUMP] = (dump), [WG_ORDER_FILE] = (file), \
		  [WG_ORDER_COMMAND] = (command)}

const struct wg_setting wg_interface_settings[] = {
	{
		.type = WG_TYPE_PRIVATE_KEY, INTERFACE(private_key), .flag = WG_DEVICE_HAS_PRIVATE_KEY,
		.attribute = WGDEVICE_A_PRIVATE_KEY, .uapi = "private_key",
		.key = "PrivateKey", .option = "private-key",
		.column = "private-key", .label = "private key",
		PLACE(20, 10, 30, 30),
	}, {
		/* Userspace implementations do not report it: it is derived (uapi.c). */
		.type = WG_TYPE_PUBLIC_KEY, .role = WG_ROLE_FACT, INTERFACE(public_key),
		.flag = WG_DEVICE_HAS_PUBLIC_KEY, .attribute = WGDEVICE_A_PUBLIC_KEY,
		.column = "public-key", .label = "public key",
		PLACE(10, 20, 0, 0),
	}, {
		.type = WG_TYPE_PORT, INTERFACE(listen_port), .flag = WG_DEVICE_HAS_LISTEN_PORT,
		.attribute = WGDEVICE_A_LISTEN_PORT, .uapi = "listen_port",
		.key = "ListenPort", .option = "listen-port",
		.column = "listen-port", .label = "listening port",
		PLACE(30, 30, 10, 10),
	}, {
		.type = WG_TYPE_MARK, INTERFACE(fwmark), .flag = WG_DEVICE_HAS_FWMARK,
		.attribute = WGDEVICE_A_FWMARK, .uapi = "fwmark",
		.key = "FwMark", .option = "fwmark", .noun = "a firewall mark",
		.column = "fwmark", .label = "fwmark",
		PLACE(40, 40, 20, 20),
	},
	{ .type = WG_TYPE_NONE },
};

const struct wg_setting wg_peer_settings[] = {
	{
		.type = WG_TYPE_PUBLIC_KEY, .role = WG_ROLE_IDENTITY, PEER(public_key),
		.flag = WG_PEER_HAS_PUBLIC_KEY, .attribute = WGPEER_A_PUBLIC_KEY, .uapi = "public_key",
		.key = "PublicKey", .option = "peer",
		PLACE(0, 10, 10, 0),
	}, {
		.type = WG_TYPE_PRESHARED_KEY, PEER(preshared_key), .flag = WG_PEER_HAS_PRESHARED_KEY,
		.attribute = WGPEER_A_PRESHARED_KEY, .uapi = "preshared_key",
		.key = "PresharedKey", .option = "preshared-key",
		.column = "preshared-keys", .label = "preshared key",
		PLACE(10, 20, 20, 10),
	}, {
		.type = WG_TYPE_ALLOWEDIPS, .role = WG_ROLE_LIST, PEER(allowedips),
		.attribute = WGPEER_A_ALLOWEDIPS, .uapi = "allowed_ip",
		.key = "AllowedIPs", .option = "allowed-ips",
		.column = "allowed-ips", .label = "allowed ips",
		PLACE(30, 40, 30, 40),
	}, {
		.type = WG_TYPE_ENDPOINT, PEER(endpoint),
		.attribute = WGPEER_A_ENDPOINT, .uapi = "endpoint",
		.key = "Endpoint", .option = "endpoint",
		.column = "endpoints", .label = "endpoint",
		PLACE(20, 30, 40, 20),
	}, {
		.type = WG_TYPE_INTERVAL, PEER(keepalive), .flag = WG_PEER_HAS_KEEPALIVE,
		.attribute = WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
		.uapi = "persistent_keepalive_interval",
		.key = "PersistentKeepalive", .option = "persistent-keepalive",
		.noun = "a keepalive interval",
		.column = "persistent-keepalive", .label = "persistent keepalive",
		PLACE(70, 80, 50, 30),
	}, {
		.type = WG_TYPE_TIME, .role = WG_ROLE_FACT, PEER(handshake_sec),
		.attribute = WGPEER_A_LAST_HANDSHAKE_TIME, .uapi = "last_handshake_time_sec",
		.column = "latest-handshakes", .label = "latest handshake",
		PLACE(40, 50, 0, 0),
	}, {
		.type = WG_TYPE_NANOSECONDS, .role = WG_ROLE_FACT, PEER(handshake_nsec),
		.attribute = WGPEER_A_LAST_HANDSHAKE_TIME, .uapi = "last_handshake_time_nsec",
	}, {
		.type = WG_TYPE_BYTES, .role = WG_ROLE_FACT, PEER(rx_bytes),
		.attribute = WGPEER_A_RX_BYTES, .uapi = "rx_bytes",
		.column = "transfer", .label = "transfer", .suffix = "received",
		PLACE(50, 60, 0, 0),
	}, {
		.type = WG_TYPE_BYTES, .role = WG_ROLE_FACT, PEER(tx_bytes),
		.attribute = WGPEER_A_TX_BYTES, .uapi = "tx_bytes",
		.column = "transfer", .label = "transfer", .suffix = "sent",
		PLACE(60, 70, 0, 0),
	},
	{ .type = WG_TYPE_NONE },
};

_Static_assert(sizeof(wg_interface_settings) / sizeof(wg_interface_settings[0]) <= WG_SETTINGS_MAX &&
	       sizeof(wg_peer_settings) / sizeof(wg_peer_settings[0]) <= WG_SETTINGS_MAX,
	       "more rows than room");

const struct wg_setting *const *wg_settings_in_order(enum wg_section section,
						     enum wg_setting_order order)
{
	static const struct wg_setting *lists[WG_SECTIONS][WG_ORDERS][WG_SETTINGS_MAX];
	const struct wg_setting **list = lists[section][order];
	size_t n = 0;

	if (list[0])
		return list;
	for (const struct wg_setting *s = wg_settings(section); s->type != WG_TYPE_NONE; s++) {
		size_t i = n;

		if (!s->place[order])
			continue;
		for (; i && list[i - 1]->place[order] > s->place[order]; i--)
			list[i] = list[i - 1];
		list[i] = s;
		n++;
	}
	return list;
}

u32 wg_settings_flags(enum wg_section section)
{
	u32 flags = 0;

	for (const struct wg_setting *s = wg_settings(section); s->type != WG_TYPE_NONE; s++)
		if (s->role == WG_ROLE_VALUE)
			flags |= s->flag;
	return flags;
}

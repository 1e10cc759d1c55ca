/* SPDX-License-Identifier: GPL-2.0 */
/* Two values of each type of setting, in all forms in which they occur. A new row of the tables of
 * settings needs no change here; a new type needs a line. */
#ifndef TEST_SETTING_SAMPLES_H
#define TEST_SETTING_SAMPLES_H

#include <arpa/inet.h>
#include <string.h>
#include "../../../../src/lib/device/setting.h"

/* Clamped, as data paths keep private keys. */
#define SAMPLE_KEY_1 "SEhISEhISEhISEhISEhISEhISEhISEhISEhISEhISEg="
#define SAMPLE_KEY_2 "UFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFA="
#define SAMPLE_HEX_1 "4848484848484848484848484848484848484848484848484848484848484848"
#define SAMPLE_HEX_2 "5050505050505050505050505050505050505050505050505050505050505050"

struct sample {
	const char *text;   /* in files and on command lines; NULL for what cannot be set */
	const char *column; /* in `wg show` with a parameter */
	const char *line;   /* in `wg show`, without colours and suffix */
	const char *uapi;
};

#define SAMPLE_KEYS(shown_1, shown_2) {                                  \
	{SAMPLE_KEY_1, SAMPLE_KEY_1, shown_1, SAMPLE_HEX_1},             \
	{SAMPLE_KEY_2, SAMPLE_KEY_2, shown_2, SAMPLE_HEX_2},             \
}

static const struct sample samples[WG_TYPES][2] = {
	[WG_TYPE_PUBLIC_KEY] = SAMPLE_KEYS(SAMPLE_KEY_1, SAMPLE_KEY_2),
	[WG_TYPE_PRIVATE_KEY] = SAMPLE_KEYS("(hidden)", "(hidden)"),
	[WG_TYPE_PRESHARED_KEY] = SAMPLE_KEYS("(hidden)", "(hidden)"),
	[WG_TYPE_PORT] = {{"7", "7", "7", "7"}, {"8", "8", "8", "8"}},
	[WG_TYPE_MARK] = {{"0x10", "0x10", "0x10", "16"}, {"0x20", "0x20", "0x20", "32"}},
	[WG_TYPE_INTERVAL] = {{"25", "25", "every 25 seconds", "25"}, {"30", "30", "every 30 seconds", "30"}},
	[WG_TYPE_ENDPOINT] = {{"192.0.2.1:9", "192.0.2.1:9", "192.0.2.1:9", "192.0.2.1:9"},
			      {"[2001:db8::1]:10", "[2001:db8::1]:10", "[2001:db8::1]:10",
			       "[2001:db8::1]:10"}},
	[WG_TYPE_ALLOWEDIPS] = {{"10.0.0.0/8", "10.0.0.0/8", "10.0.0.0/8", "10.0.0.0/8"},
				{"fd00::/64", "fd00::/64", "fd00::/64", "fd00::/64"}},
	[WG_TYPE_TIME] = {{NULL, "1700000000", "5 seconds ago", "1700000000"},
			  {NULL, "1700000001", "4 seconds ago", "1700000001"}},
	[WG_TYPE_NANOSECONDS] = {{NULL, "5", "5", "5"}, {NULL, "6", "6", "6"}},
	[WG_TYPE_BYTES] = {{NULL, "123", "123 B", "123"}, {NULL, "124", "124 B", "124"}},
};
#define SAMPLE_NOW 1700000005

/* Puts the value of that number (0 or 1) into the object, with its flag. */
static inline void sample_set(const struct wg_setting *s, struct wg_device *dev, void *object, size_t i)
{
	static const u8 prefixes[2][16] = {{10}, {0xfd}};
	char text[128];

	if (s->type == WG_TYPE_ALLOWEDIPS) {
		wg_peer_add_allowedip(dev, object, i ? AF_INET6 : AF_INET, prefixes[i], i ? 64 : 8, 0);
		return;
	}
	strcpy(text, samples[s->type][i].uapi);
	wg_setting_types[s->type].read_uapi(wg_setting_field(s, object), text);
	wg_setting_set_flag(s, object, true);
}

/* The payload of its netlink attribute; returns the length. Not for lists. */
static inline size_t sample_payload(const struct wg_setting *s, size_t i, void *payload)
{
	const s64 times[2] = {s->type == WG_TYPE_TIME ? 1700000000 + (s64)i : 0,
			      s->type == WG_TYPE_NANOSECONDS ? 5 + (s64)i : 0};
	const struct sockaddr_in addr4 = {.sin_family = AF_INET, .sin_port = htons(9),
					  .sin_addr.s_addr = htonl(0xc0000201)};
	const struct sockaddr_in6 addr6 = {.sin6_family = AF_INET6, .sin6_port = htons(10),
					   .sin6_addr.s6_addr = {0x20, 1, 0xd, 0xb8, [15] = 1}};
	char text[128];

	switch (s->type) {
	case WG_TYPE_TIME:
	case WG_TYPE_NANOSECONDS:
		memcpy(payload, times, sizeof(times));
		return sizeof(times);
	case WG_TYPE_ENDPOINT:
		if (i)
			memcpy(payload, &addr6, sizeof(addr6));
		else
			memcpy(payload, &addr4, sizeof(addr4));
		return i ? sizeof(addr6) : sizeof(addr4);
	default:
		strcpy(text, samples[s->type][i].uapi);
		wg_setting_types[s->type].read_uapi(payload, text);
		return wg_setting_types[s->type].size;
	}
}

#endif

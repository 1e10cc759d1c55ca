// SPDX-License-Identifier: GPL-2.0
#include "change-text.h"
#include "../../lib/base/encoding.h"
#include "../../lib/base/prefix.h"
#include "../../lib/conf/setting-text.h"

static void write_peer_name(FILE *f, const char *prefix, const char *ifname,
			    const struct wg_peer *peer)
{
	char key[WG_KEY_BASE64_LEN + 1];

	wg_key_to_base64(key, peer->public_key);
	fprintf(f, "%swg set %s peer %s", prefix, ifname, key);
}

/* A list without signs replaces the peer's allowed IPs; "+" adds one to them, "-" removes one. */
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
		fprintf(f, "%s%s%s", before,
			a->flags & WG_ALLOWEDIP_REMOVE_ME ? "-" : replace ? "" : "+",
			wg_prefix_format(text, &p));
		before = ",";
	}
}

/* What a change mentions, as options of `wg set`. */
static void write_options(FILE *f, enum wg_section section, const void *object)
{
	const struct wg_setting *const *list = wg_settings_in_order(section, WG_ORDER_COMMAND);

	for (; *list; list++) {
		const struct wg_setting *s = *list;

		if (s->role == WG_ROLE_LIST) {
			write_allowedips(f, object);
			continue;
		}
		if (!wg_setting_is_given(s, object))
			continue;
		fprintf(f, " %s ", s->option);
		if (!wg_setting_ops(s)->secret)
			wg_setting_print(f, s, object);
		else
			fputs(wg_setting_ops(s)->is_set(wg_setting_value(s, object)) ? "(hidden)"
										     : "/dev/null", f);
	}
	putc('\n', f);
}

static void write_peer(FILE *f, const char *prefix, const char *ifname, const struct wg_peer *peer)
{
	write_peer_name(f, prefix, ifname, peer);
	if (peer->flags & WG_PEER_REMOVE_ME)
		fputs(" remove\n", f);
	else
		write_options(f, WG_SECTION_PEER, peer);
}

static void write_settings(FILE *f, const char *prefix, const char *ifname,
			   const struct wg_device *change)
{
	if (!(change->flags & wg_settings_flags(WG_SECTION_INTERFACE)))
		return;
	fprintf(f, "%swg set %s", prefix, ifname);
	write_options(f, WG_SECTION_INTERFACE, change);
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

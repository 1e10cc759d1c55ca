// SPDX-License-Identifier: GPL-2.0
/* The table of keys: each once, each secret where it must be, each value where it belongs. */
#include "../../../../src/lib/conf/conf.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"

#define KEY "wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s="

static const struct {
	const char *name, *value;
	enum wg_conf_section section;
	bool secret;
	u32 device_flags, peer_flags;
} rows[] = {
	{"PrivateKey", KEY, WG_CONF_INTERFACE, true, WG_DEVICE_HAS_PRIVATE_KEY, 0},
	{"ListenPort", "7", WG_CONF_INTERFACE, false, WG_DEVICE_HAS_LISTEN_PORT, 0},
	{"FwMark", "0x8", WG_CONF_INTERFACE, false, WG_DEVICE_HAS_FWMARK, 0},
	{"PublicKey", KEY, WG_CONF_PEER, false, 0, WG_PEER_HAS_PUBLIC_KEY},
	{"PresharedKey", KEY, WG_CONF_PEER, true, 0, WG_PEER_HAS_PRESHARED_KEY},
	{"AllowedIPs", "10.0.0.0/8", WG_CONF_PEER, false, 0, 0},
	{"Endpoint", "192.0.2.1:9", WG_CONF_PEER, false, 0, 0},
	{"PersistentKeepalive", "25", WG_CONF_PEER, false, 0, WG_PEER_HAS_KEEPALIVE},
};

static void check_values(const struct wg_device *dev, const struct wg_peer *peer)
{
	assert_int_equal(dev->private_key[0], 0xc0);
	assert_int_equal(dev->listen_port, 7);
	assert_int_equal(dev->fwmark, 8);
	assert_int_equal(peer->public_key[0], 0xc0);
	assert_int_equal(peer->preshared_key[0], 0xc0);
	assert_int_equal(peer->allowedips->cidr, 8);
	assert_int_equal(ntohs(peer->endpoint.addr4.sin_port), 9);
	assert_int_equal(peer->keepalive, 25);
}

static void each_value_goes_where_it_belongs(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	cleanup(wg_resolve_wipe) struct wg_resolve resolve = {0};
	cleanup(wg_conf_wipe) struct wg_conf c;
	u32 device_flags = 0, peer_flags = 0;
	size_t n = sizeof(rows) / sizeof(rows[0]);
	struct wg_error err = {0};

	(void)state;
	wg_conf_init(&c, dev, &resolve, NULL, "f");
	c.peer = wg_device_add_peer(dev);
	for (size_t i = 0; i < n; i++) {
		const struct wg_conf_key *key = &wg_conf_keys[i];
		size_t at = 0;

		assert_string_equal(key->name, rows[i].name);
		assert_int_equal(key->section, rows[i].section);
		assert_int_equal(key->secret, rows[i].secret);
		assert_int_equal(key->parse(&c, rows[i].value, strlen(rows[i].value), 1, &at, &err),
				 0);
		device_flags |= rows[i].device_flags;
		peer_flags |= rows[i].peer_flags;
		assert_int_equal(dev->flags, device_flags);
		assert_int_equal(c.peer->flags, peer_flags);
		assert_true(key->parse(&c, "?", 1, 1, &at, &err) < 0);
	}
	assert_null(wg_conf_keys[n].name);
}

static void each_value_is_kept(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	cleanup(wg_resolve_wipe) struct wg_resolve resolve = {0};
	cleanup(wg_conf_wipe) struct wg_conf c;
	struct wg_error err = {0};
	size_t at = 0;

	(void)state;
	wg_conf_init(&c, dev, &resolve, NULL, "f");
	c.peer = wg_device_add_peer(dev);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		wg_conf_keys[i].parse(&c, rows[i].value, strlen(rows[i].value), 1, &at, &err);
	check_values(dev, c.peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_goes_where_it_belongs),
		cmocka_unit_test(each_value_is_kept),
	};

	return cmocka_run_group_tests_name("lib/conf-keys", tests, NULL, NULL);
}

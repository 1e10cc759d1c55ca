// SPDX-License-Identifier: GPL-2.0
/* A device as a file, to the byte. */
#include "../../../../src/lib/conf/showconf.h"
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"

#define ONES "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define TWOS "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="

static void assert_shown(const struct wg_device *dev, const char *want)
{
	char text[2048] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	assert_non_null(f);
	wg_showconf_interface(f, dev);
	wg_showconf_peers(f, dev);
	fclose(f);
	assert_string_equal(text, want);
}

static void nothing_is_an_empty_line(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();

	(void)state;
	assert_shown(dev, "\n");
}

static void all_settings(void **state)
{
	static const u8 ten[4] = {10}, fd[16] = {0xfd};
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	struct wg_peer *p = wg_device_add_peer(dev);

	(void)state;
	dev->flags = WG_DEVICE_HAS_PRIVATE_KEY;
	memset(dev->private_key, 1, WG_KEY_LEN);
	dev->listen_port = 51820;
	dev->fwmark = 0xca6c;
	memset(p->public_key, 1, WG_KEY_LEN);
	memset(p->preshared_key, 2, WG_KEY_LEN);
	p->flags = WG_PEER_HAS_PRESHARED_KEY;
	wg_peer_add_allowedip(dev, p, AF_INET, ten, 8, 0);
	wg_peer_add_allowedip(dev, p, AF_INET6, fd, 128, 0);
	p->endpoint.addr6.sin6_family = AF_INET6;
	p->endpoint.addr6.sin6_addr = in6addr_loopback;
	p->endpoint.addr6.sin6_port = htons(9);
	p->keepalive = 25;
	p = wg_device_add_peer(dev);
	memset(p->public_key, 2, WG_KEY_LEN);
	p->endpoint.addr4.sin_family = AF_INET;
	p->endpoint.addr4.sin_port = htons(10);
	assert_shown(dev, "ListenPort = 51820\nFwMark = 0xca6c\nPrivateKey = " ONES "\n\n"
			  "[Peer]\nPublicKey = " ONES "\nPresharedKey = " TWOS "\n"
			  "AllowedIPs = 10.0.0.0/8, fd00::/128\nEndpoint = [::1]:9\n"
			  "PersistentKeepalive = 25\n\n"
			  "[Peer]\nPublicKey = " TWOS "\nEndpoint = 0.0.0.0:10\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_an_empty_line),
		cmocka_unit_test(all_settings),
	};

	return cmocka_run_group_tests_name("lib/showconf", tests, NULL, NULL);
}

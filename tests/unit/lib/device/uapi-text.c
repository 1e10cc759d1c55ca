// SPDX-License-Identifier: GPL-2.0
/* The userspace API's text, both ways, and answers that are wrong. */
#include "../../../../src/lib/device/uapi.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"

#define KEY_A "a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a060"
#define KEY_1 "1111111111111111111111111111111111111111111111111111111111111111"
#define KEY_2 "2222222222222222222222222222222222222222222222222222222222222222"
#define ZERO  "0000000000000000000000000000000000000000000000000000000000000000"

static int read_text(const char *text, struct wg_device *dev, struct wg_error *err)
{
	cleanup(close_file) FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	assert_non_null(f);
	return wg_uapi_read(f, dev, err);
}

static void test_read(void **state)
{
	static const char text[] =
		"private_key=" KEY_A "\nlisten_port=51820\nfwmark=51820\npublic_key=" KEY_1
		"\npreshared_key=" KEY_2 "\nprotocol_version=1\nendpoint=[fe80::1%7]:9\n"
		"last_handshake_time_sec=1700000000\nlast_handshake_time_nsec=5\ntx_bytes=3\n"
		"rx_bytes=18446744073709551615\npersistent_keepalive_interval=25\n"
		"allowed_ip=10.0.0.0/8\nallowed_ip=fd00::/64\npublic_key=" KEY_2
		"\npreshared_key=" ZERO "\nendpoint=192.0.2.1:65535\nunknown=x\nerrno=0\n\n";
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	struct wg_error err;
	const struct wg_peer *p;

	(void)state;
	assert_int_equal(read_text(text, dev, &err), 0);
	assert_int_equal(dev->private_key[31], 0x60);
	assert_int_equal(dev->listen_port, 51820);
	assert_int_equal(dev->fwmark, 51820);
	assert_int_equal(dev->n_peers, 2);
	p = dev->peers;
	assert_true(p->flags & WG_PEER_HAS_PRESHARED_KEY);
	assert_int_equal(p->endpoint.addr6.sin6_scope_id, 7);
	assert_int_equal(p->handshake_sec, 1700000000);
	assert_int_equal(p->handshake_nsec, 5);
	assert_true(p->rx_bytes == UINT64_MAX);
	assert_int_equal(p->keepalive, 25);
	assert_int_equal(p->allowedips->next->cidr, 64);
	p = p->next;
	assert_false(p->flags & WG_PEER_HAS_PRESHARED_KEY);
	assert_int_equal(ntohs(p->endpoint.addr4.sin_port), 65535);
	assert_null(p->allowedips);
}

static void test_bad_answers(void **state)
{
	static const struct {
		const char *text;
		int code;
	} bad[] = {
		{"errno=-22\n\n", EINVAL},
		{"errno=1\n\n", EPERM},
		{"errno=x\n\n", EPROTO},
		{"listen_port=1\n", EPROTO},
		{"\n", EPROTO},
		{"listen_port=1\n\n", EPROTO},
		{"errno=0\n", EPROTO},
		{"nonsense\n\n", EPROTO},
		{"listen_port=65536\n\n", EPROTO},
		{"listen_port=\n\n", EPROTO},
		{"fwmark=4294967296\n\n", EPROTO},
		{"private_key=00\n\n", EPROTO},
		{"public_key=" KEY_1 "0\n\n", EPROTO},
		{"public_key=" KEY_1 "\nallowed_ip=10.0.0.0/33\n\n", EPROTO},
		{"public_key=" KEY_1 "\nallowed_ip=10.0.0.0\n\n", EPROTO},
		{"public_key=" KEY_1 "\nallowed_ip=fd00::/129\n\n", EPROTO},
		{"public_key=" KEY_1 "\nendpoint=10.0.0.1\n\n", EPROTO},
		{"public_key=" KEY_1 "\nendpoint=[::1:5\n\n", EPROTO},
		{"public_key=" KEY_1 "\nendpoint=10.0.0.1:65536\n\n", EPROTO},
		{"public_key=" KEY_1 "\nlast_handshake_time_nsec=1000000000\n\n", EPROTO},
		{"public_key=" KEY_1 "\nrx_bytes=18446744073709551616\n\n", EPROTO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
		struct wg_error err = {0};

		assert_int_equal(read_text(bad[i].text, dev, &err), -1);
		assert_int_equal(err.code, bad[i].code);
	}
}

static void fill(struct wg_device *dev)
{
	static const u8 ten[4] = {10}, fd[16] = {0xfd};
	struct wg_peer *p;

	dev->flags = WG_DEVICE_HAS_PRIVATE_KEY | WG_DEVICE_HAS_LISTEN_PORT | WG_DEVICE_HAS_FWMARK |
		     WG_DEVICE_REPLACE_PEERS;
	dev->listen_port = 7;
	p = wg_device_add_peer(dev);
	memset(p->public_key, 0x11, WG_KEY_LEN);
	p->flags = WG_PEER_REMOVE_ME | WG_PEER_HAS_KEEPALIVE;
	p = wg_device_add_peer(dev);
	memset(p->public_key, 0x22, WG_KEY_LEN);
	p->flags = WG_PEER_HAS_PRESHARED_KEY | WG_PEER_HAS_KEEPALIVE | WG_PEER_REPLACE_ALLOWEDIPS |
		   WG_PEER_UPDATE_ONLY;
	p->endpoint.addr6.sin6_family = AF_INET6;
	p->endpoint.addr6.sin6_addr = in6addr_loopback;
	p->endpoint.addr6.sin6_port = htons(9);
	wg_peer_add_allowedip(dev, p, AF_INET, ten, 8, 0);
	wg_peer_add_allowedip(dev, p, AF_INET6, fd, 64, WG_ALLOWEDIP_REMOVE_ME);
}

static void test_golden_write(void **state)
{
	static const char want[] =
		"set=1\nprivate_key=" ZERO "\nlisten_port=7\nfwmark=0\nreplace_peers=true\n"
		"public_key=" KEY_1 "\nremove=true\npublic_key=" KEY_2
		"\nupdate_only=true\npreshared_key=" ZERO "\nendpoint=[::1]:9\n"
		"persistent_keepalive_interval=0\nreplace_allowed_ips=true\n"
		"allowed_ip=10.0.0.0/8\nallowed_ip=-fd00::/64\n\n";
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	char text[2048] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	assert_non_null(f);
	fill(dev);
	wg_uapi_write(f, dev);
	fclose(f);
	assert_string_equal(text, want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_bad_answers),
		cmocka_unit_test(test_golden_write),
	};

	return cmocka_run_group_tests_name("lib/uapi-text", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* The values of settings: what is taken, what is refused, and at which byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include "../../../../src/lib/conf/conf-code.h"
#include "../../../../src/lib/conf/value.h"
#include "../../../../src/lib/device/resolve.h"

#define KEY "wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s="

struct number {
	const char *text;
	long value; /* -1: refused */
};

static void ports(void **state)
{
	static const struct number cases[] = {
		{"0", 0}, {"65535", 65535}, {"000053", 53}, {"domain", 53}, {"65536", -1},
		{"70000", -1}, {"-1", -1}, {"", -1}, {"nosuchservice", -1}, {"53x", -1},
		{"99999999999999999999999", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wg_error err = {0};
		size_t at = 99;
		u16 port = 7;
		int ret = wg_value_port(&port, cases[i].text, strlen(cases[i].text), &at, &err);

		assert_int_equal(ret, cases[i].value < 0 ? -1 : 0);
		assert_int_equal(port, ret ? 7 : cases[i].value);
		assert_true(!ret || (!at && err.text[0]));
	}
}

static void fwmarks(void **state)
{
	static const struct number cases[] = {
		{"off", 0}, {"oFf", 0}, {"010", 10}, {"0xCA6c", 0xca6c}, {"0xffffffff", 0xffffffff},
		{"4294967295", 4294967295}, {"4294967296", -1}, {"0x1ffffffff", -1}, {"0x", -1},
		{"0XCA6C", -1}, {"", -1}, {"-1", -1}, {"offf", -1}, {"0xg", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wg_error err = {0};
		size_t at;
		u32 mark = 7;
		int ret = wg_value_mark(&mark, "a firewall mark", cases[i].text, strlen(cases[i].text),
					&at, &err);

		assert_int_equal(ret, cases[i].value < 0 ? -1 : 0);
		assert_int_equal(mark, ret ? 7 : cases[i].value);
	}
}

static void keepalives(void **state)
{
	static const struct number cases[] = {
		{"off", 0}, {"OFF", 0}, {"65535", 65535}, {"025", 25}, {"65536", -1}, {"", -1},
		{"-1", -1}, {"0x10", -1}, {" 1", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wg_error err = {0};
		size_t at;
		u16 seconds = 7;
		int ret = wg_value_interval(&seconds, "a keepalive interval", cases[i].text,
					    strlen(cases[i].text), &at, &err);

		assert_int_equal(ret, cases[i].value < 0 ? -1 : 0);
		assert_int_equal(seconds, ret ? 7 : cases[i].value);
	}
}

static size_t refused_key_at(const char *text)
{
	struct wg_error err = {0};
	u8 key[WG_KEY_LEN] = {7};
	size_t at = 99;

	assert_int_equal(wg_value_key(key, text, strlen(text), &at, &err), -1);
	assert_int_equal(key[0], 7);
	assert_null(strstr(err.text, "wPjz"));
	return at;
}

static void keys(void **state)
{
	struct wg_error err;
	u8 key[WG_KEY_LEN];
	size_t at;

	(void)state;
	assert_int_equal(wg_value_key(key, KEY, 44, &at, &err), 0);
	assert_int_equal(key[0], 0xc0);
	assert_int_equal(refused_key_at(""), 0);
	assert_int_equal(refused_key_at("wPjz"), 4);
	assert_int_equal(refused_key_at("wPjz!ypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s="), 4);
	assert_int_equal(refused_key_at("wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20t="), 42);
	assert_int_equal(refused_key_at("wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20sk"), 43);
	assert_int_equal(refused_key_at(KEY "="), 43);
}

static void prefixes(void **state)
{
	static const struct {
		const char *text;
		int cidr; /* -1: refused */
		size_t at;
	} cases[] = {
		{"10.0.0.1", 32, 0}, {"::1", 128, 0}, {"10.0.0.0/08", 8, 0}, {"0.0.0.0/0", 0, 0},
		{"+::/128", 128, 0}, {"-10.0.0.0/8", 8, 0}, {"10.0.0.0/000000000000000000000008", 8, 0},
		{"10.0.0.0/+8", -1, 9}, {"10.0.0.0/33", -1, 9}, {"::/129", -1, 3}, {"10.0.0/8", -1, 0},
		{"10.0.0.0/", -1, 9}, {"/8", -1, 0}, {"", -1, 0}, {"+", -1, 1}, {"+-10.0.0.0", -1, 1},
		{"fe80::1%lo", -1, 0}, {"1.1.1.1/8/8", -1, 8}, {"010.0.0.1", -1, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wg_error err = {0};
		u8 family = 7, addr[16], cidr = 7;
		size_t at = 0;
		char sign = '?';
		int ret = wg_value_prefix(&sign, &family, addr, &cidr, cases[i].text,
					  strlen(cases[i].text), &at, &err);

		assert_int_equal(ret, cases[i].cidr < 0 ? -1 : 0);
		if (ret) {
			assert_int_equal(at, cases[i].at);
			assert_int_equal(family, 7);
			assert_int_equal(sign, '?');
		} else {
			assert_int_equal(cidr, cases[i].cidr);
		}
	}
}

static void keep_text(void *ctx, enum wg_log_level level, const char *text)
{
	assert_int_equal(level, WG_LOG_WARNING);
	snprintf(ctx, 100, "%s", text);
}

static int allowedips(struct wg_device *dev, const char *text, char warning[100], size_t *at)
{
	struct wg_log log = {keep_text, warning};
	struct wg_error err;

	warning[0] = '\0';
	return wg_value_allowedips(dev, dev->last_peer, text, strlen(text), &log, at, &err);
}

static void lists(void **state)
{
	struct wg_device *dev = wg_device_new();
	struct wg_peer *peer = wg_device_add_peer(dev);
	char warning[100];
	size_t at;

	(void)state;
	peer->flags = WG_PEER_REPLACE_ALLOWEDIPS;
	assert_int_equal(allowedips(dev, "", warning, &at), 0);
	assert_null(peer->allowedips);
	assert_int_equal(allowedips(dev, "10.0.0.1/24,::/0,10.0.0.1/32", warning, &at), 0);
	assert_string_equal(warning, "AllowedIP has nonzero host part: 10.0.0.1/24");
	assert_int_equal(peer->flags, WG_PEER_REPLACE_ALLOWEDIPS);
	assert_int_equal(allowedips(dev, "1.1.1.1,-2.0.0.0/7", warning, &at), 0);
	assert_int_equal(warning[0], '\0');
	assert_int_equal(peer->flags, 0);
	assert_int_equal(peer->last_allowedip->flags, WG_ALLOWEDIP_REMOVE_ME);
	assert_int_equal(allowedips(dev, "3.0.0.0/7", warning, &at), 0);
	assert_string_equal(warning, "AllowedIP has nonzero host part: 3.0.0.0/7");
	assert_int_equal(allowedips(dev, "1.1.1.1,", warning, &at), -1);
	assert_int_equal(at, 8);
	assert_int_equal(allowedips(dev, "1.1.1.1,,2.2.2.2", warning, &at), -1);
	assert_int_equal(at, 8);
	assert_int_equal(allowedips(dev, "1.1.1.1,2.2.2.2/64", warning, &at), -1);
	assert_int_equal(at, 16);
	wg_device_free(dev);
}

struct endpoint_case {
	const char *text;
	const char *addr; /* NULL: refused; "": a name that was queued */
	u16 port;
	size_t at;
};

static void endpoint_is(const struct endpoint_case *c)
{
	struct wg_device *dev = wg_device_new();
	struct wg_peer *peer = wg_device_add_peer(dev);
	struct wg_resolve resolve = {0};
	struct wg_error err = {0};
	char text[INET6_ADDRSTRLEN] = "";
	size_t at = 99;
	int ret = wg_value_endpoint(peer, c->text, strlen(c->text), &resolve, "f", 3, &at, &err);

	assert_int_equal(ret, c->addr ? 0 : -1);
	if (ret) {
		assert_int_equal(at, c->at);
	} else if (!c->addr[0]) {
		assert_int_equal(resolve.n_jobs, 1);
		assert_int_equal(resolve.jobs->port, c->port);
	} else {
		bool v6 = peer->endpoint.addr.sa_family == AF_INET6;

		assert_int_equal(resolve.n_jobs, 0);
		assert_non_null(v6 ? inet_ntop(AF_INET6, &peer->endpoint.addr6.sin6_addr, text, sizeof(text))
				   : inet_ntop(AF_INET, &peer->endpoint.addr4.sin_addr, text, sizeof(text)));
		assert_string_equal(text, c->addr);
		assert_int_equal(ntohs(v6 ? peer->endpoint.addr6.sin6_port
					  : peer->endpoint.addr4.sin_port), c->port);
	}
	wg_resolve_wipe(&resolve);
	wg_device_free(dev);
}

static void endpoints(void **state)
{
	static const struct endpoint_case cases[] = {
		{"1.2.3.4:51820", "1.2.3.4", 51820, 0}, {"[::1]:53", "::1", 53, 0},
		{"::1:53", "::1", 53, 0}, {"[1.2.3.4]:domain", "1.2.3.4", 53, 0},
		{"127.1:53", "127.0.0.1", 53, 0}, {"[fe80::1%lo]:53", "fe80::1", 53, 0},
		{"1.2.3.4:0", "1.2.3.4", 0, 0}, {"vpn.example:51820", "", 51820, 0},
		{"[localhost]:domain", "", 53, 0}, {"a_b-c.example.:1", "", 1, 0},
		{"", NULL, 0, 0}, {":53", NULL, 0, 0}, {"[]:53", NULL, 0, 0}, {"1.2.3.4", NULL, 0, 7},
		{"1.2.3.4:", NULL, 0, 8}, {"[::1]53", NULL, 0, 5}, {"[::1]", NULL, 0, 5},
		{"[::1]:", NULL, 0, 5}, {"[::1", NULL, 0, 0}, {"1.2.3.4:65536", NULL, 0, 8},
		{"vpn.example:nosuchport", NULL, 0, 12}, {"300.1.1.1:53", NULL, 0, 0},
		{"a.b!c:53", NULL, 0, 3}, {"[::g]:53", NULL, 0, 1}, {"[fe80::1%nosuch]:53", NULL, 0, 9},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		endpoint_is(&cases[i]);
}

/* What is meant by an endpoint or a prefix that is refused, and where. */
static void refusals_have_reasons(void **state)
{
	static const struct {
		bool prefix;
		const char *text;
		enum wg_conf_code reason;
		size_t at;
		const char *says;
	} cases[] = {
		{false, "http://vpn.example:51820", WG_CODE_ENDPOINT_SCHEME, 0, "no URL"},
		{false, "udp://[::1]:53", WG_CODE_ENDPOINT_SCHEME, 0, "no URL"},
		{false, "vpn.example:51820/udp", WG_CODE_ENDPOINT_SCHEME, 17, "neither a path"},
		{false, "vpn.example:51820/", WG_CODE_ENDPOINT_SCHEME, 17, "neither a path"},
		{false, "10.0.0.1/24:51820", WG_CODE_ENDPOINT_SCHEME, 8, "prefix length"},
		{false, "me@vpn.example:51820", WG_CODE_ENDPOINT_SCHEME, 0, "user name"},
		{false, "vpn.example:8000:51820", WG_CODE_ENDPOINT_TWO, 16, "one port"},
		{false, "192.0.2.1:53:53", WG_CODE_ENDPOINT_TWO, 12, "one port"},
		{false, "vpn.example:1:2:3", WG_CODE_ENDPOINT_TWO, 15, "one port"},
		{false, "[::1]:53:54", WG_CODE_ENDPOINT_TWO, 8, "one port"},
		{false, "192.0.2.9:53,192.0.2.8:53", WG_CODE_ENDPOINT_TWO, 12, "one endpoint"},
		{false, "192.0.2.9,192.0.2.8:53", WG_CODE_ENDPOINT_TWO, 9, "one endpoint"},
		{false, "2001:db8::1", WG_CODE_ENDPOINT_BRACKETS, 11, "without a port"},
		{false, "2001:db8:1:2:3:4:5:6", WG_CODE_ENDPOINT_BRACKETS, 20, "without a port"},
		{false, "2001:db8::ffff", WG_CODE_ENDPOINT_BRACKETS, 14, "without a port"},
		{false, "2001:db8:1:2", WG_CODE_ENDPOINT, 0, "neither a host"},
		{false, "[::1", WG_CODE_ENDPOINT_BRACKETS, 0, "no \"]\""},
		{false, "[::1]", WG_CODE_ENDPOINT_PORT, 5, "no port"},
		{false, "[fe80::1%lo]:99999", WG_CODE_PORT, 13, "out of range"},
		{false, "fe80::1%nosuch:53", WG_CODE_ENDPOINT_ZONE, 8, "unknown zone"},
		{false, "vpn.example", WG_CODE_ENDPOINT_PORT, 11, "no port"},
		{true, "10.0.0.0/255.255.0.0", WG_CODE_NETMASK, 9, "prefix length, /16"},
		{true, "10.0.0.0/255.0.255.0", WG_CODE_NETMASK, 9, "not a netmask"},
		{true, "10.0.0.0/255.255.255.255.255.255.255", WG_CODE_NETMASK, 9, "not a netmask"},
		{true, "fd00::/255.255.0.0", WG_CODE_NETMASK, 7, "prefix length, /16"},
		{true, "10.1/16", WG_CODE_ADDRESS, 0, "all four numbers of an IPv4 address, in decimal: 10.1.0.0"},
		{true, "012.0.0.1/8", WG_CODE_ADDRESS, 0, "10.0.0.1"},
		{true, "[fd00::1]/64", WG_CODE_ADDRESS, 0, "brackets"},
		{true, "fe80::1%eth0/64", WG_CODE_ADDRESS, 0, "no zone"},
		{true, "10.0.0.1-10.0.0.9", WG_CODE_ADDRESS, 0, "range"},
		{true, "10.0.0.0/x", WG_CODE_PREFIX_LENGTH, 9, "from 0 to 32"},
		{true, "10.0.0/0x18", WG_CODE_ADDRESS, 0, "all four"},
		{true, "10.0.0.0/0x18", WG_CODE_PREFIX_LENGTH, 9, "from 0 to 32"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct wg_device *dev = wg_device_new();
		struct wg_peer *peer = wg_device_add_peer(dev);
		const char *text = cases[i].text;
		struct wg_resolve resolve = {0};
		struct wg_error err = {0};
		size_t at = 99;

		assert_int_equal(cases[i].prefix ? wg_value_allowedips(dev, peer, text, strlen(text),
								       NULL, &at, &err)
						 : wg_value_endpoint(peer, text, strlen(text),
								     &resolve, "f", 1, &at, &err),
				 -1);
		if (err.reason != cases[i].reason || at != cases[i].at ||
		    !strstr(err.text, cases[i].says))
			fail_msg("%s: %s at %zu: %s", text, wg_conf_code(err.reason)->code, at,
				 err.text);
		wg_resolve_wipe(&resolve);
		wg_device_free(dev);
	}
}

static void later_endpoint_wins(void **state)
{
	struct wg_device *dev = wg_device_new();
	struct wg_peer *peer = wg_device_add_peer(dev);
	struct wg_resolve resolve = {0};
	struct wg_error err;
	size_t at;

	(void)state;
	assert_int_equal(wg_value_endpoint(peer, "a:1", 3, &resolve, "f", 1, &at, &err), 0);
	assert_int_equal(wg_value_endpoint(peer, "b:1", 3, &resolve, "f", 2, &at, &err), 0);
	assert_int_equal(resolve.n_jobs, 1);
	assert_int_equal(wg_value_endpoint(peer, "1.1.1.1:1", 9, &resolve, "f", 3, &at, &err), 0);
	assert_int_equal(resolve.n_jobs, 0);
	assert_int_equal(wg_resolve_run(&resolve, NULL, NULL, &err), 0);
	assert_int_equal(peer->endpoint.addr.sa_family, AF_INET);
	wg_resolve_wipe(&resolve);
	wg_device_free(dev);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports),     cmocka_unit_test(fwmarks),
		cmocka_unit_test(keepalives), cmocka_unit_test(keys),
		cmocka_unit_test(prefixes),  cmocka_unit_test(lists),
		cmocka_unit_test(endpoints), cmocka_unit_test(refusals_have_reasons),
		cmocka_unit_test(later_endpoint_wins),
	};

	return cmocka_run_group_tests_name("lib/value", tests, NULL, NULL);
}

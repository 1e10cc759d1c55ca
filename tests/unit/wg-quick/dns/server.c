// SPDX-License-Identifier: GPL-2.0
/* DNS servers as text. */
#include "../../../../src/wg-quick/dns/server.h"
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void servers(void **state)
{
	static const struct {
		const char *text, *address, *zone, *name;
		u16 port;
	} rows[] = {
		{"10.0.0.1", "10.0.0.1", "", "", 0},
		{"10.1", "10.1.0.0", "", "", 0},
		{"10.0.0.1:5353", "10.0.0.1", "", "", 5353},
		{"fd00::1", "fd00::1", "", "", 0},
		{"[fd00::1]", "fd00::1", "", "", 0},
		{"[fd00::1]:853#a.b", "fd00::1", "", "a.b", 853},
		{"fe80::1%eth0", "fe80::1", "eth0", "", 0},
		{"9.9.9.9#dns.quad9.net", "9.9.9.9", "", "dns.quad9.net", 0},
		{"9.9.9.9:853#dns.quad9.net", "9.9.9.9", "", "dns.quad9.net", 853},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char address[INET6_ADDRSTRLEN];
		struct wg_error err = {0};
		struct dns_server s;

		if (dns_server_parse(&s, rows[i].text, &err) < 0)
			fail_msg("%s: %s", rows[i].text, err.text);
		inet_ntop(s.family, s.addr, address, sizeof(address));
		assert_string_equal(address, rows[i].address);
		assert_string_equal(s.zone, rows[i].zone);
		assert_string_equal(s.name, rows[i].name);
		assert_int_equal(s.port, rows[i].port);
	}
}

static void no_servers(void **state)
{
	static const char *const texts[] = {"", ".", "#a.b", "x", "1.1.1.1:", "1.1.1.1:x", "[fd00::1", "[fd00::1]53",
					    "fe80::1%", "fe80::1%a-name-that-is-too-long", "1.2.3.4.5"};
	struct wg_error err;
	struct dns_server s;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!dns_server_parse(&s, texts[i], &err))
			fail_msg("%s", texts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers),
		cmocka_unit_test(no_servers),
	};

	return cmocka_run_group_tests_name("wg-quick/dns/server", tests, NULL, NULL);
}

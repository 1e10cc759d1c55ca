// SPDX-License-Identifier: GPL-2.0
/* What a check finds in a file that can be read: which codes, where, and that the parser goes on after
 * a mistake as `up' would have read the rest. tests/netns/check.sh has the corpus. */
#include "../../../../src/wg-quick/check/check-rules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SECTION "[Interface]\nPrivateKey = wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=\n"
#define ADDRESS "Address = 10.8.0.1/24\n"
#define PEER	"[Peer]\nPublicKey = FAybEllso8BTkTPWbKepT/A1N2HbFIGS9mf4MhgzJS0=\n"
#define OTHER	"[Peer]\nPublicKey = g7WNX3sEzxzzT/s8ggUWe3HTkP/OFYPCxPiRn0ku0kc=\n"
#define OWN	"[Peer]\nPublicKey = IRiQWILDskIcHR6DlUKEEjqxKXEzA9r0aOFwUzdnpxo=\n"

static const struct lan lans[] = {
	{.net = {.family = AF_INET, .cidr = 24, .addr = {192, 168, 7}}, .link = "lan0"},
	{.net = {.family = AF_INET6, .cidr = 64, .addr = {0xfd, 0x07}}, .link = "lan0"},
};

/* "LINE:COLUMN CODE" of each finding, a line each. */
static char *findings(const char *text, size_t len)
{
	struct places p = {0};
	const struct wg_conf_sink sink = places_sink(&p);
	struct config c = {.name = "wg0", .path = "wg0.conf", .sink = &sink};
	struct wg_error err = {0};
	FILE *f = fmemopen((void *)(uintptr_t)text, len, "r"), *out;
	char *list;
	size_t size;

	assert_non_null(f);
	if (!config_parse(&c, f, NULL, &err))
		check_rules(&c, lans, 2, &p);
	fclose(f);
	places_sort(&p);
	out = open_memstream(&list, &size);
	for (size_t i = 0; i < p.n_findings; i++)
		fprintf(out, "%u:%zu %s\n", p.findings[i].line, p.findings[i].column,
			wg_conf_code(p.findings[i].code)->code);
	fclose(out);
	places_wipe(&p);
	config_wipe(&c);
	return list;
}

static void finds(const char *text, const char *expected)
{
	char *found = findings(text, strlen(text));

	if (strcmp(found, expected))
		fail_msg("%s\nis found:\n%s", text, found);
	free(found);
}

static void nothing_to_find(void **state)
{
	(void)state;
	finds(SECTION ADDRESS PEER "AllowedIPs = 10.20.0.0/16\n", "");
	/* A LAN that is wider than the tunnel, or that "everything" leaves alone. */
	finds(SECTION ADDRESS PEER "AllowedIPs = 192.168.7.9/32, 0.0.0.0/0, ::/0\n", "");
	finds(SECTION ADDRESS PEER "AllowedIPs = 0.0.0.0/1, 8000::/1\n", "");
	finds(SECTION ADDRESS "Table = off\n" PEER "AllowedIPs = 192.168.0.0/16\n", "");
	/* The DNS server is on the LAN, in the tunnel, on the link, public, or a hook may see to it. */
	finds(SECTION ADDRESS "DNS = 192.168.7.1\n" PEER "AllowedIPs = 10.20.0.0/16\n", "");
	finds(SECTION ADDRESS "DNS = 10.20.0.1, 10.8.0.9, 9.9.9.9\n" PEER "AllowedIPs = 10.20.0.0/16\n", "");
	finds(SECTION "DNS = fd20::1\nPostUp = ip addr add fd20::2 dev %i\n" PEER "AllowedIPs = fd20::/64\n",
	      "");
	/* The LAN's route to the endpoint is more specific than the tunnel's. */
	finds(SECTION ADDRESS PEER "AllowedIPs = 128.0.0.0/1\nEndpoint = 192.168.7.3:1\n", "");
	finds(SECTION ADDRESS PEER "Endpoint = 9.9.9.9:1\nAllowedIPs = 10.20.0.0/16\nEndpoint = 8.8.8.8:1\n"
	      "Endpoint = a.example:1\n", "");
	/* Of several peers with one prefix the first that answers has it. */
	finds(SECTION ADDRESS "Failover = yes\n" PEER "AllowedIPs = 10.20.0.0/16\nPersistentKeepalive = 25\n"
	      OTHER "AllowedIPs = 10.20.0.0/16\nPersistentKeepalive = 25\n", "");
	finds(SECTION ADDRESS OWN "PublicKey = g7WNX3sEzxzzT/s8ggUWe3HTkP/OFYPCxPiRn0ku0kc=\n"
	      "AllowedIPs = 10.20.0.0/16\n" PEER "AllowedIPs = 10.21.0.0/16\n", "");
}

static void settings_that_clash(void **state)
{
	(void)state;
	finds(SECTION ADDRESS PEER "AllowedIPs = 10.20.0.0/16\n" OTHER "AllowedIPs = ::/0, 10.20.9.9/16\n",
	      "9:20 host-bits\n9:20 allowed-ip-twice\n");
	finds(SECTION ADDRESS PEER "AllowedIPs = 10.20.0.0/16\n" PEER "AllowedIPs = 10.21.0.0/16\n",
	      "8:13 peer-twice\n");
	finds(SECTION ADDRESS PEER "AllowedIPs = 192.168.0.0/16, fd07::/64\n",
	      "6:14 lan-in-tunnel\n6:30 lan-in-tunnel\n");
	finds(SECTION ADDRESS PEER "AllowedIPs = 8.8.0.0/16\nEndpoint = 8.8.8.8:1\n",
	      "7:12 endpoint-in-tunnel\n");
	finds(SECTION ADDRESS OTHER "AllowedIPs = 10.20.0.0/16\n" PEER
	      "AllowedIPs = 8.8.0.0/16\nEndpoint = [::ffff:8.8.8.8]:1\n", "");
	finds(SECTION ADDRESS OTHER "AllowedIPs = fd33::/16\nEndpoint = fd33::1:51820\n",
	      "7:12 endpoint-ambiguous\n7:12 endpoint-in-tunnel\n");
	finds(SECTION ADDRESS "DNS = 10.30.0.1, x.example\n" PEER "AllowedIPs = 10.20.0.0/16\n",
	      "4:7 dns-unreachable\n");
	finds(SECTION ADDRESS PEER "AllowedIPs = 8.8.0.0/16\nEndpoint = 9.9.9.9:1\nEndpoint = 8.8.8.8:1\n",
	      "8:12 endpoint-in-tunnel\n");
	/* Each endpoint line is one that may be used. */
	finds(SECTION ADDRESS PEER "Endpoint = 8.8.8.8:1\nAllowedIPs = 8.8.0.0/16\nEndpoint = a.example:1\n"
	      "Endpoint = 8.8.4.4:1\n" OTHER "Endpoint = 9.9.9.9:1\nEndpoint = 8.8.1.1:1\nAllowedIPs = 10.2.0.1/32\n",
	      "6:12 endpoint-in-tunnel\n9:12 endpoint-in-tunnel\n13:12 endpoint-in-tunnel\n");
	finds(SECTION ADDRESS OWN "AllowedIPs = 10.20.0.0/16\n", "5:13 own-key\n");
	finds(SECTION ADDRESS PEER "AllowedIPs = 10.20.0.0/16\n" OTHER "AllowedIPs = 10.20.0.0/16\n",
	      "9:14 allowed-ip-twice\n");
	finds(SECTION ADDRESS "Failover = yes\n" PEER "AllowedIPs = 10.20.0.0/16, ::/0\n"
	      "PersistentKeepalive = 25\n" OTHER "AllowedIPs = 10.20.0.0/16, ::/0\n",
	      "11:14 failover-keepalive\n");
	finds(SECTION ADDRESS "Failover = yes\n" PEER "AllowedIPs = 10.20.0.0/16\n" OTHER
	      "AllowedIPs = 10.20.0.0/24, 10.20.0.0/24\n", "4:12 failover-alone\n10:28 allowed-ip-twice\n");
	finds(SECTION ADDRESS "FwMark = 0xfe\n" PEER "AllowedIPs = 0.0.0.0/0\n", "4:10 fwmark-reserved\n");
	finds(SECTION ADDRESS "MTU = 1279\n" PEER "AllowedIPs = ::/0\n", "4:7 mtu-ipv6\n");
	finds(SECTION ADDRESS "KillSwitch = yes\n" PEER "AllowedIPs = 10.20.0.0/16\n",
	      "4:14 kill-switch-partial\n");
	finds(SECTION ADDRESS "KillSwitch = boot\n" PEER "AllowedIPs = 0.0.0.0/1, 128.0.0.0/1\n"
	      "Endpoint = vpn.example:1\n", "4:14 kill-switch-name\n");
	finds(SECTION ADDRESS "KillSwitch = yes\nMasquerade = both\n" PEER "AllowedIPs = 0.0.0.0/0\n",
	      "5:14 kill-switch-forward\n");
	finds(SECTION ADDRESS "KillSwitch = yes\nMasquerade = into\n" PEER "AllowedIPs = 0.0.0.0/0\n"
	      "Endpoint = vpn.example:1\n", "");
	finds(SECTION ADDRESS "MTU = 1279\nTable = off\n" PEER "AllowedIPs = ::/0\n", "");
}

/* What the backend of a file does not take, and what the file hardly means. */
static void dns_settings(void **state)
{
	static const struct {
		const char *lines, *allowed, *expected;
	} rows[] = {
		{"DNSBackend = none\nDNS = 9.9.9.9, ~a.b\n", "0.0.0.0/0", ""},
		{"DNSBackend = file\nDNS = 9.9.9.9#dns.quad9.net, 9.9.9.9:53, a.b, ~.\n", "10.20.0.0/16",
		 "5:7 dns-comment\n"},
		{"DNSBackend = resolved\nDNS = 9.9.9.9:853#dns.quad9.net, ~a.b\n", "10.20.0.0/16", ""},
		{"DNS = 9.9.9.9#dns.quad9.net, ~a.b\n", "10.20.0.0/16", "4:7 dns-comment\n"},
		{"DNS = 9.9.9.9#quad9\n", "10.20.0.0/16", "4:7 dns-comment\n"},
		{"DNSBackend = file\nDNS = 9.9.9.9:54, .\n", "10.20.0.0/16",
		 "5:7 dns-backend-form\n5:19 dns-backend-form\n"},
		{"DNSBackend = file\nDNS = 9.9.9.9:54\nDNSRequired = no\n", "10.20.0.0/16", ""},
		{"DNSBackend = resolved\nDNS = ., fe80::1%wg0, fe80::1%eth0\n", "10.20.0.0/16",
		 "5:7 dns-backend-form\n5:23 dns-backend-form\n"},
		{"DNSBackend = file\n", "10.20.0.0/16", "4:14 dns-unused\n"},
		{"DNSRequired = no\nDNS = a.b\n", "10.20.0.0/16", "4:15 dns-unused\n5:7 dns-no-server\n"},
		{"DNSRequired = no\nDNS = 9.9.9.9\n", "0.0.0.0/0", "4:15 dns-optional\n"},
		{"DNSRequired = no\nDNS = 9.9.9.9\n", "10.20.0.0/16", ""},
		{"DNSBackend = resolvconf\nDNS = 9.9.9.9, ~a.b\n", "10.20.0.0/16", "5:16 dns-routing-domain\n"},
		{"DNS = 9.9.9.9, ~a.b\n", "0.0.0.0/0", "4:16 dns-routing-domain\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[512];

		snprintf(text, sizeof(text), SECTION ADDRESS "%s" PEER "AllowedIPs = %s\n", rows[i].lines,
			 rows[i].allowed);
		finds(text, rows[i].expected);
	}
}

/* What is missing may be what was wrong. */
static void nothing_is_missed_twice(void **state)
{
	(void)state;
	finds("[Interface]\n" PEER, "1:1 no-private-key\n1:1 no-address\n3:13 no-allowed-ips\n");
	finds("[Interface]\nPrivatKey = x\nAdress = 10.8.0.1\n" PEER "AllowedIP = ::/0\n",
	      "2:1 unknown-key\n3:1 unknown-key\n6:1 unknown-key\n");
	finds("[Interface]\nPrivateKey = x\n[Peer]\nPublicKey = x\nAllowedIPs = x\n",
	      "2:15 key-length\n4:14 key-length\n5:14 address\n");
}

/* Each line counts for itself, and each element of a list. */
static void goes_on(void **state)
{
	(void)state;
	finds("x\n[Interface\xc2\xa0]\nMTU = x\n[Pear]\nMTU = 1\nAllowedIPs = x, ::/0, y,,::/129,\n"
	      "[Something]\nNonsense\n[Peer]\n[Peer]\nPublicKey =\n",
	      "1:1 no-section\n2:11 invisible-character\n3:7 mtu\n4:0 no-public-key\n4:1 unknown-section\n"
	      "5:1 wrong-section\n6:14 address\n6:23 address\n6:25 address\n6:29 prefix-length\n6:33 address\n"
	      "7:1 unknown-section\n9:0 no-public-key\n11:12 no-value\n");
	finds("\xff\xfe[", "1:1 file-encoding\n");
}

/* Telling of each mistake takes time for the whole line. */
static void tells_of_a_line_a_hundred_mistakes(void **state)
{
	static const char *const lists[] = {"DNS = ", PEER "AllowedIPs = "};
	const size_t n = 50000;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t size, lines = 0;
		char *text, *found, *end;
		FILE *f = open_memstream(&text, &size);

		assert_non_null(f);
		fputs(SECTION ADDRESS, f);
		fputs(lists[i], f);
		for (size_t k = 0; k < n; k++)
			fputs("10.0.0.256,", f);
		fputs("10.0.0.256\nNonsense = 1\n", f);
		fclose(f);
		found = findings(text, size);
		for (end = found; (end = strchr(end, '\n')); end++)
			lines++;
		assert_int_equal(lines, 101); /* and the line behind it */
		free(found);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_of_a_line_a_hundred_mistakes),
		cmocka_unit_test(nothing_to_find),
		cmocka_unit_test(settings_that_clash), cmocka_unit_test(dns_settings),
		cmocka_unit_test(nothing_is_missed_twice),
		cmocka_unit_test(goes_on),
	};

	return cmocka_run_group_tests_name("wg-quick/check-rules", tests, NULL, NULL);
}

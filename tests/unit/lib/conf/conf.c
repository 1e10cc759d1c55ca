// SPDX-License-Identifier: GPL-2.0
/* Configuration files: the grammar, the place an error names, and what a quoted line hides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/lib/conf/conf.h"

#define KEY    "wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s="
#define SECRET "SECRETsecretSECRETsecretSECRETsecretSECRET1="
#define PEER   "[Peer]\nPublicKey=" KEY "\n"

static int parse(struct wg_device *dev, const char *text, size_t len, struct wg_error *err)
{
	struct wg_resolve resolve = {0};
	FILE *f = fmemopen((char *)text, len, "r");
	int ret;

	assert_non_null(f);
	ret = wg_conf_read(dev, &resolve, NULL, f, "f.conf", err);
	fclose(f);
	wg_resolve_wipe(&resolve);
	return ret;
}

static void tells_a_file_without_sections(void **state)
{
	struct wg_device *dev = wg_device_new();
	struct wg_error err;

	(void)state;
	assert_int_equal(parse(dev, "\n# nothing\n", 11, &err), 1);
	assert_int_equal(parse(dev, "[Interface]\n", 12, &err), 0);
	wg_device_free(dev);
}

static void accepts_all_spellings(void **state)
{
	static const char text[] = "# a comment\n\r\n"
				   " [ inter FACE ] # and one\r\n"
				   "p r i v a t e k e y = " KEY "\r\n"
				   "LISTENPORT\t=\v5 3\n"
				   "FwMark = 0x0a\n"
				   "[PEER]\n"
				   "publickey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
				   "PublicKey = " KEY "\n"
				   "Allowed IPs = 1 0.0.0.1, ::/0\n"
				   "AllowedIPs = 10.0.0.2\n"
				   "PersistentKeepalive = off\n"
				   "Endpoint = 1.2.3.4:5#6\n"
				   "[Interface]\n"
				   "ListenPort = 54";
	struct wg_device *dev = wg_device_new();
	struct wg_error err;
	const struct wg_peer *peer;

	(void)state;
	assert_int_equal(parse(dev, text, sizeof(text) - 1, &err), 0);
	assert_int_equal(dev->flags, WG_DEVICE_HAS_PRIVATE_KEY | WG_DEVICE_HAS_LISTEN_PORT |
					     WG_DEVICE_HAS_FWMARK);
	assert_int_equal(dev->listen_port, 54);
	assert_int_equal(dev->fwmark, 10);
	assert_int_equal(dev->n_peers, 1);
	peer = dev->peers;
	assert_int_equal(peer->flags, WG_PEER_HAS_PUBLIC_KEY | WG_PEER_HAS_KEEPALIVE |
					      WG_PEER_REPLACE_ALLOWEDIPS);
	assert_memory_equal(peer->public_key, dev->private_key, WG_KEY_LEN);
	assert_int_equal(peer->allowedips->next->family, AF_INET6);
	assert_int_equal(peer->allowedips->next->next->addr[3], 2);
	assert_int_equal(ntohs(peer->endpoint.addr4.sin_port), 5);
	wg_device_free(dev);
}

struct bad {
	const char *text, *says;
};

static void names_the_place(void **state)
{
	static const struct bad cases[] = {
		{"\xef\xbb\xbf[Interface]\n\xef\xbb\xbfListenPort=1\n", "f.conf:2:1: U+FEFF, a byte order"},
		{"\xef\xbb\xbf\xef\xbb\xbf[Interface]\n", "f.conf:1:1: U+FEFF, a byte order mark"},
		{"[Interface]\nListenPort\xc2\xa0= 1\n", "f.conf:2:11: U+00A0, a no-break space"},
		{"[Interface]\nListenPort = 1\xe2\x80\x8b\n", "f.conf:2:15: U+200B, a space without width"},
		{"[Interface]\xe2\x80\xa8\n", "f.conf:1:12: U+2028, a separator of lines"},
		{"[Interface]\nListenPort = \xe2\x80\x9c" "1\xe2\x80\x9d\n",
		 "f.conf:2:14: U+201C, a quotation mark, is not ASCII: expected no quotation mark"},
		{PEER "Endpoint = vpn\xe2\x80\x93x.example:1\n", "f.conf:3:15: U+2013, a dash"},
		{PEER "AllowedIPs = ::/0\xef\xbc\x8c" "10.0.0.1\n",
		 "f.conf:3:18: U+FF0C, a wide character, is not ASCII: expected ,"},
		{"[Interface]\nListenPort = 1\x08\n", "f.conf:2:15: a control character (0x08)"},
		{"[Interface]\n;c\n", "f.conf:2:1: a comment begins with #"},
		{"; c\n[Interface]\n", "f.conf:1:1: a comment begins with #"},
		{"[Interface]\n// c = d\n", "f.conf:2:1: a comment begins with #"},
		{"[Interface]\rListenPort = 1\r", "f.conf:1:12: a carriage return within"},
		{"[Interfac]\n", "f.conf:1:1: unknown section: did you mean [Interface]?"},
		{"  [Peers]\n", "f.conf:1:3: unknown section: did you mean [Peer]?"},
		{"[WireGuard]\n", "f.conf:1:1: a section of systemd.netdev(5)"},
		{"[Other]\n", "f.conf:1:1: unknown section: expected [Interface] or [Peer]"},
		{"[Interface]\nPeer\n", "f.conf:2:5: expected [Peer], in brackets"},
		{"[Interface]\nAddress = 10.0.0.1/24\n",
		 "f.conf:2:1: unknown key: Address is wg-quick's: use `wg-quick up FILE', or give wg"},
		{"[Interface]\nPostUp = x\n", "f.conf:2:1: unknown key: PostUp is wg-quick's"},
		{"[Peer]\nDNS = 1.1.1.1\n", "f.conf:2:1: unknown key: DNS is wg-quick's"},
		{"[Interface]\nJc = 4\n", "f.conf:2:1: unknown key: Jc is AmneziaWG's"},
		{"[Interface]\nFirewallMark = 4\n",
		 "f.conf:2:1: unknown key: FirewallMark is of systemd-networkd: expected FwMark"},
		{"[Interface]\nPublicKey = " KEY "\n",
		 "f.conf:2:1: unknown key in [Interface]: PublicKey belongs to [Peer]"},
		{PEER "PrivateKey = " KEY "\n",
		 "f.conf:3:1: unknown key in [Peer]: PrivateKey belongs to [Interface]"},
		{PEER "AllowedIP = ::/0\n", "f.conf:3:1: unknown key in [Peer]: did you mean AllowedIPs?"},
		{PEER "Colour = red\n", "f.conf:3:1: unknown key in [Peer]: expected PublicKey, Pre"},
		{PEER "AllowedIPs = 10.0.0.0/24 fd00::/64\n", "f.conf:3:26: no comma: expected"},
		{PEER "AllowedIPs = ::/0, 10.0.0.1/32;10.0.0.2/32\n", "f.conf:3:32: no comma: expected"},
		{PEER "AllowedIPs = 10.0.0.0 / 33\n", "f.conf:3:25: expected a prefix length"},
		{PEER "Endpoint = \"vpn.example:1\"\n", "f.conf:3:12: a value has no quotation marks"},
		{"[Interface]\nListenPort = '1'\n", "f.conf:2:14: a value has no quotation marks"},
		{"PrivateKey=" KEY "\n", "f.conf:1:1: expected [Interface] or [Peer] before"},
		{"[Interfaces]\n", "f.conf:1:1: unknown section"},
		{"[Interface]\n\n  Listen Port = 7 0000\n",
		 "f.conf:3:17: port out of range: expected 0 to 65535\n"
		 "      Listen Port = 7 0000\n"
		 "                    ^"},
		{"[Interface]\nListenPort =\n", "f.conf:2:13: no value"},
		{"[Interface]\nListenPort\n", "f.conf:2:11: no \"=\""},
		{"[Interface]\nAllowedIPs=::/0\n", "f.conf:2:1: unknown key in [Interface]"},
		{PEER "AllowedIPs = ::/0, 10.0.0.0/+8 # x\n",
		 "f.conf:3:29: expected a prefix length from 0 to 32\n"
		 "    AllowedIPs = ::/0, 10.0.0.0/+8\n"
		 "                                ^"},
		{PEER "AllowedIPs = ::/0,\n", "f.conf:3:19: expected an IPv4 or IPv6 address"},
		{PEER "AllowedIPs =\n", "f.conf:3:13: no value"},
		{PEER "ListenPort = 1\n", "f.conf:3:1: unknown key in [Peer]"},
		{PEER "Endpoint = host:99999\n", "f.conf:3:17: port out of range"},
		{"[Peer]\nAllowedIPs=::/0\n[Interface]\n", "f.conf:1: this [Peer] has no PublicKey"},
		{PEER "\n[Peer]\n", "f.conf:4: this [Peer] has no PublicKey"},
		{"[Peer]\nPublicKey = abc\n", "f.conf:2:16: wrong length: expected a key of 44 base64 "
						"characters\n    PublicKey = abc\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wg_device *dev = wg_device_new();
		struct wg_error err = {0};

		assert_int_equal(parse(dev, cases[i].text, strlen(cases[i].text), &err), -1);
		if (strncmp(err.text, cases[i].says, strlen(cases[i].says)))
			fail_msg("case %zu says: %s", i, err.text);
		wg_device_free(dev);
	}
}

/* A byte order mark at the very beginning means nothing; UTF-16 is named. */
static void encodings(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *says; /* NULL: fine */
	} cases[] = {
		{"\xef\xbb\xbf[Interface]\n", 15, NULL},
		{"\xef\xbb\xbf# c\r\n[Interface]\r\nListenPort = 1\r\n", 36, NULL},
		{"# \xc2\xa0\xe2\x80\x8b in a comment\n[Interface]\n", 33, NULL},
		{"\xff\xfe[\0I\0n\0", 8, "f.conf:1:1: the file is not text in UTF-8, but in UTF-16"},
		{"\xfe\xff\0[\0I\0n", 8, "f.conf:1:1: the file is not text in UTF-8, but in UTF-16"},
		{"[\0I\0n\0t\0", 8, "f.conf:1:1: the file is not text in UTF-8, but in UTF-16"},
		{"\0[\0I\0n\0t", 8, "f.conf:1:1: the file is not text in UTF-8, but in UTF-16"},
		{"\0\0\xfe\xff\0\0\0[", 8, "f.conf:1:1: the file is not text in UTF-8, but in UTF-16"},
		{"\xff\xfe\0\0[\0\0\0", 8, "f.conf:1:1: the file is not text in UTF-8, but in UTF-16"},
		{"[Interface]\nListen\0Port=1\n", 26, "f.conf:2:7: a line of text cannot hold a NUL"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct wg_device *dev = wg_device_new();
		struct wg_error err = {0};
		int ret = parse(dev, cases[i].text, cases[i].len, &err);

		assert_int_equal(ret, cases[i].says ? -1 : 0);
		if (ret && strncmp(err.text, cases[i].says, strlen(cases[i].says)))
			fail_msg("case %zu says: %s", i, err.text);
		wg_device_free(dev);
	}
}

static void hides_secrets(void **state)
{
	static const char *const lines[] = {
		"PrivateKey = " SECRET, /* its last bits are not zero */
		"PrivateKey = SECRET",
		"PrivateKey = SECRET secret # " SECRET,
		"PrivateKye = " SECRET,
		"Private Key: " SECRET,
		"Privatekez = " SECRET,
		"my KEY = SECRETsecret",
		"Key SECRETsecret",
		"PrivateKey SECRET-secret-SECRET-secret-SECRET=",
		SECRET,
		"SECRETsecretSECRETsecret SECRETsecretSECRETsecret0=",
		"ListenPort = " SECRET,
		"PresharedKey = " SECRET, /* not of this section */
		"Nonsense = SECRETsecretSECRETs\tecretSECRETsecretSECRET",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct wg_device *dev = wg_device_new();
		struct wg_error err = {0};
		char text[200];
		int n = snprintf(text, sizeof(text), "[Interface]\n%s\n", lines[i]);

		assert_int_equal(parse(dev, text, (size_t)n, &err), -1);
		if (strstr(err.text, "SECRET") || strstr(err.text, "secret"))
			fail_msg("case %zu says: %s", i, err.text);
		assert_non_null(strstr(err.text, "(hidden)"));
		wg_device_free(dev);
	}
}

static void quotes_what_is_long(void **state)
{
	char line[1000];
	struct wg_error err = {.text = "sentence"};
	const char *quote;

	(void)state;
	memset(line, '.', sizeof(line));
	memcpy(line, "DNS=", 4);
	line[500] = '!';
	assert_int_equal(wg_conf_error_at(&err, "f", 9, line, sizeof(line), 500, false), -1);
	assert_memory_equal(err.text, "f:9:501: sentence\n    ...", 25);
	quote = strchr(err.text, '\n') + 1;
	assert_int_equal(quote[strlen(strchr(quote, '\n')) - 2], '!');
	strcpy(err.text, "s");
	wg_conf_error_at(&err, "f", 1, "\x1b[31m\t\xc3\xa9!", 9, 8, false);
	assert_string_equal(err.text, "f:1:9: s\n    ?[31m \xc3\xa9!\n           ^");
}

/* Lines longer than the buffer, and a file of many. */
static void reads_any_size(void **state)
{
	size_t size = 300000, n = 0;
	char *text = malloc(size);
	struct wg_device *dev = wg_device_new();
	struct wg_error err = {0};
	size_t count = 0;

	(void)state;
	n += (size_t)sprintf(text, PEER "AllowedIPs = 0.0.0.0");
	while (n < 200000)
		n += (size_t)sprintf(text + n, ",%zu.1.1.%zu", n % 200, n / 1000);
	n += (size_t)sprintf(text + n, "\n");
	while (n < 290000)
		n += (size_t)sprintf(text + n, PEER "\n#\n");
	assert_int_equal(parse(dev, text, n, &err), 0);
	for (const struct wg_allowedip *ip = dev->peers->allowedips; ip; ip = ip->next)
		count++;
	assert_true(count > 15000);
	assert_true(dev->n_peers > 1000);
	wg_device_free(dev);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_a_file_without_sections),
		cmocka_unit_test(accepts_all_spellings), cmocka_unit_test(names_the_place),
		cmocka_unit_test(encodings), cmocka_unit_test(hides_secrets),	 cmocka_unit_test(quotes_what_is_long),
		cmocka_unit_test(reads_any_size),
	};

	return cmocka_run_group_tests_name("lib/conf", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Configuration files of wg-quick: lookup, the keys that are ours, and where errors point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../../../src/lib/conf/conf-names.h"
#include "../../../../src/wg-quick/config/config.h"

#define KEY "wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s="

static int parse(struct config *c, const char *text, size_t len, struct wg_error *err)
{
	FILE *f = fmemopen((void *)text, len, "r");
	int r;

	*c = (struct config){ .name = "wg0", .path = "wg0.conf" };
	*err = (struct wg_error){ 0 };
	assert_non_null(f);
	r = config_parse(c, f, NULL, err);
	fclose(f);
	return r;
}

static void accepted(struct config *c, const char *text)
{
	struct wg_error err;

	if (parse(c, text, strlen(text), &err))
		fail_msg("%s", err.text);
}

/* The error must begin so, and name the place so. */
static void refused(const char *text, const char *beginning)
{
	struct config c;
	struct wg_error err;

	assert_int_equal(parse(&c, text, strlen(text), &err), -1);
	if (strncmp(err.text, beginning, strlen(beginning)))
		fail_msg("%s", err.text);
	config_wipe(&c);
}

static void all_keys(void **state)
{
	struct config c;

	(void)state;
	accepted(&c, " [INTERFACE]  # ours\r\n"
		     "address=10.0.0.1/24,10.0.0.2  fd00::1/64 # and more\r\n"
		     "ADDRESS = 10.1.0.1\n"
		     "Dns = 1.1.1.1, example.com ::1,fe80::1%eth0\n"
		     "MTU = 1280\nmtu = 1400\n"
		     "Table = 0x64\n"
		     "SaveConfig = FALSE\nsaveconfig = True\n"
		     "PreUp = a # b\nPostUp=b = c  \nPreDown= c;d\nPostDown =\te\nPostUp =\n"
		     "PrivateKey = " KEY "\n[Peer]\nPublicKey = " KEY "\n");
	assert_int_equal(c.n_addresses, 4);
	assert_int_equal(c.addresses[1].cidr, 32);
	assert_int_equal(c.addresses[2].family, AF_INET6);
	assert_int_equal(c.addresses[2].cidr, 64);
	assert_int_equal(c.dns_servers.n, 3);
	assert_string_equal(c.dns_servers.s[2], "fe80::1%eth0");
	assert_int_equal(c.dns_search.n, 1);
	assert_string_equal(c.dns_search.s[0], "example.com");
	assert_int_equal(c.mtu, 1400);
	assert_int_equal(c.table_mode, TABLE_GIVEN);
	assert_int_equal(c.table, 100);
	assert_string_equal(c.table_text, "0x64");
	assert_true(c.save_config);
	assert_string_equal(c.hooks[HOOK_PRE_UP].s[0], "a # b");
	assert_int_equal(c.hooks[HOOK_POST_UP].n, 1);
	assert_string_equal(c.hooks[HOOK_POST_UP].s[0], "b = c");
	assert_string_equal(c.hooks[HOOK_PRE_DOWN].s[0], "c;d");
	assert_string_equal(c.hooks[HOOK_POST_DOWN].s[0], "e");
	assert_true(c.dev->flags & WG_DEVICE_HAS_PRIVATE_KEY);
	assert_int_equal(c.dev->n_peers, 1);
	config_wipe(&c);
}

/* The first one of a section is the peer's. */
static void several_endpoints(void **state)
{
	struct config c;
	const struct wg_peer *second;

	(void)state;
	accepted(&c, "[Interface]\nEndpointResolution = Background\nFailover = yes\n"
		     "[Peer]\nPublicKey = " KEY "\nEndpoint = 192.0.2.1:1\nEndpoint = b.example:2\n"
		     "Endpoint = 192.0.2.3:3\n"
		     "[Peer]\nPublicKey = " KEY "\nEndpoint = a.example:4\nEndpoint = c.example:5\n");
	second = c.dev->peers->next;
	assert_int_equal(c.endpoint_resolution, RESOLUTION_BACKGROUND);
	assert_true(c.failover);
	assert_int_equal(c.dev->n_peers, 2);
	assert_int_equal(c.dev->peers->endpoint.addr4.sin_port, htons(1));
	assert_int_equal(c.resolve.n_jobs, 1);
	assert_string_equal(c.resolve.jobs->host, "a.example");
	assert_ptr_equal(c.resolve.jobs->peer, second);
	assert_int_equal(c.furthers.n, 3);
	assert_ptr_equal(c.furthers.list[0].peer, c.dev->peers);
	assert_ptr_equal(c.furthers.list[1].peer, c.dev->peers);
	assert_ptr_equal(c.furthers.list[2].peer, second);
	assert_int_equal(c.furthers.list[1].as->endpoint.addr4.sin_port, htons(3));
	assert_int_equal(c.furthers.resolve.n_jobs, 2);
	assert_string_equal(c.furthers.resolve.jobs->host, "b.example");
	assert_ptr_equal(c.furthers.resolve.jobs->peer, c.furthers.list[0].as);
	assert_int_equal(c.furthers.resolve.jobs->next->port, 5);
	config_wipe(&c);
	refused("[Interface]\n[Peer]\nPublicKey = " KEY "\nEndpoint = a:1\nEndpoint = b\n", "wg0.conf:5:13: no port");
	refused("[Interface]\nEndpointResolution = later\n", "wg0.conf:2:22: expected auto, wait or background");
	refused("[Interface]\nFailover = maybe\n", "wg0.conf:2:12: expected yes or no");
}

static void tables(void **state)
{
	struct config c;

	(void)state;
	accepted(&c, "[Interface]\nTable = off\n");
	assert_int_equal(c.table_mode, TABLE_OFF);
	config_wipe(&c);
	accepted(&c, "[Interface]\nTable = main\n");
	assert_int_equal(c.table, 254);
	config_wipe(&c);
	accepted(&c, "[Interface]\nTable = 7\nTable = auto\n");
	assert_int_equal(c.table_mode, TABLE_AUTO);
	assert_string_equal(c.table_text, "auto");
	config_wipe(&c);
	accepted(&c, "[Interface]\nTable =\n");
	assert_int_equal(c.table_mode, TABLE_AUTO);
	assert_null(c.table_text);
	config_wipe(&c);
	accepted(&c, "[Interface]\nTable = 4294967295\n");
	assert_int_equal(c.table, UINT32_MAX);
	config_wipe(&c);
	refused("[Interface]\nTable = 4294967296\n", "wg0.conf:2:9: expected off, auto, a table's");
	refused("[Interface]\nTable = Off\n", "wg0.conf:2:9: expected off, auto, a table's");
	refused("[Interface]\nTable = 0x\n", "wg0.conf:2:9: expected off, auto, a table's");
}

static char said[200];

static void keep_warning(void *ctx, enum wg_log_level level, const char *text)
{
	(void)ctx;
	assert_int_equal(level, WG_LOG_WARNING);
	snprintf(said, sizeof(said), "%s", text);
}

/* As upstream's script hands it to ip(8) and resolvconf(8). */
static void upstreams_forms(void **state)
{
	static const char text[] = "\xef\xbb\xbf[Interface]\r\n"
				   "Address = 10.8.0.1/255.255.255.0, 10.1/16 0x0a.2/0x10,012.3.0.1/020\r\n"
				   "Address = fd00::1/255.255.0.0\r\n"
				   "MTU = 0x500\r\nTable = 010\r\n"
				   "DNS = 10.8.0.53:5353, [fd00::1]:53, ., 1.1, example.com,~.\r\n"
				   "PostUp = \"echo\" \"a b\"\r\nPostUp = \"a\"\r\n";
	const struct wg_log log = {keep_warning, NULL};
	struct config c = {.name = "wg0", .path = "wg0.conf"};
	FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	struct wg_error err = {0};
	char shown[WG_PREFIX_STRLEN];

	(void)state;
	if (config_parse(&c, f, &log, &err))
		fail_msg("%s", err.text);
	fclose(f);
	assert_int_equal(c.n_addresses, 5);
	assert_string_equal(wg_prefix_format(shown, &c.addresses[0]), "10.8.0.1/24");
	assert_string_equal(wg_prefix_format(shown, &c.addresses[1]), "10.1.0.0/16");
	assert_string_equal(wg_prefix_format(shown, &c.addresses[2]), "10.2.0.0/16");
	assert_string_equal(wg_prefix_format(shown, &c.addresses[3]), "10.3.0.1/16");
	assert_string_equal(wg_prefix_format(shown, &c.addresses[4]), "fd00::1/16");
	assert_int_equal(c.mtu, 1280);
	assert_int_equal(c.table, 8);
	assert_int_equal(c.dns_servers.n, 4);
	assert_string_equal(c.dns_servers.s[0], "10.8.0.53:5353");
	assert_string_equal(c.dns_servers.s[1], "[fd00::1]:53");
	assert_string_equal(c.dns_servers.s[2], ".");
	assert_string_equal(c.dns_servers.s[3], "1.1");
	assert_int_equal(c.dns_search.n, 2);
	assert_string_equal(said, "DNS server 10.8.0.53:5353 is given to resolvconf as it is: not every "
				  "one takes that");
	assert_string_equal(c.hooks[HOOK_POST_UP].s[0], "\"echo\" \"a b\"");
	assert_string_equal(c.hooks[HOOK_POST_UP].s[1], "\"a\"");
	config_wipe(&c);
}

static void read_dns(struct config *c, const char *lines)
{
	char text[512];
	struct wg_error err = {0};
	FILE *f;

	snprintf(text, sizeof(text), "[Interface]\n%s\n", lines);
	f = fmemopen(text, strlen(text), "r");
	*c = (struct config){.name = "wg0", .path = "wg0.conf"};
	said[0] = '\0';
	if (config_parse(c, f, &(struct wg_log){keep_warning, NULL}, &err))
		fail_msg("%s: %s", lines, err.text);
	fclose(f);
}

/* A server may have the name of its certificate. Anything else behind a "#" is a comment. */
static void dns_settings(void **state)
{
	static const struct {
		const char *line, *servers, *search;
	} rows[] = {
		{"DNS = 9.9.9.9#dns.quad9.net", "9.9.9.9#dns.quad9.net ", ""},
		{"DNS = x.y 9.9.9.9#dns.quad9.net, [2620:fe::9]:853#dns.quad9.net, 1.1.1.1 # two",
		 "9.9.9.9#dns.quad9.net [2620:fe::9]:853#dns.quad9.net 1.1.1.1 ", "x.y "},
		{"DNS = 2620:fe::9#dns.quad9.net", "2620:fe::9#dns.quad9.net ", ""},
		{"DNS = 9.9.9.9#dns.quad9.net, a.b ~c", "9.9.9.9#dns.quad9.net ", "a.b ~c "},
		{"DNS = 1.1.1.1#one.one.one.one (fast)", "1.1.1.1 ", ""},
		{"DNS = 1.1.1.1#cloudflare", "1.1.1.1 ", ""},
		{"DNS = 1.1.1.1#cloudflare.com, fast", "1.1.1.1 ", ""},
		{"DNS = 1.1.1.1 #dns.quad9.net", "1.1.1.1 ", ""},
		{"DNS = 1.1.1.1,#dns.quad9.net", "1.1.1.1 ", ""},
		{"DNS = 1.1.1.1#a..b", "1.1.1.1 ", ""},
		{"DNS = x.y#dns.quad9.net", "", "x.y "},
		{"DNS = 1.1.1.1, ~corp.example ~.", "1.1.1.1 ", "~corp.example ~. "},
	};
	struct config c;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char servers[256] = "", search[256] = "";

		read_dns(&c, rows[i].line);
		for (size_t k = 0; k < c.dns_servers.n; k++)
			sprintf(servers + strlen(servers), "%s ", c.dns_servers.s[k]);
		for (size_t k = 0; k < c.dns_search.n; k++)
			sprintf(search + strlen(search), "%s ", c.dns_search.s[k]);
		if (strcmp(servers, rows[i].servers) || strcmp(search, rows[i].search))
			fail_msg("%s: %s| %s", rows[i].line, servers, search);
		config_wipe(&c);
	}
	read_dns(&c, "DNS = 1.1.1.1");
	assert_int_equal(c.dns_backend, DNS_AUTO);
	assert_false(c.dns_optional || c.dns_keys);
	config_wipe(&c);
	read_dns(&c, "dnsbackend = Resolved\nDNSREQUIRED = No\nDNS = 1.1.1.1:53");
	assert_int_equal(c.dns_backend, DNS_RESOLVED);
	assert_true(c.dns_optional && c.dns_keys);
	assert_string_equal(said, "");
	config_wipe(&c);
	read_dns(&c, "DNSBackend = none");
	assert_int_equal(c.dns_backend, DNS_NONE);
	config_wipe(&c);
}

/* A program whose name has a space is run in quotation marks. */
static void quoted_program(void **state)
{
	struct config c;
	int fd = open("a program", O_CREAT | O_WRONLY | O_CLOEXEC, 0700);

	(void)state;
	close(fd);
	accepted(&c, "[Interface]\nPostUp = \"a program\"\n");
	config_wipe(&c);
}

/* lib/ knows the names of our keys, for its messages. */
static void names_are_known(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct wg_conf_name *name = wg_conf_names; name->name; name++)
		if (name->owner == WG_OWNER_QUICK || name->owner == WG_OWNER_OURS) {
			assert_string_equal(name->name, config_keys[n].name);
			assert_int_equal(name->section, config_keys[n++].section);
		}
	assert_null(config_keys[n].name);
}

static void strips(const char *text, const char *const *kept, size_t n)
{
	struct config c = { .name = "wg0", .path = "wg0.conf", .strip = true };
	FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	struct wg_error err;

	assert_int_equal(config_parse(&c, f, NULL, &err), 0);
	fclose(f);
	assert_int_equal(c.rest.n, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(c.rest.s[i], kept[i]);
	config_wipe(&c);
}

/* Seen from upstream, byte for byte; main prints one more newline. */
static void rest_is_unchanged(void **state)
{
	static const char *const kept[] = { "# top", "[Interface] # c1", "#Address = 1",
					    "PrivateKey  =  " KEY " \t\r", "", "# end" };

	(void)state;
	strips("\xef\xbb\xbf# top\n[Interface] # c1\nAddress = 1.2.3.4\n\t#Address = 1 \n PrivateKey  =  " KEY
	       " \t\r\n \n# end", kept, 6);
}

/* wg takes the last endpoint and gives a prefix to the last peer: what is stripped says what `up` makes of the
 * file. */
static void strip_chooses_as_up_does(void **state)
{
	static const char *const kept[] = { "[Interface]", "[Peer]", "Endpoint = a:1", "AllowedIPs = 10.0.0.0/8",
					    "[Peer]", "EndPoint=c:1 # c", "AllowedIPs = ::/0, 10.1.0.0/16" };
	static const char *const both[] = { "[Interface]", "[Peer]", "AllowedIPs = ::/0", "[Peer]",
					    "AllowedIPs = ::/0" };
	static const char *const excluding[] = { "[Interface]", "[Peer]", "AllowedIPs = 10.128.0.0/9",
						 "[Peer]", "[Peer]", "AllowedIPs = 10.0.0.0/8" };

	(void)state;
	strips("[Interface]\nFailover = yes\n[Peer]\nEndpoint = a:1\nAllowedIPs = 10.0.0.0/8\nEndpoint = b:1\n"
	       "[Peer]\nEndPoint=c:1 # c\nEnd point=d:1\nAllowedIPs = ::/0, 10.0.0.0/8,10.1.0.0/16\n"
	       "AllowedIPs = 10.0.0.0/8\n", kept, 7);
	strips("[Interface]\nFailover = no\nEndpointResolution = wait\n[Peer]\nAllowedIPs = ::/0\n[Peer]\n"
	       "AllowedIPs = ::/0\n", both, 5);
	/* What exclusions leave of two peers' prefixes is theirs, not what stands in the lines. */
	strips("[Interface]\nFailover = yes\n[Peer]\nAllowedIPs = 10.0.0.0/8\nAllowedIPs = !10.0.0.0/9\n"
	       "[Peer]\nAllowedIPs = 10.0.0.0/8, !10.0.0.0/9, 10.0.0.0/10\n[Peer]\nAllowedIPs = 10.0.0.0/8\n",
	       excluding, 6);
}

/* Else `wg syncconf wg0 <(wg-quick strip wg0)` would take every peer away for a typing mistake. */
static void strip_keeps_what_is_wrong(void **state)
{
	static const char *const kept[] = { "[Interface]", "Colour = red", "[Peer]", "PublicKey = x",
					    "[Peer]", "MTU = 1", "[Server]", "DNS = 1.1.1.1" };

	(void)state;
	strips("[Interface]\nColour = red\nMTU = many\nAddress = ?\n[Peer]\nPublicKey = x\n[Peer]\n"
	       "MTU = 1\n[Server]\nDNS = 1.1.1.1\n", kept, 8);
}

static void errors_point(void **state)
{
	(void)state;
	refused("[Interface]\nSaveConfig = yes\n", "wg0.conf:2:14: expected true or false");
	refused("[Interface]\nKillSwitch = on\n", "wg0.conf:2:14: expected no, yes, lan or boot");
	refused("[Interface]\nMasquerade = out\n", "wg0.conf:2:14: expected no, yes, into or both");
	refused("[Interface]\nForward = lan\n", "wg0.conf:2:11: expected yes or no");
	refused("[Interface]\nClampMSS = 1\n", "wg0.conf:2:12: expected yes or no");
	refused("[Interface]\n MTU = 67\n", "wg0.conf:2:8: expected an MTU from 68 to 65535");
	refused("[Interface]\nMTU = 70000\n", "wg0.conf:2:7: expected an MTU");
	refused("[Interface]\nMTU = 14oo\n", "wg0.conf:2:9: expected an MTU");
	refused("[Interface]\nMTU = 99999999999999999999\n", "wg0.conf:2:7: expected an MTU");
	refused("[Interface]\nAddress = 10.0.0.1, 10.0.0.256/8\n", "wg0.conf:2:21: ");
	refused("[Interface]\nAddress = 10.0.0.1/33\n", "wg0.conf:2:20: ");
	refused("[Interface]\nAddress = 10.0.0.1/8 10.0.0.1/8\n", "wg0.conf:2:22: this address is");
	refused("[Interface]\nAddress = +10.0.0.1/8\n", "wg0.conf:2:11: expected an address");
	refused("[Interface]\nDNS = a.b 1.2.3.256\n", "wg0.conf:2:11: ");
	refused("[Interface]\nMTU = 0x\n", "wg0.conf:2:8: expected an MTU");
	refused("[Interface]\nMTU = 08\n", "wg0.conf:2:7: expected an MTU");
	refused("[Interface]\nTable = 08\n", "wg0.conf:2:9: expected off, auto");
	refused("[Interface]\nPost Up = x\n", "wg0.conf:2:");
	refused("[Peer]\nPublicKey = " KEY "\nMTU = 1400\n", "wg0.conf:3:");
	refused("[Interface]\nAdress = ::1\n", "wg0.conf:2:1: unknown key in [Interface]: did you "
						"mean Address?");
	refused("[Interface]\nColour = red\n", "wg0.conf:2:1: unknown key in [Interface]: expected "
						"PrivateKey, ListenPort, FwMark, Address, ");
	refused("[Interface]\nJmin = 50\n", "wg0.conf:2:1: unknown key: Jmin is AmneziaWG's");
	refused("[Peer]\nPostUp = x\n", "wg0.conf:2:1: unknown key in [Peer]: PostUp belongs to [Int");
	refused("[Interface]\nAddress = 10.0.0.1/255.0.255.0\n", "wg0.conf:2:20: not a netmask");
	refused("[Interface]\nAddress = 10.0.0.1 /24\n", "wg0.conf:2:20: expected the prefix length");
	refused("[Interface]\nAddress = 10.0.0.1/24;10.0.0.2\n", "wg0.conf:2:22: expected \",\" between");
	refused("[Interface]\nAddress = \"10.0.0.1/24\"\n", "wg0.conf:2:11: a value has no quotation");
	refused("[Interface]\nAddress = 10.0.0.1/24\xc2\xa0, ::1\n", "wg0.conf:2:22: U+00A0, a no-break");
	refused("[Interface]\nDNS = 1.1.1.1\xe2\x80\x8b\n", "wg0.conf:2:14: U+200B, a space without");
	refused("[Interface]\nDNS = https://dns.example/\n", "wg0.conf:2:7: resolvconf takes no URL");
	refused("[Interface]\nDNSBackend = systemd\n",
		"wg0.conf:2:14: expected auto, resolvconf, resolved, file or none");
	refused("[Interface]\nDNSRequired = maybe\n", "wg0.conf:2:15: expected yes or no");
	refused("[Interface]\nDNS = 1.1.1.1:x\n", "wg0.conf:2:7: expected the IPv4 or IPv6 address of");
	refused("[Interface]\nDNS = dns.example:53\n", "wg0.conf:2:7: expected the IPv4 or IPv6");
	refused("[Interface]\nDNS = [1.1.1.1]:53\n", "wg0.conf:2:7: expected the IPv4 or IPv6");
	refused("[Interface]\nDNS = [::1]53\n", "wg0.conf:2:7: expected the IPv4 or IPv6");
	refused("[Interface]\nPostUp = \"iptables -A x\"\n", "wg0.conf:2:10: a hook in quotation marks");
	refused("[Interface]\nPostUp = 'a b'\n", "wg0.conf:2:10: a hook in quotation marks");
	refused("[Interface]\nPostUp = \xe2\x80\x9c" "a b\xe2\x80\x9d\n", "wg0.conf:2:10: a hook in quot");
	refused("\xff\xfe[\n", "wg0.conf:1:1: the file is not text in UTF-8");
	refused("Address = 1.2.3.4\n[Interface]\n", "wg0.conf:1:");
}

static void nul_byte(void **state)
{
	static const char text[] = "[Interface]\nPostUp = a\0b\n";
	struct wg_error err;
	struct config c;

	(void)state;
	assert_int_equal(parse(&c, text, sizeof(text) - 1, &err), -1);
	assert_non_null(strstr(err.text, "wg0.conf:2:11: a line of text cannot hold a NUL byte"));
	assert_null(strstr(err.text, "= a"));
	config_wipe(&c);
}

static char folder[] = "/tmp/wirekit-config-XXXXXX";

static int in_folder(void **state)
{
	(void)state;
	return !mkdtemp(folder) || chdir(folder) || chmod(folder, 0700);
}

static int leave_folder(void **state)
{
	(void)state;
	return system("rm -rf -- *") || chdir("/") || rmdir(folder);
}

static void touch(const char *path, mode_t mode)
{
	int fd = open(path, O_CREAT | O_WRONLY, mode);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void lookup(void **state)
{
	struct config c = { 0 };
	struct wg_error err = { 0 };

	(void)state;
	assert_int_equal(config_find(&c, "no-such-name", &err), -1);
	assert_int_equal(err.code, ENOENT);
	assert_string_equal(err.text, "`" CONFDIR "/no-such-name.conf' does not exist");
	assert_string_equal(c.name, "no-such-name");
	/* A name with a dot is still a name. */
	assert_int_equal(config_find(&c, "wg0.conf", &err), -1);
	assert_string_equal(err.text, "`" CONFDIR "/wg0.conf.conf' does not exist: expected a name "
				      "without .conf, or a path with a /");
	touch("wg0.conf", 0600);
	assert_int_equal(config_find(&c, "wg0.conf", &err), -1);
	assert_string_equal(err.text, "`" CONFDIR "/wg0.conf.conf' does not exist; for the file in "
				      "this folder, give its path: ./wg0.conf");
	assert_int_equal(config_find(&c, "us1234_nordlynx_de", &err), -1);
	assert_int_equal(err.code, ENOENT);
	assert_string_equal(err.text, "`us1234_nordlynx_de' is too long for an interface's name: "
				      "expected at most 15 characters");
	assert_int_equal(config_find(&c, "./no-such-and-too-long.conf", &err), -1);
	assert_string_equal(err.text, "`./no-such-and-too-long.conf' does not exist");
	/* A key in place of the name. A file of such a name may be shown. */
	assert_int_equal(config_find(&c, KEY, &err), -1);
	assert_string_equal(err.text, "(hidden, as it may be a key) does not exist: expected a name or a file");
	assert_int_equal(config_find(&c, KEY ".conf", &err), -1);
	assert_null(strstr(err.text, "wPjz"));
	assert_int_equal(config_find(&c, "real/" KEY, &err), -1);
	assert_null(strstr(err.text, "wPjz"));
	touch("no-folder", 0600);
	assert_int_equal(config_find(&c, "no-folder/" KEY, &err), -1);
	assert_string_equal(err.text, "cannot find (hidden, as it may be a key): Not a directory");
	touch(KEY, 0600);
	assert_int_equal(config_find(&c, KEY, &err), -1);
	assert_memory_equal(err.text, "`" KEY "' does not end in .conf", 60);
	assert_int_equal(config_find(&c, "./a\033[2J", &err), -1);
	assert_string_equal(err.text, "`./a?[2J' does not exist");
	touch("real-and-too-long.conf", 0600);
	assert_int_equal(config_find(&c, "./real-and-too-long.conf", &err), -1);
	assert_string_equal(err.text, "`real-and-too-long' is too long for an interface's name: "
				      "expected at most 15 characters before .conf; rename "
				      "./real-and-too-long.conf");
	touch("my vpn.conf", 0600);
	assert_int_equal(config_find(&c, "my vpn.conf", &err), -1);
	assert_memory_equal(err.text, "`my vpn' is no valid interface name: expected 1 to 15", 52);
	assert_int_equal(symlink("real-and-too-long.conf", "wg7.conf"), 0);
	assert_int_equal(config_find(&c, "./wg7.conf", &err), 0);
	assert_string_equal(c.name, "wg7");
	assert_string_equal(c.arg, "./wg7.conf");
	assert_string_equal(strrchr(c.path, '/'), "/real-and-too-long.conf");
	touch("wg7", 0600);
	assert_int_equal(config_find(&c, "./wg7", &err), -1);
	assert_non_null(strstr(err.text, "must be a valid interface name, followed by .conf"));
	assert_int_equal(mkdir("dir.conf", 0700), 0);
	assert_int_equal(config_find(&c, "./dir.conf", &err), -1);
	assert_int_equal(err.code, EISDIR);
}

static int heard;

static void hear(void *ctx, enum wg_log_level level, const char *text)
{
	(void)ctx;
	assert_int_equal(level, WG_LOG_WARNING);
	assert_non_null(strstr(text, "wg8.conf' is world accessible"));
	heard++;
}

static void world_accessible(void **state)
{
	static const struct {
		mode_t file, folder;
		int warnings;
	} cases[] = { { 0644, 0755, 1 }, { 0644, 0700, 0 }, { 0600, 0755, 0 }, { 0602, 0755, 0 } };
	const struct wg_log log = { hear, NULL };
	struct wg_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct config c = { 0 };

		heard = 0;
		touch("wg8.conf", cases[i].file);
		assert_int_equal(chmod(folder, cases[i].folder), 0);
		assert_int_equal(config_find(&c, "./wg8.conf", &err), 0);
		assert_int_equal(config_read(&c, &log, &err), 0);
		assert_int_equal(heard, cases[i].warnings);
		config_wipe(&c);
	}
}

static void choices(void **state)
{
	static const char *const words[] = {"auto", "file", "none", NULL};
	struct wg_error err;
	size_t chosen = 7, at = 7;
	bool yes = false;

	(void)state;
	assert_int_equal(config_choose(&chosen, words, "File", 4, &at, &err), 0);
	assert_int_equal(chosen, 1);
	assert_int_equal(config_choose(&chosen, words, "files", 5, &at, &err), -1);
	assert_int_equal(at, 0);
	assert_string_equal(err.text, "expected auto, file or none");
	assert_int_equal(err.reason, WG_CODE_CHOICE);
	assert_int_equal(config_choose(&chosen, words, "", 0, &at, &err), -1);
	assert_int_equal(chosen, 1);
	assert_int_equal(config_yes_no(&yes, "YES", 3, &at, &err), 0);
	assert_true(yes);
	assert_int_equal(config_yes_no(&yes, "false", 5, &at, &err), 0);
	assert_false(yes);
	assert_int_equal(config_yes_no(&yes, "true", 4, &at, &err), 0);
	assert_true(yes);
	assert_int_equal(config_yes_no(&yes, "yep", 3, &at, &err), -1);
	assert_true(yes);
	assert_string_equal(err.text, "expected yes or no");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_keys),	     cmocka_unit_test(tables),
		cmocka_unit_test(rest_is_unchanged), cmocka_unit_test(upstreams_forms),
		cmocka_unit_test(quoted_program),    cmocka_unit_test(names_are_known),
		cmocka_unit_test(strip_chooses_as_up_does), cmocka_unit_test(several_endpoints),
		cmocka_unit_test(strip_keeps_what_is_wrong), cmocka_unit_test(errors_point),
		cmocka_unit_test(nul_byte),	     cmocka_unit_test(lookup),
		cmocka_unit_test(world_accessible),      cmocka_unit_test(choices),
		cmocka_unit_test(dns_settings),
	};

	return cmocka_run_group_tests_name("wg-quick/config", tests, in_folder, leave_folder);
}

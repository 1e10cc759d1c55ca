// SPDX-License-Identifier: GPL-2.0
/* Steps as commands, and as lines of the journal: whatever is written is read back the same, in
 * one line, and what was not written by us is not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include "../../../../src/lib/base/alloc.h"
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/wg-quick/steps/fields.h"
#include "../../../../src/wg-quick/steps/step.h"

static char *line_of(const struct step *s)
{
	size_t size;
	char *line;
	FILE *f = open_memstream(&line, &size);

	step_write(f, s);
	fclose(f);
	assert_int_equal(strlen(line), size);
	assert_ptr_equal(strchr(line, '\n'), line + size - 1);
	line[size - 1] = '\0';
	return line;
}

static void written(struct step *s, const char *expected)
{
	cleanup(free_ptr) char *line = line_of(s), *again = NULL;
	struct step back;

	assert_string_equal(line, expected);
	assert_true(step_read(&back, line, strlen(line)));
	again = line_of(&back);
	assert_string_equal(again, line);
	step_wipe(&back);
	step_wipe(s);
}

static struct wg_prefix prefix6(u8 cidr)
{
	return (struct wg_prefix){ AF_INET6, cidr, { 0xfd, [15] = 2 } };
}

static void journal_lines(void **state)
{
	struct step s;

	(void)state;
	written(&(struct step){ .kind = STEP_LINK }, "link");
	s = (struct step){ .kind = STEP_HOOK, .phase = HOOK_POST_UP };
	s.command = wg_format("a\\b\tc  d # \x7f\xff");
	written(&s, "hook PostUp a\\x5cb\\x09c  d # \\x7f\xff");
	s = (struct step){ .kind = STEP_DEVICE, .command = wg_format("./my wg0.conf") };
	written(&s, "device ./my wg0.conf");
	written(&(struct step){ .kind = STEP_ADDRESS, .prefix = prefix6(64) }, "address fd00::2/64");
	written(&(struct step){ .kind = STEP_LINK_UP, .mtu = 1420 }, "link-up 1420");
	s = (struct step){ .kind = STEP_DNS };
	s.dns_name = wg_format("tun.wg 0");
	strings_add(&s.dns_servers, "::1", 3);
	written(&s, "dns tun.wg\\x200 nameserver ::1\\x0a");
	s = (struct step){ .kind = STEP_DNS, .dns_name = wg_format("wg0") };
	strings_add(&s.dns_servers, "192.0.2.1:53", 12);
	strings_add(&s.dns_servers, "::1", 3);
	strings_add(&s.dns_search, "a", 1);
	strings_add(&s.dns_search, "b", 1);
	written(&s, "dns wg0 nameserver 192.0.2.1:53\\x0anameserver ::1\\x0asearch a b\\x0a");
	s = (struct step){ .kind = STEP_DNS, .dns_name = wg_format("wg0"), .dns_backend = DNS_RESOLVED,
			   .dns_all = true, .dns_optional = true };
	strings_add(&s.dns_servers, "9.9.9.9#dns.quad9.net", 21);
	strings_add(&s.dns_search, "~a.b", 4);
	written(&s, "dns wg0 optional\\x0abackend resolved\\x0aall\\x0anameserver 9.9.9.9#dns.quad9.net"
		    "\\x0asearch ~a.b\\x0a");
	s = (struct step){ .kind = STEP_DNS, .dns_name = wg_format("wg0"), .dns_backend = DNS_FILE };
	written(&s, "dns wg0 backend file\\x0a");
	s = (struct step){ .kind = STEP_ROUTE };
	s.route = (struct wg_route){ .dst = prefix6(128), .table = 51820, .protocol = 87 };
	written(&s, "route fd00::2/128 table 51820 protocol 87");
	s.kind = STEP_ROUTE;
	s.route = (struct wg_route){ .dst = prefix6(128), .table = 51820, .protocol = 87, .metric = 50 };
	written(&s, "route fd00::2/128 table 51820 protocol 87 metric 50");
	s = (struct step){ .kind = STEP_HOLD };
	s.route = (struct wg_route){ .dst = prefix6(64), .table = 254, .type = RTN_UNICAST };
	written(&s, "hold fd00::2/64 table 254 link");
	s = (struct step){ .kind = STEP_HOLD };
	s.route = (struct wg_route){ .dst = prefix6(64), .table = 5, .type = RTN_UNREACHABLE };
	written(&s, "hold fd00::2/64 table 5 unreachable");
	written(&(struct step){ .kind = STEP_HOLD_ADDRESS, .prefix = prefix6(128) }, "hold-address fd00::2/128");
	s = (struct step){ .kind = STEP_EXEMPT };
	s.rule = (struct wg_rule){ .family = AF_INET, .priority = 32763, .fwmark = 51820, .jump = 32766 };
	written(&s, "exempt 4 priority 32763 fwmark 51820 goto 32766");
	written(&(struct step){ .kind = STEP_FWMARK, .fwmark = UINT32_MAX }, "fwmark 4294967295");
	s = (struct step){ .kind = STEP_RULE };
	s.rule = (struct wg_rule){ .family = AF_INET, .protocol = 87, .invert = true,
				   .priority = 32765, .table = 51820, .fwmark = 51820,
				   .fwmask = UINT32_MAX, .suppress_prefixlength = -1 };
	written(&s, "rule 4 protocol 87 not priority 32765 table 51820 fwmark 51820 4294967295 "
		    "suppress -1");
	s.rule = (struct wg_rule){ .family = AF_INET6, .table = 254 };
	s.kind = STEP_RULE;
	written(&s, "rule 6 protocol 0 from priority 0 table 254 fwmark 0 0 suppress 0");
	s = (struct step){ .kind = STEP_RULE };
	s.rule = (struct wg_rule){ .family = AF_INET, .protocol = 87, .priority = 7, .fwmark = 51820,
				   .fwmask = UINT32_MAX, .suppress_prefixlength = -1, .jump = 32766 };
	written(&s, "rule 4 protocol 87 from priority 7 table 0 fwmark 51820 4294967295 suppress -1 goto 32766");
	s = (struct step){ .kind = STEP_NETNS, .netns = wg_format("v p n") };
	written(&s, "netns v p n");
	s = (struct step){ .kind = STEP_NETNS_DNS, .netns = wg_format("v n") };
	strings_add(&s.dns_servers, "::1", 3);
	strings_add(&s.dns_search, "a", 1);
	strings_add(&s.dns_search, "b", 1);
	written(&s, "netns-dns v\\x20n 1 ::1 a b");
	s = (struct step){ .kind = STEP_BYPASS, .cgroup = wg_format("/sys/a b"), .fwmark = 51820 };
	written(&s, "bypass 51820 /sys/a b");
	/* Shown, and not part of the journal. */
	s = (struct step){ .kind = STEP_LINK, .netns = wg_format("vpn") };
	written(&s, "link");
	written(&(struct step){ .kind = STEP_SYSCTL, .was_off = true }, "sysctl was-off");
	written(&(struct step){ .kind = STEP_SYSCTL }, "sysctl was-on");
	s = (struct step){ .kind = STEP_FIREWALL, .family = AF_INET6, .fwmark = 7 };
	s.n_addresses = 1;
	s.addresses = wg_alloc(sizeof(*s.addresses));
	*s.addresses = prefix6(64);
	written(&s, "firewall 6 7 fd00::2/64");
	written(&(struct step){ .kind = STEP_FIREWALL, .family = AF_INET }, "firewall 4 0");
	written(&(struct step){ .kind = STEP_KILL_SWITCH, .kill_switch = KILL_SWITCH_LAN, .fwmark = 51820 },
		"kill-switch lan 51820");
	written(&(struct step){ .kind = STEP_KILL_SWITCH, .kill_switch = KILL_SWITCH_BOOT }, "kill-switch boot 0");
	written(&(struct step){ .kind = STEP_GATEWAY, .gateway = GATEWAY_MASQUERADE_FROM | GATEWAY_CLAMP_MSS },
		"gateway from clamp");
	written(&(struct step){ .kind = STEP_GATEWAY, .gateway = GATEWAY_MASQUERADE_INTO }, "gateway into");
	s = (struct step){ .kind = STEP_SETTING, .value = 2, .former = 1 };
	s.setting = wg_format("net/ipv6/conf/a.b c/accept_ra");
	written(&s, "setting net/ipv6/conf/a.b\\x20c/accept_ra 2 1");
}

static void not_ours(void **state)
{
	static const char *const lines[] = {
		"",
		"lin",
		"links",
		"link ",
		"link x",
		"hook PostUp",
		"hook postup x",
		"hook PostUp a\\b",
		"hook PostUp a\\x41",
		"hook PostUp a\\x00",
		"hook PostUp a\\x0",
		"hook PostUp a\tb",
		"address 10.0.0.1",
		"address 10.0.0.1/33",
		"address 10.0.0.1/8 ",
		"address 10.0.0.01/8",
		"address fd00:0::1/8",
		"link-up 4294967296",
		"link-up 01",
		"link-up -1",
		"link-up +1",
		"link-up 99999999999",
		"dns wg0",
		"dns wg0 a\nb",
		"dns wg0 nameserver ::1",
		"dns wg0 nameserver ::1\\x0aoptions x\\x0a",
		"dns wg0 nameserver ::1\\x0asearch a",
		"dns wg0 search a\\x0anameserver ::1\\x0a",
		"dns wg0 backend none\\x0a",
		"dns wg0 backend resolvconf\\x0a",
		"dns wg0 backend x\\x0a",
		"dns wg0 all\\x0abackend file\\x0a",
		"route 10.0.0.0/8 table 1",
		"route 10.0.0.0/8 table 1 protocol 87 metric 0",
		"route 10.0.0.0/8 table 1 protocol 87 metric 1 x",
		"route 10.0.0.0/8 table 1 protocol 256",
		"rule 5 protocol 87 not priority 1 table 2 fwmark 3 4 suppress -1",
		"rule 4 protocol 87 not priority 1 table 2 fwmark 3 4 suppress -2",
		"rule 4 protocol 87 not priority 1 table 2 fwmark 3 4 suppress -1 ",
		"rule 4 protocol 87 not priority 1 table 2 fwmark 3 4 suppress -1 goto 0",
		"rule 4 protocol 87 not priority 1 table 2 fwmark 3 4 suppress -1 goto",
		"netns",
		"netns a/b",
		"netns ..",
		"netns-dns vpn 2 ::1",
		"netns-dns ../vpn 1 ::1",
		"bypass 1 sys",
		"bypass /sys",
		"sysctl",
		"sysctl was-off x",
		"firewall 6 7 ",
		"firewall 6 7 x",
		"kill-switch no 0",
		"kill-switch yes",
		"kill-switch yes 0 0",
		"gateway ",
		"gateway clamp from",
		"gateway from from",
		"setting net/ipv4/ip_forward 1",
		"setting kernel/modprobe 1 0",
		"setting net/../kernel/modprobe 1 0",
	};
	struct step s;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (step_read(&s, lines[i], strlen(lines[i])))
			fail_msg("read: %s", lines[i]);
	assert_false(step_read(&s, "hook PostUp a\0b", 15));
}

/* Texts of all bytes, in all lengths up to some. */
static void any_bytes(void **state)
{
	u32 seed = 1;

	(void)state;
	for (size_t round = 0; round < 20000; round++) {
		cleanup(free_ptr) char *line = NULL, *word = NULL, *rest = NULL;
		char *texts[2];
		struct fields c;
		size_t size;
		FILE *f;

		for (size_t i = 0; i < 2; i++) {
			size_t len = round % 23;

			texts[i] = wg_alloc(len + 1);
			for (size_t k = 0; k < len; k++) {
				seed = seed * 1664525 + 1013904223;
				texts[i][k] = (char)((seed >> 16) % 255 + 1);
			}
		}
		f = open_memstream(&line, &size);
		fields_write_word(f, texts[0]);
		fields_write_rest(f, texts[1]);
		fclose(f);
		assert_null(strpbrk(line, "\n\t"));
		c = (struct fields){ line + 1, size - 1 };
		assert_true(fields_take_text(&c, &word));
		assert_true(fields_take_rest(&c, &rest));
		assert_null(c.s);
		assert_string_equal(word, texts[0]);
		assert_string_equal(rest, texts[1]);
		free(texts[0]);
		free(texts[1]);
	}
}

static void says(const struct step *s, const char *expected, const char *expected_undo)
{
	cleanup(free_ptr) char *command = step_command(s, "wg0"), *undo = step_undo_command(s, "wg0");

	assert_string_equal(command, expected);
	if (expected_undo)
		assert_string_equal(undo, expected_undo);
	else
		assert_null(undo);
}

static void commands(void **state)
{
	char path[] = "/a b/it's/wg0.conf", name[] = "wg0", dns_name[] = "tun.wg0";
	struct wg_prefix addresses[] = { { AF_INET, 24, { 10, 0, 0, 1 } } };
	struct step s = { .kind = STEP_DEVICE, .command = name };

	(void)state;
	says(&s, "wg addconf wg0 <(wg-quick strip wg0)", NULL);
	s.command = path;
	says(&s, "wg addconf wg0 <(wg-quick strip '/a b/it'\\''s/wg0.conf')", NULL);
	says(&(struct step){ .kind = STEP_LINK }, "ip link add dev wg0 type wireguard",
	     "ip link delete dev wg0");
	says(&(struct step){ .kind = STEP_LINK, .netns = name }, "ip link add dev wg0 netns wg0 type wireguard "
	     "&& nsenter --net=/run/netns/wg0", "ip link delete dev wg0");
	says(&(struct step){ .kind = STEP_LINK, .underlay = name },
	     "ip -n wg0 link add dev wg0 netns $$ type wireguard", "ip link delete dev wg0");
	says(&(struct step){ .kind = STEP_LINK_UP }, "ip link set up dev wg0", NULL);
	says(&(struct step){ .kind = STEP_DNS, .dns_name = dns_name },
	     "resolvconf -a tun.wg0 -m 0 -x", "resolvconf -d tun.wg0 -f");
	s = (struct step){ .kind = STEP_DNS, .dns_backend = DNS_RESOLVED, .dns_name = name };
	strings_add(&s.dns_servers, "10.0.0.1", 8);
	says(&s, "resolvectl domain wg0 '' && resolvectl default-route wg0 no && resolvectl dns wg0 '10.0.0.1'",
	     "resolvectl revert wg0");
	s.dns_backend = DNS_FILE;
	strings_add(&s.dns_search, "it's", 4);
	says(&s, "printf '%s\\n' 'nameserver 10.0.0.1' 'search it'\\''s' >/etc/resolv.conf",
	     "# take the DNS servers of wg0 out of /etc/resolv.conf");
	strings_free(&s.dns_servers);
	strings_free(&s.dns_search);
	s = (struct step){ .kind = STEP_RULE };
	s.rule = (struct wg_rule){ .family = AF_INET, .invert = true, .priority = 32765,
				   .table = 51820, .fwmark = 51820, .fwmask = UINT32_MAX,
				   .suppress_prefixlength = -1 };
	says(&s, "ip -4 rule add not fwmark 51820 table 51820",
	     "ip -4 rule delete not fwmark 51820 table 51820 priority 32765");
	s.rule = (struct wg_rule){ .family = AF_INET6, .priority = 9, .table = 254 };
	says(&s, "ip -6 rule add table main suppress_prefixlength 0",
	     "ip -6 rule delete table main suppress_prefixlength 0 priority 9");
	says(&(struct step){ .kind = STEP_SYSCTL, .was_off = true },
	     "sysctl -q net.ipv4.conf.all.src_valid_mark=1",
	     "sysctl -q net.ipv4.conf.all.src_valid_mark=0");
	s = (struct step){ .kind = STEP_FIREWALL, .family = AF_INET, .fwmark = 51820,
			   .addresses = addresses, .n_addresses = 1 };
	says(&s,
	     "nft 'add table ip wg-quick-wg0; delete table ip wg-quick-wg0; "
	     "add table ip wg-quick-wg0; "
	     "add chain ip wg-quick-wg0 preraw { type filter hook prerouting priority -300; }; "
	     "add chain ip wg-quick-wg0 premangle { type filter hook prerouting priority -150; }; "
	     "add chain ip wg-quick-wg0 postmangle { type filter hook postrouting priority -150; "
	     "}; "
	     "add rule ip wg-quick-wg0 preraw iifname != \"wg0\" ip daddr 10.0.0.1 "
	     "fib saddr type != local drop; "
	     "add rule ip wg-quick-wg0 postmangle meta l4proto udp meta mark 51820 "
	     "ct mark set meta mark; "
	     "add rule ip wg-quick-wg0 premangle meta l4proto udp meta mark set ct mark'",
	     "nft delete table ip wg-quick-wg0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(journal_lines),
		cmocka_unit_test(not_ours),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(commands),
	};

	return cmocka_run_group_tests_name("wg-quick/steps/step", tests, NULL, NULL);
}

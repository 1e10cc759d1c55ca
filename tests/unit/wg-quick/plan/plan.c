// SPDX-License-Identifier: GPL-2.0
/* Plans, as the commands they stand for: a file's text and a snapshot in, a list of lines out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/wg-quick/plan/plan.h"

#define KEY_A "PublicKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=\n"
#define KEY_B "PublicKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI=\n"
#define DEVICE "wg addconf wg0 <(wg-quick strip wg0)\n"
#define UP "ip link set mtu 1420 up dev wg0\n"

static char warnings[1024];

static void hear(void *ctx, enum wg_log_level level, const char *text)
{
	(void)ctx, (void)level;
	strncat(warnings, text, sizeof(warnings) - strlen(warnings) - 2);
	strcat(warnings, "\n");
}

static const struct wg_log listener = { hear, NULL };

static void read_text(struct config *c, const char *text)
{
	struct wg_error err = { 0 };
	FILE *f = fmemopen((void *)text, strlen(text), "r");

	*c = (struct config){ .name = "wg0", .path = "wg0.conf", .arg = "wg0" };
	assert_non_null(f);
	if (config_parse(c, f, NULL, &err))
		fail_msg("%s", err.text);
	fclose(f);
}

static struct wg_prefix prefix(const char *text)
{
	struct wg_prefix p = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };
	char addr[WG_PREFIX_STRLEN];
	char *slash;

	strcpy(addr, text);
	slash = strchr(addr, '/');
	*slash = '\0';
	p.cidr = (u8)atoi(slash + 1);
	assert_int_equal(inet_pton(p.family, addr, p.addr), 1);
	return p;
}

static const struct wg_rule usual_rules[] = {
	{ .family = AF_INET, .priority = 0, .table = RT_TABLE_LOCAL },
	{ .family = AF_INET, .priority = 32766, .table = RT_TABLE_MAIN },
	{ .family = AF_INET, .priority = 32767, .table = RT_TABLE_DEFAULT },
	{ .family = AF_INET6, .priority = 0, .table = RT_TABLE_LOCAL },
	{ .family = AF_INET6, .priority = 32766, .table = RT_TABLE_MAIN },
};

static struct netstate usual(void)
{
	return (struct netstate){
		.rules = (struct wg_rule *)usual_rules,
		.n_rules = 5,
		.free_table = 51820,
	};
}

/* Commands, one a line; the long one of the firewall is shortened to its family and mark. */
static char *commands(const struct plan *p)
{
	size_t size;
	char *out;
	FILE *f = open_memstream(&out, &size);

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];
		cleanup(free_ptr) char *command = step_command(s, "wg0");

		if (s->kind == STEP_KILL_SWITCH)
			fprintf(f, "kill switch %d mark %u\n", s->kill_switch, s->fwmark);
		else if (s->kind == STEP_GATEWAY)
			fprintf(f, "gateway %u\n", s->gateway);
		else if (s->kind == STEP_FIREWALL)
			fprintf(f, "firewall %d mark %u addresses %zu\n",
				s->family == AF_INET6 ? 6 : 4, s->fwmark, s->n_addresses);
		else
			fprintf(f, "%s\n", command);
	}
	fclose(f);
	return out;
}

static void check(const char *text, const struct netstate *s, const char *expected)
{
	cleanup(config_wipe) struct config c = { 0 };
	cleanup(plan_wipe) struct plan p = { 0 };
	cleanup(free_ptr) char *got = NULL;
	struct wg_error err = { 0 };

	*warnings = '\0';
	read_text(&c, text);
	if (plan_network(&c, s, &listener, &p, &err))
		fail_msg("%s", err.text);
	got = commands(&p);
	assert_string_equal(got, expected);
}

static void refused(const char *text, const struct netstate *s, const char *expected)
{
	cleanup(config_wipe) struct config c = { 0 };
	cleanup(plan_wipe) struct plan p = { 0 };
	struct wg_error err = { 0 };

	read_text(&c, text);
	assert_int_equal(plan_network(&c, s, &listener, &p, &err), -1);
	assert_string_equal(err.text, expected);
}

static void simple(void **state)
{
	struct netstate s = usual();

	(void)state;
	check("[Interface]\nAddress = 10.0.0.1/24, fd00::1\nPostUp = echo %i # x\n"
	      "[Peer]\n" KEY_A "AllowedIPs = 10.0.0.2/32\n",
	      &s,
	      DEVICE "ip -4 address add 10.0.0.1/24 dev wg0\n"
		     "ip -6 address add fd00::1/128 dev wg0\n" UP "echo wg0 # x\n");
	assert_string_equal(warnings, "");
}

static void link_first(void **state)
{
	cleanup(config_wipe) struct config c = { 0 };
	cleanup(plan_wipe) struct plan p = { 0 };
	cleanup(free_ptr) char *got = NULL;
	struct netstate s = { 0 };
	struct wg_error err = { 0 };
	char why[] = "there is no resolvconf";

	(void)state;
	read_text(&c, "[Interface]\nDNS = 1.1.1.1\nPreUp = a %i\nPreUp = b\nPostUp = c\n");
	assert_int_equal(plan_link(&c, &s, &p, &err), 0);
	got = commands(&p);
	assert_string_equal(got, "ip link add dev wg0 type wireguard\na wg0\nb\n");
	s.dns = (struct dns_choice){.refusal = why, .refusal_code = ENOENT};
	assert_int_equal(plan_link(&c, &s, &p, &err), -1);
	assert_int_equal(err.code, ENOENT);
	assert_non_null(strstr(err.text, "DNS is set but there is no resolvconf: "));
	assert_non_null(strstr(err.text, "DNSRequired = no"));
	c.dns_optional = true;
	assert_int_equal(plan_link(&c, &s, &p, &err), 0);
	s.link_exists = true;
	assert_int_equal(plan_link(&c, &s, &p, &err), -1);
	assert_int_equal(err.code, EEXIST);
	assert_string_equal(err.text, "`wg0' already exists");
}

/* Seen from upstream, on the same file. */
static void split_tunnel(void **state)
{
	struct netstate s = usual();

	(void)state;
	check("[Interface]\nAddress = 10.66.0.2/24, fd66::2\nAddress = 10.67.0.1\n"
	      "[Peer]\n" KEY_A
	      "AllowedIPs = 10.66.0.0/24, 10.66.0.0/25, 10.66.0.0/16, fd66::2/128, fd66::/64\n"
	      "AllowedIPs = 10.67.0.1/32\n"
	      "[Peer]\n" KEY_B "AllowedIPs = 10.9.0.0/16, 10.9.1.0/24, 10.9.1.77/24\n",
	      &s,
	      DEVICE "ip -4 address add 10.66.0.2/24 dev wg0\n"
		     "ip -6 address add fd66::2/128 dev wg0\n"
		     "ip -4 address add 10.67.0.1/32 dev wg0\n" UP
		     "ip -6 route add fd66::/64 dev wg0\n"
		     "ip -4 route add 10.67.0.1/32 dev wg0\n"
		     "ip -4 route add 10.9.1.0/24 dev wg0\n"
		     "ip -4 route add 10.9.0.0/16 dev wg0\n"
		     "ip -4 route add 10.66.0.0/16 dev wg0\n");
}

/* The kernel makes no route for the network of such an address, so that the peer's has to be. */
static void address_of_net_zero(void **state)
{
	struct netstate s = usual();

	(void)state;
	check("[Interface]\nAddress = 10.9.0.1/4\n[Peer]\n" KEY_A "AllowedIPs = 10.20.0.0/16\n", &s,
	      DEVICE "ip -4 address add 10.9.0.1/4 dev wg0\n" UP
		     "ip -4 route add 10.20.0.0/16 dev wg0\n");
	check("[Interface]\nAddress = 18.9.0.1/4\n[Peer]\n" KEY_A "AllowedIPs = 18.20.0.0/16\n", &s,
	      DEVICE "ip -4 address add 18.9.0.1/4 dev wg0\n" UP);
}

/* A prefix goes to the last peer that lists it, and its Routes and RouteMetric are that peer's. */
static void routes_of_peers(void **state)
{
	struct netstate s = usual();

	(void)state;
	check("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = 10.1.0.0/16, 10.2.0.0/16, 10.3.0.0/16\n"
	      "Routes = 10.1.7.7/24, fd00::/64\nRouteMetric = 7\n[Peer]\n" KEY_B
	      "AllowedIPs = 10.2.0.0/16, 10.9.1.0/24\nRouteMetric = 0x10\n", &s,
	      DEVICE UP "ip -6 route add fd00::/64 dev wg0 metric 7\n"
			"ip -4 route add 10.9.1.0/24 dev wg0 metric 16\n"
			"ip -4 route add 10.1.7.0/24 dev wg0 metric 7\n"
			"ip -4 route add 10.2.0.0/16 dev wg0 metric 16\n");
	check("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0\nRoutes = off\n", &s, DEVICE UP);
	check("[Interface]\nTable = off\n[Peer]\n" KEY_A "AllowedIPs = 10.0.0.0/8\nRoutes = 10.0.0.0/8\n", &s,
	      DEVICE UP);
	check("[Interface]\nTable = 77\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0\nRoutes = 10.0.0.0/8\n", &s,
	      DEVICE UP "ip -4 route add 10.0.0.0/8 dev wg0 table 77\n");
	check("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = 10.0.0.0/8\nRoutes = 10.0.0.0/8\n"
	      "[Peer]\n" KEY_A "AllowedIPs = 10.0.0.0/8\nRoutes = 10.1.0.0/16\n", &s,
	      DEVICE UP "ip -4 route add 10.1.0.0/16 dev wg0\n");
}

/* What is left of a default route is one: in the table of the mark, with one pair of rules. */
static void excluded_from_default(void **state)
{
	static const char rules[] = "wg set wg0 fwmark 51820\nip -4 rule add not fwmark 51820 table 51820\n"
				    "ip -4 rule add table main suppress_prefixlength 0\n";
	struct netstate s = usual();
	cleanup(free_ptr) char *expected = NULL;

	(void)state;
	assert_true(asprintf(&expected, "%s%s%sip -4 route add 192.0.0.0/2 dev wg0 table 51820\n"
			     "sysctl -q net.ipv4.conf.all.src_valid_mark=1\n"
			     "firewall 4 mark 51820 addresses 0\nip -4 route add 0.0.0.0/1 dev wg0 table 51820\n",
			     DEVICE, UP, rules) > 0);
	check("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0, !128.0.0.0/2\n", &s, expected);
	/* Halves that the file lists itself are none: they stand in the main table, as with upstream. */
	check("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/1, 128.0.0.0/1, !128.0.0.0/2\n", &s,
	      DEVICE UP "ip -4 route add 192.0.0.0/2 dev wg0\nip -4 route add 0.0.0.0/1 dev wg0\n");
	check("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = 10.0.0.0/8\nAllowedIPs = !10.0.0.0/9\n", &s,
	      DEVICE UP "ip -4 route add 10.128.0.0/9 dev wg0\n");
}

static void covered_by_pre_up(void **state)
{
	struct netstate s = usual();
	struct wg_route routes[] = { { .dst = prefix("172.16.0.0/12") },
				     { .dst = prefix("fd07::/16") },
				     { .dst = prefix("172.16.8.0/24") } };
	struct wg_prefix addresses[] = { prefix("192.168.7.1/24") };

	(void)state;
	s.routes = routes;
	s.n_routes = 3;
	s.addresses = addresses;
	s.n_addresses = 1;
	check("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = 172.16.0.0/11, 172.16.0.0/12, 172.31.1.0/24,"
	      "fd07:1::/32, fd08::/32, 192.168.7.128/25, 192.168.8.0/25\n",
	      &s,
	      DEVICE UP "ip -6 route add fd08::/32 dev wg0\n"
			"ip -4 route add 192.168.8.0/25 dev wg0\n"
			"ip -4 route add 172.0.0.0/11 dev wg0\n");
}

#define FULL4                                                                                      \
	"ip -4 rule add not fwmark 51820 table 51820\n"                                            \
	"ip -4 rule add table main suppress_prefixlength 0\n"                                      \
	"ip -4 route add 0.0.0.0/0 dev wg0 table 51820\n"                                          \
	"sysctl -q net.ipv4.conf.all.src_valid_mark=1\n"
#define FULL6                                                                                      \
	"ip -6 rule add not fwmark 51820 table 51820\n"                                            \
	"ip -6 rule add table main suppress_prefixlength 0\n"                                      \
	"ip -6 route add ::/0 dev wg0 table 51820\n"

static void full_tunnel(void **state)
{
	struct netstate s = usual();

	(void)state;
	check("[Interface]\nAddress=10.0.0.1\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0\n", &s,
	      DEVICE "ip -4 address add 10.0.0.1/32 dev wg0\n" UP
		     "wg set wg0 fwmark 51820\n" FULL4 "firewall 4 mark 51820 addresses 1\n");
	check("[Interface]\nAddress=10.0.0.1\n[Peer]\n" KEY_A "AllowedIPs = ::/0\n", &s,
	      DEVICE "ip -4 address add 10.0.0.1/32 dev wg0\n" UP
		     "wg set wg0 fwmark 51820\n" FULL6 "firewall 6 mark 51820 addresses 0\n");
}

/* The golden trace of upstream. */
static void full_tunnel_both(void **state)
{
	struct netstate s = usual();

	(void)state;
	check("[Interface]\nAddress = 10.66.0.2/32, fd66::2\nDNS = 10.66.0.1, example.com, x.y, ::1\n"
	      "PostUp = echo postup %i\n[Peer]\n" KEY_A
	      "AllowedIPs = 0.0.0.0/0, ::/0, 10.9.0.0/16\n",
	      &s,
	      DEVICE "ip -4 address add 10.66.0.2/32 dev wg0\n"
		     "ip -6 address add fd66::2/128 dev wg0\n" UP
		     "resolvconf -a wg0 -m 0 -x\n"
		     "ip -4 route add 10.9.0.0/16 dev wg0\n"
		     "wg set wg0 fwmark 51820\n" FULL6
		     "firewall 6 mark 51820 addresses 1\n" FULL4
		     "firewall 4 mark 51820 addresses 1\n"
		     "echo postup wg0\n");
}

static const struct step *find(const struct plan *p, enum step_kind kind, size_t skip)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == kind && !skip--)
			return &p->steps[i];
	fail_msg("no such step");
	return NULL;
}

static void step_contents(void **state)
{
	cleanup(config_wipe) struct config c = { 0 };
	cleanup(plan_wipe) struct plan p = { 0 };
	struct netstate s = usual();
	struct wg_error err = { 0 };

	(void)state;
	strcpy(s.dns.prefix, "tun.");
	read_text(&c, "[Interface]\nAddress = 10.0.0.1/8\nDNS = 1.1.1.1, a.b, ::1 c\n"
		      "[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0\n");
	assert_int_equal(plan_network(&c, &s, NULL, &p, &err), 0);
	assert_string_equal(find(&p, STEP_DNS, 0)->dns_name, "tun.wg0");
	assert_int_equal(find(&p, STEP_DNS, 0)->dns_servers.n, 2);
	assert_string_equal(find(&p, STEP_DNS, 0)->dns_servers.s[0], "1.1.1.1");
	assert_string_equal(find(&p, STEP_DNS, 0)->dns_servers.s[1], "::1");
	assert_int_equal(find(&p, STEP_DNS, 0)->dns_search.n, 2);
	assert_string_equal(find(&p, STEP_DNS, 0)->dns_search.s[0], "a.b");
	assert_int_equal(find(&p, STEP_RULE, 0)->rule.priority, 32765);
	assert_int_equal(find(&p, STEP_RULE, 0)->rule.protocol, WG_RTNL_PROTOCOL);
	assert_int_equal(find(&p, STEP_RULE, 1)->rule.priority, 32764);
	assert_int_equal(find(&p, STEP_ROUTE, 0)->route.protocol, WG_RTNL_PROTOCOL);
	assert_true(find(&p, STEP_SYSCTL, 0)->was_off);
}

static struct wg_rule rule_after(const u32 *there, size_t n, size_t which)
{
	cleanup(config_wipe) struct config c = { 0 };
	cleanup(plan_wipe) struct plan p = { 0 };
	struct wg_rule rules[4] = { 0 };
	struct netstate s = usual();
	struct wg_error err = { 0 };

	for (size_t i = 0; i < n; i++)
		rules[i] = (struct wg_rule){ .family = AF_INET, .priority = there[i] };
	s.rules = rules;
	s.n_rules = n;
	read_text(&c, "[Interface]\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0\n");
	assert_int_equal(plan_network(&c, &s, NULL, &p, &err), 0);
	return find(&p, STEP_RULE, which)->rule;
}

static u32 priority_after(const u32 *there, size_t n, size_t which)
{
	return rule_after(there, n, which).priority;
}

/* Whether table main is asked before the tunnel's. */
static bool main_is_first(const u32 *there, size_t n)
{
	struct wg_rule first = rule_after(there, n, 0), second = rule_after(there, n, 1);

	assert_true(first.invert != second.invert);
	return second.priority < first.priority ? second.table == RT_TABLE_MAIN :
						  first.table == RT_TABLE_MAIN;
}

static void rule_priorities(void **state)
{
	static const u32 second_tunnel[] = { 0, 32764, 32765, 32766 };
	static const u32 no_room[] = { 0, 1, 32766 };
	static const u32 local_moved[] = { 5, 5 };
	static const u32 single[] = { 7 };

	(void)state;
	assert_int_equal(priority_after(second_tunnel, 4, 0), 32763);
	assert_int_equal(priority_after(second_tunnel, 4, 1), 32762);
	assert_int_equal(priority_after(no_room, 3, 0), 0);
	assert_int_equal(priority_after(no_room, 3, 1), 0);
	assert_int_equal(priority_after(local_moved, 2, 0), 4);
	assert_int_equal(priority_after(local_moved, 2, 1), 4);
	assert_int_equal(priority_after(single, 1, 0), 0);
	assert_int_equal(priority_after(single, 1, 1), 6);
	assert_int_equal(priority_after(NULL, 0, 1), 0);
	assert_true(main_is_first(second_tunnel, 4));
	assert_true(main_is_first(no_room, 3));
	assert_true(main_is_first(local_moved, 2));
	assert_true(main_is_first(single, 1));
	assert_true(main_is_first(NULL, 0));
}

/* Rules that another tunnel is about to add count, and those of the other family do not. */
static void claimed_rules(void **state)
{
	struct wg_rule claimed[] = {
		{ .family = AF_INET, .priority = 32763 },
		{ .family = AF_INET6, .priority = 9 },
		{ .family = AF_INET, .priority = 32762 },
	};
	cleanup(config_wipe) struct config c = { 0 };
	cleanup(plan_wipe) struct plan p = { 0 };
	struct netstate s = usual();
	struct wg_error err = { 0 };

	(void)state;
	s.claimed = claimed;
	s.n_claimed = 3;
	read_text(&c, "[Interface]\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0\n");
	assert_int_equal(plan_network(&c, &s, NULL, &p, &err), 0);
	assert_int_equal(find(&p, STEP_RULE, 0)->rule.priority, 32761);
	assert_int_equal(find(&p, STEP_RULE, 1)->rule.priority, 32760);
}

#define OTHER(f, mark_, priority_) \
	{ .family = f, .invert = true, .priority = priority_, .table = mark_, .fwmark = mark_, \
	  .fwmask = UINT32_MAX, .suppress_prefixlength = -1 }

/* Marks of full tunnels pass by the rules of all of them: those come first that let them. */
static void several_full_tunnels(void **state)
{
	struct wg_rule rules[] = {
		{ .family = AF_INET, .priority = 0, .table = RT_TABLE_LOCAL },
		OTHER(AF_INET, 51820, 20001), OTHER(AF_INET, 7, 20003),
		{ .family = AF_INET, .priority = 30000, .table = RT_TABLE_MAIN, .fwmark = 1, .fwmask = 1 },
		{ .family = AF_INET, .priority = 32000, .table = RT_TABLE_MAIN, .suppress_prefixlength = -1 },
		{ .family = AF_INET6, .priority = 0, .table = RT_TABLE_LOCAL },
		{ .family = AF_INET6, .priority = 32766, .table = RT_TABLE_MAIN, .suppress_prefixlength = -1 },
	};
	struct netstate s = { .rules = rules, .n_rules = 7, .free_table = 51821 };

	(void)state;
	check("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0\n", &s,
	      DEVICE UP "wg set wg0 fwmark 51821\n"
			"ip -4 rule add fwmark 51820 goto 32000 priority 19998\n"
			"ip -4 rule add fwmark 7 goto 32000 priority 19997\n"
			"ip -4 rule add fwmark 51821 goto 32000 priority 19996\n"
			"ip -4 rule add not fwmark 51821 table 51821 priority 20000\n"
			"ip -4 rule add table main suppress_prefixlength 0 priority 19999\n"
			"ip -4 route add 0.0.0.0/0 dev wg0 table 51821\n"
			"sysctl -q net.ipv4.conf.all.src_valid_mark=1\n"
			"firewall 4 mark 51821 addresses 0\n");
	/* In the family of the other ones this tunnel has encrypted packets, and they have some in its own. */
	check("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = ::/0\n", &s,
	      DEVICE UP "wg set wg0 fwmark 51821\n"
			"ip -6 rule add fwmark 51820 goto 32766 priority 32763\n"
			"ip -6 rule add fwmark 7 goto 32766 priority 32762\n"
			"ip -6 rule add not fwmark 51821 table 51821 priority 32765\n"
			"ip -6 rule add table main suppress_prefixlength 0 priority 32764\n"
			"ip -6 route add ::/0 dev wg0 table 51821\n"
			"firewall 6 mark 51821 addresses 0\n"
			"ip -4 rule add fwmark 51821 goto 32000 priority 20000\n");
	/* One with the same mark is not another. */
	check("[Interface]\nFwMark = 7\n[Peer]\n" KEY_A "AllowedIPs = 10.0.0.0/8\n", &s,
	      DEVICE UP "ip -4 route add 10.0.0.0/8 dev wg0\n");
	rules[1].priority = 3;
	refused("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0\n", &s,
		"there are other full tunnels, and IPv4 has no priorities left for the rules by which the "
		"encrypted packets of all of them pass by `wg0': give the rules of priority 3 and above greater "
		"ones");
}

/* Encrypted packets in another network namespace need no rules. */
static void underlay(void **state)
{
	struct netstate s = usual();

	(void)state;
	s.has_underlay = true;
	check("[Interface]\nNamespace = vpn\nDNS = ::1, a.b\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0, ::/0\n", &s,
	      DEVICE UP "printf '%s\\n' 'search a.b' 'nameserver ::1' > /etc/netns/vpn/resolv.conf\n"
			"ip -6 route add ::/0 dev wg0\nip -4 route add 0.0.0.0/0 dev wg0\n");
}

static void tables(void **state)
{
	struct netstate s = usual();

	(void)state;
	check("[Interface]\nAddress = 10.6.0.1/24\nTable = 100\nMTU = 1400\n[Peer]\n" KEY_A
	      "AllowedIPs = 0.0.0.0/0, ::/0, 10.6.0.0/25\n",
	      &s,
	      DEVICE "ip -4 address add 10.6.0.1/24 dev wg0\n"
		     "ip link set mtu 1400 up dev wg0\n"
		     "ip -4 route add 10.6.0.0/25 dev wg0 table 100\n"
		     "ip -6 route add ::/0 dev wg0 table 100\n"
		     "ip -4 route add 0.0.0.0/0 dev wg0 table 100\n");
	check("[Interface]\nTable = off\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0, 10.6.0.0/25\n", &s,
	      DEVICE UP);
	check("[Interface]\nTable = main\n[Peer]\n" KEY_A "AllowedIPs = 10.6.0.0/25\n", &s,
	      DEVICE UP "ip -4 route add 10.6.0.0/25 dev wg0\n");
}

static void marks(void **state)
{
	struct wg_device dev = { .fwmark = 88 };
	struct netstate s = usual();

	(void)state;
	s.marks_count = true;
	check("[Interface]\nFwMark = 77\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0\n", &s,
	      DEVICE UP "ip -4 rule add not fwmark 77 table 77\n"
			"ip -4 rule add table main suppress_prefixlength 0\n"
			"ip -4 route add 0.0.0.0/0 dev wg0 table 77\n"
			"firewall 4 mark 77 addresses 0\n");
	s.dev = &dev;
	s.marks_count_owned = true;
	check("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0\n", &s,
	      DEVICE UP "ip -4 rule add not fwmark 88 table 88\n"
			"ip -4 rule add table main suppress_prefixlength 0\n"
			"ip -4 route add 0.0.0.0/0 dev wg0 table 88\n"
			"sysctl -q net.ipv4.conf.all.src_valid_mark=1\n"
			"firewall 4 mark 88 addresses 0\n");
	s.free_table = 51823;
	check("[Interface]\nFwMark = off\n[Peer]\n" KEY_A "AllowedIPs = ::/0\n", &s,
	      DEVICE UP "wg set wg0 fwmark 51823\n"
			"ip -6 rule add not fwmark 51823 table 51823\n"
			"ip -6 rule add table main suppress_prefixlength 0\n"
			"ip -6 route add ::/0 dev wg0 table 51823\n"
			"firewall 6 mark 51823 addresses 0\n");
	refused("[Interface]\nFwMark = 255\n[Peer]\n" KEY_A "AllowedIPs = ::/0\n", &s,
		"FwMark 255 cannot go with a default route: the route's table has the mark's "
		"number, and 255 is a table of the system");
}

static void no_ipv6(void **state)
{
	struct netstate s = usual();

	(void)state;
	s.no_ipv6 = true;
	check("[Interface]\nAddress = 10.0.0.1/24, fd00::1\n[Peer]\n" KEY_A
	      "AllowedIPs = ::/0, fd00::/64, 10.1.0.0/16\n",
	      &s,
	      DEVICE "ip -4 address add 10.0.0.1/24 dev wg0\n" UP
		     "ip -4 route add 10.1.0.0/16 dev wg0\n");
	assert_string_equal(warnings, "IPv6 is disabled on this system: 1 address and 2 routes of "
				      "IPv6 are left out, for one ::/0\n");
}

/* Other links have IPv6: what would leave past the tunnel is not left out. */
static void no_ipv6_but_elsewhere(void **state)
{
	static const char *const whole[][2] = {
		{ "::/0", "::/0" },
		{ "::/0\n[Interface]\nTable = 100", "::/0" },
		{ "::/1, 8000::/1", "::/1" },
		{ "2000::/3", "2000::/3" },
		{ "2000::/4, 3000::/4", "2000::/4" },
		/* All but 2001:db8::/32, as calculators list it. */
		{ "8000::/1, 4000::/2, ::/3, 3000::/4, 2800::/5, 2400::/6, 2200::/7, 2100::/8, "
		  "2080::/9, 2040::/10, 2020::/11, 2010::/12, 2008::/13, 2004::/14, 2002::/15, "
		  "2000::/16", "3000::/4" },
	};
	struct netstate s = usual();

	(void)state;
	s.no_ipv6 = s.ipv6_elsewhere = s.no_ipv6_by_default = true;
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++) {
		char text[512], expected[512];

		snprintf(text, sizeof(text), "[Interface]\n[Peer]\n" KEY_A "AllowedIPs = %s\n",
			 whole[i][0]);
		snprintf(expected, sizeof(expected), "%s cannot be routed into `wg0': IPv6 is "
			 "disabled for it (net.ipv6.conf.default.disable_ipv6), and other "
			 "interfaces have IPv6, which would go past the tunnel: enable IPv6 for new "
			 "interfaces, disable it for all, or take the IPv6 routes out of AllowedIPs",
			 whole[i][1]);
		refused(text, &s, expected);
	}
	/* Less than half of the Internet, and what is not of the Internet; no routes are wanted. */
	check("[Interface]\nAddress = fd00::1\n[Peer]\n" KEY_A
	      "AllowedIPs = fc00::/7, 2000::/5, 2000::/6, 2001:db8::/32, 10.1.0.0/16\n",
	      &s, DEVICE UP "ip -4 route add 10.1.0.0/16 dev wg0\n");
	assert_string_equal(warnings, "IPv6 is disabled for `wg0', though other interfaces have it "
				      "(net.ipv6.conf.default.disable_ipv6): 1 address and 4 routes of "
				      "IPv6 are left out, for one 2000::/5\n");
	check("[Interface]\nTable = off\n[Peer]\n" KEY_A "AllowedIPs = ::/0\n", &s, DEVICE UP);
	assert_string_equal(warnings, "");
	/* The link has a setting of its own, which that for new links does not change. */
	s.link_exists = true;
	refused("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = ::/0\n", &s,
		"::/0 cannot be routed into `wg0': IPv6 is disabled for it "
		"(net.ipv6.conf.default.disable_ipv6 and net.ipv6.conf.wg0.disable_ipv6), and other interfaces "
		"have IPv6, which would go past the tunnel: enable IPv6 for new interfaces and for this one, "
		"disable it for all, or take the IPv6 routes out of AllowedIPs");
	/* A hook, or somebody else, has disabled it for this link. */
	s.no_ipv6_by_default = false;
	refused("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = ::/0\n", &s,
		"::/0 cannot be routed into `wg0': IPv6 is disabled for it "
		"(net.ipv6.conf.wg0.disable_ipv6), and other interfaces have IPv6, which would go past "
		"the tunnel: enable IPv6 for this one, disable it for all, or take the IPv6 routes out of "
		"AllowedIPs");
	check("[Interface]\nAddress = fd00::1\n[Peer]\n" KEY_A "AllowedIPs = fc00::/7\n", &s, DEVICE UP);
	assert_string_equal(warnings, "IPv6 is disabled for `wg0', though other interfaces have it "
				      "(net.ipv6.conf.wg0.disable_ipv6): 1 address and 1 route of IPv6 are "
				      "left out, for one fc00::/7\n");
}

static void ipv6_needs_1280(void **state)
{
	struct netstate s = usual();

	(void)state;
	s.endpoint_mtu = 1300;
	check("[Interface]\nAddress = 10.0.0.1/32\n[Peer]\n" KEY_A "AllowedIPs = 10.1.0.0/16\n", &s,
	      DEVICE "ip -4 address add 10.0.0.1/32 dev wg0\n"
		     "ip link set mtu 1220 up dev wg0\nip -4 route add 10.1.0.0/16 dev wg0\n");
	assert_string_equal(warnings, "");
	check("[Interface]\nAddress = fd00::1\n", &s,
	      DEVICE "ip -6 address add fd00::1/128 dev wg0\nip link set mtu 1280 up dev wg0\n");
	assert_string_equal(warnings, "the MTU of `wg0' is 1280, which IPv6 needs, though the way to "
				      "its peers allows 1220 only: larger packets are sent in "
				      "fragments\n");
	check("[Interface]\nTable = off\n[Peer]\n" KEY_A "AllowedIPs = ::/0\n", &s,
	      DEVICE "ip link set mtu 1280 up dev wg0\n");
	assert_true(*warnings);
	check("[Interface]\nAddress = 10.0.0.1/32, fd00::1\nMTU = 1279\n", &s,
	      DEVICE "ip -4 address add 10.0.0.1/32 dev wg0\nip link set mtu 1279 up dev wg0\n");
	assert_string_equal(warnings, "IPv6 needs an MTU of 1280, and that of `wg0' is 1279: 1 address "
				      "and 0 routes of IPv6 are left out, for one fd00::1/128\n");
	s.no_ipv6 = true;
	check("[Interface]\nAddress = fd00::1\n", &s, DEVICE "ip link set mtu 1220 up dev wg0\n");
}

static void search_alone(void **state)
{
	struct netstate s = usual();

	(void)state;
	check("[Interface]\nDNS = example.com\n", &s, DEVICE UP);
	assert_string_equal(warnings, "DNS lists search domains but no server: it is ignored\n");
}

#define SERVERS "[Interface]\nDNS = 10.0.0.1, 9.9.9.9#dns.quad9.net, a.b, ~c.d\n"
#define HALVES	"[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/1, 128.0.0.0/1\n"
#define RESOLVED(domains, all)                                                                  \
	"resolvectl domain wg0" domains " && resolvectl default-route wg0 " all " && "           \
	"resolvectl dns wg0 '10.0.0.1' '9.9.9.9#dns.quad9.net'\n"

static void dns_backends(void **state)
{
	cleanup(config_wipe) struct config c = { 0 };
	cleanup(plan_wipe) struct plan p = { 0 };
	struct netstate s = usual();
	struct wg_error err = { 0 };
	bool all = false;
	char why[] = "nobody is there", note[] = "mind the gap";

	(void)state;
	s.dns = (struct dns_choice){.made = true, .backend = DNS_RESOLVED};
	/* Some names are asked there, unless none is told apart or all traffic goes into the tunnel. */
	check(SERVERS, &s, DEVICE UP RESOLVED(" 'a.b' '~c.d'", "no"));
	check("[Interface]\nDNS = 10.0.0.1, 9.9.9.9#dns.quad9.net, a.b\n", &s,
	      DEVICE UP RESOLVED(" 'a.b' '~.'", "yes"));
	check("[Interface]\nDNS = 10.0.0.1, 9.9.9.9#dns.quad9.net, ~a.b ~.\n", &s,
	      DEVICE UP RESOLVED(" '~a.b' '~.' '~.'", "yes"));
	check(SERVERS "Table = off\n" HALVES, &s, DEVICE UP RESOLVED(" 'a.b' '~c.d'", "no"));
	check(SERVERS HALVES, &s, DEVICE UP RESOLVED(" 'a.b' '~c.d' '~.'", "yes")
	      "ip -4 route add 128.0.0.0/1 dev wg0\nip -4 route add 0.0.0.0/1 dev wg0\n");
	assert_string_equal(warnings, "");
	/* Exclusions leave nothing that is as wide as a half. */
	read_text(&c, SERVERS "[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0, !10.0.0.0/8, !192.168.0.0/16\n");
	if (plan_network(&c, &s, &listener, &p, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < p.n; i++)
		all |= p.steps[i].kind == STEP_DNS && p.steps[i].dns_all;
	assert_true(all);
	s.dns.backend = DNS_FILE;
	s.dns.note = note;
	check(SERVERS, &s, DEVICE UP "printf '%s\\n' 'nameserver 10.0.0.1' 'nameserver 9.9.9.9' 'search a.b' "
	      ">/etc/resolv.conf\n");
	assert_string_equal(warnings, "mind the gap\nonly systemd-resolved knows routing domains (~): all names "
				      "are asked at the DNS servers of `wg0'\n");
	s.dns.backend = DNS_NONE;
	check(SERVERS, &s, DEVICE UP);
	assert_string_equal(warnings, "");
	s.dns = (struct dns_choice){.made = true, .backend = DNS_FILE, .refusal = why};
	check("[Interface]\nDNS = ::1\nDNSRequired = no\n", &s, DEVICE UP);
	assert_string_equal(warnings, "`wg0' comes up without its DNS servers: nobody is there\n");
	/* What a tunnel that is up has already is planned, so that it stays. */
	s.dns.kept = true;
	check("[Interface]\nDNS = ::1\nDNSRequired = no\n", &s,
	      DEVICE UP "printf '%s\\n' 'nameserver ::1' >/etc/resolv.conf\n");
}

static void mtus(void **state)
{
	struct netstate s = usual();

	(void)state;
	s.default_mtu = 1492;
	check("[Interface]\n", &s, DEVICE "ip link set mtu 1412 up dev wg0\n");
	s.endpoint_mtu = 65536;
	check("[Interface]\n", &s, DEVICE "ip link set mtu 65456 up dev wg0\n");
	s.endpoint_mtu = 100;
	check("[Interface]\n", &s, DEVICE "ip link set mtu 68 up dev wg0\n");
	refused("[Interface]\nMTU = 1279\n[Peer]\n" KEY_A "AllowedIPs = fd00::/64\n", &s,
		"MTU 1279 is too small for the route to fd00::/64: IPv6 needs 1280");
}

/* PreUp made a peer of each key; the file has one of them again, with other allowed IPs. */
static void pre_up_peers(void **state)
{
	struct wg_device *dev = wg_device_new();
	struct netstate s = usual();
	struct wg_prefix a = prefix("10.1.0.0/16"), b = prefix("10.2.0.0/16");

	(void)state;
	for (u8 i = 1; i <= 2; i++) {
		struct wg_peer *p = wg_device_add_peer(dev);

		p->public_key[WG_KEY_LEN - 1] = i;
		wg_peer_add_allowedip(dev, p, AF_INET, i == 1 ? a.addr : b.addr, 16, 0);
	}
	s.dev = dev;
	check("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = 10.3.0.0/16\n", &s,
	      DEVICE UP "ip -4 route add 10.3.0.0/16 dev wg0\n"
			"ip -4 route add 10.2.0.0/16 dev wg0\n");
	check("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = +10.3.0.0/16, -10.2.0.0/16\n", &s,
	      DEVICE UP "ip -4 route add 10.3.0.0/16 dev wg0\n"
			"ip -4 route add 10.2.0.0/16 dev wg0\n"
			"ip -4 route add 10.1.0.0/16 dev wg0\n");
	check("[Interface]\n[Peer]\n" KEY_A "AllowedIPs = -10.1.0.0/16\n", &s,
	      DEVICE UP "ip -4 route add 10.2.0.0/16 dev wg0\n");
	wg_device_free(dev);
}

/* Both the prefixes and what covers them are many. */
static double seconds_for(size_t n)
{
	cleanup(config_wipe) struct config c = { .name = "wg0", .arg = "wg0" };
	cleanup(plan_wipe) struct plan p = { 0 };
	cleanup(free_ptr) struct wg_route *routes = calloc(n, sizeof(*routes));
	struct netstate s = usual();
	struct wg_error err = { 0 };
	struct wg_peer *peer;
	struct timespec t0, t1;

	c.dev = wg_device_new();
	peer = wg_device_add_peer(c.dev);
	for (size_t i = 0; i < n; i++) {
		u8 addr[4] = { 10, (u8)(i >> 16), (u8)(i >> 8), (u8)i };

		wg_peer_add_allowedip(c.dev, peer, AF_INET, addr, 32, 0);
		routes[i].dst = (struct wg_prefix){ AF_INET, 32, { 11, addr[1], addr[2], addr[3] } };
	}
	s.routes = routes;
	s.n_routes = n;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
	assert_int_equal(plan_network(&c, &s, NULL, &p, &err), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t1);
	assert_int_equal(p.n, n + 2);
	return (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) / 1e9;
}

/* In a mesh, one list of peers may serve every node; a data path leaves out the node itself. */
static void self_is_no_peer(void **state)
{
	struct netstate s = usual();

	(void)state;
	check("[Interface]\nPrivateKey = wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=\n"
	      "[Peer]\nPublicKey = IRiQWILDskIcHR6DlUKEEjqxKXEzA9r0aOFwUzdnpxo=\n"
	      "AllowedIPs = ::/0, 10.7.0.0/16\n[Peer]\n" KEY_A "AllowedIPs = 10.5.0.0/16\n",
	      &s,
	      DEVICE "ip link set mtu 1420 up dev wg0\n"
		     "ip -4 route add 10.5.0.0/16 dev wg0\n");
}

/* The switch stands before the link does, and knows the mark before the link is up. */
static void kill_switch(void **state)
{
	cleanup(config_wipe) struct config c = { 0 };
	cleanup(plan_wipe) struct plan p = { 0 };
	cleanup(free_ptr) char *got = NULL;
	struct netstate s = usual();
	struct wg_error err = { 0 };

	(void)state;
	read_text(&c, "[Interface]\nKillSwitch = LAN\n");
	assert_int_equal(plan_link(&c, &s, &p, &err), 0);
	got = commands(&p);
	assert_string_equal(got, "kill switch 2 mark 0\nip link add dev wg0 type wireguard\n");
	check("[Interface]\nKillSwitch = yes\n[Peer]\n" KEY_A "AllowedIPs = 10.9.0.0/16\n", &s,
	      DEVICE "wg set wg0 fwmark 51820\nkill switch 1 mark 51820\n" UP
		     "ip -4 route add 10.9.0.0/16 dev wg0\n");
	check("[Interface]\nFwMark = 7\nKillSwitch = boot\n[Peer]\n" KEY_A "AllowedIPs = 10.9.0.0/16\n", &s,
	      DEVICE "kill switch 3 mark 7\n" UP "ip -4 route add 10.9.0.0/16 dev wg0\n");
	/* A full tunnel has one mark for both. */
	check("[Interface]\nKillSwitch = yes\n[Peer]\n" KEY_A "AllowedIPs = 0.0.0.0/0\n", &s,
	      DEVICE "wg set wg0 fwmark 51820\nkill switch 1 mark 51820\n" UP FULL4
		     "firewall 4 mark 51820 addresses 0\n");
	check("[Interface]\nKillSwitch = no\n", &s, DEVICE UP);
}

static void gateway(void **state)
{
	struct kernel_setting settings[] = { { "net/ipv6/conf/eth0/accept_ra", 2, 1 },
					     { "net/ipv4/ip_forward", 1, 0 } };
	struct netstate s = usual();

	(void)state;
	s.settings = settings;
	s.n_settings = 2;
	check("[Interface]\nMasquerade = both\nForward = yes\nClampMSS = true\nPostUp = x\n", &s,
	      DEVICE UP "gateway 7\nsysctl -q net/ipv6/conf/eth0/accept_ra=2\n"
			"sysctl -q net/ipv4/ip_forward=1\nx\n");
	check("[Interface]\nMasquerade = both\nMasquerade = yes\n", &s, DEVICE UP "gateway 1\n");
	assert_string_equal(warnings, "");
	strcpy(s.forward_dropped_by, "ip filter FORWARD");
	check("[Interface]\nForward = yes\n", &s,
	      DEVICE UP "sysctl -q net/ipv6/conf/eth0/accept_ra=2\nsysctl -q net/ipv4/ip_forward=1\n");
	assert_non_null(strstr(warnings, "`ip filter FORWARD' drops"));
}

static void many_routes(void **state)
{
	double small = seconds_for(10000), large = seconds_for(100000);

	(void)state;
	/* Ten times the routes may take some more than ten times as long; a hundred times is
	 * quadratic. */
	assert_true(large < 40 * small + 0.05);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(simple),	    cmocka_unit_test(link_first),
		cmocka_unit_test(routes_of_peers),  cmocka_unit_test(excluded_from_default),
		cmocka_unit_test(address_of_net_zero), cmocka_unit_test(split_tunnel),
	    cmocka_unit_test(covered_by_pre_up),
		cmocka_unit_test(full_tunnel),	    cmocka_unit_test(full_tunnel_both),
		cmocka_unit_test(step_contents),    cmocka_unit_test(rule_priorities),
		cmocka_unit_test(tables),	    cmocka_unit_test(marks),
		cmocka_unit_test(no_ipv6),	    cmocka_unit_test(search_alone), cmocka_unit_test(dns_backends),
		cmocka_unit_test(no_ipv6_but_elsewhere), cmocka_unit_test(ipv6_needs_1280),
		cmocka_unit_test(several_full_tunnels), cmocka_unit_test(underlay), cmocka_unit_test(claimed_rules),
		cmocka_unit_test(mtus),		    cmocka_unit_test(pre_up_peers),
		cmocka_unit_test(kill_switch),	    cmocka_unit_test(gateway),
		cmocka_unit_test(many_routes),	    cmocka_unit_test(self_is_no_peer),
	};

	return cmocka_run_group_tests_name("wg-quick/plan", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Each function of rtnl.h and nft.h as a command, for the scripts beside this file. Commands are
 * separated by "," and share one batch; it is committed at the end, or by "commit". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "../../src/lib/net/nft.h"
#include "../../src/lib/net/rtnl.h"

static struct wg_rtnl *rt;
static struct wg_error err;

static void die(void)
{
	fprintf(stderr, "%s (%d)\n", err.text, err.code);
	exit(1);
}

static u32 number(const char *s)
{
	return (u32)strtoul(s ? s : "0", NULL, 0);
}

static struct wg_prefix prefix(const char *s)
{
	struct wg_prefix p = {.family = strchr(s, ':') ? AF_INET6 : AF_INET};
	char addr[64];
	const char *slash = strchrnul(s, '/');

	snprintf(addr, sizeof(addr), "%.*s", (int)(slash - s), s);
	if (inet_pton(p.family, addr, p.addr) != 1) {
		fprintf(stderr, "bad address %s\n", s);
		exit(2);
	}
	p.cidr = *slash ? (u8)atoi(slash + 1) : p.family == AF_INET6 ? 128 : 32;
	return p;
}

static u32 ifindex(const char *name)
{
	struct wg_link link;
	int found = wg_rtnl_link(rt, name, &link, &err);

	if (found < 0)
		die();
	if (!found) {
		fprintf(stderr, "no link %s\n", name);
		exit(1);
	}
	return link.index;
}

static void commit(void)
{
	size_t failed = 0;

	if (wg_rtnl_commit(rt, &failed, &err) < 0) {
		fprintf(stderr, "change %zu: %s (%d)\n", failed, err.text, err.code);
		exit(1);
	}
}

/* FAMILY PROTOCOL PRIORITY TABLE MARK|- SUPPRESS|- [not] */
static struct wg_rule rule(char **a, int n)
{
	struct wg_rule r = {.family = atoi(a[0]) == 6 ? AF_INET6 : AF_INET,
			    .protocol = (u8)number(a[1]),
			    .priority = number(a[2]),
			    .table = number(a[3]),
			    .suppress_prefixlength = a[5][0] == '-' ? -1 : atoi(a[5]),
			    .invert = n > 6};

	if (a[4][0] != '-') {
		r.fwmark = number(a[4]);
		r.fwmask = UINT32_MAX;
	}
	return r;
}

/* DST IFNAME TABLE [PROTOCOL] */
static struct wg_route route(char **a, int n)
{
	struct wg_route r = {.dst = prefix(a[0]),
			     .oif = ifindex(a[1]),
			     .table = number(a[2]),
			     .protocol = WG_RTNL_PROTOCOL};

	if (n > 3)
		r.protocol = (u8)number(a[3]);
	return r;
}

static void print_link(const struct wg_link *l)
{
	printf("%u %s %u %#x %s\n", l->index, l->name, l->mtu, l->flags, l->kind);
}

static void print_route(const struct wg_route *r)
{
	char text[WG_PREFIX_STRLEN];

	printf("%s table %u oif %u mtu %u metric %u proto %u type %u\n",
	       wg_prefix_format(text, &r->dst), r->table, r->oif, r->mtu, r->metric, r->protocol,
	       r->type);
}

static void show_link(char **a)
{
	struct wg_link link;
	int found = a[0][0] >= '0' && a[0][0] <= '9'
			    ? wg_rtnl_link_by_index(rt, number(a[0]), &link, &err)
			    : wg_rtnl_link(rt, a[0], &link, &err);

	if (found < 0)
		die();
	if (found)
		print_link(&link);
	else
		puts("none");
}

static void show_links(const char *kind)
{
	struct wg_link *list;
	size_t n, i;

	if (wg_rtnl_links(rt, kind, &list, &n, &err) < 0)
		die();
	for (i = 0; i < n; i++)
		print_link(&list[i]);
	free(list);
}

static void show_addresses(char **a, int n_args)
{
	char text[WG_PREFIX_STRLEN];
	struct wg_prefix *list;
	size_t n, i;

	if (wg_rtnl_addresses(rt, ifindex(a[0]), n_args > 1, &list, &n, &err) < 0)
		die();
	for (i = 0; i < n; i++)
		puts(wg_prefix_format(text, &list[i]));
	free(list);
}

/* FAMILY TABLE [IFNAME] */
static void show_routes(char **a, int n_args)
{
	struct wg_route *list;
	size_t n, i;

	if (wg_rtnl_routes(rt, atoi(a[0]) == 6 ? AF_INET6 : AF_INET, number(a[1]),
			   n_args > 2 ? ifindex(a[2]) : 0, &list, &n, &err) < 0)
		die();
	for (i = 0; i < n; i++)
		print_route(&list[i]);
	free(list);
}

static void show_rules(char **a)
{
	struct wg_rule *list;
	size_t n, i;

	if (wg_rtnl_rules(rt, atoi(a[0]) == 6 ? AF_INET6 : AF_INET, &list, &n, &err) < 0)
		die();
	for (i = 0; i < n; i++)
		printf("%u:%s%s table %u mark %#x/%#x suppress %d proto %u\n", list[i].priority,
		       list[i].invert ? " not" : "", list[i].foreign ? " foreign" : "",
		       list[i].table, list[i].fwmark, list[i].fwmask, list[i].suppress_prefixlength,
		       list[i].protocol);
	free(list);
}

static void show_way(char **a)
{
	struct wg_prefix to = prefix(a[0]);
	struct wg_route r;
	int found = wg_rtnl_route_get(rt, to.family, to.addr, 0, 0, &r, &err);

	if (found < 0)
		die();
	if (found)
		print_route(&r);
	else
		puts("none");
}

/* COUNT IFNAME: 10.x.y.z/32, and the processor time that their commit took. */
static void many_routes(char **a)
{
	struct wg_route r = {.dst = {.family = AF_INET, .cidr = 32, .addr = {10}},
			     .oif = ifindex(a[1]),
			     .table = 254,
			     .protocol = WG_RTNL_PROTOCOL};
	u32 i, n = number(a[0]);
	struct rusage use;

	for (i = 0; i < n; i++) {
		r.dst.addr[1] = (u8)(i >> 16);
		r.dst.addr[2] = (u8)(i >> 8);
		r.dst.addr[3] = (u8)i;
		wg_rtnl_route_add(rt, &r);
	}
	commit();
	getrusage(RUSAGE_SELF, &use);
	printf("# %u routes: user %ld us, system %ld us\n", n, use.ru_utime.tv_usec,
	       use.ru_stime.tv_usec);
}

/* load|text|same FAMILY IFNAME MARK ADDRESS...; an address "+N" stands for N of them. */
static void nft(char **a, int n)
{
	static struct wg_prefix list[5000];
	struct wg_nft_guard g = {.family = atoi(a[1]) == 6 ? AF_INET6 : AF_INET,
				 .ifname = a[2],
				 .fwmark = number(a[3]),
				 .addresses = list};
	u32 more;
	int i;

	for (i = 4; i < n; i++) {
		if (a[i][0] != '+')
			list[g.n_addresses++] = prefix(a[i]);
		for (more = a[i][0] == '+' ? number(a[i] + 1) : 0; more; more--) {
			list[g.n_addresses] = prefix(g.family == AF_INET6 ? "fd00::" : "10.0.0.0");
			list[g.n_addresses].addr[2] = (u8)(more >> 8);
			list[g.n_addresses++].addr[3] = (u8)more;
		}
	}
	if (!strcmp(a[0], "text")) {
		char *text = wg_nft_guard_text(&g);

		fputs(text, stdout);
		free(text);
	} else if (!strcmp(a[0], "same")) {
		enum wg_nft_found found;
		bool same;

		if (wg_nft_guard_compare(&g, &found, &same, &err) < 0)
			die();
		puts(same ? "same" : found == WG_NFT_GUARD ? "other" : "none");
	} else if (wg_nft_guard_load(&g, &err) < 0)
		die();
}

static void change(char **a, int n)
{
	struct wg_route r;
	struct wg_rule u;
	struct wg_prefix p;

	if (!strcmp(a[0], "link-add")) {
		wg_rtnl_link_add(rt, a[1], a[2], n > 3 ? number(a[3]) : 0);
	} else if (!strcmp(a[0], "link-del")) {
		wg_rtnl_link_del(rt, ifindex(a[1]));
	} else if (!strcmp(a[0], "link-up")) {
		wg_rtnl_link_set(rt, ifindex(a[1]), number(a[2]), true);
	} else if (!strncmp(a[0], "addr-", 5)) {
		p = prefix(a[2]);
		(a[0][5] == 'a' ? wg_rtnl_address_add : wg_rtnl_address_del)(rt, ifindex(a[1]), &p);
	} else if (!strncmp(a[0], "route-", 6)) {
		r = route(a + 1, n - 1);
		(a[0][6] == 'a' ? wg_rtnl_route_add : wg_rtnl_route_del)(rt, &r);
	} else if (!strncmp(a[0], "rule-", 5)) {
		u = rule(a + 1, n - 1);
		(a[0][5] == 'a' ? wg_rtnl_rule_add : wg_rtnl_rule_del)(rt, &u);
	} else {
		fprintf(stderr, "unknown command %s\n", a[0]);
		exit(2);
	}
}

static void command(char **a, int n)
{
	if (!strcmp(a[0], "commit"))
		commit();
	else if (!strcmp(a[0], "link"))
		show_link(a + 1);
	else if (!strcmp(a[0], "links"))
		show_links(n > 1 ? a[1] : NULL);
	else if (!strcmp(a[0], "addresses"))
		show_addresses(a + 1, n - 1);
	else if (!strcmp(a[0], "routes"))
		show_routes(a + 1, n - 1);
	else if (!strcmp(a[0], "rules"))
		show_rules(a + 1);
	else if (!strcmp(a[0], "way"))
		show_way(a + 1);
	else if (!strcmp(a[0], "many-routes"))
		many_routes(a + 1);
	else if (!strcmp(a[0], "nft"))
		nft(a + 1, n - 1);
	else if (!strcmp(a[0], "nft-drop") &&
		 wg_nft_guard_drop(atoi(a[1]) == 6 ? AF_INET6 : AF_INET, a[2], &err) < 0)
		die();
	else if (strcmp(a[0], "nft-drop"))
		change(a, n);
}

int main(int argc, char **argv)
{
	int from, to;

	if (wg_rtnl_open(&rt, &err) < 0)
		die();
	for (from = 1; from < argc; from = to + 1) {
		for (to = from; to < argc && strcmp(argv[to], ",") != 0; to++)
			;
		if (to > from)
			command(argv + from, to - from);
	}
	commit();
	wg_rtnl_close(&rt);
	return 0;
}

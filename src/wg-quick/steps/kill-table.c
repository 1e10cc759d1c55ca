// SPDX-License-Identifier: GPL-2.0
/* One chain behind routing sees what programs of this host send and what the host forwards, with the link
 * that each packet leaves by. */
#include "kill-table.h"

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"

#define COMMENT "wg-quick kill switch" /* of each rule; that of a tunnel's goes on with the claim */

static const struct wg_nft_chain chains[] = {
	{"leave", "filter", NF_INET_POST_ROUTING, NF_IP_PRI_FILTER},
};

/* By the claims of all modes but LAN. */
static const char *const mode_names[] = {
	[KILL_SWITCH_YES] = "yes", [KILL_SWITCH_LAN] = "lan", [KILL_SWITCH_BOOT] = "boot"};

/* What `lan` lets pass. Networks that a link has an address of do not count if they are public: the
 * network that gives the address chooses them, and could so pull any traffic past the tunnel (TunnelCrack,
 * CVE-2023-36672). */
static const struct wg_prefix lan_networks[] = {
	{AF_INET, 8, {10}},
	{AF_INET, 12, {172, 16}},
	{AF_INET, 16, {192, 168}},
	{AF_INET, 16, {169, 254}},
	{AF_INET, 24, {224, 0, 0}},
	{AF_INET, 16, {239, 255}},
	{AF_INET, 32, {255, 255, 255, 255}},
	{AF_INET6, 10, {0xfe, 0x80}},
	{AF_INET6, 7, {0xfc}},
	{AF_INET6, 16, {0xff, 0x02}},
	{AF_INET6, 16, {0xff, 0x05}},
};
#define N_LAN_NETWORKS (sizeof(lan_networks) / sizeof(*lan_networks))

void kill_claims_set(struct kill_claims *c, const struct kill_claim *claim)
{
	size_t at = 0;

	kill_claims_remove(c, claim->name);
	while (at < c->n && strcmp(c->list[at].name, claim->name) < 0)
		at++;
	c->list = wg_realloc(c->list, c->n + 1, sizeof(*c->list));
	memmove(&c->list[at + 1], &c->list[at], (c->n - at) * sizeof(*c->list));
	c->list[at] = *claim;
	c->n++;
}

void kill_claims_remove(struct kill_claims *c, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->list[i].name, name) != 0)
			c->list[n++] = c->list[i];
	c->n = n;
}

const struct kill_claim *kill_claims_find(const struct kill_claims *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->list[i].name, name))
			return &c->list[i];
	return NULL;
}

void kill_claims_wipe(struct kill_claims *c)
{
	free(c->list);
	*c = (struct kill_claims){0};
}

/* The strictest claim decides. */
static bool spares_lan(const struct kill_claims *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].mode != KILL_SWITCH_LAN)
			return false;
	return true;
}

bool kill_claims_let_pass(const struct kill_claims *c, const struct wg_prefix *address)
{
	for (size_t i = 0; spares_lan(c) && i < N_LAN_NETWORKS; i++)
		if (wg_prefix_covers(&lan_networks[i], address))
			return true;
	return !c->n;
}

static void add_tunnel(struct wg_nft_table *t, const struct kill_claim *claim)
{
	cleanup(free_ptr) char *comment = wg_format(COMMENT " of %s %s %u", claim->name,
						    mode_names[claim->mode], claim->mark);

	wg_nft_rule_in(t, 0);
	wg_nft_match_link(t, false, true, claim->name);
	wg_nft_accept(t);
	wg_nft_rule_done(t, comment);
	if (!claim->mark)
		return;
	wg_nft_rule_in(t, 0);
	wg_nft_match_protocol(t, IPPROTO_UDP);
	wg_nft_match_mark(t, claim->mark);
	wg_nft_accept(t);
	wg_nft_rule_done(t, COMMENT);
}

/* Programs of users cannot send from these ports, which only root may use. */
static void add_dhcp(struct wg_nft_table *t, u8 family, u16 client, u16 server)
{
	wg_nft_rule_in(t, 0);
	wg_nft_match_family(t, family);
	wg_nft_match_protocol(t, IPPROTO_UDP);
	wg_nft_match_port(t, IPPROTO_UDP, true, client);
	wg_nft_match_port(t, IPPROTO_UDP, false, server);
	wg_nft_accept(t);
	wg_nft_rule_done(t, COMMENT);
}

/* Routers and neighbours, and the groups of multicast that a switch must know of to pass them on: without
 * these, IPv6 has no link layer addresses. IPv4 has ARP, which is no IP and never comes here. */
static void add_neighbours(struct wg_nft_table *t)
{
	static const u8 types[] = {133, 134, 135, 136, 131, 132, 143}; /* RFC 4861, RFC 2710, RFC 3810 */

	for (size_t i = 0; i < sizeof(types); i++) {
		wg_nft_rule_in(t, 0);
		wg_nft_match_family(t, AF_INET6);
		wg_nft_match_protocol(t, IPPROTO_ICMPV6);
		wg_nft_match_icmpv6(t, types[i]);
		wg_nft_accept(t);
		wg_nft_rule_done(t, COMMENT);
	}
}

/* Names are asked of the tunnel's servers only, even if the LAN has some: DNS, and DNS over TLS or QUIC. */
static void add_lan(struct wg_nft_table *t)
{
	static const struct {
		u8 protocol;
		u16 port;
	} names[] = {{IPPROTO_UDP, 53}, {IPPROTO_TCP, 53}, {IPPROTO_UDP, 853}, {IPPROTO_TCP, 853}};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		wg_nft_rule_in(t, 0);
		wg_nft_match_protocol(t, names[i].protocol);
		wg_nft_match_port(t, names[i].protocol, false, names[i].port);
		wg_nft_drop(t);
		wg_nft_rule_done(t, COMMENT);
	}
	for (size_t i = 0; i < N_LAN_NETWORKS; i++) {
		wg_nft_rule_in(t, 0);
		wg_nft_match_destination(t, &lan_networks[i]);
		wg_nft_accept(t);
		wg_nft_rule_done(t, COMMENT);
	}
}

/* The last rule drops, and not the chain's policy: that would count before the rules of a table that
 * replaces another one do, and drop for this moment what is to pass. */
struct wg_nft_table *kill_table_build(const struct kill_claims *c)
{
	struct wg_nft_table *t = wg_nft_table_new(KILL_TABLE_NAME, chains, sizeof(chains) / sizeof(*chains));

	wg_nft_rule_in(t, 0);
	wg_nft_match_link(t, false, true, "lo");
	wg_nft_accept(t);
	wg_nft_rule_done(t, COMMENT);
	for (size_t i = 0; i < c->n; i++)
		add_tunnel(t, &c->list[i]);
	add_dhcp(t, AF_INET, 68, 67);
	add_dhcp(t, AF_INET6, 546, 547);
	add_neighbours(t);
	if (spares_lan(c))
		add_lan(t);
	wg_nft_rule_in(t, 0);
	wg_nft_drop(t);
	wg_nft_rule_done(t, COMMENT);
	return t;
}

static void note_comment(void *claims, const char *comment)
{
	struct kill_claim claim = {0};
	char mode[8], mark[11], end;

	_Static_assert(IFNAMSIZ == 16, "the width below");
	if (sscanf(comment, COMMENT " of %15s %7s %10[0-9]%c", claim.name, mode, mark, &end) != 3)
		return;
	claim.mark = (u32)strtoul(mark, NULL, 10);
	for (size_t i = KILL_SWITCH_YES; i < sizeof(mode_names) / sizeof(*mode_names); i++)
		if (!strcmp(mode, mode_names[i]))
			claim.mode = (enum kill_switch)i;
	if (claim.mode != KILL_SWITCH_NO)
		kill_claims_set(claims, &claim);
}

int kill_table_read(struct kill_claims *c, struct wg_error *err)
{
	cleanup(wg_nft_table_freep) struct wg_nft_table *t =
		wg_nft_table_new(KILL_TABLE_NAME, chains, sizeof(chains) / sizeof(*chains));
	enum wg_nft_state state;

	return wg_nft_table_find(t, COMMENT, &state, note_comment, c, err);
}

int kill_table_compare(const struct kill_claims *c, enum wg_nft_state *state, struct wg_error *err)
{
	cleanup(wg_nft_table_freep) struct wg_nft_table *t = kill_table_build(c);

	return wg_nft_table_find(t, COMMENT, state, NULL, NULL, err);
}

int kill_table_load(const struct kill_claims *c, struct wg_error *err)
{
	cleanup(wg_nft_table_freep) struct wg_nft_table *t = kill_table_build(c);

	return c->n ? wg_nft_table_load(t, COMMENT, err) : wg_nft_table_remove(t, err);
}

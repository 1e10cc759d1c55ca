// SPDX-License-Identifier: GPL-2.0
/* Masquerade and ClampMSS: the nftables table "inet wg-quick-gate-NAME" of one tunnel. */
#include "gateway.h"
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/net/nft-table.h"
#include "../host/test-hooks.h"
#include "ops.h"

#define COMMENT "wg-quick gateway" /* of each rule */

enum { CHAIN_MASQUERADE, CHAIN_CLAMP };
static const struct wg_nft_chain chains[] = {
	[CHAIN_MASQUERADE] = {"masquerade", "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC},
	[CHAIN_CLAMP] = {"clamp", "filter", NF_INET_FORWARD, NF_IP_PRI_MANGLE},
};

/* What leaves by another link than it came in by, one of them the tunnel: `into` the tunnel, or from it. */
static void add_masquerade(struct wg_nft_table *t, const char *ifname, bool into)
{
	wg_nft_rule_in(t, CHAIN_MASQUERADE);
	wg_nft_match_link(t, true, !into, ifname);
	wg_nft_match_link(t, false, into, ifname);
	wg_nft_masquerade(t);
	wg_nft_rule_done(t, COMMENT);
}

static void add_clamp(struct wg_nft_table *t, const char *ifname, bool in)
{
	wg_nft_rule_in(t, CHAIN_CLAMP);
	wg_nft_match_link(t, in, true, ifname);
	wg_nft_match_protocol(t, IPPROTO_TCP);
	wg_nft_match_syn(t);
	wg_nft_clamp_mss(t);
	wg_nft_rule_done(t, COMMENT);
}

static struct wg_nft_table *build(u32 gateway, const char *ifname)
{
	cleanup(free_ptr) char *name = wg_format("wg-quick-gate-%s", ifname);
	struct wg_nft_table *t = wg_nft_table_new(name, chains, sizeof(chains) / sizeof(*chains));

	if (gateway & GATEWAY_MASQUERADE_FROM)
		add_masquerade(t, ifname, false);
	if (gateway & GATEWAY_MASQUERADE_INTO)
		add_masquerade(t, ifname, true);
	if (gateway & GATEWAY_CLAMP_MSS) {
		add_clamp(t, ifname, true);
		add_clamp(t, ifname, false);
	}
	return t;
}

static char *gateway_command(const struct step *s, const char *ifname)
{
	cleanup(wg_nft_table_freep) struct wg_nft_table *t = build(s->gateway, ifname);

	return wg_format("nft '%s'", wg_nft_table_text(t));
}

static char *gateway_undo_command(const struct step *s, const char *ifname)
{
	(void)s;
	return wg_format("nft delete table inet wg-quick-gate-%s", ifname);
}

static const struct {
	u32 flag;
	const char *word;
} words[] = {
	{GATEWAY_MASQUERADE_FROM, "from"},
	{GATEWAY_MASQUERADE_INTO, "into"},
	{GATEWAY_CLAMP_MSS, "clamp"},
};
#define N_WORDS (sizeof(words) / sizeof(*words))

static void gateway_write(FILE *f, const struct step *s)
{
	for (size_t i = 0; i < N_WORDS; i++)
		if (s->gateway & words[i].flag)
			fprintf(f, " %s", words[i].word);
}

/* The words in their order, each once at most. */
static bool gateway_read(struct fields *c, struct step *s)
{
	const char *names[N_WORDS];
	int last = -1;

	for (size_t i = 0; i < N_WORDS; i++)
		names[i] = words[i].word;
	while (c->s) {
		int i = fields_take_index(c, names, N_WORDS);

		if (i <= last)
			return false;
		s->gateway |= words[i].flag;
		last = i;
	}
	return true;
}

static int gateway_order(const struct step *a, const struct step *b)
{
	return order_numbers(a->gateway, b->gateway);
}

static bool gateway_replaces(const struct step *s, const struct step *old)
{
	(void)s, (void)old;
	return true;
}

static int gateway_run(struct run *r, const struct step *s, struct wg_error *err)
{
	cleanup(wg_nft_table_freep) struct wg_nft_table *t = build(s->gateway, r->name);

	if (!test_hooks_result(wg_nft_table_load(t, COMMENT, err), err))
		return 0;
	if (wg_nft_is_missing(err))
		return wg_error_prefix(err, "Masquerade and ClampMSS need nftables, with NAT for inet, which "
				       "this kernel does not have");
	return step_refused(r, s, err);
}

int gateway_find(const char *ifname, enum wg_nft_state *state, struct wg_error *err)
{
	cleanup(wg_nft_table_freep) struct wg_nft_table *t = build(0, ifname);

	return wg_nft_table_find(t, COMMENT, state, NULL, NULL, err);
}

static enum undo_result gateway_undo(struct run *r, const struct step *s, bool sure, struct wg_error *err)
{
	cleanup(wg_nft_table_freep) struct wg_nft_table *t = build(s->gateway, r->name);
	enum wg_nft_state state;

	(void)sure;
	if (gateway_find(r->name, &state, err) < 0)
		return UNDO_REMAINS;
	if (state == WG_NFT_OTHERS)
		wg_log_say(r->log, WG_LOG_WARNING, "the nftables table `inet wg-quick-gate-%s' is not this "
			   "tunnel's: it is left alone", r->name);
	if (state == WG_NFT_OTHERS || state == WG_NFT_ABSENT)
		return UNDO_DONE;
	step_echo_undo(r, s);
	return test_hooks_result(wg_nft_table_remove(t, err), err) ? UNDO_REMAINS : UNDO_DONE;
}

static int gateway_compare(const struct run *r, const struct step *s, enum step_state *state,
			   struct wg_error *err)
{
	static const enum step_state states[] = {
		[WG_NFT_ABSENT] = STEP_MISSING,
		[WG_NFT_SAME] = STEP_PRESENT,
		[WG_NFT_DIFFERS] = STEP_DIFFERS,
		[WG_NFT_OTHERS] = STEP_FOREIGN,
	};
	cleanup(wg_nft_table_freep) struct wg_nft_table *t = build(s->gateway, r->name);
	enum wg_nft_state found;

	if (wg_nft_table_find(t, COMMENT, &found, NULL, NULL, err) < 0)
		return -1;
	*state = states[found];
	return 0;
}

const struct step_ops step_gateway_ops = {
	.name = "gateway",
	.undo_order = UNDO_FIREWALL,
	.command = gateway_command,
	.undo_command = gateway_undo_command,
	.write = gateway_write,
	.read = gateway_read,
	.order = gateway_order,
	.replaces = gateway_replaces,
	.run = gateway_run,
	.undo = gateway_undo,
	.compare = gateway_compare,
};

/* SPDX-License-Identifier: GPL-2.0 */
/* A table of ours in the nftables family inet, which is of IPv4 and IPv6: built as rows, loaded in one
 * atomic batch, and compared with what the kernel has. Each call that adds to a rule adds to its text
 * for nft(8), too, so that both say the same.
 *
 * A rule begins with wg_nft_rule_in, then come its matches in order, one action, and wg_nft_rule_done. */
#ifndef WG_LIB_NFT_TABLE_H
#define WG_LIB_NFT_TABLE_H

#include "../../port.h"
#include "../base/error.h"
#include "../base/prefix.h"

/* A chain that a hook of the kernel calls. */
struct wg_nft_chain {
	const char *name;
	const char *type; /* "filter" or "nat" */
	u32 hook;         /* NF_INET_* */
	s32 priority;
};

struct wg_nft_table;

/* Begins a table of this name, of at most 31 bytes, with these chains. `chains` outlives the table. */
struct wg_nft_table *wg_nft_table_new(const char *name, const struct wg_nft_chain *chains, size_t n_chains);
void wg_nft_table_freep(struct wg_nft_table **t); /* for cleanup() */

/* Begins a rule at the end of this chain. All rules of a chain come before those of the next one. */
void wg_nft_rule_in(struct wg_nft_table *t, size_t chain);
/* The packet comes in by (`in`) or leaves by a link of this name; or, without `equal`, by another one. */
void wg_nft_match_link(struct wg_nft_table *t, bool in, bool equal, const char *ifname);
void wg_nft_match_family(struct wg_nft_table *t, u8 family); /* AF_INET or AF_INET6 */
void wg_nft_match_protocol(struct wg_nft_table *t, u8 protocol); /* IPPROTO_* */
void wg_nft_match_mark(struct wg_nft_table *t, u32 mark);
/* After wg_nft_match_protocol with IPPROTO_UDP or IPPROTO_TCP. `source`: the source port. */
void wg_nft_match_port(struct wg_nft_table *t, u8 protocol, bool source, u16 port);
/* After wg_nft_match_protocol with IPPROTO_ICMPV6. */
void wg_nft_match_icmpv6(struct wg_nft_table *t, u8 type);
/* After wg_nft_match_protocol with IPPROTO_TCP: SYN is set, and RST is not. */
void wg_nft_match_syn(struct wg_nft_table *t);
/* The destination is in the network. Includes wg_nft_match_family. */
void wg_nft_match_destination(struct wg_nft_table *t, const struct wg_prefix *net);
void wg_nft_accept(struct wg_nft_table *t);
void wg_nft_drop(struct wg_nft_table *t);
void wg_nft_masquerade(struct wg_nft_table *t);
/* Lowers the MSS to what the MTU of both ways of the connection allows. After wg_nft_match_syn. */
void wg_nft_clamp_mss(struct wg_nft_table *t);
/* Ends the rule. `comment` marks it as ours, is shown by nft(8), and has at most 127 bytes, none of them a
 * quotation mark. */
void wg_nft_rule_done(struct wg_nft_table *t, const char *comment);

enum wg_nft_state {
	WG_NFT_ABSENT,  /* no such table, or no nftables in this kernel */
	WG_NFT_SAME,    /* it is exactly this one */
	WG_NFT_DIFFERS, /* it is ours: it has our chains only, and a rule with a comment of ours or no rules */
	WG_NFT_OTHERS,  /* somebody else's table has the name */
};

/* Compares the kernel's table of this name. `note`, which may be NULL, is called with the comment of
 * each rule of a table that is ours. A comment is ours if it begins with `prefix`. */
int wg_nft_table_find(const struct wg_nft_table *t, const char *prefix, enum wg_nft_state *state,
		      void (*note)(void *ctx, const char *comment), void *ctx, struct wg_error *err);
/* Loads the table in one batch, which also removes one of ours of that name. err->code is EEXIST if
 * somebody else's has the name; wg_nft_is_missing(err) says whether the kernel lacks nftables. */
int wg_nft_table_load(const struct wg_nft_table *t, const char *prefix, struct wg_error *err);
/* Removes the table of this name, whoever made it: see wg_nft_table_find. 0 also where there is none. */
int wg_nft_table_remove(const struct wg_nft_table *t, struct wg_error *err);
bool wg_nft_is_missing(const struct wg_error *err);
/* What wg_nft_table_load does as commands for nft(8), separated by "; ". The table's. */
const char *wg_nft_table_text(struct wg_nft_table *t);

/* Calls `note` with each chain of any table that the kernel calls at `hook` (NF_INET_*) and that drops
 * what it does not accept. Nothing is called without nftables. */
int wg_nft_find_dropping(u32 hook,
			 void (*note)(void *ctx, const char *family, const char *table, const char *chain),
			 void *ctx, struct wg_error *err);

#endif

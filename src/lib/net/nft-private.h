/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of nft share: a batch with its messages, a rule under construction, and a question
 * about one table. Nothing here complains: a batch without memory is refused when it is sent. */
#ifndef WG_LIB_NFT_PRIVATE_H
#define WG_LIB_NFT_PRIVATE_H

#include <netinet/in.h> /* before linux/netfilter.h, whose linux/in.h would collide with it */
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <stdbool.h>
#include "../../port.h"
#include "nft-table.h"

#define WG_NFT_NAME_SIZE  32 /* of a table, with its NUL: what kernels before 4.14 take */
#define WG_NFT_READ_TRIES 20 /* others may change their rules while ours are read */

struct wg_nft_batch {
	char *data;
	size_t len, room;
	u32 seq;
	u16 family; /* NFPROTO_* */
	char table[WG_NFT_NAME_SIZE];
	bool no_memory;
};

/* A rule under construction; NULL inside once there was no memory. */
struct wg_nft_rule {
	struct nftnl_rule *r;
};

/* Begins an empty batch about one table of this family (NFPROTO_*). A name that is too long is cut. */
void wg_nft_batch_init(struct wg_nft_batch *b, u16 family, const char *table);
void wg_nft_batch_wipe(struct wg_nft_batch *b); /* for cleanup() too */
/* Adds the begin or the end of the batch itself. */
void wg_nft_batch_mark(struct wg_nft_batch *b, struct nlmsghdr *(*mark)(char *buf, u32 seq));
void wg_nft_put_table(struct wg_nft_batch *b, u16 type, u16 flags);
void wg_nft_put_chain(struct wg_nft_batch *b, const struct wg_nft_chain *chain);
/* Sends the batch, which the kernel takes as a whole or not at all. Returns the errno of its first
 * complaint, 0 for success. */
int wg_nft_batch_send(const struct wg_nft_batch *b);

void wg_nft_rule_begin(struct wg_nft_rule *rule, const struct wg_nft_batch *b, const char *chain);
/* Adds the rule to the end of its chain. */
void wg_nft_put_rule(struct wg_nft_batch *b, const struct wg_nft_rule *rule);
/* The same, and releases the rule. */
void wg_nft_rule_end(struct wg_nft_rule *rule, struct wg_nft_batch *b);
/* Appends an expression of this kind to the rule and returns it, the rule's; NULL without memory. */
struct nftnl_expr *wg_nft_rule_expr(struct wg_nft_rule *rule, const char *name);
/* register 1 = KEY of meta or ct, or the other way round. `expr` is the kind of expression. */
void wg_nft_rule_key(struct wg_nft_rule *rule, const char *expr, u16 key_attr, u32 key, u16 reg_attr);
void wg_nft_rule_meta(struct wg_nft_rule *rule, enum nft_meta_keys key);
/* register 1 = `len` bytes of the packet's header `base` from `offset` on. */
void wg_nft_rule_payload(struct wg_nft_rule *rule, enum nft_payload_bases base, u32 offset, u32 len);
/* Goes on only where register 1 is, or is not, this. */
void wg_nft_rule_cmp(struct wg_nft_rule *rule, enum nft_cmp_ops op, const void *data, u32 len);
/* Goes on only where the packet comes in by (NFT_META_IIFNAME) or leaves by (NFT_META_OIFNAME) a link of
 * this name, or does not. */
void wg_nft_rule_ifname(struct wg_nft_rule *rule, enum nft_meta_keys key, enum nft_cmp_ops op,
			const char *ifname);
void wg_nft_rule_verdict(struct wg_nft_rule *rule, int verdict);

/* Asks one question about the table of `b`, or with an empty name about all. Returns an errno, 0 for success; what is not there answers
 * nothing. EINTR: the lists changed while they were read. */
int wg_nft_ask(const struct wg_nft_batch *b, u16 type, u16 flags,
	       int (*read)(const struct nlmsghdr *, void *), void *ctx);
/* Whether this errno says that the table is not there, or that the kernel lacks nftables. */
bool wg_nft_is_absent(int code);
/* Sets *there if the table is there. An errno, 0 for success. */
int wg_nft_has_table(const struct wg_nft_batch *b, bool *there);

#endif

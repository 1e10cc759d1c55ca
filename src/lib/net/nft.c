/* SPDX-License-Identifier: GPL-2.0 */
/* Fails with the kernel's first complaint; nothing has changed then. */
#include "nft.h"

#include <errno.h>
#include <libnftnl/chain.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "../base/cleanup.h"
#include "nft-private.h"

#define TABLE_PREFIX  "wg-quick-"
#define TABLE_NAMELEN (sizeof(TABLE_PREFIX) + IFNAMSIZ)

static void batch_init(struct wg_nft_batch *b, u8 family, const char *ifname)
{
	char table[WG_NFT_NAME_SIZE];

	snprintf(table, sizeof(table), TABLE_PREFIX "%.*s", IFNAMSIZ - 1, ifname);
	wg_nft_batch_init(b, family == AF_INET6 ? NFPROTO_IPV6 : NFPROTO_IPV4, table);
}

static void rule_source_type(struct wg_nft_rule *rule)
{
	struct nftnl_expr *e = wg_nft_rule_expr(rule, "fib");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_SADDR);
}

/* iifname != IFNAME ip daddr ADDR fib saddr type != local drop */
static void put_address(struct wg_nft_batch *b, const char *ifname, const struct wg_prefix *addr)
{
	u32 local = RTN_LOCAL, len = addr->family == AF_INET6 ? 16 : 4;
	struct wg_nft_rule rule;

	wg_nft_rule_begin(&rule, b, "preraw");
	wg_nft_rule_ifname(&rule, NFT_META_IIFNAME, NFT_CMP_NEQ, ifname);
	wg_nft_rule_payload(&rule, NFT_PAYLOAD_NETWORK_HEADER, addr->family == AF_INET6 ? 24 : 16, len);
	wg_nft_rule_cmp(&rule, NFT_CMP_EQ, addr->addr, len);
	rule_source_type(&rule);
	wg_nft_rule_cmp(&rule, NFT_CMP_NEQ, &local, sizeof(local));
	wg_nft_rule_verdict(&rule, NF_DROP);
	wg_nft_rule_end(&rule, b);
}

static void rule_udp(struct wg_nft_rule *rule)
{
	u8 udp = IPPROTO_UDP;

	wg_nft_rule_meta(rule, NFT_META_L4PROTO);
	wg_nft_rule_cmp(rule, NFT_CMP_EQ, &udp, sizeof(udp));
}

/* meta l4proto udp meta mark FWMARK ct mark set meta mark */
static void put_mark_save(struct wg_nft_batch *b, u32 fwmark)
{
	struct wg_nft_rule rule;

	wg_nft_rule_begin(&rule, b, "postmangle");
	rule_udp(&rule);
	wg_nft_rule_meta(&rule, NFT_META_MARK);
	wg_nft_rule_cmp(&rule, NFT_CMP_EQ, &fwmark, sizeof(fwmark));
	wg_nft_rule_meta(&rule, NFT_META_MARK);
	wg_nft_rule_key(&rule, "ct", NFTNL_EXPR_CT_KEY, NFT_CT_MARK, NFTNL_EXPR_CT_SREG);
	wg_nft_rule_end(&rule, b);
}

/* meta l4proto udp meta mark set ct mark */
static void put_mark_restore(struct wg_nft_batch *b)
{
	struct wg_nft_rule rule;

	wg_nft_rule_begin(&rule, b, "premangle");
	rule_udp(&rule);
	wg_nft_rule_key(&rule, "ct", NFTNL_EXPR_CT_KEY, NFT_CT_MARK, NFTNL_EXPR_CT_DREG);
	wg_nft_rule_key(&rule, "meta", NFTNL_EXPR_META_KEY, NFT_META_MARK, NFTNL_EXPR_META_SREG);
	wg_nft_rule_end(&rule, b);
}

static const struct wg_nft_chain base_chains[] = {
	{"preraw", "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW},
	{"premangle", "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_MANGLE},
	{"postmangle", "filter", NF_INET_POST_ROUTING, NF_IP_PRI_MANGLE},
};
#define N_CHAINS (sizeof(base_chains) / sizeof(*base_chains))

/* `replace`: a table that is there goes in the same transaction. */
static void put_guard(struct wg_nft_batch *b, const struct wg_nft_guard *g, bool replace)
{
	size_t i;

	wg_nft_batch_mark(b, nftnl_batch_begin);
	if (replace)
		wg_nft_put_table(b, NFT_MSG_DELTABLE, 0);
	wg_nft_put_table(b, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
	for (i = 0; i < N_CHAINS; i++)
		wg_nft_put_chain(b, &base_chains[i]);
	for (i = 0; i < g->n_addresses; i++)
		if (g->addresses[i].family == g->family)
			put_address(b, g->ifname, &g->addresses[i]);
	put_mark_save(b, g->fwmark);
	put_mark_restore(b);
	wg_nft_batch_mark(b, nftnl_batch_end);
}

/* What is known of a table while its chains and rules are read. */
struct finding {
	const char *table;
	size_t chains; /* of ours */
	size_t rules;
	bool save;     /* the rule that saves the mark */
	u32 fwmark;
	/* What the table is compared with; NULL: nothing. */
	const struct wg_nft_guard *guard;
	size_t next;   /* of its addresses: the first that no rule has been found for */
	size_t drops;  /* rules for addresses */
	bool differs;  /* one of them is not the one that is expected in its place */
};

static int read_chain(const struct nlmsghdr *nlh, void *ctx)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	struct finding *f = ctx;

	if (c && !nftnl_chain_nlmsg_parse(nlh, c) &&
	    !strcmp(nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE) ?: "", f->table)) {
		for (size_t i = 0; i < N_CHAINS; i++)
			f->chains += nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM) &&
				     !strcmp(nftnl_chain_get_str(c, NFTNL_CHAIN_NAME) ?: "",
					     base_chains[i].name) &&
				     nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM) ==
					     base_chains[i].hook &&
				     nftnl_chain_get_s32(c, NFTNL_CHAIN_PRIO) ==
					     base_chains[i].priority;
	}
	if (c)
		nftnl_chain_free(c);
	return MNL_CB_OK;
}

/* Goes through the expressions of a rule of ours that saves the mark. True if they are exactly these;
 * *fwmark is the mark. */
static bool is_mark_save(const struct nftnl_rule *r, u32 *fwmark)
{
	static const char *const names[] = {"meta", "cmp", "meta", "cmp", "meta", "ct"};
	struct nftnl_expr_iter *it = nftnl_expr_iter_create(r);
	size_t n = 0, count = sizeof(names) / sizeof(*names);
	struct nftnl_expr *e;
	bool same = it;
	u32 len = 0;

	while (same && (e = nftnl_expr_iter_next(it))) {
		same = n < count && !strcmp(nftnl_expr_get_str(e, NFTNL_EXPR_NAME), names[n]);
		if (same && n == 3) {
			const void *data = nftnl_expr_get(e, NFTNL_EXPR_CMP_DATA, &len);

			same = data && len == sizeof(*fwmark);
			if (same)
				memcpy(fwmark, data, sizeof(*fwmark));
		}
		if (same && n == 5)
			same = nftnl_expr_is_set(e, NFTNL_EXPR_CT_SREG) &&
			       nftnl_expr_get_u32(e, NFTNL_EXPR_CT_KEY) == NFT_CT_MARK;
		n++;
	}
	if (it)
		nftnl_expr_iter_destroy(it);
	return same && n == count;
}

/* The address whose packets a rule of ours drops, of *len bytes; NULL for any other rule. It is the
 * rule's. */
static const void *dropped_address(const struct nftnl_rule *r, u32 *len)
{
	static const char *const names[] = {"meta", "cmp", "payload", "cmp", "fib", "cmp", "immediate"};
	struct nftnl_expr_iter *it = nftnl_expr_iter_create(r);
	size_t n = 0, count = sizeof(names) / sizeof(*names);
	const void *address = NULL;
	struct nftnl_expr *e;
	bool same = it;

	while (same && (e = nftnl_expr_iter_next(it))) {
		same = n < count && !strcmp(nftnl_expr_get_str(e, NFTNL_EXPR_NAME), names[n]);
		if (same && n == 3)
			address = nftnl_expr_get(e, NFTNL_EXPR_CMP_DATA, len);
		n++;
	}
	if (it)
		nftnl_expr_iter_destroy(it);
	return same && n == count ? address : NULL;
}

/* Moves f->next to the next address of the table's family. False: there is none. */
static bool next_address(struct finding *f)
{
	while (f->next < f->guard->n_addresses &&
	       f->guard->addresses[f->next].family != f->guard->family)
		f->next++;
	return f->next < f->guard->n_addresses;
}

/* Compares a rule of the chain preraw with the next address. */
static void compare_address(struct finding *f, const struct nftnl_rule *r)
{
	u32 len = 0;
	const void *address = dropped_address(r, &len);

	f->drops++;
	if (!address || !next_address(f) || len != (f->guard->family == AF_INET6 ? 16u : 4u) ||
	    memcmp(address, f->guard->addresses[f->next].addr, len) != 0)
		f->differs = true;
	f->next++;
}

static int read_rule(const struct nlmsghdr *nlh, void *ctx)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	struct finding *f = ctx;
	u32 fwmark = 0;

	if (r && !nftnl_rule_nlmsg_parse(nlh, r) &&
	    !strcmp(nftnl_rule_get_str(r, NFTNL_RULE_TABLE) ?: "", f->table)) {
		f->rules++;
		if (f->guard && !strcmp(nftnl_rule_get_str(r, NFTNL_RULE_CHAIN) ?: "", "preraw"))
			compare_address(f, r);
		if (!strcmp(nftnl_rule_get_str(r, NFTNL_RULE_CHAIN) ?: "", "postmangle") &&
		    is_mark_save(r, &fwmark)) {
			f->save = true;
			f->fwmark = fwmark;
		}
	}
	if (r)
		nftnl_rule_free(r);
	return MNL_CB_OK;
}

/* Reads the table once: an errno, 0 for success. EINTR: the lists changed while they were read. */
static int read_guard(const struct wg_nft_batch *b, struct finding *f, bool *there)
{
	int code = wg_nft_has_table(b, there);

	if (!*there)
		return code;
	if (!code)
		code = wg_nft_ask(b, NFT_MSG_GETCHAIN, NLM_F_DUMP, read_chain, f);
	if (!code && f->chains == N_CHAINS)
		code = wg_nft_ask(b, NFT_MSG_GETRULE, NLM_F_DUMP, read_rule, f);
	return code;
}

/* Reads the table, and compares it with `guard` (NULL: with nothing). */
static int find_guard(u8 family, const char *ifname, const struct wg_nft_guard *guard,
		      struct finding *f, enum wg_nft_found *found, struct wg_error *err)
{
	cleanup(wg_nft_batch_wipe) struct wg_nft_batch b;
	bool there = false;
	int code = EINTR;

	batch_init(&b, family, ifname);
	for (int i = 0; code == EINTR && i < WG_NFT_READ_TRIES; i++) {
		*f = (struct finding){.table = b.table, .guard = guard};
		there = false;
		code = read_guard(&b, f, &there);
	}
	if (code)
		return wg_error_errno(err, code, "cannot read nftables table %s", b.table);
	*found = WG_NFT_NONE;
	if (there)
		*found = f->chains == N_CHAINS && (f->save || !f->rules) ? WG_NFT_GUARD
									 : WG_NFT_FOREIGN;
	return 0;
}

int wg_nft_guard_find(u8 family, const char *ifname, enum wg_nft_found *found, u32 *fwmark,
		      struct wg_error *err)
{
	struct finding f = {0};

	if (find_guard(family, ifname, NULL, &f, found, err) < 0)
		return -1;
	*fwmark = f.fwmark;
	return 0;
}

int wg_nft_guard_compare(const struct wg_nft_guard *guard, enum wg_nft_found *found, bool *same,
			 struct wg_error *err)
{
	struct finding f = {0};

	if (find_guard(guard->family, guard->ifname, guard, &f, found, err) < 0)
		return -1;
	/* Besides those for addresses there is one rule that saves the mark and one that restores it. */
	*same = *found == WG_NFT_GUARD && f.save && f.fwmark == guard->fwmark && !f.differs &&
		!next_address(&f) && f.rules == f.drops + 2;
	return 0;
}

static int guard_send(const struct wg_nft_guard *guard, bool replace)
{
	cleanup(wg_nft_batch_wipe) struct wg_nft_batch b;

	batch_init(&b, guard->family, guard->ifname);
	put_guard(&b, guard, replace);
	return wg_nft_batch_send(&b);
}

int wg_nft_guard_load(const struct wg_nft_guard *guard, struct wg_error *err)
{
	enum wg_nft_found found = WG_NFT_NONE;
	int code = guard_send(guard, false);
	u32 fwmark;

	if (code == EEXIST) {
		if (wg_nft_guard_find(guard->family, guard->ifname, &found, &fwmark, err) < 0)
			return -1;
		if (found == WG_NFT_FOREIGN) {
			wg_error_set(err, "an nftables table " TABLE_PREFIX "%s is there that is not "
				     "wg-quick's: rename or delete that table", guard->ifname);
			err->code = EEXIST;
			return -1;
		}
		code = guard_send(guard, found == WG_NFT_GUARD);
	}
	return code ? wg_error_errno(err, code, "cannot load nftables table " TABLE_PREFIX "%s",
				     guard->ifname) : 0;
}

int wg_nft_guard_drop(u8 family, const char *ifname, struct wg_error *err)
{
	cleanup(wg_nft_batch_wipe) struct wg_nft_batch b;
	int code;

	batch_init(&b, family, ifname);
	wg_nft_batch_mark(&b, nftnl_batch_begin);
	wg_nft_put_table(&b, NFT_MSG_DELTABLE, 0);
	wg_nft_batch_mark(&b, nftnl_batch_end);
	code = wg_nft_batch_send(&b);
	if (code == 0 || wg_nft_is_absent(code))
		return 0;
	return wg_error_errno(err, code, "cannot remove nftables table %s", b.table);
}

size_t wg_nft_guard_batch(const struct wg_nft_guard *guard, void *buf, size_t size)
{
	cleanup(wg_nft_batch_wipe) struct wg_nft_batch b;

	batch_init(&b, guard->family, guard->ifname);
	put_guard(&b, guard, false);
	memcpy(buf, b.data, b.len < size ? b.len : size);
	return b.len;
}

static void text_write(FILE *f, const struct wg_nft_guard *g)
{
	const char *ip = g->family == AF_INET6 ? "ip6" : "ip";
	char table[sizeof("ip6 ") + TABLE_NAMELEN], addr[INET6_ADDRSTRLEN];
	size_t i;

	snprintf(table, sizeof(table), "%s " TABLE_PREFIX "%.*s", ip, IFNAMSIZ - 1, g->ifname);
	fprintf(f, "add table %s\ndelete table %s\nadd table %s\n", table, table, table);
	fprintf(f, "add chain %s preraw { type filter hook prerouting priority -300; }\n", table);
	fprintf(f, "add chain %s premangle { type filter hook prerouting priority -150; }\n",
		table);
	fprintf(f, "add chain %s postmangle { type filter hook postrouting priority -150; }\n",
		table);
	for (i = 0; i < g->n_addresses; i++)
		if (g->addresses[i].family == g->family)
			fprintf(f,
				"add rule %s preraw iifname != \"%s\" %s daddr %s "
				"fib saddr type != local drop\n",
				table, g->ifname, ip,
				inet_ntop(g->family, g->addresses[i].addr, addr, sizeof(addr)));
	fprintf(f, "add rule %s postmangle meta l4proto udp meta mark %u ct mark set meta mark\n",
		table, g->fwmark);
	fprintf(f, "add rule %s premangle meta l4proto udp meta mark set ct mark\n", table);
}

char *wg_nft_guard_text(const struct wg_nft_guard *guard)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	text_write(f, guard);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

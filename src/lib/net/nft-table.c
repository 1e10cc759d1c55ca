/* SPDX-License-Identifier: GPL-2.0 */
/* The rules are compared as libnftnl prints their expressions, which says all that they hold. */
#include "nft-table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/udata.h>
#include <linux/netfilter_ipv4.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "../base/alloc.h"
#include "../base/cleanup.h"
#include "nft-private.h"

#define MSS_OPTION     2 /* TCP's option "maximum segment size" (RFC 9293, 3.2): its kind, */
#define MSS_OFFSET     2 /* and where its value is, */
#define MSS_LENGTH     2 /* which has so many bytes */
#define TCP_FLAGS      13 /* the offset of the flags in TCP's header */
#define TCP_SYN	       0x02
#define TCP_RST	       0x04
#define RULE_TEXT_SIZE 2048 /* bytes of one rule's expressions as text; ours have a tenth of it */

struct row {
	struct wg_nft_rule rule;
	size_t chain;
};

struct wg_nft_table {
	char name[WG_NFT_NAME_SIZE];
	const struct wg_nft_chain *chains;
	size_t n_chains;
	struct row *rows;
	size_t n;
	char *text; /* for nft */
	size_t text_len;
	FILE *text_stream; /* NULL once the text is complete */
};

static const char *hook_name(u32 hook)
{
	static const char *const names[] = {
		[NF_INET_PRE_ROUTING] = "prerouting", [NF_INET_LOCAL_IN] = "input",
		[NF_INET_FORWARD] = "forward",	      [NF_INET_LOCAL_OUT] = "output",
		[NF_INET_POST_ROUTING] = "postrouting",
	};

	return names[hook];
}

struct wg_nft_table *wg_nft_table_new(const char *name, const struct wg_nft_chain *chains, size_t n_chains)
{
	struct wg_nft_table *t = wg_alloc(sizeof(*t));

	memcpy(t->name, name, strnlen(name, sizeof(t->name) - 1));
	t->chains = chains;
	t->n_chains = n_chains;
	t->text_stream = open_memstream(&t->text, &t->text_len);
	if (!t->text_stream)
		wg_alloc_failed();
	fprintf(t->text_stream, "add table inet %s; delete table inet %s; add table inet %s", t->name, t->name,
		t->name);
	for (size_t i = 0; i < n_chains; i++)
		fprintf(t->text_stream, "; add chain inet %s %s { type %s hook %s priority %d; }", t->name,
			chains[i].name, chains[i].type, hook_name(chains[i].hook), chains[i].priority);
	return t;
}

void wg_nft_table_freep(struct wg_nft_table **t)
{
	if (!*t)
		return;
	if ((*t)->text_stream)
		fclose((*t)->text_stream);
	for (size_t i = 0; i < (*t)->n; i++)
		if ((*t)->rows[i].rule.r)
			nftnl_rule_free((*t)->rows[i].rule.r);
	free((*t)->rows);
	free((*t)->text);
	free(*t);
	*t = NULL;
}

const char *wg_nft_table_text(struct wg_nft_table *t)
{
	if (t->text_stream && fclose(t->text_stream))
		wg_alloc_failed();
	t->text_stream = NULL;
	return t->text;
}

/* The rule that was begun last. */
static struct wg_nft_rule *current_rule(struct wg_nft_table *t)
{
	return &t->rows[t->n - 1].rule;
}

void wg_nft_rule_in(struct wg_nft_table *t, size_t chain)
{
	struct wg_nft_batch names;

	wg_nft_batch_init(&names, NFPROTO_INET, t->name);
	t->rows = wg_realloc(t->rows, t->n + 1, sizeof(*t->rows));
	t->rows[t->n++] = (struct row){.chain = chain};
	wg_nft_rule_begin(current_rule(t), &names, t->chains[chain].name);
	fprintf(t->text_stream, "; add rule inet %s %s", t->name, t->chains[chain].name);
}

void wg_nft_match_link(struct wg_nft_table *t, bool in, bool equal, const char *ifname)
{
	wg_nft_rule_ifname(current_rule(t), in ? NFT_META_IIFNAME : NFT_META_OIFNAME,
			   equal ? NFT_CMP_EQ : NFT_CMP_NEQ, ifname);
	fprintf(t->text_stream, " %s %s\"%s\"", in ? "iifname" : "oifname", equal ? "" : "!= ", ifname);
}

void wg_nft_match_family(struct wg_nft_table *t, u8 family)
{
	u8 protocol = family == AF_INET6 ? NFPROTO_IPV6 : NFPROTO_IPV4;

	wg_nft_rule_meta(current_rule(t), NFT_META_NFPROTO);
	wg_nft_rule_cmp(current_rule(t), NFT_CMP_EQ, &protocol, sizeof(protocol));
	fprintf(t->text_stream, " meta nfproto %s", family == AF_INET6 ? "ipv6" : "ipv4");
}

void wg_nft_match_protocol(struct wg_nft_table *t, u8 protocol)
{
	wg_nft_rule_meta(current_rule(t), NFT_META_L4PROTO);
	wg_nft_rule_cmp(current_rule(t), NFT_CMP_EQ, &protocol, sizeof(protocol));
	fprintf(t->text_stream, " meta l4proto %u", protocol);
}

void wg_nft_match_mark(struct wg_nft_table *t, u32 mark)
{
	wg_nft_rule_meta(current_rule(t), NFT_META_MARK);
	wg_nft_rule_cmp(current_rule(t), NFT_CMP_EQ, &mark, sizeof(mark));
	fprintf(t->text_stream, " meta mark %u", mark);
}

void wg_nft_match_port(struct wg_nft_table *t, u8 protocol, bool source, u16 port)
{
	u16 wire = htons(port);

	wg_nft_rule_payload(current_rule(t), NFT_PAYLOAD_TRANSPORT_HEADER, source ? 0 : 2, sizeof(wire));
	wg_nft_rule_cmp(current_rule(t), NFT_CMP_EQ, &wire, sizeof(wire));
	fprintf(t->text_stream, " %s %s %u", protocol == IPPROTO_TCP ? "tcp" : "udp",
		source ? "sport" : "dport", port);
}

void wg_nft_match_icmpv6(struct wg_nft_table *t, u8 type)
{
	wg_nft_rule_payload(current_rule(t), NFT_PAYLOAD_TRANSPORT_HEADER, 0, sizeof(type));
	wg_nft_rule_cmp(current_rule(t), NFT_CMP_EQ, &type, sizeof(type));
	fprintf(t->text_stream, " icmpv6 type %u", type);
}

/* register 1 = register 1 & mask, of `len` bytes. */
static void rule_mask(struct wg_nft_rule *rule, const u8 *mask, u32 len)
{
	static const u8 zero[16];
	struct nftnl_expr *e = wg_nft_rule_expr(rule, "bitwise");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, len);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, mask, len);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, zero, len);
}

void wg_nft_match_syn(struct wg_nft_table *t)
{
	static const u8 mask = TCP_SYN | TCP_RST, syn = TCP_SYN;

	wg_nft_rule_payload(current_rule(t), NFT_PAYLOAD_TRANSPORT_HEADER, TCP_FLAGS, 1);
	rule_mask(current_rule(t), &mask, 1);
	wg_nft_rule_cmp(current_rule(t), NFT_CMP_EQ, &syn, 1);
	fputs(" tcp flags & (syn | rst) == syn", t->text_stream);
}

void wg_nft_match_destination(struct wg_nft_table *t, const struct wg_prefix *net)
{
	u32 len = net->family == AF_INET6 ? 16 : 4;
	char text[WG_PREFIX_STRLEN];
	u8 mask[16] = {0};

	for (u32 bit = 0; bit < net->cidr; bit++)
		mask[bit / 8] |= (u8)(0x80 >> bit % 8);
	wg_nft_match_family(t, net->family);
	wg_nft_rule_payload(current_rule(t), NFT_PAYLOAD_NETWORK_HEADER, net->family == AF_INET6 ? 24 : 16,
			    len);
	rule_mask(current_rule(t), mask, len);
	wg_nft_rule_cmp(current_rule(t), NFT_CMP_EQ, net->addr, len);
	fprintf(t->text_stream, " %s daddr %s", net->family == AF_INET6 ? "ip6" : "ip",
		wg_prefix_format(text, net));
}

void wg_nft_accept(struct wg_nft_table *t)
{
	wg_nft_rule_verdict(current_rule(t), NF_ACCEPT);
	fputs(" accept", t->text_stream);
}

void wg_nft_drop(struct wg_nft_table *t)
{
	wg_nft_rule_verdict(current_rule(t), NF_DROP);
	fputs(" drop", t->text_stream);
}

void wg_nft_masquerade(struct wg_nft_table *t)
{
	wg_nft_rule_expr(current_rule(t), "masq");
	fputs(" masquerade", t->text_stream);
}

void wg_nft_clamp_mss(struct wg_nft_table *t)
{
	struct wg_nft_rule *rule = current_rule(t);
	struct nftnl_expr *e;

	wg_nft_rule_key(rule, "rt", NFTNL_EXPR_RT_KEY, NFT_RT_TCPMSS, NFTNL_EXPR_RT_DREG);
	e = wg_nft_rule_expr(rule, "byteorder");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_BYTEORDER_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BYTEORDER_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BYTEORDER_OP, NFT_BYTEORDER_HTON);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BYTEORDER_LEN, MSS_LENGTH);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BYTEORDER_SIZE, MSS_LENGTH);
	e = wg_nft_rule_expr(rule, "exthdr");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_SREG, NFT_REG_1);
	nftnl_expr_set_u8(e, NFTNL_EXPR_EXTHDR_TYPE, MSS_OPTION);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_OFFSET, MSS_OFFSET);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_LEN, MSS_LENGTH);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
	fputs(" tcp option maxseg size set rt mtu", t->text_stream);
}

void wg_nft_rule_done(struct wg_nft_table *t, const char *comment)
{
	struct nftnl_udata_buf *data = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
	struct wg_nft_rule *rule = current_rule(t);

	if (!data)
		wg_alloc_failed();
	nftnl_udata_put_strz(data, NFTNL_UDATA_RULE_COMMENT, comment);
	if (rule->r)
		nftnl_rule_set_data(rule->r, NFTNL_RULE_USERDATA, nftnl_udata_buf_data(data),
				    nftnl_udata_buf_len(data));
	nftnl_udata_buf_free(data);
	fprintf(t->text_stream, " comment \"%s\"", comment);
}

static void put_all(struct wg_nft_batch *b, const struct wg_nft_table *t, bool replace)
{
	wg_nft_batch_mark(b, nftnl_batch_begin);
	if (replace)
		wg_nft_put_table(b, NFT_MSG_DELTABLE, 0);
	wg_nft_put_table(b, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
	for (size_t i = 0; i < t->n_chains; i++)
		wg_nft_put_chain(b, &t->chains[i]);
	for (size_t i = 0; i < t->n; i++)
		wg_nft_put_rule(b, &t->rows[i].rule);
	wg_nft_batch_mark(b, nftnl_batch_end);
}

static int send_all(const struct wg_nft_table *t, bool replace)
{
	cleanup(wg_nft_batch_wipe) struct wg_nft_batch b;

	wg_nft_batch_init(&b, NFPROTO_INET, t->name);
	put_all(&b, t, replace);
	return wg_nft_batch_send(&b);
}

int wg_nft_table_load(const struct wg_nft_table *t, const char *prefix, struct wg_error *err)
{
	enum wg_nft_state state = WG_NFT_ABSENT;
	int code = send_all(t, false);

	if (code == EEXIST) {
		if (wg_nft_table_find(t, prefix, &state, NULL, NULL, err) < 0)
			return -1;
		if (state == WG_NFT_OTHERS) {
			wg_error_set(err, "an nftables table inet %s is there that is not wg-quick's: rename "
				     "or delete that table", t->name);
			err->code = EEXIST;
			return -1;
		}
		code = send_all(t, state != WG_NFT_ABSENT);
	}
	return code ? wg_error_errno(err, code, "cannot load nftables table inet %s", t->name) : 0;
}

int wg_nft_table_remove(const struct wg_nft_table *t, struct wg_error *err)
{
	cleanup(wg_nft_batch_wipe) struct wg_nft_batch b;
	int code;

	wg_nft_batch_init(&b, NFPROTO_INET, t->name);
	wg_nft_batch_mark(&b, nftnl_batch_begin);
	wg_nft_put_table(&b, NFT_MSG_DELTABLE, 0);
	wg_nft_batch_mark(&b, nftnl_batch_end);
	code = wg_nft_batch_send(&b);
	if (code && !wg_nft_is_absent(code))
		return wg_error_errno(err, code, "cannot remove nftables table inet %s", t->name);
	return 0;
}

bool wg_nft_is_missing(const struct wg_error *err)
{
	return wg_nft_is_absent(err->code);
}

/* What is known of a table while its chains and rules are read. */
struct reading {
	const struct wg_nft_table *t;
	const char *prefix;
	size_t chains, rules; /* how many of them were found */
	bool foreign_chain;
	bool own_comment;
	bool differs;
	char **comments;
	size_t n_comments;
};

static void reading_wipe(struct reading *r)
{
	for (size_t i = 0; i < r->n_comments; i++)
		free(r->comments[i]);
	free(r->comments);
}

static int find_chain(const struct wg_nft_table *t, const struct nftnl_chain *c)
{
	for (size_t i = 0; i < t->n_chains; i++)
		if (nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM) &&
		    !strcmp(nftnl_chain_get_str(c, NFTNL_CHAIN_NAME) ?: "", t->chains[i].name) &&
		    !strcmp(nftnl_chain_get_str(c, NFTNL_CHAIN_TYPE) ?: "", t->chains[i].type) &&
		    nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM) == t->chains[i].hook &&
		    nftnl_chain_get_s32(c, NFTNL_CHAIN_PRIO) == t->chains[i].priority)
			return (int)i;
	return -1;
}

static int read_chain(const struct nlmsghdr *nlh, void *ctx)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	struct reading *r = ctx;

	if (c && !nftnl_chain_nlmsg_parse(nlh, c) &&
	    !strcmp(nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE) ?: "", r->t->name)) {
		r->chains++;
		r->foreign_chain |= find_chain(r->t, c) < 0;
		r->differs |= nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) != NF_ACCEPT;
	}
	if (c)
		nftnl_chain_free(c);
	return MNL_CB_OK;
}

/* The chain and the expressions of a rule as text. What does not fit is cut, the same way each time. */
static void rule_text(char *text, size_t size, const struct nftnl_rule *rule)
{
	struct nftnl_expr_iter *it = nftnl_expr_iter_create(rule);
	size_t len = (size_t)snprintf(text, size, "%s:", nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN) ?: "");
	struct nftnl_expr *e;

	if (!it)
		wg_alloc_failed();
	while ((e = nftnl_expr_iter_next(it)) && len + 1 < size) {
		int n = snprintf(text + len, size - len, " [%s ", nftnl_expr_get_str(e, NFTNL_EXPR_NAME));

		len += n < 0 ? 0 : (size_t)n;
		if (len >= size)
			break;
		n = nftnl_expr_snprintf(text + len, size - len, e, NFTNL_OUTPUT_DEFAULT, 0);
		len += n < 0 ? 0 : (size_t)n;
	}
	nftnl_expr_iter_destroy(it);
}

static int find_comment(const struct nftnl_udata *attr, void *comment)
{
	if (nftnl_udata_type(attr) == NFTNL_UDATA_RULE_COMMENT && nftnl_udata_len(attr) &&
	    !((const char *)nftnl_udata_get(attr))[nftnl_udata_len(attr) - 1])
		*(const char **)comment = nftnl_udata_get(attr);
	return 0;
}

/* The comment of a rule, the rule's; "" without one. */
static const char *rule_comment(const struct nftnl_rule *rule)
{
	const char *comment = "";
	u32 len = 0;
	const void *data = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &len);

	if (data)
		nftnl_udata_parse(data, len, find_comment, &comment);
	return comment;
}

static void compare_rule(struct reading *r, const struct nftnl_rule *rule)
{
	char found[RULE_TEXT_SIZE], wanted[RULE_TEXT_SIZE];
	const char *comment = rule_comment(rule);

	if (r->rules < r->t->n) {
		const struct nftnl_rule *expected = r->t->rows[r->rules].rule.r;

		rule_text(found, sizeof(found), rule);
		rule_text(wanted, sizeof(wanted), expected);
		r->differs |= strcmp(found, wanted) || strcmp(comment, rule_comment(expected));
	}
	r->rules++;
	if (strncmp(comment, r->prefix, strlen(r->prefix)) != 0)
		return;
	r->own_comment = true;
	r->comments = wg_realloc(r->comments, r->n_comments + 1, sizeof(*r->comments));
	r->comments[r->n_comments++] = wg_strndup(comment, strlen(comment));
}

static int read_rule(const struct nlmsghdr *nlh, void *ctx)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct reading *r = ctx;

	if (rule && !nftnl_rule_nlmsg_parse(nlh, rule) &&
	    !strcmp(nftnl_rule_get_str(rule, NFTNL_RULE_TABLE) ?: "", r->t->name))
		compare_rule(r, rule);
	if (rule)
		nftnl_rule_free(rule);
	return MNL_CB_OK;
}

static int read_once(const struct wg_nft_batch *b, struct reading *r, bool *there)
{
	int code = wg_nft_has_table(b, there);

	if (!*there)
		return code;
	code = wg_nft_ask(b, NFT_MSG_GETCHAIN, NLM_F_DUMP, read_chain, r);
	return code ?: wg_nft_ask(b, NFT_MSG_GETRULE, NLM_F_DUMP, read_rule, r);
}

int wg_nft_table_find(const struct wg_nft_table *t, const char *prefix, enum wg_nft_state *state,
		      void (*note)(void *ctx, const char *comment), void *ctx, struct wg_error *err)
{
	cleanup(reading_wipe) struct reading r = {0};
	struct wg_nft_batch b;
	bool there = false, ours;
	int code = EINTR;

	wg_nft_batch_init(&b, NFPROTO_INET, t->name);
	for (int i = 0; code == EINTR && i < WG_NFT_READ_TRIES; i++) {
		reading_wipe(&r);
		r = (struct reading){.t = t, .prefix = prefix};
		there = false;
		code = read_once(&b, &r, &there);
	}
	if (code)
		return wg_error_errno(err, code, "cannot read nftables table inet %s", t->name);
	*state = WG_NFT_ABSENT;
	if (!there)
		return 0;
	ours = !r.foreign_chain && (r.own_comment || !r.rules);
	*state = WG_NFT_OTHERS;
	if (!ours)
		return 0;
	*state = !r.differs && r.chains == t->n_chains && r.rules == t->n ? WG_NFT_SAME : WG_NFT_DIFFERS;
	for (size_t i = 0; note && i < r.n_comments; i++)
		note(ctx, r.comments[i]);
	return 0;
}

struct dropping {
	u32 hook;
	void (*note)(void *ctx, const char *family, const char *table, const char *chain);
	void *ctx;
};

static int read_dropping(const struct nlmsghdr *nlh, void *ctx)
{
	static const char *const families[] = {
		[NFPROTO_INET] = "inet", [NFPROTO_IPV4] = "ip", [NFPROTO_IPV6] = "ip6"};
	struct nftnl_chain *c = nftnl_chain_alloc();
	const struct dropping *d = ctx;

	if (c && !nftnl_chain_nlmsg_parse(nlh, c) && nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM) &&
	    nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM) == d->hook &&
	    nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) == NF_DROP) {
		u32 family = nftnl_chain_get_u32(c, NFTNL_CHAIN_FAMILY);

		if (family < sizeof(families) / sizeof(*families) && families[family])
			d->note(d->ctx, families[family], nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE) ?: "",
				nftnl_chain_get_str(c, NFTNL_CHAIN_NAME) ?: "");
	}
	if (c)
		nftnl_chain_free(c);
	return MNL_CB_OK;
}

int wg_nft_find_dropping(u32 hook,
			 void (*note)(void *ctx, const char *family, const char *table, const char *chain),
			 void *ctx, struct wg_error *err)
{
	struct dropping d = {.hook = hook, .note = note, .ctx = ctx};
	struct wg_nft_batch all;
	int code;

	wg_nft_batch_init(&all, NFPROTO_UNSPEC, "");
	code = wg_nft_ask(&all, NFT_MSG_GETCHAIN, NLM_F_DUMP, read_dropping, &d);
	if (code && code != EINTR && code != EINVAL && !wg_nft_is_absent(code))
		return wg_error_errno(err, code, "cannot read the chains of nftables");
	return 0;
}

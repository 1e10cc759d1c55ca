/* SPDX-License-Identifier: GPL-2.0 */
/* Builds the batch with libnftnl and sends it over libmnl. The kernel takes a batch as a whole or
 * not at all, and out of one sendmsg, so the socket's buffer is made to fit it. Fails with the
 * kernel's first complaint; nothing has changed then. */
#include "nft.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "../base/cleanup.h"

#define TABLE_PREFIX  "wg-quick-"
#define TABLE_NAMELEN (sizeof(TABLE_PREFIX) + IFNAMSIZ)
#define MESSAGE_MAX   4096 /* more than any message of ours */
#define READ_TRIES    20 /* others may change their rules meanwhile */
#define REPLY_SIZE    (32 * 1024) /* a dump fills at most as much at a time */

struct batch {
	char *data;
	size_t len, room;
	u32 seq;
	u16 family; /* NFPROTO_* */
	char table[TABLE_NAMELEN];
	bool no_memory;
};

static void batch_init(struct batch *b, u8 family, const char *ifname)
{
	memset(b, 0, sizeof(*b));
	b->family = family == AF_INET6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
	snprintf(b->table, sizeof(b->table), TABLE_PREFIX "%.*s", IFNAMSIZ - 1, ifname);
}

static void batch_wipe(struct batch *b)
{
	free(b->data);
}

/* Room for one message at the end, or NULL. */
static char *batch_room(struct batch *b)
{
	if (b->room - b->len < MESSAGE_MAX) {
		size_t room = 2 * b->room + MESSAGE_MAX;
		char *data = realloc(b->data, room);

		if (!data) {
			b->no_memory = true;
			return NULL;
		}
		/* libmnl leaves the padding of attributes as it finds it. */
		memset(data + b->room, 0, room - b->room);
		b->data = data;
		b->room = room;
	}
	return b->data + b->len;
}

static struct nlmsghdr *message_begin(struct batch *b, u16 type, u16 flags)
{
	char *room = batch_room(b);

	return room ? nftnl_nlmsg_build_hdr(room, type, b->family, flags, ++b->seq) : NULL;
}

static void message_end(struct batch *b, const struct nlmsghdr *nlh)
{
	b->len += NLMSG_ALIGN(nlh->nlmsg_len);
}

/* Begin and end of the batch itself. */
static void batch_mark(struct batch *b, struct nlmsghdr *(*mark)(char *buf, u32 seq))
{
	char *room = batch_room(b);

	if (room)
		message_end(b, mark(room, ++b->seq));
}

static void put_table(struct batch *b, u16 type, u16 flags)
{
	struct nlmsghdr *nlh = message_begin(b, type, flags);

	if (!nlh)
		return;
	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, b->table);
	message_end(b, nlh);
}

static void put_chain(struct batch *b, const char *name, u32 hook, s32 priority)
{
	struct nlmsghdr *nlh = message_begin(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nftnl_chain *c = nlh ? nftnl_chain_alloc() : NULL;

	if (!c) {
		b->no_memory = true;
		return;
	}
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, b->table);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, name);
	nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, "filter");
	nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, hook);
	nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, priority);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	nftnl_chain_nlmsg_build_payload(nlh, c);
	message_end(b, nlh);
	nftnl_chain_free(c);
}

/* A rule under construction; NULL inside once there was no memory. */
struct rule {
	struct nftnl_rule *r;
};

static void rule_begin(struct rule *rule, const struct batch *b, const char *chain)
{
	rule->r = nftnl_rule_alloc();
	if (!rule->r)
		return;
	nftnl_rule_set_str(rule->r, NFTNL_RULE_TABLE, b->table);
	nftnl_rule_set_str(rule->r, NFTNL_RULE_CHAIN, chain);
}

static struct nftnl_expr *rule_expr(struct rule *rule, const char *name)
{
	struct nftnl_expr *e = rule->r ? nftnl_expr_alloc(name) : NULL;

	if (e)
		nftnl_rule_add_expr(rule->r, e);
	else if (rule->r) {
		nftnl_rule_free(rule->r);
		rule->r = NULL;
	}
	return e;
}

static void rule_end(struct rule *rule, struct batch *b)
{
	struct nlmsghdr *nlh = message_begin(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);

	if (!rule->r)
		b->no_memory = true;
	if (rule->r && nlh) {
		nftnl_rule_nlmsg_build_payload(nlh, rule->r);
		message_end(b, nlh);
	}
	if (rule->r)
		nftnl_rule_free(rule->r);
}

/* register 1 = KEY of meta or ct, or the other way round. `expr` is the kind of expression. */
static void rule_key(struct rule *rule, const char *expr, u16 key_attr, u32 key, u16 reg_attr)
{
	struct nftnl_expr *e = rule_expr(rule, expr);

	if (!e)
		return;
	nftnl_expr_set_u32(e, key_attr, key);
	nftnl_expr_set_u32(e, reg_attr, NFT_REG_1);
}

static void rule_meta(struct rule *rule, enum nft_meta_keys key)
{
	rule_key(rule, "meta", NFTNL_EXPR_META_KEY, key, NFTNL_EXPR_META_DREG);
}

/* Goes on only where register 1 is, or is not, this. */
static void rule_cmp(struct rule *rule, enum nft_cmp_ops op, const void *data, u32 len)
{
	struct nftnl_expr *e = rule_expr(rule, "cmp");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, len);
}

static void rule_daddr(struct rule *rule, u8 family)
{
	struct nftnl_expr *e = rule_expr(rule, "payload");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, family == AF_INET6 ? 24 : 16);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, family == AF_INET6 ? 16 : 4);
}

static void rule_source_type(struct rule *rule)
{
	struct nftnl_expr *e = rule_expr(rule, "fib");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_SADDR);
}

static void rule_drop(struct rule *rule)
{
	struct nftnl_expr *e = rule_expr(rule, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, NF_DROP);
}

/* iifname != IFNAME ip daddr ADDR fib saddr type != local drop */
static void put_address(struct batch *b, const char *ifname, const struct wg_prefix *addr)
{
	char name[IFNAMSIZ] = {0};
	u32 local = RTN_LOCAL;
	struct rule rule;

	memcpy(name, ifname, strnlen(ifname, IFNAMSIZ - 1));
	rule_begin(&rule, b, "preraw");
	rule_meta(&rule, NFT_META_IIFNAME);
	rule_cmp(&rule, NFT_CMP_NEQ, name, sizeof(name));
	rule_daddr(&rule, addr->family);
	rule_cmp(&rule, NFT_CMP_EQ, addr->addr, addr->family == AF_INET6 ? 16 : 4);
	rule_source_type(&rule);
	rule_cmp(&rule, NFT_CMP_NEQ, &local, sizeof(local));
	rule_drop(&rule);
	rule_end(&rule, b);
}

static void rule_udp(struct rule *rule)
{
	u8 udp = IPPROTO_UDP;

	rule_meta(rule, NFT_META_L4PROTO);
	rule_cmp(rule, NFT_CMP_EQ, &udp, sizeof(udp));
}

/* meta l4proto udp meta mark FWMARK ct mark set meta mark */
static void put_mark_save(struct batch *b, u32 fwmark)
{
	struct rule rule;

	rule_begin(&rule, b, "postmangle");
	rule_udp(&rule);
	rule_meta(&rule, NFT_META_MARK);
	rule_cmp(&rule, NFT_CMP_EQ, &fwmark, sizeof(fwmark));
	rule_meta(&rule, NFT_META_MARK);
	rule_key(&rule, "ct", NFTNL_EXPR_CT_KEY, NFT_CT_MARK, NFTNL_EXPR_CT_SREG);
	rule_end(&rule, b);
}

/* meta l4proto udp meta mark set ct mark */
static void put_mark_restore(struct batch *b)
{
	struct rule rule;

	rule_begin(&rule, b, "premangle");
	rule_udp(&rule);
	rule_key(&rule, "ct", NFTNL_EXPR_CT_KEY, NFT_CT_MARK, NFTNL_EXPR_CT_DREG);
	rule_key(&rule, "meta", NFTNL_EXPR_META_KEY, NFT_META_MARK, NFTNL_EXPR_META_SREG);
	rule_end(&rule, b);
}

static const struct {
	const char *name;
	u32 hook;
	s32 priority;
} base_chains[] = {
	{"preraw", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW},
	{"premangle", NF_INET_PRE_ROUTING, NF_IP_PRI_MANGLE},
	{"postmangle", NF_INET_POST_ROUTING, NF_IP_PRI_MANGLE},
};
#define N_CHAINS (sizeof(base_chains) / sizeof(*base_chains))

/* `replace`: a table that is there goes in the same transaction. */
static void put_guard(struct batch *b, const struct wg_nft_guard *g, bool replace)
{
	size_t i;

	batch_mark(b, nftnl_batch_begin);
	if (replace)
		put_table(b, NFT_MSG_DELTABLE, 0);
	put_table(b, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
	for (i = 0; i < N_CHAINS; i++)
		put_chain(b, base_chains[i].name, base_chains[i].hook, base_chains[i].priority);
	for (i = 0; i < g->n_addresses; i++)
		if (g->addresses[i].family == g->family)
			put_address(b, g->ifname, &g->addresses[i]);
	put_mark_save(b, g->fwmark);
	put_mark_restore(b);
	batch_mark(b, nftnl_batch_end);
}

static void socket_close(struct mnl_socket **nl)
{
	if (*nl)
		mnl_socket_close(*nl);
}

/* The errno of the first complaint, 0 where there is none. All answers are there already. */
static int answers_read(struct mnl_socket *nl)
{
	char reply[8192] __attribute__((aligned(8)));
	int code = 0;

	for (;;) {
		ssize_t n = recv(mnl_socket_get_fd(nl), reply, sizeof(reply), MSG_DONTWAIT);
		const struct nlmsghdr *nlh = (void *)reply;
		int left = (int)n;

		if (n < 0 && (errno == EINTR || errno == ENOBUFS))
			continue; /* ENOBUFS: the later of many complaints are lost */
		if (n < 0)
			return errno == EAGAIN ? code : errno;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			const struct nlmsgerr *ack = mnl_nlmsg_get_payload(nlh);

			if (!code && nlh->nlmsg_type == NLMSG_ERROR &&
			    mnl_nlmsg_get_payload_len(nlh) >= sizeof(*ack))
				code = -ack->error;
		}
	}
}

/* Returns an errno, 0 for success. */
static int batch_send(const struct batch *b)
{
	cleanup(socket_close) struct mnl_socket *nl = NULL;
	int on = 1, size = (int)b->len + MESSAGE_MAX, fd;

	if (b->no_memory)
		return ENOMEM;
	nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return errno;
	fd = mnl_socket_get_fd(nl);
	mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &on, sizeof(on));
	/* Within a user namespace there is no leave to go beyond the system's limit. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	while (mnl_socket_sendto(nl, b->data, b->len) < 0)
		if (errno != EINTR)
			return errno;
	return answers_read(nl);
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

static int read_table(const struct nlmsghdr *nlh, void *ctx)
{
	(void)nlh;
	*(bool *)ctx = true;
	return MNL_CB_OK;
}

/* Asks one question about the table. An errno, 0 for success; what is not there answers nothing. */
static int ask(const struct batch *b, u16 type, u16 flags, int (*read)(const struct nlmsghdr *, void *),
	       void *ctx)
{
	static const struct {
		u16 type, attribute;
	} names[] = {{NFT_MSG_GETTABLE, NFTA_TABLE_NAME}, {NFT_MSG_GETRULE, NFTA_RULE_TABLE},
		     {NFT_MSG_GETCHAIN, NFTA_CHAIN_TABLE}};
	cleanup(socket_close) struct mnl_socket *nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	cleanup(free_ptr) char *buf = calloc(1, REPLY_SIZE);
	struct nlmsghdr *nlh;
	int ret = MNL_CB_OK;

	if (!buf)
		return ENOMEM;
	nlh = nftnl_nlmsg_build_hdr(buf, type, b->family, flags, 1);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return errno;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].type == type)
			mnl_attr_put_strz(nlh, names[i].attribute, b->table);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return errno;
	while (ret == MNL_CB_OK) {
		ssize_t n = mnl_socket_recvfrom(nl, buf, REPLY_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		ret = n < 0 ? MNL_CB_ERROR
			    : mnl_cb_run(buf, (size_t)n, 1, mnl_socket_get_portid(nl), read, ctx);
	}
	return ret == MNL_CB_ERROR ? errno : 0;
}

static bool is_absent(int code)
{
	return code == ENOENT || code == EPROTONOSUPPORT || code == EOPNOTSUPP ||
	       code == EAFNOSUPPORT;
}

/* Reads the table once: an errno, 0 for success. EINTR: the lists changed while they were read. */
static int read_guard(const struct batch *b, struct finding *f, bool *there)
{
	/* The acknowledgement ends an answer that is no dump. */
	int code = ask(b, NFT_MSG_GETTABLE, NLM_F_ACK, read_table, there);

	/* EINVAL: the kernel has nfnetlink without nf_tables. */
	if (is_absent(code) || code == EINVAL)
		return 0;
	if (!code)
		code = ask(b, NFT_MSG_GETCHAIN, NLM_F_DUMP, read_chain, f);
	if (!code && f->chains == N_CHAINS)
		code = ask(b, NFT_MSG_GETRULE, NLM_F_DUMP, read_rule, f);
	return code;
}

/* Reads the table, and compares it with `guard` (NULL: with nothing). */
static int find_guard(u8 family, const char *ifname, const struct wg_nft_guard *guard,
		      struct finding *f, enum wg_nft_found *found, struct wg_error *err)
{
	cleanup(batch_wipe) struct batch b;
	bool there = false;
	int code = EINTR;

	batch_init(&b, family, ifname);
	for (int i = 0; code == EINTR && i < READ_TRIES; i++) {
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
	cleanup(batch_wipe) struct batch b;

	batch_init(&b, guard->family, guard->ifname);
	put_guard(&b, guard, replace);
	return batch_send(&b);
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
	cleanup(batch_wipe) struct batch b;
	int code;

	batch_init(&b, family, ifname);
	batch_mark(&b, nftnl_batch_begin);
	put_table(&b, NFT_MSG_DELTABLE, 0);
	batch_mark(&b, nftnl_batch_end);
	code = batch_send(&b);
	if (code == 0 || is_absent(code))
		return 0;
	return wg_error_errno(err, code, "cannot remove nftables table %s", b.table);
}

size_t wg_nft_guard_batch(const struct wg_nft_guard *guard, void *buf, size_t size)
{
	cleanup(batch_wipe) struct batch b;

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

/* SPDX-License-Identifier: GPL-2.0 */
/* Builds the batch with libnftnl and sends it over libmnl. The kernel takes a batch out of one sendmsg,
 * so the socket's buffer is made to fit it. */
#include "nft-private.h"

#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/table.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "../base/cleanup.h"

#define MESSAGE_MAX 4096        /* bytes; more than any message of ours */
#define REPLY_SIZE  (32 * 1024) /* bytes; a dump fills at most as much at a time */

void wg_nft_batch_init(struct wg_nft_batch *b, u16 family, const char *table)
{
	memset(b, 0, sizeof(*b));
	b->family = family;
	memcpy(b->table, table, strnlen(table, sizeof(b->table) - 1));
}

void wg_nft_batch_wipe(struct wg_nft_batch *b)
{
	free(b->data);
}

/* Room for one message at the end, or NULL. */
static char *batch_room(struct wg_nft_batch *b)
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

static struct nlmsghdr *message_begin(struct wg_nft_batch *b, u16 type, u16 flags)
{
	char *room = batch_room(b);

	return room ? nftnl_nlmsg_build_hdr(room, type, b->family, flags, ++b->seq) : NULL;
}

static void message_end(struct wg_nft_batch *b, const struct nlmsghdr *nlh)
{
	b->len += NLMSG_ALIGN(nlh->nlmsg_len);
}

void wg_nft_batch_mark(struct wg_nft_batch *b, struct nlmsghdr *(*mark)(char *buf, u32 seq))
{
	char *room = batch_room(b);

	if (room)
		message_end(b, mark(room, ++b->seq));
}

void wg_nft_put_table(struct wg_nft_batch *b, u16 type, u16 flags)
{
	struct nlmsghdr *nlh = message_begin(b, type, flags);

	if (!nlh)
		return;
	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, b->table);
	message_end(b, nlh);
}

void wg_nft_put_chain(struct wg_nft_batch *b, const struct wg_nft_chain *chain)
{
	struct nlmsghdr *nlh = message_begin(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nftnl_chain *c = nlh ? nftnl_chain_alloc() : NULL;

	if (!c) {
		b->no_memory = true;
		return;
	}
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, b->table);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, chain->name);
	nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, chain->type);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, chain->hook);
	nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, chain->priority);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	nftnl_chain_nlmsg_build_payload(nlh, c);
	message_end(b, nlh);
	nftnl_chain_free(c);
}

void wg_nft_rule_begin(struct wg_nft_rule *rule, const struct wg_nft_batch *b, const char *chain)
{
	rule->r = nftnl_rule_alloc();
	if (!rule->r)
		return;
	nftnl_rule_set_str(rule->r, NFTNL_RULE_TABLE, b->table);
	nftnl_rule_set_str(rule->r, NFTNL_RULE_CHAIN, chain);
}

struct nftnl_expr *wg_nft_rule_expr(struct wg_nft_rule *rule, const char *name)
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

void wg_nft_put_rule(struct wg_nft_batch *b, const struct wg_nft_rule *rule)
{
	struct nlmsghdr *nlh = message_begin(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);

	if (!rule->r)
		b->no_memory = true;
	if (!rule->r || !nlh)
		return;
	nftnl_rule_nlmsg_build_payload(nlh, rule->r);
	message_end(b, nlh);
}

void wg_nft_rule_end(struct wg_nft_rule *rule, struct wg_nft_batch *b)
{
	wg_nft_put_rule(b, rule);
	if (rule->r)
		nftnl_rule_free(rule->r);
}

void wg_nft_rule_key(struct wg_nft_rule *rule, const char *expr, u16 key_attr, u32 key, u16 reg_attr)
{
	struct nftnl_expr *e = wg_nft_rule_expr(rule, expr);

	if (!e)
		return;
	nftnl_expr_set_u32(e, key_attr, key);
	nftnl_expr_set_u32(e, reg_attr, NFT_REG_1);
}

void wg_nft_rule_meta(struct wg_nft_rule *rule, enum nft_meta_keys key)
{
	wg_nft_rule_key(rule, "meta", NFTNL_EXPR_META_KEY, key, NFTNL_EXPR_META_DREG);
}

void wg_nft_rule_cmp(struct wg_nft_rule *rule, enum nft_cmp_ops op, const void *data, u32 len)
{
	struct nftnl_expr *e = wg_nft_rule_expr(rule, "cmp");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, len);
}

void wg_nft_rule_payload(struct wg_nft_rule *rule, enum nft_payload_bases base, u32 offset, u32 len)
{
	struct nftnl_expr *e = wg_nft_rule_expr(rule, "payload");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, len);
}

void wg_nft_rule_ifname(struct wg_nft_rule *rule, enum nft_meta_keys key, enum nft_cmp_ops op,
			const char *ifname)
{
	char name[IFNAMSIZ] = {0};

	memcpy(name, ifname, strnlen(ifname, IFNAMSIZ - 1));
	wg_nft_rule_meta(rule, key);
	wg_nft_rule_cmp(rule, op, name, sizeof(name));
}

void wg_nft_rule_verdict(struct wg_nft_rule *rule, int verdict)
{
	struct nftnl_expr *e = wg_nft_rule_expr(rule, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (u32)verdict);
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

int wg_nft_batch_send(const struct wg_nft_batch *b)
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

int wg_nft_ask(const struct wg_nft_batch *b, u16 type, u16 flags,
	       int (*read)(const struct nlmsghdr *, void *), void *ctx)
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
		if (names[i].type == type && *b->table)
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

bool wg_nft_is_absent(int code)
{
	return code == ENOENT || code == EPROTONOSUPPORT || code == EOPNOTSUPP ||
	       code == EAFNOSUPPORT;
}

static int note_table(const struct nlmsghdr *nlh, void *there)
{
	(void)nlh;
	*(bool *)there = true;
	return MNL_CB_OK;
}

int wg_nft_has_table(const struct wg_nft_batch *b, bool *there)
{
	/* The acknowledgement ends an answer that is no dump. */
	int code = wg_nft_ask(b, NFT_MSG_GETTABLE, NLM_F_ACK, note_table, there);

	/* EINVAL: the kernel has nfnetlink without nf_tables. */
	return wg_nft_is_absent(code) || code == EINVAL ? 0 : code;
}

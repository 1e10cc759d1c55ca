/* SPDX-License-Identifier: GPL-2.0 */
/* The rtnetlink socket: changes in batches, questions with their lists of replies. The kernel
 * answers before sendmsg returns, so nothing here waits for anybody. What comes in is believed
 * only as far as its lengths allow; a message that makes no sense is passed over. */
#include "rtnl-private.h"

#include <stdlib.h>
#include <sys/socket.h>
#include "../base/cleanup.h"

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

/* A dump fills at most 32 KiB of what it is offered; one link with many virtual functions may be
 * larger than that. */
#define REPLY_SIZE (64 * 1024)

/* One send. Each refused change costs about a kilobyte of the receive buffer, and there must be
 * room for all of them; the kernel grants 400 KiB to anybody. */
#define CHUNK_MESSAGES 256
#define CHUNK_BYTES    (64 * 1024)
#define RECEIVE_BUFFER (208 * 1024) /* the kernel doubles it */

#define DUMP_TRIES 20

int wg_rtnl_open(struct wg_rtnl **out, struct wg_error *err)
{
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = calloc(1, sizeof(*rt));
	int on = 1, size = RECEIVE_BUFFER;

	if (!rt || !(rt->reply = malloc(REPLY_SIZE)))
		return wg_error_errno(err, ENOMEM, "cannot open a netlink socket");
	rt->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!rt->nl || mnl_socket_bind(rt->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return wg_error_errno(err, errno, "cannot open a netlink socket");
	/* All of these are improvements that an old kernel may not have. */
	mnl_socket_setsockopt(rt->nl, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(rt->nl, NETLINK_CAP_ACK, &on, sizeof(on));
	rt->strict = !mnl_socket_setsockopt(rt->nl, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	setsockopt(mnl_socket_get_fd(rt->nl), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	*out = steal_ptr(&rt);
	return 0;
}


bool wg_rule_equal(const struct wg_rule *a, const struct wg_rule *b)
{
	return a->family == b->family && a->protocol == b->protocol && a->invert == b->invert &&
	       a->foreign == b->foreign && a->priority == b->priority && a->table == b->table &&
	       a->fwmark == b->fwmark && a->fwmask == b->fwmask &&
	       a->suppress_prefixlength == b->suppress_prefixlength && a->jump == b->jump;
}

void wg_rtnl_close(struct wg_rtnl **rt)
{
	if (!*rt)
		return;
	if ((*rt)->nl)
		mnl_socket_close((*rt)->nl);
	free((*rt)->reply);
	free((*rt)->batch);
	free(*rt);
	*rt = NULL;
}

void *wg_rtnl_start(union wg_rtnl_message *m, u16 type, u16 flags, size_t size)
{
	memset(m, 0, sizeof(*m));
	mnl_nlmsg_put_header(m);
	m->nlh.nlmsg_type = type;
	m->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
	return mnl_nlmsg_put_extra_header(&m->nlh, size);
}

static struct nlmsghdr *message_at(char *p)
{
	return (void *)p;
}

void wg_rtnl_append(struct wg_rtnl *rt, const union wg_rtnl_message *m)
{
	size_t size = NLMSG_ALIGN(m->nlh.nlmsg_len);

	if (rt->len + size > rt->room) {
		size_t room = rt->room ? 2 * rt->room : 4096;
		char *batch = realloc(rt->batch, room);

		if (!batch) {
			rt->no_memory = true;
			return;
		}
		rt->batch = batch;
		rt->room = room;
	}
	memcpy(rt->batch + rt->len, m->bytes, size);
	rt->len += size;
}

const void *wg_rtnl_pending(const struct wg_rtnl *rt, size_t *len)
{
	*len = rt->len;
	return rt->batch;
}

static int socket_send(struct wg_rtnl *rt, const void *buf, size_t len)
{
	while (mnl_socket_sendto(rt->nl, buf, len) < 0)
		if (errno != EINTR)
			return -1;
	return 0;
}

static ssize_t socket_receive(struct wg_rtnl *rt)
{
	ssize_t n;

	do
		n = mnl_socket_recvfrom(rt->nl, rt->reply, REPLY_SIZE);
	while (n < 0 && errno == EINTR);
	return n;
}

/* The kernel's own words in an acknowledgement, or NULL. */
static const char *ack_text(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *ack = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*ack);
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
		if (ack->msg.nlmsg_len < NLMSG_HDRLEN || ack->msg.nlmsg_len > nlh->nlmsg_len)
			return NULL;
		skip += ack->msg.nlmsg_len - NLMSG_HDRLEN;
	}
	mnl_attr_for_each(attr, nlh, skip) if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
					       mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) ==
						       0) return mnl_attr_get_str(attr);
	return NULL;
}

/* Writes the error of an acknowledgement, or of a dump's end. Returns its errno, 0 for success. */
static int ack_read(const struct nlmsghdr *nlh, struct wg_error *err)
{
	const char *text = NULL;
	int code = 0;

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(code))
		memcpy(&code, mnl_nlmsg_get_payload(nlh), sizeof(code));
	if (code == 0)
		return 0;
	if (nlh->nlmsg_type == NLMSG_ERROR &&
	    mnl_nlmsg_get_payload_len(nlh) >= sizeof(struct nlmsgerr))
		text = ack_text(nlh);
	code = code < 0 && code > -4096 ? -code : EPROTO;
	wg_error_set(err, text && *text ? "%s [%s]" : "%s", strerror(code), text);
	err->code = code;
	return code;
}

struct chunk {
	u32 first, last; /* numbers of its messages */
	size_t len;
};

/* Cuts the next chunk off the batch at `p`, numbers its messages and lets the last one ask for an
 * answer. Questions may have taken numbers while the batch grew, so it has none before. */
static struct chunk chunk_cut(struct wg_rtnl *rt, char *p, size_t left)
{
	struct chunk c = { .first = rt->seq + 1 };
	struct nlmsghdr *nlh;

	do {
		nlh = message_at(p + c.len);
		nlh->nlmsg_seq = ++rt->seq;
		c.len += NLMSG_ALIGN(nlh->nlmsg_len);
		c.last = nlh->nlmsg_seq;
	} while (c.len < left && c.last - c.first + 1 < CHUNK_MESSAGES && c.len < CHUNK_BYTES);
	nlh->nlmsg_flags |= NLM_F_ACK;
	return c;
}

/* Reads answers until that of the chunk's last message. The first refused one goes to *refused. */
static int chunk_answers(struct wg_rtnl *rt, const struct chunk *c, u32 *refused,
			 struct wg_error *err)
{
	bool failed = false, done = false;
	struct wg_error other;

	while (!done) {
		ssize_t n = socket_receive(rt);
		const struct nlmsghdr *nlh = (void *)rt->reply;
		int left = (int)n;

		if (n < 0 && failed)
			return -1;
		if (n < 0)
			return wg_error_errno(err, errno, "no answer from the kernel");
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			u32 seq = nlh->nlmsg_seq;

			if (nlh->nlmsg_type != NLMSG_ERROR || seq - c->first > c->last - c->first)
				continue;
			if (ack_read(nlh, failed ? &other : err) && !failed) {
				failed = true;
				*refused = seq;
			}
			done |= seq == c->last;
		}
	}
	return failed ? -1 : 0;
}

/* Sends chunk after chunk while all goes well. */
static int batch_send(struct wg_rtnl *rt, u32 *refused, struct wg_error *err)
{
	struct chunk c;
	size_t at;

	for (at = 0; at < rt->len; at += c.len) {
		c = chunk_cut(rt, rt->batch + at, rt->len - at);
		*refused = c.first;
		if (socket_send(rt, rt->batch + at, c.len) < 0)
			return wg_error_errno(err, errno, "cannot send to the kernel");
		if (chunk_answers(rt, &c, refused, err) < 0)
			return -1;
	}
	return 0;
}

int wg_rtnl_commit(struct wg_rtnl *rt, size_t *failed, struct wg_error *err)
{
	u32 first = rt->seq + 1, refused = first;
	int ret;

	if (rt->no_memory)
		ret = wg_error_errno(err, ENOMEM, "cannot collect the changes");
	else
		ret = batch_send(rt, &refused, err);
	if (ret < 0 && failed)
		*failed = refused - first;
	rt->len = 0;
	rt->no_memory = false;
	return ret;
}

static int item_add(struct wg_rtnl_query *q, const struct nlmsghdr *nlh)
{
	char *item;

	if (q->n == q->room) {
		size_t room = q->room ? 2 * q->room : 16;
		void *items = reallocarray(q->items, room, q->size);

		if (!items)
			return -1;
		q->items = items;
		q->room = room;
	}
	item = (char *)q->items + q->n * q->size;
	memset(item, 0, q->size);
	if (q->parse(q, nlh, item))
		q->n++;
	return 0;
}

/* One round of question and answers. err->code EINTR: the list changed while it was read. */
static int ask_once(struct wg_rtnl *rt, struct nlmsghdr *request, struct wg_rtnl_query *q,
		    struct wg_error *err)
{
	bool interrupted = false, lost = false;

	request->nlmsg_seq = ++rt->seq;
	if (socket_send(rt, request, request->nlmsg_len) < 0)
		return wg_error_errno(err, errno, "cannot send to the kernel");
	for (;;) {
		ssize_t n = socket_receive(rt);
		const struct nlmsghdr *nlh = (void *)rt->reply;
		int left = (int)n;

		if (n < 0)
			return wg_error_errno(err, errno, "no answer from the kernel");
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_seq != request->nlmsg_seq)
				continue;
			interrupted |= !!(nlh->nlmsg_flags & NLM_F_DUMP_INTR);
			if (nlh->nlmsg_type == q->type)
				lost |= item_add(q, nlh) < 0;
			if (nlh->nlmsg_type != NLMSG_ERROR && nlh->nlmsg_type != NLMSG_DONE)
				continue;
			if (ack_read(nlh, err))
				return -1;
			if (lost)
				return wg_error_errno(err, ENOMEM, "too many replies");
			return interrupted ? wg_error_errno(err, EINTR, "the list changes") : 0;
		}
	}
}

int wg_rtnl_ask(struct wg_rtnl *rt, union wg_rtnl_message *m, struct wg_rtnl_query *q,
		struct wg_error *err)
{
	int tries, ret = -1;

	/* Without a dump, the acknowledgement ends the answer. */
	if ((m->nlh.nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		m->nlh.nlmsg_flags |= NLM_F_ACK;
	for (tries = 0; tries < DUMP_TRIES; tries++) {
		q->n = 0;
		ret = ask_once(rt, &m->nlh, q, err);
		if (ret == 0 || err->code != EINTR)
			break;
	}
	if (ret < 0) {
		free_ptr(&q->items);
		q->items = NULL;
		q->n = q->room = 0;
	}
	return ret;
}

// SPDX-License-Identifier: GPL-2.0
/* Generic netlink. libmnl's own callback loop is not used: it leaves the rest of an interrupted
 * dump in the socket, where it would be taken for the next answer, and does not look at the error
 * that can end a dump. */
#include "genl.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "../base/alloc.h"
#include "../base/secret.h"

/* Kernels that know it put a text into the attributes behind a refusal. */
static void take_detail(struct wg_genl_answer *a, const struct nlmsghdr *nlh, size_t offset)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || nlh->nlmsg_len < NLMSG_HDRLEN + offset)
		return;
	mnl_attr_for_each(attr, nlh, (unsigned int)offset) {
		size_t len = mnl_attr_get_payload_len(attr);

		if (mnl_attr_get_type(attr) != NLMSGERR_ATTR_MSG)
			continue;
		len = strnlen(mnl_attr_get_payload(attr), len);
		if (len >= sizeof(a->detail))
			len = sizeof(a->detail) - 1;
		memcpy(a->detail, mnl_attr_get_payload(attr), len);
		a->detail[len] = '\0';
	}
}

/* The kernel's codes are negative errno values. */
static int errno_of(int code)
{
	return code < 0 && code >= -4095 ? -code : EBADMSG;
}

/* An ACK is an error message of code 0. The request's header follows the code, and its payload too
 * unless it was capped. */
static bool take_error(struct wg_genl_answer *a, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(*e);

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*e)) {
		a->code = EBADMSG;
		return true;
	}
	if (!e->error)
		return true;
	a->code = errno_of(e->error);
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && e->msg.nlmsg_len > NLMSG_HDRLEN)
		offset += MNL_ALIGN((size_t)e->msg.nlmsg_len - NLMSG_HDRLEN);
	take_detail(a, nlh, offset);
	return true;
}

static bool take_done(struct wg_genl_answer *a, const struct nlmsghdr *nlh)
{
	int code;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(code))
		return true;
	memcpy(&code, mnl_nlmsg_get_payload(nlh), sizeof(code));
	if (code < 0) {
		a->code = errno_of(code);
		take_detail(a, nlh, sizeof(code));
	}
	return true;
}

static bool take_message(struct wg_genl_answer *a, const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		a->interrupted = true;
	if (nlh->nlmsg_type == NLMSG_ERROR)
		return take_error(a, nlh);
	if (nlh->nlmsg_type == NLMSG_DONE)
		return take_done(a, nlh);
	if (nlh->nlmsg_type < NLMSG_MIN_TYPE || a->interrupted || a->code || !a->reply)
		return false;
	errno = EBADMSG;
	if (nlh->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN || a->reply(nlh, a->ctx) < MNL_CB_STOP)
		a->code = errno;
	return false;
}

bool wg_genl_feed(struct wg_genl_answer *a, const void *datagram, size_t len)
{
	const struct nlmsghdr *nlh = datagram;
	size_t step;

	/* mnl_nlmsg_ok() takes a length of 2^31 and more for a negative one. */
	for (; len >= sizeof(*nlh) && nlh->nlmsg_len >= sizeof(*nlh) && nlh->nlmsg_len <= len;
	     len -= step) {
		if (nlh->nlmsg_seq == a->seq && take_message(a, nlh))
			return true;
		step = MNL_ALIGN((size_t)nlh->nlmsg_len);
		if (step > len)
			break;
		nlh = (const void *)((const char *)nlh + step);
	}
	return false;
}

static int failed(struct wg_error *err, int code, const char *detail)
{
	if (detail[0])
		wg_error_set(err, "%s (%s)", strerror(code), detail);
	else
		wg_error_set(err, "%s", strerror(code));
	err->code = code;
	return -1;
}

struct nlmsghdr *wg_genl_prepare(struct wg_genl *g, u8 cmd, u16 flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(g->buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = g->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++g->seq;
	genl->cmd = cmd;
	genl->version = g->version;
	return nlh;
}

int wg_genl_request(struct wg_genl *g, struct nlmsghdr *nlh, mnl_cb_t reply, void *ctx,
		    struct wg_error *err)
{
	struct wg_genl_answer a = {.seq = nlh->nlmsg_seq, .reply = reply, .ctx = ctx};
	ssize_t len;

	if (mnl_socket_sendto(g->nl, nlh, nlh->nlmsg_len) < 0)
		return failed(err, errno, "");
	do {
		do
			len = mnl_socket_recvfrom(g->nl, g->buf, WG_GENL_BUF);
		while (len < 0 && errno == EINTR);
		if (len < 0)
			return failed(err, errno, "");
	} while (!wg_genl_feed(&a, g->buf, (size_t)len));
	if (a.code)
		return failed(err, a.code, a.detail);
	if (a.interrupted)
		return failed(err, EINTR, "");
	return 0;
}

static int read_family(const struct nlmsghdr *nlh, void *ctx)
{
	u16 *family = ctx;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, GENL_HDRLEN) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
		    mnl_attr_validate(attr, MNL_TYPE_U16) >= 0)
			*family = mnl_attr_get_u16(attr);
	}
	return MNL_CB_OK;
}

static int find_family(struct wg_genl *g, const char *family, struct wg_error *err)
{
	struct nlmsghdr *nlh;
	u16 id = 0;

	g->family = GENL_ID_CTRL;
	g->version = 1;
	nlh = wg_genl_prepare(g, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, family);
	if (wg_genl_request(g, nlh, read_family, &id, err) < 0) {
		if (err->code == ENOENT)
			failed(err, EPROTONOSUPPORT, "");
		return -1;
	}
	if (!id)
		return failed(err, EPROTONOSUPPORT, "");
	g->family = id;
	return 0;
}

int wg_genl_open(struct wg_genl *g, const char *family, u8 version, struct wg_error *err)
{
	/* A request of ours is as large as the buffer; the default for sockets may be small. */
	int on = 1, sndbuf = 2 * WG_GENL_BUF;

	memset(g, 0, sizeof(*g));
	g->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!g->nl)
		return failed(err, errno, "");
	if (mnl_socket_bind(g->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		failed(err, errno, "");
		wg_genl_close(g);
		return -1;
	}
	g->portid = mnl_socket_get_portid(g->nl);
	/* Best effort, all three: without them refusals are larger and say less. */
	setsockopt(mnl_socket_get_fd(g->nl), SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	mnl_socket_setsockopt(g->nl, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(g->nl, NETLINK_EXT_ACK, &on, sizeof(on));
	g->buf = wg_alloc(WG_GENL_BUF);
	wg_secret_lock(g->buf, WG_GENL_BUF);
	if (find_family(g, family, err) < 0) {
		wg_genl_close(g);
		return -1;
	}
	g->version = version;
	return 0;
}

void wg_genl_close(struct wg_genl *g)
{
	if (g->nl)
		mnl_socket_close(g->nl);
	if (g->buf)
		wg_secret_wipe(g->buf, WG_GENL_BUF);
	free(g->buf);
	g->nl = NULL;
	g->buf = NULL;
}

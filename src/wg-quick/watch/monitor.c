// SPDX-License-Identifier: GPL-2.0
#include "monitor.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/net/rtnl.h"

#define ROUTE_GROUPS                                                                                     \
	(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE | \
	 RTMGRP_IPV4_RULE | 1U << (RTNLGRP_IPV6_RULE - 1))
#define NFT_GROUPS     (1U << (NFNLGRP_NFTABLES - 1))
#define DATAGRAM_BYTES 32768 /* the kernel puts no more into one */
#define DATAGRAMS      64    /* read in one go */
#define QUEUE_BYTES    (1024 * 1024)

struct monitor {
	struct mnl_socket *route, *nft; /* nft: NULL where the kernel has none */
	char buf[DATAGRAM_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
};

struct teller {
	void (*tell)(void *ctx, const struct monitor_news *news);
	void *ctx;
};

static struct mnl_socket *open_socket(int bus, unsigned int groups)
{
	struct mnl_socket *nl = mnl_socket_open2(bus, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int size = QUEUE_BYTES;

	if (!nl)
		return NULL;
	setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (mnl_socket_bind(nl, groups, MNL_SOCKET_AUTOPID) == 0)
		return nl;
	mnl_socket_close(nl);
	return NULL;
}

int monitor_open(struct monitor **out, struct wg_error *err)
{
	struct monitor *m = wg_alloc(sizeof(*m));

	m->route = open_socket(NETLINK_ROUTE, ROUTE_GROUPS);
	if (!m->route) {
		free(m);
		return wg_error_errno(err, errno, "cannot listen to rtnetlink");
	}
	m->nft = open_socket(NETLINK_NETFILTER, NFT_GROUPS);
	*out = m;
	return 0;
}

void monitor_close(struct monitor **m)
{
	if (!*m)
		return;
	mnl_socket_close((*m)->route);
	if ((*m)->nft)
		mnl_socket_close((*m)->nft);
	free(*m);
	*m = NULL;
}

void monitor_fds(const struct monitor *m, int fds[static 2])
{
	fds[0] = mnl_socket_get_fd(m->route);
	fds[1] = m->nft ? mnl_socket_get_fd(m->nft) : -1;
}

static void tell(const struct teller *t, enum monitor_what what, u32 number, const char *name)
{
	const struct monitor_news news = {what, number, name};

	t->tell(t->ctx, &news);
}

/* The u32 of an attribute behind a header of `size` bytes; false where there is none. */
static bool find_u32(const struct nlmsghdr *nlh, size_t size, u16 type, u32 *value)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, (unsigned int)size) {
		if (mnl_attr_get_type(attr) != type || mnl_attr_get_payload_len(attr) < sizeof(*value))
			continue;
		memcpy(value, mnl_attr_get_payload(attr), sizeof(*value));
		return true;
	}
	return false;
}

static bool has_protocol(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct fib_rule_hdr))
		if (mnl_attr_get_type(attr) == FRA_PROTOCOL && mnl_attr_get_payload_len(attr) &&
		    *(const u8 *)mnl_attr_get_payload(attr) == WG_RTNL_PROTOCOL)
			return true;
	return false;
}

static void read_rule(const struct nlmsghdr *nlh, const struct teller *t)
{
	const struct fib_rule_hdr *rule = mnl_nlmsg_get_payload(nlh);
	u32 table = rule->table;

	if (!has_protocol(nlh))
		return;
	find_u32(nlh, sizeof(*rule), FRA_TABLE, &table);
	tell(t, MONITOR_RULE, table, NULL);
}

static void read_route(const struct nlmsghdr *nlh, const struct teller *t)
{
	u32 oif;

	if (find_u32(nlh, sizeof(struct rtmsg), RTA_OIF, &oif))
		tell(t, nlh->nlmsg_type == RTM_DELROUTE ? MONITOR_LINK : MONITOR_WAY, oif, NULL);
}

static void read_link(const struct nlmsghdr *nlh, const struct teller *t)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type == RTM_DELLINK || !(link->ifi_flags & IFF_UP))
		tell(t, MONITOR_LINK, (u32)link->ifi_index, NULL);
}

static void read_address(const struct nlmsghdr *nlh, const struct teller *t)
{
	const struct ifaddrmsg *address = mnl_nlmsg_get_payload(nlh);

	tell(t, nlh->nlmsg_type == RTM_DELADDR ? MONITOR_LINK : MONITOR_WAY, address->ifa_index, NULL);
}

static void read_route_message(const struct nlmsghdr *nlh, const struct teller *t)
{
	size_t len = mnl_nlmsg_get_payload_len(nlh);

	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (len >= sizeof(struct ifinfomsg))
			read_link(nlh, t);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (len >= sizeof(struct ifaddrmsg))
			read_address(nlh, t);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		if (len >= sizeof(struct rtmsg))
			read_route(nlh, t);
		break;
	case RTM_DELRULE:
		if (len >= sizeof(struct fib_rule_hdr))
			read_rule(nlh, t);
		break;
	default:
		break;
	}
}

/* The table's name is attribute 1 of a table, of a chain and of a rule. */
static void read_nft_message(const struct nlmsghdr *nlh, const struct teller *t)
{
	const struct nlattr *attr;

	if (nlh->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct nfgenmsg))
		return;
	switch (nlh->nlmsg_type & 0xff) {
	case NFT_MSG_DELTABLE:
	case NFT_MSG_DELCHAIN:
	case NFT_MSG_DELRULE:
		break;
	default:
		return;
	}
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(attr) == NFTA_TABLE_NAME &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
			tell(t, MONITOR_TABLE, 0, mnl_attr_get_str(attr));
}

static void read_socket(struct monitor *m, struct mnl_socket *nl,
			void (*read_message)(const struct nlmsghdr *, const struct teller *),
			const struct teller *t)
{
	for (int i = 0; i < DATAGRAMS; i++) {
		ssize_t n = mnl_socket_recvfrom(nl, m->buf, sizeof(m->buf));
		const struct nlmsghdr *nlh = (const void *)m->buf;
		int left = (int)n;

		if (n < 0 && errno == ENOBUFS) {
			tell(t, MONITOR_OVERRUN, 0, NULL);
			continue;
		}
		if (n <= 0)
			return;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			read_message(nlh, t);
	}
}

void monitor_read(struct monitor *m, void (*tell_one)(void *ctx, const struct monitor_news *news), void *ctx)
{
	const struct teller t = {tell_one, ctx};

	read_socket(m, m->route, read_route_message, &t);
	if (m->nft)
		read_socket(m, m->nft, read_nft_message, &t);
}

// SPDX-License-Identifier: GPL-2.0
#include "route-query.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Kernels that are newer than the headers here have more of these. */
#ifndef RTA_DPORT
#define RTA_IP_PROTO 27
#define RTA_SPORT    28
#define RTA_DPORT    29
#endif
#ifndef RTA_UID
#define RTA_UID 25
#endif
#ifndef RTM_F_FIB_MATCH
#define RTM_F_FIB_MATCH 0x2000
#endif

#define ANSWER_SIZE 4096

struct request {
	struct nlmsghdr header;
	struct rtmsg route;
	u8 attributes[128];
};

/* The sockets of the data path belong to it, and rules may choose a route by it. The daemon itself becomes
 * another user. */
static u32 owner;

int route_query_open(void)
{
	owner = geteuid();
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
}

static void put_attribute(struct request *r, u16 type, const void *data, size_t len)
{
	struct rtattr a = {(u16)RTA_LENGTH(len), type};
	u8 *at = r->attributes + NLMSG_ALIGN(r->header.nlmsg_len) -
		 offsetof(struct request, attributes);

	memcpy(at, &a, sizeof(a));
	memcpy(at + RTA_LENGTH(0), data, len);
	r->header.nlmsg_len = (u32)(at - (u8 *)r) + (u32)RTA_SPACE(len);
}

static u8 address_len(const struct endpoint *e)
{
	return e->addr.sa_family == AF_INET6 ? 16 : 4;
}

static void begin_request(struct request *r, const struct endpoint *e, const void *to)
{
	memset(r, 0, sizeof(*r));
	r->header.nlmsg_len = NLMSG_LENGTH(sizeof(r->route));
	r->header.nlmsg_type = RTM_GETROUTE;
	r->header.nlmsg_flags = NLM_F_REQUEST;
	r->route.rtm_family = (u8)e->addr.sa_family;
	r->route.rtm_dst_len = (u8)(address_len(e) * 8);
	put_attribute(r, RTA_DST, to, address_len(e));
}

static void make_request(struct request *r, const struct endpoint *e, u16 port, u32 fwmark)
{
	bool v6 = e->addr.sa_family == AF_INET6;
	u8 protocol = IPPROTO_UDP;
	u16 from = htons(port);

	begin_request(r, e, v6 ? (const void *)&e->addr6.sin6_addr : &e->addr4.sin_addr);
	r->route.rtm_src_len = r->route.rtm_dst_len;
	put_attribute(r, RTA_SRC, &e->source6, address_len(e));
	put_attribute(r, RTA_MARK, &fwmark, sizeof(fwmark));
	put_attribute(r, RTA_UID, &owner, sizeof(owner));
	put_attribute(r, RTA_IP_PROTO, &protocol, sizeof(protocol));
	put_attribute(r, RTA_SPORT, &from, sizeof(from));
	put_attribute(r, RTA_DPORT, v6 ? &e->addr6.sin6_port : &e->addr4.sin_port, sizeof(from));
	if (v6 && e->addr6.sin6_scope_id)
		put_attribute(r, RTA_OIF, &e->addr6.sin6_scope_id, sizeof(u32));
}

/* What a message about a route says. */
struct answer {
	u32 ifindex; /* 0: no link */
	bool has_mtu, expires;
};

/* Calls `found` for each attribute until the first one that is damaged. */
static void for_attributes(const u8 *p, size_t len, struct answer *to,
			   void (*found)(struct answer *to, u16 type, const u8 *data, size_t len))
{
	while (len >= sizeof(struct rtattr)) {
		struct rtattr a;

		memcpy(&a, p, sizeof(a));
		if (a.rta_len < sizeof(a) || a.rta_len > len)
			return;
		found(to, a.rta_type, p + RTA_LENGTH(0), a.rta_len - RTA_LENGTH(0));
		if (RTA_ALIGN(a.rta_len) > len)
			return;
		p += RTA_ALIGN(a.rta_len);
		len -= RTA_ALIGN(a.rta_len);
	}
}

static void read_metric(struct answer *to, u16 type, const u8 *data, size_t len)
{
	(void)data, (void)len;
	to->has_mtu |= type == RTAX_MTU;
}

static void read_attribute(struct answer *to, u16 type, const u8 *data, size_t len)
{
	struct rta_cacheinfo cache;

	if (type == RTA_OIF && len >= sizeof(to->ifindex)) {
		memcpy(&to->ifindex, data, sizeof(to->ifindex));
	} else if (type == RTA_METRICS) {
		for_attributes(data, len, to, read_metric);
	} else if (type == RTA_CACHEINFO && len >= sizeof(cache)) {
		memcpy(&cache, data, sizeof(cache));
		to->expires = cache.rta_expires;
	}
}

/* Reads a route of this type. The kernel checks the source of IPv4 itself, and says EINVAL. */
static enum route_answer read_answer(const u8 *p, size_t len, u8 type, struct answer *to)
{
	struct nlmsghdr h;
	struct rtmsg route;
	int error;

	if (len < sizeof(h) + sizeof(error))
		return ROUTE_UNKNOWN;
	memcpy(&h, p, sizeof(h));
	if (h.nlmsg_len > len || h.nlmsg_len < NLMSG_HDRLEN)
		return ROUTE_UNKNOWN;
	p += NLMSG_HDRLEN;
	len = h.nlmsg_len - NLMSG_HDRLEN;
	if (h.nlmsg_type == NLMSG_ERROR && len >= sizeof(error)) {
		memcpy(&error, p, sizeof(error));
		return error == -EINVAL ? ROUTE_NO_SOURCE : ROUTE_UNKNOWN;
	}
	if (h.nlmsg_type != RTM_NEWROUTE || len < sizeof(route))
		return ROUTE_UNKNOWN;
	memcpy(&route, p, sizeof(route));
	if (route.rtm_type != type && route.rtm_type != RTN_LOCAL)
		return ROUTE_UNKNOWN;
	for_attributes(p + NLMSG_ALIGN(sizeof(route)), len - NLMSG_ALIGN(sizeof(route)), to,
		       read_attribute);
	return to->ifindex ? ROUTE_BY : ROUTE_UNKNOWN;
}

static enum route_answer ask(int netlink, const struct request *r, u8 type, struct answer *to)
{
	_Alignas(8) u8 answer[ANSWER_SIZE];
	ssize_t n;

	memset(to, 0, sizeof(*to));
	if (netlink < 0 || send(netlink, r, r->header.nlmsg_len, MSG_DONTWAIT) < 0)
		return ROUTE_UNKNOWN;
	n = recv(netlink, answer, sizeof(answer), MSG_DONTWAIT);
	return n > 0 ? read_answer(answer, (size_t)n, type, to) : ROUTE_UNKNOWN;
}

/* An MTU that ICMP told expires. The entry of the routing table then tells whether there is another one. */
enum route_answer route_query(int netlink, const struct endpoint *e, u16 port, u32 fwmark,
			      struct route_way *way)
{
	enum route_answer told;
	struct answer a;
	struct request r;

	make_request(&r, e, port, fwmark);
	told = ask(netlink, &r, RTN_UNICAST, &a);
	way->ifindex = a.ifindex;
	if (a.has_mtu && a.expires) {
		r.route.rtm_flags = RTM_F_FIB_MATCH;
		ask(netlink, &r, RTN_UNICAST, &a);
	}
	way->has_mtu = a.has_mtu && !a.expires;
	return told;
}

/* An entry of the routing table has the address's own link; a lookup would say lo. */
u32 route_query_owner(int netlink, const struct endpoint *e)
{
	struct answer a;
	struct request r;

	begin_request(&r, e, &e->source6);
	r.route.rtm_flags = RTM_F_FIB_MATCH;
	return ask(netlink, &r, RTN_LOCAL, &a) == ROUTE_BY ? a.ifindex : 0;
}

// SPDX-License-Identifier: GPL-2.0
#include "route-query.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

/* Kernels that are newer than the headers here have more of these. */
#ifndef RTA_DPORT
#define RTA_IP_PROTO 27
#define RTA_SPORT    28
#define RTA_DPORT    29
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

int route_query_open(void)
{
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
	put_attribute(r, RTA_IP_PROTO, &protocol, sizeof(protocol));
	put_attribute(r, RTA_SPORT, &from, sizeof(from));
	put_attribute(r, RTA_DPORT, v6 ? &e->addr6.sin6_port : &e->addr4.sin_port, sizeof(from));
	if (v6 && e->addr6.sin6_scope_id)
		put_attribute(r, RTA_OIF, &e->addr6.sin6_scope_id, sizeof(u32));
}

/* Finds the link in a message about a route. */
static bool find_link(const u8 *p, size_t len, u32 *ifindex)
{
	while (len >= sizeof(struct rtattr)) {
		struct rtattr a;

		memcpy(&a, p, sizeof(a));
		if (a.rta_len < sizeof(a) || a.rta_len > len)
			return false;
		if (a.rta_type == RTA_OIF && a.rta_len >= RTA_LENGTH(sizeof(*ifindex))) {
			memcpy(ifindex, p + RTA_LENGTH(0), sizeof(*ifindex));
			return true;
		}
		if (RTA_ALIGN(a.rta_len) > len)
			return false;
		p += RTA_ALIGN(a.rta_len);
		len -= RTA_ALIGN(a.rta_len);
	}
	return false;
}

/* Reads the link of a route of this type. The kernel checks the source of IPv4 itself, and says EINVAL. */
static enum route_answer read_answer(const u8 *p, size_t len, u8 type, u32 *ifindex)
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
	return find_link(p + NLMSG_ALIGN(sizeof(route)), len - NLMSG_ALIGN(sizeof(route)),
			 ifindex) ?
		       ROUTE_BY :
		       ROUTE_UNKNOWN;
}

static enum route_answer ask(int netlink, const struct request *r, u8 type, u32 *ifindex)
{
	_Alignas(8) u8 answer[ANSWER_SIZE];
	ssize_t n;

	if (netlink < 0 || send(netlink, r, r->header.nlmsg_len, MSG_DONTWAIT) < 0)
		return ROUTE_UNKNOWN;
	n = recv(netlink, answer, sizeof(answer), MSG_DONTWAIT);
	return n > 0 ? read_answer(answer, (size_t)n, type, ifindex) : ROUTE_UNKNOWN;
}

enum route_answer route_query(int netlink, const struct endpoint *e, u16 port, u32 fwmark,
			      u32 *ifindex)
{
	struct request r;

	make_request(&r, e, port, fwmark);
	return ask(netlink, &r, RTN_UNICAST, ifindex);
}

/* An entry of the routing table has the address's own link; a lookup would say lo. */
u32 route_query_owner(int netlink, const struct endpoint *e)
{
	struct request r;
	u32 ifindex = 0;

	begin_request(&r, e, &e->source6);
	r.route.rtm_flags = RTM_F_FIB_MATCH;
	return ask(netlink, &r, RTN_LOCAL, &ifindex) == ROUTE_BY ? ifindex : 0;
}

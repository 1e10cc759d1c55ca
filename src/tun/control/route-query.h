/* SPDX-License-Identifier: GPL-2.0 */
/* Asks the kernel which way a datagram to an endpoint would take. The kernel answers before the question
 * has been sent, so these functions do not wait. */
#ifndef WG_TUN_ROUTE_QUERY_H
#define WG_TUN_ROUTE_QUERY_H

#include "../device/endpoint.h"

/* Opens the netlink socket for route_query(). Call it before the sandbox, which forbids it, as the user
 * whose sockets will send. Returns
 * -1 with errno set if there is none. */
int route_query_open(void);

enum route_answer {
	ROUTE_UNKNOWN,	/* there is no route, or the kernel gave no answer */
	ROUTE_NO_SOURCE, /* the remembered source is no address of this host; told for IPv4 only */
	ROUTE_BY,	/* the datagram leaves as *way says */
};

struct route_way {
	u32 ifindex; /* the link */
	bool has_mtu; /* the route was given an MTU; what ICMP said does not count */
};

/* Looks up the route of a datagram to `e` from the remembered source and from UDP port `port`, with
 * the mark `fwmark`. `netlink` is of route_query_open(), or -1: ROUTE_UNKNOWN. */
enum route_answer route_query(int netlink, const struct endpoint *e, u16 port, u32 fwmark,
			      struct route_way *way);
/* Returns the link that has the address of e's remembered source; 0: the kernel does not say. Of several
 * links with one address the kernel names one. */
u32 route_query_owner(int netlink, const struct endpoint *e);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Asks the kernel which way a datagram to an endpoint would take. */
#ifndef WG_TUN_ROUTE_QUERY_H
#define WG_TUN_ROUTE_QUERY_H

#include "../device/endpoint.h"

/* Opens the netlink socket for route_query(). Call it before the sandbox, which forbids it. Returns
 * -1 with errno set if there is none. */
int route_query_open(void);

enum route_answer {
	ROUTE_UNKNOWN,	/* there is no route, or the kernel gave no answer */
	ROUTE_NO_SOURCE, /* the remembered source is no address of this host */
	ROUTE_BY,	/* the datagram leaves by the link *ifindex */
};

/* Looks up the route of a datagram to `e` from the remembered source and from UDP port `port`, with
 * the mark `fwmark`. `netlink` is of route_query_open(). The kernel answers before the question has
 * been sent, so this function does not wait. */
enum route_answer route_query(int netlink, const struct endpoint *e, u16 port, u32 fwmark,
			      u32 *ifindex);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Where a peer is, and which of our addresses it last spoke to ("sticky"): replies leave from that
 * address, until the kernel says that the address or its way is gone (src/README.md, "Sticky
 * sources"). */
#ifndef WG_TUN_ENDPOINT_H
#define WG_TUN_ENDPOINT_H

#include <netinet/in.h>
#include "../../core/cookie.h"

/* Which link a datagram from the remembered source to the endpoint leaves by, when the kernel was
 * last asked. */
enum endpoint_way {
	WAY_UNKNOWN, /* it was not asked yet */
	WAY_OWN,     /* a link that has the source's address */
	WAY_OTHER,   /* another link, or the kernel did not say */
};

struct endpoint {
	union {
		struct sockaddr addr; /* sa_family 0: nowhere */
		struct sockaddr_in addr4;
		struct sockaddr_in6 addr6;
	};
	union {
		struct in_addr source4;
		struct in6_addr source6;
	};
	unsigned int source_ifindex; /* heard by this link; 0: no source is remembered, the kernel chooses */
	u8 way; /* enum endpoint_way, see control/sources.h */
	bool route_mtu; /* IPv4: the route to it had an MTU of its own when `way` was found out */
	u8 ttl; /* of what is sent to it now, see path/loop.h; 0: the system's default */
};

/* Whether addresses and sources are the same. The link that was heard by makes no difference: a peer
 * may be heard by several in turn. */
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
socklen_t endpoint_len(const struct endpoint *e);
/* Writes the endpoint as the core's cookies and rate limiter want it. */
void endpoint_to_addr(const struct endpoint *e, struct wg_addr *addr);
/* Writes "192.0.2.1:51820" or "[2001:db8::1%2]:51820", as the UAPI has it. */
#define ENDPOINT_TEXT_LEN 80
void endpoint_to_text(const struct endpoint *e, char out[static ENDPOINT_TEXT_LEN]);

#endif

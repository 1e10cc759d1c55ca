/* SPDX-License-Identifier: GPL-2.0 */
/* Where a peer is, and which of our addresses it last spoke to, by which link ("sticky"):
 * replies leave the way that the last authentic packet came, until the kernel says that this way
 * is gone. */
#ifndef WG_TUN_ENDPOINT_H
#define WG_TUN_ENDPOINT_H

#include <netinet/in.h>
#include "../../core/cookie.h"

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
	unsigned int source_ifindex; /* 0: no source is remembered, the kernel chooses */
	u8 ttl; /* of what is sent to it now, see path/loop.h; 0: the system's default */
};

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
socklen_t endpoint_len(const struct endpoint *e);
/* As the core's cookies and rate limiter want it. */
void endpoint_to_addr(const struct endpoint *e, struct wg_addr *addr);
/* "192.0.2.1:51820" or "[2001:db8::1%2]:51820", as the UAPI writes it. */
#define ENDPOINT_TEXT_LEN 80
void endpoint_to_text(const struct endpoint *e, char out[static ENDPOINT_TEXT_LEN]);

#endif

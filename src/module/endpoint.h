/* SPDX-License-Identifier: GPL-2.0 */
/* Where a peer is, and which address of ours it spoke to last. */
#ifndef WG_MODULE_ENDPOINT_H
#define WG_MODULE_ENDPOINT_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/skbuff.h>
#include "../core/cookie.h"

/* Compared as bytes: of one that came with a packet, what is not used is 0. Where the user gave more, it
 * differs until a packet came. */
struct wg_endpoint {
	union {
		struct sockaddr addr;
		struct sockaddr_in addr4;
		struct sockaddr_in6 addr6; /* sin6_scope_id for link-local ones */
	};
	/* Our side, where the last authentic packet came in: 0 / any: let routing choose. */
	union {
		struct {
			struct in_addr src4;
			int src_ifindex4;
		};
		struct in6_addr src6; /* the larger one */
	};
};

struct dst_entry;

/* The route to an endpoint, found for the packet before. It is good for the same endpoint, mark and
 * port, while the kernel says so. */
struct wg_route {
	struct dst_entry *dst; /* a reference; NULL: none */
	struct wg_endpoint to;
	u32 cookie, mark;
	__be16 sport;
	struct in6_addr saddr; /* the source that routing chose; IPv4: its first four bytes */
	unsigned long shaper_until; /* jiffies: until then it is known whether a shaper is on the way */
};

static inline bool wg_endpoint_equal(const struct wg_endpoint *a, const struct wg_endpoint *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline void wg_endpoint_forget_source(struct wg_endpoint *e)
{
	memset(&e->src6, 0, sizeof(e->src6));
}

/* Of a UDP packet that came in, data at or after its headers (network and transport header are set). */
void wg_endpoint_from_skb(struct wg_endpoint *e, const struct sk_buff *skb);
/* As cookies bind it. */
void wg_endpoint_addr(const struct wg_endpoint *e, struct wg_addr *out);
/* From netlink: 0, or -EINVAL where length and family do not fit. */
int wg_endpoint_set(struct wg_endpoint *e, const struct sockaddr *sa, size_t len);
size_t wg_endpoint_len(const struct wg_endpoint *e); /* of its sockaddr */

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Where a peer is, and which address of ours it spoke to last. */
#ifndef WG_MODULE_ENDPOINT_H
#define WG_MODULE_ENDPOINT_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/skbuff.h>
#include "../core/cookie.h"

/* An endpoint is compared as bytes: in one that came with a packet, unused bytes are 0. One that
 * the user gave may differ from that until a packet came. */
struct wg_endpoint {
	union {
		struct sockaddr addr;
		struct sockaddr_in addr4;
		struct sockaddr_in6 addr6; /* sin6_scope_id for link-local ones */
	};
	/* Our side, as of the last authentic packet. 0 or the any-address: routing chooses. */
	union {
		struct in_addr src4;
		struct in6_addr src6; /* the larger one */
	};
};

struct dst_entry;

/* The route to an endpoint, found for the packet before. It is good for the same endpoint, mark and
 * port, as long as the kernel says that it is valid. */
struct wg_route {
	struct dst_entry *dst; /* a reference; NULL: none */
	struct wg_endpoint to;
	u32 cookie, mark;
	__be16 sport;
	bool own; /* IPv4: by a link that has `saddr` (../README.md, "Sticky sources"). It stays when dst is
		   * dropped. */
	struct in6_addr saddr; /* the source that routing chose; IPv4: its first four bytes */
	unsigned long shaper_until; /* jiffies: until then it is known whether there is a shaper */
};

static inline bool wg_endpoint_equal(const struct wg_endpoint *a, const struct wg_endpoint *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline void wg_endpoint_forget_source(struct wg_endpoint *e)
{
	memset(&e->src6, 0, sizeof(e->src6));
}

/* Writes where a UDP packet came from. Its data are at or after its headers; network and transport
 * header are set. */
void wg_endpoint_from_skb(struct wg_endpoint *e, const struct sk_buff *skb);
/* Writes the endpoint in the form that cookies are bound to. */
void wg_endpoint_addr(const struct wg_endpoint *e, struct wg_addr *out);
/* Sets an endpoint as netlink gives it. Returns 0, or -EINVAL if length and family do not fit. */
int wg_endpoint_set(struct wg_endpoint *e, const struct sockaddr *sa, size_t len);
size_t wg_endpoint_len(const struct wg_endpoint *e); /* of its sockaddr */

#endif

// SPDX-License-Identifier: GPL-2.0
#include "endpoint.h"
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/ipv6.h>

/* Endpoints are compared as bytes: there is no padding that could differ. */
static_assert(sizeof(struct wg_endpoint) == sizeof(struct sockaddr_in6) + sizeof(struct in6_addr));

void wg_endpoint_from_skb(struct wg_endpoint *e, const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const struct iphdr *ip = ip_hdr(skb);

	memset(e, 0, sizeof(*e));
	e->addr4.sin_port = udp_hdr(skb)->source; /* sin6_port is in the same place */
	if (ip->version == 4) {
		e->addr4.sin_family = AF_INET;
		e->addr4.sin_addr.s_addr = ip->saddr;
		e->src4.s_addr = ip->daddr;
	} else {
		e->addr6.sin6_family = AF_INET6;
		e->addr6.sin6_addr = ip6->saddr;
		e->addr6.sin6_scope_id = ipv6_iface_scope_id(&ip6->saddr, skb->skb_iif);
		e->src6 = ip6->daddr;
	}
}

void wg_endpoint_addr(const struct wg_endpoint *e, struct wg_addr *out)
{
	bool six = e->addr.sa_family == AF_INET6;
	const void *ip = six ? (const void *)&e->addr6.sin6_addr : &e->addr4.sin_addr;

	*out = (struct wg_addr){.family = six ? 6 : 4};
	memcpy(out->port, &e->addr4.sin_port, sizeof(out->port));
	memcpy(out->ip, ip, six ? sizeof(struct in6_addr) : sizeof(struct in_addr));
}

int wg_endpoint_set(struct wg_endpoint *e, const struct sockaddr *sa, size_t len)
{
	if ((len != sizeof(e->addr4) || sa->sa_family != AF_INET) &&
	    (len != sizeof(e->addr6) || sa->sa_family != AF_INET6))
		return -EINVAL;
	memset(e, 0, sizeof(*e));
	memcpy(e, sa, len);
	return 0;
}

size_t wg_endpoint_len(const struct wg_endpoint *e)
{
	return e->addr.sa_family == AF_INET6 ? sizeof(e->addr6) : sizeof(e->addr4);
}

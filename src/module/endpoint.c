// SPDX-License-Identifier: GPL-2.0
#include "endpoint.h"
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/ipv6.h>

static void from_ipv4(struct wg_endpoint *e, const struct sk_buff *skb)
{
	e->addr4.sin_family = AF_INET;
	e->addr4.sin_port = udp_hdr(skb)->source;
	e->addr4.sin_addr.s_addr = ip_hdr(skb)->saddr;
	e->src4.s_addr = ip_hdr(skb)->daddr;
	e->src_ifindex4 = skb->skb_iif;
}

static void from_ipv6(struct wg_endpoint *e, const struct sk_buff *skb)
{
	e->addr6.sin6_family = AF_INET6;
	e->addr6.sin6_port = udp_hdr(skb)->source;
	e->addr6.sin6_addr = ipv6_hdr(skb)->saddr;
	e->addr6.sin6_scope_id = ipv6_iface_scope_id(&ipv6_hdr(skb)->saddr, skb->skb_iif);
	e->src6 = ipv6_hdr(skb)->daddr;
}

bool wg_endpoint_from_skb(struct wg_endpoint *e, const struct sk_buff *skb)
{
	memset(e, 0, sizeof(*e));
	if (skb->protocol == htons(ETH_P_IP))
		from_ipv4(e, skb);
	else if (skb->protocol == htons(ETH_P_IPV6))
		from_ipv6(e, skb);
	return e->addr.sa_family != AF_UNSPEC;
}

bool wg_endpoint_equal(const struct wg_endpoint *a, const struct wg_endpoint *b)
{
	if (a->addr.sa_family != b->addr.sa_family)
		return false;
	switch (a->addr.sa_family) {
	case AF_INET:
		return a->addr4.sin_port == b->addr4.sin_port &&
		       a->addr4.sin_addr.s_addr == b->addr4.sin_addr.s_addr &&
		       a->src4.s_addr == b->src4.s_addr && a->src_ifindex4 == b->src_ifindex4;
	case AF_INET6:
		return a->addr6.sin6_port == b->addr6.sin6_port &&
		       ipv6_addr_equal(&a->addr6.sin6_addr, &b->addr6.sin6_addr) &&
		       a->addr6.sin6_scope_id == b->addr6.sin6_scope_id &&
		       ipv6_addr_equal(&a->src6, &b->src6);
	default: /* nowhere */
		return true;
	}
}

void wg_endpoint_forget_source(struct wg_endpoint *e)
{
	memset(&e->src6, 0, sizeof(e->src6)); /* the larger one */
}

void wg_endpoint_addr(const struct wg_endpoint *e, struct wg_addr *out)
{
	memset(out, 0, sizeof(*out));
	if (e->addr.sa_family == AF_INET6) {
		out->family = 6;
		memcpy(out->ip, &e->addr6.sin6_addr, 16);
		memcpy(out->port, &e->addr6.sin6_port, 2);
	} else {
		out->family = 4;
		memcpy(out->ip, &e->addr4.sin_addr, 4);
		memcpy(out->port, &e->addr4.sin_port, 2);
	}
}

int wg_endpoint_set(struct wg_endpoint *e, const struct sockaddr *sa, size_t len)
{
	struct wg_endpoint new = {};

	if (len == sizeof(new.addr4) && sa->sa_family == AF_INET)
		memcpy(&new.addr4, sa, sizeof(new.addr4));
	else if (len == sizeof(new.addr6) && sa->sa_family == AF_INET6)
		memcpy(&new.addr6, sa, sizeof(new.addr6));
	else
		return -EINVAL;
	*e = new;
	return 0;
}

size_t wg_endpoint_len(const struct wg_endpoint *e)
{
	return e->addr.sa_family == AF_INET6 ? sizeof(e->addr6) : sizeof(e->addr4);
}

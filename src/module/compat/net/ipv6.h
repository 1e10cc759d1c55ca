/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_NET_IPV6_H
#define WG_COMPAT_NET_IPV6_H

#include_next <net/ipv6.h>

/* 7.1: IPv6 is in the kernel or it is not. Before, it could be a module, to be asked through a
 * table. */
#ifdef WG_HAVE_IPV6_STUB
#include <net/ipv6_stubs.h>

static inline struct dst_entry *compat_ip6_dst_lookup_flow(struct net *net, const struct sock *sk,
							   struct flowi6 *fl6,
							   const struct in6_addr *final_dst)
{
	return ipv6_stub->ipv6_dst_lookup_flow(net, sk, fl6, final_dst);
}

#define ip6_dst_lookup_flow compat_ip6_dst_lookup_flow
#endif

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_NET_UDP_TUNNEL_H
#define WG_COMPAT_NET_UDP_TUNNEL_H

#include_next <net/udp_tunnel.h>

/* 7.1: from here on sockets are struct sock. */
#ifndef WG_HAVE_TUNNEL_SETUP_SK
static inline void compat_setup_udp_tunnel_sock(struct net *net, struct sock *sk,
						struct udp_tunnel_sock_cfg *cfg)
{
	setup_udp_tunnel_sock(net, sk->sk_socket, cfg);
}

#define setup_udp_tunnel_sock compat_setup_udp_tunnel_sock
#endif

#ifndef WG_HAVE_TUNNEL_RELEASE_SK
static inline void compat_udp_tunnel_sock_release(struct sock *sk)
{
	udp_tunnel_sock_release(sk->sk_socket);
}

#define udp_tunnel_sock_release compat_udp_tunnel_sock_release
#endif

/* 6.17: flags for the packet's control block. */
#ifndef WG_HAVE_TUNNEL_CB_FLAGS
#define udp_tunnel_xmit_skb(rt, sk, skb, src, dst, tos, ttl, df, sport, dport, xnet, nocheck, flags) \
	udp_tunnel_xmit_skb(rt, sk, skb, src, dst, tos, ttl, df, sport, dport, xnet, nocheck)
#endif

/* A kernel without IPv6 declares what it has not. */
#if !IS_ENABLED(CONFIG_IPV6)
static inline void compat_udp_tunnel6_xmit_skb(struct sk_buff *skb)
{
	kfree_skb(skb);
}

#define udp_tunnel6_xmit_skb(dst, sk, skb, dev, saddr, daddr, prio, ttl, label, sport, dport, nocheck, \
			     flags)                                                                    \
	compat_udp_tunnel6_xmit_skb(skb)

/* 5.11: before, it said that it had succeeded. */
#define udp_sock_create6(net, cfg, sockp) (-EPFNOSUPPORT)
#elif !defined(WG_HAVE_TUNNEL_CB_FLAGS)
/* 6.12: the addresses are const. */
#define udp_tunnel6_xmit_skb(dst, sk, skb, dev, saddr, daddr, prio, ttl, label, sport, dport, nocheck, \
			     flags)                                                                    \
	udp_tunnel6_xmit_skb(dst, sk, skb, dev, (struct in6_addr *)(saddr), (struct in6_addr *)(daddr), \
			     prio, ttl, label, sport, dport, nocheck)
#endif

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_NET_UDP_TUNNEL_H
#define WG_COMPAT_NET_UDP_TUNNEL_H

#include_next <net/udp_tunnel.h>

/* 7.0: from here on, it takes a struct sock. */
#ifndef WG_HAVE_TUNNEL_OF_SOCK
#define setup_udp_tunnel_sock(net, sk, config) setup_udp_tunnel_sock(net, (sk)->sk_socket, config)
#endif

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_NET_UDP_H
#define WG_COMPAT_NET_UDP_H

#include_next <net/udp.h>

/* 5.19: from here on, whether to wait is one of the flags. */
#ifndef WG_HAVE_RECV_UDP_FLAGS
#define skb_recv_udp(sk, flags, err) skb_recv_udp(sk, flags, (flags) & MSG_DONTWAIT, err)
#endif

#endif

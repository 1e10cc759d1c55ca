/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_NET_ADDRCONF_H
#define WG_COMPAT_NET_ADDRCONF_H

#include_next <net/addrconf.h>

/* A kernel without IPv6 declares it, and has it not. */
#if !IS_ENABLED(CONFIG_IPV6)
#define ipv6_chk_addr(net, addr, dev, strict) ((void)(net), (void)(addr), (void)(dev), (void)(strict), 0)
#endif

#endif

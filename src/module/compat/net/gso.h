/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_NET_GSO_H
#define WG_COMPAT_NET_GSO_H

/* 6.5 */
#ifdef WG_HAVE_GSO_H
#include_next <net/gso.h>
#else
#include <linux/netdevice.h>
#endif

#endif

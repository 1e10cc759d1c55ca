/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_NET_GRO_H
#define WG_COMPAT_NET_GRO_H

/* 5.17 */
#ifdef WG_HAVE_GRO_H
#include_next <net/gro.h>
#else
#include <linux/netdevice.h>
#endif

#endif

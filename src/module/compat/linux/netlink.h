/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_LINUX_NETLINK_H
#define WG_COMPAT_LINUX_NETLINK_H

#include_next <linux/netlink.h>

/* 6.16 */
#ifndef NL_ASSERT_CTX_FITS
#define NL_ASSERT_CTX_FITS(type) \
	BUILD_BUG_ON(sizeof(type) > sizeof(((struct netlink_callback *)0)->ctx))
#endif

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_MODULE_COMPAT_NET_GENETLINK_H
#define WG_MODULE_COMPAT_NET_GENETLINK_H

#include <linux/version.h>
#include_next <net/genetlink.h>

/* Before 6.7 the parsed attributes of a dump are in its own struct, by the same name. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define genl_info_dump(cb) genl_dumpit_info(cb)
#endif

/* Before 6.1 nobody checks the reserved bytes of a header. A family without multicast groups has no
 * use for the number of its first one. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#define resv_start_op mcgrp_offset
#endif

#endif

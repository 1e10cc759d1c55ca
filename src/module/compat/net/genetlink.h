/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_NET_GENETLINK_H
#define WG_COMPAT_NET_GENETLINK_H

#include_next <net/genetlink.h>

/* 6.6: of what it returned before, use `attrs` only. */
#ifndef WG_HAVE_INFO_DUMP
#define genl_info_dump(cb) genl_dumpit_info(cb)
#endif

/* 6.1: from which command on attributes are checked as strictly as can be. Older families have no
 * such member; what is written to their id is replaced when they are registered. */
#ifndef WG_HAVE_RESV_START_OP
#define resv_start_op id
#endif

#endif

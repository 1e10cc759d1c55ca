/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_NET_FLOW_H
#define WG_COMPAT_NET_FLOW_H

#include_next <net/flow.h>

/* 5.11: security modules are given what flows have in common; before, the whole flow. */
#ifndef WG_HAVE_FLOWI_COMMON
#define flowi4_to_flowi_common flowi4_to_flowi
#define flowi6_to_flowi_common flowi6_to_flowi
#endif

#endif

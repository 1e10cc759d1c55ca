/* SPDX-License-Identifier: GPL-2.0 */
/* net.ipv4.conf.all.src_valid_mark: the reverse-path check takes a packet's mark into account. */
#ifndef WG_QUICK_SYSCTL_H
#define WG_QUICK_SYSCTL_H

#include "../port.h"
#include "../lib/error.h"

/* False also where it cannot be read. */
bool sysctl_src_valid_mark(void);
/* 0 also where it has that value already. err->code: EROFS and its like. */
int sysctl_set_src_valid_mark(bool on, struct wg_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* net.ipv4.conf.all.src_valid_mark: packets' marks count in the check of the reverse path. Container
 * images run `sed -i '/src_valid_mark/d'` and its like over wg-quick, which was a script; so that
 * this leaves the program as it is, the name is in none of its strings and identifiers
 * (tests/cases/quick/sed-on-program.sh). */
#ifndef WG_QUICK_SYSCTL_H
#define WG_QUICK_SYSCTL_H

#include "../../lib/base/error.h"
#include "../../port.h"

/* "net.ipv4.conf.all.src_valid_mark"; lives as long as the program. */
const char *sysctl_name(void);
/* False also where it cannot be read. */
bool sysctl_marks_count(void);
/* Whether nobody can set it: /proc/sys is read-only, as in many containers. */
bool sysctl_is_read_only(void);
/* 0 also where it has that value already. err->code: EROFS and its like. */
int sysctl_set_marks_count(bool on, struct wg_error *err);

#endif

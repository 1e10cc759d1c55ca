/* SPDX-License-Identifier: GPL-2.0 */
/* Name servers of a tunnel, handed to resolvconf. */
#ifndef WG_QUICK_DNS_H
#define WG_QUICK_DNS_H

#include "../../lib/base/error.h"

/* `name` is what resolvconf files the servers under, `text` what it reads: lines of resolv.conf. Both
 * functions return 0, or the exit status to end with, and err. Undoing what was never done is no
 * error to resolvconf; without a resolvconf dns_unset has nothing to do. `stop` is as in struct
 * wg_process. */
int dns_set(const char *name, const char *text, const volatile int *stop, struct wg_error *err);
int dns_unset(const char *name, const volatile int *stop, struct wg_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Name servers of a tunnel, handed to resolvconf. */
#ifndef WG_QUICK_DNS_H
#define WG_QUICK_DNS_H

#include "../lib/error.h"
#include "step.h"

/* Both return 0, or the exit status to end with, and err. Undoing what was never done is no error
 * to resolvconf; without a resolvconf dns_unset has nothing to do. */
int dns_set(const struct step *s, const volatile int *stop, struct wg_error *err);
int dns_unset(const struct step *s, const volatile int *stop, struct wg_error *err);

#endif

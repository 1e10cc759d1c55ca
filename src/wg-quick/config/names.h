/* SPDX-License-Identifier: GPL-2.0 */
/* The tunnels that have a file in CONFDIR. */
#ifndef WG_QUICK_NAMES_H
#define WG_QUICK_NAMES_H

#include "../../lib/base/names.h"

/* Adds NAME for each file CONFDIR/NAME.conf whose NAME is a valid interface name, in any order. A folder
 * that cannot be read has none. */
void names_list(struct wg_names *names);
/* Whether the `len` bytes are a valid interface name, by wireguard-tools' rule. */
bool names_is_valid(const char *s, size_t len);

#endif

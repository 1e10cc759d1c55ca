/* SPDX-License-Identifier: GPL-2.0 */
/* The text of a saved configuration. Pure. */
#ifndef WG_QUICK_SAVED_H
#define WG_QUICK_SAVED_H

#include <stdio.h>
#include "config.h"

/* What a tunnel is now. */
struct running {
	const struct wg_device *dev;
	const struct wg_prefix *addresses;
	size_t n_addresses;
	u32 mtu;
};

/* Upstream's form: addresses, servers, MTU where the file has one, hooks, and the device. From the
 * file come what only it knows (search domains too); a private key that is not in it stays out. */
void saved_write(FILE *f, const struct config *c, const struct running *now);

#endif

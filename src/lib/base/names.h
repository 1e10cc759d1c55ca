/* SPDX-License-Identifier: GPL-2.0 */
/* A growing list of interface names, without duplicates, in the order they came. */
#ifndef WG_LIB_NAMES_H
#define WG_LIB_NAMES_H

#include <net/if.h>
#include "../../port.h"

struct wg_names {
	char (*name)[IFNAMSIZ];
	size_t n, room;
};

void wg_names_add(struct wg_names *names, const char *name);
bool wg_names_has(const struct wg_names *names, const char *name);
void wg_names_free(struct wg_names *names); /* also for cleanup() */

#endif

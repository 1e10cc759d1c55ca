/* SPDX-License-Identifier: GPL-2.0 */
/* A flat list: machines have few WireGuard interfaces, so looking through it is cheap. */
#include "names.h"

#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"

bool wg_names_has(const struct wg_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->name[i], name))
			return true;
	return false;
}

void wg_names_add(struct wg_names *names, const char *name)
{
	if (wg_names_has(names, name))
		return;
	if (names->n == names->room) {
		names->room = names->room ? names->room * 2 : 8;
		names->name = wg_realloc(names->name, names->room, sizeof(*names->name));
	}
	snprintf(names->name[names->n++], IFNAMSIZ, "%s", name);
}

void wg_names_free(struct wg_names *names)
{
	free(names->name);
	memset(names, 0, sizeof(*names));
}

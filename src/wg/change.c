// SPDX-License-Identifier: GPL-2.0
/* A name is not cut to fit: that would change another interface. */
#include "change.h"

#include <string.h>

int change_begin(struct wg_device *dev, const char *name, struct wg_error *err)
{
	size_t len = strlen(name);

	if (!len || len >= sizeof(dev->name))
		return wg_error_set(err,
				    "Unable to modify interface `%.64s': expected a name of 1 to %zu "
				    "characters",
				    name, sizeof(dev->name) - 1);
	memcpy(dev->name, name, len + 1);
	return 0;
}

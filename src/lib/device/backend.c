// SPDX-License-Identifier: GPL-2.0
/* Chooses between a userspace implementation and the kernel, by name. */
#include "backend.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include "../base/printable.h"
#include "kernel.h"
#include "uapi.h"

int wg_backend_list(struct wg_names *names, struct wg_error *err)
{
	if (wg_kernel_list(names, err) < 0)
		return -1;
	return wg_uapi_list(names, err);
}

int wg_backend_get(struct wg_device **dev, const char *name, struct wg_error *err)
{
	/* Longer ones would be cut, or be told that they do not exist, which may look wrong. */
	if (strlen(name) >= IFNAMSIZ) {
		char shown[65];

		wg_error_set(err, "Unable to access interface %s: expected a name of at most %d characters",
			     wg_printable(shown, sizeof(shown), name), IFNAMSIZ - 1);
		err->code = ENODEV;
		return -1;
	}
	return wg_uapi_has(name) ? wg_uapi_get(dev, name, err) : wg_kernel_get(dev, name, err);
}

int wg_backend_set(const struct wg_device *dev, struct wg_error *err)
{
	return wg_uapi_has(dev->name) ? wg_uapi_set(dev, err) : wg_kernel_set(dev, err);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Any WireGuard data path of this machine: a userspace implementation that listens for the name
 * comes first, then the kernel. err->code is the errno that says why. */
#ifndef WG_LIB_BACKEND_H
#define WG_LIB_BACKEND_H

#include "../base/error.h"
#include "../base/names.h"
#include "model.h"

int wg_backend_list(struct wg_names *names, struct wg_error *err);
int wg_backend_get(struct wg_device **dev, const char *name, struct wg_error *err);
int wg_backend_set(const struct wg_device *dev, struct wg_error *err);

#endif

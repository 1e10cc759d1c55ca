/* SPDX-License-Identifier: GPL-2.0 */
/* What a device is after a change, as a data path carries it out. Pure. */
#ifndef WG_LIB_APPLY_H
#define WG_LIB_APPLY_H

#include "model.h"

/* Changes `dev`, which a data path reported, as the data path does when it is sent `change`. */
void wg_device_apply(struct wg_device *dev, const struct wg_device *change);

#endif

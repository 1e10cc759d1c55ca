/* SPDX-License-Identifier: GPL-2.0 */
/* The beginning of what set, setconf, addconf and syncconf send. */
#ifndef WG_CHANGE_H
#define WG_CHANGE_H

#include "../lib/base/error.h"
#include "../lib/device/model.h"

/* Names the interface that is to be changed; a name that none can have is an error. */
int change_begin(struct wg_device *dev, const char *name, struct wg_error *err);

#endif

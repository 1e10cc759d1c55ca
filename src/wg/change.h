/* SPDX-License-Identifier: GPL-2.0 */
/* What set, setconf, addconf and syncconf share. */
#ifndef WG_CHANGE_H
#define WG_CHANGE_H

#include "../lib/base/error.h"
#include "../lib/base/log.h"
#include "../lib/device/model.h"

extern const struct wg_log change_log; /* warnings and progress go to standard error */

/* Names the interface that is to be changed. Returns 0, or -1 with err if no interface can have the
 * name. */
int change_begin(struct wg_device *dev, const char *name, struct wg_error *err);

#endif

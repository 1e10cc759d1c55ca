/* SPDX-License-Identifier: GPL-2.0 */
/* A change of a device as the `wg set` commands that do the same. */
#ifndef WG_QUICK_CHANGE_TEXT_H
#define WG_QUICK_CHANGE_TEXT_H

#include <stdio.h>
#include "../../lib/device/model.h"

/* Writes one line for the interface's own settings, where `change` has any, and one for each of its
 * peers, each line with `prefix` before it. `change` is what wg_diff leaves. Keys that are secret are
 * written as "(hidden)". With WG_DEVICE_REPLACE_PEERS, `have` is the device whose peers are removed;
 * otherwise it may be NULL. */
void change_write(FILE *f, const char *prefix, const char *ifname, const struct wg_device *change,
		  const struct wg_device *have);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* A device as the configuration file that `wg setconf` takes. */
#ifndef WG_LIB_SHOWCONF_H
#define WG_LIB_SHOWCONF_H

#include <stdio.h>
#include "../device/model.h"

/* The lines of [Interface] without its heading, then an empty line. */
void wg_showconf_interface(FILE *f, const struct wg_device *dev);
/* All [Peer] sections, with an empty line between them. */
void wg_showconf_peers(FILE *f, const struct wg_device *dev);

#endif

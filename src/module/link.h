/* SPDX-License-Identifier: GPL-2.0 */
/* The kind of link "wireguard": links are made, brought up and down, moved and deleted, and what
 * happens to the machine happens to all of them. */
#ifndef WG_MODULE_LINK_H
#define WG_MODULE_LINK_H

#include "device.h"

/* The device of a link. NULL: the link is not one of ours. */
struct wg_device *wg_link_device(struct net_device *dev);

int wg_link_init(void);
void wg_link_exit(void); /* all links are deleted */

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The link kind "wireguard": what `ip link` makes, moves, brings up and down, and deletes. */
#ifndef WG_MODULE_LINK_H
#define WG_MODULE_LINK_H

#include <linux/types.h>

int wg_link_init(void);
void wg_link_exit(void); /* all links are deleted */

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family "wireguard", version 1 (linux/wireguard.h; ../uapi/wireguard.h). */
#ifndef WG_MODULE_NETLINK_H
#define WG_MODULE_NETLINK_H

int wg_netlink_init(void);
void wg_netlink_exit(void);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family "wireguard", version 1 (linux/wireguard.h; ../uapi/wireguard.h). */
#ifndef WG_MODULE_NETLINK_H
#define WG_MODULE_NETLINK_H

#include <net/genetlink.h>
#include "../uapi/wireguard.h"

struct wg_device;

extern struct genl_family wg_netlink_family;

/* The device that a message names, with a reference to its link. ERR_PTR: -EBADR not one of index
 * and name, -ENODEV no such link in this namespace, -EOPNOTSUPP a link of another kind. */
struct wg_device *wg_netlink_device(struct net *net, struct nlattr **attrs);
int wg_netlink_set(struct sk_buff *skb, struct genl_info *info);

#endif

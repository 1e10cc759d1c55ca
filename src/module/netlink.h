/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family "wireguard", version 1 (linux/wireguard.h; ../uapi/wireguard.h). */
#ifndef WG_MODULE_NETLINK_H
#define WG_MODULE_NETLINK_H

#include <net/genetlink.h>
#include "../uapi/wireguard.h"

struct wg_device;

extern struct genl_family wg_netlink_family;

/* Returns the device that a message names, with a reference to its link; or ERR_PTR: -EBADR if it
 * does not have one of index and name, -ENODEV if this namespace has no such link, -EOPNOTSUPP if
 * the link is of another kind. */
struct wg_device *wg_netlink_device(struct net *net, struct nlattr **attrs);
int wg_netlink_set(struct sk_buff *skb, struct genl_info *info);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of netlink share. */
#ifndef WG_MODULE_NETLINK_PRIVATE_H
#define WG_MODULE_NETLINK_PRIVATE_H

#include <net/genetlink.h>
#include <net/sock.h>
#include "../uapi/wireguard.h"
#include "device.h"
#include "netlink.h"

extern struct genl_family wg_netlink_family;

/* The device that a message names, with a reference to its link. ERR_PTR: -EBADR not one of index
 * and name, -ENODEV no such link in this namespace, -EOPNOTSUPP a link of another kind. */
struct wg_device *wg_netlink_device(struct net *net, struct nlattr **attrs);

int wg_netlink_get_start(struct netlink_callback *cb);
int wg_netlink_get(struct sk_buff *skb, struct netlink_callback *cb);
int wg_netlink_set(struct sk_buff *skb, struct genl_info *info);

#endif

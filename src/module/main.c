// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading. */
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>
#include "../version.h"
#include "aead.h"
#include "events.h"
#include "keys.h"
#include "lane.h"
#include "link.h"
#include "netlink.h"
#include "peer.h"
#include "selftest.h"

static const struct part {
	int (*init)(void);
	void (*exit)(void);
} parts[] = {
	{wg_peer_init, wg_peer_exit},
	{wg_keys_init, wg_keys_exit},
	{wg_lane_init, wg_lane_exit},
	{NULL, rcu_barrier}, /* what waits for a grace period to be freed is above */
	{wg_events_init, wg_events_exit},
	{wg_link_init, wg_link_exit},
	{wg_netlink_init, wg_netlink_exit},
};

static void leave(size_t entered)
{
	while (entered--)
		parts[entered].exit();
}

static int __init enter(void)
{
	if (!wg_selftest())
		return -ENOTRECOVERABLE;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		int ret = parts[i].init ? parts[i].init() : 0;

		if (ret) {
			leave(i);
			return ret;
		}
	}
	pr_info("wireguard: wirekit %s, packets sealed by %s\n", WIREKIT_VERSION, wg_aead_name);
	return 0;
}

static void __exit finish(void)
{
	leave(ARRAY_SIZE(parts));
}

module_init(enter);
module_exit(finish);
MODULE_LICENSE("GPL v2");
MODULE_DESCRIPTION("WireGuard, of wirekit");
MODULE_AUTHOR("wirekit");
MODULE_VERSION(WIREKIT_VERSION);
MODULE_ALIAS_RTNL_LINK("wireguard");
MODULE_ALIAS_GENL_FAMILY("wireguard");

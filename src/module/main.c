// SPDX-License-Identifier: GPL-2.0
/* Loads and unloads the module. */
#include <linux/module.h>
#include <net/rtnetlink.h>
#include "../version.h"
#include "aead.h"
#include "keypair.h"
#include "link.h"
#include "nesting.h"
#include "netlink.h"
#include "peer.h"
#include "selftest.h"

static int __init init_module_parts(void)
{
	int ret;

	if (__is_defined(WG_DEBUG) && !wg_selftest())
		return -ENOTRECOVERABLE;
	ret = wg_nesting_init();
	if (ret)
		return ret;
	ret = wg_peer_init();
	if (ret)
		goto err_nesting;
	ret = wg_keypair_init();
	if (ret)
		goto err_peer;
	ret = wg_link_init();
	if (ret)
		goto err_keypair;
	ret = genl_register_family(&wg_netlink_family);
	if (ret)
		goto err_link;
	pr_info("wireguard: wirekit %s, packets sealed by %s\n", WIREKIT_VERSION, WG_AEAD_NAME);
	return 0;

err_link:
	wg_link_exit();
err_keypair:
	wg_keypair_exit();
err_peer:
	wg_peer_exit();
err_nesting:
	wg_nesting_exit();
	return ret;
}

static void __exit exit_module(void)
{
	genl_unregister_family(&wg_netlink_family);
	wg_link_exit();
	wg_keypair_exit();
	wg_peer_exit();
	wg_nesting_exit();
}

module_init(init_module_parts);
module_exit(exit_module);
MODULE_LICENSE("GPL v2");
MODULE_DESCRIPTION("WireGuard, of wirekit");
MODULE_AUTHOR("wirekit");
MODULE_VERSION(WIREKIT_VERSION);
MODULE_INFO(aead, WG_AEAD_NAME);
MODULE_ALIAS_RTNL_LINK("wireguard");
MODULE_ALIAS_GENL_FAMILY("wireguard");

// SPDX-License-Identifier: GPL-2.0
#include "link.h"
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/ip_tunnels.h>
#include <net/rtnetlink.h>
#include "device.h"
#include "peer.h"
#include "segment.h"
#include "send.h"
#include "socket.h"

enum {
	OUTER_OVERHEAD = sizeof(struct ipv6hdr) + sizeof(struct udphdr) + WG_DATA_OVERHEAD,
	/* With the usual MTU one inner super-packet of TCP fits one outer one: 44 segments, each with
	 * headers of its own. */
	GSO_BYTES = 60800,
};

LIST_HEAD(wg_device_all);

static int init(struct net_device *dev)
{
	struct wg_device *wg = netdev_priv(dev);
	int ret;

	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!dev->tstats)
		return -ENOMEM;
	ret = wg_device_construct(wg);
	if (ret) {
		free_percpu(dev->tstats);
		return ret;
	}
	list_add_tail(&wg->list, &wg_device_all);
	return 0;
}

/* It has been down since before. Peers go, and the core then waits for whoever still holds one: each
 * holds the link. */
static void uninit(struct net_device *dev)
{
	struct wg_device *wg = netdev_priv(dev);

	list_del(&wg->list);
	mutex_lock(&wg->update_lock);
	wg->peers.closed = true;
	wg_socket_close(wg);
	wg_peer_remove_all(wg);
	mutex_unlock(&wg->update_lock);
}

static void destruct(struct net_device *dev)
{
	wg_device_destruct(netdev_priv(dev));
	free_percpu(dev->tstats);
}

/* Peers that reach each other through us must do so. */
static void adapt_inet(struct net_device *dev)
{
	struct in_device *in4 = __in_dev_get_rtnl(dev);
	struct inet6_dev *in6 = __in6_dev_get(dev);

	if (in4) {
		IN_DEV_CONF_SET(in4, SEND_REDIRECTS, false);
		IPV4_DEVCONF_ALL(dev_net(dev), SEND_REDIRECTS) = false;
	}
	if (in6)
		in6->cnf.addr_gen_mode = IN6_ADDR_GEN_MODE_NONE;
}

static int open(struct net_device *dev)
{
	struct wg_device *wg = netdev_priv(dev);
	struct wg_peer *peer;
	int ret;

	adapt_inet(dev);
	mutex_lock(&wg->update_lock);
	wg_lanes_up(wg);
	ret = wg_socket_open(wg, wg->listen_port);
	if (ret) {
		wg_lanes_down(wg);
	} else {
		list_for_each_entry(peer, &wg->peers.list, list)
			wg_peer_up(peer);
	}
	mutex_unlock(&wg->update_lock);
	return ret;
}

static int stop(struct net_device *dev)
{
	struct wg_device *wg = netdev_priv(dev);
	struct wg_peer *peer;

	mutex_lock(&wg->update_lock);
	wg_socket_close(wg);
	flush_workqueue(wg->handshake_wq);
	list_for_each_entry(peer, &wg->peers.list, list) {
		wg_peer_down(peer);
		cond_resched();
	}
	wg_lanes_down(wg);
	mutex_unlock(&wg->update_lock);
	return 0;
}

static const struct net_device_ops link_ops = {
	.ndo_init = init,
	.ndo_uninit = uninit,
	.ndo_open = open,
	.ndo_stop = stop,
	.ndo_start_xmit = wg_send_xmit,
	.ndo_get_stats64 = dev_get_tstats64,
};

struct wg_device *wg_device_of(struct net_device *dev)
{
	return dev->netdev_ops == &link_ops ? netdev_priv(dev) : NULL;
}

static const struct device_type link_type = {.name = "wireguard"};

static void setup_features(struct net_device *dev)
{
	const netdev_features_t features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_RXCSUM |
					   NETIF_F_HIGHDMA | WG_SEGMENT_FEATURES;

	dev->features |= features;
	dev->hw_features |= features;
	dev->hw_enc_features |= features;
	compat_set_lltx(dev);
	netif_set_tso_max_size(dev, GSO_BYTES);
	netif_set_tso_max_segs(dev, WG_TRAIN_SEGMENTS);
	/* Sending wants the route: errors go back by it, and it knows the way's MTU. */
	netif_keep_dst(dev);
}

static void setup(struct net_device *dev)
{
	dev->netdev_ops = &link_ops;
	dev->header_ops = &ip_tunnel_header_ops;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->needed_headroom = WG_DATA_HEADER_LEN + WG_SOCKET_HEADROOM;
	dev->needed_tailroom = WG_PADDING + WG_TAG_LEN;
	dev->mtu = ETH_DATA_LEN - OUTER_OVERHEAD;
	dev->max_mtu = round_down(INT_MAX, WG_PADDING) - OUTER_OVERHEAD;
	dev->needs_free_netdev = true;
	dev->priv_destructor = destruct;
	SET_NETDEV_DEVTYPE(dev, &link_type);
	setup_features(dev);
}

static int newlink(struct net_device *dev, struct rtnl_newlink_params *params,
		   struct netlink_ext_ack *extack)
{
	struct wg_device *wg = netdev_priv(dev);

	wg->dev = dev;
	rcu_assign_pointer(wg->birth_net, rtnl_newlink_link_net(params));
	return register_netdevice(dev);
}

COMPAT_NEWLINK(newlink)

static struct rtnl_link_ops kind = {
	.kind = "wireguard",
	.priv_size = sizeof(struct wg_device),
	.setup = setup,
	.newlink = compat_newlink,
};

int wg_link_init(void)
{
	return rtnl_link_register(&kind);
}

void wg_link_exit(void)
{
	rtnl_link_unregister(&kind);
}

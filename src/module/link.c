// SPDX-License-Identifier: GPL-2.0
#include "link.h"
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/random.h>
#include <linux/suspend.h>
#include <net/addrconf.h>
#include <net/ip_tunnels.h>
#include <net/rtnetlink.h>
#include "handshakes.h"
#include "keypair.h"
#include "peers.h"
#include "receive.h"
#include "segment.h"
#include "send.h"
#include "socket.h"

enum {
	OUTER_OVERHEAD = sizeof(struct ipv6hdr) + sizeof(struct udphdr) + WG_DATA_OVERHEAD,
	/* With the usual MTU one inner super-packet of TCP fits one outer one: 44 segments, each
	 * with headers of its own. */
	GSO_BYTES = 60800,
};

static LIST_HEAD(all);

/* Frees what init() made, as far as it came. Work that may still be about to leave a queue ends
 * first. */
static void destruct(struct net_device *dev)
{
	struct wg_device *wg = netdev_priv(dev);

	wg_handshakes_free(wg->handshakes);
	if (wg->initiation_wq)
		destroy_workqueue(wg->initiation_wq);
	if (wg->handshake_wq)
		destroy_workqueue(wg->handshake_wq);
	if (wg->crypt_wq)
		destroy_workqueue(wg->crypt_wq);
	wg_crypt_queues_free(wg);
	for (int i = 0; i < WG_ALLOWEDIPS_SPARE; i++)
		wg_peer_node_free(NULL, wg->spare[i]);
	rhashtable_destroy(&wg->peers_by_key);
	rhashtable_destroy(&wg->indices);
	memzero_explicit(&wg->local, sizeof(wg->local));
	free_percpu(dev->tstats);
}

static void destroy(struct net_device *dev)
{
	destruct(dev);
	wg_debug((struct wg_device *)netdev_priv(dev), "Interface destroyed");
}

static const struct wg_upcalls upcalls = {
	.receive = wg_receive_packet,
	.flush = wg_send_flush,
};

static int init(struct net_device *dev)
{
	struct wg_device *wg = netdev_priv(dev);
	u8 random[32];

	mutex_init(&wg->update_lock);
	init_rwsem(&wg->identity_lock);
	rwlock_init(&wg->local_lock);
	wg->upcalls = &upcalls;
	wg->host = wg_peer_keypair_host;
	wg->host.ctx = wg;
	get_random_bytes(random, sizeof(random));
	wg_local_init(&wg->local, &wg->host, random);
	memzero_explicit(random, sizeof(random));
	INIT_LIST_HEAD(&wg->peers);
	wg->allowed.free_node = wg_peer_node_free;
	/* These fail only if their parameters make no sense, and these parameters are constants. */
	if (WARN_ON(rhashtable_init(&wg->peers_by_key, &wg_peers_params) ||
		    rhashtable_init(&wg->indices, &wg_indices_params)))
		return -EINVAL;
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	wg->crypt_wq = alloc_workqueue("wg-crypt-%s", WQ_CPU_INTENSIVE | WQ_MEM_RECLAIM | WQ_PERCPU,
				       0, dev->name);
	wg->handshake_wq =
		alloc_workqueue("wg-handshake-%s", WQ_UNBOUND | WQ_FREEZABLE, 0, dev->name);
	/* Thousands of peers may want to initiate at once. An answer that waited for all of them
	 * would come too late for its handshake. No more initiations are computed at a time than
	 * there are processors: so messages that were received have as much of the processors'
	 * time. */
	wg->initiation_wq = alloc_workqueue("wg-initiate-%s", WQ_UNBOUND | WQ_FREEZABLE,
					    (int)num_online_cpus(), dev->name);
	wg->handshakes = wg_handshakes_new(wg);
	if (!dev->tstats || !wg->crypt_wq || !wg->handshake_wq || !wg->initiation_wq || !wg->handshakes ||
	    wg_crypt_queues_init(wg, &wg_send_ops, &wg_receive_ops)) {
		destruct(dev);
		return -ENOMEM;
	}
	list_add_tail(&wg->list, &all);
	wg_debug(wg, "Interface created");
	return 0;
}

/* The link has been down since before. Peers go, and no other can be added any more. The kernel
 * then waits for everybody who still holds a peer, since each of them holds the link. */
static void uninit(struct net_device *dev)
{
	struct wg_device *wg = netdev_priv(dev);

	list_del(&wg->list);
	mutex_lock(&wg->update_lock);
	wg_socket_close(wg);
	wg_peers_remove_all(wg);
	mutex_unlock(&wg->update_lock);
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
	wg_crypt_queues_up(wg);
	ret = wg_socket_open(wg, wg->listen_port);
	if (ret) {
		wg_crypt_queues_down(wg);
	} else {
		list_for_each_entry(peer, &wg->peers, list) {
			wg_peer_set_keepalive(peer, peer->remote.timers.persistent_interval, true);
			wg_send_flush(peer, false);
		}
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
	list_for_each_entry(peer, &wg->peers, list) {
		wg_peer_stop(peer, false);
		cond_resched();
	}
	wg_crypt_queues_down(wg);
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

struct wg_device *wg_link_device(struct net_device *dev)
{
	return dev->netdev_ops == &link_ops ? netdev_priv(dev) : NULL;
}

/* `ethtool -S` shows what became of handshakes. */
static int count_counters(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? WG_HANDSHAKE_REASONS : -EOPNOTSUPP;
}

static void get_counter_names(struct net_device *dev, u32 set, u8 *out)
{
	for (u32 i = 0; set == ETH_SS_STATS && i < WG_HANDSHAKE_REASONS; i++)
		strscpy_pad((char *)out + i * ETH_GSTRING_LEN, wg_handshake_reason_name(i),
			    ETH_GSTRING_LEN);
}

static void get_counters(struct net_device *dev, struct ethtool_stats *stats, u64 *out)
{
	struct wg_device *wg = netdev_priv(dev);

	for (u32 i = 0; i < WG_HANDSHAKE_REASONS; i++)
		out[i] = (u64)atomic64_read(&wg->handshake_report.n[i]);
}

static const struct ethtool_ops ethtool_ops = {
	.get_sset_count = count_counters,
	.get_strings = get_counter_names,
	.get_ethtool_stats = get_counters,
};

static const struct device_type link_type = {.name = "wireguard"};

static void setup(struct net_device *dev)
{
	const netdev_features_t features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_RXCSUM |
					   NETIF_F_HIGHDMA | WG_SEGMENT_FEATURES;

	dev->netdev_ops = &link_ops;
	dev->ethtool_ops = &ethtool_ops;
	dev->header_ops = &ip_tunnel_header_ops;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->needed_headroom = WG_DATA_HEADER_LEN + WG_SOCKET_HEADROOM;
	dev->needed_tailroom = WG_PADDING + WG_TAG_LEN;
	dev->mtu = ETH_DATA_LEN - OUTER_OVERHEAD;
	dev->max_mtu = round_down(INT_MAX, WG_PADDING) - OUTER_OVERHEAD;
	dev->needs_free_netdev = true;
	dev->priv_destructor = destroy;
	SET_NETDEV_DEVTYPE(dev, &link_type);
	dev->features |= features;
	dev->hw_features |= features;
	dev->hw_enc_features |= features;
	compat_set_lltx(dev);
	netif_set_tso_max_size(dev, GSO_BYTES);
	netif_set_tso_max_segs(dev, WG_BATCH_SEGMENTS);
	/* Sending needs the route of a packet: errors go back by it, and it has the MTU of the
	 * path. */
	netif_keep_dst(dev);
}

static int newlink(struct net_device *dev, struct rtnl_newlink_params *params,
		   struct netlink_ext_ack *extack)
{
	struct wg_device *wg = netdev_priv(dev);

	wg->dev = dev;
	rcu_assign_pointer(wg->creating_net, rtnl_newlink_link_net(params));
	return register_netdevice(dev);
}

COMPAT_NEWLINK(newlink)

static struct rtnl_link_ops kind = {
	.kind = "wireguard",
	.priv_size = sizeof(struct wg_device),
	.setup = setup,
	.newlink = compat_newlink,
};

/* The virtual machine was copied. Both copies have the same keys and counters, and must not send
 * under them; what the peers sent before is still welcome. */
static int fork_event(struct notifier_block *nb, unsigned long action, void *data)
{
	struct wg_device *wg;

	rtnl_lock();
	list_for_each_entry(wg, &all, list) {
		mutex_lock(&wg->update_lock);
		wg_peers_retire(wg);
		mutex_unlock(&wg->update_lock);
	}
	rtnl_unlock();
	return NOTIFY_DONE;
}

/* The machine is about to be suspended or hibernated, and its memory may be read by others
 * meanwhile: no key is left in it. A machine that suspends all the time by itself, such as a
 * telephone, would have no session left to receive by: it keeps them. */
static int suspend_event(struct notifier_block *nb, unsigned long action, void *data)
{
	struct wg_device *wg;

	if (IS_ENABLED(CONFIG_PM_AUTOSLEEP) || IS_ENABLED(CONFIG_PM_USERSPACE_AUTOSLEEP) ||
	    (action != PM_HIBERNATION_PREPARE && action != PM_SUSPEND_PREPARE))
		return NOTIFY_DONE;
	rtnl_lock();
	list_for_each_entry(wg, &all, list) {
		mutex_lock(&wg->update_lock);
		wg_peers_expire(wg);
		mutex_unlock(&wg->update_lock);
	}
	rtnl_unlock();
	rcu_barrier(); /* Freed keypairs are wiped when this returns. */
	return NOTIFY_DONE;
}

static struct notifier_block suspend_notifier = {.notifier_call = suspend_event};
static struct notifier_block fork_notifier = {.notifier_call = fork_event};

/* Sockets do not hold their namespace. Links may be in another one, and are left without
 * sockets. */
static void __net_exit net_pre_exit(struct net *net)
{
	struct wg_device *wg;

	rtnl_lock();
	list_for_each_entry(wg, &all, list) {
		if (rcu_access_pointer(wg->creating_net) != net)
			continue;
		mutex_lock(&wg->update_lock);
		RCU_INIT_POINTER(wg->creating_net, NULL);
		netif_carrier_off(wg->dev);
		wg_socket_close(wg);
		mutex_unlock(&wg->update_lock);
	}
	rtnl_unlock();
}

static struct pernet_operations net_ops = {.pre_exit = net_pre_exit};

/* These functions ignore what was not registered. */
static void unregister(void)
{
	unregister_random_vmfork_notifier(&fork_notifier);
	unregister_pm_notifier(&suspend_notifier);
	unregister_pernet_device(&net_ops);
}

int __init wg_link_init(void)
{
	int ret = register_pernet_device(&net_ops);

	if (ret)
		return ret;
	ret = register_pm_notifier(&suspend_notifier) ?:
	      register_random_vmfork_notifier(&fork_notifier) ?: rtnl_link_register(&kind);
	if (ret)
		unregister();
	return ret;
}

void wg_link_exit(void)
{
	rtnl_link_unregister(&kind);
	unregister();
}

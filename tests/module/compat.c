// SPDX-License-Identifier: GPL-2.0
/* Every line of src/module/compat/README.md, to be compiled for each kernel. */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/security.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/timer.h>
#include <linux/unaligned.h>
#include <linux/workqueue.h>
#include <net/addrconf.h>
#include <net/dst_cache.h>
#include <net/flow.h>
#include <net/genetlink.h>
#include <net/gro.h>
#include <net/gro_cells.h>
#include <net/gso.h>
#include <net/icmp.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/rtnetlink.h>

struct use {
	struct timer_list timer;
	struct rcu_head rcu;
	struct napi_struct napi;
	u32 n;
};

static struct use use_it;
static struct workqueue_struct *wq;

static void timer_fires(struct timer_list *t)
{
	struct use *u = timer_container_of(u, t, timer);

	u->n = get_random_u32_below(100);
}

static int vm_forked(struct notifier_block *nb, unsigned long action, void *data)
{
	return NOTIFY_DONE;
}

static struct notifier_block vmfork = { .notifier_call = vm_forked };

static int use_timers(void)
{
	timer_setup(&use_it.timer, timer_fires, 0);
	timer_delete(&use_it.timer);
	timer_delete_sync(&use_it.timer);
	timer_shutdown_sync(&use_it.timer);
	wq = alloc_workqueue("use", WQ_PERCPU | WQ_CPU_INTENSIVE, 0);
	if (!wq)
		return -ENOMEM;
	queue_work(system_percpu_wq, NULL);
	queue_work(system_dfl_wq, NULL);
	unregister_random_vmfork_notifier(&vmfork);
	return register_random_vmfork_notifier(&vmfork);
}

static void use_memory(struct use *u, void *other, void *third)
{
	kfree_rcu(u, rcu);
	kfree_rcu_mightsleep(other);
	kvfree_rcu_mightsleep(third);
}

static u32 use_skb(struct sk_buff *skb, struct page *page)
{
	skb_frag_fill_page_desc(&skb_shinfo(skb)->frags[0], page, 0, 100);
	return get_unaligned_be32(skb->data);
}

static int use_poll(struct napi_struct *napi, int budget)
{
	return napi_complete_done(napi, 0) ? 0 : budget;
}

static const struct net_device_ops use_ops = { .ndo_get_stats64 = dev_get_tstats64 };

static int use_device(struct net_device *dev)
{
	dev->netdev_ops = &use_ops;
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!dev->tstats)
		return -ENOMEM;
	netif_napi_add(dev, &use_it.napi, use_poll);
	netif_set_tso_max_size(dev, 65536);
	netif_set_tso_max_segs(dev, 64);
	compat_set_lltx(dev);
	dev_sw_netstats_rx_add(dev, 100);
	dev_sw_netstats_tx_add(dev, 1, 100);
	dev_core_stats_rx_dropped_inc(dev);
	dev_core_stats_tx_dropped_inc(dev);
	DEV_STATS_INC(dev, tx_errors);
	return 0;
}

static int use_newlink(struct net_device *dev, struct rtnl_newlink_params *p,
		       struct netlink_ext_ack *extack)
{
	dev_net_set(dev, rtnl_newlink_link_net(p));
	return p->tb && p->data ? register_netdevice(dev) : -EINVAL;
}

COMPAT_NEWLINK(use_newlink)

static struct rtnl_link_ops use_link_ops = {
	.kind = "use",
	.newlink = compat_newlink,
};

static int use_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	NL_ASSERT_CTX_FITS(struct { void *p[6]; });
	return genl_info_dump(cb)->attrs[1] ? 0 : -EINVAL;
}

static const struct genl_ops use_genl_ops[] = { { .cmd = 0, .dumpit = use_dump } };

static struct genl_family use_family = {
	.name = "use",
	.version = 1,
	.resv_start_op = 2,
	.ops = use_genl_ops,
	.n_ops = ARRAY_SIZE(use_genl_ops),
	.module = THIS_MODULE,
};

static int use_route6(struct net *net, struct sock *sk, struct flowi6 *fl)
{
	struct flowi4 fl4 = {};
	struct dst_entry *dst;

	security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl4));
	security_sk_classify_flow(sk, flowi6_to_flowi_common(fl));

	if (!ipv6_chk_addr(net, &fl->saddr, NULL, 0))
		return -EADDRNOTAVAIL;
	dst = ip6_dst_lookup_flow(net, sk, fl, NULL);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	dst_release(dst);
	return 0;
}

static struct sk_buff *use_gso(struct sk_buff *skb)
{
	return skb_gso_segment(skb, 0);
}

/* So that nothing is left out. */
extern const void *const compat_used[];
const void *const compat_used[] = {
	use_timers, use_memory, use_skb, use_device, &use_link_ops, &use_family,
	use_route6, use_gso,
};

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_LINUX_NETDEVICE_H
#define WG_COMPAT_LINUX_NETDEVICE_H

#include_next <linux/netdevice.h>

/* 6.2, and in later releases of older lines: counters that several processors may count at once. */
#ifndef DEV_STATS_INC
#define DEV_STATS_INC(dev, field)      atomic_long_inc((atomic_long_t *)&(dev)->stats.field)
#define DEV_STATS_ADD(dev, field, val) atomic_long_add((val), (atomic_long_t *)&(dev)->stats.field)
#endif

/* 5.11 */
#ifndef WG_HAVE_NETSTATS_TX_ADD
static inline void dev_sw_netstats_tx_add(struct net_device *dev, unsigned int packets,
					  unsigned int len)
{
	struct pcpu_sw_netstats *tstats = this_cpu_ptr(dev->tstats);

	u64_stats_update_begin(&tstats->syncp);
	tstats->tx_bytes += len;
	tstats->tx_packets += packets;
	u64_stats_update_end(&tstats->syncp);
}
#endif

/* 5.11 */
#ifndef WG_HAVE_TSTATS64
static inline void dev_get_tstats64(struct net_device *dev, struct rtnl_link_stats64 *s)
{
	netdev_stats_to_stats64(s, &dev->stats);
	dev_fetch_sw_netstats(s, dev->tstats);
}
#endif

/* 5.18 */
#ifndef WG_HAVE_CORE_STATS
static inline void dev_core_stats_rx_dropped_inc(struct net_device *dev)
{
	atomic_long_inc(&dev->rx_dropped);
}

static inline void dev_core_stats_tx_dropped_inc(struct net_device *dev)
{
	atomic_long_inc(&dev->tx_dropped);
}
#endif

/* 6.1: without a weight. */
#ifndef WG_HAVE_NAPI_ADD_WEIGHT
#define netif_napi_add(dev, napi, poll) netif_napi_add(dev, napi, poll, NAPI_POLL_WEIGHT)
#endif

/* 5.19 */
#ifndef WG_HAVE_TSO_MAX
static inline void netif_set_tso_max_size(struct net_device *dev, unsigned int size)
{
	dev->gso_max_size = min(dev->gso_max_size, size);
}

static inline void netif_set_tso_max_segs(struct net_device *dev, unsigned int segs)
{
	dev->gso_max_segs = min_t(unsigned int, dev->gso_max_segs, segs);
}
#endif

/* 6.12: dev->lltx = true. No lock is held while it transmits. */
static inline void compat_set_lltx(struct net_device *dev)
{
#ifdef WG_HAVE_LLTX
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

#endif

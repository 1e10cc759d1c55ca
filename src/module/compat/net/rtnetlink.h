/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_NET_RTNETLINK_H
#define WG_COMPAT_NET_RTNETLINK_H

#include_next <net/rtnetlink.h>

/* 6.15: newlink has its arguments in one struct. COMPAT_NEWLINK(f) makes compat_newlink of such a
 * function, as this kernel calls it: .newlink = compat_newlink. */
#ifdef WG_HAVE_NEWLINK_PARAMS
#define COMPAT_NEWLINK(f)                                                              \
	static int compat_newlink(struct net_device *dev, struct rtnl_newlink_params *p, \
				  struct netlink_ext_ack *extack)                        \
	{                                                                                \
		return f(dev, p, extack);                                                \
	}
#else
struct rtnl_newlink_params {
	struct net *src_net;
	struct nlattr **tb;
	struct nlattr **data;
};

static inline struct net *rtnl_newlink_link_net(struct rtnl_newlink_params *p)
{
	return p->src_net;
}

#define COMPAT_NEWLINK(f)                                                                            \
	static int compat_newlink(struct net *src_net, struct net_device *dev, struct nlattr **tb, \
				  struct nlattr **data, struct netlink_ext_ack *extack)            \
	{                                                                                          \
		struct rtnl_newlink_params p = { .src_net = src_net, .tb = tb, .data = data };     \
												   \
		return f(dev, &p, extack);                                                         \
	}
#endif

#endif

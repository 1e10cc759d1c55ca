/* SPDX-License-Identifier: GPL-2.0 */
/* Changes, as messages for the batch: what `ip link`, `ip address`, `ip route` and `ip rule` send,
 * but for the protocol number. Nothing here can fail; the kernel judges at commit. */
#include "rtnl-private.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>

static size_t address_len(u8 family)
{
	return family == AF_INET6 ? 16 : 4;
}

void wg_rtnl_link_add_to(struct wg_rtnl *rt, const char *name, const char *kind, u32 index, int netns)
{
	union wg_rtnl_message m;
	struct ifinfomsg *ifi =
		wg_rtnl_start(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(*ifi));
	struct nlattr *info;

	ifi->ifi_index = (int)index;
	mnl_attr_put(&m.nlh, IFLA_IFNAME, strnlen(name, IFNAMSIZ - 1) + 1, name);
	info = mnl_attr_nest_start(&m.nlh, IFLA_LINKINFO);
	mnl_attr_put(&m.nlh, IFLA_INFO_KIND, strnlen(kind, IFNAMSIZ), kind);
	mnl_attr_nest_end(&m.nlh, info);
	if (netns >= 0)
		mnl_attr_put_u32(&m.nlh, IFLA_NET_NS_FD, (u32)netns);
	wg_rtnl_append(rt, &m);
}

void wg_rtnl_link_add(struct wg_rtnl *rt, const char *name, const char *kind, u32 index)
{
	wg_rtnl_link_add_to(rt, name, kind, index, -1);
}

void wg_rtnl_link_move(struct wg_rtnl *rt, u32 ifindex, int netns)
{
	union wg_rtnl_message m;
	struct ifinfomsg *ifi = wg_rtnl_start(&m, RTM_NEWLINK, 0, sizeof(*ifi));

	ifi->ifi_index = (int)ifindex;
	mnl_attr_put_u32(&m.nlh, IFLA_NET_NS_FD, (u32)netns);
	wg_rtnl_append(rt, &m);
}

void wg_rtnl_link_del(struct wg_rtnl *rt, u32 ifindex)
{
	union wg_rtnl_message m;
	struct ifinfomsg *ifi = wg_rtnl_start(&m, RTM_DELLINK, 0, sizeof(*ifi));

	ifi->ifi_index = (int)ifindex;
	wg_rtnl_append(rt, &m);
}

void wg_rtnl_link_set(struct wg_rtnl *rt, u32 ifindex, u32 mtu, bool up)
{
	union wg_rtnl_message m;
	struct ifinfomsg *ifi = wg_rtnl_start(&m, RTM_NEWLINK, 0, sizeof(*ifi));

	ifi->ifi_index = (int)ifindex;
	if (up) {
		ifi->ifi_change = IFF_UP;
		ifi->ifi_flags = IFF_UP;
	}
	if (mtu)
		mnl_attr_put_u32(&m.nlh, IFLA_MTU, mtu);
	wg_rtnl_append(rt, &m);
}

static void address_change(struct wg_rtnl *rt, u16 type, u16 flags, u32 ifindex,
			   const struct wg_prefix *addr)
{
	union wg_rtnl_message m;
	struct ifaddrmsg *ifa = wg_rtnl_start(&m, type, flags, sizeof(*ifa));

	ifa->ifa_family = addr->family;
	ifa->ifa_prefixlen = addr->cidr;
	ifa->ifa_scope = RT_SCOPE_UNIVERSE;
	ifa->ifa_index = ifindex;
	mnl_attr_put(&m.nlh, IFA_LOCAL, address_len(addr->family), addr->addr);
	mnl_attr_put(&m.nlh, IFA_ADDRESS, address_len(addr->family), addr->addr);
	wg_rtnl_append(rt, &m);
}

void wg_rtnl_address_add(struct wg_rtnl *rt, u32 ifindex, const struct wg_prefix *addr)
{
	address_change(rt, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, addr);
}

void wg_rtnl_address_del(struct wg_rtnl *rt, u32 ifindex, const struct wg_prefix *addr)
{
	address_change(rt, RTM_DELADDR, 0, ifindex, addr);
}

static void route_change(struct wg_rtnl *rt, u16 type, u16 flags, const struct wg_route *route)
{
	union wg_rtnl_message m;
	struct rtmsg *rtm = wg_rtnl_start(&m, type, flags, sizeof(*rtm));
	bool refuses = route->type == RTN_UNREACHABLE;

	rtm->rtm_family = route->dst.family;
	rtm->rtm_dst_len = route->dst.cidr;
	rtm->rtm_table = route->table < 256 ? (u8)route->table : RT_TABLE_UNSPEC;
	rtm->rtm_protocol = route->protocol;
	rtm->rtm_scope = route->dst.family == AF_INET && !refuses ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	rtm->rtm_type = refuses ? RTN_UNREACHABLE : RTN_UNICAST;
	mnl_attr_put(&m.nlh, RTA_DST, address_len(route->dst.family), route->dst.addr);
	if (route->table >= 256)
		mnl_attr_put_u32(&m.nlh, RTA_TABLE, route->table);
	if (route->metric)
		mnl_attr_put_u32(&m.nlh, RTA_PRIORITY, route->metric);
	if (!refuses)
		mnl_attr_put_u32(&m.nlh, RTA_OIF, route->oif);
	wg_rtnl_append(rt, &m);
}

void wg_rtnl_route_add(struct wg_rtnl *rt, const struct wg_route *route)
{
	route_change(rt, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
}

void wg_rtnl_route_del(struct wg_rtnl *rt, const struct wg_route *route)
{
	route_change(rt, RTM_DELROUTE, 0, route);
}

static void rule_change(struct wg_rtnl *rt, u16 type, u16 flags, const struct wg_rule *rule)
{
	union wg_rtnl_message m;
	struct fib_rule_hdr *frh = wg_rtnl_start(&m, type, flags, sizeof(*frh));

	frh->family = rule->family;
	frh->table = rule->table < 256 ? (u8)rule->table : RT_TABLE_UNSPEC;
	frh->action = rule->jump ? FR_ACT_GOTO : FR_ACT_TO_TBL;
	frh->flags = rule->invert ? FIB_RULE_INVERT : 0;
	if (rule->fwmask)
		mnl_attr_put_u32(&m.nlh, FRA_FWMARK, rule->fwmark);
	/* The kernel takes all bits for a mark without mask, but none for mark 0. */
	if (rule->fwmask && (rule->fwmask != UINT32_MAX || !rule->fwmark))
		mnl_attr_put_u32(&m.nlh, FRA_FWMASK, rule->fwmask);
	if (rule->table >= 256)
		mnl_attr_put_u32(&m.nlh, FRA_TABLE, rule->table);
	if (rule->suppress_prefixlength >= 0)
		mnl_attr_put_u32(&m.nlh, FRA_SUPPRESS_PREFIXLEN, (u32)rule->suppress_prefixlength);
	if (rule->jump)
		mnl_attr_put_u32(&m.nlh, FRA_GOTO, rule->jump);
	if (rule->priority)
		mnl_attr_put_u32(&m.nlh, FRA_PRIORITY, rule->priority);
	if (rule->protocol)
		mnl_attr_put_u8(&m.nlh, FRA_PROTOCOL, rule->protocol);
	wg_rtnl_append(rt, &m);
}

void wg_rtnl_rule_add(struct wg_rtnl *rt, const struct wg_rule *rule)
{
	rule_change(rt, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, rule);
}

void wg_rtnl_rule_del(struct wg_rtnl *rt, const struct wg_rule *rule)
{
	rule_change(rt, RTM_DELRULE, 0, rule);
}

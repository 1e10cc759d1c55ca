/* SPDX-License-Identifier: GPL-2.0 */
/* Questions to rtnetlink. The kernel is asked to filter where it can; whether it did or not, each
 * reply is checked here, since older kernels, and those without a family, send more than was asked.
 * A family, table or link that is not there has an empty list; anything else fails. */
#include "rtnl-private.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <errno.h>
#include <stdlib.h>

#ifndef IFA_PROTO /* Linux 5.18 */
#define IFA_PROTO 11
#endif
#ifndef IFAPROT_KERNEL_LL
#define IFAPROT_KERNEL_LL 3 /* an address that the kernel derived for the link itself */
#endif

static u32 attr_u32(const struct nlattr *attr)
{
	u32 v = 0;

	if (mnl_attr_get_payload_len(attr) >= sizeof(v))
		memcpy(&v, mnl_attr_get_payload(attr), sizeof(v));
	return v;
}

static u8 attr_u8(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) ? *(const u8 *)mnl_attr_get_payload(attr) : 0;
}

/* A string, cut to what fits. */
static void attr_string(char *out, size_t size, const struct nlattr *attr)
{
	size_t len = strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));

	if (len >= size)
		len = size - 1;
	memcpy(out, mnl_attr_get_payload(attr), len);
	out[len] = '\0';
}

/* An address of p->family; false where it has another length. */
static bool attr_address(struct wg_prefix *p, const struct nlattr *attr)
{
	size_t len = p->family == AF_INET6 ? 16 : 4;

	if (mnl_attr_get_payload_len(attr) != len)
		return false;
	memcpy(p->addr, mnl_attr_get_payload(attr), len);
	return true;
}

static bool prefix_begin(struct wg_prefix *p, u8 family, u8 cidr)
{
	p->family = family;
	p->cidr = cidr;
	return (family == AF_INET && cidr <= 32) || (family == AF_INET6 && cidr <= 128);
}

/* Links */

static bool link_parse(const struct wg_rtnl_query *q, const struct nlmsghdr *nlh, void *item)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr, *info;
	struct wg_link *link = item;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi) || ifi->ifi_index <= 0)
		return false;
	link->index = (u32)ifi->ifi_index;
	link->flags = ifi->ifi_flags;
	mnl_attr_for_each(attr, nlh, sizeof(*ifi))
	{
		if (mnl_attr_get_type(attr) == IFLA_IFNAME)
			attr_string(link->name, sizeof(link->name), attr);
		else if (mnl_attr_get_type(attr) == IFLA_MTU)
			link->mtu = attr_u32(attr);
		else if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
			mnl_attr_for_each_nested(info, attr) if (mnl_attr_get_type(info) ==
								 IFLA_INFO_KIND)
				attr_string(link->kind, sizeof(link->kind), info);
	}
	return link->name[0] && (!q->kind || !strcmp(link->kind, q->kind));
}

/* Asks for one link: 1, or 0 where there is none. */
static int link_ask(struct wg_rtnl *rt, union wg_rtnl_message *m, struct wg_link *link,
		    struct wg_error *err)
{
	struct wg_rtnl_query q = {.parse = link_parse, .type = RTM_NEWLINK, .size = sizeof(*link)};
	int found;

	mnl_attr_put_u32(&m->nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (wg_rtnl_ask(rt, m, &q, err) < 0)
		return err->code == ENODEV ? 0 : wg_error_prefix(err, "cannot look up a link");
	found = q.n > 0;
	if (found)
		*link = *(struct wg_link *)q.items;
	free(q.items);
	return found;
}

int wg_rtnl_link(struct wg_rtnl *rt, const char *name, struct wg_link *link, struct wg_error *err)
{
	union wg_rtnl_message m;

	if (!*name || strlen(name) >= IFNAMSIZ)
		return 0;
	wg_rtnl_start(&m, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, name);
	return link_ask(rt, &m, link, err);
}

int wg_rtnl_link_by_index(struct wg_rtnl *rt, u32 index, struct wg_link *link, struct wg_error *err)
{
	union wg_rtnl_message m;
	struct ifinfomsg *ifi = wg_rtnl_start(&m, RTM_GETLINK, 0, sizeof(*ifi));

	if (!index || index > INT32_MAX)
		return 0;
	ifi->ifi_index = (int)index;
	return link_ask(rt, &m, link, err);
}

int wg_rtnl_links(struct wg_rtnl *rt, const char *kind, struct wg_link **list, size_t *n,
		  struct wg_error *err)
{
	struct wg_rtnl_query q = {
		.parse = link_parse, .type = RTM_NEWLINK, .kind = kind, .size = sizeof(**list)};
	union wg_rtnl_message m;
	struct nlattr *info;

	wg_rtnl_start(&m, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(&m.nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (kind) {
		info = mnl_attr_nest_start(&m.nlh, IFLA_LINKINFO);
		mnl_attr_put_str(&m.nlh, IFLA_INFO_KIND, kind);
		mnl_attr_nest_end(&m.nlh, info);
	}
	if (wg_rtnl_ask(rt, &m, &q, err) < 0)
		return wg_error_prefix(err, "cannot list the links");
	*list = q.items;
	*n = q.n;
	return 0;
}

/* Addresses */

/* Before it had IFA_PROTO, the kernel marked the link-local address that it gives to a link without
 * a hardware address, as tunnels are, by the way it is derived. */
static bool address_is_kernels(u8 scope, u32 flags, u8 proto)
{
	return scope == RT_SCOPE_LINK &&
	       (proto == IFAPROT_KERNEL_LL || (flags & IFA_F_STABLE_PRIVACY));
}

static bool address_parse(const struct wg_rtnl_query *q, const struct nlmsghdr *nlh, void *item)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	bool have_local = false, have = false;
	struct wg_prefix *p = item;
	const struct nlattr *attr;
	u32 flags;
	u8 proto = 0;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifa) || ifa->ifa_index != q->index ||
	    !prefix_begin(p, ifa->ifa_family, ifa->ifa_prefixlen))
		return false;
	flags = ifa->ifa_flags;
	mnl_attr_for_each(attr, nlh, sizeof(*ifa))
	{
		if (mnl_attr_get_type(attr) == IFA_LOCAL)
			have_local = attr_address(p, attr);
		else if (mnl_attr_get_type(attr) == IFA_ADDRESS && !have_local)
			have = attr_address(p, attr);
		else if (mnl_attr_get_type(attr) == IFA_FLAGS)
			flags = attr_u32(attr);
		else if (mnl_attr_get_type(attr) == IFA_PROTO)
			proto = attr_u8(attr);
	}
	if (!q->scope_link && address_is_kernels(ifa->ifa_scope, flags, proto))
		return false;
	return have || have_local;
}

int wg_rtnl_addresses(struct wg_rtnl *rt, u32 ifindex, bool scope_link, struct wg_prefix **list,
		      size_t *n, struct wg_error *err)
{
	struct wg_rtnl_query q = {.parse = address_parse,
				  .type = RTM_NEWADDR,
				  .index = ifindex,
				  .scope_link = scope_link,
				  .size = sizeof(**list)};
	union wg_rtnl_message m;
	struct ifaddrmsg *ifa = wg_rtnl_start(&m, RTM_GETADDR, NLM_F_DUMP, sizeof(*ifa));

	ifa->ifa_index = rt->strict ? ifindex : 0;
	if (wg_rtnl_ask(rt, &m, &q, err) < 0 && err->code != ENODEV)
		return wg_error_prefix(err, "cannot list the addresses");
	*list = q.items;
	*n = q.n;
	return 0;
}

/* Routes */

/* The link of the first next hop, or the wanted one where any next hop has it. */
static u32 multipath_oif(const struct nlattr *attr, u32 wanted)
{
	const char *p = mnl_attr_get_payload(attr);
	size_t left = mnl_attr_get_payload_len(attr);
	struct rtnexthop hop;
	size_t len;
	u32 oif = 0;

	while (left >= sizeof(hop)) {
		memcpy(&hop, p, sizeof(hop));
		if (!oif || (u32)hop.rtnh_ifindex == wanted)
			oif = (u32)hop.rtnh_ifindex;
		len = (size_t)RTNH_ALIGN(hop.rtnh_len);
		if (len < sizeof(hop) || len > left)
			break;
		p += len;
		left -= len;
	}
	return oif;
}

static u32 metrics_mtu(const struct nlattr *metrics)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, metrics) if (mnl_attr_get_type(attr) ==
						    RTAX_MTU) return attr_u32(attr);
	return 0;
}

static bool route_attributes(struct wg_route *r, const struct nlmsghdr *nlh, u32 wanted_oif)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct rtmsg))
	{
		switch (mnl_attr_get_type(attr)) {
		case RTA_DST:
			if (!attr_address(&r->dst, attr))
				return false;
			break;
		case RTA_TABLE:
			r->table = attr_u32(attr);
			break;
		case RTA_OIF:
			r->oif = attr_u32(attr);
			break;
		case RTA_PRIORITY:
			r->metric = attr_u32(attr);
			break;
		case RTA_METRICS:
			r->mtu = metrics_mtu(attr);
			break;
		case RTA_MULTIPATH:
			r->oif = multipath_oif(attr, wanted_oif);
			break;
		}
	}
	return true;
}

static bool route_read(struct wg_route *r, const struct nlmsghdr *nlh, u32 wanted_oif)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*rtm) ||
	    !prefix_begin(&r->dst, rtm->rtm_family, rtm->rtm_dst_len))
		return false;
	r->table = rtm->rtm_table;
	r->protocol = rtm->rtm_protocol;
	r->type = rtm->rtm_type;
	return route_attributes(r, nlh, wanted_oif);
}

static bool route_parse(const struct wg_rtnl_query *q, const struct nlmsghdr *nlh, void *item)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct wg_route *r = item;

	return route_read(r, nlh, q->index) && !(rtm->rtm_flags & RTM_F_CLONED) &&
	       r->type == RTN_UNICAST && r->dst.family == q->family &&
	       (!q->table || r->table == q->table) && (!q->index || r->oif == q->index);
}

int wg_rtnl_routes(struct wg_rtnl *rt, u8 family, u32 table, u32 oif, struct wg_route **list,
		   size_t *n, struct wg_error *err)
{
	struct wg_rtnl_query q = {.parse = route_parse,
				  .type = RTM_NEWROUTE,
				  .family = family,
				  .table = table,
				  .index = oif,
				  .size = sizeof(**list)};
	union wg_rtnl_message m;
	struct rtmsg *rtm = wg_rtnl_start(&m, RTM_GETROUTE, NLM_F_DUMP, sizeof(*rtm));

	rtm->rtm_family = family;
	if (rt->strict) {
		rtm->rtm_type = RTN_UNICAST;
		if (table)
			mnl_attr_put_u32(&m.nlh, RTA_TABLE, table);
		if (oif)
			mnl_attr_put_u32(&m.nlh, RTA_OIF, oif);
	}
	if (wg_rtnl_ask(rt, &m, &q, err) < 0 && err->code != ENOENT && err->code != ENODEV &&
	    err->code != EAFNOSUPPORT && err->code != EOPNOTSUPP)
		return wg_error_prefix(err, "cannot list the routes");
	*list = q.items;
	*n = q.n;
	return 0;
}

static bool way_parse(const struct wg_rtnl_query *q, const struct nlmsghdr *nlh, void *item)
{
	struct wg_route *r = item;

	return route_read(r, nlh, 0) && r->dst.family == q->family &&
	       (r->type == RTN_UNICAST || r->type == RTN_LOCAL);
}

/* Whether an error of a lookup says that there is no way: none, a type of route that refuses, a
 * family that this kernel has not, or a link that has gone. */
static bool way_is_closed(int code)
{
	return code == ENETUNREACH || code == EHOSTUNREACH || code == EACCES || code == EINVAL ||
	       code == EAFNOSUPPORT || code == EOPNOTSUPP || code == ENODEV;
}

int wg_rtnl_route_get(struct wg_rtnl *rt, u8 family, const u8 addr[static 16], u32 oif, u32 mark,
		      struct wg_route *route, struct wg_error *err)
{
	struct wg_rtnl_query q = {
		.parse = way_parse, .type = RTM_NEWROUTE, .family = family, .size = sizeof(*route)};
	union wg_rtnl_message m;
	struct rtmsg *rtm = wg_rtnl_start(&m, RTM_GETROUTE, 0, sizeof(*rtm));
	int found;

	rtm->rtm_family = family;
	rtm->rtm_dst_len = family == AF_INET6 ? 128 : 32;
	/* Which table it was: IPv6 says so unasked, and refuses the flag where it checks
	 * strictly. */
	if (family == AF_INET)
		rtm->rtm_flags = RTM_F_LOOKUP_TABLE;
	mnl_attr_put(&m.nlh, RTA_DST, family == AF_INET6 ? 16 : 4, addr);
	if (oif)
		mnl_attr_put_u32(&m.nlh, RTA_OIF, oif);
	if (mark)
		mnl_attr_put_u32(&m.nlh, RTA_MARK, mark);
	if (wg_rtnl_ask(rt, &m, &q, err) < 0)
		return way_is_closed(err->code) ? 0
						: wg_error_prefix(err, "cannot look up a route");
	found = q.n > 0;
	if (found)
		*route = *(struct wg_route *)q.items;
	free(q.items);
	return found;
}

/* Rules */

/* Reads an attribute that struct wg_rule has a place for; false: a selector that it has not. */
static bool rule_attribute(struct wg_rule *r, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case FRA_TABLE:
		r->table = attr_u32(attr);
		return true;
	case FRA_PRIORITY:
		r->priority = attr_u32(attr);
		return true;
	case FRA_FWMARK:
		r->fwmark = attr_u32(attr);
		return true;
	case FRA_FWMASK:
		r->fwmask = attr_u32(attr);
		return true;
	case FRA_SUPPRESS_PREFIXLEN:
		r->suppress_prefixlength = (s32)attr_u32(attr);
		return true;
	case FRA_SUPPRESS_IFGROUP:
		return attr_u32(attr) == UINT32_MAX; /* none */
	case FRA_PROTOCOL:
		r->protocol = attr_u8(attr);
		return true;
	case FRA_GOTO:
		r->jump = attr_u32(attr);
		return true;
	case FRA_PAD:
		return true;
	}
	return false;
}

static bool rule_parse(const struct wg_rtnl_query *q, const struct nlmsghdr *nlh, void *item)
{
	const struct fib_rule_hdr *frh = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	struct wg_rule *r = item;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*frh) || frh->family != q->family)
		return false;
	r->family = frh->family;
	r->table = frh->table;
	r->invert = frh->flags & FIB_RULE_INVERT;
	r->suppress_prefixlength = -1;
	r->foreign = frh->dst_len || frh->src_len || frh->tos;
	mnl_attr_for_each(attr, nlh, sizeof(*frh)) r->foreign |= !rule_attribute(r, attr);
	r->foreign |= frh->action != (r->jump ? FR_ACT_GOTO : FR_ACT_TO_TBL);
	return true;
}

int wg_rtnl_rules(struct wg_rtnl *rt, u8 family, struct wg_rule **list, size_t *n,
		  struct wg_error *err)
{
	struct wg_rtnl_query q = {
		.parse = rule_parse, .type = RTM_NEWRULE, .family = family, .size = sizeof(**list)};
	union wg_rtnl_message m;
	struct fib_rule_hdr *frh = wg_rtnl_start(&m, RTM_GETRULE, NLM_F_DUMP, sizeof(*frh));

	frh->family = family;
	if (wg_rtnl_ask(rt, &m, &q, err) < 0 && err->code != EAFNOSUPPORT &&
	    err->code != EOPNOTSUPP)
		return wg_error_prefix(err, "cannot list the rules");
	*list = q.items;
	*n = q.n;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* A snapshot of what a plan needs to know of the network. A plain value: tests fill it by hand. */
#ifndef WG_QUICK_NETSTATE_H
#define WG_QUICK_NETSTATE_H

#include "../../lib/device/model.h"
#include "../../lib/net/rtnl.h"
#include "../config/config.h"
#include "../dns/dns.h"
#include "../host/kernel-setting.h"

struct netstate {
	bool link_exists;
	u32 ifindex;             /* of the link, 0 where it does not exist */
	struct wg_device *dev;   /* as it is after PreUp; NULL where there is none */
	struct wg_route *routes; /* through the link, main table, both families */
	size_t n_routes;
	struct wg_prefix *addresses; /* of the link, both families: PreUp may have put some there */
	size_t n_addresses;
	struct wg_rule *rules; /* all, both families, in order of evaluation within a family */
	size_t n_rules;
	/* The rules that the journals of other tunnels list and that are not there: their `up` is
	 * about to add them, or somebody else has deleted them. Both families, in any order. */
	struct wg_rule *claimed;
	size_t n_claimed;
	/* The first from 51820 on that has no routes in either family and that no rule names, as
	 * its table or as its mark. 0 where no default route or kill switch asks for one. */
	u32 free_table;
	u32 endpoint_mtu; /* smallest of the ways to the endpoints; 0: none known */
	u32 default_mtu;  /* of the default route; 0: none */
	bool marks_count;          /* net.ipv4.conf.all.src_valid_mark is 1 */
	bool marks_count_owned;    /* another tunnel of ours turned it on (its journal says so) */
	bool no_ipv6;              /* the kernel has no IPv6, or it is disabled for the link */
	bool no_ipv6_by_default;   /* with no_ipv6: it is disabled for each link that is made */
	bool ipv6_elsewhere;       /* with no_ipv6: another link of the host than lo has IPv6 */
	/* For adopt.h: a route of another link stands in the table of the mark, IPv4 and IPv6. */
	bool mark_is_foreign[2];
	/* For adopt.h: a default route of ours through the link stands there, IPv4 and IPv6. */
	bool has_default_route[2];
	/* What Forward has to set, in this order; without Forward, nothing. */
	struct kernel_setting *settings;
	size_t n_settings;
	/* With Forward: the first chain that drops forwarded packets that it does not accept, as "FAMILY
	 * TABLE CHAIN"; "": none. */
	char forward_dropped_by[160];
	bool new_netns;            /* the tunnel's network namespace has no name yet */
	bool has_underlay;         /* encrypted packets are in another network namespace */
	bool dns_in_file;          /* for adopt.h: /etc/resolv.conf has servers of a tunnel of this name */
	struct dns_choice dns;     /* what sets DNS servers; not made where the file has none */
	enum dns_backend dns_had;  /* for a tunnel that is up, set by the caller: what has set its servers */
};

/* Takes the snapshot for `c`, whose endpoints have been looked up. Before the link exists, only
 * what plan_link needs; only what plan_network needs of it is asked of the kernel after that. */
int netstate_take(struct netstate *s, const struct config *c, struct wg_error *err);
/* For a link that is not there yet, all that plan_network will need. Of one that is there only
 * that: the device would take privilege to ask. */
int netstate_take_ahead(struct netstate *s, const struct config *c, struct wg_error *err);
/* For a tunnel that is up, with all that plan_network needs. The caller has zeroed *s and set s->dev,
 * of which the peers count as the device's, and s->dns_had, or s->dns where it has been chosen already:
 * that takes waiting. err->code ENODEV: there is no link. */
int netstate_take_up(struct netstate *s, const struct config *c, struct wg_error *err);
/* Reads anew what tunnels share (rules, free_table, the sysctl), for a snapshot that was taken
 * when the link was there. For use under journal_lock_shared: only netlink, /proc and other tunnels'
 * journals are read. */
int netstate_take_shared(struct netstate *s, const struct config *c, struct wg_error *err);
void netstate_wipe(struct netstate *s);
/* Whether IPv6 is on for a link that is there. It is not if the link's MTU is below 1280. */
bool netstate_has_ipv6(const char *link);

/* netstate-mtu.c: fills endpoint_mtu, and where there is none default_mtu. */
int netstate_take_mtu(struct netstate *s, const struct config *c, struct wg_rtnl *rt,
		      struct wg_error *err);
/* Sets *mtu to the largest packet that all ways to the endpoints of `c` were seen to carry, in bytes, by asking
 * the hosts (../host/path-mtu.h): at most a second. 0: none of them answered. *silent is how many did not, or
 * were not asked. What routers said to it counts in a snapshot that is taken later. */
int netstate_probe_mtu(const struct config *c, struct wg_rtnl *rt, const volatile int *stop, u32 *mtu,
		       size_t *silent, struct wg_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Links, addresses, routes and rules over rtnetlink (libmnl). Queries fill structs; changes are
 * appended to a batch and sent together. All that we create carries our protocol number. */
#ifndef WG_LIB_RTNL_H
#define WG_LIB_RTNL_H

#include <net/if.h>
#include <netinet/in.h>
#include "../../port.h"
#include "../base/error.h"
#include "../base/prefix.h"

#define WG_RTNL_PROTOCOL 87 /* rtm_protocol and FRA_PROTOCOL of what we own ('W') */

struct wg_rtnl; /* one socket and its batch */

struct wg_link {
	u32 index;
	u32 mtu;
	u32 flags; /* IFF_* */
	char name[IFNAMSIZ];
	char kind[16]; /* IFLA_INFO_KIND, "" where none */
};

struct wg_route {
	struct wg_prefix dst;
	u32 table;
	u32 oif;      /* 0 where none */
	u32 mtu;      /* RTAX_MTU, 0 where none */
	u32 metric;   /* RTA_PRIORITY */
	u8 protocol;  /* RTPROT_* */
	u8 type;      /* RTN_*; 0 in a change: RTN_UNICAST */
};

struct wg_rule {
	u8 family;
	u8 protocol;  /* FRA_PROTOCOL */
	bool invert;  /* "not" */
	bool foreign; /* has a selector that this struct cannot express */
	u32 priority;
	u32 table;
	u32 fwmark, fwmask; /* fwmask 0: no mark selector */
	s32 suppress_prefixlength; /* -1: none */
	u32 jump; /* FRA_GOTO: the priority of the rule that comes next for what this one matches; 0: `table`
	           * is looked up */
};

bool wg_rule_equal(const struct wg_rule *a, const struct wg_rule *b);

int wg_rtnl_open(struct wg_rtnl **rt, struct wg_error *err);
void wg_rtnl_close(struct wg_rtnl **rt); /* NULL inside is allowed; for cleanup() */

/* Queries. Lists are arrays that grow by realloc: free(*list). Interrupted dumps are repeated. */
/* 1 and *link filled, 0 where there is no such link. */
int wg_rtnl_link(struct wg_rtnl *rt, const char *name, struct wg_link *link, struct wg_error *err);
int wg_rtnl_link_by_index(struct wg_rtnl *rt, u32 index, struct wg_link *link,
			  struct wg_error *err);
/* All links whose kind is `kind` (NULL: all). */
int wg_rtnl_links(struct wg_rtnl *rt, const char *kind, struct wg_link **list, size_t *n,
		  struct wg_error *err);
/* Addresses of a link, in the kernel's order (as `ip address show` prints them). `scope_link` says
 * whether link-local ones that the kernel made itself are included. */
int wg_rtnl_addresses(struct wg_rtnl *rt, u32 ifindex, bool scope_link, struct wg_prefix **list,
		      size_t *n, struct wg_error *err);
/* Unicast routes of a family in a table (0: all tables) through a link (0: any). */
int wg_rtnl_routes(struct wg_rtnl *rt, u8 family, u32 table, u32 oif, struct wg_route **list,
		   size_t *n, struct wg_error *err);
int wg_rtnl_rules(struct wg_rtnl *rt, u8 family, struct wg_rule **list, size_t *n,
		  struct wg_error *err);
/* The way to an address for packets with this mark (0: without one), through the link `oif` only
 * unless that is 0, as for an address with a zone: 1 and *route filled (oif, mtu), 0 where there is
 * none. */
int wg_rtnl_route_get(struct wg_rtnl *rt, u8 family, const u8 addr[static 16], u32 oif, u32 mark,
		      struct wg_route *route, struct wg_error *err);

/* Changes. Each appends to the batch (sending what is full on the way cannot happen before
 * wg_rtnl_commit: the batch grows). wg_rtnl_commit sends all and waits; on failure *failed (may be
 * NULL) is the index, from 0, of the first change that the kernel refused, err->code its errno, and
 * err->text names the errno only ("Operation not permitted"): the caller knows the change. Changes
 * before it and, in the same batch, behind it may have been made. The batch is empty afterwards.
 * A kernel's extended ack text, where there is one, is appended in brackets. */
/* Creates a link, and never changes one that is there. `index` is the index that it is to have, or 0
 * for one of the kernel's choice. EEXIST: a link has this name or this index; EBUSY: another one took
 * the index in this moment. */
void wg_rtnl_link_add(struct wg_rtnl *rt, const char *name, const char *kind, u32 index);
/* The same in the namespace that `netns` is a descriptor of; a WireGuard link keeps its sockets in the
 * namespace of `rt`. EEXIST and EBUSY then are of that other namespace. */
void wg_rtnl_link_add_to(struct wg_rtnl *rt, const char *name, const char *kind, u32 index, int netns);
/* Moves a link to the namespace that `netns` is a descriptor of. It keeps its name, and its index where that
 * is free there. */
void wg_rtnl_link_move(struct wg_rtnl *rt, u32 ifindex, int netns);
void wg_rtnl_link_del(struct wg_rtnl *rt, u32 ifindex);
/* mtu 0: leave it. */
void wg_rtnl_link_set(struct wg_rtnl *rt, u32 ifindex, u32 mtu, bool up);
void wg_rtnl_address_add(struct wg_rtnl *rt, u32 ifindex, const struct wg_prefix *addr);
void wg_rtnl_address_del(struct wg_rtnl *rt, u32 ifindex, const struct wg_prefix *addr);
/* dst, table, metric and protocol of `route` count, and its oif, scope link; one of type RTN_UNREACHABLE
 * has no oif. A metric of 0 leaves it to the kernel when adding, and matches any when deleting. _add is
 * exclusive: EEXIST. */
void wg_rtnl_route_add(struct wg_rtnl *rt, const struct wg_route *route);
void wg_rtnl_route_del(struct wg_rtnl *rt, const struct wg_route *route);
/* `foreign` is ignored. _del names every field, the protocol too, so that nothing else matches;
 * but the kernel takes priority 0 and protocol 0 for any, and does not compare `invert`. */
void wg_rtnl_rule_add(struct wg_rtnl *rt, const struct wg_rule *rule);
void wg_rtnl_rule_del(struct wg_rtnl *rt, const struct wg_rule *rule);
int wg_rtnl_commit(struct wg_rtnl *rt, size_t *failed, struct wg_error *err);

/* For tests: the batch as bytes, not sent. */
const void *wg_rtnl_pending(const struct wg_rtnl *rt, size_t *len);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* One step of a plan, and the list of them. What can be done with a step depends on its kind: each
 * kind has a file of its own here, which defines its `struct step_ops` (ops.h). */
#ifndef WG_QUICK_STEP_H
#define WG_QUICK_STEP_H

#include <stdio.h>
#include "../../lib/net/rtnl.h"
#include "../config/config.h"

/* One row for each kind: the end of its STEP_ constant, and of the name of its operations. The
 * numbers of the constants are stored nowhere. */
#define STEP_KINDS(X)          \
	X(LINK, link)          \
	X(HOOK, hook)          \
	X(DEVICE, device)      \
	X(ADDRESS, address)    \
	X(LINK_UP, link_up)    \
	X(DNS, dns)            \
	X(ROUTE, route)        \
	X(FWMARK, fwmark)      \
	X(RULE, rule)          \
	X(SYSCTL, sysctl)      \
	X(FIREWALL, firewall)  \
	X(KILL_SWITCH, kill_switch) \
	X(GATEWAY, gateway)    \
	X(SETTING, setting)    \
	X(HOLD, hold)          \
	X(HOLD_ADDRESS, hold_address) \
	X(EXEMPT, exempt)      \
	X(NETNS, netns)        \
	X(NETNS_DNS, netns_dns) \
	X(BYPASS, bypass)

enum step_kind {
#define STEP_CONSTANT(kind, name) STEP_##kind,
	STEP_KINDS(STEP_CONSTANT)
#undef STEP_CONSTANT
};

/* A step. Which fields mean something depends on `kind`; the others are zero. All pointers are
 * malloc'd and the step's. */
struct step {
	enum step_kind kind;
	char *netns;                 /* NETNS, NETNS_DNS: its name. LINK: the namespace that it is for, as
	                              * the file names it, or NULL; not journalled */
	char *underlay;              /* LINK: the namespace that it is made in, likewise */
	enum hook_phase phase;       /* HOOK */
	char *command;               /* HOOK: with %i replaced. DEVICE: what to `strip` */
	struct wg_prefix prefix;     /* ADDRESS, HOLD_ADDRESS */
	u32 mtu;                     /* LINK_UP, in bytes; 0: leave it */
	char *dns_name;              /* DNS: the name that resolvconf files it under */
	struct strings dns_servers;  /* DNS, NETNS_DNS: addresses */
	struct strings dns_search;   /* DNS, NETNS_DNS: search domains, and for DNS routing domains with "~"
				      * before them */
	enum dns_backend dns_backend; /* DNS: what sets them */
	bool dns_all;                /* DNS: all names are asked there, where the backend knows a difference */
	bool dns_optional;           /* DNS: a refusal is a warning */
	bool dns_refused;            /* DNS: it was refused, which has been warned of */
	struct wg_route route;       /* ROUTE, HOLD; its oif is filled in when it is done */
	struct wg_rule rule;         /* RULE, EXEMPT */
	bool shows_priority;         /* RULE: the kernel would choose another priority; not journalled */
	char *cgroup;                /* BYPASS: its path */
	u32 fwmark;                  /* FWMARK, FIREWALL, BYPASS; KILL_SWITCH: 0 if not chosen yet */
	u8 family;                   /* FIREWALL: AF_INET or AF_INET6, the table's */
	struct wg_prefix *addresses; /* FIREWALL: the tunnel's, of that family */
	size_t n_addresses;
	enum kill_switch kill_switch; /* KILL_SWITCH: not KILL_SWITCH_NO */
	u32 gateway;                 /* GATEWAY: enum gateway, not 0 */
	char *setting;               /* SETTING: its path below /proc/sys */
	u32 value, former;           /* SETTING: what it is set to, and what it was before the first
	                              * tunnel of ours */
	bool was_off;                /* SYSCTL: before the first tunnel of ours */
	bool skipped;                /* FIREWALL: it was found to do nothing, for the kernel has no
	                              * nftables */
};

struct plan {
	struct step *steps;
	size_t n, room;
};

/* Appends a zeroed step of this kind. The pointer lives until the next call. */
struct step *plan_add(struct plan *p, enum step_kind kind);
void plan_wipe(struct plan *p);
/* The first step of this kind, or NULL. The plan's. */
const struct step *plan_find(const struct plan *p, enum step_kind kind);
static inline bool plan_has(const struct plan *p, enum step_kind kind)
{
	return plan_find(p, kind);
}
/* Whether the plan has a FIREWALL step of this family. */
bool plan_has_firewall(const struct plan *p, u8 family);

/* Whether the step stands in for others only while a reload is carried out: a HOLD, a HOLD_ADDRESS or an
 * EXEMPT. It points to nothing. */
static inline bool step_is_stand_in(const struct step *s)
{
	return s->kind == STEP_HOLD || s->kind == STEP_HOLD_ADDRESS || s->kind == STEP_EXEMPT;
}

/* Whether the step gives the link an address, for good or while a reload is carried out. */
static inline bool step_is_address(const struct step *s)
{
	return s->kind == STEP_ADDRESS || s->kind == STEP_HOLD_ADDRESS;
}

/* Whether packets without a mark are sent to the table of the mark's number, as by the rule of each full
 * tunnel, whoever made it. */
bool rule_is_full_tunnel(const struct wg_rule *rule);
/* Whether it is the rule of a full tunnel by which packets with a mark pass by the rules of all full tunnels
 * that stand behind it (plan.c). */
bool rule_is_pass(const struct wg_rule *rule);

/* The equivalent command, without "[#] " and newline. Free it. `ifname` is the tunnel. */
char *step_command(const struct step *s, const char *ifname);
/* The command that undoes it alone, or NULL where there is nothing to undo, or nothing but deleting
 * the link. Free it. */
char *step_undo_command(const struct step *s, const char *ifname);

/* Writes one line of the journal, newline included. Strings are escaped (fields.h). */
void step_write(FILE *f, const struct step *s);
/* Reads one line of `len` bytes without newline. Accepts exactly what step_write writes; returns
 * false for anything else, and *s then needs no step_wipe. */
bool step_read(struct step *s, const char *line, size_t len);
void step_wipe(struct step *s);

#endif

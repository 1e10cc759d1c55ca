/* SPDX-License-Identifier: GPL-2.0 */
/* One step of a plan: what is done, how to say it as a command, how it stands in the journal. */
#ifndef WG_QUICK_STEP_H
#define WG_QUICK_STEP_H

#include <stdio.h>
#include "../../lib/rtnl.h"
#include "../config.h"

enum step_kind {
	STEP_LINK,     /* make the device: kernel, or a userspace data path */
	STEP_HOOK,     /* one hook command, of `phase` */
	STEP_DEVICE,   /* keys, port and peers from the file */
	STEP_ADDRESS,
	STEP_LINK_UP,  /* MTU and up */
	STEP_DNS,
	STEP_ROUTE,
	STEP_FWMARK,   /* the device's mark */
	STEP_RULE,
	STEP_SYSCTL,   /* net.ipv4.conf.all.src_valid_mark */
	STEP_FIREWALL, /* the nftables table of `family` */
};

struct step {
	enum step_kind kind;
	enum hook_phase phase;   /* HOOK */
	char *command;           /* HOOK: with %i replaced. DEVICE: what to `strip`. malloc'd */
	struct wg_prefix prefix; /* ADDRESS */
	u32 mtu;                 /* LINK_UP; 0: leave it */
	char *dns;               /* DNS: what resolvconf reads. malloc'd */
	char *dns_name;          /* DNS: the name that resolvconf files it under. malloc'd */
	struct wg_route route;   /* ROUTE; its oif is filled in when it is done */
	struct wg_rule rule;     /* RULE */
	u32 fwmark;              /* FWMARK, FIREWALL */
	u8 family;               /* FIREWALL */
	struct wg_prefix *addresses; /* FIREWALL: the tunnel's, of that family. malloc'd */
	size_t n_addresses;
	bool was_off;            /* SYSCTL: before the first tunnel of ours */
};

struct plan {
	struct step *steps;
	size_t n, room;
};

/* Appends a zeroed step of this kind. The pointer lives until the next call. */
struct step *plan_add(struct plan *p, enum step_kind kind);
void plan_wipe(struct plan *p);

/* The equivalent command, without "[#] " and newline. Free it. `ifname` is the tunnel. */
char *step_command(const struct step *s, const char *ifname);
/* The command that undoes it, or NULL where deleting the link does. Free it. */
char *step_undo_command(const struct step *s, const char *ifname);

/* One line of the journal, newline included; strings are escaped so that a line stays a line. */
void step_write(FILE *f, const struct step *s);
/* The reverse, for one line of `len` bytes without newline. False: not a step of ours. */
bool step_read(struct step *s, const char *line, size_t len);
void step_wipe(struct step *s);

#endif

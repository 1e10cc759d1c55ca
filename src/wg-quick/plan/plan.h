/* SPDX-License-Identifier: GPL-2.0 */
/* Decides. Pure: a configuration and a snapshot of the network in, a list of steps out. Nothing is
 * read, written or asked. */
#ifndef WG_QUICK_PLAN_H
#define WG_QUICK_PLAN_H

#include "../config/config.h"
#include "../steps/step.h"
#include "netstate.h"

/* Below it the kernel takes IPv6 away from a link, addresses and routes with it (RFC 8200, 5). In bytes. */
#define MTU_LEAST_IPV6 1280
/* What an encrypted packet is longer than the one in it, in bytes: IPv6 40, UDP 8, WireGuard 32. */
#define TUNNEL_OVERHEAD 80

/* The first half of `up`: the link and the PreUp hooks. */
int plan_link(const struct config *c, const struct netstate *s, struct plan *out,
	      struct wg_error *err);
/* Fails if the file has DNS, requires it, and nothing can set it; err->code is ENOENT where a program is
 * missing. */
#define STATUS_NOT_FOUND 127 /* exit status then: of a program that is missing, as shells have it */
int plan_check_dns(const struct config *c, const struct netstate *s, struct wg_error *err);
/* The second half, from a snapshot taken after the PreUp hooks: device, addresses, MTU, DNS,
 * routes (most specific first, what is covered already left out), rules, mark, firewall, PostUp.
 * Things left out because the machine cannot have them (no IPv6) are warned of once, in `log`.
 * A default route of IPv6 that the link cannot have
 * while others have IPv6 is an error: it would leave past the tunnel what the file wants in it.
 * err->code of plan_link: EEXIST the link is there, and that of plan_check_dns. */
int plan_network(const struct config *c, const struct netstate *s, const struct wg_log *log,
		 struct plan *out, struct wg_error *err);

#endif

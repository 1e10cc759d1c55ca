/* SPDX-License-Identifier: GPL-2.0 */
/* Finds the largest packet that the way to a host carries whole, by ICMP echo requests that no router may
 * cut. A WireGuard peer answers nothing of ours, but the host that it runs on may answer these; and where a
 * router says by an ICMP error that a packet is too large, the kernel remembers that with the route
 * (RFC 1191, RFC 8201), whether the host answers or not. Hosts that answer neither leave it unknown. */
#ifndef WG_QUICK_PATH_MTU_H
#define WG_QUICK_PATH_MTU_H

#include "../../lib/base/prefix.h"

#define PATH_MTU_HOSTS 8    /* the most that are asked at once */
#define PATH_MTU_LEAST 1280 /* bytes; less is taken for a filter of large echo requests, not for the way */

struct path_mtu {
	struct wg_prefix host;
	u32 zone;  /* the link of a link-local address; 0: none */
	u32 most;  /* bytes: the MTU of the route, PATH_MTU_LEAST at least */
	u32 found; /* out: from PATH_MTU_LEAST to `most`; 0: not known */
};

/* Asks all of them at the same time, for at most a second; less if each answers the largest packet, or none
 * answers. `stop` (may be NULL) ends it, once it is not 0. What cannot be sent, as without root, is not
 * known. */
void path_mtu_find(struct path_mtu *list, size_t n, const volatile int *stop);

#endif

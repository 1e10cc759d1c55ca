/* SPDX-License-Identifier: GPL-2.0 */
/* The numbers under /proc/sys/net that forwarding takes. Names are paths below /proc/sys, for names of
 * links have dots in them: "net/ipv4/ip_forward". */
#ifndef WG_QUICK_KERNEL_SETTING_H
#define WG_QUICK_KERNEL_SETTING_H

#include <net/if.h>
#include "../../lib/base/error.h"
#include "../../port.h"

struct kernel_setting {
	char name[64 + IFNAMSIZ];
	u32 value;  /* what it is to be */
	u32 former; /* what it is without us */
};

/* Returns false where it cannot be read: the name is of a link that is gone, or a family that is not there. */
bool kernel_setting_get(const char *name, u32 *value);
/* -1 with err->code ENOENT, EROFS and their like. */
int kernel_setting_set(const char *name, u32 value, struct wg_error *err);
/* Whether nobody can set it here. */
bool kernel_setting_is_read_only(const char *name);

/* Adds to a malloc'd list what has to be set, in this order, so that the host forwards packets of the
 * families: nothing where a setting is as it is to be without us. A setting that has its value already counts
 * as without us unless is_ours(ctx, setting). With IPv6 the kernel stops to accept the advertisements of
 * routers, and forgets the routes that it has of them, on each link whose accept_ra is 1: it becomes 2 before. */
void kernel_settings_for_forwarding(struct kernel_setting **list, size_t *n, bool ipv4, bool ipv6,
				    bool (*is_ours)(void *ctx, const struct kernel_setting *setting),
				    void *ctx);

#endif

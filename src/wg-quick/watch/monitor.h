/* SPDX-License-Identifier: GPL-2.0 */
/* News from the kernel of what others take away: links, addresses, routes, rules and nftables tables. */
#ifndef WG_QUICK_MONITOR_H
#define WG_QUICK_MONITOR_H

#include "../../lib/base/error.h"
#include "../../port.h"

enum monitor_what {
	MONITOR_LINK,    /* something of the link `number` is gone, or the link itself, or it is not up */
	MONITOR_RULE,    /* a rule of this program's protocol, that looks up the table `number`, is gone */
	MONITOR_TABLE,   /* an nftables table `name`, or something in it, is gone */
	MONITOR_WAY,     /* an address or a route through the link `number` is there, perhaps a way out */
	MONITOR_OVERRUN, /* news were lost: anything may have happened */
};

struct monitor_news {
	enum monitor_what what;
	u32 number;
	const char *name; /* valid during the call */
};

struct monitor;

/* Without nftables in the kernel there is no news of that. */
int monitor_open(struct monitor **m, struct wg_error *err);
void monitor_close(struct monitor **m); /* for cleanup() */
/* Two descriptors for poll(); the second is -1 without nftables. */
void monitor_fds(const struct monitor *m, int fds[static 2]);
/* Reads what there is, without waiting, and calls `tell` for what matters. It reads a bounded number of messages. */
void monitor_read(struct monitor *m, void (*tell)(void *ctx, const struct monitor_news *news), void *ctx);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What happens to our link and to the ways out of this machine, as rtnetlink tells it. */
#ifndef WG_TUN_MONITOR_H
#define WG_TUN_MONITOR_H

#include "../../lib/base/error.h"
#include "../device/device.h"
#include "../path/tunif.h"
#include "events.h"
#include "features.h"
#include "sources.h"

struct monitor {
	struct event event;
	struct device *device;
	struct events *events;
	u32 ifindex;
	struct features features;
	struct tunif_netns home; /* the namespace of the sockets; zeros: unknown */
	bool moved;  /* the link is in another network namespace, of which nothing is heard */
	u64 look;    /* when it is looked at there */
	struct sources sources;
};

/* The link is there. Its state is asked for, and comes as an event. */
int monitor_open(struct monitor *m, struct device *d, struct wg_error *err);
bool monitor_start(struct monitor *m, struct events *ev);
void monitor_close(struct monitor *m);
/* Does what is due. Returns when it is to be called again. */
u64 monitor_work(struct monitor *m);

/* The part without I/O, for tests: takes one datagram of netlink messages. */
void monitor_read(struct monitor *m, const u8 *datagram, size_t len);

#endif

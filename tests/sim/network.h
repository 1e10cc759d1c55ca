/* SPDX-License-Identifier: GPL-2.0 */
/* The datagrams between hosts, and what happens to them on the way. */
#ifndef SIM_NETWORK_H
#define SIM_NETWORK_H

#include "../../src/core/cookie.h"

struct world;

enum { NETWORK_HOSTS = 12, NETWORK_RECORDS = 64, NETWORK_MTU = 256 };

/* How often of a thousand times, and for how long. */
struct weather {
	u32 loss, duplicate, damage, replay;
	u32 spoof; /* of the replayed: they come from a stranger's address */
	u64 delay, spread; /* the least, and the most that comes on top: reordering follows */
};

/* The network knows more of a datagram than its receiver. */
struct datagram {
	struct wg_addr from, to;
	u32 origin;   /* the host that made it; NOBODY: an attacker */
	u32 meant_for; /* the host that its keys are for */
	u64 serial;   /* the same in every copy */
	bool damaged; /* in what is authenticated, whoever looks at it */
	bool replayed, spoofed;
	u32 len;
	u8 bytes[NETWORK_MTU];
};

struct network {
	struct weather weather;
	bool cut[NETWORK_HOSTS][NETWORK_HOSTS]; /* from, to */
	struct datagram *records[NETWORK_RECORDS]; /* to be replayed */
	u64 serial;
	/* Only in directed scenarios: sees what is sent, and whether it is lost. */
	bool (*loses)(struct world *w, const struct datagram *d);
};

/* A copy is sent, with a serial number of its own. */
void network_send(struct world *w, const struct datagram *d);
/* One that was recorded comes again, at the same time of day or much later. */
void network_replay(struct world *w, const struct datagram *d, u64 at);
void network_wipe(struct network *n);

bool addr_equal(const struct wg_addr *a, const struct wg_addr *b);
/* The `move`th address that a host has, IPv4 or IPv6. */
struct wg_addr addr_of(u32 host, u32 move, bool six);

#endif

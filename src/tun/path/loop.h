/* SPDX-License-Identifier: GPL-2.0 */
/* Packets from the TUN device that must not go into the tunnel, since they would go round or since
 * they speak for the link itself:
 *
 * - Our own message to a peer, routed into the tunnel towards the same peer: each round would make
 *   it larger. It is refused at once. A peer may be reached by way of another peer of the device.
 * - A message of any WireGuard tunnel inside too many others. A tunnel gives an outer packet less
 *   time to live than the message inside has (LOOP_TTL_STEP), so that a circle of any number of
 *   peers, devices and hosts that all do so ends after eight rounds.
 * - ICMP redirects, with which the kernel answers what goes from one peer to another. The kernel's
 *   WireGuard sends none. The link's own setting (link-config.h) is not enough, because the kernel
 *   sends redirects if the setting "all" of the namespace is on.
 * - Router solicitations and group reports of a link that was moved to another network namespace,
 *   where the kernel generates a link-local address for it again. */
#ifndef WG_TUN_LOOP_H
#define WG_TUN_LOOP_H

#include "../device/device.h"

enum loop_limit {
	LOOP_TTL_STEP = 8,  /* of the time to live, for each tunnel around another */
	LOOP_TTL_MOST = 64, /* of an outer packet with a tunnel inside */
	LOOP_FRAGMENTS = 16,
};

/* A first fragment that was refused, or has a tunnel inside: the others have no ports. */
struct loop_fragment {
	u8 addresses[32]; /* source and destination, of IPv4 with zeros behind */
	u32 id;
	u8 version; /* 4 or 6; 0: the entry is free */
	bool refused;
};

/* The memory of one worker. */
struct loop {
	struct loop_fragment fragments[LOOP_FRAGMENTS]; /* a ring */
	u32 next;	   /* the entry of the ring that is the next to be overwritten */
	u8 address[16];	   /* an address that was looked up, and the result */
	u8 version;	   /* of that address; 0: none was */
	bool is_local;
	u64 known_until; /* the result is believed until then (device_now()) */
};

struct loop_result {
	bool refused;
	enum drop reason; /* if it is refused */
	u8 ttl; /* for the outer packet; 0: the system's default */
};

/* Decides about a packet of `len` bytes that is a whole IP packet, or a super-packet, for `peer`.
 * Config is read; no peer's lock is held. */
struct loop_result loop_check(struct loop *l, struct device *d, struct peer *peer,
			      const u8 *packet, u32 len);
/* Returns the time to live for the outer packet of a packet that was admitted before and has
 * waited. */
u8 loop_ttl(const u8 *packet, u32 len);

#endif

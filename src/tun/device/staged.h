/* SPDX-License-Identifier: GPL-2.0 */
/* Packets of peers that wait for a session. A peer holds at most WG_MAX_STAGED of them, and all
 * peers of a device together at most STAGED_BYTES.
 *
 * The memory is shared fairly. When it is exhausted, the peer that holds most loses its oldest
 * packets; a peer that holds less than others is not refused, and its first packet always finds
 * room. So peers that never answer cannot take what a peer needs that is about to connect.
 *
 * Any thread may call these functions, with or without peer->lock. */
#ifndef WG_TUN_STAGED_H
#define WG_TUN_STAGED_H

#include <pthread.h>
#include "../../port.h"

struct peer;
struct device;
struct staged;

/* `STAGED_BYTES` bounds the packets and their headers of all peers of a device. */
#define STAGED_BYTES (4U << 20)
/* A peer is in the class of the binary logarithm of the bytes that it holds. */
#define STAGED_CLASSES 24

/* All zeros is the empty state. */
struct staged_memory {
	pthread_mutex_t lock; /* a leaf: it may be taken inside any peer->lock */
	size_t bytes;
	/* The queues by size; the one that has been in its class for the longest time is first. */
	struct staged_class {
		struct staged *first, *last;
	} classes[STAGED_CLASSES];
};

/* Copies an IP packet of `len` bytes to the end of the peer's queue. What gives way is counted as
 * DROP_STAGED_FULL. */
void staged_add(struct device *d, struct peer *peer, const u8 *packet, size_t len);
/* Puts a packet back that was taken: it is the oldest again. It is dropped if the peer has
 * WG_MAX_STAGED others, or would have to give way itself. */
void staged_return(struct device *d, struct peer *peer, const u8 *packet, size_t len);
/* Moves the oldest packet to `out`, which has room for `room` bytes. This function returns its
 * length; 0 if there is none, or if it is larger than `room`. */
size_t staged_take(struct device *d, struct peer *peer, u8 *out, size_t room);
/* Drops all packets of the peer: they are counted as DROP_STAGED_EXPIRED. */
void staged_drop(struct device *d, struct peer *peer);
/* This function returns true if packets of the peer wait. */
bool staged_any(const struct peer *peer);

#endif

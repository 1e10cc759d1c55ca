/* SPDX-License-Identifier: GPL-2.0 */
/* A peer as the daemon has it: the core's remote, where it is, what waits for it, what it has used.
 *
 * A peer is freed under device->config as a writer only; a thread that holds that lock as a reader
 * may use peers. It has less than a kilobyte with one allowed IP. */
#ifndef WG_TUN_PEER_H
#define WG_TUN_PEER_H

#include <pthread.h>
#include "../../core/remote.h"
#include "endpoint.h"
#include "latch.h"

struct device;
struct staged;

struct peer {
	struct wg_remote remote; /* first: the core's pointer is ours */
	struct device *device;

	/* The session lock. It protects what remote.h says and all below up to the next comment. It
	 * is held for moments only, once for a super-packet and not for each of its packets. */
	pthread_mutex_t lock;
	struct endpoint endpoint; /* family 0: none yet */
	struct staged *staged;	  /* packets that wait for a session: staged.h alone uses it */
	bool unanswered;	  /* the control thread's: the next initiation is a repeated one */
	bool source_doubted;	  /* the last initiation left without endpoint.source */
	bool flushing;		  /* the control thread is sending what was staged */
	struct latch gso;	  /* UDP GSO on the way to the endpoint */
	u8 socket;		  /* which one sends its data, see path/sockets.h */
	bool parked;		  /* it is slow, so it is a guest there for long */
	u64 socket_until;	  /* as a guest there, until this time */
	u64 full_since, full_at;  /* its packets found full sockets, first and last */
	u64 last_handshake; /* Unix time in ns; 0: never */
	/* The deadline that it is in the heap with; WG_NEVER: it is not there. Only the control
	 * thread changes it. A worker whose event gave the timers an earlier deadline asks the
	 * control thread to look: peer_is_early(). */
	u64 deadline;

	/* Only the control thread uses it. */
	u32 heap_index;
	/* Actions that workers ask the control thread for (atomic), and the queue they ask by. */
	u32 asked;
	struct peer *next_asked;

	/* Under device->config. */
	struct peer *next, **link;  /* all peers of the device, in the order they were added */
	struct peer *next_in_hash;
};

static inline struct peer *peer_of(struct wg_remote *r)
{
	return (struct peer *)r;
}

/* Returns whether the timers are due before the control thread would look at them. Then
 * device_ask(d, peer, 0) is to be called. The caller holds peer->lock. */
static inline bool peer_is_early(const struct peer *peer)
{
	return wg_timers_deadline(&peer->remote.timers) < peer->deadline;
}

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a peer is there, by the counters and the handshake that the device reports for it. Pure, on a
 * clock of the caller's.
 *
 * WireGuard answers everything but empty messages: data within 10 s, an initiation at once. So a peer owes
 * an answer from when more was sent than empty messages account for until something authenticated comes
 * back, and it is lost when it has owed one for too long. A peer that nothing is sent to owes nothing: it
 * is never lost, however old its handshake is, and wherever it has roamed to. One without a session is lost, too,
 * where no route leads to its endpoint. */
#ifndef WG_QUICK_HEALTH_H
#define WG_QUICK_HEALTH_H

#include "times.h"

/* What the device reports of a peer. */
struct health_sample {
	u64 rx, tx;       /* in bytes, as the device counts */
	u64 handshake;    /* of the last handshake, of any clock; 0: never. It is only compared */
	u64 age_ms;       /* of that handshake */
	u32 keepalive_ms; /* PersistentKeepalive; 0: off */
	bool no_way;      /* this machine has no route to its endpoint: nothing can be sent, and nothing counts */
};

enum health_state {
	HEALTH_UNKNOWN, /* nothing shows whether it is there */
	HEALTH_GOOD,    /* it has a session, or renews it, and owes nothing for too long */
	HEALTH_LOST,    /* it has not answered */
};

/* A zeroed struct knows nothing yet. */
struct health {
	bool begun;
	bool lost;      /* it has not answered in time, and has not been heard of since */
	u64 rx, tx;     /* of the last sample */
	u64 handshake;
	u64 age_ms;
	u32 keepalive_ms;
	u64 tx_answered; /* tx when it was heard of last, or at health_restart */
	u64 answered_at;
	u64 owes_since;  /* time plus 1; 0: it owes nothing */
};

/* Takes a sample of time `now`. */
void health_sample(struct health *h, const struct watch_times *t, const struct health_sample *s, u64 now);
/* The peer has got another endpoint: what was sent before is forgotten. It stays lost until it answers. */
void health_restart(struct health *h, u64 now);
/* The peer has got prefixes, and so another chance: it is not lost any more. */
void health_forgive(struct health *h, u64 now);
enum health_state health_state(const struct health *h, const struct watch_times *t);

#endif

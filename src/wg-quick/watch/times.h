/* SPDX-License-Identifier: GPL-2.0 */
/* The times that `wg-quick watch` goes by, in milliseconds. One table, so that tests can have smaller ones. */
#ifndef WG_QUICK_TIMES_H
#define WG_QUICK_TIMES_H

#include "../../port.h"

struct watch_times {
	/* How long a peer with a session may leave something unanswered. WireGuard answers data within 10 s,
	 * with an empty message if with nothing else (KEEPALIVE_TIMEOUT of the paper, 6.5); the rest is for
	 * the way and for coarse timers. */
	u64 answer_ms;
	/* The same without a session: what is sent then is initiations, one every 5 s, which are answered at
	 * once. */
	u64 handshake_ms;
	/* How old a handshake is when its session has ended (REJECT_AFTER_TIME of the paper, 6.2). */
	u64 session_ms;
	/* How long one endpoint is tried: the next initiation leaves after 5.3 s at most. */
	u64 try_ms;
	/* How long an endpoint waits for its name; afterwards what was found before counts. */
	u64 lookup_ms;
	/* From one round over all endpoints to the next: the first time, and at most. It doubles. */
	u64 pause_ms, pause_most_ms;
	/* How long a peer with a higher priority has to be well before it gets its prefixes back: the first
	 * time, and at most. It doubles each time that the peer fails soon after. */
	u64 settle_ms, settle_most_ms;
	/* After how long a peer that cannot show that it is well, for it has no PersistentKeepalive, is tried
	 * again: the first time, and at most. */
	u64 trial_ms, trial_most_ms;
	/* How often the device is read: while there is something to decide, and otherwise. */
	u64 poll_ms, calm_poll_ms;
	/* How long news about one tunnel are collected before it is repaired, and from one repair to the next:
	 * the first time, and at most. */
	u64 collect_ms, repair_ms, repair_most_ms;
};

/* The times of this program. A build with test hooks divides them all by WG_TEST_WATCH_SPEED. */
struct watch_times watch_times_get(void);

#endif

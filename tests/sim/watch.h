/* SPDX-License-Identifier: GPL-2.0 */
/* The timers of one peer as an observer sees them who knows the paper, and neither the core's
 * variables nor its deadlines: what has to have happened by now. Times are on the host's clock. */
#ifndef SIM_WATCH_H
#define SIM_WATCH_H

#include "../../src/port.h"

struct peer;

/* 0: not now, or never yet. */
struct watch {
	u64 initiation;	 /* the latest was sent then */
	u64 retired;	 /* nothing may be sent under any session: the next initiation may come early */
	u64 unanswered;	 /* data was sent, and nothing has come since */
	u64 owed;	 /* data came, and nothing was sent since */
	u64 derived;	 /* the latest session */
	u64 traffic;	 /* authenticated, either way */
	u64 waits_since; /* an initiation has no answer yet */
	u64 failed;	 /* an initiation could not be made */
	u64 answered;	 /* the latest initiation of the other side */
	u32 initiations; /* in a row, without an answer */
};

void checks_initiation_sent(struct peer *p, bool good);
void checks_retired(struct peer *p);
void checks_applied(struct peer *p, bool initiator);
void checks_traffic_sent(struct peer *p, bool data);
void checks_traffic_received(struct peer *p, bool data);
/* Before they are carried out. */
void checks_actions(struct peer *p, u32 actions);
/* After data was sent, and after something was received. */
void checks_rekey(struct peer *p);
void checks_last_minute(struct peer *p);
/* The peer's timers and memory, with nothing of it going on. */
void checks_peer(struct peer *p);
/* The peer has had nothing to do for long. */
void checks_quiet(struct peer *p);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The five timers of one peer, as a state machine (paper sections 6.1 to 6.5). The host reports
 * what happened by the functions below, asks wg_timers_deadline() when to call wg_timers_tick(),
 * and carries out the actions that these return. The caller holds the session lock of the peer. */
#ifndef WG_CORE_TIMERS_H
#define WG_CORE_TIMERS_H

#include "messages.h"

/* What is to be done, any of them together. wg_actions_do() has the order (actions.h). */
enum wg_action {
	WG_ACT_ZERO_KEYS = 1U << 0,	/* all sessions and the handshake end; remote.c does that */
	WG_ACT_DROP_STAGED = 1U << 1,	/* the peer does not answer: drop the packets that wait */
	WG_ACT_FORGET_SOURCE = 1U << 2, /* the path may have changed: forget our source address */
	WG_ACT_INITIATE = 1U << 3,	/* send an initiation (wg_handshake_initiate) */
	WG_ACT_FLUSH = 1U << 4,		/* a session is there: send the packets that wait */
	WG_ACT_CONFIRM = 1U << 5,	/* with FLUSH: where none wait, send a keepalive */
	WG_ACT_KEEPALIVE = 1U << 6,	/* send an empty data message, or the packets that wait */
	WG_ACT_HANDSHAKE_DONE = 1U << 7, /* a handshake is complete: for `wg show` */
};

#define WG_NEVER UINT64_MAX

struct wg_timers {
	/* WG_NEVER: not armed. */
	u64 retransmit, keepalive, new_handshake, zero_keys, persistent;
	u64 next_initiation;	  /* before this no other is asked for; 0: may be at once */
	u32 jitter;		  /* ns, of the latest handshake, below WG_REKEY_TIMEOUT_JITTER */
	u16 persistent_interval;  /* seconds; 0: off */
	u8 attempts;		  /* initiations asked for since wg_timers_want_handshake() */
	bool another_keepalive;	  /* data came while a keepalive was due already */
	bool last_minute;	  /* a late-rekey initiation was asked for in this session */
};

/* Disarms all timers; the interval of persistent keepalives stays. No event may be reported until
 * the device is up again. It also initialises timers that are all zeros. */
void wg_timers_stop(struct wg_timers *t);
/* Sets the interval of persistent keepalives; 0 turns them off. Returns actions: a keepalive is
 * sent at once if they were off and the device is `up`. The host calls this again, with the
 * interval that it has, when the device comes up. A second call with the same interval changes
 * nothing. */
u32 wg_timers_set_persistent(struct wg_timers *t, u16 seconds, bool up, u64 now);

/* Asks for an initiation unless one was asked for within WG_REKEY_TIMEOUT: WG_ACT_INITIATE or 0.
 * Either way wg_timers_tick() asks again and again until a handshake is complete, for
 * WG_REKEY_ATTEMPT_TIME. */
u32 wg_timers_want_handshake(struct wg_timers *t, u64 now);
/* Call when an initiation is about to be sent. `random` is any 32 bits. The secrets of the
 * handshake are zeroed together with the keys of the sessions; if there are no sessions, they are
 * zeroed when keys that are derived now would be. */
void wg_timers_initiated(struct wg_timers *t, u32 random, u64 now);
/* Call when keys were derived from a handshake message that arrived. */
void wg_timers_derived(struct wg_timers *t, u64 now);
/* Call when the handshake is complete: a response arrived, or the first message after our own
 * response. */
void wg_timers_handshake_complete(struct wg_timers *t);
/* Call when nothing can be sent under any session any more: no keepalive is due. */
void wg_timers_ended(struct wg_timers *t);
/* Call after sending, or after authenticating, any message. `data` is true for a data message with
 * a payload, false for keepalives and handshake messages. wg_timers_initiated() calls the first one
 * by itself, wg_timers_derived() the second one. */
void wg_timers_sent(struct wg_timers *t, bool data, u64 now);
void wg_timers_received(struct wg_timers *t, bool data, u64 now);

/* Returns when wg_timers_tick() has something to do; WG_NEVER: not before the next event. */
u64 wg_timers_deadline(const struct wg_timers *t);
/* Returns the actions that are due at `now`. A call that is early or late loses nothing. */
u32 wg_timers_tick(struct wg_timers *t, u64 now);

#endif

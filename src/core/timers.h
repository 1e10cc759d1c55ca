/* SPDX-License-Identifier: GPL-2.0 */
/* When what has to happen between us and one remote: the five timers of the protocol (paper
 * sections 6.1 to 6.5) as a machine. Verbs report what happened; deadline() says when it wants
 * to be woken; tick() says what is to be done then. The caller holds the lock of the session. */
#ifndef WG_CORE_TIMERS_H
#define WG_CORE_TIMERS_H

#include "messages.h"

/* What a verb wants done, any of them together. wg_actions_do() has the order (actions.h). */
enum wg_action {
	WG_ACT_ZERO_KEYS = 1U << 0,	/* all sessions and the handshake end; remote.c does that */
	WG_ACT_DROP_STAGED = 1U << 1,	/* it does not answer: forget the packets that wait */
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
	u8 attempts;		  /* initiations asked for since the latest wish */
	bool another_keepalive;	  /* data came while a keepalive was due already */
	bool last_minute;	  /* a late-rekey initiation was asked for in this session */
};

/* Nothing is armed any more; the interval stays. No events until the device is up again. Makes a
 * session of zeros, too. */
void wg_timers_stop(struct wg_timers *t);
/* Returns actions: turning it on sends a keepalive at once. To be told again, with the interval
 * there is, when the device comes up. Telling the same twice changes nothing. */
u32 wg_timers_set_persistent(struct wg_timers *t, u16 seconds, bool up, u64 now);

/* Asks for an initiation unless one was asked for within WG_REKEY_TIMEOUT: WG_ACT_INITIATE or 0.
 * Either way the wish stands for WG_REKEY_ATTEMPT_TIME or until a handshake is complete: tick()
 * asks then. */
u32 wg_timers_want_handshake(struct wg_timers *t, u64 now);
/* An initiation is about to be sent. `random`: any 32 bits. Its secrets go with the keys, and where
 * there are none, when keys derived now would. */
void wg_timers_initiated(struct wg_timers *t, u32 random, u64 now);
/* Keys were derived from a handshake message that came. */
void wg_timers_derived(struct wg_timers *t, u64 now);
/* The handshake is known to be complete: a response came, or the first message after ours. */
void wg_timers_handshake_complete(struct wg_timers *t);
/* Nothing can be sent under any session any more: a keepalive that was due for one is not. */
void wg_timers_ended(struct wg_timers *t);
/* A message that is or will be authenticated went out or came in: data, or else a keepalive or one
 * of a handshake (of which the verbs above tell already). */
void wg_timers_sent(struct wg_timers *t, bool data, u64 now);
void wg_timers_received(struct wg_timers *t, bool data, u64 now);

/* When tick() has something to do; WG_NEVER: not before the next event. */
u64 wg_timers_deadline(const struct wg_timers *t);
/* What is due: actions. Call it early or late, nothing is lost. */
u32 wg_timers_tick(struct wg_timers *t, u64 now);

#endif

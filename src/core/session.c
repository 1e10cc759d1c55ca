// SPDX-License-Identifier: GPL-2.0
/* A timer is the time it is due at. Whatever fires is disarmed or set to a later time before
 * anything else, counted from the time of the call: after a suspend each fires once. */
#include "session.h"

void wg_session_ended(struct wg_session *s)
{
	s->keepalive = WG_NEVER;
	s->another_keepalive = false;
}

void wg_session_stop(struct wg_session *s)
{
	s->retransmit = s->new_handshake = s->zero_keys = s->persistent = WG_NEVER;
	wg_session_ended(s);
	s->attempts = 0;
	s->last_minute = false;
	s->next_initiation = 0;
}

u32 wg_session_set_persistent(struct wg_session *s, u16 seconds, bool up, u64 now)
{
	u64 next = up && seconds ? now + seconds * WG_SECOND : WG_NEVER;
	u32 actions = next != WG_NEVER && s->persistent == WG_NEVER ? WG_ACT_KEEPALIVE : 0;

	s->persistent_interval = seconds;
	/* Never later than it was: somebody may set it more often than it is due. */
	if (next == WG_NEVER || next < s->persistent)
		s->persistent = next;
	return actions;
}

static u64 next_persistent(const struct wg_session *s, u64 now)
{
	return s->persistent_interval ? now + s->persistent_interval * WG_SECOND : WG_NEVER;
}

/* Retransmission is armed here already: what is asked for may fail. */
static u32 initiate(struct wg_session *s, u64 now)
{
	s->next_initiation = now + WG_REKEY_TIMEOUT;
	s->retransmit = s->next_initiation + s->jitter;
	return WG_ACT_INITIATE;
}

u32 wg_session_want_handshake(struct wg_session *s, u64 now)
{
	s->attempts = 0;
	if (now >= s->next_initiation) {
		s->attempts = 1;
		return initiate(s, now);
	}
	/* The handshake of the latest initiation is over and did not help. */
	if (s->retransmit == WG_NEVER)
		s->retransmit = s->next_initiation;
	return 0;
}

void wg_session_sent(struct wg_session *s, bool data, u64 now)
{
	wg_session_ended(s);
	s->persistent = next_persistent(s, now);
	if (data && s->new_handshake == WG_NEVER)
		s->new_handshake = now + WG_KEEPALIVE_TIMEOUT + WG_REKEY_TIMEOUT + s->jitter;
}

void wg_session_received(struct wg_session *s, bool data, u64 now)
{
	s->new_handshake = WG_NEVER;
	s->persistent = next_persistent(s, now);
	if (!data)
		return;
	if (s->keepalive == WG_NEVER)
		s->keepalive = now + WG_KEEPALIVE_TIMEOUT;
	else
		s->another_keepalive = true;
}

void wg_session_initiated(struct wg_session *s, u32 random, u64 now)
{
	s->jitter = (u32)(random * WG_REKEY_TIMEOUT_JITTER >> 32);
	initiate(s, now);
	/* Not later: it may be the last that can be made, or a long sleep may follow. */
	if (s->zero_keys == WG_NEVER)
		s->zero_keys = now + 3 * WG_REJECT_AFTER_TIME;
	wg_session_sent(s, false, now);
}

void wg_session_derived(struct wg_session *s, u64 now)
{
	s->zero_keys = now + 3 * WG_REJECT_AFTER_TIME;
	wg_session_received(s, false, now);
}

void wg_session_handshake_complete(struct wg_session *s)
{
	s->retransmit = WG_NEVER;
	s->attempts = 0;
	s->last_minute = false;
}

static u64 earlier(u64 a, u64 b)
{
	return a < b ? a : b;
}

u64 wg_session_deadline(const struct wg_session *s)
{
	return earlier(earlier(earlier(s->retransmit, s->keepalive),
			       earlier(s->new_handshake, s->zero_keys)),
		       s->persistent);
}

static u32 retransmit(struct wg_session *s, u64 now)
{
	if (s->attempts < WG_MAX_ATTEMPTS) {
		s->attempts++;
		return WG_ACT_FORGET_SOURCE | initiate(s, now);
	}
	s->retransmit = WG_NEVER;
	wg_session_ended(s);
	return WG_ACT_DROP_STAGED;
}

/* In the order of the actions: each may disarm what comes after it. */
u32 wg_session_tick(struct wg_session *s, u64 now)
{
	u32 actions = 0;

	/* After so long every session is dead, and with it what was due for one. */
	if (now >= s->zero_keys) {
		s->zero_keys = s->new_handshake = WG_NEVER;
		wg_session_ended(s);
		actions |= WG_ACT_ZERO_KEYS;
	}
	if (now >= s->retransmit)
		actions |= retransmit(s, now);
	/* Data went unanswered. */
	if (now >= s->new_handshake) {
		s->new_handshake = WG_NEVER;
		actions |= WG_ACT_FORGET_SOURCE | wg_session_want_handshake(s, now);
	}
	if (now >= s->keepalive) {
		s->keepalive = s->another_keepalive ? now + WG_KEEPALIVE_TIMEOUT : WG_NEVER;
		s->another_keepalive = false;
		actions |= WG_ACT_KEEPALIVE;
	}
	/* Armed again at once: the keepalive may find no session, and its wish be refused. */
	if (now >= s->persistent) {
		s->persistent = next_persistent(s, now);
		actions |= WG_ACT_KEEPALIVE;
	}
	return actions;
}

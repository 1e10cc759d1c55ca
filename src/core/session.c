// SPDX-License-Identifier: GPL-2.0
/* A timer is the time it is due at. Whatever fires is disarmed or set to a later time before
 * anything else, counted from the time of the call: after a suspend each fires once. */
#include "session.h"

static void disarm_keepalive(struct wg_session *s)
{
	s->keepalive = WG_NEVER;
	s->another_keepalive = false;
}

void wg_session_stop(struct wg_session *s)
{
	s->retransmit = s->new_handshake = s->zero_keys = s->persistent = WG_NEVER;
	disarm_keepalive(s);
	s->attempts = 0;
	s->last_minute = false;
	s->next_initiation = 0;
}

void wg_session_init(struct wg_session *s)
{
	memset(s, 0, sizeof(*s));
	wg_session_stop(s);
}

static u64 next_persistent(const struct wg_session *s, u64 now)
{
	return s->persistent_interval ? now + s->persistent_interval * WG_SECOND : WG_NEVER;
}

u32 wg_session_set_persistent(struct wg_session *s, u16 seconds, bool up, u64 now)
{
	bool running = s->persistent != WG_NEVER;
	u64 next;

	s->persistent_interval = seconds;
	next = up ? next_persistent(s, now) : WG_NEVER;
	/* Never later than it was: somebody may set it more often than it is due. */
	if (next == WG_NEVER || next < s->persistent)
		s->persistent = next;
	return next != WG_NEVER && !running ? WG_ACT_KEEPALIVE : 0;
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
	if (now >= s->next_initiation)
		return initiate(s, now);
	/* The handshake of the latest initiation is over and did not help. */
	if (s->retransmit == WG_NEVER)
		s->retransmit = s->next_initiation;
	return 0;
}

void wg_session_initiation_sent(struct wg_session *s, u32 random, u64 now)
{
	s->jitter = (u32)(random * WG_REKEY_TIMEOUT_JITTER >> 32);
	initiate(s, now);
}

void wg_session_derived(struct wg_session *s, u64 now)
{
	s->zero_keys = now + 3 * WG_REJECT_AFTER_TIME;
}

void wg_session_handshake_complete(struct wg_session *s)
{
	s->retransmit = WG_NEVER;
	s->attempts = 0;
	s->last_minute = false;
}

void wg_session_ended(struct wg_session *s)
{
	disarm_keepalive(s);
}

void wg_session_data_sent(struct wg_session *s, u64 now)
{
	if (s->new_handshake == WG_NEVER)
		s->new_handshake = now + WG_KEEPALIVE_TIMEOUT + WG_REKEY_TIMEOUT + s->jitter;
}

void wg_session_data_received(struct wg_session *s, u64 now)
{
	if (s->keepalive == WG_NEVER)
		s->keepalive = now + WG_KEEPALIVE_TIMEOUT;
	else
		s->another_keepalive = true;
}

void wg_session_authenticated_sent(struct wg_session *s, u64 now)
{
	disarm_keepalive(s);
	s->persistent = next_persistent(s, now);
}

void wg_session_authenticated_received(struct wg_session *s, u64 now)
{
	s->new_handshake = WG_NEVER;
	s->persistent = next_persistent(s, now);
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

/* After so long every session is dead, and with it what was due for one. */
static u32 zero_keys(struct wg_session *s)
{
	s->zero_keys = s->new_handshake = WG_NEVER;
	disarm_keepalive(s);
	return WG_ACT_ZERO_KEYS;
}

static u32 give_up(struct wg_session *s, u64 now)
{
	s->retransmit = WG_NEVER;
	disarm_keepalive(s);
	if (s->zero_keys == WG_NEVER)
		s->zero_keys = now + 3 * WG_REJECT_AFTER_TIME;
	return WG_ACT_DROP_STAGED;
}

static u32 retransmit(struct wg_session *s, u64 now)
{
	if (s->attempts + 1 >= WG_MAX_ATTEMPTS)
		return give_up(s, now);
	s->attempts++;
	return WG_ACT_FORGET_SOURCE | initiate(s, now);
}

static u32 send_keepalive(struct wg_session *s, u64 now)
{
	s->keepalive = s->another_keepalive ? now + WG_KEEPALIVE_TIMEOUT : WG_NEVER;
	s->another_keepalive = false;
	return WG_ACT_KEEPALIVE;
}

/* Data went unanswered. */
static u32 new_handshake(struct wg_session *s, u64 now)
{
	s->new_handshake = WG_NEVER;
	return WG_ACT_FORGET_SOURCE | wg_session_want_handshake(s, now);
}

/* Armed again at once: the keepalive may find no session, and its wish for one may be refused. */
static u32 send_persistent(struct wg_session *s, u64 now)
{
	s->persistent = next_persistent(s, now);
	return WG_ACT_KEEPALIVE;
}

/* In the order of the actions: each may disarm what comes after it. */
u32 wg_session_tick(struct wg_session *s, u64 now)
{
	u32 actions = 0;

	if (now >= s->zero_keys)
		actions |= zero_keys(s);
	if (now >= s->retransmit)
		actions |= retransmit(s, now);
	if (now >= s->new_handshake)
		actions |= new_handshake(s, now);
	if (now >= s->keepalive)
		actions |= send_keepalive(s, now);
	if (now >= s->persistent)
		actions |= send_persistent(s, now);
	return actions;
}

// SPDX-License-Identifier: GPL-2.0
/* A timer is the time it is due at. Whatever fires is disarmed or set to a later time before
 * anything else, counted from the time of the call: after a suspend each fires once. */
#include "timers.h"

void wg_timers_ended(struct wg_timers *t)
{
	t->keepalive = WG_NEVER;
	t->another_keepalive = false;
}

void wg_timers_stop(struct wg_timers *t)
{
	t->retransmit = t->new_handshake = t->zero_keys = t->persistent = WG_NEVER;
	wg_timers_ended(t);
	t->attempts = 0;
	t->last_minute = false;
	t->next_initiation = 0;
}

u32 wg_timers_set_persistent(struct wg_timers *t, u16 seconds, bool up, u64 now)
{
	u64 next = up && seconds ? now + seconds * WG_SECOND : WG_NEVER;
	u32 actions = next != WG_NEVER && t->persistent == WG_NEVER ? WG_ACT_KEEPALIVE : 0;

	t->persistent_interval = seconds;
	/* The timer is not set to a later time than before: an interval that is set again and
	 * again, more often than the timer is due, does not keep it from firing. */
	if (next == WG_NEVER || next < t->persistent)
		t->persistent = next;
	return actions;
}

static u64 next_persistent(const struct wg_timers *t, u64 now)
{
	return t->persistent_interval ? now + t->persistent_interval * WG_SECOND : WG_NEVER;
}

/* Retransmission is armed here already, because making or sending the initiation may fail. */
static u32 start_handshake(struct wg_timers *t, u64 now)
{
	t->next_initiation = now + WG_REKEY_TIMEOUT;
	t->retransmit = t->next_initiation + t->jitter;
	return WG_ACT_INITIATE;
}

u32 wg_timers_want_handshake(struct wg_timers *t, u64 now)
{
	t->attempts = 0;
	if (now >= t->next_initiation) {
		t->attempts = 1;
		return start_handshake(t, now);
	}
	/* The handshake of the latest initiation is over and did not help. */
	if (t->retransmit == WG_NEVER)
		t->retransmit = t->next_initiation;
	return 0;
}

void wg_timers_sent(struct wg_timers *t, bool data, u64 now)
{
	wg_timers_ended(t);
	t->persistent = next_persistent(t, now);
	if (data && t->new_handshake == WG_NEVER)
		t->new_handshake = now + WG_KEEPALIVE_TIMEOUT + WG_REKEY_TIMEOUT + t->jitter;
}

void wg_timers_received(struct wg_timers *t, bool data, u64 now)
{
	t->new_handshake = WG_NEVER;
	t->persistent = next_persistent(t, now);
	if (!data)
		return;
	if (t->keepalive == WG_NEVER)
		t->keepalive = now + WG_KEEPALIVE_TIMEOUT;
	else
		t->another_keepalive = true;
}

void wg_timers_initiated(struct wg_timers *t, u32 random, u64 now)
{
	t->jitter = (u32)(random * WG_REKEY_TIMEOUT_JITTER >> 32);
	start_handshake(t, now);
	/* A time that is set already stays: the deadline for old secrets does not move with each
	 * initiation. Without one it is set now, since this initiation may be the last event. */
	if (t->zero_keys == WG_NEVER)
		t->zero_keys = now + 3 * WG_REJECT_AFTER_TIME;
	wg_timers_sent(t, false, now);
}

void wg_timers_derived(struct wg_timers *t, u64 now)
{
	t->zero_keys = now + 3 * WG_REJECT_AFTER_TIME;
	wg_timers_received(t, false, now);
}

void wg_timers_handshake_complete(struct wg_timers *t)
{
	t->retransmit = WG_NEVER;
	t->attempts = 0;
	t->last_minute = false;
}

static u64 earlier_time(u64 a, u64 b)
{
	return a < b ? a : b;
}

u64 wg_timers_deadline(const struct wg_timers *t)
{
	return earlier_time(earlier_time(earlier_time(t->retransmit, t->keepalive),
					 earlier_time(t->new_handshake, t->zero_keys)),
			    t->persistent);
}

static u32 retransmit(struct wg_timers *t, u64 now)
{
	if (t->attempts < WG_MAX_ATTEMPTS) {
		t->attempts++;
		return WG_ACT_FORGET_SOURCE | start_handshake(t, now);
	}
	t->retransmit = WG_NEVER;
	wg_timers_ended(t);
	return WG_ACT_DROP_STAGED;
}

/* The timers are looked at in the order of the actions: each may disarm one that comes after it. */
u32 wg_timers_tick(struct wg_timers *t, u64 now)
{
	u32 actions = 0;

	/* After this time every session has ended, so the timers of sessions are disarmed, too. */
	if (now >= t->zero_keys) {
		t->zero_keys = t->new_handshake = WG_NEVER;
		wg_timers_ended(t);
		actions |= WG_ACT_ZERO_KEYS;
	}
	if (now >= t->retransmit)
		actions |= retransmit(t, now);
	/* Data went unanswered. */
	if (now >= t->new_handshake) {
		t->new_handshake = WG_NEVER;
		actions |= WG_ACT_FORGET_SOURCE | wg_timers_want_handshake(t, now);
	}
	if (now >= t->keepalive) {
		t->keepalive = t->another_keepalive ? now + WG_KEEPALIVE_TIMEOUT : WG_NEVER;
		t->another_keepalive = false;
		actions |= WG_ACT_KEEPALIVE;
	}
	/* The timer is armed again at once: if there is no session, the keepalive is not sent, and
	 * no event would arm it. */
	if (now >= t->persistent) {
		t->persistent = next_persistent(t, now);
		actions |= WG_ACT_KEEPALIVE;
	}
	return actions;
}

// SPDX-License-Identifier: GPL-2.0
/* What happens by itself, and when. */
#include "directed.h"
#include "host.h"
#include "wire.h"

static void passive_keepalive(struct world *w)
{
	u64 at;

	wire_meet(w);
	wire_until(w, 20 * WG_SECOND);
	at = 20 * WG_SECOND + WAY + WG_KEEPALIVE_TIMEOUT;
	wire_say(w, 0);
	wire_until(w, 40 * WG_SECOND);
	EXPECT(w, wire_keepalives(1, 20 * WG_SECOND, UINT64_MAX) == 1);
	EXPECT(w, wire_keepalives(1, at, at) == 1);
	/* And nobody answers a keepalive. */
	EXPECT(w, wire_keepalives(0, 20 * WG_SECOND, UINT64_MAX) == 0);
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, 1, UINT64_MAX) == 0);
}

static void no_keepalive_after_an_answer(struct world *w)
{
	wire_meet(w);
	wire_until(w, 20 * WG_SECOND);
	wire_say(w, 0);
	wire_until(w, 29 * WG_SECOND);
	wire_say(w, 1);
	wire_until(w, 60 * WG_SECOND);
	EXPECT(w, wire_keepalives(1, 20 * WG_SECOND, UINT64_MAX) == 0);
	EXPECT(w, wire_keepalives(0, 20 * WG_SECOND, UINT64_MAX) == 1);
}

/* Data comes at the end of a session, after the answer to an initiation; what confirms the next
 * session comes before the keepalive would have been due. */
static void no_keepalive_for_an_old_session(struct world *w)
{
	u64 end = WG_REJECT_AFTER_TIME + WAY, confirmed = end + 8 * WG_SECOND;

	wire_meet(w);
	wire_until(w, end - WAY - MILLISECOND);
	wire_say(w, 0);
	wire_say(w, 0);
	wire_until(w, end);
	wire.lose[WG_MESSAGE_DATA] = 1;
	wire_until(w, end + WG_SECOND);
	peer_tick(wire_peer(w, 1));
	wire_until(w, confirmed - WAY);
	wire_say(w, 0);
	wire_until(w, confirmed + WG_KEEPALIVE_TIMEOUT);
	EXPECT(w, wire_count(1, WG_MESSAGE_RESPONSE, end - MILLISECOND, UINT64_MAX) == 1);
	EXPECT(w, wire_keepalives(1, end, UINT64_MAX) == 1);
	EXPECT(w, wire_keepalives(1, w->now - w->begin, UINT64_MAX) == 1);
}

static void handshake_after_silence(struct world *w)
{
	u64 due = 20 * WG_SECOND + WG_KEEPALIVE_TIMEOUT + WG_REKEY_TIMEOUT;

	wire_meet(w);
	wire_until(w, 20 * WG_SECOND);
	w->network.cut[0][1] = true;
	wire_say(w, 0);
	wire_until(w, 30 * WG_SECOND);
	wire_say(w, 0);
	wire_until(w, due + WG_REKEY_TIMEOUT_JITTER);
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, 1, due - 1) == 0);
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, due, due + WG_REKEY_TIMEOUT_JITTER) == 1);
}

static void give_up(struct world *w)
{
	u64 lost, later;

	wire_begin(w);
	wire.lose[WG_MESSAGE_INITIATION] = ALWAYS;
	lost = wire_say(w, 0);
	wire_until(w, WG_REKEY_ATTEMPT_TIME - WG_SECOND);
	EXPECT(w, wire_peer(w, 0)->staged_count == 1);
	wire_until(w, WG_MAX_ATTEMPTS * RETRY);
	EXPECT(w, wire_peer(w, 0)->staged_count == 0);
	EXPECT(w, w->checks.count.give_ups == 1);
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == WG_MAX_ATTEMPTS);
	wire_until(w, 200 * WG_SECOND);
	EXPECT(w, wire.count == WG_MAX_ATTEMPTS);
	wire.lose[WG_MESSAGE_INITIATION] = 0;
	later = wire_say(w, 0);
	wire_until(w, 201 * WG_SECOND);
	EXPECT(w, wire_heard(w, later) && !wire_heard(w, lost));
}

static void zero_keys(struct world *w)
{
	wire_meet(w);
	wire_until(w, 3 * WG_REJECT_AFTER_TIME + WAY - 1);
	EXPECT(w, wire_peer(w, 0)->sessions && wire_peer(w, 1)->sessions);
	wire_until(w, 3 * WG_REJECT_AFTER_TIME + 2 * WAY);
	EXPECT(w, !wire_peer(w, 0)->sessions && !wire_peer(w, 1)->sessions);
	checks_quiet(wire_peer(w, 0));
	checks_quiet(wire_peer(w, 1));
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, 1, UINT64_MAX) == 0);
}

static bool has_secrets(const struct peer *p)
{
	return p->remote.handshake.pending.active;
}

/* Packets go on asking, but there is no memory for another initiation. */
static void zero_the_only_initiation(struct world *w)
{
	wire_begin(w);
	wire.lose[WG_MESSAGE_INITIATION] = ALWAYS;
	wire_say(w, 0);
	w->poverty = 1000;
	for (u64 t = 1; t < 3 * WG_REJECT_AFTER_TIME / WG_SECOND; t++) {
		wire_until(w, t * WG_SECOND);
		wire_say(w, 0);
	}
	EXPECT(w, has_secrets(wire_peer(w, 0)));
	wire_until(w, 3 * WG_REJECT_AFTER_TIME);
	EXPECT(w, !has_secrets(wire_peer(w, 0)) && wire.count == 1);
}

/* The last initiation waits while the host sleeps. */
static void zero_at_the_end_of_sleep(struct world *w)
{
	u64 last;

	wire_begin(w);
	wire.lose[WG_MESSAGE_INITIATION] = ALWAYS;
	wire_say(w, 0);
	for (last = 0; wire.count < WG_MAX_ATTEMPTS && last < 100 * WG_SECOND; last += WG_SECOND)
		wire_until(w, last);
	host_sleep(w->hosts[0], w->begin + last + 3 * WG_REJECT_AFTER_TIME);
	wire_until(w, last + 3 * WG_REJECT_AFTER_TIME);
	EXPECT(w, !has_secrets(wire_peer(w, 0)) && wire.count == WG_MAX_ATTEMPTS);
	checks_quiet(wire_peer(w, 0));
}

/* Less than REKEY_TIMEOUT after the initiation of the session that is over. */
static void request_too_soon(struct world *w)
{
	u64 request = WG_REKEY_TIMEOUT - 1;

	wire_meet(w);
	wire.lose[WG_MESSAGE_INITIATION] = ALWAYS;
	wire_until(w, request);
	wire_peer(w, 0)->remote.keys.active->send_counter = WG_REJECT_AFTER_MESSAGES;
	wire_say(w, 0);
	wire_until(w, request + WG_REKEY_ATTEMPT_TIME);
	EXPECT(w, wire_peer(w, 0)->staged_count == 1);
	wire_until(w, request + 1 + WG_MAX_ATTEMPTS * RETRY);
	EXPECT(w, wire_peer(w, 0)->staged_count == 0);
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, request, UINT64_MAX) == WG_MAX_ATTEMPTS);
}

/* Neither sends nor receives under it, to the nanosecond. */
static void end_of_a_session(struct world *w)
{
	u64 sent, received = 0;

	wire_meet(w);
	/* h1 derived it at 10 ms, h0 at 20 ms. */
	wire_until(w, WG_REJECT_AFTER_TIME + WAY - 1);
	sent = w->checks.count.sent;
	wire_say(w, 1);
	EXPECT(w, wire_count(1, WG_MESSAGE_DATA, w->now - w->begin, UINT64_MAX) == 1);
	wire_until(w, WG_REJECT_AFTER_TIME + WAY);
	received = wire_say(w, 1);
	EXPECT(w, wire_count(1, WG_MESSAGE_DATA, w->now - w->begin, UINT64_MAX) == 0);
	EXPECT(w, wire_count(1, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 1);
	wire_until(w, WG_REJECT_AFTER_TIME + WG_SECOND);
	EXPECT(w, wire_heard(w, sent) && wire_heard(w, received));
}

static void an_hour_asleep(struct world *w)
{
	u64 lost, id;

	wire_meet(w);
	wire_until(w, 9 * WG_SECOND);
	wire_say(w, 0);
	host_sleep(w->hosts[0], w->begin + 3600 * WG_SECOND);
	wire_until(w, 100 * WG_SECOND);
	lost = wire_say(w, 1);
	wire_until(w, 3600 * WG_SECOND + WAY);
	/* All that was due is done once, and none of it wakes the dead. */
	EXPECT(w, !wire_peer(w, 0)->sessions);
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, WG_SECOND, UINT64_MAX) == 0);
	EXPECT(w, wire_keepalives(0, 10 * WG_SECOND, UINT64_MAX) == 0);
	EXPECT(w, !wire_heard(w, lost));
	id = wire_say(w, 0);
	wire_until(w, 3600 * WG_SECOND + RETRY + 3 * WAY);
	EXPECT(w, wire_heard(w, id));
}

static void persistent_keepalives(struct world *w)
{
	wire_begin(w);
	host_set_persistent(w->hosts[0], 1, 25);
	wire_until(w, 1000 * WG_SECOND);
	for (u64 t = 0; t < 1000; t += 25)
		EXPECT(w, wire_keepalives(0, t * WG_SECOND, (t + 26) * WG_SECOND) >= 1);
	EXPECT(w, wire_keepalives(0, 0, UINT64_MAX) <= 50);
	EXPECT(w, wire_keepalives(1, 0, UINT64_MAX) == 0);
	EXPECT(w, wire_count(1, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 0);
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 8);
	host_set_persistent(w->hosts[0], 1, 0);
	wire_until(w, 1700 * WG_SECOND);
	checks_quiet(wire_peer(w, 0));
}

const struct directed directed_timers[] = {
	{"a keepalive answers data after 10 s", passive_keepalive},
	{"a keepalive is not sent where data answers", no_keepalive_after_an_answer},
	{"a keepalive is not sent for a session that is over", no_keepalive_for_an_old_session},
	{"a handshake begins after 15 s without an answer", handshake_after_silence},
	{"after 90 s without an answer packets are dropped", give_up},
	{"a request that comes too soon has all its time", request_too_soon},
	{"keys are zeroed after 540 s", zero_keys},
	{"so is an initiation that no other follows", zero_the_only_initiation},
	{"so is an initiation that waited asleep", zero_at_the_end_of_sleep},
	{"a session ends after 180 s, and no later", end_of_a_session},
	{"an hour asleep leaves no old timers", an_hour_asleep},
	{"persistent keepalives go on through sessions", persistent_keepalives},
	{0},
};

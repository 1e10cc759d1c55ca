// SPDX-License-Identifier: GPL-2.0
/* Handshakes: what they are, what they cost, and both at once. */
#include "directed.h"
#include "curve.h"
#include "host.h"
#include "wire.h"

static void handshake(struct world *w)
{
	u64 id;

	wire_begin(w);
	id = wire_say(w, 0);
	wire_until(w, 2 * WAY + WAY - 1);
	EXPECT(w, !wire_heard(w, id));
	wire_until(w, 3 * WAY);
	EXPECT(w, wire_heard(w, id));
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, 0, 0) == 1);
	EXPECT(w, wire_count(1, WG_MESSAGE_RESPONSE, WAY, WAY) == 1);
	EXPECT(w, wire_count(0, WG_MESSAGE_DATA, 2 * WAY, 2 * WAY) == 1);
	EXPECT(w, wire.count == 3);
	EXPECT(w, wire_peer(w, 0)->last_handshake && wire_peer(w, 1)->last_handshake);
}

static void costs_of_a_handshake(struct world *w)
{
	wire_begin(w);
	curve_count = 0;
	wire_say(w, 0);
	EXPECT(w, curve_count == 3); /* e, es, ss */
	wire_until(w, WAY);
	EXPECT(w, curve_count == 3 + 5); /* es, ss, e, ee, se */
	wire_until(w, WG_SECOND);
	EXPECT(w, curve_count == 3 + 5 + 2); /* ee, se */
	wire_until(w, 600 * WG_SECOND);
	curve_count = 0;
	wire_say(w, 0);
	wire_until(w, 601 * WG_SECOND);
	EXPECT(w, curve_count == 8); /* the same without ss */
}

/* A message each way and second; who initiates, and when. */
static void rekey_by_initiator(struct world *w)
{
	wire_meet(w);
	for (u64 t = 1; t < 500; t++) {
		wire_say(w, 1);
		wire_say(w, 0);
		wire_until(w, (t + 1) * WG_SECOND);
	}
	EXPECT(w, wire_count(1, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 0);
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, 1, 120 * WG_SECOND) == 0);
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, 120 * WG_SECOND, 122 * WG_SECOND) == 1);
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, 1, 500 * WG_SECOND) == 4);
	for (size_t i = 0; i + 2 < w->checks.message_count; i++)
		EXPECT(w, wire_heard(w, i));
}

/* Data comes only one way, to the initiator: it asks when the session is about to end. */
static void rekey_by_receiver(struct world *w)
{
	wire_meet(w);
	for (u64 t = 1; t < 200; t++) {
		wire_until(w, t * WG_SECOND);
		wire_say(w, 1);
	}
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, WG_SECOND, 119 * WG_SECOND) == 0);
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, 120 * WG_SECOND, 166 * WG_SECOND) == 1);
	EXPECT(w, wire_count(1, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 0);
	for (size_t i = 0; i + 2 < w->checks.message_count; i++)
		EXPECT(w, wire_heard(w, i));
}

static void both_at_once(struct world *w)
{
	u64 a, b;

	wire_begin(w);
	a = wire_say(w, 0);
	b = wire_say(w, 1);
	wire_until(w, WG_SECOND);
	EXPECT(w, wire_heard(w, a) && wire_heard(w, b));
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 1);
	EXPECT(w, wire_count(1, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 1);
	/* h1's session is the one that both use. */
	EXPECT(w, wire_peer(w, 1)->remote.keys.active->initiator);
	EXPECT(w, !wire_peer(w, 0)->remote.keys.active->initiator);
	for (u64 t = 1; t < 130; t++) {
		wire_say(w, 0);
		wire_say(w, 1);
		wire_until(w, t * WG_SECOND);
	}
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, 1, UINT64_MAX) == 0);
	EXPECT(w, wire_count(1, WG_MESSAGE_INITIATION, 1, UINT64_MAX) == 1);
}

/* The same with one that begins while the other's response is on its way, at every distance. */
static void both_nearly_at_once(struct world *w)
{
	u64 now = WG_SECOND;

	wire_begin(w);
	for (u64 late = 0; late < 35 && !*w->failure; late++) {
		u32 first = late % 2;
		u64 a, b;

		now += 600 * WG_SECOND;
		wire_until(w, now);
		a = wire_say(w, first);
		wire_until(w, now + late / 2 * MILLISECOND * 2);
		b = wire_say(w, 1 - first);
		wire_until(w, now + WG_SECOND);
		EXPECT(w, wire_heard(w, a) && wire_heard(w, b));
		wire_say(w, 0);
		wire_say(w, 1);
		wire_until(w, now + 2 * WG_SECOND);
		EXPECT(w, wire_peer(w, 0)->remote.keys.active->local_index ==
				  wire_peer(w, 1)->remote.keys.active->remote_index);
	}
}

/* h1's session wins, although h0 began its own after having answered: the initiation overtakes the
 * response, and the confirmation the other response. */
static void both_and_overtaking(struct world *w)
{
	struct datagram first, second;

	wire_begin(w);
	wire_say(w, 1);
	wire.lose[WG_MESSAGE_RESPONSE] = 2;
	wire_until(w, WAY + MILLISECOND);
	first = wire.latest[WG_MESSAGE_RESPONSE];
	wire_say(w, 0);
	wire_until(w, 3 * WAY);
	second = wire.latest[WG_MESSAGE_RESPONSE];
	network_replay(w, &first, w->now);
	wire_until(w, 5 * WAY);
	network_replay(w, &second, w->now);
	wire_until(w, 10 * WAY);
	wire_say(w, 0);
	wire_say(w, 1);
	wire_until(w, WG_SECOND);
	EXPECT(w, wire_peer(w, 1)->remote.keys.active->initiator);
	EXPECT(w, !wire_peer(w, 0)->remote.keys.active->initiator);
	for (size_t i = 0; i < w->checks.message_count; i++)
		EXPECT(w, wire_heard(w, i));
}

static void initiations_at_once(struct world *w)
{
	struct datagram first, second;

	wire_begin(w);
	wire.lose[WG_MESSAGE_INITIATION] = 2;
	wire_say(w, 0);
	wire_until(w, WG_SECOND);
	first = wire.latest[WG_MESSAGE_INITIATION];
	wire_until(w, RETRY);
	second = wire.latest[WG_MESSAGE_INITIATION];
	network_replay(w, &first, w->now);
	network_replay(w, &second, w->now + WG_INITIATION_INTERVAL - MILLISECOND);
	wire_until(w, RETRY + WG_SECOND);
	EXPECT(w, wire_count(1, WG_MESSAGE_RESPONSE, 0, UINT64_MAX) == 1);
	network_replay(w, &second, w->now);
	wire_until(w, RETRY + 2 * WG_SECOND);
	EXPECT(w, wire_count(1, WG_MESSAGE_RESPONSE, 0, UINT64_MAX) == 2);
}

static void response_lost(struct world *w)
{
	u64 id;

	wire_begin(w);
	wire.lose[WG_MESSAGE_RESPONSE] = 1;
	id = wire_say(w, 0);
	wire_until(w, WG_REKEY_TIMEOUT - 1);
	EXPECT(w, !wire_heard(w, id) && wire.count == 2);
	wire_until(w, RETRY + 3 * WAY);
	EXPECT(w, wire_heard(w, id));
	EXPECT(w, wire_count(0, WG_MESSAGE_INITIATION, WG_REKEY_TIMEOUT, RETRY) == 1);
}

const struct directed directed_handshake[] = {
	{"a handshake takes one and a half round trips, and three messages", handshake},
	{"a handshake costs ten computations of the curve, then eight", costs_of_a_handshake},
	{"the initiator alone renews the session after 120 s", rekey_by_initiator},
	{"an initiator that only receives renews it in time", rekey_by_receiver},
	{"both may initiate at once", both_at_once},
	{"both may initiate nearly at once", both_nearly_at_once},
	{"both may initiate, and messages overtake each other", both_and_overtaking},
	{"initiations within 20 ms are not answered", initiations_at_once},
	{"a lost response is asked for again after 5 s", response_lost},
	{0},
};

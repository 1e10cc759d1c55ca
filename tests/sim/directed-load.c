// SPDX-License-Identifier: GPL-2.0
/* Cookies and floods. */
#include "directed.h"
#include "attacker.h"
#include "curve.h"
#include "host.h"
#include "wire.h"

static void cookies(struct world *w)
{
	u64 id;

	wire_begin(w);
	w->hosts[1]->always_loaded = true;
	id = wire_say(w, 0);
	wire_until(w, WG_SECOND);
	EXPECT(w, wire_count(1, WG_MESSAGE_COOKIE, WAY, WAY) == 1);
	EXPECT(w, w->checks.count.cookies == 1 && !wire_heard(w, id));
	wire_until(w, RETRY + 3 * WAY);
	EXPECT(w, wire_heard(w, id));
	EXPECT(w, wire_count(1, WG_MESSAGE_COOKIE, 0, UINT64_MAX) == 1);
	/* The cookie is one of an address. */
	wire_until(w, 20 * WG_SECOND);
	host_move(w->hosts[0]);
	wire_peer(w, 0)->remote.keys.active->send_counter = WG_REJECT_AFTER_MESSAGES;
	id = wire_say(w, 0);
	wire_until(w, 21 * WG_SECOND);
	EXPECT(w, wire_count(1, WG_MESSAGE_COOKIE, 0, UINT64_MAX) == 2 && !wire_heard(w, id));
	wire_until(w, 20 * WG_SECOND + RETRY + 3 * WAY);
	EXPECT(w, wire_heard(w, id));
}

/* A thief of a datagram with a good mac2 has no use for it at another address. */
static void cookies_of_another_address(struct world *w)
{
	struct datagram d;

	wire_begin(w);
	w->hosts[1]->always_loaded = true;
	wire_say(w, 0);
	wire_until(w, WG_SECOND);
	wire.lose[WG_MESSAGE_INITIATION] = 1;
	wire_until(w, RETRY + WAY);
	d = wire.latest[WG_MESSAGE_INITIATION];
	d.from = addr_of(0, 6, false); /* of the same port */
	network_replay(w, &d, w->now);
	wire_until(w, RETRY + 4 * WAY);
	EXPECT(w, wire_count(1, WG_MESSAGE_COOKIE, WG_SECOND, UINT64_MAX) == 1);
	EXPECT(w, wire_count(1, WG_MESSAGE_RESPONSE, 0, UINT64_MAX) == 0);
}

/* h1 is so slow that a thousand forged initiations a second are more than it can compute. */
static void be_slow(struct world *w)
{
	w->hosts[1]->curve_time = 5 * MILLISECOND;
}

static struct attacker attacker;

static void begin(struct world *w, enum attacker_kind kind, u64 interval)
{
	be_slow(w);
	attacker_start(&attacker, w, kind, 1, interval, w->now + 600 * WG_SECOND);
}

static void flood(struct world *w, enum attacker_kind kind)
{
	u64 id, from;

	wire_meet(w);
	curve_count = 0;
	begin(w, kind, MILLISECOND);
	wire_until(w, 3 * WG_SECOND);
	from = curve_count;
	for (u64 t = 3; t < 40; t++) {
		id = wire_say(w, t % 2);
		wire_until(w, (t + 1) * WG_SECOND);
		EXPECT(w, wire_heard(w, id));
	}
	EXPECT(w, curve_count - from <= 37 * WG_RATE_PER_SECOND);
	host_stop(w->hosts[0]);
	wire_until(w, 41 * WG_SECOND);
	host_start(w->hosts[0]);
	curve_count = 0;
	id = wire_say(w, 0);
	wire_until(w, 41 * WG_SECOND + RETRY + 4 * WAY);
	EXPECT(w, wire_heard(w, id));
}

static void blind_flood(struct world *w)
{
	flood(w, ATTACKER_BLIND);
	EXPECT(w, curve_count < 20);
}

static void knowing_flood(struct world *w)
{
	flood(w, ATTACKER_KNOWING);
	EXPECT(w, curve_count < 20);
}

static void flood_with_cookies(struct world *w)
{
	flood(w, ATTACKER_PRESENT);
	EXPECT(w, w->checks.count.rate_limited > 1000);
}

/* h0 begins anew and is heard within 6 s: by its first initiation, or by the one after, which has a
 * cookie. */
static void connects(struct world *w)
{
	u64 id;

	host_stop(w->hosts[0]);
	host_start(w->hosts[0]);
	id = wire_say(w, 0);
	wire_until(w, w->now - w->begin + 6 * WG_SECOND);
	EXPECT(w, wire_heard(w, id));
}

/* 2,500 a second in the victim's name, two of five of them claims. */
static void spoof(struct world *w)
{
	for (int i = 0; i < 20 && !*w->failure; i++)
		connects(w);
	EXPECT(w, w->checks.count.cookies > 0);
}

static void spoofed_source(struct world *w)
{
	wire_begin(w);
	begin(w, ATTACKER_SPOOFING, MILLISECOND * 2 / 5);
	attacker.address = w->hosts[0]->address;
	wire_until(w, WG_SECOND);
	spoof(w);
}

static void spoofed_source_ipv6(struct world *w)
{
	wire_begin(w);
	w->hosts[0]->address = addr_of(0, 0, true);
	begin(w, ATTACKER_SPOOFING, MILLISECOND * 2 / 5);
	attacker.address = w->hosts[0]->address;
	wire_until(w, WG_SECOND);
	spoof(w);
}

static void flood_from_another_address(struct world *w)
{
	wire_begin(w);
	begin(w, ATTACKER_SPOOFING, MILLISECOND * 2 / 5);
	attacker.address = addr_of(99, 0, false);
	wire_until(w, WG_SECOND);
	for (int i = 0; i < 20 && !*w->failure; i++)
		connects(w);
}

/* A session that was there before the flood is renewed, and loses nothing. */
static void rekeys(struct world *w)
{
	u64 handshakes, id;

	wire_meet(w);
	handshakes = w->checks.count.handshakes;
	begin(w, ATTACKER_SPOOFING, MILLISECOND * 2 / 5);
	attacker.address = w->hosts[0]->address;
	for (u64 t = 2; t < 140; t++) {
		id = wire_say(w, t % 2);
		wire_until(w, t * WG_SECOND);
		EXPECT(w, wire_heard(w, id));
	}
	EXPECT(w, w->checks.count.handshakes > handshakes);
}

/* Without a cookie nothing is computed, and nearly every request gets one. */
static void great_flood(struct world *w)
{
	wire_begin(w);
	begin(w, ATTACKER_KNOWING, WG_SECOND / 50000);
	wire_until(w, WG_SECOND);
	connects(w);
}

static u32 index_of_pending(const struct world *w)
{
	return wire_peer(w, 1)->remote.handshake.pending.index;
}

/* h1 begins, and what h0 answers is among others that name the same index. */
static void flood_of_responses(struct world *w)
{
	u64 id;

	wire_begin(w);
	id = wire_say(w, 1);
	begin(w, ATTACKER_RESPONSES, MILLISECOND * 2 / 5);
	attacker.index = index_of_pending;
	/* Lost: by then the flood is there. */
	wire.lose[WG_MESSAGE_RESPONSE] = 1;
	wire_until(w, 2 * RETRY + 8 * WAY);
	EXPECT(w, wire_heard(w, id));
	/* Other handshakes are not under load: no cookie is asked for. */
	host_stop(w->hosts[0]);
	host_start(w->hosts[0]);
	id = wire_say(w, 0);
	wire_until(w, 2 * RETRY + 16 * WAY);
	EXPECT(w, wire_heard(w, id));
}

/* Whoever has cookies for thousands of addresses has a third of the processor, and no more. */
static void flood_of_proofs(struct world *w)
{
	u32 from;

	wire_meet(w);
	begin(w, ATTACKER_MANY, MILLISECOND);
	wire_until(w, 3 * WG_SECOND);
	from = curve_count;
	wire_until(w, 13 * WG_SECOND);
	/* 5 ms each. */
	EXPECT(w, curve_count - from > 2000 / 3 * 8 / 10);
	EXPECT(w, curve_count - from < 2000 / 3 * 11 / 10);
}

/* h0 is under load and asks h1 for a cookie: that is among others that are worth nothing. */
static void flood_of_cookie_replies(struct world *w)
{
	u64 id;

	wire_begin(w);
	w->hosts[0]->always_loaded = true;
	id = wire_say(w, 1);
	begin(w, ATTACKER_COOKIES, MILLISECOND * 2 / 5);
	attacker.index = index_of_pending;
	wire_until(w, RETRY + 4 * WAY);
	EXPECT(w, wire_heard(w, id));
}

/* An eavesdropper repeats an initiation that has a cookie: the client's tokens stay the client's. */
static void replayed_proof(struct world *w)
{
	u64 id;

	wire_begin(w);
	w->hosts[1]->always_loaded = true;
	id = wire_say(w, 0);
	wire_until(w, RETRY + 3 * WAY);
	EXPECT(w, wire_heard(w, id));
	attacker_start(&attacker, w, ATTACKER_REPLAYING, 1, MILLISECOND, w->now + 600 * WG_SECOND);
	attacker.replayed = wire.latest[WG_MESSAGE_INITIATION];
	EXPECT(w, attacker.replayed.bytes[WG_INITIATION_LEN - 1] |
			  attacker.replayed.bytes[WG_INITIATION_LEN - 2]);
	for (u64 t = 1; t <= 10; t++) {
		wire_until(w, RETRY + t * 6 * WG_SECOND);
		/* It has its cookie, and needs no other. */
		wire_peer(w, 0)->remote.keys.active->send_counter = WG_REJECT_AFTER_MESSAGES;
		id = wire_say(w, 0);
		wire_until(w, RETRY + t * 6 * WG_SECOND + 4 * WAY);
		EXPECT(w, wire_heard(w, id));
	}
}

/* The end of a flood is the end of the load, a second later. */
static void load_ends(struct world *w)
{
	u64 id;

	wire_begin(w);
	begin(w, ATTACKER_KNOWING, MILLISECOND);
	wire_until(w, 3 * WG_SECOND);
	EXPECT(w, wg_admission_is_loaded(&w->hosts[1]->admission, host_now(w->hosts[1])));
	attacker.until = w->now;
	wire_until(w, 3 * WG_SECOND + WG_ADMISSION_LOAD_HOLD + 4 * WAY);
	id = wire_say(w, 0);
	wire_until(w, 3 * WG_SECOND + WG_ADMISSION_LOAD_HOLD + 8 * WAY);
	EXPECT(w, wire_heard(w, id));
}

const struct directed directed_load[] = {
	{"under load a cookie is asked for and given", cookies},
	{"a cookie is good for one address", cookies_of_another_address},
	{"a flood of rubbish costs nothing", blind_flood},
	{"a flood of good mac1 costs nothing under load", knowing_flood},
	{"a flood with cookies is limited", flood_with_cookies},
	{"who forges a client's address does not lock it out", spoofed_source},
	{"nor who forges any of its /64", spoofed_source_ipv6},
	{"nor who floods from another address", flood_from_another_address},
	{"a session is renewed under a flood in its client's name", rekeys},
	{"fifty thousand a second do not keep a client out", great_flood},
	{"a flood of responses does not stop the one that is right", flood_of_responses},
	{"a flood of cookie replies does not stop the one that is right", flood_of_cookie_replies},
	{"a flood of proofs has a third of the processor", flood_of_proofs},
	{"a repeated message with a cookie costs its client nothing", replayed_proof},
	{"load ends a second after the flood", load_ends},
	{0},
};

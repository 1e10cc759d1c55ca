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
	d.from = addr_of(0, 7, false);
	network_replay(w, &d, w->now);
	wire_until(w, RETRY + 4 * WAY);
	EXPECT(w, wire_count(1, WG_MESSAGE_COOKIE, WG_SECOND, UINT64_MAX) == 1);
	EXPECT(w, wire_count(1, WG_MESSAGE_RESPONSE, 0, UINT64_MAX) == 0);
}

static void flood(struct world *w, enum attacker_kind kind)
{
	static struct attacker attacker;
	u64 id, from;

	wire_meet(w);
	curve_count = 0;
	attacker_start(&attacker, w, kind, 1, MILLISECOND, w->now + 60 * WG_SECOND);
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

const struct directed directed_load[] = {
	{"under load a cookie is asked for and given", cookies},
	{"a cookie is good for one address", cookies_of_another_address},
	{"a flood of rubbish costs nothing", blind_flood},
	{"a flood of good mac1 costs nothing under load", knowing_flood},
	{"a flood with cookies is limited", flood_with_cookies},
	{0},
};

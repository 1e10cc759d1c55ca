// SPDX-License-Identifier: GPL-2.0
/* Hosts that restart or move, and clocks that are stepped. */
#include "directed.h"
#include "host.h"
#include "wire.h"

static void both_restart(struct world *w)
{
	u64 a, b;

	wire_meet(w);
	host_stop(w->hosts[0]);
	host_stop(w->hosts[1]);
	wire_until(w, 2 * WG_SECOND);
	host_start(w->hosts[0]);
	host_start(w->hosts[1]);
	a = wire_say(w, 0);
	b = wire_say(w, 1);
	wire_until(w, 3 * WG_SECOND);
	EXPECT(w, wire_heard(w, a) && wire_heard(w, b));
}

/* The other side notices that nothing answers. */
static void one_restarts(struct world *w)
{
	u64 id;

	wire_meet(w);
	host_stop(w->hosts[1]);
	host_start(w->hosts[1]);
	wire_say(w, 0);
	wire_until(w, WG_SECOND + WG_KEEPALIVE_TIMEOUT + RETRY + 2 * WAY);
	id = wire_say(w, 0);
	wire_until(w, 17 * WG_SECOND);
	EXPECT(w, wire_heard(w, id));
}

/* Back by a day while it runs: its timestamps go on from the latest. */
static void clock_back(struct world *w)
{
	u64 id;

	wire_meet(w);
	w->hosts[0]->wall -= (s64)(86400 * WG_SECOND);
	wire_until(w, 600 * WG_SECOND);
	id = wire_say(w, 0);
	wire_until(w, 601 * WG_SECOND);
	EXPECT(w, wire_heard(w, id));
}

/* Back by a minute and restarted: refused, until the clock is where it was; the other side's
 * initiations are as good as ever. */
static void clock_back_at_restart(struct world *w)
{
	u64 id, other;

	wire_begin(w);
	wire_say(w, 0);
	wire_until(w, WG_SECOND);
	host_stop(w->hosts[0]);
	w->hosts[0]->wall -= (s64)(30 * WG_SECOND);
	wire_until(w, 2 * WG_SECOND);
	host_start(w->hosts[0]);
	id = wire_say(w, 0);
	wire_until(w, 28 * WG_SECOND);
	EXPECT(w, !wire_heard(w, id) && wire_count(1, WG_MESSAGE_RESPONSE, 0, UINT64_MAX) == 1);
	other = wire_say(w, 1);
	wire_until(w, 29 * WG_SECOND);
	/* h1 sends that under the session that h0 has lost. */
	EXPECT(w, !wire_heard(w, other));
	wire_until(w, 30 * WG_SECOND + RETRY + 3 * WAY);
	EXPECT(w, wire_heard(w, id));
}

static void roaming(struct world *w)
{
	u64 id;

	wire_meet(w);
	host_move(w->hosts[0]);
	wire_say(w, 0);
	wire_until(w, 2 * WG_SECOND);
	id = wire_say(w, 1);
	wire_until(w, 3 * WG_SECOND);
	EXPECT(w, wire_heard(w, id));
	EXPECT(w, wire_count(1, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 0);
}

/* What was sent before the other side could know arrives, under the old session; nothing goes back
 * under it. */
static void new_key_on_the_way(struct world *w)
{
	static const u8 key[WG_PUBLIC_LEN] = {64, [31] = 64};
	u64 id, later, back;

	wire_meet(w);
	id = wire_say(w, 0);
	host_set_key(w->hosts[1], key);
	later = wire_say(w, 0);
	back = wire_say(w, 1);
	wire_until(w, 2 * WG_SECOND);
	EXPECT(w, wire_heard(w, id) && wire_heard(w, later) && !wire_heard(w, back));
	EXPECT(w, wire_count(1, WG_MESSAGE_DATA, WG_SECOND, UINT64_MAX) == 0);
	EXPECT(w, wire_count(1, WG_MESSAGE_INITIATION, WG_SECOND, UINT64_MAX) == 1);
}

/* What waits for a session need not wait for a timer. */
static void new_key_begins(struct world *w)
{
	u8 key[WG_PUBLIC_LEN];
	u64 id;

	wire_begin(w);
	memcpy(key, w->hosts[0]->private_key, sizeof(key));
	wire.lose[WG_MESSAGE_INITIATION] = 1;
	id = wire_say(w, 0);
	wire_until(w, WG_SECOND);
	host_set_key(w->hosts[0], key);
	wire_until(w, WG_SECOND + 4 * WAY);
	EXPECT(w, wire_heard(w, id));
}

/* h0 has answered h1, whose session would be preferred if both had begun at once. Nothing may be
 * sent under that one any more. */
static void new_key_wins_ties(struct world *w)
{
	u8 key[WG_PUBLIC_LEN];
	u64 id;

	wire_begin(w);
	memcpy(key, w->hosts[0]->private_key, sizeof(key));
	id = wire_say(w, 1);
	wire_until(w, WG_SECOND);
	EXPECT(w, wire_heard(w, id));
	host_set_key(w->hosts[0], key);
	id = wire_say(w, 0);
	wire_until(w, WG_SECOND + 4 * WAY);
	EXPECT(w, wire_heard(w, id));
}

const struct directed directed_changes[] = {
	{"both may restart at once", both_restart},
	{"a restart is noticed within 15 s", one_restarts},
	{"a clock that is stepped back goes on", clock_back},
	{"a clock that is stepped back over a restart has to wait", clock_back_at_restart},
	{"an address that changes is followed", roaming},
	{"a new private key loses nothing that is on its way", new_key_on_the_way},
	{"a new private key begins with what waits", new_key_begins},
	{"a session that is retired wins no tie", new_key_wins_ties},
	{0},
};

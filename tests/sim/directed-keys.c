// SPDX-License-Identifier: GPL-2.0
/* The ends of keys and counters, and messages that are not what they seem. */
#include "directed.h"
#include "curve.h"
#include "host.h"
#include "wire.h"

/* REKEY_AFTER_MESSAGES asks either side for a new session; the data goes on meanwhile. */
static void many_messages(struct world *w)
{
	for (u32 from = 0; from < 2; from++) {
		u64 id;

		if (from)
			for (u32 i = 0; i < 2; i++)
				host_stop(w->hosts[i]);
		if (from)
			for (u32 i = 0; i < 2; i++)
				host_start(w->hosts[i]);
		else
			wire_begin(w);
		wire_say(w, 0);
		wire_until(w, (from + 1) * 100 * WG_SECOND);
		wire.count = 0;
		wire_peer(w, from)->remote.keys.active->send_counter = WG_REKEY_AFTER_MESSAGES - 1;
		wire_say(w, from);
		EXPECT(w, wire_count(from, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 0);
		id = wire_say(w, from);
		EXPECT(w, wire_count(from, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 1);
		EXPECT(w, wire_count(from, WG_MESSAGE_DATA, 0, UINT64_MAX) == 2);
		wire_until(w, w->now - w->begin + WG_SECOND);
		EXPECT(w, wire_heard(w, id));
	}
}

static void too_many_messages(struct world *w)
{
	u64 last, next;

	wire_meet(w);
	wire_until(w, 10 * WG_SECOND);
	wire.lose[WG_MESSAGE_INITIATION] = 1;
	wire_peer(w, 0)->remote.keys.active->send_counter = WG_REJECT_AFTER_MESSAGES - 1;
	wire.count = 0;
	last = wire_say(w, 0);
	next = wire_say(w, 0);
	EXPECT(w, wire_count(0, WG_MESSAGE_DATA, 0, UINT64_MAX) == 1);
	wire_until(w, 11 * WG_SECOND);
	EXPECT(w, wire_heard(w, last) && !wire_heard(w, next));
	wire_until(w, 16 * WG_SECOND);
	EXPECT(w, wire_heard(w, next));
}

/* Messages at both edges of the window, and once more. */
static void replay_window(struct world *w)
{
	static const u64 behind[] = {WG_REPLAY_WINDOW + 1, WG_REPLAY_WINDOW, 64, 1};
	struct datagram held[4], newest;
	u64 ids[4], first;
	struct wg_keypair *k;

	wire_meet(w);
	k = wire_peer(w, 0)->remote.keys.active;
	first = k->send_counter + WG_REPLAY_WINDOW + 1;
	for (u32 i = 0; i < 4; i++) {
		wire.lose[WG_MESSAGE_DATA] = 1;
		k->send_counter = first - behind[i];
		ids[i] = wire_say(w, 0);
		held[i] = wire.latest[WG_MESSAGE_DATA];
	}
	k->send_counter = first;
	wire_say(w, 0);
	newest = wire.latest[WG_MESSAGE_DATA];
	wire_until(w, 2 * WG_SECOND);
	for (u32 i = 0; i < 4; i++) {
		network_replay(w, &held[i], w->now);
		network_replay(w, &held[i], w->now);
	}
	network_replay(w, &newest, w->now);
	wire_until(w, 3 * WG_SECOND);
	EXPECT(w, !wire_heard(w, ids[0]));
	EXPECT(w, wire_heard(w, ids[1]) && wire_heard(w, ids[2]) && wire_heard(w, ids[3]));
	EXPECT(w, w->checks.count.replays_refused == 6);
}

static void replayed_initiation(struct world *w)
{
	struct datagram d;
	struct wg_keypair *used;
	u64 id;

	wire_meet(w);
	d = wire.latest[WG_MESSAGE_INITIATION];
	network_replay(w, &d, w->now);
	wire_until(w, 2 * WG_SECOND);
	EXPECT(w, wire_count(1, WG_MESSAGE_RESPONSE, 0, UINT64_MAX) == 1);
	/* Who has lost the timestamp answers; but it sends nothing under a session nobody
	 * confirms. */
	host_stop(w->hosts[1]);
	host_start(w->hosts[1]);
	network_replay(w, &d, w->now);
	wire_until(w, 3 * WG_SECOND);
	EXPECT(w, wire_count(1, WG_MESSAGE_RESPONSE, 0, UINT64_MAX) == 2);
	EXPECT(w, !wire_peer(w, 1)->remote.keys.active && wire_peer(w, 1)->remote.keys.next);
	used = wire_peer(w, 1)->remote.keys.next;
	id = wire_say(w, 1);
	wire_until(w, 4 * WG_SECOND);
	EXPECT(w, wire_heard(w, id));
	EXPECT(w,
	       wire_peer(w, 1)->remote.keys.active && wire_peer(w, 1)->remote.keys.active != used);
}

static void different_psks(struct world *w)
{
	static const u8 other[WG_SYMMETRIC_LEN] = {1};
	u64 id;

	wire_begin(w);
	host_set_psk(w->hosts[1], 0, other);
	id = wire_say(w, 0);
	wire_until(w, 10 * WG_SECOND);
	EXPECT(w, !wire_heard(w, id) && !w->checks.count.handshakes);
	host_set_psk(w->hosts[0], 1, other);
	wire_until(w, 16 * WG_SECOND);
	EXPECT(w, wire_heard(w, id));
}

static void every_bit(struct world *w)
{
	static const u32 types[] = {WG_MESSAGE_INITIATION, WG_MESSAGE_RESPONSE, WG_MESSAGE_COOKIE,
				    WG_MESSAGE_DATA};

	curve_toy = true; /* for speed; what is flipped is hashed, too */
	for (u32 t = 0; t < 4 && !*w->failure; t++) {
		u32 type = types[t], bits;
		struct datagram d;

		wire_begin(w);
		w->hosts[1]->always_loaded = type == WG_MESSAGE_COOKIE;
		wire.lose[type] = 1;
		wire_say(w, 0);
		wire_until(w, w->now - w->begin + 5 * WAY);
		d = wire.latest[type];
		EXPECT(w, d.len > 0);
		bits = 8 * d.len;
		if (type == WG_MESSAGE_INITIATION || type == WG_MESSAGE_RESPONSE)
			bits -= 8 * WG_MAC_LEN; /* mac2 counts under load only */
		d.damaged = true;
		for (u32 i = 0; i < bits; i++) {
			d.bytes[i / 8] ^= (u8)(1U << i % 8);
			network_replay(w, &d, w->now);
			wire_until(w, w->now - w->begin + MILLISECOND);
			d.bytes[i / 8] ^= (u8)(1U << i % 8);
		}
		for (u32 i = 0; i < 2; i++) {
			host_stop(w->hosts[i]);
			host_free(w->hosts[i]);
		}
		w->host_count = 0;
	}
}

const struct directed directed_keys[] = {
	{"after 2^60 messages a new session is asked for", many_messages},
	{"before 2^64 messages a session ends", too_many_messages},
	{"the replay window ends where it says", replay_window},
	{"a replayed initiation is refused, or harmless after a restart", replayed_initiation},
	{"different preshared keys make no session", different_psks},
	{"no flipped bit is taken", every_bit},
	{0},
};

// SPDX-License-Identifier: GPL-2.0
/* Two hosts, and a wire that keeps a list of what was sent. Ways take 10 ms. Times are in seconds since
 * the beginning. */
#include "directed.h"
#include "attacker.h"
#include "curve.h"
#include "host.h"

#define WAY     (10 * MILLISECOND)
#define RETRY   (WG_REKEY_TIMEOUT + WG_REKEY_TIMEOUT_JITTER)
/* Ends a scenario that has failed. */
#define EXPECT(w, what)                             \
	do {                                        \
		expect(w, what, #what, __LINE__);   \
		if (*(w)->failure)                  \
			return;                     \
	} while (0)
#define ALWAYS  UINT32_MAX

enum { WIRE_MAX = 4096 };

struct wire_entry {
	u64 at; /* since the beginning */
	u32 origin, type, len;
};

/* Of one scenario; a run has one world at a time. */
static struct {
	struct wire_entry sent[WIRE_MAX];
	u32 count;
	u32 lose[5]; /* so many of each type of message */
	struct datagram latest[5];
} wire;

static void expect(struct world *w, bool good, const char *what, int line)
{
	if (!good)
		world_fail(w, "line %d: expected %s", line, what);
}

static bool on_the_wire(struct world *w, const struct datagram *d)
{
	u32 type = d->bytes[0];

	if (type > WG_MESSAGE_DATA || d->origin == NOBODY)
		return false;
	if (wire.count < WIRE_MAX)
		wire.sent[wire.count++] =
			(struct wire_entry){w->now - w->begin, d->origin, type, d->len};
	wire.latest[type] = *d;
	if (!wire.lose[type])
		return false;
	if (wire.lose[type] != ALWAYS)
		wire.lose[type]--;
	return true;
}

/* How many of this type this host sent in [from, to]. */
static u32 count(u32 origin, u32 type, u64 from, u64 to)
{
	u32 n = 0;

	for (u32 i = 0; i < wire.count; i++) {
		const struct wire_entry *e = &wire.sent[i];

		n += e->origin == origin && e->type == type && e->at >= from && e->at <= to;
	}
	return n;
}

static u32 keepalives(u32 origin, u64 from, u64 to)
{
	u32 n = 0;

	for (u32 i = 0; i < wire.count; i++) {
		const struct wire_entry *e = &wire.sent[i];

		n += e->origin == origin && e->len == WG_DATA_OVERHEAD && e->at >= from &&
		     e->at <= to;
	}
	return n;
}

static void introduce(struct world *w, u32 at, u32 who)
{
	struct host_config c = {.knows_endpoint = true, .endpoint = w->hosts[who]->address};

	memset(c.psk, 7, sizeof(c.psk));
	memcpy(c.public_key, w->hosts[who]->public_key, WG_PUBLIC_LEN);
	host_add_peer(w->hosts[at], who, &c);
}

/* Both know where the other is. h1's public key is the greater one. */
static void begin(struct world *w)
{
	memset(&wire, 0, sizeof(wire));
	w->network.loses = on_the_wire;
	w->network.weather = (struct weather){.delay = WAY};
	host_new(w, 0);
	host_new(w, 1);
	if (memcmp(w->hosts[0]->public_key, w->hosts[1]->public_key, WG_PUBLIC_LEN) > 0) {
		u8 key[WG_PUBLIC_LEN];

		memcpy(key, w->hosts[0]->private_key, sizeof(key));
		host_set_key(w->hosts[0], w->hosts[1]->private_key);
		host_set_key(w->hosts[1], key);
	}
	introduce(w, 0, 1);
	introduce(w, 1, 0);
	host_start(w->hosts[0]);
	host_start(w->hosts[1]);
}

static void until(struct world *w, u64 time)
{
	world_run_until(w, w->begin + time);
}

static u64 say(struct world *w, u32 from)
{
	u32 to = 1 - from;
	struct message m = {.from = from, .to = to, .family = 4, .source = (u8)from,
			    .destination = (u8)to};
	u64 id = checks_message(w, &m);

	if (!*w->failure)
		host_send(w->hosts[from], id);
	return id;
}

static bool heard(const struct world *w, u64 id)
{
	return w->checks.messages[id].delivered;
}

static struct peer *peer(const struct world *w, u32 at)
{
	return w->hosts[at]->peers[1 - at];
}

/* A session that h0 initiated, and one message each way; until 1 s. */
static void meet(struct world *w)
{
	u64 there, back;

	begin(w);
	there = say(w, 0);
	until(w, 100 * MILLISECOND);
	back = say(w, 1);
	until(w, WG_SECOND);
	EXPECT(w, heard(w, there) && heard(w, back));
}

static void handshake(struct world *w)
{
	u64 id;

	begin(w);
	id = say(w, 0);
	until(w, 2 * WAY + WAY - 1);
	EXPECT(w, !heard(w, id));
	until(w, 3 * WAY);
	EXPECT(w, heard(w, id));
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, 0, 0) == 1);
	EXPECT(w, count(1, WG_MESSAGE_RESPONSE, WAY, WAY) == 1);
	EXPECT(w, count(0, WG_MESSAGE_DATA, 2 * WAY, 2 * WAY) == 1);
	EXPECT(w, wire.count == 3);
	EXPECT(w, peer(w, 0)->last_handshake && peer(w, 1)->last_handshake);
}

static void costs_of_a_handshake(struct world *w)
{
	begin(w);
	curve_count = 0;
	say(w, 0);
	EXPECT(w, curve_count == 3); /* e, es, ss */
	until(w, WAY);
	EXPECT(w, curve_count == 3 + 5); /* es, ss, e, ee, se */
	until(w, WG_SECOND);
	EXPECT(w, curve_count == 3 + 5 + 2); /* ee, se */
	until(w, 600 * WG_SECOND);
	curve_count = 0;
	say(w, 0);
	until(w, 601 * WG_SECOND);
	EXPECT(w, curve_count == 8); /* the same without ss */
}

/* A message each way and second; who initiates, and when. */
static void rekey_by_initiator(struct world *w)
{
	meet(w);
	for (u64 t = 1; t < 500; t++) {
		say(w, 1);
		say(w, 0);
		until(w, (t + 1) * WG_SECOND);
	}
	EXPECT(w, count(1, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 0);
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, 1, 120 * WG_SECOND) == 0);
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, 120 * WG_SECOND, 122 * WG_SECOND) == 1);
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, 1, 500 * WG_SECOND) == 4);
	for (size_t i = 0; i + 2 < w->checks.message_count; i++)
		EXPECT(w, heard(w, i));
}

/* Data comes only one way, to the initiator: it asks when the session is about to end. */
static void rekey_by_receiver(struct world *w)
{
	meet(w);
	for (u64 t = 1; t < 200; t++) {
		until(w, t * WG_SECOND);
		say(w, 1);
	}
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, WG_SECOND, 119 * WG_SECOND) == 0);
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, 120 * WG_SECOND, 166 * WG_SECOND) == 1);
	EXPECT(w, count(1, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 0);
	for (size_t i = 0; i + 2 < w->checks.message_count; i++)
		EXPECT(w, heard(w, i));
}

static void both_at_once(struct world *w)
{
	u64 a, b;

	begin(w);
	a = say(w, 0);
	b = say(w, 1);
	until(w, WG_SECOND);
	EXPECT(w, heard(w, a) && heard(w, b));
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 1);
	EXPECT(w, count(1, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 1);
	/* h1's session is the one that both use. */
	EXPECT(w, peer(w, 1)->remote.keys.active->initiator);
	EXPECT(w, !peer(w, 0)->remote.keys.active->initiator);
	for (u64 t = 1; t < 130; t++) {
		say(w, 0);
		say(w, 1);
		until(w, t * WG_SECOND);
	}
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, 1, UINT64_MAX) == 0);
	EXPECT(w, count(1, WG_MESSAGE_INITIATION, 1, UINT64_MAX) == 1);
}

/* The same with one that begins while the other's response is on its way, at every distance. */
static void both_nearly_at_once(struct world *w)
{
	u64 now = WG_SECOND;

	begin(w);
	for (u64 late = 0; late < 35 && !*w->failure; late++) {
		u32 first = late % 2;
		u64 a, b;

		now += 600 * WG_SECOND;
		until(w, now);
		a = say(w, first);
		until(w, now + late / 2 * MILLISECOND * 2);
		b = say(w, 1 - first);
		until(w, now + WG_SECOND);
		EXPECT(w, heard(w, a) && heard(w, b));
		say(w, 0);
		say(w, 1);
		until(w, now + 2 * WG_SECOND);
		EXPECT(w, peer(w, 0)->remote.keys.active->local_index ==
				  peer(w, 1)->remote.keys.active->remote_index);
	}
}

/* h1's session wins, although h0 began its own after having answered: the initiation overtakes the
 * response, and the confirmation the other response. */
static void both_and_overtaking(struct world *w)
{
	struct datagram first, second;

	begin(w);
	say(w, 1);
	wire.lose[WG_MESSAGE_RESPONSE] = 2;
	until(w, WAY + MILLISECOND);
	first = wire.latest[WG_MESSAGE_RESPONSE];
	say(w, 0);
	until(w, 3 * WAY);
	second = wire.latest[WG_MESSAGE_RESPONSE];
	network_replay(w, &first, w->now);
	until(w, 5 * WAY);
	network_replay(w, &second, w->now);
	until(w, 10 * WAY);
	say(w, 0);
	say(w, 1);
	until(w, WG_SECOND);
	EXPECT(w, peer(w, 1)->remote.keys.active->initiator);
	EXPECT(w, !peer(w, 0)->remote.keys.active->initiator);
	for (size_t i = 0; i < w->checks.message_count; i++)
		EXPECT(w, heard(w, i));
}

static void initiations_at_once(struct world *w)
{
	struct datagram first, second;

	begin(w);
	wire.lose[WG_MESSAGE_INITIATION] = 2;
	say(w, 0);
	until(w, WG_SECOND);
	first = wire.latest[WG_MESSAGE_INITIATION];
	until(w, RETRY);
	second = wire.latest[WG_MESSAGE_INITIATION];
	network_replay(w, &first, w->now);
	network_replay(w, &second, w->now + WG_INITIATION_INTERVAL - MILLISECOND);
	until(w, RETRY + WG_SECOND);
	EXPECT(w, count(1, WG_MESSAGE_RESPONSE, 0, UINT64_MAX) == 1);
	network_replay(w, &second, w->now);
	until(w, RETRY + 2 * WG_SECOND);
	EXPECT(w, count(1, WG_MESSAGE_RESPONSE, 0, UINT64_MAX) == 2);
}

static void response_lost(struct world *w)
{
	u64 id;

	begin(w);
	wire.lose[WG_MESSAGE_RESPONSE] = 1;
	id = say(w, 0);
	until(w, WG_REKEY_TIMEOUT - 1);
	EXPECT(w, !heard(w, id) && wire.count == 2);
	until(w, RETRY + 3 * WAY);
	EXPECT(w, heard(w, id));
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, WG_REKEY_TIMEOUT, RETRY) == 1);
}

static void passive_keepalive(struct world *w)
{
	u64 at;

	meet(w);
	until(w, 20 * WG_SECOND);
	at = 20 * WG_SECOND + WAY + WG_KEEPALIVE_TIMEOUT;
	say(w, 0);
	until(w, 40 * WG_SECOND);
	EXPECT(w, keepalives(1, 20 * WG_SECOND, UINT64_MAX) == 1);
	EXPECT(w, keepalives(1, at, at) == 1);
	/* And nobody answers a keepalive. */
	EXPECT(w, keepalives(0, 20 * WG_SECOND, UINT64_MAX) == 0);
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, 1, UINT64_MAX) == 0);
}

static void no_keepalive_after_an_answer(struct world *w)
{
	meet(w);
	until(w, 20 * WG_SECOND);
	say(w, 0);
	until(w, 29 * WG_SECOND);
	say(w, 1);
	until(w, 60 * WG_SECOND);
	EXPECT(w, keepalives(1, 20 * WG_SECOND, UINT64_MAX) == 0);
	EXPECT(w, keepalives(0, 20 * WG_SECOND, UINT64_MAX) == 1);
}

static void handshake_after_silence(struct world *w)
{
	u64 due = 20 * WG_SECOND + WG_KEEPALIVE_TIMEOUT + WG_REKEY_TIMEOUT;

	meet(w);
	until(w, 20 * WG_SECOND);
	w->network.cut[0][1] = true;
	say(w, 0);
	until(w, 30 * WG_SECOND);
	say(w, 0);
	until(w, due + WG_REKEY_TIMEOUT_JITTER);
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, 1, due - 1) == 0);
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, due, due + WG_REKEY_TIMEOUT_JITTER) == 1);
}

static void give_up(struct world *w)
{
	u64 lost, later;

	begin(w);
	wire.lose[WG_MESSAGE_INITIATION] = ALWAYS;
	lost = say(w, 0);
	until(w, WG_REKEY_ATTEMPT_TIME - WG_SECOND);
	EXPECT(w, peer(w, 0)->staged_count == 1);
	until(w, WG_MAX_ATTEMPTS * RETRY);
	EXPECT(w, peer(w, 0)->staged_count == 0);
	EXPECT(w, w->checks.count.give_ups == 1);
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == WG_MAX_ATTEMPTS);
	until(w, 200 * WG_SECOND);
	EXPECT(w, wire.count == WG_MAX_ATTEMPTS);
	wire.lose[WG_MESSAGE_INITIATION] = 0;
	later = say(w, 0);
	until(w, 201 * WG_SECOND);
	EXPECT(w, heard(w, later) && !heard(w, lost));
}

static void zero_keys(struct world *w)
{
	meet(w);
	until(w, 3 * WG_REJECT_AFTER_TIME + WAY - 1);
	EXPECT(w, peer(w, 0)->sessions && peer(w, 1)->sessions);
	until(w, 3 * WG_REJECT_AFTER_TIME + 2 * WAY);
	EXPECT(w, !peer(w, 0)->sessions && !peer(w, 1)->sessions);
	checks_quiet(peer(w, 0));
	checks_quiet(peer(w, 1));
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, 1, UINT64_MAX) == 0);
}

/* Neither sends nor receives under it, to the nanosecond. */
static void end_of_a_session(struct world *w)
{
	u64 sent, received = 0;

	meet(w);
	/* h1 derived it at 10 ms, h0 at 20 ms. */
	until(w, WG_REJECT_AFTER_TIME + WAY - 1);
	sent = w->checks.count.sent;
	say(w, 1);
	EXPECT(w, count(1, WG_MESSAGE_DATA, w->now - w->begin, UINT64_MAX) == 1);
	until(w, WG_REJECT_AFTER_TIME + WAY);
	received = say(w, 1);
	EXPECT(w, count(1, WG_MESSAGE_DATA, w->now - w->begin, UINT64_MAX) == 0);
	EXPECT(w, count(1, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 1);
	until(w, WG_REJECT_AFTER_TIME + WG_SECOND);
	EXPECT(w, heard(w, sent) && heard(w, received));
}

static void cookies(struct world *w)
{
	u64 id;

	begin(w);
	w->hosts[1]->always_loaded = true;
	id = say(w, 0);
	until(w, WG_SECOND);
	EXPECT(w, count(1, WG_MESSAGE_COOKIE, WAY, WAY) == 1);
	EXPECT(w, w->checks.count.cookies == 1 && !heard(w, id));
	until(w, RETRY + 3 * WAY);
	EXPECT(w, heard(w, id));
	EXPECT(w, count(1, WG_MESSAGE_COOKIE, 0, UINT64_MAX) == 1);
	/* The cookie is one of an address. */
	until(w, 20 * WG_SECOND);
	host_move(w->hosts[0]);
	peer(w, 0)->remote.keys.active->send_counter = WG_REJECT_AFTER_MESSAGES;
	id = say(w, 0);
	until(w, 21 * WG_SECOND);
	EXPECT(w, count(1, WG_MESSAGE_COOKIE, 0, UINT64_MAX) == 2 && !heard(w, id));
	until(w, 20 * WG_SECOND + RETRY + 3 * WAY);
	EXPECT(w, heard(w, id));
}

/* A thief of a datagram with a good mac2 has no use for it at another address. */
static void cookies_of_another_address(struct world *w)
{
	struct datagram d;

	begin(w);
	w->hosts[1]->always_loaded = true;
	say(w, 0);
	until(w, WG_SECOND);
	wire.lose[WG_MESSAGE_INITIATION] = 1;
	until(w, RETRY + WAY);
	d = wire.latest[WG_MESSAGE_INITIATION];
	d.from = addr_of(0, 7, false);
	network_replay(w, &d, w->now);
	until(w, RETRY + 4 * WAY);
	EXPECT(w, count(1, WG_MESSAGE_COOKIE, WG_SECOND, UINT64_MAX) == 1);
	EXPECT(w, count(1, WG_MESSAGE_RESPONSE, 0, UINT64_MAX) == 0);
}

static void flood(struct world *w, enum attacker_kind kind)
{
	static struct attacker attacker;
	u64 id, from;

	meet(w);
	curve_count = 0;
	attacker_start(&attacker, w, kind, 1, MILLISECOND, w->now + 60 * WG_SECOND);
	until(w, 3 * WG_SECOND);
	from = curve_count;
	for (u64 t = 3; t < 40; t++) {
		id = say(w, t % 2);
		until(w, (t + 1) * WG_SECOND);
		EXPECT(w, heard(w, id));
	}
	EXPECT(w, curve_count - from <= 37 * WG_RATE_PER_SECOND);
	host_stop(w->hosts[0]);
	until(w, 41 * WG_SECOND);
	host_start(w->hosts[0]);
	curve_count = 0;
	id = say(w, 0);
	until(w, 41 * WG_SECOND + RETRY + 4 * WAY);
	EXPECT(w, heard(w, id));
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

static void both_restart(struct world *w)
{
	u64 a, b;

	meet(w);
	host_stop(w->hosts[0]);
	host_stop(w->hosts[1]);
	until(w, 2 * WG_SECOND);
	host_start(w->hosts[0]);
	host_start(w->hosts[1]);
	a = say(w, 0);
	b = say(w, 1);
	until(w, 3 * WG_SECOND);
	EXPECT(w, heard(w, a) && heard(w, b));
}

/* The other side notices that nothing answers. */
static void one_restarts(struct world *w)
{
	u64 id;

	meet(w);
	host_stop(w->hosts[1]);
	host_start(w->hosts[1]);
	say(w, 0);
	until(w, WG_SECOND + WG_KEEPALIVE_TIMEOUT + RETRY + 2 * WAY);
	id = say(w, 0);
	until(w, 17 * WG_SECOND);
	EXPECT(w, heard(w, id));
}

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
			begin(w);
		say(w, 0);
		until(w, (from + 1) * 100 * WG_SECOND);
		wire.count = 0;
		peer(w, from)->remote.keys.active->send_counter = WG_REKEY_AFTER_MESSAGES - 1;
		say(w, from);
		EXPECT(w, count(from, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 0);
		id = say(w, from);
		EXPECT(w, count(from, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 1);
		EXPECT(w, count(from, WG_MESSAGE_DATA, 0, UINT64_MAX) == 2);
		until(w, w->now - w->begin + WG_SECOND);
		EXPECT(w, heard(w, id));
	}
}

static void too_many_messages(struct world *w)
{
	u64 last, next;

	meet(w);
	until(w, 10 * WG_SECOND);
	wire.lose[WG_MESSAGE_INITIATION] = 1;
	peer(w, 0)->remote.keys.active->send_counter = WG_REJECT_AFTER_MESSAGES - 1;
	wire.count = 0;
	last = say(w, 0);
	next = say(w, 0);
	EXPECT(w, count(0, WG_MESSAGE_DATA, 0, UINT64_MAX) == 1);
	until(w, 11 * WG_SECOND);
	EXPECT(w, heard(w, last) && !heard(w, next));
	until(w, 16 * WG_SECOND);
	EXPECT(w, heard(w, next));
}

/* Messages at both edges of the window, and once more. */
static void replay_window(struct world *w)
{
	static const u64 behind[] = {WG_REPLAY_WINDOW + 1, WG_REPLAY_WINDOW, 64, 1};
	struct datagram held[4], newest;
	u64 ids[4], first;
	struct wg_keypair *k;

	meet(w);
	k = peer(w, 0)->remote.keys.active;
	first = k->send_counter + WG_REPLAY_WINDOW + 1;
	for (u32 i = 0; i < 4; i++) {
		wire.lose[WG_MESSAGE_DATA] = 1;
		k->send_counter = first - behind[i];
		ids[i] = say(w, 0);
		held[i] = wire.latest[WG_MESSAGE_DATA];
	}
	k->send_counter = first;
	say(w, 0);
	newest = wire.latest[WG_MESSAGE_DATA];
	until(w, 2 * WG_SECOND);
	for (u32 i = 0; i < 4; i++) {
		network_replay(w, &held[i], w->now);
		network_replay(w, &held[i], w->now);
	}
	network_replay(w, &newest, w->now);
	until(w, 3 * WG_SECOND);
	EXPECT(w, !heard(w, ids[0]));
	EXPECT(w, heard(w, ids[1]) && heard(w, ids[2]) && heard(w, ids[3]));
	EXPECT(w, w->checks.count.replays_refused == 6);
}

static void replayed_initiation(struct world *w)
{
	struct datagram d;
	struct wg_keypair *used;
	u64 id;

	meet(w);
	d = wire.latest[WG_MESSAGE_INITIATION];
	network_replay(w, &d, w->now);
	until(w, 2 * WG_SECOND);
	EXPECT(w, count(1, WG_MESSAGE_RESPONSE, 0, UINT64_MAX) == 1);
	/* Who has lost the timestamp answers; but it sends nothing under a session nobody confirms. */
	host_stop(w->hosts[1]);
	host_start(w->hosts[1]);
	network_replay(w, &d, w->now);
	until(w, 3 * WG_SECOND);
	EXPECT(w, count(1, WG_MESSAGE_RESPONSE, 0, UINT64_MAX) == 2);
	EXPECT(w, !peer(w, 1)->remote.keys.active && peer(w, 1)->remote.keys.next);
	used = peer(w, 1)->remote.keys.next;
	id = say(w, 1);
	until(w, 4 * WG_SECOND);
	EXPECT(w, heard(w, id));
	EXPECT(w, peer(w, 1)->remote.keys.active && peer(w, 1)->remote.keys.active != used);
}

/* Back by a day while it runs: its timestamps go on from the latest. */
static void clock_back(struct world *w)
{
	u64 id;

	meet(w);
	w->hosts[0]->wall -= (s64)(86400 * WG_SECOND);
	until(w, 600 * WG_SECOND);
	id = say(w, 0);
	until(w, 601 * WG_SECOND);
	EXPECT(w, heard(w, id));
}

/* Back by a minute and restarted: refused, until the clock is where it was; the other side's
 * initiations are as good as ever. */
static void clock_back_at_restart(struct world *w)
{
	u64 id, other;

	begin(w);
	say(w, 0);
	until(w, WG_SECOND);
	host_stop(w->hosts[0]);
	w->hosts[0]->wall -= (s64)(30 * WG_SECOND);
	until(w, 2 * WG_SECOND);
	host_start(w->hosts[0]);
	id = say(w, 0);
	until(w, 28 * WG_SECOND);
	EXPECT(w, !heard(w, id) && count(1, WG_MESSAGE_RESPONSE, 0, UINT64_MAX) == 1);
	other = say(w, 1);
	until(w, 29 * WG_SECOND);
	/* h1 sends that under the session that h0 has lost. */
	EXPECT(w, !heard(w, other));
	until(w, 30 * WG_SECOND + RETRY + 3 * WAY);
	EXPECT(w, heard(w, id));
}

static void an_hour_asleep(struct world *w)
{
	u64 lost, id;

	meet(w);
	until(w, 9 * WG_SECOND);
	say(w, 0);
	host_sleep(w->hosts[0], w->begin + 3600 * WG_SECOND);
	until(w, 100 * WG_SECOND);
	lost = say(w, 1);
	until(w, 3600 * WG_SECOND + WAY);
	/* All that was due is done once, and none of it wakes the dead. */
	EXPECT(w, !peer(w, 0)->sessions);
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, WG_SECOND, UINT64_MAX) == 0);
	EXPECT(w, keepalives(0, 10 * WG_SECOND, UINT64_MAX) == 0);
	EXPECT(w, !heard(w, lost));
	id = say(w, 0);
	until(w, 3600 * WG_SECOND + RETRY + 3 * WAY);
	EXPECT(w, heard(w, id));
}

static void persistent_keepalives(struct world *w)
{
	begin(w);
	host_set_persistent(w->hosts[0], 1, 25);
	until(w, 1000 * WG_SECOND);
	for (u64 t = 0; t < 1000; t += 25)
		EXPECT(w, keepalives(0, t * WG_SECOND, (t + 26) * WG_SECOND) >= 1);
	EXPECT(w, keepalives(0, 0, UINT64_MAX) <= 50);
	EXPECT(w, keepalives(1, 0, UINT64_MAX) == 0);
	EXPECT(w, count(1, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 0);
	EXPECT(w, count(0, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 8);
	host_set_persistent(w->hosts[0], 1, 0);
	until(w, 1700 * WG_SECOND);
	checks_quiet(peer(w, 0));
}

static void roaming(struct world *w)
{
	u64 id;

	meet(w);
	host_move(w->hosts[0]);
	say(w, 0);
	until(w, 2 * WG_SECOND);
	id = say(w, 1);
	until(w, 3 * WG_SECOND);
	EXPECT(w, heard(w, id));
	EXPECT(w, count(1, WG_MESSAGE_INITIATION, 0, UINT64_MAX) == 0);
}

static void different_psks(struct world *w)
{
	static const u8 other[WG_SYMMETRIC_LEN] = {1};
	u64 id;

	begin(w);
	host_set_psk(w->hosts[1], 0, other);
	id = say(w, 0);
	until(w, 10 * WG_SECOND);
	EXPECT(w, !heard(w, id) && !w->checks.count.handshakes);
	host_set_psk(w->hosts[0], 1, other);
	until(w, 16 * WG_SECOND);
	EXPECT(w, heard(w, id));
}

static void every_bit(struct world *w)
{
	static const u32 types[] = {WG_MESSAGE_INITIATION, WG_MESSAGE_RESPONSE, WG_MESSAGE_COOKIE,
				    WG_MESSAGE_DATA};

	curve_toy = true; /* for speed; what is flipped is hashed, too */
	for (u32 t = 0; t < 4 && !*w->failure; t++) {
		u32 type = types[t], bits;
		struct datagram d;

		begin(w);
		w->hosts[1]->always_loaded = type == WG_MESSAGE_COOKIE;
		wire.lose[type] = 1;
		say(w, 0);
		until(w, w->now - w->begin + 5 * WAY);
		d = wire.latest[type];
		EXPECT(w, d.len > 0);
		bits = 8 * d.len;
		if (type == WG_MESSAGE_INITIATION || type == WG_MESSAGE_RESPONSE)
			bits -= 8 * WG_MAC_LEN; /* mac2 counts under load only */
		d.damaged = true;
		for (u32 i = 0; i < bits; i++) {
			d.bytes[i / 8] ^= (u8)(1U << i % 8);
			network_replay(w, &d, w->now);
			until(w, w->now - w->begin + MILLISECOND);
			d.bytes[i / 8] ^= (u8)(1U << i % 8);
		}
		for (u32 i = 0; i < 2; i++) {
			host_stop(w->hosts[i]);
			host_free(w->hosts[i]);
		}
		w->host_count = 0;
	}
}

const struct directed directed[] = {
	{"a handshake takes one and a half round trips, and three messages", handshake},
	{"a handshake costs ten computations of the curve, then eight", costs_of_a_handshake},
	{"the initiator alone renews the session after 120 s", rekey_by_initiator},
	{"an initiator that only receives renews it in time", rekey_by_receiver},
	{"both may initiate at once", both_at_once},
	{"both may initiate nearly at once", both_nearly_at_once},
	{"both may initiate, and messages overtake each other", both_and_overtaking},
	{"initiations within 20 ms are not answered", initiations_at_once},
	{"a lost response is asked for again after 5 s", response_lost},
	{"a keepalive answers data after 10 s", passive_keepalive},
	{"a keepalive is not sent where data answers", no_keepalive_after_an_answer},
	{"a handshake begins after 15 s without an answer", handshake_after_silence},
	{"after 90 s without an answer packets are dropped", give_up},
	{"keys are zeroed after 540 s", zero_keys},
	{"a session ends after 180 s, and no later", end_of_a_session},
	{"under load a cookie is asked for and given", cookies},
	{"a cookie is good for one address", cookies_of_another_address},
	{"a flood of rubbish costs nothing", blind_flood},
	{"a flood of good mac1 costs nothing under load", knowing_flood},
	{"a flood with cookies is limited", flood_with_cookies},
	{"both may restart at once", both_restart},
	{"a restart is noticed within 15 s", one_restarts},
	{"after 2^60 messages a new session is asked for", many_messages},
	{"before 2^64 messages a session ends", too_many_messages},
	{"the replay window ends where it says", replay_window},
	{"a replayed initiation is refused, or harmless after a restart", replayed_initiation},
	{"a clock that is stepped back goes on", clock_back},
	{"a clock that is stepped back over a restart has to wait", clock_back_at_restart},
	{"an hour asleep leaves no old timers", an_hour_asleep},
	{"persistent keepalives go on through sessions", persistent_keepalives},
	{"an address that changes is followed", roaming},
	{"different preshared keys make no session", different_psks},
	{"no flipped bit is taken", every_bit},
	{0},
};

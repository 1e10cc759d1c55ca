// SPDX-License-Identifier: GPL-2.0
#include "scenario.h"
#include "../../src/core/tai64n.h"
#include "accident.h"
#include "host.h"
#include "packet.h"

#define RETRY (WG_REKEY_TIMEOUT + WG_REKEY_TIMEOUT_JITTER)
#define PROBE WG_SECOND
/* How long after the network healed a message that is sent may still get lost: until the sender
 * sees that nothing answers, and some initiations that meet a demand for a cookie, from either
 * side, or one of the other side's. */
#define BOUND (PROBE + WG_KEEPALIVE_TIMEOUT + RETRY + 5 * RETRY + WG_SECOND)

static void draw_edge(struct world *w, u32 a, u32 b)
{
	struct scenario *s = w->scenario;
	struct host_config ab = {.present = true}, ba = {.present = true};

	if (a == b || w->hosts[a]->config[b].present || s->edge_count == SCENARIO_EDGES)
		return;
	s->edges[s->edge_count++] = (struct edge){.a = a, .b = b};
	ab.knows_endpoint = true;
	ab.endpoint = w->hosts[b]->address;
	ba.knows_endpoint = random_chance(&w->fate, 500);
	ba.endpoint = w->hosts[a]->address;
	if (random_chance(&w->fate, 500))
		random_bytes(&w->secrets, ab.psk, sizeof(ab.psk));
	memcpy(ba.psk, ab.psk, sizeof(ab.psk));
	if (random_chance(&w->fate, 300))
		ab.persistent = (u16)random_between(&w->fate, 1, 60);
	if (random_chance(&w->fate, 200))
		ba.persistent = (u16)random_between(&w->fate, 1, 60);
	memcpy(ab.public_key, w->hosts[b]->public_key, WG_PUBLIC_LEN);
	memcpy(ba.public_key, w->hosts[a]->public_key, WG_PUBLIC_LEN);
	w->hosts[a]->config[b] = ab;
	w->hosts[b]->config[a] = ba;
}

/* A pair, a star, a ring, or whatever. */
static void draw_topology(struct world *w)
{
	struct random *fate = &w->fate;
	u32 n = w->host_count, shape = (u32)random_below(fate, 3);

	draw_edge(w, 1, 0);
	for (u32 i = 2; i < n; i++)
		if (shape == 0)
			draw_edge(w, i, 0);
		else if (shape == 1)
			draw_edge(w, i, i - 1);
		else
			draw_edge(w, i, (u32)random_below(fate, n));
	for (u32 i = 0; i < n && shape == 2; i++)
		draw_edge(w, (u32)random_below(fate, n), (u32)random_below(fate, n));
	for (u32 f = 0; f < HOST_FLOATS; f++) {
		u32 owner = (u32)random_below(fate, n);

		for (u32 i = 0; i < n; i++)
			if (w->hosts[i]->config[owner].present)
				w->hosts[i]->float_owner[f] = (u8)owner;
	}
}

static void draw_flow(struct world *w, struct flow *f, u32 from, u32 to)
{
	static const u32 periods[] = {0, 50, 200, 1000, 3000, 11000, 30000, 100000, 170000};
	u32 period = periods[random_below(&w->fate, sizeof(periods) / sizeof(*periods))];

	*f = (struct flow){.from = from, .to = to, .period = period * MILLISECOND, .burst = 1};
	if (period > 1000)
		f->burst = (u32)random_between(&w->fate, 1, random_chance(&w->fate, 100) ? 150 : 6);
}

void scenario_send(struct world *w, u32 from, u32 to, bool plain)
{
	struct host *h = w->hosts[from];
	struct message m = {.from = from, .to = to, .source = (u8)from, .destination = (u8)to};
	u32 which = (u32)random_below(&w->fate, HOST_FLOATS);

	m.family = random_chance(&w->fate, 300) ? 6 : 4;
	if (!plain && h->float_owner[which] == to && random_chance(&w->fate, 200))
		m.destination = (u8)(PACKET_FLOAT + which);
	if (!plain && random_chance(&w->fate, 50))
		m.source = (u8)(PACKET_FLOAT + random_below(&w->fate, HOST_FLOATS));
	host_send(h, checks_message(w, &m));
}

static void run_flow(struct world *w, void *what, u64 which, u64 unused)
{
	const struct flow *f = &w->scenario->flows[which];
	u64 wait = f->period / 2 + random_below(&w->fate, f->period / MILLISECOND) * MILLISECOND;

	(void)what;
	(void)unused;
	if (w->now >= w->scenario->heal)
		return;
	if (host_is_awake(w->hosts[f->from]) && w->hosts[f->from]->peers[f->to])
		for (u32 i = 0; i < f->burst && !*w->failure; i++)
			scenario_send(w, f->from, f->to, false);
	events_add(&w->events, w->now + wait, run_flow, NULL, which, 0);
}

/* From the heal on, until the end: each way of each edge, each second. */
static void probe(struct world *w, void *what, u64 which, u64 back)
{
	const struct edge *e = &w->scenario->edges[which];

	(void)what;
	if (w->now >= w->scenario->end)
		return;
	scenario_send(w, back ? e->b : e->a, back ? e->a : e->b, true);
	events_add(&w->events, w->now + PROBE, probe, NULL, which, back);
}

static void happen(struct world *w, void *what, u64 a, u64 b)
{
	(void)what;
	(void)a;
	(void)b;
	if (w->now < w->scenario->heal)
		accident_happen(w);
}

/* Returns for how long it is watched once it has settled. */
static u64 draw_all(struct world *w, u32 hosts)
{
	struct scenario *s = w->scenario;
	struct random *fate = &w->fate;
	u32 n = (u32)random_between(fate, 2, hosts);
	u64 length = random_between(fate, 20, random_chance(fate, 300) ? 1200 : 300);
	u64 accidents, steady;

	if (random_chance(fate, 400))
		n = 2;
	for (u32 i = 0; i < n; i++)
		/* One that is so slow that a few forgeries are a load. */
		host_new(w, i)->curve_time = random_chance(&w->fate, 300) ? 25 * MILLISECOND :
									    MILLISECOND / 10;
	draw_topology(w);
	for (u32 i = 0; i < s->edge_count; i++) {
		draw_flow(w, &s->flows[2 * i], s->edges[i].a, s->edges[i].b);
		draw_flow(w, &s->flows[2 * i + 1], s->edges[i].b, s->edges[i].a);
	}
	s->bad = w->now;
	s->heal = w->now + length * WG_SECOND;
	steady = random_between(fate, 10, 300) * WG_SECOND;
	s->accidents = (u32)(random_u64(fate) & random_u64(fate)) & ((1U << ACCIDENT_KINDS) - 1);
	if (random_chance(fate, 300))
		w->index_mask = 0x1ff;
	if (random_chance(fate, 300))
		w->late_apply = (u32)random_below(fate, 500);
	w->network.weather = random_chance(fate, 700) ? accident_weather(fate)
						       : accident_no_weather(fate);
	accidents = random_below(fate, 12) * (random_chance(fate, 200) ? 6 : 2);
	for (u64 i = 0; i < accidents; i++)
		events_add(&w->events, w->now + random_below(fate, length) * WG_SECOND, happen,
			   NULL, 0, 0);
	return steady;
}

static void begin(struct world *w)
{
	struct scenario *s = w->scenario;
	struct random *fate = &w->fate;

	for (u32 i = 0; i < w->host_count; i++) {
		w->hosts[i]->wall = (s64)(random_below(fate, 1000) * WG_SECOND);
		host_start(w->hosts[i]);
	}
	for (u32 i = 0; i < 2 * s->edge_count; i++)
		if (s->flows[i].period)
			events_add(&w->events, w->now + random_below(fate, 3000) * MILLISECOND,
				   run_flow, NULL, i, 0);
}

/* Whether this host's initiations reach the other, and are newer than those it has seen. */
static bool may_initiate(const struct world *w, u32 from, u32 to)
{
	const struct host *h = w->hosts[from];
	const struct peer *p = h->peers[to], *other = w->hosts[to]->peers[from];
	const u8 *latest = other->remote.handshake.latest_timestamp;
	u8 stamp[WG_TIMESTAMP_LEN], last[WG_TIMESTAMP_LEN];

	if (!addr_equal(&p->endpoint, &w->hosts[to]->address))
		return false;
	wg_tai64n_from(stamp, host_unix(h));
	wg_tai64n_from(last, p->remote.handshake.sent);
	return memcmp(stamp, latest, sizeof(stamp)) > 0 || memcmp(last, latest, sizeof(last)) >= 0;
}

static void heal(struct world *w)
{
	struct scenario *s = w->scenario;

	accident_repair(w);
	world_log(w, "the network is healed");
	/* A flood may go on, or begin now: a trickle, or enough to be load while peers connect. */
	if (random_chance(&w->fate, 60)) {
		bool fast = random_chance(&w->fate, 500);

		attacker_start(&s->attacker, w, ATTACKER_KNOWING,
			       (u32)random_below(&w->fate, w->host_count),
			       fast ? MILLISECOND / 4 : 50 * MILLISECOND,
			       w->now + (fast ? 4 : 30) * WG_SECOND);
	}
	for (u32 i = 0; i < s->edge_count; i++) {
		struct edge *e = &s->edges[i];

		e->may_talk = may_initiate(w, e->a, e->b) || may_initiate(w, e->b, e->a);
		for (u64 back = 0; back < 2; back++)
			events_add(&w->events,
				   w->now + random_below(&w->fate, 1000) * MILLISECOND, probe, NULL,
				   i, back);
	}
}

static bool may_talk(const struct world *w, const struct message *m)
{
	for (u32 i = 0; i < w->scenario->edge_count; i++) {
		const struct edge *e = &w->scenario->edges[i];

		if ((e->a == m->from && e->b == m->to) || (e->b == m->from && e->a == m->to))
			return e->may_talk;
	}
	return false;
}

/* All that was sent once the bound was over has come out. */
static void check_messages(struct world *w)
{
	u64 settled = w->scenario->heal + BOUND;

	for (size_t i = 0; i < w->checks.message_count; i++) {
		const struct message *m = &w->checks.messages[i];

		if (m->at < settled || !may_talk(w, m))
			continue;
		w->checks.count.steady++;
		if (!m->delivered)
			world_fail(w,
				   "message %zu of %.3f s is lost, %.3f s after the network healed",
				   i, world_seconds(w, m->at),
				   (double)(m->at - w->scenario->heal) / (double)WG_SECOND);
	}
}

static void fall_silent(struct world *w)
{
	for (u32 i = 0; i < w->host_count; i++)
		for (u32 k = 0; k < w->host_count; k++)
			if (w->hosts[i]->peers[k])
				host_set_persistent(w->hosts[i], k, 0);
	world_run_until(w, w->now + WG_KEEPALIVE_TIMEOUT + (WG_MAX_ATTEMPTS + 3) * RETRY +
				   3 * WG_REJECT_AFTER_TIME + 10 * WG_SECOND);
	for (u32 i = 0; i < w->host_count && !*w->failure; i++)
		for (u32 k = 0; k < w->host_count; k++)
			if (w->hosts[i]->peers[k])
				checks_quiet(w->hosts[i]->peers[k]);
}

void scenario_pair(struct world *w, struct scenario *s, u64 length)
{
	w->scenario = s;
	host_new(w, 0);
	host_new(w, 1);
	draw_topology(w);
	s->bad = w->now;
	s->heal = w->now + length;
	s->accidents = (1U << ACCIDENT_KINDS) - 1;
	w->network.weather = accident_no_weather(&w->fate);
	begin(w);
}

void scenario_finish(struct world *w, u64 steady)
{
	struct scenario *s = w->scenario;

	s->heal = w->now;
	s->end = s->heal + BOUND + steady;
	if (!*w->failure)
		heal(w);
	world_run_until(w, s->end + 3 * WG_SECOND);
	if (!*w->failure)
		check_messages(w);
	if (!*w->failure)
		fall_silent(w);
	for (u32 i = 0; i < w->host_count; i++)
		host_stop(w->hosts[i]);
	w->attacker = NULL;
	w->scenario = NULL;
}

void scenario_run(struct world *w, u32 hosts)
{
	struct scenario s = {0};
	u64 steady;

	w->scenario = &s;
	steady = draw_all(w, hosts);
	begin(w);
	world_run_until(w, s.heal);
	scenario_finish(w, steady);
}

// SPDX-License-Identifier: GPL-2.0
#include "accident.h"
#include "host.h"

static struct host *any_host(struct world *w)
{
	return w->hosts[random_below(&w->fate, w->host_count)];
}

static const struct edge *any_edge(struct world *w)
{
	return &w->scenario->edges[random_below(&w->fate, w->scenario->edge_count)];
}

/* A time from now on, most likely soon, and before all is well again. */
static u64 soon(struct world *w, u64 most)
{
	u64 seconds = random_below(&w->fate, most / WG_SECOND + 1);
	u64 at;

	if (random_chance(&w->fate, 500))
		seconds /= 16;
	at = w->now + seconds * WG_SECOND;
	return at < w->scenario->heal ? at : w->scenario->heal;
}

struct weather accident_weather(struct random *fate)
{
	struct weather t = {.delay = random_below(fate, 50) * MILLISECOND};

	t.loss = random_chance(fate, 500) ? (u32)random_below(fate, 400) : 0;
	t.duplicate = random_chance(fate, 300) ? (u32)random_below(fate, 200) : 0;
	t.damage = random_chance(fate, 300) ? (u32)random_below(fate, 200) : 0;
	t.replay = random_chance(fate, 400) ? (u32)random_below(fate, 300) : 0;
	t.spoof = random_chance(fate, 300) ? (u32)random_below(fate, 500) : 0;
	t.spread = random_below(fate, random_chance(fate, 200) ? 3000 : 40) * MILLISECOND;
	return t;
}

struct weather accident_no_weather(struct random *fate)
{
	return (struct weather){.delay = random_between(fate, 1, 8) * MILLISECOND,
				.spread = random_below(fate, 8) * MILLISECOND};
}

static void cut_both(struct world *w)
{
	const struct edge *e = any_edge(w);

	w->network.cut[e->a][e->b] = w->network.cut[e->b][e->a] = true;
}

static void cut_one(struct world *w)
{
	const struct edge *e = any_edge(w);

	if (random_chance(&w->fate, 500))
		w->network.cut[e->a][e->b] = true;
	else
		w->network.cut[e->b][e->a] = true;
}

static void mend(struct world *w)
{
	memset(w->network.cut, 0, sizeof(w->network.cut));
}

static void start_again(struct world *w, void *what, u64 host, u64 unused)
{
	(void)what;
	(void)unused;
	if (!w->hosts[host]->up)
		host_start(w->hosts[host]);
}

static void step_wall(struct world *w, struct host *h)
{
	u64 range = (random_chance(&w->fate, 300) ? 10000000 : 600) * WG_SECOND;

	h->wall += (s64)(random_below(&w->fate, range / WG_SECOND) * WG_SECOND) - (s64)range / 2;
	world_log(w, "h%u: its clock is stepped to %+lld s", h->id,
		  (long long)(h->wall / (s64)WG_SECOND));
}

static void restart(struct world *w)
{
	struct host *h = any_host(w);

	if (!h->up)
		return;
	w->checks.count.restarts++;
	host_stop(h);
	if (random_chance(&w->fate, 200))
		step_wall(w, h);
	events_add(&w->events, soon(w, 60 * WG_SECOND), start_again, NULL, h->id, 0);
}

static void step_clock(struct world *w)
{
	step_wall(w, any_host(w));
}

static void suspend(struct world *w)
{
	struct host *h = any_host(w);

	if (!host_is_awake(h))
		return;
	w->checks.count.suspends++;
	host_sleep(h, soon(w, 900 * WG_SECOND));
}

static void move(struct world *w)
{
	w->checks.count.moves++;
	host_move(any_host(w));
}

/* The peer is told only later. */
static void learn_key(struct world *w, void *what, u64 who, u64 at)
{
	struct host *h = w->hosts[at];
	struct host_config c = h->config[who];

	(void)what;
	if (!c.present || !memcmp(c.public_key, w->hosts[who]->public_key, WG_PUBLIC_LEN))
		return;
	memcpy(c.public_key, w->hosts[who]->public_key, WG_PUBLIC_LEN);
	if (h->up)
		host_remove_peer(h, (u32)who);
	host_add_peer(h, (u32)who, &c);
}

static void change_key(struct world *w)
{
	struct host *h = any_host(w);
	u8 key[WG_PUBLIC_LEN];

	w->checks.count.key_changes++;
	world_log(w, "h%u: has a new private key", h->id);
	random_bytes(&w->secrets, key, sizeof(key));
	key[0] &= 248;
	key[31] = (key[31] & 127) | 64;
	host_set_key(h, key);
	for (u32 i = 0; i < w->host_count; i++)
		if (w->hosts[i]->config[h->id].present)
			events_add(&w->events, soon(w, 30 * WG_SECOND), learn_key, NULL, h->id, i);
}

static void add_again(struct world *w, void *what, u64 who, u64 at)
{
	struct host *h = w->hosts[at];

	(void)what;
	if (h->config[who].present)
		return;
	host_add_peer(h, (u32)who, &h->config[who]);
	learn_key(w, NULL, who, at);
}

static void remove_peer(struct world *w)
{
	const struct edge *e = any_edge(w);
	bool first = random_chance(&w->fate, 500);
	u32 at = first ? e->a : e->b, who = first ? e->b : e->a;

	w->checks.count.removals++;
	world_log(w, "h%u: h%u is removed", at, who);
	host_remove_peer(w->hosts[at], who);
	events_add(&w->events, soon(w, 30 * WG_SECOND), add_again, NULL, who, at);
}

static void copy_psk(struct world *w, void *what, u64 from, u64 to)
{
	struct host *h = w->hosts[to];
	const u8 *psk = w->hosts[from]->config[to].psk;

	(void)what;
	if (memcmp(psk, h->config[from].psk, WG_SYMMETRIC_LEN))
		host_set_psk(h, (u32)from, psk);
}

static void change_psk(struct world *w)
{
	const struct edge *e = any_edge(w);
	u8 psk[WG_SYMMETRIC_LEN];

	w->checks.count.psk_changes++;
	world_log(w, "h%u: has another preshared key for h%u", e->a, e->b);
	random_bytes(&w->secrets, psk, sizeof(psk));
	host_set_psk(w->hosts[e->a], e->b, psk);
	events_add(&w->events, soon(w, 30 * WG_SECOND), copy_psk, NULL, e->a, e->b);
}

static void move_float(struct world *w)
{
	struct host *h = any_host(w);
	u32 who = (u32)random_below(&w->fate, w->host_count + 1);

	if (who == w->host_count || !h->config[who].present)
		who = NOBODY;
	host_move_float(h, (u32)random_below(&w->fate, HOST_FLOATS), who);
}

static void change_weather(struct world *w)
{
	w->network.weather = accident_weather(&w->fate);
}

static void begin_flood(struct world *w)
{
	enum attacker_kind kind = (enum attacker_kind)random_below(&w->fate, 3);
	u64 interval = random_between(&w->fate, 10, 50) * MILLISECOND;
	u64 until = w->now + random_between(&w->fate, 1, 20) * WG_SECOND;

	attacker_start(&w->scenario->attacker, w, kind, any_host(w)->id, interval, until);
}

/* Never less than it was: timers may be set already. */
static void be_late(struct world *w)
{
	struct host *h = any_host(w);
	u64 lateness = random_below(&w->fate, 500) * MILLISECOND;

	if (lateness > h->lateness)
		h->lateness = lateness;
}

static void tick_early(struct world *w)
{
	struct host *h = any_host(w);

	for (u32 i = 0; i < WORLD_HOSTS && host_is_awake(h); i++)
		if (h->peers[i])
			peer_tick(h->peers[i]);
}

static void change_persistent(struct world *w)
{
	const struct edge *e = any_edge(w);
	u16 seconds = (u16)random_below(&w->fate, 30);

	host_set_persistent(w->hosts[e->a], e->b, seconds);
}

/* As if so many messages had been sent and lost. */
static void skip_counters(struct world *w)
{
	const struct edge *e = any_edge(w);
	struct peer *p = w->hosts[e->a]->peers[e->b];
	u64 n = random_chance(&w->fate, 500) ? random_below(&w->fate, 20000)
					     : WG_REPLAY_WINDOW - 2 + random_below(&w->fate, 4);

	if (p && p->remote.keys.active && p->remote.keys.active->send_counter < UINT32_MAX)
		p->remote.keys.active->send_counter += n;
}

static void run_out(struct world *w)
{
	const struct edge *e = any_edge(w);
	struct peer *p = w->hosts[e->a]->peers[e->b];
	u64 limit = random_chance(&w->fate, 500) ? WG_REKEY_AFTER_MESSAGES
						 : WG_REJECT_AFTER_MESSAGES;
	u64 left = random_below(&w->fate, 20);

	if (p && p->remote.keys.active && p->remote.keys.active->send_counter < limit - left)
		p->remote.keys.active->send_counter = limit - left;
}

static void be_poor(struct world *w)
{
	w->poverty = (u32)random_below(&w->fate, 200);
}

void accident_happen(struct world *w)
{
	static void (*const kinds[ACCIDENT_KINDS])(struct world *w) = {
		mend,	     cut_both,	   cut_one,    restart,	       step_clock, suspend,
		move,	     change_key,   remove_peer, change_psk,     move_float, change_weather,
		begin_flood, be_late,	   tick_early, change_persistent, skip_counters, run_out,
	};
	u64 kind = random_below(&w->fate, ACCIDENT_KINDS);

	if (w->scenario->accidents & 1U << kind)
		kinds[kind](w);
	if (random_chance(&w->fate, 20))
		be_poor(w);
}

void accident_repair(struct world *w)
{
	mend(w);
	w->poverty = 0;
	w->late_apply = 0;
	w->network.weather = accident_no_weather(&w->fate);
	for (u32 i = 0; i < w->host_count; i++)
		start_again(w, NULL, i, 0);
	for (u32 i = 0; i < w->scenario->edge_count; i++) {
		const struct edge *e = &w->scenario->edges[i];

		add_again(w, NULL, e->a, e->b);
		add_again(w, NULL, e->b, e->a);
		learn_key(w, NULL, e->a, e->b);
		learn_key(w, NULL, e->b, e->a);
		copy_psk(w, NULL, e->a, e->b);
	}
}

// SPDX-License-Identifier: GPL-2.0
#include "network.h"
#include <stdlib.h>
#include "attacker.h"
#include "host.h"
#include "world.h"

bool addr_equal(const struct wg_addr *a, const struct wg_addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

struct wg_addr addr_of(u32 host, u32 move, bool six)
{
	struct wg_addr a = {.family = six ? 6 : 4};
	u8 *ip = a.ip;

	if (six) {
		*ip++ = 0x20;
		*ip++ = 0x01;
	}
	ip[0] = 192;
	ip[1] = (u8)host;
	ip[2] = (u8)(move >> 1);
	ip[3] = 1;
	/* Every other move is a new port only, as a NAT does it. */
	a.port[0] = 0xca;
	a.port[1] = (u8)(108 + move % 2);
	return a;
}

static bool is_way(const struct world *w, const struct datagram *d, const struct host *to)
{
	return d->origin == NOBODY || d->replayed || !w->network.cut[d->origin][to->id];
}

static void arrive(struct world *w, void *what, u64 a, u64 b)
{
	const struct datagram *d = what;

	(void)a;
	(void)b;
	for (u32 i = 0; i < w->host_count; i++) {
		struct host *h = w->hosts[i];

		if (addr_equal(&h->address, &d->to) && host_is_awake(h) && is_way(w, d, h)) {
			host_receive(h, d);
			host_check(h);
			return;
		}
	}
	if (w->attacker)
		attacker_receive(w->attacker, d);
	w->checks.count.undelivered++;
}

static void post(struct world *w, const struct datagram *d, u64 at)
{
	struct datagram *copy = malloc(sizeof(*copy));

	if (!copy)
		abort();
	*copy = *d;
	events_add(&w->events, at, arrive, copy, 0, 0);
}

/* The last 16 bytes of a handshake message are mac2, which is looked at under load only. */
static u32 authenticated_len(const struct datagram *d)
{
	if (d->len == WG_INITIATION_LEN || d->len == WG_RESPONSE_LEN)
		return d->len - WG_MAC_LEN;
	return d->len;
}

static void damage(struct world *w, struct datagram *d)
{
	struct random *fate = &w->fate;
	u32 bit, whole = d->len;

	switch (random_below(fate, 8)) {
	case 0:
		d->len = (u32)random_below(fate, d->len + 1);
		d->damaged = d->damaged || d->len != whole;
		break;
	case 1:
		if (d->len < sizeof(d->bytes))
			d->bytes[d->len++] = (u8)random_u64(fate);
		d->damaged = true;
		break;
	default:
		bit = (u32)random_below(fate, 8 * d->len);
		d->bytes[bit / 8] ^= (u8)(1U << bit % 8);
		d->damaged = d->damaged || bit / 8 < authenticated_len(d);
	}
}

static u64 delay(struct world *w)
{
	const struct weather *t = &w->network.weather;

	return t->delay + random_below(&w->fate, t->spread / MILLISECOND + 1) * MILLISECOND;
}

static void keep(struct world *w, const struct datagram *d)
{
	struct datagram **record = &w->network.records[random_below(&w->fate, NETWORK_RECORDS)];

	if (!*record)
		*record = malloc(sizeof(**record));
	if (!*record)
		abort();
	**record = *d;
}

void network_replay(struct world *w, const struct datagram *d, u64 at)
{
	struct datagram copy = *d;

	copy.replayed = true;
	if (random_chance(&w->fate, w->network.weather.spoof)) {
		copy.from = addr_of(200, (u32)random_below(&w->fate, 4), d->from.family == 6);
		copy.spoofed = true;
	}
	w->checks.count.replayed++;
	post(w, &copy, at);
}

static void replay_some(struct world *w)
{
	const struct datagram *d = w->network.records[random_below(&w->fate, NETWORK_RECORDS)];

	if (d)
		network_replay(w, d, w->now + random_below(&w->fate, 3000) * MILLISECOND);
}

static void pass_on(struct world *w, const struct datagram *d)
{
	struct datagram copy = *d;

	if (random_chance(&w->fate, w->network.weather.damage)) {
		w->checks.count.damaged++;
		damage(w, &copy);
	}
	post(w, &copy, w->now + delay(w));
}

void network_send(struct world *w, const struct datagram *sent)
{
	const struct weather *t = &w->network.weather;
	struct datagram d = *sent;

	d.serial = ++w->network.serial;
	if (t->replay)
		keep(w, &d);
	if (random_chance(&w->fate, t->replay))
		replay_some(w);
	if (w->network.loses && w->network.loses(w, &d))
		return;
	if (random_chance(&w->fate, t->loss)) {
		w->checks.count.lost++;
		return;
	}
	pass_on(w, &d);
	if (random_chance(&w->fate, t->duplicate))
		pass_on(w, &d);
}

void network_wipe(struct network *n)
{
	for (u32 i = 0; i < NETWORK_RECORDS; i++)
		free(n->records[i]);
	*n = (struct network){0};
}

// SPDX-License-Identifier: GPL-2.0
#include "checks.h"
#include <stdlib.h>
#include "host.h"
#include "packet.h"

#define NO_KEY UINT32_MAX

/* Makes room for one more. */
static void *grow(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	*room = *room ? 2 * *room : 64;
	array = realloc(array, *room * size);
	if (!array)
		abort();
	return array;
}

void checks_wipe(struct checks *c)
{
	free(c->messages);
	free(c->keys);
	free(c->cookies);
	free(c->answered);
	*c = (struct checks){0};
}

u64 checks_message(struct world *w, const struct message *m)
{
	struct checks *c = &w->checks;

	c->messages = grow(c->messages, c->message_count, &c->message_room, sizeof(*c->messages));
	c->messages[c->message_count] = *m;
	c->messages[c->message_count].at = w->now;
	c->count.sent++;
	return c->message_count++;
}

static bool is_allowed(const struct peer *p, u8 source)
{
	if (source < PACKET_FLOAT)
		return source == p->who;
	return p->host->float_owner[source - PACKET_FLOAT] == p->who;
}

void checks_delivered(struct peer *p, const u8 *packet, size_t len)
{
	struct world *w = p->host->world;
	struct message *m;
	u8 source, destination;
	u64 id;

	if (!packet_read(packet, len, &id, &source, &destination) ||
	    id >= w->checks.message_count) {
		world_fail(w, "h%u: a packet comes out that nobody sent", p->host->id);
		return;
	}
	m = &w->checks.messages[id];
	if (m->from != p->who || m->to != p->host->id || m->source != source ||
	    m->destination != destination)
		world_fail(w, "h%u: message %llu comes out where it does not belong", p->host->id,
			   (unsigned long long)id);
	else if (m->delivered)
		world_fail(w, "h%u: message %llu comes out twice", p->host->id,
			   (unsigned long long)id);
	else if (!is_allowed(p, source))
		world_fail(w, "h%u: message %llu has a source that h%u may not use", p->host->id,
			   (unsigned long long)id, p->who);
	m->delivered = true;
	m->delivered_at = w->now;
	w->checks.count.delivered++;
	world_log(w, "h%u: gets message %llu", p->host->id, (unsigned long long)id);
}

void checks_not_allowed(struct peer *p, const u8 *packet, size_t len)
{
	struct world *w = p->host->world;
	u8 source, destination;
	u64 id;

	if (!packet_read(packet, len, &id, &source, &destination))
		world_fail(w, "h%u: a packet comes out that nobody sent", p->host->id);
	else if (is_allowed(p, source))
		world_fail(w, "h%u: message %llu is kept back although allowed", p->host->id,
			   (unsigned long long)id);
}

static u64 age(const struct session *s)
{
	return host_now(s->peer->host) - s->derived;
}

void checks_session_ready(struct session *s)
{
	struct peer *p = s->peer;
	struct world *w = p->host->world;
	struct checks *c = &w->checks;
	size_t room = c->key_room;

	for (u32 i = 0; i < c->key_count; i++)
		if (!memcmp(c->keys[i].bytes, s->pair.send_key, WG_SYMMETRIC_LEN))
			world_fail(w, "h%u: derives a key that was there before", p->host->id);
	c->keys = grow(c->keys, c->key_count, &room, sizeof(*c->keys));
	c->key_room = (u32)room;
	c->keys[c->key_count] = (struct key){.sender = p->host->id, .receiver = p->who};
	memcpy(c->keys[c->key_count].bytes, s->pair.send_key, WG_SYMMETRIC_LEN);
	s->key = c->key_count++;
	s->derived = host_now(p->host);
}

void checks_data_sent(struct session *s, u64 counter, bool data)
{
	struct peer *p = s->peer;
	struct world *w = p->host->world;
	struct key *k = &w->checks.keys[s->key];

	if (age(s) >= WG_REJECT_AFTER_TIME)
		world_fail(w, "h%u: sends under a key after REJECT_AFTER_TIME", p->host->id);
	if (counter >= WG_REJECT_AFTER_MESSAGES)
		world_fail(w, "h%u: sends under a key after REJECT_AFTER_MESSAGES", p->host->id);
	if (counter < k->next)
		world_fail(w, "h%u: uses counter %llu of a key again", p->host->id,
			   (unsigned long long)counter);
	if (!s->confirmed)
		world_fail(w, "h%u: sends under a session that is not confirmed", p->host->id);
	k->next = counter + 1;
	checks_traffic_sent(p, data);
}

/* The key that the other side sends with. */
static void find_peer_key(struct session *s)
{
	struct peer *p = s->peer;
	struct world *w = p->host->world;
	const struct checks *c = &w->checks;

	for (u32 i = c->key_count; i-- && s->peer_key == NO_KEY;)
		if (!memcmp(c->keys[i].bytes, s->pair.receive_key, WG_SYMMETRIC_LEN) &&
		    c->keys[i].sender == p->who && c->keys[i].receiver == p->host->id)
			s->peer_key = i;
	if (s->peer_key == NO_KEY)
		world_fail(w, "h%u: receives under a key that h%u does not send with", p->host->id,
			   p->who);
}

/* Where the counter is, or would be. */
static u64 *accepted_place(const struct session *s, u64 counter)
{
	u32 i = (u32)(counter * 0x9e3779b97f4a7c15ULL >> 32);

	for (;; i++) {
		u64 *place = &s->accepted[i & (s->accepted_room - 1)];

		if (!*place || *place == counter + 1)
			return place;
	}
}

static bool was_accepted(const struct session *s, u64 counter)
{
	return s->accepted && *accepted_place(s, counter);
}

static void make_room(struct session *s)
{
	u64 *old = s->accepted;
	u32 old_room = s->accepted_room;

	s->accepted_room = old_room ? 2 * old_room : 16;
	s->accepted = calloc(s->accepted_room, sizeof(*s->accepted));
	if (!s->accepted)
		abort();
	for (u32 i = 0; i < old_room; i++)
		if (old[i])
			*accepted_place(s, old[i] - 1) = old[i];
	free(old);
}

static void accept(struct session *s, u64 counter)
{
	if (2 * s->accepted_count >= s->accepted_room)
		make_room(s);
	*accepted_place(s, counter) = counter + 1;
	s->accepted_count++;
	if (counter > s->newest)
		s->newest = counter;
}

void checks_data_received(struct session *s, const struct datagram *d, u64 counter, bool data)
{
	struct peer *p = s->peer;
	struct world *w = p->host->world;

	if (d->damaged || d->origin != p->who || d->meant_for != p->host->id)
		world_fail(w, "h%u: takes a forged data message for one of h%u", p->host->id,
			   p->who);
	if (age(s) >= WG_REJECT_AFTER_TIME)
		world_fail(w, "h%u: receives under a key after REJECT_AFTER_TIME", p->host->id);
	if (counter >= WG_REJECT_AFTER_MESSAGES)
		world_fail(w, "h%u: receives under a key after REJECT_AFTER_MESSAGES", p->host->id);
	if (was_accepted(s, counter))
		world_fail(w, "h%u: takes data message %llu twice", p->host->id,
			   (unsigned long long)counter);
	if (s->accepted_count && counter + WG_REPLAY_WINDOW < s->newest)
		world_fail(w, "h%u: takes data message %llu from before the window", p->host->id,
			   (unsigned long long)counter);
	if (s->peer_key == NO_KEY)
		find_peer_key(s);
	accept(s, counter);
	checks_traffic_received(p, data);
}

void checks_data_refused(struct session *s, u64 counter)
{
	struct world *w = s->peer->host->world;

	w->checks.count.replays_refused++;
	if (!was_accepted(s, counter) && counter + WG_REPLAY_WINDOW >= s->newest &&
	    counter < WG_REJECT_AFTER_MESSAGES)
		world_fail(w, "h%u: refuses data message %llu, which is new", s->peer->host->id,
			   (unsigned long long)counter);
}

void checks_too_late(struct session *s)
{
	if (age(s) < WG_REJECT_AFTER_TIME)
		world_fail(s->peer->host->world, "h%u: refuses a key that is young enough",
			   s->peer->host->id);
}

/* The most that each result may cost in computations of the curve. */
static u32 price(enum wg_handshake_result result, u8 type)
{
	switch (result) {
	case WG_HANDSHAKE_MALFORMED:
	case WG_HANDSHAKE_BAD_MAC:
	case WG_HANDSHAKE_RATE_LIMITED:
	case WG_HANDSHAKE_NO_ROOM:
	case WG_HANDSHAKE_NO_BUDGET:
	case WG_HANDSHAKE_ADMITTED:
	case WG_HANDSHAKE_RESULTS:
	case WG_HANDSHAKE_COOKIE_REPLY:
	case WG_HANDSHAKE_COOKIE_TAKEN:
	case WG_HANDSHAKE_NO_IDENTITY:
		return 0;
	case WG_HANDSHAKE_UNKNOWN:
		return type == WG_MESSAGE_INITIATION;
	case WG_HANDSHAKE_FORGED:
		return type == WG_MESSAGE_COOKIE ? 0 : 2;
	case WG_HANDSHAKE_REPLAYED:
	case WG_HANDSHAKE_TOO_SOON:
	case WG_HANDSHAKE_COMPLETED:
		return 2;
	case WG_HANDSHAKE_RESPONDED:
	case WG_HANDSHAKE_NO_MEMORY:
		break;
	}
	return 5;
}

static void check_origin(const struct host *h, const struct datagram *d,
			 const struct wg_incoming *in)
{
	const struct peer *p = (struct peer *)in->remote;

	if (d->damaged || d->origin != p->who || d->meant_for != h->id)
		world_fail(h->world, "h%u: takes a forged handshake message for one of h%u", h->id,
			   p->who);
}

static void check_first_answer(struct host *h, const struct datagram *d, struct peer *p)
{
	struct checks *c = &h->world->checks;
	u64 now = host_now(h);

	if (p->watch.answered && now < p->watch.answered + WG_INITIATION_INTERVAL)
		world_fail(h->world, "h%u: answers initiations of h%u at once", h->id, p->who);
	p->watch.answered = now;
	for (size_t i = 0; i < c->answered_count; i++)
		if (c->answered[i][0] == d->serial && c->answered[i][1] == p->serial)
			world_fail(h->world, "h%u: answers an initiation twice", h->id);
	c->answered = grow(c->answered, c->answered_count, &c->answered_room, sizeof(*c->answered));
	c->answered[c->answered_count][0] = d->serial;
	c->answered[c->answered_count++][1] = p->serial;
}

void checks_cookie(struct host *h, const struct datagram *d)
{
	struct checks *c = &h->world->checks;

	c->cookies = grow(c->cookies, c->cookie_count, &c->cookie_room, sizeof(*c->cookies));
	c->cookies[c->cookie_count++] = (struct cookie_issue){h->id, d->from, h->world->now};
}

static bool has_cookie(const struct host *h, const struct wg_addr *from)
{
	const struct checks *c = &h->world->checks;

	for (size_t i = c->cookie_count; i--;) {
		const struct cookie_issue *k = &c->cookies[i];

		if (k->host == h->id && addr_equal(&k->to, from) && k->at >= h->booted &&
		    h->world->now <= k->at + 2 * WG_COOKIE_SECRET_TIME)
			return true;
	}
	return false;
}

/* Who has not shown that it receives at its address gets nothing computed. */
static void check_load(struct host *h, const struct datagram *d, enum wg_handshake_result result,
		       bool loaded, u32 work)
{
	bool admitted = work && d->len != WG_COOKIE_MESSAGE_LEN;
	struct rate *r = &h->world->checks.rates[(d->from.ip[1] + d->from.ip[3]) % CHECKS_RATES];

	if (loaded && admitted && !has_cookie(h, &d->from))
		world_fail(h->world, "h%u: does without a cookie under load", h->id);
	if (!loaded &&
	    (result == WG_HANDSHAKE_COOKIE_REPLY || result == WG_HANDSHAKE_RATE_LIMITED))
		world_fail(h->world, "h%u: limits handshakes without being under load", h->id);
	if (!loaded || !work)
		return;
	if (r->host != h->id || !addr_equal(&r->from, &d->from) ||
	    h->world->now - r->since >= WG_SECOND)
		*r = (struct rate){h->id, d->from, h->world->now, 0};
	if (++r->count > WG_RATE_PER_SECOND + WG_RATE_BURST)
		world_fail(h->world, "h%u: does too much for one source under load", h->id);
}

void checks_handshake(struct host *h, const struct datagram *d, enum wg_handshake_result result,
		      const struct wg_incoming *in, bool loaded, u32 work)
{
	struct world *w = h->world;

	if (work > price(result, d->bytes[0]))
		world_fail(w, "h%u: computes the curve %u times for result %d", h->id, work,
			   (int)result);
	check_load(h, d, result, loaded, work);
	if (result == WG_HANDSHAKE_COOKIE_REPLY)
		checks_cookie(h, d);
	if (result == WG_HANDSHAKE_RATE_LIMITED)
		w->checks.count.rate_limited++;
	if (result == WG_HANDSHAKE_COOKIE_TAKEN)
		w->checks.count.cookies++;
	if (in->remote)
		check_origin(h, d, in);
	if (result == WG_HANDSHAKE_RESPONDED)
		check_first_answer(h, d, (struct peer *)in->remote);
}

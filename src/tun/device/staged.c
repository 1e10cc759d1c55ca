// SPDX-License-Identifier: GPL-2.0
/* Each packet is one allocation. A queue exists only while it has packets, so that an idle peer
 * costs a pointer. The largest queue is found by its class, exact to a factor of two, without a
 * search: a flood for thousands of dead peers evicts once for each packet. */
#include "staged.h"
#include <stdlib.h>
#include "../../core/messages.h"
#include "../../lib/base/secret.h"
#include "device.h"

struct packet {
	struct packet *next;
	size_t len;
	u8 data[];
};

struct staged {
	struct peer *peer;
	struct packet *first, **last;
	size_t n, bytes;
	unsigned int class;
	struct staged *next, *previous; /* in the class */
};

static size_t packet_cost(const struct packet *p)
{
	return sizeof(*p) + p->len;
}

static unsigned int class_of(size_t bytes)
{
	unsigned int class = 0;

	while (bytes >>= 1)
		class++;
	return class < STAGED_CLASSES ? class : STAGED_CLASSES - 1;
}

static void class_leave(struct staged_memory *m, struct staged *s)
{
	struct staged_class *c = &m->classes[s->class];

	*(s->previous ? &s->previous->next : &c->first) = s->next;
	*(s->next ? &s->next->previous : &c->last) = s->previous;
}

static void class_join(struct staged_memory *m, struct staged *s)
{
	struct staged_class *c = &m->classes[s->class];

	s->next = NULL;
	s->previous = c->last;
	*(c->last ? &c->last->next : &c->first) = s;
	c->last = s;
}

/* The bytes of a queue have changed. */
static void update_class(struct staged_memory *m, struct staged *s)
{
	unsigned int class = class_of(s->bytes);

	if (class == s->class)
		return;
	class_leave(m, s);
	s->class = class;
	class_join(m, s);
}

static void set_queue(struct peer *peer, struct staged *s)
{
	__atomic_store_n(&peer->staged, s, __ATOMIC_RELEASE);
}

static struct staged *queue_of(struct staged_memory *m, struct peer *peer)
{
	struct staged *s = peer->staged;

	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->peer = peer;
	s->last = &s->first;
	class_join(m, s);
	set_queue(peer, s);
	return s;
}

static void end_if_empty(struct staged_memory *m, struct staged *s)
{
	if (s->n)
		return;
	set_queue(s->peer, NULL);
	class_leave(m, s);
	free(s);
}

static struct packet *unlink_first(struct staged_memory *m, struct staged *s)
{
	struct packet *p = s->first;

	s->first = p->next;
	if (!s->first)
		s->last = &s->first;
	s->n--;
	s->bytes -= packet_cost(p);
	m->bytes -= packet_cost(p);
	update_class(m, s);
	return p;
}

static void packet_free(struct packet *p)
{
	wg_secret_wipe(p->data, p->len);
	free(p);
}

static void evict_oldest(struct device *d, struct staged *s, enum drop reason)
{
	packet_free(unlink_first(&d->staged, s));
	drops_count(&d->drops, reason, 1);
}

static struct staged *largest_queue(const struct staged_memory *m)
{
	for (unsigned int i = STAGED_CLASSES; i-- > 0;) {
		if (m->classes[i].first && m->classes[i].first->n)
			return m->classes[i].first;
	}
	return NULL;
}

/* Returns the queue that has to give way so that `s` gets `wanted` bytes more. That is `s` itself
 * if it would hold more than any other; but a peer that holds nothing gets its packet. */
static struct staged *victim_for(const struct staged_memory *m, struct staged *s, size_t wanted)
{
	struct staged *largest = largest_queue(m);

	return s->n && (!largest || s->bytes + wanted > largest->bytes) ? s : largest;
}

/* This function returns false if there is no room, because `s` would have to give way and
 * `may_evict_own` is false. Class 0 has the queues that are empty, as `s` may be. */
static bool make_room(struct device *d, struct staged *s, size_t wanted, bool may_evict_own)
{
	while (d->staged.bytes + wanted > STAGED_BYTES) {
		struct staged *victim = victim_for(&d->staged, s, wanted);

		if (!victim || (victim == s && !may_evict_own))
			return false;
		evict_oldest(d, victim, DROP_STAGED_FULL);
		if (victim != s)
			end_if_empty(&d->staged, victim);
	}
	return true;
}

static struct packet *packet_new(const u8 *data, size_t len)
{
	struct packet *p = malloc(sizeof(*p) + len);

	if (!p)
		return NULL;
	p->next = NULL;
	p->len = len;
	memcpy(p->data, data, len);
	return p;
}

static void count_in(struct staged_memory *m, struct staged *s, const struct packet *p)
{
	s->n++;
	s->bytes += packet_cost(p);
	m->bytes += packet_cost(p);
	update_class(m, s);
}

static void append_packet(struct staged_memory *m, struct staged *s, struct packet *p)
{
	*s->last = p;
	s->last = &p->next;
	count_in(m, s, p);
}

static void prepend_packet(struct staged_memory *m, struct staged *s, struct packet *p)
{
	p->next = s->first;
	s->first = p;
	if (!p->next)
		s->last = &p->next;
	count_in(m, s, p);
}

void staged_add(struct device *d, struct peer *peer, const u8 *packet, size_t len)
{
	struct packet *p = packet_new(packet, len);
	struct staged *s;
	bool kept;

	pthread_mutex_lock(&d->staged.lock);
	s = queue_of(&d->staged, peer);
	while (s && s->n >= WG_MAX_STAGED)
		evict_oldest(d, s, DROP_STAGED_FULL);
	kept = s && p && make_room(d, s, packet_cost(p), true);
	if (kept)
		append_packet(&d->staged, s, p);
	if (s)
		end_if_empty(&d->staged, s);
	pthread_mutex_unlock(&d->staged.lock);
	if (kept)
		return;
	drops_count(&d->drops, DROP_STAGED_FULL, 1);
	if (p)
		packet_free(p);
}

void staged_return(struct device *d, struct peer *peer, const u8 *packet, size_t len)
{
	struct packet *p = packet_new(packet, len);
	struct staged *s;
	bool kept;

	pthread_mutex_lock(&d->staged.lock);
	s = queue_of(&d->staged, peer);
	kept = s && p && s->n < WG_MAX_STAGED && make_room(d, s, packet_cost(p), false);
	if (kept)
		prepend_packet(&d->staged, s, p);
	if (s)
		end_if_empty(&d->staged, s);
	pthread_mutex_unlock(&d->staged.lock);
	if (kept)
		return;
	drops_count(&d->drops, DROP_STAGED_FULL, 1);
	if (p)
		packet_free(p);
}

/* The packet is copied outside the lock, which other peers need. */
size_t staged_take(struct device *d, struct peer *peer, u8 *out, size_t room)
{
	struct packet *p = NULL;
	struct staged *s;
	size_t len;

	pthread_mutex_lock(&d->staged.lock);
	s = peer->staged;
	if (s && s->first->len <= room) {
		p = unlink_first(&d->staged, s);
		end_if_empty(&d->staged, s);
	}
	pthread_mutex_unlock(&d->staged.lock);
	if (!p)
		return 0;
	len = p->len;
	memcpy(out, p->data, len);
	packet_free(p);
	return len;
}

void staged_drop(struct device *d, struct peer *peer)
{
	struct staged *s;

	pthread_mutex_lock(&d->staged.lock);
	s = peer->staged;
	while (s && s->n)
		evict_oldest(d, s, DROP_STAGED_EXPIRED);
	if (s)
		end_if_empty(&d->staged, s);
	pthread_mutex_unlock(&d->staged.lock);
}

bool staged_any(const struct peer *peer)
{
	return __atomic_load_n(&peer->staged, __ATOMIC_ACQUIRE);
}

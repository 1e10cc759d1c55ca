// SPDX-License-Identifier: GPL-2.0
/* Packets that wait. Each is one allocation; the queue exists only while it has packets, so
 * that an idle peer costs a pointer. A device counts its bytes without a lock: two workers may
 * together pass the bound by a packet each. */
#include "staged.h"
#include <stdlib.h>
#include "../../core/messages.h"
#include "../../lib/secret.h"
#include "device.h"

struct packet {
	struct packet *next;
	size_t len;
	u8 data[];
};

struct staged {
	struct packet *first, **last;
	size_t n;
};

static size_t cost(const struct packet *p)
{
	return sizeof(*p) + p->len;
}

static void drop_first(struct device *d, struct staged *s)
{
	struct packet *p = s->first;

	s->first = p->next;
	if (!s->first)
		s->last = &s->first;
	s->n--;
	__atomic_sub_fetch(&d->staged_bytes, cost(p), __ATOMIC_RELAXED);
	wg_secret_wipe(p->data, p->len);
	free(p);
}

static void end_if_empty(struct peer *peer)
{
	if (peer->staged->n)
		return;
	free(peer->staged);
	peer->staged = NULL;
}

static struct staged *queue_of(struct peer *peer)
{
	struct staged *s = peer->staged;

	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (s)
		s->last = &s->first;
	peer->staged = s;
	return s;
}

static void evict_oldest(struct device *d, struct staged *s)
{
	drop_first(d, s);
	drops_count(&d->drops, DROP_STAGED_FULL, 1);
}

/* The peer's own oldest give way, not another's: one peer that does not answer must not take
 * all. */
static bool make_room(struct device *d, struct staged *s, size_t wanted)
{
	while (s->n >= WG_MAX_STAGED)
		evict_oldest(d, s);
	while (__atomic_load_n(&d->staged_bytes, __ATOMIC_RELAXED) + wanted > STAGED_BYTES) {
		if (!s->n)
			return false;
		evict_oldest(d, s);
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

static void append(struct device *d, struct staged *s, struct packet *p)
{
	*s->last = p;
	s->last = &p->next;
	s->n++;
	__atomic_add_fetch(&d->staged_bytes, cost(p), __ATOMIC_RELAXED);
}

void staged_add(struct device *d, struct peer *peer, const u8 *packet, size_t len)
{
	struct staged *s = queue_of(peer);
	struct packet *p;

	if (!s) {
		drops_count(&d->drops, DROP_STAGED_FULL, 1);
		return;
	}
	p = make_room(d, s, sizeof(*p) + len) ? packet_new(packet, len) : NULL;
	if (p)
		append(d, s, p);
	else
		drops_count(&d->drops, DROP_STAGED_FULL, 1);
	end_if_empty(peer);
}

static void prepend(struct device *d, struct staged *s, struct packet *p)
{
	p->next = s->first;
	s->first = p;
	if (!p->next)
		s->last = &p->next;
	s->n++;
	__atomic_add_fetch(&d->staged_bytes, cost(p), __ATOMIC_RELAXED);
}

static bool has_room(const struct device *d, const struct staged *s, size_t wanted)
{
	return s->n < WG_MAX_STAGED &&
	       __atomic_load_n(&d->staged_bytes, __ATOMIC_RELAXED) + wanted <= STAGED_BYTES;
}

void staged_return(struct device *d, struct peer *peer, const u8 *packet, size_t len)
{
	struct staged *s = queue_of(peer);
	struct packet *p;

	if (!s) {
		drops_count(&d->drops, DROP_STAGED_FULL, 1);
		return;
	}
	p = has_room(d, s, sizeof(*p) + len) ? packet_new(packet, len) : NULL;
	if (p)
		prepend(d, s, p);
	else
		drops_count(&d->drops, DROP_STAGED_FULL, 1);
	end_if_empty(peer);
}

size_t staged_take(struct device *d, struct peer *peer, u8 *out)
{
	struct staged *s = peer->staged;
	size_t len;

	if (!s)
		return 0;
	len = s->first->len;
	memcpy(out, s->first->data, len);
	drop_first(d, s);
	end_if_empty(peer);
	return len;
}

void staged_drop(struct device *d, struct peer *peer)
{
	if (!peer->staged)
		return;
	drops_count(&d->drops, DROP_STAGED_EXPIRED, (u32)peer->staged->n);
	while (peer->staged->n)
		drop_first(d, peer->staged);
	end_if_empty(peer);
}

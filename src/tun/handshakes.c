// SPDX-License-Identifier: GPL-2.0
/* The queue of handshake messages. Its memory is touched only as far as it was ever filled. */
#include "handshakes.h"
#include <stdlib.h>
#include "../crypto/siphash.h"
#include "../lib/secret.h"

#define NONE UINT16_MAX

struct entry {
	struct handshake_message message;
	u16 next;
};

struct bucket {
	u16 first, last, n;
	u64 overflow; /* when it last had no room; 0: never */
};

struct handshake_queue {
	pthread_mutex_t lock;
	u8 hash_key[16];
	struct bucket buckets[HANDSHAKES_BUCKETS];
	u32 turn; /* the bucket that is served next */
	u32 n;
	u64 loaded; /* when there was load; 0: never */
	u16 free, fresh; /* a list; entries from here on were never used */
	struct entry entries[HANDSHAKES_MAX];
};

struct handshake_queue *handshakes_new(void)
{
	struct handshake_queue *q = calloc(1, sizeof(*q));
	struct wg_error err;

	if (!q || wg_secret_random(q->hash_key, sizeof(q->hash_key), &err) < 0) {
		free(q);
		return NULL;
	}
	pthread_mutex_init(&q->lock, NULL);
	q->free = NONE;
	return q;
}

void handshakes_free(struct handshake_queue *q)
{
	if (q)
		pthread_mutex_destroy(&q->lock);
	free(q);
}

/* Whoever has one address of a /64 has them all. */
static struct bucket *bucket_of(struct handshake_queue *q, const struct endpoint *from)
{
	struct wg_addr addr;

	endpoint_to_addr(from, &addr);
	return &q->buckets[wg_siphash(addr.ip, 8, q->hash_key) % HANDSHAKES_BUCKETS];
}

static u16 entry_new(struct handshake_queue *q)
{
	u16 i = q->free;

	if (i == NONE)
		return q->fresh++;
	q->free = q->entries[i].next;
	return i;
}

static bool is_recent(u64 when, u64 now)
{
	return when && now - when < HANDSHAKES_CALM;
}

static void append(struct handshake_queue *q, struct bucket *b, const u8 *message, size_t len,
		   const struct endpoint *from, u64 now)
{
	u16 i = entry_new(q);
	struct entry *e = &q->entries[i];

	memcpy(e->message.data, message, len);
	e->message.len = (u8)len;
	e->message.from = *from;
	e->next = NONE;
	if (b->n++)
		q->entries[b->last].next = i;
	else
		b->first = i;
	b->last = i;
	if (++q->n > HANDSHAKES_LOAD)
		q->loaded = now;
}

static bool is_plausible(struct device *d, const u8 *message, size_t len,
			 const struct endpoint *from)
{
	static const u8 unused[32];
	struct wg_addr addr;
	u32 type = len >= 4 ? wg_load_le32(message) : 0;

	if (type == WG_MESSAGE_COOKIE)
		return len == WG_COOKIE_MESSAGE_LEN;
	if (!(type == WG_MESSAGE_INITIATION && len == WG_INITIATION_LEN) &&
	    !(type == WG_MESSAGE_RESPONSE && len == WG_RESPONSE_LEN))
		return false;
	endpoint_to_addr(from, &addr);
	return wg_cookie_check(&d->local.checker, message, len, &addr, false, unused, 0) ==
	       WG_MAC_VALID;
}

bool handshakes_add(struct device *d, const u8 *message, size_t len, const struct endpoint *from,
		    bool *was_empty)
{
	struct handshake_queue *q = d->handshakes;
	u64 now = device_now();
	struct bucket *b;
	bool fits;

	if (!is_plausible(d, message, len, from))
		return false;
	b = bucket_of(q, from);
	pthread_mutex_lock(&q->lock);
	fits = b->n < HANDSHAKES_PER_BUCKET;
	*was_empty = !q->n;
	if (fits)
		append(q, b, message, len, from, now);
	else
		b->overflow = now;
	pthread_mutex_unlock(&q->lock);
	return fits;
}

static void take_first(struct handshake_queue *q, struct bucket *b, struct handshake_message *out)
{
	struct entry *e = &q->entries[b->first];
	u16 next = e->next;

	*out = e->message;
	e->next = q->free;
	q->free = b->first;
	b->first = next;
	b->n--;
	q->n--;
}

bool handshakes_take(struct handshake_queue *q, struct handshake_message *out, u64 now)
{
	bool found = false;

	pthread_mutex_lock(&q->lock);
	for (int i = 0; i < HANDSHAKES_BUCKETS && q->n && !found; i++) {
		struct bucket *b = &q->buckets[q->turn++ % HANDSHAKES_BUCKETS];

		if (!b->n)
			continue;
		take_first(q, b, out);
		out->under_load = is_recent(q->loaded, now) || is_recent(b->overflow, now);
		found = true;
	}
	pthread_mutex_unlock(&q->lock);
	return found;
}

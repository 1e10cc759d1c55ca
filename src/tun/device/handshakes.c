// SPDX-License-Identifier: GPL-2.0
/* The queue of handshake messages. Its memory is touched only as far as it was ever filled. */
#include "handshakes.h"
#include <stdlib.h>
#include "../../crypto/siphash.h"
#include "../../lib/secret.h"

#define NONE UINT16_MAX

struct entry {
	struct handshake_message message;
	u16 next;
};

enum rank {
	PROVEN, /* it answers us, or claims to have a cookie */
	ANYBODY,
	RANKS,
};

struct list {
	u16 first, last, n;
};

struct bucket {
	struct list lists[RANKS];
	u64 overflow; /* when it last had no room; 0: never */
};

struct source {
	u32 tag; /* keyed */
	u32 when; /* ms */
};

struct handshake_queue {
	pthread_mutex_t lock;
	u8 hash_key[16];
	struct bucket buckets[HANDSHAKES_BUCKETS];
	u32 turn[RANKS]; /* the bucket that is served next */
	u32 taken;
	u32 n;
	u64 loaded; /* when there was load; 0: never */
	u16 free, fresh; /* a list; entries from here on were never used */
	struct source sources[HANDSHAKES_SOURCES];
	struct entry entries[RANKS * HANDSHAKES_MAX];
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
static u64 hash_of(const struct handshake_queue *q, const struct endpoint *from)
{
	struct wg_addr addr;

	endpoint_to_addr(from, &addr);
	return wg_siphash(addr.ip, 8, q->hash_key);
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

static bool is_under_load(const struct handshake_queue *q, const struct bucket *b, u64 now)
{
	return is_recent(q->loaded, now) || is_recent(b->overflow, now);
}

static void append(struct handshake_queue *q, struct list *l, const u8 *message, size_t len,
		   const struct endpoint *from)
{
	u16 i = entry_new(q);
	struct entry *e = &q->entries[i];

	memcpy(e->message.data, message, len);
	e->message.len = (u8)len;
	e->message.from = *from;
	e->next = NONE;
	if (l->n++)
		q->entries[l->last].next = i;
	else
		l->first = i;
	l->last = i;
	q->n++;
}

/* Only who saw our message knows the index in it. */
static bool is_answer(const struct device *d, u32 type, const u8 *message)
{
	const struct wg_message_response *response = (const void *)message;
	const struct wg_message_cookie *cookie = (const void *)message;

	if (type == WG_MESSAGE_COOKIE)
		return index_peer(d->indices, wg_load_le32(cookie->receiver));
	return type == WG_MESSAGE_RESPONSE &&
	       index_peer(d->indices, wg_load_le32(response->receiver));
}

static bool claims_cookie(const u8 *message, size_t len)
{
	static const u8 none[WG_MAC_LEN];

	return memcmp(message + len - WG_MAC_LEN, none, WG_MAC_LEN) != 0;
}

static bool has_good_mac(struct device *d, u32 type, const u8 *message, size_t len,
			 const struct endpoint *from)
{
	static const u8 unused[32];
	struct wg_addr addr;

	if (type == WG_MESSAGE_COOKIE)
		return true;
	endpoint_to_addr(from, &addr);
	return wg_cookie_check(&d->local.checker, message, len, &addr, false, unused, 0) ==
	       WG_MAC_VALID;
}

static u32 ms_of(u64 now)
{
	return (u32)(now / (WG_SECOND / 1000));
}

static struct source *source_of(struct handshake_queue *q, u64 hash)
{
	return &q->sources[(hash >> 32) % HANDSHAKES_SOURCES];
}

/* Before the mac is computed, which costs more than all else here. */
static bool comes_too_often(struct handshake_queue *q, struct bucket *b, u64 hash, u64 now)
{
	const struct source *s = source_of(q, hash);
	bool often;

	pthread_mutex_lock(&q->lock);
	often = is_under_load(q, b, now) && s->tag == (u32)hash &&
		ms_of(now) - s->when < ms_of(HANDSHAKES_PAUSE);
	pthread_mutex_unlock(&q->lock);
	return often;
}

static bool add(struct handshake_queue *q, enum rank rank, u64 hash, const u8 *message, size_t len,
		const struct endpoint *from, bool *was_empty)
{
	struct bucket *b = &q->buckets[hash % HANDSHAKES_BUCKETS];
	struct list *l = &b->lists[rank];
	u64 now = device_now();
	bool fits;

	pthread_mutex_lock(&q->lock);
	fits = l->n < HANDSHAKES_PER_BUCKET;
	*was_empty = !q->n;
	if (fits) {
		append(q, l, message, len, from);
		if (rank == ANYBODY)
			*source_of(q, hash) = (struct source){(u32)hash, ms_of(now)};
	} else {
		b->overflow = now;
	}
	if (q->n > HANDSHAKES_LOAD)
		q->loaded = now;
	pthread_mutex_unlock(&q->lock);
	return fits;
}

bool handshakes_add(struct device *d, const u8 *message, size_t len, const struct endpoint *from,
		    bool *was_empty)
{
	struct handshake_queue *q = d->handshakes;
	u32 type = wg_message_handshake_type(message, len);
	u64 hash = hash_of(q, from);
	enum rank rank = PROVEN;

	if (type == WG_MESSAGE_INITIATION) {
		rank = claims_cookie(message, len) ? PROVEN : ANYBODY;
		if (rank == ANYBODY && comes_too_often(q, &q->buckets[hash % HANDSHAKES_BUCKETS],
						       hash, device_now()))
			return false;
	} else if (!type || !is_answer(d, type, message)) {
		return false;
	}
	return has_good_mac(d, type, message, len, from) &&
	       add(q, rank, hash, message, len, from, was_empty);
}

static void take_first(struct handshake_queue *q, struct list *l, struct handshake_message *out)
{
	struct entry *e = &q->entries[l->first];
	u16 next = e->next;

	*out = e->message;
	e->next = q->free;
	q->free = l->first;
	l->first = next;
	l->n--;
	q->n--;
}

static bool take_rank(struct handshake_queue *q, enum rank rank, struct handshake_message *out,
		      u64 now)
{
	for (int i = 0; i < HANDSHAKES_BUCKETS && q->n; i++) {
		struct bucket *b = &q->buckets[q->turn[rank]++ % HANDSHAKES_BUCKETS];

		if (!b->lists[rank].n)
			continue;
		take_first(q, &b->lists[rank], out);
		/* An answer to us is proof enough. */
		out->under_load = out->data[0] == WG_MESSAGE_INITIATION && is_under_load(q, b, now);
		return true;
	}
	return false;
}

/* Claims cost nothing either, so that every fourth is one that claims nothing. */
bool handshakes_take(struct handshake_queue *q, struct handshake_message *out, u64 now)
{
	enum rank first;
	bool found;

	pthread_mutex_lock(&q->lock);
	first = q->taken++ % 4 == 3 ? ANYBODY : PROVEN;
	found = take_rank(q, first, out, now) ||
		take_rank(q, first == PROVEN ? ANYBODY : PROVEN, out, now);
	pthread_mutex_unlock(&q->lock);
	return found;
}

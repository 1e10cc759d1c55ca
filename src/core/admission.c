// SPDX-License-Identifier: GPL-2.0
/* Rates are kept as times: each event moves a time forward by its cost, and the rate is exceeded
 * when that time is too far ahead of now. So there is nothing to refill. */
#include "admission.h"
#include "../crypto/siphash.h"

#define NO_ENTRY 0xffff

_Static_assert((int)WG_ADMISSION_ENTRIES ==
		       (int)WG_ADMISSION_KINDS * WG_ADMISSION_BUCKETS * WG_ADMISSION_PER_BUCKET,
	       "each message of each list has an entry");

void wg_admission_init(struct wg_admission *ad, const u8 random[static 32], u32 processors)
{
	memcpy(ad->key, random, sizeof(ad->key));
	wg_ratelimiter_init(&ad->limiter, ad->rates, WG_ADMISSION_RATE_SETS, random + 16);
	ad->processors = processors;
	ad->free = NO_ENTRY;
}

static u64 later(u64 a, u64 b)
{
	return a > b ? a : b;
}

static bool is_loaded(const struct wg_admission_load *load, u64 now)
{
	return now < load->until;
}

bool wg_admission_is_loaded(const struct wg_admission *ad, u64 now)
{
	return now < ad->any_load_until;
}

static void hold_load(struct wg_admission *ad, struct wg_admission_load *load, u64 now)
{
	load->until = later(load->until, now + WG_ADMISSION_LOAD_HOLD);
	ad->any_load_until = later(ad->any_load_until, load->until);
}

/* A message was not queued. If such messages come faster than one in `interval` ns, load lasts. */
static void note_one(struct wg_admission *ad, struct wg_admission_load *load, u64 interval, u64 now)
{
	load->level = later(load->level, now) + interval;
	if (load->level < now + WG_ADMISSION_LOAD_HOLD / 4)
		return;
	/* The level does not rise without end: that would keep up the load after the flood. */
	load->level = now + WG_ADMISSION_LOAD_HOLD / 4;
	if (is_loaded(load, now))
		hold_load(ad, load, now);
}

static void note_demand(struct wg_admission *ad, struct wg_admission_bucket *b, u64 now)
{
	note_one(ad, &b->load, WG_SECOND / WG_ADMISSION_HOLD_RATE_BUCKET, now);
	note_one(ad, &ad->load, WG_SECOND / WG_ADMISSION_HOLD_RATE, now);
}

/* A source is an address (IPv6: a /64) and a port. What answers us goes by the index that it names:
 * who floods one handshake does not reach others. */
static struct wg_admission_bucket *bucket_of(struct wg_admission *ad, const struct wg_arrival *a)
{
	size_t len = a->from.family == 4 ? 4 : 8;
	u8 source[10];
	u64 hash;

	memcpy(source, a->from.ip, len);
	memcpy(source + len, a->from.port, sizeof(a->from.port));
	if (wg_load_le32(a->message) == WG_MESSAGE_INITIATION)
		hash = wg_siphash(source, len + sizeof(a->from.port), ad->key);
	else
		hash = wg_siphash(wg_message_receiver(a->message), 4, ad->key);
	return &ad->buckets[hash % WG_ADMISSION_BUCKETS];
}

enum wg_handshake_result wg_admission_check(const struct wg_local *l, struct wg_arrival *a,
					    const u8 *message, size_t len,
					    const struct wg_addr *from, u64 now)
{
	const struct wg_host *host = l->host;
	u32 type = wg_message_handshake_type(message, len);

	*a = (struct wg_arrival){message, len, *from, WG_ADMISSION_UNPROVEN};
	if (!type)
		return WG_HANDSHAKE_MALFORMED;
	if (!l->identity.present)
		return WG_HANDSHAKE_NO_IDENTITY;
	if (type != WG_MESSAGE_INITIATION &&
	    !host->has_index(host->ctx, wg_load_le32(wg_message_receiver(message))))
		return WG_HANDSHAKE_UNKNOWN;
	if (type == WG_MESSAGE_COOKIE)
		a->kind = WG_ADMISSION_ANSWER;
	else if (!wg_cookie_has_mac1(&l->checker, message, len))
		return WG_HANDSHAKE_BAD_MAC;
	else if (wg_cookie_has_mac2(&l->checker, message, len, from, now))
		a->kind = WG_ADMISSION_PROVEN;
	return WG_HANDSHAKE_ADMITTED;
}

static bool pay_for_cookie(struct wg_admission *ad, u64 now)
{
	u64 earliest = now > WG_ADMISSION_COOKIE_BURST ? now - WG_ADMISSION_COOKIE_BURST : 0;
	u64 until = later(ad->cookies_until, earliest) + WG_SECOND / WG_ADMISSION_COOKIES;

	if (until > now)
		return false;
	ad->cookies_until = until;
	return true;
}

/* Returns the place where the message is remembered, if it is; *tag is what stands there then. Two
 * messages have the same mac2 only if one is a copy of the other, from the same address. */
static u32 *seen_place(struct wg_admission *ad, const struct wg_arrival *a, u32 *tag)
{
	const struct wg_message_macs *macs = (const void *)(a->message + a->len - sizeof(*macs));
	u64 hash = wg_siphash(macs->mac2, sizeof(macs->mac2), ad->key);

	*tag = (u32)(hash >> 32) | 1;
	return &ad->seen[hash % WG_ADMISSION_SEEN];
}

static u16 entry_new(struct wg_admission *ad)
{
	u16 i = ad->free;

	if (i == NO_ENTRY)
		return ad->fresh++;
	ad->free = ad->entries[i].next;
	return i;
}

static u16 queue(struct wg_admission *ad, struct wg_admission_list *list,
		 const struct wg_arrival *a, u64 now)
{
	u16 i = entry_new(ad);
	struct wg_admission_entry *e = &ad->entries[i];

	memcpy(e->message, a->message, a->len);
	e->len = (u8)a->len;
	if (list->n++)
		ad->entries[list->last].next = i;
	else
		list->first = i;
	list->last = i;
	if (++ad->waiting > WG_ADMISSION_LOAD)
		hold_load(ad, &ad->load, now);
	return i;
}

enum wg_handshake_result wg_admission_decide(struct wg_admission *ad, const struct wg_arrival *a,
					     u16 *slot, bool *wake, u64 now)
{
	struct wg_admission_bucket *b = bucket_of(ad, a);
	struct wg_admission_list *list = &b->lists[a->kind];
	bool loaded = is_loaded(&ad->load, now) || is_loaded(&b->load, now);
	bool has_room = list->n < WG_ADMISSION_PER_BUCKET;
	u32 tag = 0, *seen = NULL;

	if (a->kind == WG_ADMISSION_PROVEN) {
		seen = seen_place(ad, a, &tag);
		if (*seen == tag)
			return WG_HANDSHAKE_REPLAYED;
		if (loaded && !wg_ratelimiter_allow(&ad->limiter, &a->from, now)) {
			note_demand(ad, b, now);
			return WG_HANDSHAKE_RATE_LIMITED;
		}
	}
	if (!has_room)
		hold_load(ad, &b->load, now);
	if (a->kind == WG_ADMISSION_UNPROVEN && (loaded || !has_room)) {
		note_demand(ad, b, now);
		return pay_for_cookie(ad, now) ? WG_HANDSHAKE_COOKIE_REPLY :
						 WG_HANDSHAKE_NO_BUDGET;
	}
	if (!has_room)
		return WG_HANDSHAKE_NO_ROOM;
	if (seen)
		*seen = tag;
	*wake = !ad->waiting;
	*slot = queue(ad, list, a, now);
	return WG_HANDSHAKE_ADMITTED;
}

void wg_admission_reply(const struct wg_local *l, struct wg_message_cookie *reply, const u8 *message,
			size_t len, const struct wg_addr *from,
			const u8 nonce[static WG_COOKIE_NONCE_LEN], u64 now)
{
	wg_cookie_create(&l->checker, reply, message, len, from, nonce, now);
}

static void unqueue(struct wg_admission *ad, struct wg_admission_list *list,
		    struct wg_admitted *out)
{
	u16 i = list->first;
	struct wg_admission_entry *e = &ad->entries[i];

	memcpy(out->message, e->message, e->len);
	out->len = e->len;
	out->slot = i;
	list->first = e->next;
	list->n--;
	ad->waiting--;
	e->next = ad->free;
	ad->free = i;
}

/* Returns false if the bucket has no message that is to be worked on. */
static bool take_from(struct wg_admission *ad, struct wg_admission_bucket *b,
		      struct wg_admitted *out, u64 now)
{
	for (int kind = 0; kind < WG_ADMISSION_KINDS; kind++) {
		while (b->lists[kind].n) {
			unqueue(ad, &b->lists[kind], out);
			out->wants_cookie = kind == WG_ADMISSION_UNPROVEN &&
					    (is_loaded(&ad->load, now) || is_loaded(&b->load, now));
			if (!out->wants_cookie || pay_for_cookie(ad, now))
				return true;
		}
	}
	return false;
}

u64 wg_admission_take(struct wg_admission *ad, struct wg_admitted *out, u64 now)
{
	if (ad->waiting && wg_admission_is_loaded(ad, now) &&
	    ad->work_until > now + WG_ADMISSION_SHARE * WG_ADMISSION_TURN)
		return ad->work_until;
	for (u32 i = 0; ad->waiting && i < WG_ADMISSION_BUCKETS; i++)
		if (take_from(ad, &ad->buckets[ad->turn++ % WG_ADMISSION_BUCKETS], out, now))
			return 0;
	return WG_NEVER;
}

void wg_admission_spent(struct wg_admission *ad, u64 spent, u64 now)
{
	u64 paid_before = spent + WG_ADMISSION_CREDIT;
	u64 earliest = now > paid_before ? now - paid_before : 0;
	/* 32 bits are enough, and some kernels cannot divide more. */
	u32 cost = (u32)(spent < WG_SECOND ? spent : WG_SECOND) * WG_ADMISSION_SHARE;

	if (wg_admission_is_loaded(ad, now))
		ad->work_until = later(ad->work_until, earliest) + cost / ad->processors;
}

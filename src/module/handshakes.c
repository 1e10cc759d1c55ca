// SPDX-License-Identifier: GPL-2.0
/* The queue is fair: sources are hashed into buckets that are served in turn, so that a flood from
 * one fills one, and a flood from everywhere leaves each its share. What answers us, or claims to
 * have a cookie, does not wait behind what anybody can make. Who does not know our public key does
 * not get in.
 *
 * Under load the work has bounds: a third of each jiffy. */
#include "handshakes.h"
#include <linux/mm.h>
#include <linux/random.h>
#include "actions.h"
#include "peer.h"
#include "socket.h"

#define CALM WG_SECOND /* load sticks so long */
#define TURN (NSEC_PER_SEC / HZ / 3)

enum rank {
	PROVEN, /* it answers us, or claims to have a cookie */
	ANYBODY,
	RANKS,
};

enum {
	BUCKETS = 64,
	PER_BUCKET = WG_HANDSHAKES_MAX / BUCKETS / RANKS,
};

struct bucket {
	struct sk_buff_head lists[RANKS]; /* their own locks are not used */
	u64 overflow;                     /* when it last had no room; 0: never */
};

struct wg_handshakes {
	struct wg_device *device;
	struct delayed_work work;
	siphash_key_t hash_key;

	spinlock_t lock;
	struct bucket buckets[BUCKETS];
	u32 turn[RANKS]; /* the bucket that is served next */
	u32 taken, count;
	u64 loaded; /* when there was load; 0: never */

	struct wg_rate_entry rates[WG_HANDSHAKES_SOURCES];
};

static bool is_recent(u64 when, u64 now)
{
	return when && now - when < CALM;
}

static bool is_under_load(const struct wg_handshakes *q, const struct bucket *b, u64 now)
{
	return is_recent(q->loaded, now) || is_recent(b->overflow, now);
}

/* Under load not before the next jiffy. */
static void kick(struct wg_handshakes *q, bool loaded)
{
	queue_delayed_work(q->device->handshake_wq, &q->work, loaded ? 1 : 0);
}

/* 0: it is none. */
static u32 type_of(const struct sk_buff *skb)
{
	u32 type = wg_load_le32(skb->data);

	if ((type == WG_MESSAGE_INITIATION && skb->len == WG_INITIATION_LEN) ||
	    (type == WG_MESSAGE_RESPONSE && skb->len == WG_RESPONSE_LEN) ||
	    (type == WG_MESSAGE_COOKIE && skb->len == WG_COOKIE_MESSAGE_LEN))
		return type;
	return 0;
}

/* Only who saw our message knows the index in it. */
static bool is_answer(struct wg_device *wg, const struct sk_buff *skb, u32 type)
{
	const struct wg_message_response *response = (const void *)skb->data;
	const struct wg_message_cookie *cookie = (const void *)skb->data;
	const u8 *index = type == WG_MESSAGE_COOKIE ? cookie->receiver : response->receiver;
	struct wg_peer *peer = wg_indices_peer(&wg->indices, wg_load_le32(index));

	if (peer)
		wg_peer_put(peer);
	return peer;
}

static bool claims_cookie(const struct sk_buff *skb)
{
	return memchr_inv(skb->data + skb->len - WG_MAC_LEN, 0, WG_MAC_LEN);
}

/* The key changes with the identity only. A message that came meanwhile is for nobody, anyway. */
static bool has_good_mac(struct wg_device *wg, const struct sk_buff *skb, u32 type)
{
	static const u8 unused[32];
	static const struct wg_addr nowhere;

	return type == WG_MESSAGE_COOKIE ||
	       wg_cookie_check(&wg->local.checker, skb->data, skb->len, &nowhere, false, unused,
			       0) == WG_MAC_VALID;
}

/* Whoever has one address of a /64 has them all. */
static struct bucket *bucket_of(struct wg_handshakes *q, const struct wg_endpoint *from)
{
	struct wg_addr addr;
	u64 ip;

	wg_endpoint_addr(from, &addr);
	memcpy(&ip, addr.ip, sizeof(ip));
	return &q->buckets[siphash_1u64(ip, &q->hash_key) % BUCKETS];
}

/* Before the mac is computed, which costs more than all else here. */
static bool has_room(struct wg_handshakes *q, struct bucket *b, enum rank rank)
{
	if (skb_queue_len_lockless(&b->lists[rank]) < PER_BUCKET)
		return true;
	WRITE_ONCE(b->overflow, wg_device_now());
	return false;
}

static void append(struct wg_handshakes *q, struct bucket *b, enum rank rank, struct sk_buff *skb)
{
	u64 now = wg_device_now();
	bool loaded;

	spin_lock_bh(&q->lock);
	__skb_queue_tail(&b->lists[rank], skb);
	if (++q->count > WG_HANDSHAKES_LOAD)
		q->loaded = now;
	loaded = is_under_load(q, b, now);
	spin_unlock_bh(&q->lock);
	kick(q, loaded);
}

static bool add(struct wg_device *wg, struct sk_buff *skb, u32 type)
{
	struct wg_handshakes *q = wg->handshakes;
	enum rank rank = PROVEN;
	struct wg_endpoint from;
	struct bucket *b;

	if (!wg_endpoint_from_skb(&from, skb))
		return false;
	if (type == WG_MESSAGE_INITIATION)
		rank = claims_cookie(skb) ? PROVEN : ANYBODY;
	else if (!is_answer(wg, skb, type))
		return false;
	b = bucket_of(q, &from);
	if (!has_room(q, b, rank) || !has_good_mac(wg, skb, type))
		return false;
	append(q, b, rank, skb);
	return true;
}

void wg_handshakes_add(struct wg_device *wg, struct sk_buff *skb)
{
	u32 type = skb_linearize(skb) ? 0 : type_of(skb);

	if (!type || !add(wg, skb, type))
		kfree_skb(skb);
}

static struct sk_buff *take_rank(struct wg_handshakes *q, enum rank rank, bool *under_load, u64 now)
{
	for (u32 i = 0; i < BUCKETS; i++) {
		struct bucket *b = &q->buckets[q->turn[rank]++ % BUCKETS];
		struct sk_buff *skb = __skb_dequeue(&b->lists[rank]);

		if (!skb)
			continue;
		q->count--;
		*under_load = is_under_load(q, b, now);
		return skb;
	}
	return NULL;
}

/* Claims cost nothing either, so that every fourth is one that claims nothing. */
static struct sk_buff *take(struct wg_handshakes *q, bool *under_load, u64 now)
{
	enum rank first;
	struct sk_buff *skb;

	spin_lock_bh(&q->lock);
	first = q->taken++ % 4 == 3 ? ANYBODY : PROVEN;
	skb = take_rank(q, first, under_load, now);
	if (!skb)
		skb = take_rank(q, first == PROVEN ? ANYBODY : PROVEN, under_load, now);
	spin_unlock_bh(&q->lock);
	return skb;
}

/* Under handshake_lock: removing a peer waits for it, so that a peer that was found is there until
 * it is let go. Returns it, with a reference; NULL: it is dead, and so is the session. */
static struct wg_peer *apply(struct wg_device *wg, struct wg_incoming *in, u32 len,
			     const struct wg_endpoint *from, u32 *actions, u64 now)
{
	struct wg_peer *peer = wg_peer_of(in->remote);
	bool dead;

	spin_lock_bh(&peer->lock);
	dead = peer->dead;
	if (!dead) {
		*actions = wg_protocol_apply(&wg->local, in, now);
		wg_socket_roam(peer, from);
		wg_peer_count_received(peer, len);
		if (in->reply_len)
			wg_peer_count_sent(peer, 1, in->reply_len);
		wg_actions_arm(peer);
	}
	spin_unlock_bh(&peer->lock);
	if (!dead)
		return wg_peer_get(peer);
	wg->host.keypair_free(wg->host.ctx, in->keypair);
	in->reply_len = 0;
	return NULL;
}

/* Likewise. */
static struct wg_peer *hand_in(struct wg_device *wg, struct wg_incoming *in,
			       const struct sk_buff *skb, const struct wg_endpoint *from,
			       bool under_load, const struct wg_entropy *random, u32 *actions)
{
	u64 now = wg_device_now();
	enum wg_protocol_result result;
	struct wg_addr addr;

	/* When it goes down, handshakes are forgotten under this lock, then sessions. */
	in->reply_len = 0;
	if (!netif_running(wg->dev))
		return NULL;
	wg_endpoint_addr(from, &addr);
	result = wg_protocol_receive(&wg->local, in, skb->data, skb->len, &addr, under_load, random,
				     now);
	if (result != WG_PROTOCOL_RESPONDED && result != WG_PROTOCOL_COMPLETED)
		return NULL;
	return apply(wg, in, skb->len, from, actions, now);
}

static void receive(struct wg_device *wg, const struct sk_buff *skb, bool under_load)
{
	struct wg_incoming in;
	struct wg_entropy random;
	struct wg_endpoint from;
	struct wg_peer *peer;
	u32 actions = 0;

	wg_endpoint_from_skb(&from, skb);
	/* An answer to us is proof enough. */
	under_load &= type_of(skb) == WG_MESSAGE_INITIATION;
	wg_actions_entropy(&random);
	mutex_lock(&wg->handshake_lock);
	peer = hand_in(wg, &in, skb, &from, under_load, &random, &actions);
	mutex_unlock(&wg->handshake_lock);
	if (in.reply_len)
		wg_socket_send_message(wg, &from, in.reply, in.reply_len);
	if (peer) {
		wg_actions_do(peer, actions);
		wg_peer_put(peer);
	}
	memzero_explicit(&in, sizeof(in));
	memzero_explicit(&random, sizeof(random));
}

static void work(struct work_struct *w)
{
	struct wg_handshakes *q = container_of(to_delayed_work(w), struct wg_handshakes, work);
	u64 start = wg_device_now(), now = start;
	bool under_load = false;

	while (!under_load || now - start < TURN) {
		struct sk_buff *skb = take(q, &under_load, now);

		if (!skb)
			return;
		receive(q->device, skb, under_load);
		consume_skb(skb);
		cond_resched();
		now = wg_device_now();
	}
	kick(q, true);
}

struct wg_handshakes *wg_handshakes_new(struct wg_device *wg)
{
	struct wg_handshakes *q = kvzalloc(sizeof(*q), GFP_KERNEL);
	u8 key[16];

	if (!q)
		return NULL;
	q->device = wg;
	spin_lock_init(&q->lock);
	INIT_DELAYED_WORK(&q->work, work);
	get_random_bytes(&q->hash_key, sizeof(q->hash_key));
	for (u32 i = 0; i < BUCKETS * RANKS; i++)
		__skb_queue_head_init(&q->buckets[i / RANKS].lists[i % RANKS]);
	get_random_bytes(key, sizeof(key));
	wg_ratelimiter_init(&wg->local.limiter, q->rates, WG_HANDSHAKES_SOURCES / WG_RATE_WAYS,
			    key);
	return q;
}

void wg_handshakes_free(struct wg_handshakes *q)
{
	if (!q)
		return;
	cancel_delayed_work_sync(&q->work);
	for (u32 i = 0; i < BUCKETS * RANKS; i++)
		__skb_queue_purge(&q->buckets[i / RANKS].lists[i % RANKS]);
	kvfree(q);
}

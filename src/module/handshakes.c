// SPDX-License-Identifier: GPL-2.0
/* There are many queues, served in turn. Sources are hashed into them, so that a flood from one fills
 * one, and a flood from everywhere leaves each its share. What answers us, or claims to have a cookie,
 * has queues of its own: it does not wait behind what anybody can make. Who does not know our public
 * key does not get in.
 *
 * Under load the work has bounds: a third of each jiffy. */
#include "handshakes.h"
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include "actions.h"
#include "peer.h"
#include "socket.h"

#define CALM WG_SECOND /* load sticks so long */
#define TURN (NSEC_PER_SEC / HZ / 3)

enum {
	BUCKETS = 64,
	QUEUES = 2 * BUCKETS, /* first those of anybody */
	QUEUE_MAX = 32,
	QUEUE_LOAD = QUEUE_MAX / 4, /* load is when more wait */
	SOURCES = 16384,            /* that the rate limiter remembers */
};

struct message {
	struct list_head list;
	struct wg_endpoint from;
	u32 type, len;
	u8 bytes[WG_HANDSHAKE_MAX];
};

struct queue {
	struct list_head messages;
	u32 count;
	u64 loaded; /* when there was load; 0: never */
};

struct wg_handshakes {
	struct wg_device *device;
	struct delayed_work work;
	siphash_key_t hash_key;

	spinlock_t lock;
	struct queue queues[QUEUES];
	u32 turn; /* the queue that is served next */

	struct wg_rate_entry rates[SOURCES];
};

static bool is_under_load(const struct queue *queue, u64 now)
{
	return queue->loaded && now - queue->loaded < CALM;
}

/* Only who saw our message knows the index in it. */
static bool is_answer(struct wg_device *wg, const struct message *m)
{
	size_t at = m->type == WG_MESSAGE_COOKIE ? offsetof(struct wg_message_cookie, receiver)
						 : offsetof(struct wg_message_response, receiver);

	return wg->host.remote_by_index(wg, wg_load_le32(m->bytes + at)); /* it may go at once */
}

/* The key changes with the identity only. A message that came meanwhile is for nobody, anyway. */
static bool has_good_mac(struct wg_device *wg, const struct message *m)
{
	static const u8 unused[32];
	static const struct wg_addr nowhere;

	return m->type == WG_MESSAGE_COOKIE ||
	       wg_cookie_check(&wg->local.checker, m->bytes, m->len, &nowhere, false, unused, 0) ==
		       WG_MAC_VALID;
}

/* NULL: it may not wait at all. Whoever has one address of a /64 has them all. */
static struct queue *choose(struct wg_handshakes *q, const struct message *m)
{
	struct wg_addr addr;
	struct queue *queue;
	u64 ip;

	wg_endpoint_addr(&m->from, &addr);
	memcpy(&ip, addr.ip, sizeof(ip));
	queue = &q->queues[siphash_1u64(ip, &q->hash_key) % BUCKETS];
	if (m->type != WG_MESSAGE_INITIATION)
		return is_answer(q->device, m) ? queue + BUCKETS : NULL;
	return memchr_inv(m->bytes + m->len - WG_MAC_LEN, 0, WG_MAC_LEN) ? queue + BUCKETS : queue;
}

void wg_handshakes_add(struct wg_device *wg, const struct sk_buff *skb, u32 at, u32 len,
		       const struct wg_endpoint *from)
{
	struct message m = {.from = *from, .len = len}, *copy;
	struct wg_handshakes *q = wg->handshakes;
	struct queue *queue;
	bool loaded;
	u64 now;

	if (len <= sizeof(m.bytes) && !skb_copy_bits(skb, at, m.bytes, len))
		m.type = wg_message_handshake_type(m.bytes, len);
	if (!m.type) {
		DEV_STATS_INC(wg->dev, rx_errors);
		return;
	}
	queue = choose(q, &m);
	/* Room comes before the mac, which costs more than all else here. */
	if (!queue || READ_ONCE(queue->count) >= QUEUE_MAX || !has_good_mac(wg, &m))
		return;
	copy = kmemdup(&m, sizeof(m), GFP_ATOMIC | __GFP_NOWARN);
	if (!copy)
		return;
	now = wg_device_now();
	spin_lock(&q->lock);
	list_add_tail(&copy->list, &queue->messages);
	if (++queue->count > QUEUE_LOAD)
		queue->loaded = now;
	loaded = is_under_load(queue, now);
	spin_unlock(&q->lock);
	/* Under load not before the next jiffy. */
	queue_delayed_work(wg->handshake_wq, &q->work, loaded);
}

static struct message *take(struct wg_handshakes *q, bool *under_load, u64 now)
{
	struct message *m = NULL;

	spin_lock_bh(&q->lock);
	for (u32 i = 0; i < QUEUES && !m; i++) {
		struct queue *queue = &q->queues[q->turn++ % QUEUES];

		m = list_first_entry_or_null(&queue->messages, struct message, list);
		if (!m)
			continue;
		list_del(&m->list);
		queue->count--;
		*under_load = is_under_load(queue, now);
	}
	spin_unlock_bh(&q->lock);
	return m;
}

/* Under handshake_lock: a peer dies under it, and after it left the tables, so that one that was found
 * lives until the lock is let go. */
static void apply(struct wg_device *wg, struct wg_incoming *in, const struct message *m, u64 now)
{
	struct wg_peer *peer = wg_peer_of(in->remote);
	u32 actions;

	spin_lock_bh(&peer->lock);
	actions = wg_handshake_apply(&wg->local, in, now);
	peer->endpoint = m->from;
	wg_peer_count_received(peer, m->len);
	if (in->reply_len)
		wg_peer_count_sent(peer, 1, in->reply_len);
	wg_actions_arm(peer);
	spin_unlock_bh(&peer->lock);
	wg_actions_do(peer, actions);
}

static void receive(struct wg_device *wg, const struct message *m, bool under_load)
{
	struct wg_incoming in = {};
	struct wg_entropy random;
	struct wg_addr addr;
	u64 now;

	wg_endpoint_addr(&m->from, &addr);
	/* An answer to us is proof enough. */
	under_load &= m->type == WG_MESSAGE_INITIATION;
	get_random_bytes_wait(&random, sizeof(random));
	mutex_lock(&wg->handshake_lock);
	now = wg_device_now();
	/* When it goes down, handshakes are forgotten under this lock, then sessions. */
	if (netif_running(wg->dev))
		wg_handshake_receive(&wg->local, &in, m->bytes, m->len, &addr, under_load, &random,
				    now);
	if (in.keypair)
		apply(wg, &in, m, now);
	mutex_unlock(&wg->handshake_lock);
	wg_debug(wg, "handshake message of type %u from %pISpfsc: %s", m->type, &m->from.addr,
		 in.remote ? "taken" : in.reply_len ? "has to show a cookie" : "not taken");
	if (in.reply_len)
		wg_socket_send_message(wg, &m->from, in.reply, in.reply_len);
	memzero_explicit(&in, sizeof(in));
	memzero_explicit(&random, sizeof(random));
}

static void work(struct work_struct *w)
{
	struct wg_handshakes *q = container_of(to_delayed_work(w), struct wg_handshakes, work);
	u64 start = wg_device_now(), now = start;
	bool under_load = false;

	while (!under_load || now - start < TURN) {
		struct message *m = take(q, &under_load, now);

		if (!m)
			return;
		receive(q->device, m, under_load);
		kfree(m);
		cond_resched();
		now = wg_device_now();
	}
	queue_delayed_work(q->device->handshake_wq, &q->work, 1);
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
	for (u32 i = 0; i < QUEUES; i++)
		INIT_LIST_HEAD(&q->queues[i].messages);
	get_random_bytes(key, sizeof(key));
	wg_ratelimiter_init(&wg->local.limiter, q->rates, SOURCES / WG_RATE_WAYS, key);
	return q;
}

void wg_handshakes_free(struct wg_handshakes *q)
{
	bool under_load;
	struct message *m;

	if (!q)
		return;
	cancel_delayed_work_sync(&q->work);
	while ((m = take(q, &under_load, 0)))
		kfree(m);
	kvfree(q);
}

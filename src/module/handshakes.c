// SPDX-License-Identifier: GPL-2.0
#include "handshakes.h"
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include "../core/admission.h"
#include "actions.h"
#include "peer.h"
#include "socket.h"

/* More works than this gain nothing: a processor answers thousands a second. */
#define WORKS_MAX 16

struct handshake_work {
	struct wg_handshakes *queue;
	struct delayed_work work;
};

struct wg_handshakes {
	struct wg_device *device;
	spinlock_t lock; /* the admission lock of the core */
	struct wg_admission admission;
	struct wg_endpoint from[WG_ADMISSION_ENTRIES]; /* by slot */
	u32 next_work;
	u32 n_works;
	struct handshake_work works[WORKS_MAX];
};

/* A message whose turn it is. */
struct message {
	struct wg_endpoint from;
	struct wg_admitted admitted;
};

static void send_cookie(struct wg_device *wg, const u8 *message, size_t len,
			const struct wg_endpoint *from)
{
	u8 nonce[WG_COOKIE_NONCE_LEN];
	struct wg_message_cookie reply;
	struct wg_addr addr;

	wg_endpoint_addr(from, &addr);
	get_random_bytes(nonce, sizeof(nonce));
	read_lock_bh(&wg->local_lock);
	wg_admission_reply(&wg->local, &reply, message, len, &addr, nonce, wg_device_now());
	read_unlock_bh(&wg->local_lock);
	wg_socket_send_message(wg, NULL, from, (const u8 *)&reply, sizeof(reply), 0);
}

static enum wg_handshake_result admit(struct wg_handshakes *q, const u8 *message, u32 len,
				      const struct wg_endpoint *from)
{
	struct wg_device *wg = q->device;
	enum wg_handshake_result result;
	u64 now = wg_device_now();
	struct wg_arrival arrival;
	struct wg_addr addr;
	bool wake;
	u16 slot;

	wg_endpoint_addr(from, &addr);
	read_lock_bh(&wg->local_lock);
	result = wg_admission_check(&wg->local, &arrival, message, len, &addr, now);
	read_unlock_bh(&wg->local_lock);
	if (result != WG_HANDSHAKE_ADMITTED)
		return result;
	spin_lock_bh(&q->lock);
	result = wg_admission_decide(&q->admission, &arrival, &slot, &wake, now);
	if (result == WG_HANDSHAKE_ADMITTED)
		q->from[slot] = *from;
	spin_unlock_bh(&q->lock);
	return result;
}

void wg_handshakes_add(struct wg_device *wg, const struct sk_buff *skb, u32 at, u32 len,
		       const struct wg_endpoint *from)
{
	enum wg_handshake_result result = WG_HANDSHAKE_MALFORMED;
	struct wg_handshakes *q = wg->handshakes;
	u8 message[WG_HANDSHAKE_MAX];

	if (len <= sizeof(message) && !skb_copy_bits(skb, at, message, len))
		result = admit(q, message, len, from);
	wg_device_report(wg, result, NULL, from);
	if (result == WG_HANDSHAKE_ADMITTED) {
		/* Each message wakes another processor, until all are at work. */
		u32 i = READ_ONCE(q->next_work);

		WRITE_ONCE(q->next_work, i + 1 < q->n_works ? i + 1 : 0);
		queue_delayed_work(wg->handshake_wq, &q->works[i].work, 0);
	} else if (result == WG_HANDSHAKE_COOKIE_REPLY) {
		send_cookie(wg, message, len, from);
	} else if (result == WG_HANDSHAKE_MALFORMED) {
		DEV_STATS_INC(wg->dev, rx_errors);
	}
}

/* The caller holds the peer's handshake lock. */
static void apply_handshake(struct wg_device *wg, struct wg_incoming *in, const struct message *m,
			    u64 now)
{
	struct wg_peer *peer = wg_peer_of(in->remote);
	u32 actions;

	spin_lock_bh(&peer->lock);
	actions = wg_handshake_apply(&wg->local, in, now);
	peer->endpoint = m->from;
	dev_sw_netstats_rx_add(wg->dev, m->admitted.len);
	wg_actions_arm(peer);
	spin_unlock_bh(&peer->lock);
	wg_peer_act(peer, actions);
}

static void receive_handshake(struct wg_device *wg, const struct message *m)
{
	enum wg_handshake_result result;
	struct wg_incoming in = {};
	struct wg_peer *peer = NULL;
	struct wg_entropy random;
	u64 now;

	get_random_bytes_wait(&random, sizeof(random));
	down_read(&wg->identity_lock);
	now = wg_device_now();
	result = wg_handshake_receive(&wg->local, &in, m->admitted.message, m->admitted.len,
				      &random, now);
	wg_device_report(wg, result, in.named, &m->from);
	if (in.keypair)
		apply_handshake(wg, &in, m, now);
	if (in.reply_len)
		peer = wg_peer_get(wg_peer_of(in.remote));
	wg_handshake_release(&wg->local, &in);
	up_read(&wg->identity_lock);
	if (peer) {
		if (!wg_socket_send_message(wg, NULL, &m->from, in.reply, in.reply_len,
					    WG_SOCKET_HANDSHAKE_DS))
			wg_peer_count_handshake(peer, (u32)in.reply_len);
		wg_peer_put(peer);
	}
	memzero_explicit(&in, sizeof(in));
	memzero_explicit(&random, sizeof(random));
}

static u64 take_message(struct wg_handshakes *q, struct message *m, u64 now)
{
	u64 until;

	spin_lock_bh(&q->lock);
	until = wg_admission_take(&q->admission, &m->admitted, now);
	if (!until)
		m->from = q->from[m->admitted.slot];
	spin_unlock_bh(&q->lock);
	return until;
}

/* When the link goes down, waiting messages are dropped: this function does not hand them on, and
 * for one that it handed on before, remote_by_key() and remote_by_index() find no peer
 * (keypair.c). */
static void work_on_handshakes(struct work_struct *w)
{
	struct handshake_work *work =
		container_of(to_delayed_work(w), struct handshake_work, work);
	struct wg_handshakes *q = work->queue;
	struct wg_device *wg = q->device;
	struct message m;
	u64 now = wg_device_now(), until;

	while (!(until = take_message(q, &m, now))) {
		u64 begun = now;

		if (m.admitted.wants_cookie)
			send_cookie(wg, m.admitted.message, m.admitted.len, &m.from);
		else if (netif_running(wg->dev))
			receive_handshake(wg, &m);
		cond_resched();
		now = wg_device_now();
		spin_lock_bh(&q->lock);
		wg_admission_spent(&q->admission, now - begun, now);
		spin_unlock_bh(&q->lock);
	}
	if (until != WG_NEVER)
		queue_delayed_work(wg->handshake_wq, &work->work,
				   nsecs_to_jiffies(until - now) + 1);
}

/* The curve runs before the checker changes: messages are checked meanwhile. */
void wg_handshakes_set_private(struct wg_device *wg, const u8 private_key[static WG_PUBLIC_LEN])
{
	struct wg_local fresh;

	lockdep_assert_held_write(&wg->identity_lock);
	fresh = wg->local;
	wg_local_set_private(&fresh, private_key);
	write_lock_bh(&wg->local_lock);
	wg->local = fresh;
	write_unlock_bh(&wg->local_lock);
	memzero_explicit(&fresh, sizeof(fresh));
}

struct wg_handshakes *wg_handshakes_new(struct wg_device *wg)
{
	struct wg_handshakes *q = kvzalloc(sizeof(*q), GFP_KERNEL);
	u8 random[32];

	if (!q)
		return NULL;
	q->device = wg;
	spin_lock_init(&q->lock);
	q->n_works = min_t(u32, num_online_cpus(), WORKS_MAX);
	for (u32 i = 0; i < q->n_works; i++) {
		q->works[i].queue = q;
		INIT_DELAYED_WORK(&q->works[i].work, work_on_handshakes);
	}
	get_random_bytes(random, sizeof(random));
	wg_admission_init(&q->admission, random, q->n_works);
	memzero_explicit(random, sizeof(random));
	return q;
}

void wg_handshakes_free(struct wg_handshakes *q)
{
	if (!q)
		return;
	for (u32 i = 0; i < q->n_works; i++)
		cancel_delayed_work_sync(&q->works[i].work);
	kvfree(q);
}

// SPDX-License-Identifier: GPL-2.0
/* What the control thread does with handshake messages: the glue between the queue, the core and
 * the sockets. */
#include "../../lib/base/secret.h"
#include "../device/handshakes.h"
#include "../path/worker.h"
#include "../report/logger.h"
#include "actions.h"

/* An authentic handshake message says where its sender is, as any other does. */
static u32 apply_handshake(struct device *d, struct peer *peer, struct wg_incoming *in,
			   const struct handshake_message *m, u64 now)
{
	u32 actions;

	pthread_mutex_lock(&peer->lock);
	actions = wg_handshake_apply(&d->local, in, now);
	device_heard_peer(d, peer, &m->from); /* this is the control thread */
	pthread_mutex_unlock(&peer->lock);
	return actions;
}

static void send_cookie(struct device *d, const struct handshake_message *m)
{
	static struct handshake_nonces nonces; /* the control thread's */
	struct handshake_reply reply;

	if (handshakes_reply(d, &nonces, m->admitted.message, m->admitted.len, &m->from, &reply))
		worker_send_message(d, &reply.to, (const u8 *)&reply.message,
				    sizeof(reply.message));
}

static void receive_handshake(struct device *d, const struct handshake_message *m,
			      const struct wg_entropy *random)
{
	u64 now = device_now();
	enum wg_handshake_result result;
	struct wg_incoming in;
	struct peer *peer;
	u32 actions;

	result = wg_handshake_receive(&d->local, &in, m->admitted.message, m->admitted.len, random,
				      now);
	handshakes_report(d, result, in.named, &m->from);
	if (in.keypair) {
		peer = peer_of(in.remote);
		/* The keys are in place first, since what the other side sends next comes under
		 * them. */
		actions = apply_handshake(d, peer, &in, m, now);
		if (in.reply_len && worker_send_message(d, &m->from, in.reply, in.reply_len))
			actions_count_sent(peer, in.reply_len);
		actions_do(d, peer, actions);
	}
	wg_handshake_release(&d->local, &in);
	wg_secret_wipe(&in, sizeof(in));
}

void handshakes_receive(struct device *d, const struct handshake_message *m)
{
	struct wg_entropy random;

	if (m->admitted.wants_cookie) {
		send_cookie(d, m);
	} else if (actions_entropy(&random)) {
		receive_handshake(d, m, &random);
		wg_secret_wipe(&random, sizeof(random));
	}
}

u64 handshakes_work(struct device *d)
{
	u64 start = device_now(), now = start, until;
	struct handshake_message m;

	do {
		u64 started_at = now;

		until = handshakes_take(d->handshakes, &m, now);
		if (until)
			return until;
		handshakes_receive(d, &m);
		now = device_now();
		handshakes_spent(d->handshakes, now - started_at, now);
	} while (now - start < WG_ADMISSION_TURN);
	return 0;
}

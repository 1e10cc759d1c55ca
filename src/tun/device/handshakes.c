// SPDX-License-Identifier: GPL-2.0
/* The memory of the queue is touched only as far as it was ever filled. */
#include "handshakes.h"
#include <stdlib.h>
#include "../../lib/base/secret.h"

struct handshake_queue {
	pthread_mutex_t lock; /* the admission lock of the core */
	struct wg_admission admission;
	struct endpoint from[WG_ADMISSION_ENTRIES]; /* by slot */
};

struct handshake_queue *handshakes_new(void)
{
	struct handshake_queue *q = calloc(1, sizeof(*q));
	struct wg_error err;
	u8 random[32];

	if (!q || wg_secret_random(random, sizeof(random), &err) < 0) {
		free(q);
		return NULL;
	}
	pthread_mutex_init(&q->lock, NULL);
	/* Only the control thread works on handshakes. */
	wg_admission_init(&q->admission, random, 1);
	wg_secret_wipe(random, sizeof(random));
	return q;
}

void handshakes_free(struct handshake_queue *q)
{
	if (q)
		pthread_mutex_destroy(&q->lock);
	free(q);
}

static const u8 *draw_nonce(struct handshake_nonces *nonces)
{
	struct wg_error err;

	if (nonces->left < WG_COOKIE_NONCE_LEN) {
		if (wg_secret_random(nonces->bytes, sizeof(nonces->bytes), &err) < 0)
			return NULL;
		nonces->left = sizeof(nonces->bytes);
	}
	nonces->left -= WG_COOKIE_NONCE_LEN;
	return nonces->bytes + nonces->left;
}

static bool reply_at(struct device *d, struct handshake_nonces *nonces, const u8 *message, size_t len,
		     const struct endpoint *from, struct handshake_reply *reply, u64 now)
{
	const u8 *nonce = draw_nonce(nonces);
	struct wg_addr addr;

	if (!nonce)
		return false;
	endpoint_to_addr(from, &addr);
	wg_admission_reply(&d->local, &reply->message, message, len, &addr, nonce, now);
	reply->to = *from;
	return true;
}

bool handshakes_reply(struct device *d, struct handshake_nonces *nonces, const u8 *message,
		      size_t len, const struct endpoint *from, struct handshake_reply *reply)
{
	return reply_at(d, nonces, message, len, from, reply, device_now());
}

enum wg_handshake_result handshakes_arrive(struct device *d, struct handshake_nonces *nonces,
					   const u8 *message, size_t len, const struct endpoint *from,
					   struct handshake_reply *reply)
{
	struct handshake_queue *q = d->handshakes;
	enum wg_handshake_result result;
	struct wg_arrival arrival;
	u64 now = device_now();
	struct wg_addr addr;
	bool wake = false;
	u16 slot;

	endpoint_to_addr(from, &addr);
	result = wg_admission_check(&d->local, &arrival, message, len, &addr, now);
	if (result != WG_HANDSHAKE_ADMITTED)
		return result;
	pthread_mutex_lock(&q->lock);
	result = wg_admission_decide(&q->admission, &arrival, &slot, &wake, now);
	if (result == WG_HANDSHAKE_ADMITTED)
		q->from[slot] = *from;
	pthread_mutex_unlock(&q->lock);
	if (wake)
		device_wake(d);
	if (result == WG_HANDSHAKE_COOKIE_REPLY &&
	    !reply_at(d, nonces, message, len, from, reply, now))
		return WG_HANDSHAKE_NO_MEMORY;
	return result;
}

u64 handshakes_take(struct handshake_queue *q, struct handshake_message *out, u64 now)
{
	u64 until;

	pthread_mutex_lock(&q->lock);
	until = wg_admission_take(&q->admission, &out->admitted, now);
	if (!until)
		out->from = q->from[out->admitted.slot];
	pthread_mutex_unlock(&q->lock);
	return until;
}

void handshakes_spent(struct handshake_queue *q, u64 spent, u64 now)
{
	pthread_mutex_lock(&q->lock);
	wg_admission_spent(&q->admission, spent, now);
	pthread_mutex_unlock(&q->lock);
}

void handshakes_report(struct device *d, unsigned int row, const struct wg_remote *remote,
		       const struct endpoint *at)
{
	struct wg_addr addr;

	if (at)
		endpoint_to_addr(at, &addr);
	handshake_report(&d->handshake_report, row,
			 remote ? remote->handshake.remote_static : NULL, at ? &addr : NULL,
			 device_now());
}

// SPDX-License-Identifier: GPL-2.0
/* What the control thread does with handshake messages: the glue between the queue, the core and
 * the sockets.
 *
 * Under load the cheap checks come first and the work has bounds: a cookie costs a few hashes and a
 * packet, and there are so many a second; a handshake costs the curve, and is for those who have a
 * cookie; and all of it together may take a third of one processor. */
#include "../device/handshakes.h"
#include "../../lib/secret.h"
#include "actions.h"
#include "../report/logger.h"
#include "../path/worker.h"

/* An authentic handshake message says where its sender is, as any other does. */
static u32 apply(struct device *d, struct peer *peer, struct wg_incoming *in,
		 const struct handshake_message *m, u64 now)
{
	u32 actions;

	pthread_mutex_lock(&peer->lock);
	actions = wg_handshake_apply(&d->local, in, now);
	peer->endpoint = m->from;
	peer->rx_bytes += m->len;
	pthread_mutex_unlock(&peer->lock);
	return actions;
}

static void act_on(struct device *d, struct wg_incoming *in, enum wg_handshake_result result,
		   const struct handshake_message *m, u64 now)
{
	u32 actions;

	switch (result) {
	case WG_HANDSHAKE_RESPONDED:
	case WG_HANDSHAKE_COMPLETED:
		/* First, since what the other side sends next comes under these keys. */
		actions = apply(d, peer_of(in->remote), in, m, now);
		if (in->reply_len &&
		    worker_send_message(d, &m->from, in->reply, in->reply_len))
			actions_count_sent(peer_of(in->remote), in->reply_len);
		actions_do(d, peer_of(in->remote), actions);
		break;
	case WG_HANDSHAKE_COOKIE_REPLY:
		worker_send_message(d, &m->from, in->reply, in->reply_len);
		break;
	case WG_HANDSHAKE_COOKIE_TAKEN:
	case WG_HANDSHAKE_MALFORMED:
	case WG_HANDSHAKE_BAD_MAC:
	case WG_HANDSHAKE_RATE_LIMITED:
	case WG_HANDSHAKE_UNKNOWN:
	case WG_HANDSHAKE_FORGED:
	case WG_HANDSHAKE_REPLAYED:
	case WG_HANDSHAKE_TOO_SOON:
	case WG_HANDSHAKE_NO_IDENTITY:
	case WG_HANDSHAKE_NO_MEMORY:
		break;
	}
}

/* A bucket of tokens, each a cookie reply. */
static bool may_send_cookie(struct device *d, u64 now)
{
	const u64 cost = WG_SECOND / HANDSHAKES_COOKIES;
	u64 earliest = now > WG_SECOND ? now - WG_SECOND : 0;

	if (d->cookies_until < earliest)
		d->cookies_until = earliest;
	if (d->cookies_until + cost > now)
		return false;
	d->cookies_until += cost;
	return true;
}

/* Without this, the core would make a cookie for each message, to be thrown away. */
static bool is_beyond_cookies(struct device *d, const struct handshake_message *m,
			      const struct wg_addr *from, const struct wg_entropy *random, u64 now)
{
	if (!m->under_load)
		return false;
	return wg_cookie_check(&d->local.checker, m->data, m->len, from, true, random->secret,
			       now) != WG_MAC_VALID_WITH_COOKIE &&
	       !may_send_cookie(d, now);
}

void handshakes_receive(struct device *d, const struct handshake_message *m)
{
	enum wg_handshake_result result;
	struct wg_incoming in;
	struct wg_entropy random;
	struct wg_addr from;
	u64 now = device_now();

	if (!d->local.identity.present || !actions_entropy(&random))
		return;
	endpoint_to_addr(&m->from, &from);
	if (!is_beyond_cookies(d, m, &from, &random, now)) {
		result = wg_handshake_receive(&d->local, &in, m->data, m->len, &from, m->under_load,
					     &random, now);
		act_on(d, &in, result, m, now);
		wg_secret_wipe(&in, sizeof(in));
	}
	wg_secret_wipe(&random, sizeof(random));
}

u64 handshakes_work(struct device *d)
{
	u64 start = device_now(), spent = 0;
	struct handshake_message m;
	bool under_load = false;

	if (start < d->handshakes_rest)
		return d->handshakes_rest;
	for (int n = 0; n < HANDSHAKES_BATCH && spent < HANDSHAKES_TURN; n++) {
		if (!handshakes_take(d->handshakes, &m, start))
			return WG_NEVER;
		under_load |= m.under_load;
		handshakes_receive(d, &m);
		spent = device_now() - start;
	}
	d->handshakes_rest = under_load ? start + 3 * spent : 0;
	return d->handshakes_rest;
}

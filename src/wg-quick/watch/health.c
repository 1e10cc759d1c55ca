// SPDX-License-Identifier: GPL-2.0
#include "health.h"

#define EMPTY_MESSAGE 32 /* bytes of a message without a payload, as the device counts them */
#define RENEW_MS      6000 /* what a new handshake may take */

static void heard_of(struct health *h, const struct health_sample *s, u64 now)
{
	h->tx_answered = s->tx;
	h->answered_at = now;
	h->owes_since = 0;
	h->lost = false;
}

/* How many bytes of those sent since the peer was heard of may be empty messages, which get no answer: one
 * that acknowledges data, one at the edge of the sample, and those of PersistentKeepalive, which need a
 * session. */
static u64 unanswerable(const struct health *h, const struct watch_times *t, u64 now)
{
	u64 n = 2;

	if (h->keepalive_ms && h->handshake && h->age_ms < t->session_ms)
		n += (now - h->answered_at) / h->keepalive_ms + 1;
	return n * EMPTY_MESSAGE;
}

void health_sample(struct health *h, const struct watch_times *t, const struct health_sample *s, u64 now)
{
	bool session = s->handshake && s->age_ms < t->session_ms;

	/* Counters that go back are those of a peer that was made anew. */
	if (!h->begun || s->tx < h->tx || s->rx != h->rx || s->handshake != h->handshake)
		heard_of(h, s, now);
	h->begun = true;
	h->rx = s->rx;
	h->tx = s->tx;
	h->handshake = s->handshake;
	h->age_ms = s->age_ms;
	h->keepalive_ms = s->keepalive_ms;
	if (!h->owes_since && s->tx - h->tx_answered > unanswerable(h, t, now))
		h->owes_since = now + 1;
	if (h->owes_since && now + 1 - h->owes_since >= (session ? t->answer_ms : t->handshake_ms))
		h->lost = true;
	if (s->no_way && !session)
		h->lost = true;
}

void health_restart(struct health *h, u64 now)
{
	h->tx_answered = h->tx;
	h->answered_at = now;
	h->owes_since = 0;
}

void health_forgive(struct health *h, u64 now)
{
	health_restart(h, now);
	h->lost = false;
}

enum health_state health_state(const struct health *h, const struct watch_times *t)
{
	if (h->lost)
		return HEALTH_LOST;
	if (h->handshake && h->age_ms < t->session_ms + h->keepalive_ms + RENEW_MS)
		return HEALTH_GOOD;
	return HEALTH_UNKNOWN;
}

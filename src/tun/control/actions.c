// SPDX-License-Identifier: GPL-2.0
/* The core decides, and this file carries it out. No lock is held while a worker's function is
 * called, since those functions take the peer's lock themselves. */
#include "actions.h"
#include "../../core/actions.h"
#include "../../lib/base/secret.h"
#include "../device/handshakes.h"
#include "../device/staged.h"
#include "../path/worker.h"
#include "../report/logger.h"

#define DUE_BATCH 64 /* peers of one turn: each may compute a handshake */

bool actions_entropy(struct wg_entropy *e)
{
	struct wg_error err;

	return wg_secret_random((u8 *)e, sizeof(*e), &err) == 0;
}

/* Puts the peer where its timers' deadline belongs in the heap. */
static void rearm_timer(struct device *d, struct peer *peer)
{
	pthread_mutex_lock(&peer->lock);
	heap_set(&d->deadlines, peer, wg_timers_deadline(&peer->remote.timers));
	pthread_mutex_unlock(&peer->lock);
}

static bool peer_endpoint(struct peer *peer, struct endpoint *to)
{
	bool known;

	pthread_mutex_lock(&peer->lock);
	known = peer->endpoint.addr.sa_family != AF_UNSPEC;
	*to = peer->endpoint;
	pthread_mutex_unlock(&peer->lock);
	return known;
}

/* Returns WG_INITIATION_SENT if `m` is to be sent, else why there is none. */
static enum wg_initiation_result create_initiation(struct device *d, struct peer *peer,
						   struct wg_message_initiation *m, u32 *jitter,
						   u64 now)
{
	struct wg_entropy random;
	bool created;

	if (!actions_entropy(&random))
		return WG_INITIATION_NO_MEMORY;
	*jitter = random.jitter;
	created = wg_handshake_initiate(&d->local, &peer->remote, m, &random, device_unix_now(),
					now);
	wg_secret_wipe(&random, sizeof(random));
	return created ? WG_INITIATION_SENT : wg_handshake_initiate_failure(&d->local, &peer->remote);
}

void actions_count_sent(struct peer *peer, size_t bytes)
{
	pthread_mutex_lock(&peer->lock);
	wg_remote_count_sent(&peer->remote, bytes);
	pthread_mutex_unlock(&peer->lock);
}

/* Nothing came back: every other initiation leaves by the source that the kernel chooses, in case
 * the remembered one leads nowhere. It is not forgotten, since behind NAT it may be the only one
 * that the peer hears; what comes back says which source is right. */
static void doubt_source(struct peer *peer, struct endpoint *to)
{
	pthread_mutex_lock(&peer->lock);
	peer->source_doubted = !peer->source_doubted;
	if (peer->source_doubted)
		to->source_ifindex = 0;
	pthread_mutex_unlock(&peer->lock);
}

static void begin_handshake(struct wg_remote *r)
{
	struct peer *peer = peer_of(r);
	struct device *d = peer->device;
	enum wg_initiation_result result;
	struct wg_message_initiation m;
	struct endpoint to;
	u64 now = device_now();
	u32 jitter;

	if (!d->up)
		return;
	if (!peer_endpoint(peer, &to)) {
		handshakes_report(d, WG_INITIATION_NO_ENDPOINT, &peer->remote, NULL);
		return;
	}
	result = create_initiation(d, peer, &m, &jitter, now);
	if (result == WG_INITIATION_SENT) {
		if (peer->unanswered)
			doubt_source(peer, &to);
		pthread_mutex_lock(&peer->lock);
		wg_timers_initiated(&peer->remote.timers, jitter, now);
		pthread_mutex_unlock(&peer->lock);
		if (worker_send_message(d, &to, (const u8 *)&m, sizeof(m)))
			actions_count_sent(peer, sizeof(m));
		else
			result = WG_INITIATION_NOT_SENT;
	}
	handshakes_report(d, result, &peer->remote, &to);
}

/* The peer does not answer, and the core has tried again or given up. */
static void report_silence(struct device *d, struct peer *peer, u32 actions)
{
	struct endpoint to;
	bool again;

	pthread_mutex_lock(&peer->lock);
	again = actions & WG_ACT_INITIATE && peer->remote.timers.attempts > 1;
	pthread_mutex_unlock(&peer->lock);
	if (!again && !(actions & WG_ACT_DROP_STAGED))
		return;
	handshakes_report(d, again ? WG_INITIATION_UNANSWERED : WG_INITIATION_GAVE_UP,
			  &peer->remote, peer_endpoint(peer, &to) ? &to : NULL);
}

static void change_peer(struct wg_remote *r, u32 actions)
{
	struct peer *peer = peer_of(r);

	pthread_mutex_lock(&peer->lock);
	if (actions & WG_ACT_DROP_STAGED)
		staged_drop(peer->device, peer);
	if (actions & WG_ACT_FORGET_SOURCE)
		peer->unanswered = true;
	if (actions & WG_ACT_HANDSHAKE_DONE)
		peer->last_handshake = device_unix_now();
	pthread_mutex_unlock(&peer->lock);
}

static void forget_handshake(struct wg_remote *r)
{
	wg_handshake_forget(&peer_of(r)->device->local, r, false);
}

static void flush_peer(struct wg_remote *r, bool keepalive)
{
	struct peer *peer = peer_of(r);

	if (peer->device->up)
		worker_flush(peer->device, peer, keepalive);
}

static void retire_sessions(struct wg_remote *r)
{
	struct peer *peer = peer_of(r);

	wg_handshake_forget(&peer->device->local, r, true);
	pthread_mutex_lock(&peer->lock);
	wg_remote_retire(r);
	pthread_mutex_unlock(&peer->lock);
}

static const struct wg_action_ops ops = {
	.forget_handshake = forget_handshake,
	.change = change_peer,
	.initiate = begin_handshake,
	.flush = flush_peer,
	.retire = retire_sessions,
};

void actions_do(struct device *d, struct peer *peer, u32 actions)
{
	wg_actions_do(&ops, &peer->remote, actions);
	peer->unanswered = false;
	rearm_timer(d, peer);
}

u64 actions_asked(struct device *d)
{
	for (int i = 0; i < DUE_BATCH; i++) {
		struct peer *peer = device_take_asked(d);

		if (!peer)
			return WG_NEVER;
		actions_do(d, peer, device_take_actions(peer));
	}
	return 0;
}

u64 actions_due(struct device *d)
{
	u64 now = device_now();
	struct peer *peer;

	for (int i = 0; i < DUE_BATCH; i++) {
		u32 actions;

		peer = heap_first(&d->deadlines);
		if (!peer)
			return WG_NEVER;
		if (peer->deadline > now)
			return peer->deadline;
		pthread_mutex_lock(&peer->lock);
		actions = wg_remote_tick(&peer->remote, &d->host, now);
		pthread_mutex_unlock(&peer->lock);
		report_silence(d, peer, actions);
		actions_do(d, peer, actions);
	}
	return 0;
}

void actions_up(struct device *d)
{
	u64 now = device_now();

	for (struct peer *peer = d->peers; peer; peer = peer->next) {
		struct wg_timers *s = &peer->remote.timers;
		u32 actions = 0;

		pthread_mutex_lock(&peer->lock);
		if (s->persistent_interval)
			actions = wg_timers_set_persistent(s, s->persistent_interval, true, now);
		pthread_mutex_unlock(&peer->lock);
		if (actions)
			device_ask(d, peer, actions);
	}
}

void actions_down(struct device *d)
{
	for (struct peer *peer = d->peers; peer; peer = peer->next) {
		forget_handshake(&peer->remote);
		pthread_mutex_lock(&peer->lock);
		wg_remote_expire(&peer->remote, &d->host);
		wg_timers_stop(&peer->remote.timers);
		staged_drop(d, peer);
		peer->endpoint.source_ifindex = 0;
		pthread_mutex_unlock(&peer->lock);
		rearm_timer(d, peer);
	}
}

void actions_begin_anew(struct device *d)
{
	for (struct peer *peer = d->peers; peer; peer = peer->next) {
		wg_actions_begin_anew(&ops, &peer->remote);
		rearm_timer(d, peer);
	}
}

/* A peer without a deadline has sent nothing for long, so it is left out. */
void actions_forget_sources(struct device *d)
{
	for (u32 i = 0; i < d->deadlines.n; i++) {
		struct peer *peer = d->deadlines.peers[i];

		pthread_mutex_lock(&peer->lock);
		peer->endpoint.source_ifindex = 0;
		pthread_mutex_unlock(&peer->lock);
	}
}

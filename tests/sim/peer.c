// SPDX-License-Identifier: GPL-2.0
#include "peer.h"
#include <stdlib.h>
#include "../../src/core/actions.h"
#include "../../src/crypto/chacha20poly1305.h"
#include "host.h"
#include "packet.h"
#include "upcalls.h"

#define NO_MESSAGE UINT64_MAX
#define NO_KEY     UINT32_MAX

struct peer *peer_new(struct host *h, u32 who, const u8 public_key[static WG_PUBLIC_LEN])
{
	struct peer *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	wg_remote_init(&p->remote, public_key);
	p->host = h;
	p->who = who;
	p->serial = h->world->events.added++;
	p->wake = WG_NEVER;
	return p;
}

void peer_free(struct peer *p)
{
	free(p);
}

struct session *session_new(struct peer *p)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->peer = p;
	s->serial = p->host->world->events.added++;
	s->peer_key = NO_KEY;
	s->next = p->sessions;
	p->sessions = s;
	p->pending++;
	return s;
}

void session_free(struct session *s)
{
	struct peer *p = s->peer;
	struct session **place = &p->sessions;

	while (*place && *place != s)
		place = &(*place)->next;
	if (!*place) {
		world_fail(p->host->world, "h%u: frees a session twice", p->host->id);
		return;
	}
	*place = s->next;
	if (!s->applied)
		p->pending--;
	if (s->ready)
		upcalls_find(p->host, s->pair.local_index)->peer = NULL;
	free(s->accepted);
	free(s);
}

static void post(struct peer *p, struct datagram *d)
{
	d->from = p->host->address;
	d->to = p->endpoint;
	d->origin = p->host->id;
	d->meant_for = p->who;
	if (p->endpoint.family)
		network_send(p->host->world, d);
}

static void initiate(struct wg_remote *r)
{
	struct peer *p = (struct peer *)r;
	struct host *h = p->host;
	struct datagram d = {.len = WG_INITIATION_LEN};
	struct wg_entropy entropy;
	bool made;

	random_bytes(&h->world->secrets, &entropy, sizeof(entropy));
	made = wg_handshake_initiate(&h->local, &p->remote, (struct wg_message_initiation *)d.bytes,
				    &entropy, host_unix(h), host_now(h));
	world_log(h->world, "h%u: %s with h%u", h->id, made ? "initiates" : "cannot initiate",
		  p->who);
	checks_initiation_sent(p, made);
	if (!made)
		return;
	wg_timers_initiated(&p->remote.timers, entropy.jitter, host_now(h));
	post(p, &d);
}

static void seal(struct peer *p, struct wg_keypair *k, u64 counter, u64 id)
{
	struct datagram d = {.len = WG_DATA_HEADER_LEN};
	const struct message *m;
	u8 packet[PACKET_MAX + WG_PADDING] = {0};
	size_t len = 0;

	if (id != NO_MESSAGE) {
		m = &p->host->world->checks.messages[id];
		len = packet_write(packet, m->family, m->source, m->destination, id);
		len = wg_message_padded(len, sizeof(packet));
	}
	wg_store_le32(d.bytes, WG_MESSAGE_DATA);
	wg_store_le32(d.bytes + 4, k->remote_index);
	wg_store_le64(d.bytes + 8, counter);
	wg_chacha20poly1305_seal(d.bytes + WG_DATA_HEADER_LEN, packet, len, NULL, 0, counter,
				 k->send_key);
	d.len += (u32)len + WG_TAG_LEN;
	world_log(p->host->world, "h%u: data message %llu to h%u, index %08x", p->host->id,
		  (unsigned long long)counter, p->who, k->remote_index);
	checks_data_sent((struct session *)k, counter, id != NO_MESSAGE);
	post(p, &d);
}

/* False: there is no session for them. */
static bool transmit(struct peer *p, const u64 *ids, u32 n)
{
	struct host *h = p->host;
	struct wg_send_reservation reservation;
	bool data = *ids != NO_MESSAGE;

	wg_remote_send(&p->remote, n, data, &reservation, host_now(h));
	if (reservation.keypair)
		for (u32 i = 0; i < n; i++)
			seal(p, reservation.keypair, reservation.counter + i, ids[i]);
	peer_act(p, reservation.actions);
	if (reservation.keypair && data)
		checks_rekey(p);
	return reservation.keypair;
}

static bool flush(struct peer *p)
{
	u64 ids[WG_MAX_STAGED];
	u32 n = p->staged_count;

	memcpy(ids, p->staged, sizeof(ids));
	if (!n)
		return false;
	p->staged_count = 0;
	if (!transmit(p, ids, n)) {
		memcpy(p->staged, ids, sizeof(ids));
		p->staged_count = n;
	}
	return true;
}

void peer_send(struct peer *p, u64 id)
{
	world_log(p->host->world, "h%u: message %llu for h%u", p->host->id,
		  (unsigned long long)id, p->who);
	if (!transmit(p, &id, 1)) {
		if (p->staged_count == WG_MAX_STAGED)
			memmove(p->staged, p->staged + 1, --p->staged_count * sizeof(u64));
		p->staged[p->staged_count++] = id;
	}
	peer_rearm(p);
}

static void keepalive(struct peer *p)
{
	static const u64 none = NO_MESSAGE;

	p->host->world->checks.count.keepalives++;
	transmit(p, &none, 1);
}

static void forget_handshake(struct wg_remote *r)
{
	wg_handshake_forget(&((struct peer *)r)->host->local, r, false);
}

static void change_peer(struct wg_remote *r, u32 actions)
{
	struct peer *p = (struct peer *)r;

	if (actions & WG_ACT_DROP_STAGED)
		p->staged_count = 0;
	if (actions & WG_ACT_HANDSHAKE_DONE)
		p->last_handshake = host_now(p->host);
}

static void flush_or_keepalive(struct wg_remote *r, bool wanted)
{
	struct peer *p = (struct peer *)r;

	if (!flush(p) && wanted)
		keepalive(p);
}

static void retire(struct wg_remote *r)
{
	struct peer *p = (struct peer *)r;

	wg_handshake_forget(&p->host->local, r, true);
	wg_remote_retire(r);
	checks_retired(p);
}

static const struct wg_action_ops ops = {
	.forget_handshake = forget_handshake,
	.change = change_peer,
	.initiate = initiate,
	.flush = flush_or_keepalive,
	.retire = retire,
};

void peer_act(struct peer *p, u32 actions)
{
	struct host *h = p->host;

	if (!actions || *h->world->failure)
		return;
	if (++p->depth > 4)
		world_fail(h->world, "h%u: actions lead to actions without end", h->id);
	checks_actions(p, actions);
	wg_actions_do(&ops, &p->remote, actions);
	p->depth--;
}

void peer_begin_anew(struct peer *p)
{
	p->depth++;
	wg_actions_begin_anew(&ops, &p->remote);
	p->depth--;
	peer_rearm(p);
}

void peer_tick(struct peer *p)
{
	struct host *h = p->host;
	u32 actions = wg_remote_tick(&p->remote, &h->upcalls, host_now(h));

	if (actions)
		world_log(h->world, "h%u: timers of h%u: actions %x", h->id, p->who, actions);
	if (wg_timers_deadline(&p->remote.timers) <= host_now(h))
		world_fail(h->world, "h%u: a tick leaves a deadline behind", h->id);
	peer_act(p, actions);
	peer_rearm(p);
	host_check(h);
}

static void wake(struct world *w, void *what, u64 host, u64 serial)
{
	struct host *h = w->hosts[host];

	(void)what;
	for (u32 i = 0; i < WORLD_HOSTS && host < w->host_count; i++) {
		struct peer *p = h->peers[i];

		if (!p || p->serial != serial || p->wake != w->now)
			continue;
		p->wake = WG_NEVER;
		if (host_is_awake(h)) {
			peer_tick(p);
		} else {
			p->wake = h->asleep_until;
			events_add(&w->events, p->wake, wake, NULL, host, serial);
		}
	}
}

void peer_rearm(struct peer *p)
{
	struct host *h = p->host;
	struct world *w = h->world;
	u64 at = host_to_world(h, wg_timers_deadline(&p->remote.timers));

	if (at == WG_NEVER)
		return;
	if (at < w->now)
		at = w->now;
	if (h->lateness)
		at += random_below(&w->fate, h->lateness / MILLISECOND) * MILLISECOND;
	if (at >= p->wake)
		return;
	p->wake = at;
	events_add(&w->events, at, wake, NULL, h->id, p->serial);
}

static void deliver(struct peer *p, const u8 *packet, size_t len)
{
	struct host *h = p->host;

	if (wg_allowedips_find_src(&h->allowed, packet, len) == &p->remote)
		checks_delivered(p, packet, len);
	else
		checks_not_allowed(p, packet, len);
}

void peer_receive_data(struct peer *p, struct session *s, const struct datagram *d)
{
	struct host *h = p->host;
	struct wg_keypair *k = &s->pair;
	u64 counter = wg_load_le64(d->bytes + 8);
	u8 packet[NETWORK_MTU];
	size_t len = d->len - WG_DATA_OVERHEAD;
	struct wg_received batch = {0};
	u32 actions;

	world_log(h->world, "h%u: data message %llu from h%u, index %08x", h->id,
		  (unsigned long long)counter, p->who, k->local_index);
	if (!wg_chacha20poly1305_open(packet, d->bytes + WG_DATA_HEADER_LEN, len + WG_TAG_LEN, NULL,
				      0, counter, k->receive_key)) {
		h->world->checks.count.forgeries_refused++;
		return;
	}
	if (!wg_remote_accept(&batch, k, counter, (u32)len, host_now(h))) {
		if (batch.expired)
			checks_too_late(s);
		else
			checks_data_refused(s, counter);
		return;
	}
	checks_data_received(s, d, counter, len);
	p->endpoint = d->from;
	s->confirmed = true;
	actions = wg_remote_received(&p->remote, k, &batch, &h->upcalls, host_now(h));
	if (len)
		deliver(p, packet, len);
	peer_act(p, actions);
	checks_last_minute(p);
	peer_rearm(p);
}

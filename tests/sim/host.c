// SPDX-License-Identifier: GPL-2.0
#include "host.h"
#include <stdlib.h>
#include "../../src/crypto/curve25519.h"
#include "curve.h"
#include "packet.h"
#include "upcalls.h"

/* A handshake that came in, between wg_handshake_receive and wg_handshake_apply. */
struct incoming {
	struct wg_incoming in;
	u64 peer;    /* its serial number */
	u64 session; /* of its keypair */
	struct datagram reply;
};

struct host *host_new(struct world *w, u32 id)
{
	struct host *h = calloc(1, sizeof(*h));

	if (h)
		h->admitted = calloc(WG_ADMISSION_ENTRIES, sizeof(*h->admitted));
	if (!h || !h->admitted)
		abort();
	h->world = w;
	h->id = id;
	h->address = addr_of(id, 0, false);
	h->curve_time = MILLISECOND / 10;
	random_bytes(&w->secrets, h->private_key, sizeof(h->private_key));
	wg_curve25519_clamp(h->private_key);
	wg_curve25519_public(h->public_key, h->private_key);
	memset(h->float_owner, NOBODY, sizeof(h->float_owner));
	w->hosts[id] = h;
	if (w->host_count <= id)
		w->host_count = id + 1;
	return h;
}

void host_free(struct host *h)
{
	host_stop(h);
	free(h->admitted);
	free(h);
}

bool host_is_awake(const struct host *h)
{
	return h->up && h->world->now >= h->asleep_until;
}

u64 host_now(const struct host *h)
{
	return h->world->now - h->booted + 1;
}

u64 host_unix(const struct host *h)
{
	return h->world->now + (u64)h->wall;
}

u64 host_to_world(const struct host *h, u64 at)
{
	return at == WG_NEVER ? WG_NEVER : at + h->booted - 1;
}

static void free_node(void *ctx, struct wg_allowedips_node *node)
{
	(void)ctx;
	free(node);
}

static void allow(struct host *h, u8 address, struct peer *p)
{
	static const u8 families[] = {4, 6};
	struct wg_allowedips_node *spare[WG_ALLOWEDIPS_SPARE];
	u8 ip[16], cidr;

	for (u32 i = 0; i < 2; i++) {
		packet_address(ip, &cidr, families[i], address);
		if (!p) {
			struct wg_remote *r = wg_allowedips_find(&h->allowed, families[i], ip);

			if (r)
				wg_allowedips_remove(&h->allowed, families[i], ip, cidr, r);
			continue;
		}
		for (u32 k = 0; k < WG_ALLOWEDIPS_SPARE; k++)
			spare[k] = malloc(sizeof(*spare[k]));
		wg_allowedips_insert(&h->allowed, families[i], ip, cidr, &p->remote, spare);
		for (u32 k = 0; k < WG_ALLOWEDIPS_SPARE; k++)
			free(spare[k]);
	}
}

static void start_peer(struct host *h, u32 who)
{
	const struct host_config *c = &h->config[who];
	struct peer *p = peer_new(h, who, c->public_key);
	u32 before = curve_count;

	h->peers[who] = p;
	memcpy(p->remote.handshake.preshared_key, c->psk, sizeof(c->psk));
	if (c->knows_endpoint)
		p->endpoint = c->endpoint;
	allow(h, (u8)who, p);
	for (u8 i = 0; i < HOST_FLOATS; i++)
		if (h->float_owner[i] == who)
			allow(h, PACKET_FLOAT + i, p);
	if (curve_count != before)
		world_fail(h->world, "h%u: adding a peer computes the curve", h->id);
	p->watch.traffic = host_now(h);
	peer_act(p, wg_timers_set_persistent(&p->remote.timers, c->persistent, true,
					      host_now(h)));
	peer_rearm(p);
}

static void discard_pending(struct peer *p)
{
	for (struct session *s = p->sessions, *next; s; s = next) {
		next = s->next;
		if (!s->applied)
			session_free(s);
	}
}

static void stop_peer(struct host *h, u32 who)
{
	struct peer *p = h->peers[who];

	if (!p)
		return;
	discard_pending(p);
	wg_handshake_forget(&h->local, &p->remote, false);
	wg_remote_expire(&p->remote, &h->upcalls);
	wg_timers_stop(&p->remote.timers);
	wg_allowedips_remove_remote(&h->allowed, &p->remote);
	if (p->sessions || upcalls_count(h, p) ||
	    wg_timers_deadline(&p->remote.timers) != WG_NEVER)
		world_fail(h->world, "h%u: something of peer h%u outlives it", h->id, who);
	h->peers[who] = NULL;
	peer_free(p);
}

void host_start(struct host *h)
{
	u8 random[32];

	h->up = true;
	h->booted = h->world->now;
	h->asleep_until = h->resumed = 0;
	h->busy_until = 0;
	h->work_planned = false;
	h->upcalls = upcalls_for(h);
	h->allowed = (struct wg_allowedips){.free_node = free_node};
	memset(&h->local, 0, sizeof(h->local));
	random_bytes(&h->world->secrets, random, sizeof(random));
	wg_local_init(&h->local, &h->upcalls, random);
	memset(&h->admission, 0, sizeof(h->admission));
	random_bytes(&h->world->secrets, random, sizeof(random));
	wg_admission_init(&h->admission, random, 1);
	wg_local_set_private(&h->local, h->private_key);
	for (u32 i = 0; i < WORLD_HOSTS; i++)
		if (h->config[i].present)
			start_peer(h, i);
	world_log(h->world, "h%u: starts", h->id);
}

void host_stop(struct host *h)
{
	if (!h->up)
		return;
	for (u32 i = 0; i < WORLD_HOSTS; i++)
		stop_peer(h, i);
	for (u32 i = 0; i < HOST_INDICES; i++)
		if (h->indices[i].peer)
			world_fail(h->world, "h%u: an index is left after the last peer", h->id);
	if (h->allowed.root[0] || h->allowed.root[1])
		world_fail(h->world, "h%u: an allowed IP is left after the last peer", h->id);
	h->up = false;
	world_log(h->world, "h%u: stops", h->id);
}

void host_sleep(struct host *h, u64 until)
{
	h->asleep_until = h->resumed = until;
	world_log(h->world, "h%u: sleeps until %.3f", h->id, world_seconds(h->world, until));
}

static void apply(struct host *h, struct peer *p, struct incoming *i)
{
	struct session *s = (struct session *)i->in.keypair;
	bool initiator = s->pair.initiator;
	u32 actions;

	s->applied = true;
	p->pending--;
	s->confirmed = initiator;
	actions = wg_handshake_apply(&h->local, &i->in, host_now(h));
	checks_applied(p, initiator);
	if (i->in.reply_len)
		network_send(h->world, &i->reply);
	peer_act(p, actions);
	peer_rearm(p);
}

/* Unless the session was discarded meanwhile. */
static void apply_later(struct world *w, void *what, u64 host, u64 unused)
{
	struct incoming *i = what;
	struct host *h = w->hosts[host];

	(void)unused;
	for (u32 k = 0; k < WORLD_HOSTS; k++) {
		struct peer *p = h->peers[k];

		for (struct session *s = p ? p->sessions : NULL; s; s = s->next)
			if (s->serial == i->session) {
				apply(h, p, i);
				return;
			}
	}
}

static void follow(struct host *h, const struct datagram *d, const struct wg_incoming *in)
{
	struct world *w = h->world;
	struct peer *p = (struct peer *)in->remote;
	struct incoming *i = calloc(1, sizeof(*i));

	if (!i)
		abort();
	p->endpoint = d->from;
	i->in = *in;
	i->peer = p->serial;
	i->session = ((struct session *)in->keypair)->serial;
	i->reply = (struct datagram){.from = h->address, .to = d->from, .origin = h->id,
				     .meant_for = p->who, .len = (u32)in->reply_len};
	memcpy(i->reply.bytes, in->reply, in->reply_len);
	if (random_chance(&w->fate, w->late_apply)) {
		events_add(&w->events, w->now + random_below(&w->fate, 60) * MILLISECOND,
			   apply_later, i, h->id, 0);
		return;
	}
	apply(h, p, i);
	free(i);
}

static void send_cookie(struct host *h, const struct datagram *d)
{
	struct datagram reply = {.from = h->address, .to = d->from, .origin = h->id,
				 .meant_for = d->origin, .len = WG_COOKIE_MESSAGE_LEN};
	u8 nonce[WG_COOKIE_NONCE_LEN];

	random_bytes(&h->world->secrets, nonce, sizeof(nonce));
	wg_admission_reply(&h->local, (struct wg_message_cookie *)reply.bytes, d->bytes, d->len,
			   &d->from, nonce, host_now(h));
	network_send(h->world, &reply);
}

/* Returns how many times the curve was computed. */
static u32 receive_admitted(struct host *h, const struct datagram *d)
{
	bool loaded = host_now(h) < h->admission.load.until;
	struct world *w = h->world;
	u32 before = curve_count, work;
	struct wg_entropy entropy;
	struct wg_incoming in;
	enum wg_handshake_result result;

	random_bytes(&w->secrets, &entropy, sizeof(entropy));
	result = wg_handshake_receive(&h->local, &in, d->bytes, d->len, &entropy, host_now(h));
	work = curve_count - before;
	world_log(w, "h%u: handshake message %u from h%u (%u bytes%s%s): result %d", h->id,
		  d->bytes[0], d->origin, d->len, d->damaged ? ", damaged" : "",
		  d->replayed ? ", replayed" : "", (int)result);
	checks_handshake(h, d, result, &in, loaded, work);
	if (!*w->failure &&
	    (result == WG_HANDSHAKE_RESPONDED || result == WG_HANDSHAKE_COMPLETED))
		follow(h, d, &in);
	wg_handshake_release(&h->local, &in);
	return work;
}

static void work_on(struct host *h);

/* Unless it was started again meanwhile. */
static void work_later(struct world *w, void *what, u64 host, u64 booted)
{
	struct host *h = w->hosts[host];

	(void)what;
	if (!h->up || h->booted != booted)
		return;
	h->work_planned = false;
	work_on(h);
}

/* What one thread does with the queue, for which the curve takes time. */
static void work_on(struct host *h)
{
	u64 now = host_now(h), until = h->busy_until;
	struct wg_admitted out;
	const struct datagram *d;

	while (!*h->world->failure && until <= now) {
		u64 spent = 0;

		until = wg_admission_take(&h->admission, &out, now);
		if (until)
			break;
		d = &h->admitted[out.slot];
		if (out.wants_cookie) {
			checks_cookie(h, d);
			send_cookie(h, d);
		} else {
			struct datagram copy = *d;

			spent = receive_admitted(h, &copy) * h->curve_time;
		}
		wg_admission_spent(&h->admission, spent, now + spent);
		until = h->busy_until = now + spent;
	}
	if (until == WG_NEVER || h->work_planned || !h->admission.waiting)
		return;
	h->work_planned = true;
	events_add(&h->world->events, host_to_world(h, until), work_later, NULL, h->id, h->booted);
}

static void receive_handshake(struct host *h, const struct datagram *d)
{
	enum wg_handshake_result result;
	struct wg_incoming none = {0};
	struct wg_arrival a;
	u64 now = host_now(h);
	bool wake, loaded;
	u16 slot;

	if (h->always_loaded)
		h->admission.load.until = h->admission.any_load_until = WG_NEVER;
	loaded = wg_admission_is_loaded(&h->admission, now);
	result = wg_admission_check(&h->local, &a, d->bytes, d->len, &d->from, now);
	if (result == WG_HANDSHAKE_ADMITTED)
		result = wg_admission_decide(&h->admission, &a, &slot, &wake, now);
	if (result == WG_HANDSHAKE_ADMITTED) {
		h->admitted[slot] = *d;
		work_on(h);
		return;
	}
	world_log(h->world, "h%u: handshake message %u from h%u (%u bytes): not admitted, %d", h->id,
		  d->bytes[0], d->origin, d->len, (int)result);
	/* What begins the load is under it. */
	loaded |= wg_admission_is_loaded(&h->admission, now);
	checks_handshake(h, d, result, &none, loaded, 0);
	if (result == WG_HANDSHAKE_COOKIE_REPLY)
		send_cookie(h, d);
}

void host_receive(struct host *h, const struct datagram *d)
{
	struct host_index *i;

	if (d->len < WG_DATA_OVERHEAD || wg_load_le32(d->bytes) != WG_MESSAGE_DATA) {
		receive_handshake(h, d);
		return;
	}
	i = upcalls_find(h, wg_load_le32(d->bytes + 4));
	if (i && i->session && i->session->applied)
		peer_receive_data(i->peer, i->session, d);
}

void host_send(struct host *h, u64 id)
{
	const struct message *m = &h->world->checks.messages[id];
	u8 packet[PACKET_MAX];
	size_t len = packet_write(packet, m->family, m->source, m->destination, id);
	struct peer *p = (struct peer *)wg_allowedips_find_dst(&h->allowed, packet, len);
	u32 who = m->destination;

	if (who >= PACKET_FLOAT)
		who = h->float_owner[who - PACKET_FLOAT];
	if (who != NOBODY && !h->peers[who])
		who = NOBODY;
	if ((p ? p->who : NOBODY) != who)
		world_fail(h->world, "h%u: the way to %u leads to h%u, not h%u", h->id,
			   m->destination, p ? p->who : NOBODY, who);
	if (p && !*h->world->failure)
		peer_send(p, id);
}

void host_set_key(struct host *h, const u8 private_key[static WG_PUBLIC_LEN])
{
	memcpy(h->private_key, private_key, WG_PUBLIC_LEN);
	wg_curve25519_public(h->public_key, h->private_key);
	if (!h->up)
		return;
	wg_local_set_private(&h->local, private_key);
	for (u32 i = 0; i < WORLD_HOSTS; i++) {
		struct peer *p = h->peers[i];

		if (!p)
			continue;
		discard_pending(p);
		peer_begin_anew(p);
	}
}

void host_add_peer(struct host *h, u32 who, const struct host_config *config)
{
	h->config[who] = *config;
	h->config[who].present = true;
	if (h->up)
		start_peer(h, who);
}

void host_remove_peer(struct host *h, u32 who)
{
	h->config[who].present = false;
	for (u32 i = 0; i < HOST_FLOATS; i++)
		if (h->float_owner[i] == who)
			h->float_owner[i] = NOBODY;
	if (h->up)
		stop_peer(h, who);
}

void host_set_psk(struct host *h, u32 who, const u8 psk[static WG_SYMMETRIC_LEN])
{
	struct peer *p = h->peers[who];

	memcpy(h->config[who].psk, psk, WG_SYMMETRIC_LEN);
	if (!p)
		return;
	discard_pending(p);
	memcpy(p->remote.handshake.preshared_key, psk, WG_SYMMETRIC_LEN);
	wg_remote_expire(&p->remote, &h->upcalls);
	checks_retired(p);
	peer_rearm(p);
}

void host_set_persistent(struct host *h, u32 who, u16 seconds)
{
	struct peer *p = h->peers[who];

	h->config[who].persistent = seconds;
	if (!p)
		return;
	p->watch.traffic = host_now(h);
	peer_act(p, wg_timers_set_persistent(&p->remote.timers, seconds, true, host_now(h)));
	peer_rearm(p);
}

void host_move_float(struct host *h, u32 which, u32 who)
{
	h->float_owner[which] = (u8)who;
	if (h->up)
		allow(h, (u8)(PACKET_FLOAT + which), who == NOBODY ? NULL : h->peers[who]);
}

void host_move(struct host *h)
{
	h->moves++;
	h->address = addr_of(h->id, h->moves, h->moves / 2 % 2);
	world_log(h->world, "h%u: has another address", h->id);
}

void host_check(struct host *h)
{
	if (!host_is_awake(h))
		return;
	for (u32 i = 0; i < WORLD_HOSTS; i++)
		if (h->peers[i])
			checks_peer(h->peers[i]);
}

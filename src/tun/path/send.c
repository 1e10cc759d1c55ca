// SPDX-License-Identifier: GPL-2.0
/* Buffers: `in` has what was read, in a row; `out` the messages, in a row, so that those of equal
 * length are one GSO datagram. Payloads go from one to the other while they are sealed. */
#include "send.h"
#include <errno.h>
#include <unistd.h>
#include "icmp.h"
#include "../device/handshakes.h"
#include "../device/staged.h"

#define ICMP_INTERVAL (WG_SECOND / 1000)
#define ECN_BITS      3

static struct udp *udp_for(const struct send *s, const struct endpoint *to)
{
	return to->addr.sa_family == AF_INET6 ? s->udp6 : s->udp4;
}

static u32 mtu_of(const struct device *d)
{
	return __atomic_load_n(&d->mtu, __ATOMIC_RELAXED);
}

static u8 ecn_of(const u8 *packet)
{
	return (packet[0] >> 4 == 6 ? packet[1] >> 4 : packet[1]) & ECN_BITS;
}

static void answer_unreachable(struct send *s, const u8 *packet, u32 len)
{
	struct {
		struct virtio_net_hdr header;
		u8 packet[ICMP_MAX];
	} answer = {0};
	u64 now = device_now();
	u32 n;
	ssize_t written;

	if (now < s->icmp_next)
		return;
	n = icmp_unreachable(answer.packet, packet, len);
	if (!n)
		return;
	s->icmp_next = now + ICMP_INTERVAL;
	written = write(s->tun, &answer, sizeof(answer.header) + n);
	(void)written;
}

static void lock_peer(const struct send_run *r)
{
	if (!r->locked)
		pthread_mutex_lock(&r->peer->lock);
}

static void unlock_peer(const struct send_run *r)
{
	if (!r->locked)
		pthread_mutex_unlock(&r->peer->lock);
}

/* Applies what the outcome of a send means for the peer. `used` is the endpoint that was sent to:
 * the peer may have another one by now. */
static void apply_outcome(struct send *s, const struct udp_outcome *o, const struct endpoint *used)
{
	const struct send_run *r = &s->run;
	struct peer *peer = r->peer;

	lock_peer(r);
	wg_remote_count_refused(&peer->remote, o->lost_bytes);
	if (o->full && !r->full && r->is_data)
		sockets_found_full(s->sockets, used->addr.sa_family, peer, r->now);
	if (endpoint_equal(&peer->endpoint, used)) {
		if (o->source_gone)
			peer->endpoint.source_ifindex = 0;
		if (o->gso_refused)
			latch_refused(&peer->gso, (u32)(r->now >> 10), r->now);
		else if (o->gso_worked)
			latch_worked(&peer->gso);
	}
	unlock_peer(r);
	drops_count(&s->device->drops, DROP_SEND_FULL, o->full);
	drops_count(&s->device->drops, DROP_NOT_SENT, o->lost - o->full);
}

static const u8 *whole_packet(struct wg_batch_packet *p)
{
	memcpy(p->dst + p->head, p->src, p->len - p->head);
	return p->dst;
}

/* Stages the packets of a run. Those that were taken from the staged packets go back in front, the
 * last one first. */
static void stage_run(struct send *s)
{
	struct send_run *r = &s->run;

	for (u32 i = 0; !r->waited && i < r->n; i++)
		staged_add(s->device, r->peer, whole_packet(&r->packets[i]), r->plain[i]);
	for (u32 i = r->n; r->waited && i-- > 0;)
		staged_return(s->device, r->peer, whole_packet(&r->packets[i]), r->plain[i]);
}

/* Returns true if there is a session, but also packets that waited for it or that the control
 * thread is sending: they go first. */
static bool is_behind_others(const struct send_run *r)
{
	const struct peer *peer = r->peer;
	const struct wg_keypair *k = peer->remote.keys.active;

	return (staged_any(peer) || peer->flushing) && !r->waited && k &&
	       wg_keypair_may_send(k, r->n, r->now);
}

static u64 message_bytes(const struct send_run *r)
{
	return r->used;
}

/* The caller holds the peer's lock. */
static void choose_socket(struct send *s, bool data)
{
	struct send_run *r = &s->run;
	const struct udp *shared = udp_for(s, &r->to);
	int family = r->to.addr.sa_family;
	bool grow = false;

	r->full = false;
	r->is_data = data;
	if (data)
		r->socket = sockets_for_peer(s->sockets, family, r->peer, shared, r->now, &r->full,
					     &grow);
	else
		r->socket = sockets_for_message(s->sockets, family, false, shared);
	if (grow)
		device_wake(s->device);
}

/* Reserves counters of the peer's session, takes a reference to its keypair and copies the
 * endpoint, under the peer's lock. Returns false if the packets have to wait for a session, or if
 * there is no endpoint. */
static bool reserve_send(struct send *s, bool data)
{
	struct send_run *r = &s->run;
	struct peer *peer = r->peer;
	struct wg_send_reservation reservation = {0};
	bool early;

	lock_peer(r);
	r->to = peer->endpoint;
	r->to.ttl = r->ttl;
	if (r->to.addr.sa_family == AF_UNSPEC) {
		unlock_peer(r);
		return false;
	}
	r->now = device_now();
	r->use_gso = latch_allows(&peer->gso, r->now);
	r->gso_doubted = latch_is_set(&peer->gso);
	if (data && is_behind_others(r))
		reservation.actions = WG_ACT_FLUSH;
	else
		wg_remote_send(&peer->remote, r->n, data, &reservation, r->now);
	/* Without memory for ciphers a session is of no use; it ends when it is old. */
	if (reservation.keypair && keypair_of(reservation.keypair)->has_ciphers) {
		r->keys = keypair_of(reservation.keypair);
		keypair_get(r->keys);
		wg_remote_count_sent(&peer->remote, message_bytes(r));
	} else if (data) {
		stage_run(s);
	}
	if (r->keys)
		choose_socket(s, data);
	early = peer_is_early(peer);
	unlock_peer(r);
	if (reservation.actions || early)
		device_ask(s->device, peer, reservation.actions);
	for (u32 i = 0; r->keys && i < r->n; i++)
		r->packets[i].nonce = reservation.counter + i;
	return true;
}

static void seal_run(struct send_run *r)
{
	u32 index = r->keys->pair.remote_index;

	aead_seal(&r->keys->send, r->packets, r->n);
	for (u32 i = 0; i < r->n; i++) {
		struct wg_message_data *m =
			(struct wg_message_data *)(r->packets[i].dst - WG_DATA_HEADER_LEN);

		wg_store_le32(m->type, WG_MESSAGE_DATA);
		wg_store_le32(m->receiver, index);
		wg_store_le64(m->counter, r->packets[i].nonce);
	}
}

/* A GSO datagram has messages of one length, and one shorter one behind them. */
static u32 make_gso(struct send_run *r)
{
	struct udp_gso *t = NULL;
	u32 n = 0, count = 0;

	for (u32 i = 0; i < r->n; i++) {
		u32 len = r->packets[i].len + WG_DATA_OVERHEAD;

		if (t && count < UDP_SEGMENTS && t->len % t->size == 0 && len <= t->size &&
		    t->len + len <= UDP_PAYLOAD) {
			t->len += len;
			count++;
			continue;
		}
		t = &r->gso[n++];
		*t = (struct udp_gso){r->packets[i].dst - WG_DATA_HEADER_LEN, len, len};
		count = 1;
	}
	return n;
}

static void send_run(struct send *s)
{
	struct send_run *r = &s->run;
	struct endpoint used = r->to;
	struct udp_outcome o = {.lost = r->n, .full = r->n, .lost_bytes = r->used};

	if (!r->full) {
		seal_run(r);
		udp_send(r->socket, &r->to, r->ecn, r->gso, make_gso(r), r->use_gso, &o);
	}
	if (o.lost || o.source_gone || o.gso_refused || (o.gso_worked && r->gso_doubted))
		apply_outcome(s, &o, &used);
	keypair_put(r->keys);
	r->keys = NULL;
}

/* Returns false if there is no session, or no endpoint to send to. */
static bool end_run(struct send *s, bool data)
{
	struct send_run *r = &s->run;
	bool sent;

	if (!r->n)
		return true;
	if (!reserve_send(s, data) && data) {
		struct wg_batch_packet *p = &r->packets[0];

		memcpy(p->dst + p->head, p->src, p->len - p->head);
		answer_unreachable(s, p->dst, r->plain[0]);
		drops_count(&s->device->drops, DROP_NO_ENDPOINT, r->n);
		handshakes_report(s->device, WG_INITIATION_NO_ENDPOINT, &r->peer->remote, NULL);
	}
	sent = r->keys;
	if (sent)
		send_run(s);
	r->n = 0;
	r->used = 0;
	return sent;
}

/* Makes room for one more packet of `len` bytes and says where its plaintext goes. */
static struct wg_batch_packet *add_packet(struct send *s, struct peer *peer, u8 ecn, u8 ttl,
					  u32 len)
{
	struct send_run *r = &s->run;
	u32 padded = (u32)wg_message_padded(len, mtu_of(s->device));
	struct wg_batch_packet *p;

	if (r->n && (r->peer != peer || r->ecn != ecn || r->ttl != ttl || r->n == SEND_RUN ||
		     r->used + padded + WG_DATA_OVERHEAD > SEND_OUT))
		end_run(s, true);
	r->peer = peer;
	r->ecn = ecn;
	r->ttl = ttl;
	r->plain[r->n] = len;
	p = &r->packets[r->n++];
	p->dst = s->out + r->used + WG_DATA_HEADER_LEN;
	p->src = p->dst;
	p->head = 0;
	p->len = padded;
	r->used += padded + WG_DATA_OVERHEAD;
	return p;
}

/* A payload that fills its packet is read where it lies; else it is copied, and zeros behind it. */
static void place_payload(struct wg_batch_packet *p, u32 head, const u8 *payload, u32 len)
{
	if (p->len == head + len) {
		p->head = head;
		p->src = payload;
		return;
	}
	memcpy(p->dst + head, payload, len);
	memset(p->dst + head + len, 0, p->len - head - len);
	p->head = p->len;
	p->src = p->dst + p->len;
}

static void send_gso_packet(struct send *s, const struct gso_packet *sup, struct peer *peer,
			    u8 ttl)
{
	u8 ecn = ecn_of(sup->packet);

	for (u32 i = 0; i < sup->gso.count; i++) {
		u32 len = segment_len(sup, i);
		struct wg_batch_packet *p = add_packet(s, peer, ecn, ttl, len);

		segment_write_header(sup, i, p->dst);
		place_payload(p, sup->gso.header_len, segment_payload(sup, i),
			      len - sup->gso.header_len);
	}
}

/* Takes what was read at `at`: struct virtio_net_hdr and a packet. */
static void take_packet(struct send *s, u8 *at, u32 len)
{
	u8 *packet = at + sizeof(struct virtio_net_hdr);
	struct virtio_net_hdr h;
	struct wg_remote *remote;
	struct gso_packet sup;
	struct loop_result loop;

	if (len <= sizeof(h))
		return;
	memcpy(&h, at, sizeof(h));
	len -= (u32)sizeof(h);
	if (!segment_begin(&sup, &h, packet, len)) {
		drops_count(&s->device->drops, DROP_TUN_MALFORMED, 1);
		return;
	}
	remote = wg_allowedips_find_dst(&s->device->allowed, packet, len);
	if (!remote) {
		drops_count(&s->device->drops, DROP_NO_PEER, sup.gso.count);
		answer_unreachable(s, packet, len);
		return;
	}
	loop = loop_check(&s->loop, s->device, peer_of(remote), packet, len);
	if (loop.refused)
		drops_count(&s->device->drops, loop.reason, sup.gso.count);
	else
		s->items[s->n_items++] =
			(struct send_item){sup, peer_of(remote), loop.ttl};
}

/* Sends to one peer after the other, each one's packets in their order. */
static void send_items(struct send *s)
{
	for (u32 i = 0; i < s->n_items; i++) {
		struct peer *peer = s->items[i].peer;

		for (u32 j = i; peer && j < s->n_items; j++) {
			if (s->items[j].peer != peer)
				continue;
			send_gso_packet(s, &s->items[j].packet, peer, s->items[j].ttl);
			s->items[j].peer = NULL;
		}
	}
	end_run(s, true);
	s->n_items = 0;
}

bool send_from_tun(struct send *s)
{
	u32 at = 0, batches = 0;
	bool there = true;

	for (u32 i = 0; i < SEND_READS && batches < SEND_TURN; i++) {
		ssize_t n = read(s->tun, s->in + at, SEND_READ);

		if (n <= 0) {
			there = n == 0 || errno != EBADFD;
			break;
		}
		take_packet(s, s->in + at, (u32)n);
		at += ((u32)n + 63) & ~63U;
		if (at < SEND_FULL)
			continue;
		send_items(s);
		at = 0;
		batches++;
	}
	send_items(s);
	return there;
}

/* Takes packets with one congestion mark and one TTL, as many as fit the run. This function returns
 * their number. */
static u32 collect_staged(struct send *s, struct peer *peer)
{
	struct send_run *r = &s->run;
	u32 at = 0, len;

	while (r->n < SEND_RUN &&
	       (len = (u32)staged_take(s->device, peer, s->in + at, SEND_IN - at))) {
		u8 *packet = s->in + at;
		u32 padded = (u32)wg_message_padded(len, mtu_of(s->device));
		u8 ttl = loop_ttl(packet, len);

		if (r->n && (r->ecn != ecn_of(packet) || r->ttl != ttl ||
			     r->used + padded + WG_DATA_OVERHEAD > SEND_OUT)) {
			staged_return(s->device, peer, packet, len);
			break;
		}
		place_payload(add_packet(s, peer, ecn_of(packet), ttl, len), 0, packet, len);
		at += (len + 63) & ~63U;
	}
	return r->n;
}

static void set_flushing(struct peer *peer, bool flushing)
{
	pthread_mutex_lock(&peer->lock);
	peer->flushing = flushing;
	pthread_mutex_unlock(&peer->lock);
}

/* Workers stage what they have for the peer until all that waits is sent, so that nothing is
 * reordered. They may stage as fast as this sends: after as many packets as a peer can stage, the
 * last ones are sent under the peer's lock, for which only this peer's packets wait. */
static bool flush_staged(struct send *s, struct peer *peer)
{
	struct send_run *r = &s->run;
	u32 n, total = 0;

	set_flushing(peer, true);
	r->waited = true;
	for (;;) {
		n = collect_staged(s, peer);
		if (!n && r->locked)
			break;
		total += n;
		if (n && !end_run(s, true))
			break;
		if (!r->locked && (!n || total >= WG_MAX_STAGED)) {
			pthread_mutex_lock(&peer->lock);
			r->locked = true;
		}
	}
	r->waited = false;
	if (!r->locked)
		pthread_mutex_lock(&peer->lock);
	r->locked = false;
	peer->flushing = false;
	pthread_mutex_unlock(&peer->lock);
	return total;
}

void send_staged(struct send *s, struct peer *peer, bool keepalive)
{
	if ((staged_any(peer) && flush_staged(s, peer)) || !keepalive)
		return;
	add_packet(s, peer, 0, 0, 0);
	end_run(s, false);
}

bool send_message_to(struct send *s, const struct endpoint *to, const u8 *message, size_t len)
{
	struct udp_gso t = {(u8 *)(uintptr_t)message, (u32)len, (u32)len};
	bool cookie = wg_load_le32(message) == WG_MESSAGE_COOKIE;
	struct udp_outcome o;

	return udp_send(sockets_for_message(s->sockets, to->addr.sa_family, cookie, udp_for(s, to)),
			to, cookie ? UDP_COOKIE_TOS : UDP_HANDSHAKE_TOS, &t, 1, false, &o);
}

// SPDX-License-Identifier: GPL-2.0
/* A message is believed in this order: its index is a session's, it is authentic, the session is
 * not too old, its counter is new, its packet is one that this peer may send. */
#include "receive.h"
#include <errno.h>
#include <sys/uio.h>
#include "checksum.h"
#include "offload.h"

enum {
	IPV4_MIN = 20,
	IPV6_LEN = 40,
	ECN = 3,
	ECT_1 = 1,
	ECT_0 = 2,
	CE = 3,
};

void receive_init(struct receive *r)
{
	r->udp.buffers = r->buffers;
}

static bool write_pieces(const struct receive *r, const struct iovec *iov, u32 n)
{
	return writev(r->tun, iov, (int)n) >= 0;
}

/* Returns how many packets were taken. */
static u32 write_singly(struct receive *r)
{
	struct coalesce *c = &r->group;
	struct virtio_net_hdr none = {0};
	u32 taken = 0;

	coalesce_undo(c);
	for (u32 i = 0; i < c->count; i++) {
		struct iovec iov[2] = {{&none, sizeof(none)}, {c->packet[i], c->packet_len[i]}};

		taken += write_pieces(r, iov, 2);
	}
	return taken;
}

static struct latch *latch_of(struct receive *r)
{
	return r->group.protocol == IPPROTO_UDP ? &r->udp_refused : &r->tcp_refused;
}

static void note_refusal(struct receive *r)
{
	u64 now = device_now();

	latch_refused(latch_of(r), (u32)now, now);
	if (r->group.protocol == IPPROTO_UDP)
		r->group.udp = false;
	else
		r->group.tcp = false;
}

static void note_success(struct receive *r)
{
	if (latch_is_set(latch_of(r)))
		latch_worked(latch_of(r));
}

/* A super-packet may be refused for what it is, or since the device takes nothing, as when it is
 * down: the fate of its packets tells. */
static void flush_to_device(struct receive *r)
{
	struct coalesce *c = &r->group;
	u32 taken = 0;

	if (!c->count)
		return;
	coalesce_finish(c);
	if (write_pieces(r, c->iov, c->count + 1)) {
		taken = c->count;
		if (c->count > 1)
			note_success(r);
	} else if (c->count > 1 && errno != EAGAIN) {
		taken = write_singly(r);
		if (taken)
			note_refusal(r);
	}
	drops_count(&r->device->drops, DROP_NOT_TAKEN, c->count - taken);
	coalesce_reset(c);
}

static void deliver(struct receive *r, u8 *packet, u32 len)
{
	if (!coalesce_add(&r->group, packet, len)) {
		flush_to_device(r);
		coalesce_add(&r->group, packet, len);
	}
	if (!r->group.protocol)
		flush_to_device(r);
}

static u8 inner_ecn(const u8 *p)
{
	return (p[0] >> 4 == 6 ? p[1] >> 4 : p[1]) & ECN;
}

/* The checksum of the IPv4 header is adjusted: one that was damaged before the tunnel must not come
 * out right. */
static void set_ecn(u8 *p, u8 ecn)
{
	u16 before, after;

	if (p[0] >> 4 == 6) {
		p[1] = (u8)((p[1] & ~(ECN << 4)) | ecn << 4);
		return;
	}
	memcpy(&before, p, sizeof(before));
	p[1] = (u8)((p[1] & ~ECN) | ecn);
	memcpy(&after, p, sizeof(after));
	checksum_adjust(p + 10, before, after);
}

/* ECN is as RFC 6040 section 4.2 has it, with one exception: a packet that is not ECN-capable is
 * delivered although a hop marked its outer packet, where the RFC drops it. The kernel's WireGuard
 * delivers it, too: a hop that marks without looking at the capability would otherwise cut off all
 * such traffic. */
static void combine_ecn(u8 *packet, u8 outer)
{
	u8 inner = inner_ecn(packet);

	if ((outer == CE && inner != 0) || (outer == ECT_1 && inner == ECT_0))
		set_ecn(packet, outer);
}

/* Returns the length that the IP header states; 0 if there is none or it does not fit. */
static u32 inner_len(const u8 *p, u32 len)
{
	u32 stated = 0;

	if (len >= IPV4_MIN && p[0] >> 4 == 4 && (p[0] & 15) >= 5) {
		stated = (u32)p[2] << 8 | p[3];
		stated = stated < (p[0] & 15U) * 4 ? 0 : stated;
	} else if (len >= IPV6_LEN && p[0] >> 4 == 6) {
		stated = ((u32)p[4] << 8 | p[5]) + IPV6_LEN;
	}
	return stated <= len ? stated : 0;
}

/* Packets of a batch mostly have one source, which is looked up once. */
static bool may_be_from(struct receive *r, struct peer *peer, const u8 *packet, u32 len,
			const u8 **last)
{
	u32 at = packet[0] >> 4 == 6 ? 8 : 12, size = packet[0] >> 4 == 6 ? 16 : 4;

	if (*last && (*last)[0] >> 4 == packet[0] >> 4 &&
	    memcmp(*last + at, packet + at, size) == 0)
		return true;
	if (wg_allowedips_find_src(&r->device->allowed, packet, len) != &peer->remote)
		return false;
	*last = packet;
	return true;
}

/* The result of a batch of messages that was opened. */
struct batch_result {
	struct wg_received received;
	bool early;	/* see peer_is_early() */
	bool learnt;	/* see device_heard_peer() */
	u32 actions;	/* enum wg_action */
};

/* Accepts or refuses each message that is authentic, and takes note of the peer's endpoint and its
 * timers, all in one hold of the peer's lock. Clears r->ok of what is refused. */
static struct batch_result accept_batch(struct receive *r, struct keypair *k,
					const struct udp_datagrams *a, u32 n)
{
	struct peer *peer = k->peer;
	struct batch_result v = {0};
	u64 now = device_now();

	pthread_mutex_lock(&peer->lock);
	for (u32 i = 0; i < n; i++)
		r->ok[i] = r->ok[i] && wg_remote_accept(&v.received, &k->pair, r->packets[i].nonce,
							r->packets[i].len, now);
	if (v.received.accepted) {
		v.actions = wg_remote_received(&peer->remote, &k->pair, &v.received,
					       &r->device->host, now);
		v.learnt = device_heard_peer(r->device, peer, &a->from);
		v.early = peer_is_early(peer);
	}
	pthread_mutex_unlock(&peer->lock);
	return v;
}

/* Takes the payload of an authentic message. */
static void take_packet(struct receive *r, struct peer *peer, u8 *packet, u32 room, u8 ecn,
			const u8 **last)
{
	struct drops *drops = &r->device->drops;
	u32 len = inner_len(packet, room);

	if (!len) {
		drops_count(drops, DROP_INNER_MALFORMED, 1);
		return;
	}
	if (!may_be_from(r, peer, packet, len, last)) {
		drops_count(drops, DROP_NOT_ALLOWED, 1);
		return;
	}
	combine_ecn(packet, ecn);
	deliver(r, packet, len);
}

static void take_run(struct receive *r, struct keypair *k, const struct udp_datagrams *a, u32 n)
{
	struct drops *drops = &r->device->drops;
	struct peer *peer = k->peer;
	const u8 *last = NULL;
	struct batch_result v;

	aead_open(&k->receive, r->packets, n, r->ok);
	v = accept_batch(r, k, a, n);
	if (v.actions || v.early)
		device_ask(r->device, peer, v.actions);
	if (v.learnt)
		device_wake(r->device);
	drops_count(drops, DROP_KEYPAIR_EXPIRED, v.received.expired);
	drops_count(drops, DROP_REPLAYED, v.received.replayed);
	drops_count(drops, DROP_NOT_AUTHENTIC,
		    n - v.received.accepted - v.received.expired - v.received.replayed);
	for (u32 i = 0; v.received.data && i < n; i++) {
		u8 *packet = r->packets[i].dst;
		u32 len = r->packets[i].len;

		if (r->ok[i] && len)
			take_packet(r, peer, packet, len, a->tos & ECN, &last);
	}
}

static u32 type_of(const u8 *message, u32 len)
{
	return len < 4 ? 0 : wg_load_le32(message);
}

static void add_message(struct receive *r, u32 i, u8 *message, u32 len)
{
	struct wg_batch_packet *p = &r->packets[i];

	p->src = p->dst = message + WG_DATA_HEADER_LEN;
	p->head = 0;
	p->len = len - WG_DATA_OVERHEAD;
	p->nonce = wg_load_le64(message + 8);
}

/* Takes data messages of one session from *at on; at least one is gone through. */
static void take_data(struct receive *r, const struct udp_datagrams *a, u32 *at)
{
	u32 index = wg_load_le32(a->data + *at + 4), n = 0;
	struct keypair *k;

	while (*at < a->len && n < RECEIVE_RUN) {
		u8 *message = a->data + *at;
		u32 len = a->len - *at < a->size ? a->len - *at : a->size;

		if (len < WG_DATA_OVERHEAD || type_of(message, len) != WG_MESSAGE_DATA ||
		    wg_load_le32(message + 4) != index)
			break;
		add_message(r, n++, message, len);
		*at += len;
	}
	k = index_keypair(r->device->indices, index);
	if (k)
		take_run(r, k, a, n);
	else
		drops_count(&r->device->drops, DROP_NO_SESSION, n);
	keypair_put(k);
}

/* Cookie replies leave by the socket that was asked, so that no other thread is woken for them. */
static void send_replies(struct receive *r, const struct udp *u)
{
	u32 sent = udp_send_replies(u, r->replies, r->n_replies);

	drops_count(&r->device->drops, DROP_NOT_SENT, r->n_replies - sent);
	r->n_replies = 0;
}

static void take_handshake(struct receive *r, const struct udp *u, const struct udp_datagrams *a,
			   u32 at, u32 len)
{
	enum wg_handshake_result result = handshakes_arrive(
		r->device, &r->nonces, a->data + at, len, &a->from, &r->replies[r->n_replies]);

	handshakes_report(r->device, result, NULL, &a->from);
	if (result == WG_HANDSHAKE_COOKIE_REPLY) {
		if (++r->n_replies == RECEIVE_REPLIES)
			send_replies(r, u);
	} else if (result == WG_HANDSHAKE_NO_ROOM) {
		drops_count(&r->device->drops, DROP_HANDSHAKES, 1);
	}
}

static void take_arrival(struct receive *r, const struct udp *u, const struct udp_datagrams *a)
{
	u32 at = 0;

	while (at < a->len) {
		u32 len = a->len - at < a->size ? a->len - at : a->size;

		if (len >= WG_DATA_OVERHEAD && type_of(a->data + at, len) == WG_MESSAGE_DATA) {
			take_data(r, a, &at);
			continue;
		}
		if (len >= WG_COOKIE_MESSAGE_LEN && len <= WG_HANDSHAKE_MAX)
			take_handshake(r, u, a, at, len);
		else
			handshakes_report(r->device, WG_HANDSHAKE_MALFORMED, NULL, &a->from);
		at += len;
	}
}

static bool may_join(bool supported, u32 allowed, const struct latch *refused)
{
	return supported && allowed && (!refused->until || latch_allows(refused, device_now()));
}

void receive_from_udp(struct receive *r, const struct udp *u)
{
	u32 n = udp_receive(u, &r->udp);
	u32 gro = __atomic_load_n(&r->device->tun_gro, __ATOMIC_RELAXED);

	r->group.tcp = may_join(r->tso, gro & OFFLOAD_TUN_GRO, &r->tcp_refused);
	r->group.udp = may_join(r->uso, gro & OFFLOAD_TUN_UDP_GRO, &r->udp_refused);
	for (u32 i = 0; i < n; i++)
		take_arrival(r, u, &r->udp.received[i]);
	send_replies(r, u);
	flush_to_device(r);
}

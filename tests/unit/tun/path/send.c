// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/path/send.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <fcntl.h>
#include <netinet/udp.h>
#include <sys/syscall.h>
#include "../rig.h"
#include "../../../../src/tun/device/staged.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

static u8 buffer[70000];
static u8 buffers[UDP_RECEIVES][UDP_BUFFER];

static void emit(struct rig *r, const u8 *p, u32 len)
{
	assert_int_equal(send(r->kernel, p, len, 0), len);
}

static void emit_datagram(struct rig *r, u8 i, u32 payload, u8 number)
{
	emit(r, buffer, rig_datagram(buffer, i, false, payload, number));
}

/* Messages that came to peer i, opened into `out`, their lengths into `lens`; `counter` is the
 * first one's. How many there were, and in how many GSO datagrams. */
static u32 collect(struct rig *r, u8 i, u64 counter, u8 (*out)[1500], u32 *lens, u32 *gso)
{
	struct rig_peer *p = &r->peers[i];
	struct udp_receiver receiver = {.buffers = buffers};
	u32 n = 0, count;

	*gso = 0;
	while ((count = udp_receive(&p->udp, &receiver))) {
		for (u32 k = 0; k < count; k++) {
			const struct udp_datagrams *a = &receiver.received[k];

			++*gso;
			for (u32 at = 0; at < a->len; at += a->size) {
				u32 len = a->len - at < a->size ? a->len - at : a->size;
				u8 *m = a->data + at;

				assert_int_equal(wg_load_le32(m), WG_MESSAGE_DATA);
				assert_int_equal(wg_load_le32(m + 4), RIG_INDEX + i);
				assert_int_equal(wg_load_le64(m + 8), counter);
				assert_true(wg_chacha20poly1305_open(out[n], m + 16, len - 16, NULL,
								     0, counter++, p->send_key));
				lens[n++] = len - 32;
			}
		}
	}
	return n;
}

/* The same, whatever the counters are. */
static u32 collect_any(struct rig *r, u8 i, u8 (*out)[1500], u32 *lens, u32 *gso)
{
	struct udp_receiver receiver = {.buffers = buffers};
	struct rig_peer *p = &r->peers[i];
	u32 n = 0, count;

	*gso = 0;
	while ((count = udp_receive(&p->udp, &receiver))) {
		for (u32 k = 0; k < count; k++) {
			const struct udp_datagrams *a = &receiver.received[k];

			++*gso;
			for (u32 at = 0; at < a->len; at += a->size) {
				u32 len = a->len - at < a->size ? a->len - at : a->size;
				u8 *m = a->data + at;

				assert_true(wg_chacha20poly1305_open(out[n], m + 16, len - 16, NULL,
								     0, wg_load_le64(m + 8),
								     p->send_key));
				lens[n++] = len - 32;
			}
		}
	}
	return n;
}

/* Trains to this port are refused, as on a way that is narrower than their segments. */
static u16 narrow_port;
static bool all_full; /* no socket has room */
static u32 refused_gso, gso_to[65536];

static bool is_gso(const struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR((struct msghdr *)m, c)) {
		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_SEGMENT)
			return true;
	}
	return false;
}

static bool refuse(const struct msghdr *m)
{
	u16 port = ntohs(((const struct sockaddr_in *)m->msg_name)->sin_port);

	if (all_full) {
		errno = EAGAIN;
		return true;
	}
	if (!is_gso(m))
		return false;
	gso_to[port] += port != narrow_port;
	refused_gso += port == narrow_port;
	errno = EMSGSIZE;
	return port == narrow_port;
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	return refuse(m) ? -1 : syscall(SYS_sendmsg, fd, m, flags);
}

int sendmmsg(int fd, struct mmsghdr *m, unsigned int n, int flags)
{
	unsigned int good = 0;

	while (good < n && !refuse(&m[good].msg_hdr))
		good++;
	return good ? (int)syscall(SYS_sendmmsg, fd, m, good, flags) : -1;
}

static u32 sent_gso(u16 port)
{
	u32 n = gso_to[port];

	gso_to[port] = 0;
	return n;
}

static void keeps_each_peers_packets_together(void **state)
{
	static u8 out[64][1500];
	u32 lens[64], gso_count, n;
	struct rig r;

	(void)state;
	rig_begin(&r);
	for (u8 i = 0; i < RIG_PEERS; i++)
		rig_session(&r, i);
	for (u8 k = 0; k < 10; k++) {
		for (u8 i = 0; i < RIG_PEERS; i++)
			emit_datagram(&r, i, 64, k);
	}
	assert_true(send_from_tun(r.send));
	for (u8 i = 0; i < RIG_PEERS; i++) {
		n = collect(&r, i, 0, out, lens, &gso_count);
		assert_int_equal(n, 10);
		assert_int_equal(gso_count, 1);
		for (u32 k = 0; k < n; k++) {
			assert_int_equal(lens[k], 96);
			assert_int_equal(out[k][19], i);
			assert_int_equal(out[k][28], k);
			assert_true(inner_right(out[k], 92));
			assert_memory_equal(out[k] + 92, "\0\0\0\0", 4);
		}
		assert_int_equal(r.peers[i].peer->remote.tx_bytes, 10 * 128);
	}
	rig_end(&r);
}

static void cuts_a_super_packet_into_one_gso_datagram(void **state)
{
	static u8 out[64][1500];
	const struct inner x = {.protocol = IPPROTO_TCP, .flags = 0x18, .options = 12,
				.payload = 44 * 1368 + 100};
	struct virtio_net_hdr h = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .hdr_len = 52,
				   .gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = 1368,
				   .csum_start = 20, .csum_offset = 16};
	u32 lens[64], gso_count, len;
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 2);
	memcpy(buffer, &h, sizeof(h));
	len = inner_make(&x, buffer + RIG_HEADER);
	inner_put16(buffer + RIG_HEADER + 36,
		    inner_pseudo(buffer + RIG_HEADER, IPPROTO_TCP, len - 20));
	emit(&r, buffer, RIG_HEADER + len);
	assert_true(send_from_tun(r.send));
	assert_int_equal(collect(&r, 2, 0, out, lens, &gso_count), 45);
	assert_int_equal(gso_count, 1);
	for (u32 k = 0; k < 45; k++) {
		u32 size = k < 44 ? 1420 : 152;

		assert_int_equal(lens[k], k < 44 ? 1420 : 160);
		assert_true(inner_right(out[k], size));
		assert_memory_equal(out[k] + 52, buffer + RIG_HEADER + 52 + k * 1368, size - 52);
	}
	rig_end(&r);
}

static void lets_packets_wait_for_a_session(void **state)
{
	static u8 out[64][1500];
	u32 lens[64], gso_count;
	struct rig r;

	(void)state;
	rig_begin(&r);
	for (u8 k = 0; k < 5; k++)
		emit_datagram(&r, 1, 100 + k, k);
	assert_true(send_from_tun(r.send));
	assert_int_equal(collect(&r, 1, 0, out, lens, &gso_count), 0);
	assert_int_equal(device_take_actions(r.peers[1].peer) & WG_ACT_INITIATE, WG_ACT_INITIATE);
	rig_session(&r, 1);
	send_staged(r.send, r.peers[1].peer, true);
	assert_int_equal(collect(&r, 1, 0, out, lens, &gso_count), 5);
	for (u32 k = 0; k < 5; k++) {
		assert_int_equal(out[k][28], k);
		assert_true(inner_right(out[k], 128 + k));
	}
	/* None wait any more: a keepalive. */
	send_staged(r.send, r.peers[1].peer, false);
	assert_int_equal(collect(&r, 1, 5, out, lens, &gso_count), 0);
	send_staged(r.send, r.peers[1].peer, true);
	assert_int_equal(collect(&r, 1, 5, out, lens, &gso_count), 1);
	assert_int_equal(lens[0], 0);
	rig_end(&r);
}

/* A keepalive leaves by the socket of handshakes: that one is full, not the peer's. */
static void a_keepalive_says_nothing_of_the_peers_socket(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	all_full = true;
	send_staged(r.send, r.peers[1].peer, true);
	assert_int_equal(r.device->drops.n[DROP_SEND_FULL], 1);
	assert_int_equal(r.peers[1].peer->full_at, 0);
	emit_datagram(&r, 1, 100, 0);
	assert_true(send_from_tun(r.send));
	assert_int_equal(r.device->drops.n[DROP_SEND_FULL], 2);
	assert_int_not_equal(r.peers[1].peer->full_at, 0);
	all_full = false;
	rig_end(&r);
}

static void answers_what_nobody_has(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	emit_datagram(&r, 99, 100, 0);
	assert_true(send_from_tun(r.send));
	assert_true(recv(r.kernel, buffer, sizeof(buffer), 0) > RIG_HEADER + 28);
	assert_int_equal(buffer[RIG_HEADER + 9], IPPROTO_ICMP);
	assert_int_equal(r.device->drops.n[DROP_NO_PEER], 1);
	rig_end(&r);
}

/* Whatever is read, nothing is sent that is not whole. */
static void survives_what_makes_no_sense(void **state)
{
	static u8 out[64][1500];
	u32 lens[64], gso_count;
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	for (u32 len = 1; len < RIG_HEADER + 20; len++) {
		rig_datagram(buffer, 1, false, 64, 0);
		emit(&r, buffer, len);
	}
	rig_datagram(buffer, 1, false, 64, 0);
	buffer[0] = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	buffer[6] = buffer[7] = 0xff; /* csum_start */
	emit(&r, buffer, RIG_HEADER + 92);
	buffer[1] = 77; /* gso_type */
	emit(&r, buffer, RIG_HEADER + 92);
	assert_true(send_from_tun(r.send));
	assert_int_equal(collect(&r, 1, 0, out, lens, &gso_count), 0);
	rig_end(&r);
}

/* Packets that waited go before all that come later, whoever tries to send when. */
static void keeps_what_waits_in_front(void **state)
{
	static u8 out[64][1500];
	u32 lens[64], gso_count;
	struct rig r;

	(void)state;
	rig_begin(&r);
	for (u8 k = 0; k < 5; k++)
		emit_datagram(&r, 1, 100, k);
	assert_true(send_from_tun(r.send));
	send_staged(r.send, r.peers[1].peer, true);
	rig_session(&r, 1);
	emit_datagram(&r, 1, 100, 5);
	assert_true(send_from_tun(r.send));
	assert_int_equal(collect(&r, 1, 0, out, lens, &gso_count), 0);
	assert_int_equal(device_take_actions(r.peers[1].peer) & WG_ACT_FLUSH, WG_ACT_FLUSH);
	send_staged(r.send, r.peers[1].peer, false);
	emit_datagram(&r, 1, 100, 6);
	assert_true(send_from_tun(r.send));
	assert_int_equal(collect(&r, 1, 0, out, lens, &gso_count), 7);
	for (u32 k = 0; k < 7; k++)
		assert_int_equal(out[k][28], k);
	rig_end(&r);
}

static void counts_only_what_was_sent(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	emit_datagram(&r, 1, 64, 0);
	assert_true(send_from_tun(r.send));
	assert_int_equal(r.peers[1].peer->remote.tx_bytes, 128);
	udp_close(&r.udp);
	emit_datagram(&r, 1, 64, 0);
	assert_true(send_from_tun(r.send));
	assert_int_equal(r.peers[1].peer->remote.tx_bytes, 128);
	assert_int_equal(r.device->drops.n[DROP_NOT_SENT], 1);
	rig_end(&r);
}

/* A worker sends to a peer while its staged packets are sent. */
struct flusher {
	struct rig *rig;
	struct send *control;
	int rounds;
};

static void *flush_again_and_again(void *arg)
{
	struct flusher *f = arg;

	for (int i = 0; i < f->rounds; i++) {
		/* Reading config, as a worker does: a flush does not want to write it. */
		pthread_rwlock_rdlock(&f->rig->device->config);
		send_staged(f->control, f->rig->peers[1].peer, false);
		pthread_rwlock_unlock(&f->rig->device->config);
	}
	return NULL;
}

static void flushing_beside_a_worker_reorders_nothing(void **state)
{
	static u8 out[512][1500];
	static u32 lens[512];
	struct send *control = calloc(1, sizeof(*control));
	struct flusher f;
	u32 gso_count;
	struct rig r;

	(void)state;
	rig_begin(&r);
	control->device = r.device;
	control->tun = -1;
	control->udp4 = control->udp6 = &r.udp;
	control->sockets = &r.sockets;
	f = (struct flusher){&r, control, 1};
	for (int round = 0; round < 300; round++) {
		struct peer *peer = r.peers[1].peer;
		pthread_t thread;
		u32 n;

		peer->remote.keys.active = NULL;
		for (u8 k = 0; k < 100; k++) {
			emit_datagram(&r, 1, 60 + (k & 3) * 16, k);
			if (k % 4 == 3)
				assert_true(send_from_tun(r.send));
			if (k == 31) {
				if (round)
					peer->remote.keys.active = &r.peers[1].keys->pair;
				else
					rig_session(&r, 1);
				assert_int_equal(pthread_create(&thread, NULL,
								flush_again_and_again, &f), 0);
			}
		}
		pthread_join(thread, NULL);
		send_staged(r.send, peer, false);
		assert_false(peer->flushing);
		assert_false(staged_any(peer));
		n = collect_any(&r, 1, out, lens, &gso_count);
		assert_int_equal(n, 100);
		for (u32 k = 0; k < n; k++)
			assert_int_equal(out[k][28], k);
	}
	device_take_actions(r.peers[1].peer);
	free(control);
	rig_end(&r);
}

/* While the control thread is at it, a worker stages, and the control thread sends that, too. */
static void a_worker_waits_behind_a_flush(void **state)
{
	static u8 out[64][1500];
	u32 lens[64], gso_count;
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	r.peers[1].peer->flushing = true;
	emit_datagram(&r, 1, 100, 5);
	assert_true(send_from_tun(r.send));
	assert_int_equal(collect(&r, 1, 0, out, lens, &gso_count), 0);
	assert_true(staged_any(r.peers[1].peer));
	send_staged(r.send, r.peers[1].peer, false);
	assert_int_equal(collect(&r, 1, 0, out, lens, &gso_count), 1);
	assert_false(r.peers[1].peer->flushing);
	rig_end(&r);
}

/* What one destination refuses is not sent to it for a while; another one's is as it was. */
static void a_refused_gso_datagram_is_one_peers(void **state)
{
	static u8 out[64][1500];
	u32 lens[64], gso_count;
	u64 counter[RIG_PEERS] = {0};
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	rig_session(&r, 2);
	for (int step = 0; step < 4; step++) {
		struct latch *latch = &r.peers[1].peer->gso;

		narrow_port = step < 2 ? r.peers[1].port : 0;
		if (step == 3)
			latch->until = 1; /* the pause is over */
		for (u8 i = 1; i < RIG_PEERS; i++) {
			for (u8 k = 0; k < 10; k++)
				emit_datagram(&r, i, 64, k);
		}
		assert_true(send_from_tun(r.send));
		assert_int_equal(collect(&r, 1, counter[1], out, lens, &gso_count), 10);
		assert_int_equal(refused_gso, 1);
		assert_int_equal(latch->refusals, step < 3);
		assert_int_equal(sent_gso(r.peers[1].port), step == 3);
		assert_int_equal(collect(&r, 2, counter[2], out, lens, &gso_count), 10);
		assert_int_equal(sent_gso(r.peers[2].port), 1);
		counter[1] += 10;
		counter[2] += 10;
	}
	assert_false(latch_is_set(&r.peers[1].peer->gso));
	assert_int_equal(r.device->drops.n[DROP_NOT_SENT], 0);
	rig_end(&r);
}

/* A descriptor of /dev/net/tun that has no device is as that of one that was deleted. */
static void gives_up_only_a_device_that_is_gone(void **state)
{
	int gone = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	struct rig r;

	(void)state;
	rig_begin(&r);
	assert_true(send_from_tun(r.send));
	r.send->tun = -1;
	assert_true(send_from_tun(r.send));
	r.send->tun = gone;
	if (gone >= 0)
		assert_false(send_from_tun(r.send));
	close(gone);
	rig_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_each_peers_packets_together),
		cmocka_unit_test(cuts_a_super_packet_into_one_gso_datagram),
		cmocka_unit_test(lets_packets_wait_for_a_session),
		cmocka_unit_test(a_keepalive_says_nothing_of_the_peers_socket),
		cmocka_unit_test(answers_what_nobody_has),
		cmocka_unit_test(survives_what_makes_no_sense),
		cmocka_unit_test(keeps_what_waits_in_front),
		cmocka_unit_test(counts_only_what_was_sent),
		cmocka_unit_test(flushing_beside_a_worker_reorders_nothing),
		cmocka_unit_test(a_worker_waits_behind_a_flush),
		cmocka_unit_test(a_refused_gso_datagram_is_one_peers),
		cmocka_unit_test(gives_up_only_a_device_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/path/receive.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "../rig.h"

static u8 buffer[70000], gso[70000];

/* Appends a message of peer i with this plaintext to `gso`, at `at`; where it ends. */
static u32 put_message(struct rig *r, u8 i, u64 counter, const u8 *text, u32 len, u32 at)
{
	u8 *m = gso + at;

	wg_store_le32(m, WG_MESSAGE_DATA);
	wg_store_le32(m + 4, r->peers[i].index);
	wg_store_le64(m + 8, counter);
	wg_chacha20poly1305_seal(m + 16, text, len, NULL, 0, counter, r->peers[i].receive_key);
	return at + len + 32;
}

static u32 put_datagram(struct rig *r, u8 i, u8 source, u64 counter, u32 payload, u32 at)
{
	u32 len = rig_datagram(buffer, source, true, payload, (u8)counter) - RIG_HEADER;
	u32 padded = (len + 15) & ~15U;

	memset(buffer + RIG_HEADER + len, 0, padded - len);
	return put_message(r, i, counter, buffer + RIG_HEADER, padded, at);
}

static void deliver_marked(struct rig *r, u8 i, u32 len, u32 size, u8 tos)
{
	struct endpoint to = {.addr4 = {.sin_family = AF_INET, .sin_port = htons(r->port),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
	struct udp_gso t = {gso, len, size};
	struct udp_outcome o;

	assert_true(udp_send(&r->peers[i].udp, &to, tos, &t, 1, true, &o));
	receive_from_udp(r->receive, &r->udp);
}

static void deliver(struct rig *r, u8 i, u32 len, u32 size)
{
	deliver_marked(r, i, len, size, 0);
}

/* What the kernel got: its length without struct virtio_net_hdr, 0: nothing. */
static u32 got(struct rig *r)
{
	ssize_t n = recv(r->kernel, buffer, sizeof(buffer), 0);

	return n < 0 ? 0 : (u32)n - RIG_HEADER;
}

static void puts_datagrams_together(void **state)
{
	struct virtio_net_hdr h;
	u32 at = 0;
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	for (u64 k = 0; k < 20; k++)
		at = put_datagram(&r, 1, 1, k, 68, at);
	deliver(&r, 1, at, 128);
	assert_int_equal(got(&r), 28 + 20 * 68);
	memcpy(&h, buffer, sizeof(h));
	assert_int_equal(h.gso_type, VIRTIO_NET_HDR_GSO_UDP_L4);
	assert_int_equal(h.gso_size, 68);
	for (u32 k = 0; k < 20; k++)
		assert_int_equal(buffer[RIG_HEADER + 28 + k * 68], k);
	assert_int_equal(got(&r), 0);
	assert_int_equal(r.peers[1].peer->remote.rx_bytes, 20 * 128);
	rig_end(&r);
}

static void takes_each_message_once(void **state)
{
	u32 at;
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	at = put_datagram(&r, 1, 1, 7, 64, 0);
	deliver(&r, 1, at, at);
	assert_int_equal(got(&r), 92);
	put_datagram(&r, 1, 1, 7, 64, 0);
	deliver(&r, 1, at, at);
	assert_int_equal(got(&r), 0);
	put_datagram(&r, 1, 1, 6, 64, 0);
	deliver(&r, 1, at, at);
	assert_int_equal(got(&r), 92);
	assert_int_equal(r.device->drops.n[DROP_REPLAYED], 1);
	assert_int_equal(r.device->drops.n[DROP_NOT_AUTHENTIC], 0);
	rig_end(&r);
}

static void takes_nothing_that_is_changed(void **state)
{
	u32 len;
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	len = put_datagram(&r, 1, 1, 0, 64, 0);
	/* The three zero bytes behind the type are part of it. */
	for (u32 i = 0; i < len * 8; i++) {
		gso[i / 8] ^= (u8)(1 << i % 8);
		deliver(&r, 1, len, len);
		gso[i / 8] ^= (u8)(1 << i % 8);
		assert_int_equal(got(&r), 0);
	}
	for (u32 shorter = 1; shorter < len; shorter++) {
		deliver(&r, 1, shorter, shorter);
		assert_int_equal(got(&r), 0);
	}
	assert_int_equal(r.peers[1].peer->remote.rx_bytes, 0);
	deliver(&r, 1, len, len);
	assert_int_equal(got(&r), 92);
	rig_end(&r);
}

/* Its own source, another's, and its own again, in one GSO datagram. */
static void lets_a_peer_speak_for_itself_only(void **state)
{
	u32 at = 0;
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	at = put_datagram(&r, 1, 1, 0, 64, at);
	at = put_datagram(&r, 1, 2, 1, 64, at);
	at = put_datagram(&r, 1, 1, 2, 64, at);
	deliver(&r, 1, at, 128);
	assert_int_equal(got(&r), 28 + 128);
	assert_int_equal(buffer[RIG_HEADER + 28], 0);
	assert_int_equal(buffer[RIG_HEADER + 28 + 64], 2);
	assert_int_equal(got(&r), 0);
	assert_int_equal(r.device->drops.n[DROP_NOT_ALLOWED], 1);
	rig_end(&r);
}

static void follows_who_is_authentic(void **state)
{
	u32 at;
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	at = put_datagram(&r, 1, 1, 0, 64, 0);
	gso[at - 1] ^= 1;
	deliver(&r, 2, at, at);
	assert_int_equal(ntohs(r.peers[1].peer->endpoint.addr4.sin_port), r.peers[1].port);
	gso[at - 1] ^= 1;
	deliver(&r, 2, at, at);
	assert_int_equal(ntohs(r.peers[1].peer->endpoint.addr4.sin_port), r.peers[2].port);
	rig_end(&r);
}

static void counts_keepalives_and_delivers_nothing(void **state)
{
	u32 at;
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	at = put_message(&r, 1, 0, buffer, 0, 0);
	deliver(&r, 1, at, at);
	assert_int_equal(got(&r), 0);
	assert_int_equal(r.peers[1].peer->remote.rx_bytes, 32);
	rig_end(&r);
}

/* Lengths that the inner header does not keep, and what is no IP packet at all. */
static void drops_what_is_not_a_packet(void **state)
{
	static const struct {
		u32 place;
		u8 value;
	} bad[] = {{0, 0x55}, {0, 0x44}, {0, 0x65}, {2, 0xff}, {3, 0x10}};
	struct rig r;
	u64 counter = 0;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		u32 len;

		rig_datagram(buffer, 1, true, 68, 0);
		buffer[RIG_HEADER + bad[i].place] = bad[i].value;
		len = put_message(&r, 1, counter++, buffer + RIG_HEADER, 96, 0);
		deliver(&r, 1, len, len);
		assert_int_equal(got(&r), 0);
	}
	for (u32 n = 1; n < 28; n++) {
		u32 len;

		rig_datagram(buffer, 1, true, 68, 0);
		len = put_message(&r, 1, counter++, buffer + RIG_HEADER, n, 0);
		deliver(&r, 1, len, len);
		assert_int_equal(got(&r), 0);
	}
	assert_int_equal(r.device->drops.n[DROP_INNER_MALFORMED] +
			 r.device->drops.n[DROP_NOT_ALLOWED], 5 + 27);
	rig_end(&r);
}

/* A link that is down takes nothing, together or singly. */
static void counts_what_the_link_does_not_take(void **state)
{
	struct rig r;
	u32 at = 0;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	for (u8 k = 0; k < 5; k++)
		at = put_datagram(&r, 1, 1, k, 68, at);
	r.receive->tun = -1;
	deliver(&r, 1, at, 128);
	assert_int_equal(r.device->drops.n[DROP_NOT_TAKEN], 5);
	assert_true(r.receive->tso);
	rig_end(&r);
}

/* Delivers 20 datagrams of one flow; how many packets the device gave to the kernel. */
static u32 deliver_flow(struct rig *r, u64 *counter)
{
	u32 at = 0, n = 0;

	for (u32 k = 0; k < 20; k++)
		at = put_datagram(r, 1, 1, (*counter)++, 356, at);
	deliver(r, 1, at, at / 20);
	while (got(r))
		n++;
	return n;
}

/* A socket takes no message that is larger than its buffer: the super-packet is refused, its
 * packets are not. */
static void tries_super_packets_again(void **state)
{
	int small = 0, large = 1 << 20;
	struct rig r;
	u64 counter = 0;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	assert_int_equal(deliver_flow(&r, &counter), 1);
	assert_false(latch_is_set(&r.receive->udp_refused));
	assert_int_equal(setsockopt(r.tun, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
	assert_true(deliver_flow(&r, &counter) > 1);
	assert_true(latch_is_set(&r.receive->udp_refused));
	assert_false(latch_is_set(&r.receive->tcp_refused));
	assert_int_equal(setsockopt(r.tun, SOL_SOCKET, SO_SNDBUF, &large, sizeof(large)), 0);
	assert_int_equal(deliver_flow(&r, &counter), 20);
	r.receive->udp_refused.until = device_now();
	assert_int_equal(deliver_flow(&r, &counter), 1);
	assert_false(latch_is_set(&r.receive->udp_refused));
	rig_end(&r);
}

/* Raw and packet sockets would see what is put together. */
static void keeps_datagrams_apart_unless_asked(void **state)
{
	struct rig r;
	u64 counter = 0;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	r.device->tun_gro = OFFLOAD_TUN_GRO;
	assert_int_equal(deliver_flow(&r, &counter), 20);
	r.device->tun_gro = OFFLOAD_TUN_GRO | OFFLOAD_TUN_UDP_GRO;
	assert_int_equal(deliver_flow(&r, &counter), 1);
	rig_end(&r);
}

/* Sends a datagram with the inner and outer ECN fields given, its header checksum off by `damage`,
 * and checks the field that comes out and that the checksum is as right or wrong as it was. */
static void carries_mark(struct rig *r, u64 counter, u8 inner, u8 outer, u8 expected, u16 damage)
{
	u8 text[112] = {0};
	u32 len;

	rig_datagram(buffer, 1, true, 68, 1);
	buffer[RIG_HEADER + 1] = (u8)(0xb8 | inner);
	inner_fix(buffer + RIG_HEADER, 96);
	inner_put16(buffer + RIG_HEADER + 10, inner_get16(buffer + RIG_HEADER + 10) ^ damage);
	memcpy(text, buffer + RIG_HEADER, 96);
	len = put_message(r, 1, counter, text, 96, 0);
	deliver_marked(r, 1, len, len, outer);
	assert_int_equal(got(r), 96);
	assert_int_equal(buffer[RIG_HEADER + 1], 0xb8 | expected);
	assert_int_equal(inner_sum(0, buffer + RIG_HEADER, 20) == 0xffff, !damage);
	assert_memory_equal(buffer + RIG_HEADER + 12, text + 12, 84);
}

/* defects.md: "a wrong checksum becomes a right one on the way". Rows: RFC 6040 section 4.2, but a
 * packet that is not ECN-capable is delivered as it is. */
static void a_wrong_checksum_stays_wrong_under_a_mark(void **state)
{
	static const u8 expected[4][4] = { /* [inner][outer] */
		{0, 0, 0, 0},
		{1, 1, 1, 3},
		{2, 1, 2, 3},
		{3, 3, 3, 3},
	};
	static const u16 damages[] = {0, 1, 0x100, 0x5555, 0x8001};
	struct rig r;
	u64 counter = 0;

	(void)state;
	rig_begin(&r);
	rig_session(&r, 1);
	for (u8 i = 0; i < 4; i++)
		for (u8 o = 0; o < 4; o++)
			for (size_t d = 0; d < sizeof(damages) / sizeof(*damages); d++)
				carries_mark(&r, counter++, i, o, expected[i][o], damages[d]);
	rig_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_datagrams_together),
		cmocka_unit_test(takes_each_message_once),
		cmocka_unit_test(takes_nothing_that_is_changed),
		cmocka_unit_test(lets_a_peer_speak_for_itself_only),
		cmocka_unit_test(follows_who_is_authentic),
		cmocka_unit_test(counts_keepalives_and_delivers_nothing),
		cmocka_unit_test(drops_what_is_not_a_packet),
		cmocka_unit_test(counts_what_the_link_does_not_take),
		cmocka_unit_test(tries_super_packets_again),
		cmocka_unit_test(keeps_datagrams_apart_unless_asked),
		cmocka_unit_test(a_wrong_checksum_stays_wrong_under_a_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

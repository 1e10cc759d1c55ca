// SPDX-License-Identifier: GPL-2.0
/* Super-packets are cut as a plain reading of the RFCs has it, and nothing is believed of their
 * headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../../src/tun/path/segment.h"
#include "../inner.h"

static u8 packet[66000], out[66000];

static struct virtio_net_hdr header_of(const struct inner *x, u16 size)
{
	bool tcp = x->protocol == IPPROTO_TCP;
	u16 l4 = x->ipv6 ? 40 : 20;

	return (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = tcp ? (x->ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4)
				: VIRTIO_NET_HDR_GSO_UDP_L4,
		.gso_size = size,
		.csum_start = l4,
		.csum_offset = tcp ? 16 : 6,
	};
}

/* The i-th segment, whole, into `out`; its length. */
static u32 whole(const struct gso_packet *s, u32 i)
{
	u32 len = segment_len(s, i);

	segment_write_header(s, i, out);
	memcpy(out + s->gso.header_len, segment_payload(s, i), len - s->gso.header_len);
	return len;
}

static void cut(const struct inner *x, u16 size)
{
	struct virtio_net_hdr h = header_of(x, size);
	u32 len = inner_make(x, packet), l4 = inner_l4(packet), at = 0;
	struct gso_packet s;

	inner_put16(packet + l4 + h.csum_offset, inner_pseudo(packet, x->protocol, len - l4));
	assert_true(segment_begin(&s, &h, packet, len));
	assert_int_equal(s.gso.count, (x->payload + size - 1) / size);
	for (u32 i = 0; i < s.gso.count; i++) {
		u32 n = whole(&s, i), payload = n - s.gso.header_len;
		bool last = i + 1 == s.gso.count;

		assert_true(inner_right(out, n));
		assert_true(last ? payload <= size : payload == size);
		assert_memory_equal(out + s.gso.header_len, packet + s.gso.header_len + at, payload);
		if (!x->ipv6)
			assert_int_equal(inner_get16(out + 4), (x->id + i) & 0xffff);
		if (x->protocol == IPPROTO_TCP) {
			u8 flags = x->flags;

			if (!last)
				flags &= (u8)~9;
			if (i)
				flags &= 127;
			assert_int_equal(out[l4 + 13], flags);
			assert_int_equal(inner_get16(out + l4 + 4) << 16 | inner_get16(out + l4 + 6),
					 x->seq + at);
		}
		at += payload;
	}
	assert_int_equal(at, x->payload);
}

static void cuts_tcp_and_udp(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct inner x = {
			.ipv6 = rand() & 1,
			.protocol = rand() & 1 ? IPPROTO_TCP : IPPROTO_UDP,
			.flags = (u8)(16 | (rand() & 0xc9)),
			.options = (u32)(rand() % 11) * 4,
			.seq = (u32)rand() * 3,
			.id = (u16)rand(),
			.tos = (u8)(rand() & 3),
			.payload = (u32)(1 + rand() % (i < 1900 ? 9000 : 65000)),
		};

		cut(&x, (u16)(1 + rand() % 1460));
	}
}

static void leaves_whole_packets_alone(void **state)
{
	struct inner x = {.protocol = IPPROTO_TCP, .flags = 24, .payload = 333};
	struct virtio_net_hdr h = {0};
	u32 len = inner_make(&x, packet);
	struct gso_packet s;

	(void)state;
	memcpy(out, packet, len);
	assert_true(segment_begin(&s, &h, packet, len));
	assert_int_equal(s.gso.count, 1);
	assert_int_equal(segment_len(&s, 0), len);
	assert_ptr_equal(segment_payload(&s, 0), packet);
	assert_memory_equal(packet, out, len);
}

static void completes_a_pending_checksum(void **state)
{
	(void)state;
	for (int i = 0; i < 500; i++) {
		struct inner x = {.ipv6 = i & 1,
				  .protocol = i & 2 ? IPPROTO_TCP : IPPROTO_UDP,
				  .payload = (u32)rand() % 1400};
		u32 len = inner_make(&x, packet), l4 = inner_l4(packet);
		struct virtio_net_hdr h = header_of(&x, 0);
		struct gso_packet s;

		h.gso_type = VIRTIO_NET_HDR_GSO_NONE;
		inner_put16(packet + l4 + h.csum_offset, inner_pseudo(packet, x.protocol, len - l4));
		assert_true(segment_begin(&s, &h, packet, len));
		assert_int_equal(s.gso.count, 1);
		assert_true(inner_right(packet, len));
	}
}

/* A UDP checksum that comes out as zero is written as all ones: zero says that there is none. */
static void writes_no_zero_for_udp(void **state)
{
	struct inner x = {.protocol = IPPROTO_UDP, .payload = 2};
	struct virtio_net_hdr h = header_of(&x, 0);
	u32 len = inner_make(&x, packet), sum;
	struct gso_packet s;

	(void)state;
	h.gso_type = VIRTIO_NET_HDR_GSO_NONE;
	inner_put16(packet + 28, 0);
	inner_put16(packet + 26, 0);
	sum = inner_sum(inner_pseudo(packet, IPPROTO_UDP, len - 20), packet + 20, len - 20);
	inner_put16(packet + 28, 0xffff - sum);
	inner_put16(packet + 26, inner_pseudo(packet, IPPROTO_UDP, len - 20));
	assert_true(segment_begin(&s, &h, packet, len));
	assert_int_equal(inner_get16(packet + 26), 0xffff);
}

static void refuses_headers_that_contradict(void **state)
{
	struct inner x = {.protocol = IPPROTO_TCP, .flags = 16, .payload = 3000};
	struct virtio_net_hdr good = header_of(&x, 1000), h;
	u32 len = inner_make(&x, packet);
	struct gso_packet s;

	(void)state;
	assert_true(segment_begin(&s, &good, packet, len));
#define REFUSED(change)                                                                              \
	do {                                                                                         \
		h = good;                                                                            \
		change;                                                                              \
		assert_false(segment_begin(&s, &h, packet, len));                                    \
	} while (0)
	REFUSED(h.gso_size = 0);
	REFUSED(h.flags = 0);
	REFUSED(h.gso_type = VIRTIO_NET_HDR_GSO_TCPV6);
	REFUSED(h.gso_type = 99);
	REFUSED(h.csum_start = 16);
	REFUSED(h.csum_start = (u16)len);
	REFUSED(h.csum_start = 65535);
	REFUSED(h.csum_start = (u16)(len - 19));
	REFUSED(h.csum_start = (u16)(len - 8); h.gso_type = VIRTIO_NET_HDR_GSO_UDP_L4);
	h = good;
	h.gso_type = VIRTIO_NET_HDR_GSO_NONE;
	h.csum_offset = 65535;
	assert_false(segment_begin(&s, &h, packet, len));
	h.csum_offset = 16;
	h.csum_start = (u16)(len - 17);
	assert_false(segment_begin(&s, &h, packet, len));
	packet[32] = 0x40; /* a TCP header of 16 bytes */
	assert_false(segment_begin(&s, &good, packet, len));
	packet[0] = 0x44;
	assert_false(segment_begin(&s, &good, packet, len));
	packet[0] = 0x55;
	assert_false(segment_begin(&s, &good, packet, len));
	packet[0] = 0x45;
	assert_false(segment_begin(&s, &good, packet, 19));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_tcp_and_udp),
		cmocka_unit_test(leaves_whole_packets_alone),
		cmocka_unit_test(completes_a_pending_checksum),
		cmocka_unit_test(writes_no_zero_for_udp),
		cmocka_unit_test(refuses_headers_that_contradict),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* What is put together is what was cut, and nothing is put together that was not one flow's row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../../src/tun/path/coalesce.h"
#include "../../../../src/tun/path/segment.h"
#include "../inner.h"

static u8 packets[COALESCE_PACKETS + 1][2000], joined[66000], original[66000];
static u32 lengths[COALESCE_PACKETS + 1];
static struct coalesce c;

static void fresh(void)
{
	memset(&c, 0, sizeof(c));
	c.tcp = c.udp = true;
}

/* What a write would give to the device, without the header. */
static u32 gather(void)
{
	u32 len = 0;

	coalesce_finish(&c);
	for (u32 i = 1; i <= c.count; i++) {
		memcpy(joined + len, c.iov[i].iov_base, c.iov[i].iov_len);
		len += (u32)c.iov[i].iov_len;
	}
	assert_int_equal(len, c.len);
	return len;
}

/* Cuts a super-packet into packets[]; how many. */
static u32 cut(const struct inner *x, u16 size)
{
	bool tcp = x->protocol == IPPROTO_TCP;
	struct virtio_net_hdr h = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = tcp ? (x->ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4)
				: VIRTIO_NET_HDR_GSO_UDP_L4,
		.gso_size = size,
		.csum_start = x->ipv6 ? 40 : 20,
		.csum_offset = tcp ? 16 : 6,
	};
	u32 len = inner_make(x, original);
	u8 *check = original + h.csum_start + h.csum_offset;
	struct gso_packet s;

	inner_put16(check, inner_pseudo(original, x->protocol, len - h.csum_start));
	assert_true(segment_begin(&s, &h, original, len));
	assert_true(s.gso.count <= COALESCE_PACKETS);
	for (u32 i = 0; i < s.gso.count; i++) {
		lengths[i] = segment_len(&s, i);
		segment_write_header(&s, i, packets[i]);
		memcpy(packets[i] + s.gso.header_len, segment_payload(&s, i), lengths[i] - s.gso.header_len);
	}
	return s.gso.count;
}

static void round_trip(const struct inner *x, u16 size)
{
	u32 n = cut(x, size), len, l4 = x->ipv6 ? 40 : 20;

	fresh();
	for (u32 i = 0; i < n; i++)
		assert_true(coalesce_add(&c, packets[i], lengths[i]));
	len = gather();
	if (n > 1) {
		struct gso_packet s;

		assert_int_equal(c.header.gso_size, size);
		assert_int_equal(c.header.csum_start, l4);
		assert_int_equal(c.header.hdr_len, l4 + (x->protocol == IPPROTO_TCP ? 20 + x->options : 8));
		/* The field has the sum of the pseudo header. */
		assert_int_equal(inner_get16(joined + l4 + c.header.csum_offset),
				 inner_pseudo(joined, x->protocol, len - l4));
		assert_true(segment_begin(&s, &c.header, joined, len));
		assert_int_equal(s.gso.count, n);
		inner_fix(joined, len);
	}
	inner_fix(original, len);
	assert_memory_equal(joined, original, len);
}

static void undoes_cutting(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		u16 size = (u16)(1 + rand() % 1380);
		struct inner x = {
			.ipv6 = rand() & 1,
			.protocol = rand() & 1 ? IPPROTO_TCP : IPPROTO_UDP,
			.flags = rand() & 1 ? 16 : 24,
			.options = (u32)(rand() % 11) * 4,
			.seq = (u32)rand() * 3,
			.id = (u16)rand(),
			.may_fragment = rand() & 1,
			.tos = (u8)(rand() & 255),
		};
		u32 most = size * (u32)COALESCE_PACKETS;

		x.payload = 1 + (u32)rand() % (most > 65000 ? 65000 : most);
		round_trip(&x, size);
	}
}

static void gives_packets_back_as_they_came(void **state)
{
	struct inner x = {.protocol = IPPROTO_TCP, .flags = 24, .payload = 3500};
	u8 before[2000];
	u32 n = cut(&x, 1000);

	(void)state;
	memcpy(before, packets[0], lengths[0]);
	fresh();
	for (u32 i = 0; i < n; i++)
		assert_true(coalesce_add(&c, packets[i], lengths[i]));
	coalesce_finish(&c);
	assert_memory_not_equal(packets[0], before, lengths[0]);
	coalesce_undo(&c);
	assert_memory_equal(packets[0], before, lengths[0]);
	coalesce_reset(&c);
	assert_true(coalesce_add(&c, packets[0], lengths[0]));
	assert_int_equal(c.count, 1);
}

/* Three packets of a flow, the second changed at `place`: it must not join, nor another join it. */
static void separates(const struct inner *x, u32 place, u8 change, bool fix)
{
	fresh();
	assert_int_equal(cut(x, 500), 3);
	packets[1][place] ^= change;
	if (fix)
		inner_fix(packets[1], lengths[1]);
	assert_true(coalesce_add(&c, packets[0], lengths[0]));
	if (coalesce_add(&c, packets[1], lengths[1]))
		fail_msg("joined although byte %u differs", place);
}

static void keeps_flows_apart(void **state)
{
	struct inner four = {.protocol = IPPROTO_TCP, .flags = 16, .options = 12, .payload = 1500};
	struct inner six = four, udp = {.protocol = IPPROTO_UDP, .payload = 1500};
	struct inner fragile = udp;

	(void)state;
	six.ipv6 = true;
	fragile.may_fragment = true;
	/* TOS, DF, TTL, addresses; ports, sequence, acknowledgement, flags, window, urgent,
	 * options. */
	for (u32 *p = (u32[]){1, 6, 8, 15, 19, 21, 23, 27, 31, 33, 35, 39, 42, 51, 0}; *p; p++)
		separates(&four, *p, *p == 6 ? 0x40 : 4, true);
	for (u32 *p = (u32[]){1, 3, 7, 20, 39, 41, 43, 47, 51, 53, 55, 59, 62, 0}; *p; p++)
		separates(&six, *p, 4, true);
	for (u32 *p = (u32[]){1, 8, 15, 19, 21, 23, 0}; *p; p++)
		separates(&udp, *p, 4, true);
	/* The identification counts on unless nobody may fragment. */
	separates(&fragile, 5, 1, true);
	/* Checksums that are wrong: of TCP, of UDP, of IPv4. */
	separates(&four, 36, 1, false);
	separates(&four, 100, 1, false);
	separates(&udp, 26, 1, false);
	separates(&udp, 100, 1, false);
	separates(&four, 10, 1, false);
}

static void refuses_what_is_special(void **state)
{
	static const u8 flags[] = {17, 18, 20, 48, 144, 0};
	struct inner x = {.protocol = IPPROTO_TCP, .payload = 500};
	u32 len;

	(void)state;
	for (size_t i = 0; i < sizeof(flags); i++) {
		x.flags = flags[i];
		fresh();
		len = inner_make(&x, packets[0]);
		assert_true(coalesce_add(&c, packets[0], len));
		x.seq += 500;
		len = inner_make(&x, packets[1]);
		assert_false(coalesce_add(&c, packets[1], len));
		x.seq -= 500;
	}
	/* No payload: a bare acknowledgement. */
	x.flags = 16;
	x.payload = 0;
	fresh();
	len = inner_make(&x, packets[0]);
	assert_true(coalesce_add(&c, packets[0], len));
	assert_false(coalesce_add(&c, packets[0], len));
}

static void ends_with_the_shorter_and_the_pushed(void **state)
{
	struct inner x = {.protocol = IPPROTO_TCP, .flags = 16, .payload = 1300};

	(void)state;
	fresh();
	assert_int_equal(cut(&x, 500), 3);
	for (u32 i = 0; i < 3; i++)
		assert_true(coalesce_add(&c, packets[i], lengths[i]));
	x.seq = 1300;
	lengths[3] = inner_make(&(struct inner){.protocol = IPPROTO_TCP, .flags = 16, .seq = 1300,
						.payload = 300}, packets[3]);
	assert_false(coalesce_add(&c, packets[3], lengths[3]));

	fresh();
	x.seq = 0;
	assert_int_equal(cut(&x, 500), 3);
	packets[1][33] |= 8;
	inner_fix(packets[1], lengths[1]);
	assert_true(coalesce_add(&c, packets[0], lengths[0]));
	assert_true(coalesce_add(&c, packets[1], lengths[1]));
	assert_false(coalesce_add(&c, packets[2], lengths[2]));
	gather();
	assert_int_equal(joined[33] & 8, 8);
}

static void joins_no_larger_one_and_no_udp_unasked(void **state)
{
	struct inner x = {.protocol = IPPROTO_UDP, .payload = 100};
	u32 a, b;

	(void)state;
	fresh();
	a = inner_make(&x, packets[0]);
	x.payload = 101;
	b = inner_make(&x, packets[1]);
	assert_true(coalesce_add(&c, packets[0], a));
	assert_false(coalesce_add(&c, packets[1], b));
	fresh();
	c.udp = false;
	assert_true(coalesce_add(&c, packets[0], a));
	assert_false(coalesce_add(&c, packets[0], a));
}

static void never_grows_beyond_a_packet(void **state)
{
	struct inner x = {.protocol = IPPROTO_UDP, .payload = 1400};
	u32 len = inner_make(&x, packets[0]), n = 0;

	(void)state;
	fresh();
	while (coalesce_add(&c, packets[0], len))
		n++;
	assert_true(c.len <= 65535);
	assert_int_equal(n, 46);
	fresh();
	x.payload = 10;
	len = inner_make(&x, packets[0]);
	for (n = 0; coalesce_add(&c, packets[0], len); n++)
		;
	assert_int_equal(n, COALESCE_PACKETS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(undoes_cutting),
		cmocka_unit_test(gives_packets_back_as_they_came),
		cmocka_unit_test(keeps_flows_apart),
		cmocka_unit_test(refuses_what_is_special),
		cmocka_unit_test(ends_with_the_shorter_and_the_pushed),
		cmocka_unit_test(joins_no_larger_one_and_no_udp_unasked),
		cmocka_unit_test(never_grows_beyond_a_packet),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

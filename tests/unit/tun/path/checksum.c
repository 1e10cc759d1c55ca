// SPDX-License-Identifier: GPL-2.0
/* The fast sum against the one of the RFC's explanation, at all lengths and places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../../src/tun/path/checksum.h"
#include "../inner.h"

static void sums_as_the_rfc_explains(void **state)
{
	u8 data[300], stored[2];

	(void)state;
	for (u32 len = 0; len < 260; len++) {
		for (u32 at = 0; at < 9; at++) {
			for (u32 i = 0; i < sizeof(data); i++)
				data[i] = (u8)(rand() & 1 ? 0xff : rand());
			checksum_store(stored, checksum_add(0, data + at, len));
			assert_int_equal(inner_get16(stored), ~inner_sum(0, data + at, len) & 0xffff);
		}
	}
}

static void adds_in_pieces(void **state)
{
	u8 data[200], one[2], two[2];

	(void)state;
	for (u32 i = 0; i < sizeof(data); i++)
		data[i] = (u8)rand();
	for (u32 cut = 0; cut <= sizeof(data); cut += 2) {
		checksum_store(one, checksum_add(0, data, sizeof(data)));
		checksum_store(two, checksum_add(checksum_add(0, data, cut), data + cut, sizeof(data) - cut));
		assert_memory_equal(one, two, 2);
	}
}

static void makes_the_headers_right(void **state)
{
	u8 packet[100];

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct inner x = {.ipv6 = ipv6, .protocol = IPPROTO_TCP, .payload = 21};
		u32 len = inner_make(&x, packet), l4 = inner_l4(packet);

		packet[l4 + 16] = packet[l4 + 17] = 0;
		checksum_store(packet + l4 + 16,
			       checksum_add(checksum_pseudo(packet, IPPROTO_TCP, len - l4), packet + l4,
					    len - l4));
		if (!ipv6) {
			packet[10] ^= 77;
			checksum_ipv4(packet);
		}
		assert_true(inner_right(packet, len));
	}
}

/* For each change of 16 bits: right stays right, wrong stays wrong. */
static void adjusts_for_a_change(void **state)
{
	u8 ip[20];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		u16 before, after, damage = i % 2 ? (u16)(1 + rand() % 0xfffe) : 0;

		for (u32 k = 0; k < sizeof(ip); k++)
			ip[k] = (u8)rand();
		ip[0] = 0x45;
		checksum_ipv4(ip);
		inner_put16(ip + 10, (inner_get16(ip + 10) + damage) % 0xffff);
		memcpy(&before, ip, 2);
		ip[1] = (u8)rand();
		memcpy(&after, ip, 2);
		checksum_adjust(ip + 10, before, after);
		assert_int_equal(inner_sum(0, ip, 20) == 0xffff, !damage);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_as_the_rfc_explains),
		cmocka_unit_test(adds_in_pieces),
		cmocka_unit_test(makes_the_headers_right),
		cmocka_unit_test(adjusts_for_a_change),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

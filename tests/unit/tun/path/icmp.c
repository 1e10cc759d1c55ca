// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../../src/tun/path/icmp.h"
#include "../inner.h"

static u8 packet[2000], answer[ICMP_MAX];

static void answers_with_what_could_not_be_sent(void **state)
{
	(void)state;
	for (u32 payload = 0; payload < 1500; payload += 93) {
		struct inner x = {.protocol = IPPROTO_UDP, .payload = payload};
		u32 len = inner_make(&x, packet), n = icmp_unreachable(answer, packet, len);

		assert_int_equal(n, len + 28 > 576 ? 576 : len + 28);
		assert_int_equal(inner_sum(0, answer, 20), 0xffff);
		assert_int_equal(inner_get16(answer + 2), n);
		assert_memory_equal(answer + 12, packet + 16, 4);
		assert_memory_equal(answer + 16, packet + 12, 4);
		assert_memory_equal(answer + 20, ((u8[]){3, 1}), 2);
		assert_int_equal(inner_sum(0, answer + 20, n - 20), 0xffff);
		assert_memory_equal(answer + 28, packet, n - 28);

		x.ipv6 = true;
		len = inner_make(&x, packet);
		n = icmp_unreachable(answer, packet, len);
		assert_int_equal(n, len + 48 > 1280 ? 1280 : len + 48);
		assert_int_equal(inner_get16(answer + 4), n - 40);
		assert_memory_equal(answer + 8, packet + 24, 16);
		assert_memory_equal(answer + 24, packet + 8, 16);
		assert_memory_equal(answer + 40, ((u8[]){1, 3}), 2);
		assert_int_equal(inner_sum(inner_pseudo(answer, IPPROTO_ICMPV6, n - 40), answer + 40, n - 40),
				 0xffff);
		assert_memory_equal(answer + 48, packet, n - 48);
	}
}

/* An answer to an answer would never end. */
static void is_silent_where_it_must_be(void **state)
{
	struct inner x = {.protocol = IPPROTO_UDP, .payload = 20};
	u32 len = inner_make(&x, packet);

	(void)state;
	assert_int_not_equal(icmp_unreachable(answer, packet, len), 0);
	for (u32 cut = 0; cut < 20; cut++)
		assert_int_equal(icmp_unreachable(answer, packet, cut), 0);
#define SILENT(place, value)                                                                         \
	do {                                                                                         \
		u8 saved = packet[place];                                                            \
		packet[place] = value;                                                               \
		assert_int_equal(icmp_unreachable(answer, packet, len), 0);                          \
		packet[place] = saved;                                                               \
	} while (0)
	SILENT(0, 0x44);
	SILENT(0, 0x55);
	SILENT(7, 1);	   /* a later fragment */
	SILENT(16, 224);   /* to many */
	SILENT(12, 0);
	SILENT(12, 127);
	SILENT(12, 255);
	packet[9] = IPPROTO_ICMP;
	SILENT(20, 3);
	SILENT(20, 0);
	packet[20] = 8;
	assert_int_not_equal(icmp_unreachable(answer, packet, len), 0);

	x.ipv6 = true;
	len = inner_make(&x, packet);
	assert_int_equal(icmp_unreachable(answer, packet, 39), 0);
	SILENT(24, 0xff);
	SILENT(8, 0xff);
	packet[6] = IPPROTO_ICMPV6;
	SILENT(40, 1);
	packet[40] = 128;
	assert_int_not_equal(icmp_unreachable(answer, packet, len), 0);
	memset(packet + 8, 0, 16);
	assert_int_equal(icmp_unreachable(answer, packet, len), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_with_what_could_not_be_sent),
		cmocka_unit_test(is_silent_where_it_must_be),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

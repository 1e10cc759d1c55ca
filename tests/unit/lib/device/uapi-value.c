// SPDX-License-Identifier: GPL-2.0
/* The values of the userspace API: what is one, what is none, and that none writes nothing. */
#include "../../../../src/lib/device/uapi-value.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof(*(array)))

static void numbers_are_digits_up_to_a_limit(void **state)
{
	static const struct {
		const char *text;
		u64 max, number;
	} good[] = {
		{"0", 0, 0}, {"0", 5, 0}, {"7", 7, 7}, {"007", 9, 7}, {"65535", UINT16_MAX, 65535},
		{"4294967295", UINT32_MAX, UINT32_MAX},
		{"18446744073709551615", UINT64_MAX, UINT64_MAX},
	}, bad[] = {
		{"", 9, 0}, {"-1", 9, 0}, {"+1", 9, 0}, {" 1", 9, 0}, {"1 ", 9, 0}, {"0x1", 99, 0},
		{"1", 0, 0}, {"6", 5, 0}, {"65536", UINT16_MAX, 0}, {"65540", UINT16_MAX, 0},
		{"4294967296", UINT32_MAX, 0}, {"18446744073709551616", UINT64_MAX, 0},
		{"184467440737095516150", UINT64_MAX, 0},
	};
	u64 n;

	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		assert_true(wg_uapi_value_number(&n, good[i].text, good[i].max));
		assert_true(n == good[i].number);
	}
	n = 77;
	for (size_t i = 0; i < N(bad); i++)
		assert_false(wg_uapi_value_number(&n, bad[i].text, bad[i].max));
	assert_true(n == 77);
}

static void keys_are_64_digits(void **state)
{
	char text[2 * WG_KEY_LEN + 2];
	u8 key[WG_KEY_LEN];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[2 * WG_KEY_LEN] = '\0';
	text[0] = 'B';
	assert_true(wg_uapi_value_key(key, text));
	assert_int_equal(key[0], 0xba);
	assert_int_equal(key[WG_KEY_LEN - 1], 0xaa);
	text[2 * WG_KEY_LEN - 1] = '\0';
	assert_false(wg_uapi_value_key(key, text));
	text[2 * WG_KEY_LEN - 1] = 'g';
	assert_false(wg_uapi_value_key(key, text));
	text[2 * WG_KEY_LEN - 1] = text[2 * WG_KEY_LEN] = 'a';
	text[2 * WG_KEY_LEN + 1] = '\0';
	assert_false(wg_uapi_value_key(key, text));
}

static bool read_endpoint(union wg_endpoint *e, const char *text)
{
	char value[64];

	assert_true(strlen(text) < sizeof(value));
	strcpy(value, text);
	return wg_uapi_value_endpoint(e, value);
}

static void endpoints_are_addresses_and_ports(void **state)
{
	union wg_endpoint e;
	char host[INET6_ADDRSTRLEN];

	(void)state;
	assert_true(read_endpoint(&e, "192.0.2.1:51820"));
	assert_int_equal(e.addr4.sin_family, AF_INET);
	assert_int_equal(ntohs(e.addr4.sin_port), 51820);
	assert_int_equal(ntohl(e.addr4.sin_addr.s_addr), 0xc0000201);
	assert_true(read_endpoint(&e, "[2001:db8::1]:65535"));
	assert_int_equal(e.addr6.sin6_family, AF_INET6);
	assert_int_equal(ntohs(e.addr6.sin6_port), 65535);
	assert_int_equal(e.addr6.sin6_scope_id, 0);
	assert_string_equal(inet_ntop(AF_INET6, &e.addr6.sin6_addr, host, sizeof(host)), "2001:db8::1");
	assert_true(read_endpoint(&e, "[::ffff:192.0.2.1]:1"));
	assert_int_equal(e.addr6.sin6_family, AF_INET6);
}

static void zones_are_links_or_numbers(void **state)
{
	union wg_endpoint e;

	(void)state;
	assert_true(read_endpoint(&e, "[fe80::1%7]:9"));
	assert_int_equal(e.addr6.sin6_scope_id, 7);
	assert_true(read_endpoint(&e, "[fe80::1%lo]:9"));
	assert_int_equal(e.addr6.sin6_scope_id, if_nametoindex("lo"));
	assert_false(read_endpoint(&e, "[fe80::1%]:9"));
	assert_false(read_endpoint(&e, "[fe80::1%0]:9"));
	assert_false(read_endpoint(&e, "[fe80::1%no such]:9"));
	assert_false(read_endpoint(&e, "[fe80::1%4294967296]:9"));
}

static void what_is_no_endpoint_writes_nothing(void **state)
{
	static const char *const bad[] = {
		"", ":", ":1", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:-1",
		"192.0.2:1", "192.0.2.1%lo:1", "example.com:1", "2001:db8::1:1", "[2001:db8::1]",
		"[2001:db8::1]:", "[2001:db8::1:1", "[2001:db8::1]1:1", "[]:1", "[:1", "[192.0.2.1]:1",
		"[:", "]:1",
	};
	union wg_endpoint e, before;

	(void)state;
	memset(&e, 0x55, sizeof(e));
	before = e;
	for (size_t i = 0; i < N(bad); i++)
		if (read_endpoint(&e, bad[i]))
			fail_msg("%s is no endpoint", bad[i]);
	assert_memory_equal(&e, &before, sizeof(e));
}

static bool read_prefix(u8 *family, u8 addr[static 16], u8 *cidr, const char *text)
{
	char value[64];

	assert_true(strlen(text) < sizeof(value));
	strcpy(value, text);
	return wg_uapi_value_prefix(family, addr, cidr, value);
}

static void prefixes_keep_their_bits(void **state)
{
	static const u8 ten[] = {10, 1, 2, 3};
	u8 family, addr[16], cidr;

	(void)state;
	assert_true(read_prefix(&family, addr, &cidr, "10.1.2.3/8"));
	assert_int_equal(family, AF_INET);
	assert_int_equal(cidr, 8);
	assert_memory_equal(addr, ten, sizeof(ten));
	assert_true(read_prefix(&family, addr, &cidr, "0.0.0.0/0"));
	assert_int_equal(cidr, 0);
	assert_true(read_prefix(&family, addr, &cidr, "fd00::1/128"));
	assert_int_equal(family, AF_INET6);
	assert_int_equal(cidr, 128);
	assert_int_equal(addr[0], 0xfd);
	assert_int_equal(addr[15], 1);
}

static void what_is_no_prefix_writes_nothing(void **state)
{
	static const char *const bad[] = {
		"", "/", "/8", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8",
		"10.0.0.0/8/8", "fd00::", "fd00::/129", "fd00::%lo/64", "fd00:::/64", "[fd00::]/64",
		"-10.0.0.0/8", "x/8",
	};
	u8 family = 77, addr[16] = {0}, cidr = 77, before[16] = {0};

	(void)state;
	for (size_t i = 0; i < N(bad); i++)
		if (read_prefix(&family, addr, &cidr, bad[i]))
			fail_msg("%s is no prefix", bad[i]);
	assert_int_equal(family, 77);
	assert_int_equal(cidr, 77);
	assert_memory_equal(addr, before, sizeof(addr));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_digits_up_to_a_limit),
		cmocka_unit_test(keys_are_64_digits),
		cmocka_unit_test(endpoints_are_addresses_and_ports),
		cmocka_unit_test(zones_are_links_or_numbers),
		cmocka_unit_test(what_is_no_endpoint_writes_nothing),
		cmocka_unit_test(prefixes_keep_their_bits),
		cmocka_unit_test(what_is_no_prefix_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

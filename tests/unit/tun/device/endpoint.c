// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include "../../../../src/tun/device/endpoint.h"

static struct endpoint four(const char *ip, u16 port)
{
	struct endpoint e = {0};

	e.addr4.sin_family = AF_INET;
	e.addr4.sin_port = htons(port);
	inet_pton(AF_INET, ip, &e.addr4.sin_addr);
	return e;
}

static struct endpoint six(const char *ip, u16 port, u32 scope)
{
	struct endpoint e = {0};

	e.addr6.sin6_family = AF_INET6;
	e.addr6.sin6_port = htons(port);
	e.addr6.sin6_scope_id = scope;
	inet_pton(AF_INET6, ip, &e.addr6.sin6_addr);
	return e;
}

static void writes_what_the_uapi_wants(void **state)
{
	char text[ENDPOINT_TEXT_LEN];
	struct endpoint e;

	(void)state;
	e = four("192.0.2.1", 51820);
	endpoint_to_text(&e, text);
	assert_string_equal(text, "192.0.2.1:51820");
	e = six("2001:db8::1", 1, 0);
	endpoint_to_text(&e, text);
	assert_string_equal(text, "[2001:db8::1]:1");
	e = six("fe80::1", 65535, 4294967295U);
	endpoint_to_text(&e, text);
	assert_string_equal(text, "[fe80::1%4294967295]:65535");
}

static void compares_all_that_counts(void **state)
{
	struct endpoint a = four("192.0.2.1", 1), b = a, nowhere = {0}, none = {0};

	(void)state;
	assert_true(endpoint_equal(&a, &b));
	assert_true(endpoint_equal(&nowhere, &none));
	assert_false(endpoint_equal(&a, &nowhere));
	b = four("192.0.2.1", 2);
	assert_false(endpoint_equal(&a, &b));
	b = four("192.0.2.2", 1);
	assert_false(endpoint_equal(&a, &b));
	b = a;
	b.source4.s_addr = 1; /* not remembered: says nothing */
	assert_true(endpoint_equal(&a, &b));
	a.source_ifindex = b.source_ifindex = 1;
	assert_false(endpoint_equal(&a, &b));
	a = b = six("2001:db8::1", 1, 0);
	assert_true(endpoint_equal(&a, &b));
	b.addr6.sin6_scope_id = 1;
	assert_false(endpoint_equal(&a, &b));
	b = a;
	a.source_ifindex = b.source_ifindex = 1;
	b.source6.s6_addr[15] = 1;
	assert_false(endpoint_equal(&a, &b));
	b = six("2001:db8::2", 1, 0);
	b.source_ifindex = 1;
	assert_false(endpoint_equal(&a, &b));
}

static void gives_cookies_their_address(void **state)
{
	struct endpoint e = four("192.0.2.1", 258);
	struct wg_addr a;

	(void)state;
	endpoint_to_addr(&e, &a);
	assert_int_equal(a.family, 4);
	assert_memory_equal(a.ip, ((u8[16]){192, 0, 2, 1}), 16);
	assert_memory_equal(a.port, ((u8[2]){1, 2}), 2);
	assert_int_equal(endpoint_len(&e), sizeof(struct sockaddr_in));
	e = six("2001:db8::1", 258, 0);
	endpoint_to_addr(&e, &a);
	assert_int_equal(a.family, 6);
	assert_memory_equal(a.ip, &e.addr6.sin6_addr, 16);
	assert_int_equal(endpoint_len(&e), sizeof(struct sockaddr_in6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_the_uapi_wants),
		cmocka_unit_test(compares_all_that_counts),
		cmocka_unit_test(gives_cookies_their_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

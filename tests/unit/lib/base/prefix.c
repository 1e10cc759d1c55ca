/* SPDX-License-Identifier: GPL-2.0 */
/* src/lib/base/prefix.c: examples, and properties against arithmetic done bit by bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/lib/base/prefix.h"

static struct wg_prefix make(u8 family, const char *addr, u8 cidr)
{
	struct wg_prefix p = {.family = family, .cidr = cidr};

	assert_int_equal(inet_pton(family, addr, p.addr), 1);
	return p;
}

static bool bit(const struct wg_prefix *p, unsigned int i)
{
	return p->addr[i / 8] >> (7 - i % 8) & 1;
}

static struct wg_prefix random_prefix(void)
{
	struct wg_prefix p = {.family = rand() % 2 ? AF_INET : AF_INET6};
	unsigned int i, bits = p.family == AF_INET ? 32 : 128;

	p.cidr = (u8)((unsigned int)rand() % (bits + 1));
	/* Few different bytes, so that prefixes meet. */
	for (i = 0; i < bits / 8; i++)
		p.addr[i] = rand() % 8 ? 0 : (u8)rand();
	return p;
}

static void format(void **state)
{
	struct wg_prefix p4 = make(AF_INET, "10.66.0.2", 24), p6 = make(AF_INET6, "fd00::1", 128);
	struct wg_prefix longest = make(AF_INET6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 128);
	char out[WG_PREFIX_STRLEN];

	(void)state;
	assert_string_equal(wg_prefix_format(out, &p4), "10.66.0.2/24");
	assert_string_equal(wg_prefix_format(out, &p6), "fd00::1/128");
	assert_string_equal(wg_prefix_format(out, &longest),
			    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
}

static void mask(void **state)
{
	int n;

	(void)state;
	for (n = 0; n < 20000; n++) {
		struct wg_prefix p = random_prefix(), m = p;
		unsigned int i, bits = p.family == AF_INET ? 32 : 128;

		wg_prefix_mask(&m);
		for (i = 0; i < bits; i++)
			assert_int_equal(bit(&m, i), i < p.cidr && bit(&p, i));
		assert_int_equal(m.cidr, p.cidr);
		assert_true(wg_prefix_covers(&m, &p) && wg_prefix_covers(&p, &m));
	}
}

static bool covers_by_bits(const struct wg_prefix *outer, const struct wg_prefix *inner)
{
	unsigned int i;

	if (outer->family != inner->family || outer->cidr > inner->cidr)
		return false;
	for (i = 0; i < outer->cidr; i++)
		if (bit(outer, i) != bit(inner, i))
			return false;
	return true;
}

static void covers(void **state)
{
	int n, met = 0;

	(void)state;
	for (n = 0; n < 100000; n++) {
		struct wg_prefix a = random_prefix(), b = random_prefix();

		assert_int_equal(wg_prefix_covers(&a, &b), covers_by_bits(&a, &b));
		met += wg_prefix_covers(&a, &b) && a.cidr > 0;
	}
	assert_true(met > 100);
}

static void equal(void **state)
{
	struct wg_prefix a = make(AF_INET, "10.0.0.1", 24), b = a;

	(void)state;
	assert_true(wg_prefix_equal(&a, &b));
	b.cidr = 25;
	assert_false(wg_prefix_equal(&a, &b));
	b = make(AF_INET, "10.0.0.2", 24);
	assert_false(wg_prefix_equal(&a, &b));
	a = make(AF_INET6, "::", 0);
	b = make(AF_INET, "0.0.0.0", 0);
	assert_false(wg_prefix_equal(&a, &b));
	assert_false(wg_prefix_covers(&a, &b));
	b = make(AF_INET6, "::1", 0);
	assert_false(wg_prefix_equal(&a, &b));
	assert_true(wg_prefix_covers(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(format),
		cmocka_unit_test(mask),
		cmocka_unit_test(covers),
		cmocka_unit_test(equal),
	};

	srand(1);
	return cmocka_run_group_tests_name("lib/prefix", tests, NULL, NULL);
}

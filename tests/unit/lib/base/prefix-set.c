// SPDX-License-Identifier: GPL-2.0
/* Examples. tests/prefix-set.py compares 100,000 random cases with Python's ipaddress. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../../../src/lib/base/prefix-set.h"

#define MOST 16

static size_t read_list(struct wg_prefix list[static MOST], const char *text)
{
	size_t n = 0;

	while (*text) {
		char word[WG_PREFIX_STRLEN], *slash;
		size_t len = strcspn(text, " ");

		memcpy(word, text, len);
		word[len] = '\0';
		slash = strchr(word, '/');
		*slash = '\0';
		list[n] = (struct wg_prefix){.family = strchr(word, ':') ? AF_INET6 : AF_INET,
					     .cidr = (u8)atoi(slash + 1)};
		assert_int_equal(inet_pton(list[n].family, word, list[n].addr), 1);
		n++;
		text += len + (text[len] == ' ');
	}
	return n;
}

static void leaves(const char *in, const char *out, const char *expected)
{
	struct wg_prefix a[MOST], b[MOST], *result;
	size_t n_a = read_list(a, in), n_b = read_list(b, out), n;
	char text[2048] = "", one[WG_PREFIX_STRLEN];

	wg_prefix_subtract(a, n_a, b, n_b, &result, &n);
	for (size_t i = 0; i < n; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, wg_prefix_format(one, &result[i]));
	}
	free(result);
	assert_string_equal(text, expected);
}

static void examples(void **state)
{
	(void)state;
	leaves("", "", "");
	leaves("", "10.0.0.0/8", "");
	leaves("0.0.0.0/0 ::/0", "", "0.0.0.0/0 ::/0");
	leaves("0.0.0.0/0 ::/0", "::/0", "0.0.0.0/0");
	leaves("0.0.0.0/0", "0.0.0.0/0", "");
	leaves("0.0.0.0/0", "128.0.0.0/2 192.0.0.0/2", "0.0.0.0/1");
	leaves("10.0.0.0/24", "10.0.0.0/32", "10.0.0.1/32 10.0.0.2/31 10.0.0.4/30 10.0.0.8/29 10.0.0.16/28 "
	       "10.0.0.32/27 10.0.0.64/26 10.0.0.128/25");
	leaves("10.0.0.0/24 10.0.1.0/24 10.0.0.7/32", "192.168.0.0/16", "10.0.0.0/23");
	leaves("10.1.2.3/8", "10.128.7.7/9", "10.0.0.0/9");
	leaves("fd00::/127 10.0.0.0/31", "fd00::1/128 10.0.0.0/32", "10.0.0.1/32 fd00::/128");
	leaves("0.0.0.0/0", "192.168.0.0/16", "0.0.0.0/1 128.0.0.0/2 192.0.0.0/9 192.128.0.0/11 192.160.0.0/13 "
	       "192.169.0.0/16 192.170.0.0/15 192.172.0.0/14 192.176.0.0/12 192.192.0.0/10 193.0.0.0/8 "
	       "194.0.0.0/7 196.0.0.0/6 200.0.0.0/5 208.0.0.0/4 224.0.0.0/3");
}

static void normalises(void **state)
{
	struct wg_prefix list[MOST];
	size_t n = read_list(list, "10.0.0.9/8 ::1/128 10.1.0.0/16 10.0.0.0/8 9.0.0.0/8");

	(void)state;
	assert_int_equal(wg_prefix_normalise(list, n), 3);
	assert_int_equal(list[0].addr[0], 9);
	assert_int_equal(list[1].cidr, 8);
	assert_int_equal(list[2].family, AF_INET6);
	assert_int_equal(wg_prefix_normalise(list, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(normalises),
	};

	return cmocka_run_group_tests_name("prefix-set", tests, NULL, NULL);
}

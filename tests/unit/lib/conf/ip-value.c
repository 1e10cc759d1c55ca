// SPDX-License-Identifier: GPL-2.0
/* Numbers and addresses as ip(8) reads them. tests/netns/ip-values.sh asks ip(8) itself. */
#include "../../../../src/lib/conf/ip-value.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/lib/conf/conf-code.h"

static void numbers(void **state)
{
	static const struct {
		const char *text;
		long long value; /* -1: refused */
	} cases[] = {
		{"0", 0}, {"1280", 1280}, {"0x500", 1280}, {"0X500", 1280}, {"02400", 1280},
		{"+1280", 1280}, {"4294967295", 4294967295}, {"0xffffffff", 4294967295},
		{"4294967296", -1}, {"99999999999999999999", -1}, {"", -1}, {"+", -1}, {"++1", -1},
		{"-1", -1}, {" 1", -1}, {"1 ", -1}, {"08", -1}, {"0x", -1}, {"x5", -1}, {"1e3", -1},
		{"000000000000000000000000000000001", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		u32 v = 7;
		bool taken = wg_ip_number(&v, cases[i].text, strlen(cases[i].text));

		if (taken != (cases[i].value >= 0) || v != (taken ? cases[i].value : 7))
			fail_msg("%s: %d, %u", cases[i].text, taken, v);
	}
	/* Not further than it is told to. */
	assert_true(wg_ip_number(&(u32){0}, "1x", 1));
}

static void prefixes(void **state)
{
	static const struct {
		const char *text, *as; /* NULL: refused */
		unsigned int reason;
		size_t at;
	} cases[] = {
		{"10.8.0.1/24", "10.8.0.1/24", 0, 0}, {"10.8.0.1", "10.8.0.1/32", 0, 0},
		{"10.8.0.1/255.255.255.0", "10.8.0.1/24", 0, 0},
		{"10.8.0.1/255.255.255.255", "10.8.0.1/32", 0, 0},
		{"10.8.0.1/0.0.0.0", "10.8.0.1/0", 0, 0}, {"10.8.0.1/128.0.0.0", "10.8.0.1/1", 0, 0},
		{"10.8.0.1/255.255", "10.8.0.1/16", 0, 0},
		{"10.8.0.1/0xff.0xff.0", "10.8.0.1/16", 0, 0}, {"10.8.0.1/0x18", "10.8.0.1/24", 0, 0},
		{"10.8.0.1/030", "10.8.0.1/24", 0, 0}, {"10.8.0.1/+24", "10.8.0.1/24", 0, 0},
		{"10/8", "10.0.0.0/8", 0, 0}, {"10.1/16", "10.1.0.0/16", 0, 0},
		{"10.1.2/24", "10.1.2.0/24", 0, 0}, {"0x0a.1/16", "10.1.0.0/16", 0, 0},
		{"012.1.1.1/24", "10.1.1.1/24", 0, 0}, {"fd00::1", "fd00::1/128", 0, 0},
		{"fd00::1/0x40", "fd00::1/64", 0, 0}, {"fd00::1/255.255.0.0", "fd00::1/16", 0, 0},
		{"::ffff:10.0.0.1/96", "::ffff:10.0.0.1/96", 0, 0},
		{"10.8.0.1/255.0.255.0", NULL, WG_CODE_NETMASK, 9},
		{"10.8.0.1/0.0.0.255", NULL, WG_CODE_NETMASK, 9},
		{"fd00::1/ffff:ffff::", NULL, WG_CODE_PREFIX_LENGTH, 8},
		{"fd00::1/129", NULL, WG_CODE_PREFIX_LENGTH, 8},
		{"10.8.0.1/33", NULL, WG_CODE_PREFIX_LENGTH, 9},
		{"10.8.0.1/08", NULL, WG_CODE_PREFIX_LENGTH, 9},
		{"10.8.0.1/", NULL, WG_CODE_PREFIX_LENGTH, 9},
		{"10.8.0.1/255.255.255.0.0", NULL, WG_CODE_PREFIX_LENGTH, 9},
		{"10.1/8/9", NULL, WG_CODE_PREFIX_LENGTH, 5}, {"256.1.1.1/24", NULL, WG_CODE_ADDRESS, 0},
		{"08.1.1.1", NULL, WG_CODE_ADDRESS, 0}, {"10..1/24", NULL, WG_CODE_ADDRESS, 0},
		{"10.1./24", NULL, WG_CODE_ADDRESS, 0}, {".10/24", NULL, WG_CODE_ADDRESS, 0},
		{"10.1.1.1.1/24", NULL, WG_CODE_ADDRESS, 0}, {"167772161/8", NULL, WG_CODE_ADDRESS, 0},
		{"+10.1/16", NULL, WG_CODE_ADDRESS, 0}, {"any", NULL, WG_CODE_ADDRESS, 0},
		{"", NULL, WG_CODE_ADDRESS, 0}, {"/24", NULL, WG_CODE_ADDRESS, 0},
		{"[fd00::1]/64", NULL, WG_CODE_ADDRESS, 0}, {"fd00::1%lo/64", NULL, WG_CODE_ADDRESS, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[WG_PREFIX_STRLEN] = "";
		struct wg_prefix p = {0};
		struct wg_error err = {0};
		size_t at = 99;
		int ret = wg_ip_prefix(&p, cases[i].text, strlen(cases[i].text), &at, &err);

		if (!ret)
			wg_prefix_format(text, &p);
		if (ret != (cases[i].as ? 0 : -1) || strcmp(text, cases[i].as ? cases[i].as : ""))
			fail_msg("%s: %d %s", cases[i].text, ret, text);
		if (ret && (at != cases[i].at || err.reason != cases[i].reason))
			fail_msg("%s: at %zu: %s", cases[i].text, at, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(prefixes),
	};

	return cmocka_run_group_tests_name("lib/ip-value", tests, NULL, NULL);
}

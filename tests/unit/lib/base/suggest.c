// SPDX-License-Identifier: GPL-2.0
/* "Did you mean": what is near enough, and what is not. */
#include "../../../../src/lib/base/suggest.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const char *const words[] = {"up", "down", "save", "strip", "check", "AllowedIPs", "Address",
				    "PrivateKey", "PresharedKey", "PersistentKeepalive"};

static void near_words(void **state)
{
	static const struct {
		const char *word, *best; /* NULL: none */
	} cases[] = {
		{"pu", "up"}, {"ups", "up"}, {"upss", NULL}, {"donw", "down"}, {"dwon", "down"}, {"DOWN", "down"},
		{"stirp", "strip"}, {"strp", "strip"}, {"sav", "save"}, {"allowedip", "AllowedIPs"},
		{"AllowedIPAddresses", NULL}, {"Adress", "Address"}, {"Privatekye", "PrivateKey"},
		{"Persistent", "PersistentKeepalive"}, {"PreSharedKey", "PresharedKey"},
		{"", NULL}, {"x", NULL}, {"restart", NULL}, {"Colour", NULL}, {"st", NULL},
		{"PersistentKeepalivePersistentKeepalive", NULL}, {"\xff\xff\xff\xff", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct wg_suggest s;

		wg_suggest_init(&s, cases[i].word, strlen(cases[i].word));
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
			wg_suggest_try(&s, words[k]);
		if (!s.best != !cases[i].best || (s.best && strcmp(s.best, cases[i].best)))
			fail_msg("%s: %s", cases[i].word, s.best ? s.best : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_words),
	};

	return cmocka_run_group_tests_name("lib/suggest", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* The text of /etc/resolv.conf with tunnels in it: what is written is read back, what somebody has changed is
 * not, tunnels come and go in any order, and the former text is kept byte for byte. */
#include "../../../../src/wg-quick/dns/resolv-conf.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../../../src/lib/base/alloc.h"
#include "../../../../src/lib/base/cleanup.h"

#define HEAD                                                                                         \
	"# The DNS servers below are those of a tunnel that is up. `wg-quick down` puts back what was\n" \
	"# here before, unless somebody else changes this file meanwhile.\n"

static void add(struct resolv_conf *r, const char *tunnel, const char *server, const char *search)
{
	struct strings servers = {0}, domains = {0};

	strings_add(&servers, server, strlen(server));
	strings_add(&servers, "::1", 3);
	if (search)
		strings_add(&domains, search, strlen(search));
	resolv_conf_add(r, tunnel, &servers, &domains);
	strings_free(&servers);
	strings_free(&domains);
}

static struct resolv_conf made(const char *before)
{
	return (struct resolv_conf){.boot = "b-1", .was = RESOLV_CONF_WAS_FILE, .before = wg_strndup(before, strlen(before))};
}

static void whole_text(void **state)
{
	cleanup(free_ptr) char *text = NULL;
	struct resolv_conf r = made("# x\n\nnameserver 192.0.2.1"), again;

	(void)state;
	add(&r, "wg0", "10.0.0.1", "a.b");
	add(&r, "wg1", "10.0.0.2", NULL);
	text = resolv_conf_write(&r);
	assert_string_equal(text, HEAD
		"#wg-quick boot b-1\n#wg-quick mode swapped\n#wg-quick was file\n#wg-quick line # x\n"
		"#wg-quick line \n#wg-quick end nameserver 192.0.2.1\n"
		"#wg-quick tunnel wg0\n#wg-quick servers 10.0.0.1 ::1\n#wg-quick search a.b\n"
		"#wg-quick tunnel wg1\n#wg-quick servers 10.0.0.2 ::1\n"
		"nameserver 10.0.0.2\nnameserver ::1\n");
	assert_true(resolv_conf_read(&again, text));
	assert_string_equal(again.before, r.before);
	assert_int_equal(again.n, 2);
	assert_non_null(resolv_conf_find(&again, "wg0"));
	assert_null(resolv_conf_find(&again, "wg"));
	resolv_conf_wipe(&again);
	resolv_conf_wipe(&r);
}

/* Any byte that somebody changes, adds or removes. */
static void changed_text(void **state)
{
	cleanup(free_ptr) char *text = NULL;
	struct resolv_conf r = made("nameserver 192.0.2.1\n"), again;
	size_t head = strlen(HEAD);

	(void)state;
	add(&r, "wg0", "10.0.0.1", "a.b");
	text = resolv_conf_write(&r);
	for (size_t i = 0; i < strlen(text); i++) {
		char was = text[i];
		bool read;

		text[i] = was == '#' ? '%' : '#';
		read = resolv_conf_read(&again, text);
		if (read)
			resolv_conf_wipe(&again);
		/* In what was there before and in names each byte may be any. */
		if (read && i > head + strlen("#wg-quick boot b-1\n#wg-quick mode swapped\n#wg-quick was file\n") +
				    strlen("#wg-quick line nameserver 192.0.2.1\n#wg-quick tunnel wg0\n"))
			fail_msg("byte %zu of\n%s", i, text);
		text[i] = '\0';
		if (resolv_conf_read(&again, text))
			fail_msg("cut off at %zu:\n%s", i, text);
		text[i] = was;
	}
	resolv_conf_wipe(&r);
}

static void in_any_order(void **state)
{
	static const char *const names[] = {"wg0", "wg1", "wg2"};
	static const u8 orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

	(void)state;
	for (size_t k = 0; k < 6; k++) {
		struct resolv_conf r = made("");

		for (size_t i = 0; i < 3; i++)
			add(&r, names[i], names[i], NULL);
		add(&r, "wg1", "again", NULL); /* the last one now */
		assert_int_equal(r.n, 3);
		for (size_t i = 0; i < 2; i++) {
			cleanup(free_ptr) char *text = NULL;
			struct resolv_conf again;

			resolv_conf_remove(&r, names[orders[k][i]]);
			text = resolv_conf_write(&r);
			assert_true(resolv_conf_read(&again, text));
			assert_int_equal(again.n, 2 - i);
			assert_null(resolv_conf_find(&again, names[orders[k][i]]));
			assert_int_equal(strstr(text, "nameserver again\n") != NULL, resolv_conf_find(&r, "wg1") != NULL);
			resolv_conf_wipe(&again);
		}
		resolv_conf_remove(&r, names[orders[k][2]]);
		assert_int_equal(r.n, 0);
		resolv_conf_wipe(&r);
	}
}

static void former_texts(void **state)
{
	static const char *const texts[] = {"", "\n", "a", "a\n", "a\n\n", "\n\na", "#wg-quick line x\n#wg-quick tunnel y\n",
					    " \t\r\n\x01\xff", HEAD};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		cleanup(free_ptr) char *text = NULL;
		struct resolv_conf r = made(texts[i]), again;

		r.was = RESOLV_CONF_WAS_LINK;
		r.mode = RESOLV_CONF_MOUNTED;
		add(&r, "wg0", "10.0.0.1", NULL);
		text = resolv_conf_write(&r);
		assert_true(resolv_conf_read(&again, text));
		assert_string_equal(again.before, texts[i]);
		assert_int_equal(again.was, RESOLV_CONF_WAS_LINK);
		assert_int_equal(again.mode, RESOLV_CONF_MOUNTED);
		resolv_conf_wipe(&again);
		resolv_conf_wipe(&r);
	}
}

static void other_boot(void **state)
{
	struct resolv_conf r = made("a\n");

	(void)state;
	add(&r, "wg0", "10.0.0.1", NULL);
	resolv_conf_drop_stale(&r, "b-1");
	assert_int_equal(r.n, 1);
	resolv_conf_drop_stale(&r, "b-2");
	assert_int_equal(r.n, 0);
	assert_string_equal(r.boot, "b-2");
	assert_string_equal(r.before, "a\n");
	resolv_conf_wipe(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_text),	cmocka_unit_test(changed_text), cmocka_unit_test(in_any_order),
		cmocka_unit_test(former_texts), cmocka_unit_test(other_boot),
	};

	return cmocka_run_group_tests_name("wg-quick/dns/resolv-conf", tests, NULL, NULL);
}

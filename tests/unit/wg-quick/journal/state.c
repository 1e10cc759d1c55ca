// SPDX-License-Identifier: GPL-2.0
/* state_parse: what a state file says, and what is no state file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/wg-quick/journal/journal.h"

static int parse(struct state *st, const char *text)
{
	struct wg_error err;

	return state_parse(st, text, strlen(text), &err);
}

static void test_all(void **ctx)
{
	cleanup(state_wipe) struct state st;

	(void)ctx;
	assert_int_equal(parse(&st, "wg-quick 1\nworld abc-1 4191\nname wg0\nconfig /a%0ab%25\nsave\n"
				    "later hook PostDown echo x\nstep link\ndone\n"
				    "link 7 userspace\nstep fwmark 51820\nno-firewall\n"), 0);
	assert_string_equal(st.name, "wg0");
	assert_string_equal(st.world.boot, "abc-1");
	assert_int_equal(st.world.netns, 4191);
	assert_string_equal(st.config, "/a\nb%");
	assert_true(st.save_config && st.userspace && st.no_firewall);
	assert_false(st.complete || st.going_down);
	assert_int_equal(st.ifindex, 7);
	assert_int_equal(st.steps.n, 2);
	assert_int_equal(st.done, 1);
	assert_int_equal(st.steps.steps[1].fwmark, 51820);
	assert_int_equal(st.down_hooks[0].n, 0);
	assert_int_equal(st.down_hooks[1].n, 1);
	assert_string_equal(st.down_hooks[1].s[0], "echo x");
}

/* The device's key, as `up` writes it from its file and as a replaced journal keeps it; the private one is in
 * neither. */
static void test_key(void **ctx)
{
	static const char line[] = "\nkey MdSras7slhE3kXA3k25gcW+sVzr+lNnahKgCBEjfwRI=\n";
	static const struct world world;
	cleanup(config_wipe) struct config c = {.name = "wg0", .path = "/wg0.conf", .dev = wg_device_new()};
	cleanup(string_wipe) char *head = NULL, *whole = NULL, *old = NULL;
	cleanup(state_wipe) struct state st, without;
	size_t len;
	FILE *f = open_memstream(&head, &len);

	(void)ctx;
	memset(c.dev->private_key, 8, WG_KEY_LEN);
	c.dev->flags = WG_DEVICE_HAS_PRIVATE_KEY;
	assert_non_null(f);
	state_write_head(f, &c, &world);
	assert_int_equal(fclose(f), 0);
	assert_non_null(strstr(head, line));
	assert_int_equal(parse(&st, head), 0);
	f = open_memstream(&whole, &len);
	assert_non_null(f);
	state_write(f, &st, &world);
	assert_int_equal(fclose(f), 0);
	assert_non_null(strstr(whole, line));
	/* Older releases wrote none. */
	assert_int_equal(parse(&without, "wg-quick 1\nname wg0\nstep link\ndone\ncomplete\n"), 0);
	assert_true(wg_key_is_zero(without.public_key));
	f = open_memstream(&old, &len);
	assert_non_null(f);
	state_write(f, &without, &world);
	assert_int_equal(fclose(f), 0);
	assert_null(strstr(old, "key "));
}

/* DNS servers that were refused are known as such when the state is read again. */
static void test_dns_refused(void **ctx)
{
	static const struct world world;
	cleanup(string_wipe) char *text = NULL;
	cleanup(state_wipe) struct state st, again;
	size_t len;
	FILE *f;

	(void)ctx;
	assert_int_equal(parse(&st, "wg-quick 1\nname wg0\nstep link\nstep dns wg0 optional\\x0anameserver ::1\\x0a\n"
				    "dns-refused\ndone\nstep dns wg0 nameserver ::2\\x0a\ndone\ncomplete\n"), 0);
	assert_true(st.steps.steps[1].dns_refused);
	assert_false(st.steps.steps[0].dns_refused || st.steps.steps[2].dns_refused);
	f = open_memstream(&text, &len);
	assert_non_null(f);
	state_write(f, &st, &world);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(parse(&again, text), 0);
	assert_true(again.steps.steps[1].dns_refused && again.steps.steps[1].dns_optional);
	assert_false(again.steps.steps[0].dns_refused || again.steps.steps[2].dns_refused);
}

/* What was recognised without a whole journal is known as such when the state is read again. */
static void test_adopted(void **ctx)
{
	static const struct world world;
	cleanup(string_wipe) char *text = NULL;
	cleanup(state_wipe) struct state st, again;
	size_t len;
	FILE *f;

	(void)ctx;
	assert_int_equal(parse(&st, "wg-quick 1\nname wg0\nstep link\ndone\ncomplete\n"), 0);
	assert_false(st.adopted);
	st.adopted = true;
	f = open_memstream(&text, &len);
	assert_non_null(f);
	state_write(f, &st, &world);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(parse(&again, text), 0);
	assert_true(again.adopted);
	assert_int_equal(again.steps.n, 1);
}

/* A rule that is claimed is no step, and is not done, before its step begins. */
static void test_claims(void **ctx)
{
#define RULE "rule 4 protocol 87 not priority 32764 table 51820 fwmark 51820 4294967295 suppress -1\n"
#define OTHER "rule 4 protocol 87 from priority 32763 table 254 fwmark 0 0 suppress 0\n"
	cleanup(state_wipe) struct state st;

	(void)ctx;
	assert_int_equal(parse(&st, "wg-quick 1\nstep link\nclaim " RULE "claim " OTHER "done\n"), 0);
	assert_int_equal(st.steps.n, 1);
	assert_int_equal(st.done, 1);
	assert_int_equal(st.claims.n, 2);
	assert_int_equal(st.claims.steps[0].rule.priority, 32764);
	state_wipe(&st);
	assert_int_equal(parse(&st, "wg-quick 1\nclaim " RULE "claim " OTHER "step " RULE), 0);
	assert_int_equal(st.steps.n, 1);
	assert_int_equal(st.done, 0);
	assert_int_equal(st.claims.n, 1);
	assert_int_equal(st.claims.steps[0].rule.priority, 32763);
	state_wipe(&st);
	/* Releases without the word wrote the rules that they claimed as steps. */
	assert_int_equal(parse(&st, "wg-quick 1\nstep " RULE "step link\ndone\ncomplete\n"), 0);
	assert_int_equal(st.claims.n, 0);
	assert_int_equal(st.done, 2);
#undef RULE
#undef OTHER
}

/* What the file says of namespaces and hooks, and only that, is written, and read again. */
static void test_place(void **ctx)
{
	static const char head[] = "wg-quick 1\nworld b 1\nname wg0\nconfig /c\n";
	static const char more[] = "place 4711 /run/netns/a%25\nunderlay /b\nno-hooks\nhook-timeout 0\n";
	static const struct world world = {.boot = "b", .netns = 1};
	cleanup(free_ptr) char *text = NULL, *wanted = NULL;
	cleanup(state_wipe) struct state st;
	size_t len;
	FILE *f;

	(void)ctx;
	for (int with = 0; with < 2; with++) {
		assert_true(asprintf(&wanted, "%s%sdone\n", head, with ? more : "") > 0);
		assert_int_equal(parse(&st, wanted), 0);
		assert_int_equal(st.place, with ? 4711 : 0);
		assert_int_equal(st.no_hooks, with);
		assert_int_equal(st.hook_limit.given, with);
		if (with) {
			assert_string_equal(st.place_path, "/run/netns/a%");
			assert_string_equal(st.underlay, "/b");
		}
		f = open_memstream(&text, &len);
		assert_non_null(f);
		state_write(f, &st, &world);
		assert_int_equal(fclose(f), 0);
		assert_string_equal(text, wanted);
		free(steal_ptr(&text));
		free(steal_ptr(&wanted));
		if (!with)
			state_wipe(&st);
	}
}

/* Wherever a crash cut the text off, the whole lines before count. */
static void test_cut(void **ctx)
{
	static const char text[] = "wg-quick 1\nname wg0\nstep link\nlink 7 kernel\ncomplete\n";

	(void)ctx;
	for (size_t len = 0; len < sizeof(text); len++) {
		cleanup(state_wipe) struct state st;
		struct wg_error err;

		assert_int_equal(state_parse(&st, text, len, &err), 0);
		assert_int_equal(st.steps.n, len >= 30);
		assert_int_equal(st.complete, len == sizeof(text) - 1);
	}
}

static void test_bad(void **ctx)
{
	static const char *const bad[] = {
		"wg-quick 2\n",
		"\n",
		"wg-quick 1\nstep fly\n",
		"wg-quick 1\nlater fwmark 1\n",
		"wg-quick 1\nclaim fwmark 1\n",
		"wg-quick 1\nlater hook PreUp x\n",
		"wg-quick 1\nlink x kernel\n",
		"wg-quick 1\nlink 99999999999 kernel\n",
		"wg-quick 1\nlink 7 both\n",
		"wg-quick 1\nname wg0123456789abcdef\n",
		"wg-quick 1\nconfig /a%0\n",
		"wg-quick 1\nkey MdSras7slhE3kXA3k25gcW+sVzr+lNnahKgCBEjfwRI\n",
		"wg-quick 1\nconfig /a%00\n",
		"wg-quick 1\nworld x\n",
		"wg-quick 1\nplace /a\n",
		"wg-quick 1\nplace x /a\n",
		"wg-quick 1\nplace 1 a\n",
		"wg-quick 1\nunderlay a\n",
		"wg-quick 1\nhook-timeout x\n",
		"wg-quick 1\nhook-timeout 1000001\n",
		"wg-quick 1\ncompleted\n",
	};

	(void)ctx;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct state st;

		assert_int_equal(parse(&st, bad[i]), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_adopted),
		cmocka_unit_test(test_dns_refused),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests_name("wg-quick/state", tests, NULL, NULL);
}

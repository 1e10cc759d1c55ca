// SPDX-License-Identifier: GPL-2.0
/* plan_undo: what a state leads to, in which order; and adopt_rules: whose rules are whose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <linux/rtnetlink.h>
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/wg-quick/journal/undo.h"
#include "../../../../src/wg-quick/reconcile/adopt.h"

#define HEAD "wg-quick 1\nworld b 1\nname wg0\nconfig /c\n" \
	     "later hook PreDown pre1\nlater hook PreDown pre2\nlater hook PostDown post\n"

/* Kinds as letters: Pre and Post hooks p and q, Save, Rule, Link, Dns, Firewall, sYsctl. */
static char *order(const char *text)
{
	static const char hooks_and_save[] = "pS";
	static const char letters[] = {
		[STEP_RULE] = 'R', [STEP_LINK] = 'L', [STEP_DNS] = 'D', [STEP_FIREWALL] = 'F',
		[STEP_SYSCTL] = 'Y', [STEP_NETNS] = 'N', [STEP_NETNS_DNS] = 'D', [STEP_BYPASS] = 'B',
	};
	cleanup(state_wipe) struct state st;
	struct undo_list list;
	struct wg_error err;
	char *out;

	assert_int_equal(state_parse(&st, text, strlen(text), &err), 0);
	plan_undo(&st, &list);
	out = calloc(1, list.n + 1);
	assert_non_null(out);
	for (size_t i = 0; i < list.n; i++) {
		const struct undo *u = &list.actions[i];

		out[i] = u->kind == UNDO_STEP ? letters[u->step->kind] : hooks_and_save[u->kind];
		if (u->kind == UNDO_HOOK && u->phase == HOOK_POST_DOWN)
			out[i] = 'q';
	}
	free(list.actions);
	return out;
}

static void expect(const char *text, const char *want)
{
	cleanup(free_ptr) char *found = order(text);

	assert_string_equal(found, want);
}

static void test_order(void **ctx)
{
	(void)ctx;
	expect(HEAD, "");
	expect(HEAD "step link\n", "L");
	expect(HEAD "step link\ndone\nstep hook PreUp a\n", "Lq");
	expect(HEAD "step link\ndone\nstep dns wg0 nameserver ::1\\x0a\n", "LD");
	/* PostDown hooks run in the namespace. */
	expect(HEAD "step netns v\nstep link\nstep netns-dns v 0\ncomplete\n", "ppLDqN");
	expect(HEAD "step link\nstep bypass 1 /c\ncomplete\n", "ppLBq");
	expect(HEAD "step link\nstep sysctl was-off\nstep hook PostUp a\n", "ppLYq");
	expect(HEAD "step link\ncomplete\n", "ppLq");
	expect(HEAD "save\nstep link\ncomplete\n", "ppSLq");
	expect(HEAD "save\nstep link\n", "L");
	expect(HEAD "step link\nstep firewall 4 7\nstep firewall 6 7\n", "LFF");
	expect(HEAD "step link\nstep firewall 4 7\nno-firewall\n", "L");
	/* A kernel may have it for one family only. */
	expect(HEAD "step link\nstep firewall 6 7\ndone\nstep firewall 4 7\nno-firewall\n", "LF");
	expect(HEAD "step link\nstep firewall 6 7\nno-firewall\nstep firewall 4 7\n", "L");
}

static void test_hooks_once(void **ctx)
{
	(void)ctx;
	expect(HEAD "step link\ncomplete\ndown\nhook-run\n", "pLq");
	expect(HEAD "step link\ncomplete\ndown\nhook-run\nhook-run\n", "Lq");
	expect(HEAD "step link\ncomplete\ndown\nhook-run\nhook-run\nhook-run\n", "L");
	/* Refused by PreDown: from the beginning next time. */
	expect(HEAD "step link\ncomplete\ndown\nhook-run\ncomplete\n", "ppLq");
}

static struct wg_rule tunnel(u32 priority, u32 mark)
{
	return (struct wg_rule){.family = AF_INET, .protocol = RTPROT_BOOT, .invert = true,
				.priority = priority, .table = mark, .fwmark = mark,
				.fwmask = UINT32_MAX, .suppress_prefixlength = -1};
}

static struct wg_rule suppress(u32 priority)
{
	return (struct wg_rule){.family = AF_INET, .protocol = RTPROT_BOOT, .priority = priority,
				.table = RT_TABLE_MAIN, .suppress_prefixlength = 0};
}

static void expect_adopted(const struct wg_rule *rules, size_t n, u32 mark, u32 first, u32 second)
{
	cleanup(plan_wipe) struct plan p = {0};

	adopt_rules(rules, n, AF_INET, mark, &p);
	assert_int_equal(p.n, !!first + !!second);
	if (first)
		assert_int_equal(p.steps[0].rule.priority, first);
	if (second)
		assert_int_equal(p.steps[1].rule.priority, second);
}

static void test_adopt_two(void **ctx)
{
	const struct wg_rule rules[] = {suppress(32762), tunnel(32763, 51821), suppress(32764),
					tunnel(32765, 51820)};

	(void)ctx;
	expect_adopted(rules, 4, 51820, 32765, 32764);
	expect_adopted(rules, 4, 51821, 32763, 32762);
	expect_adopted(rules, 4, 5182, 0, 0);
}

/* Only one suppressing rule is left for two tunnels: the other one needs it. */
static void test_adopt_needed(void **ctx)
{
	const struct wg_rule rules[] = {suppress(32762), tunnel(32763, 51821),
					tunnel(32765, 51820)};

	(void)ctx;
	expect_adopted(rules, 3, 51821, 32763, 0);
	expect_adopted(rules, 3, 51820, 32765, 0);
}

static void test_adopt_not_ours(void **ctx)
{
	struct wg_rule rules[] = {suppress(32764), tunnel(32765, 51820)};

	(void)ctx;
	rules[1].table = 100;
	expect_adopted(rules, 2, 51820, 0, 0);
	rules[1] = tunnel(32765, 51820);
	rules[1].invert = false;
	expect_adopted(rules, 2, 51820, 0, 0);
	rules[1] = tunnel(32765, 51820);
	rules[1].protocol = WG_RTNL_PROTOCOL;
	expect_adopted(rules, 2, 51820, 32765, 0); /* the other one is wireguard-tools' */
	rules[0].protocol = WG_RTNL_PROTOCOL;
	expect_adopted(rules, 2, 51820, 32765, 32764);
	rules[0] = suppress(32764);
	rules[1] = tunnel(32765, 51820);
	rules[1].foreign = true;
	expect_adopted(rules, 2, 51820, 0, 0);
	rules[1] = tunnel(32765, 51820);
	rules[0].foreign = true;
	expect_adopted(rules, 2, 51820, 32765, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),         cmocka_unit_test(test_hooks_once),
		cmocka_unit_test(test_adopt_two),     cmocka_unit_test(test_adopt_needed),
		cmocka_unit_test(test_adopt_not_ours),
	};

	return cmocka_run_group_tests_name("wg-quick/undo", tests, NULL, NULL);
}

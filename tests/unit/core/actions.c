// SPDX-License-Identifier: GPL-2.0
/* The order in which actions are carried out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "../../../src/core/actions.h"

static struct wg_remote remote;
static char done[200];

static void note(const char *what)
{
	strcat(strcat(done, what), " ");
}

static void defer(struct wg_remote *r, u32 actions)
{
	assert_ptr_equal(r, &remote);
	note(actions & WG_ACT_ZERO_KEYS ? "defer-zero" : "defer");
	assert_int_equal(actions & ~(u32)WG_ACTIONS_SLEEPING, 0);
}

static void forget_handshake(struct wg_remote *r)
{
	assert_ptr_equal(r, &remote);
	note("forget");
}

static void change(struct wg_remote *r, u32 actions)
{
	assert_ptr_equal(r, &remote);
	assert_int_equal(actions & ~(u32)WG_ACTIONS_CHANGES, 0);
	note("change");
}

static void initiate(struct wg_remote *r)
{
	assert_ptr_equal(r, &remote);
	note("initiate");
}

static void flush(struct wg_remote *r, bool keepalive)
{
	assert_ptr_equal(r, &remote);
	note(keepalive ? "flush-or-keepalive" : "flush");
}

static void retire(struct wg_remote *r)
{
	assert_ptr_equal(r, &remote);
	note("retire");
}

static struct wg_action_ops ops = {
	.forget_handshake = forget_handshake,
	.change = change,
	.initiate = initiate,
	.flush = flush,
	.retire = retire,
};

static int begin(void **state)
{
	(void)state;
	memset(&remote, 0, sizeof(remote));
	*done = 0;
	ops.defer = NULL;
	return 0;
}

static void nothing_asked_is_nothing_done(void **state)
{
	(void)state;
	wg_actions_do(&ops, &remote, 0);
	assert_string_equal(done, "");
}

static void each_has_its_place(void **state)
{
	(void)state;
	wg_actions_do(&ops, &remote, UINT32_MAX);
	assert_string_equal(done, "forget change initiate flush-or-keepalive ");
}

static void each_is_done_alone(void **state)
{
	static const struct {
		u32 action;
		const char *done;
	} cases[] = {
		{WG_ACT_ZERO_KEYS, "forget "},	   {WG_ACT_DROP_STAGED, "change "},
		{WG_ACT_FORGET_SOURCE, "change "}, {WG_ACT_HANDSHAKE_DONE, "change "},
		{WG_ACT_INITIATE, "initiate "},	   {WG_ACT_FLUSH, "flush "},
		{WG_ACT_KEEPALIVE, "flush-or-keepalive "},
		{WG_ACT_FLUSH | WG_ACT_CONFIRM, "flush-or-keepalive "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		*done = 0;
		wg_actions_do(&ops, &remote, cases[i].action);
		assert_string_equal(done, cases[i].done);
	}
}

static void what_may_sleep_is_deferred_together(void **state)
{
	(void)state;
	ops.defer = defer;
	wg_actions_do(&ops, &remote, UINT32_MAX);
	assert_string_equal(done, "change defer-zero flush-or-keepalive ");
	*done = 0;
	wg_actions_do(&ops, &remote, WG_ACT_FLUSH);
	assert_string_equal(done, "flush ");
	*done = 0;
	wg_actions_sleeping(&ops, &remote, WG_ACTIONS_SLEEPING);
	assert_string_equal(done, "forget initiate ");
}

static void a_new_identity_begins_anew(void **state)
{
	(void)state;
	wg_actions_begin_anew(&ops, &remote);
	assert_string_equal(done, "retire flush ");
	*done = 0;
	remote.timers.persistent_interval = 25;
	wg_actions_begin_anew(&ops, &remote);
	assert_string_equal(done, "retire flush-or-keepalive ");
}

#define TEST(f) cmocka_unit_test_setup(f, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_asked_is_nothing_done),	  TEST(each_has_its_place),
		TEST(each_is_done_alone),		  TEST(what_may_sleep_is_deferred_together),
		TEST(a_new_identity_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

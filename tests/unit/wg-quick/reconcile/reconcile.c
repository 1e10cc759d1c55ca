// SPDX-License-Identifier: GPL-2.0
/* What has to be added and removed so that a tunnel becomes what a plan asks for. Nothing here asks the
 * kernel: only kinds of which all is known beforehand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include "../../../../src/wg-quick/reconcile/reconcile.h"

static struct run run = {.name = "wg0"};

/* Steps as commands, separated by newlines. */
static void assert_plan(const struct plan *p, bool undo, const char *expected)
{
	char text[1024] = "";

	for (size_t i = 0; i < p->n; i++) {
		char *command = undo ? step_undo_command(&p->steps[i], "wg0")
				     : step_command(&p->steps[i], "wg0");

		strcat(strcat(text, command), "\n");
		free(command);
	}
	assert_string_equal(text, expected);
}

static void add_address(struct plan *p, u8 last)
{
	plan_add(p, STEP_ADDRESS)->prefix =
		(struct wg_prefix){.family = AF_INET, .cidr = 24, .addr = {10, 0, 0, last}};
}

static void add_rule(struct plan *p, u32 priority)
{
	plan_add(p, STEP_RULE)->rule = (struct wg_rule){.family = AF_INET,
							.protocol = WG_RTNL_PROTOCOL,
							.priority = priority,
							.table = 51820,
							.suppress_prefixlength = -1};
}

static void add_mtu(struct plan *p, u32 mtu)
{
	plan_add(p, STEP_LINK_UP)->mtu = mtu;
}

struct fixture {
	struct plan wanted, had, known;
	struct found found;
	struct step addresses[4], rules[4];
	struct difference d;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->found.addresses = f->addresses;
	f->found.routes = f->addresses;
	f->found.rules = f->rules;
	f->found.link = (struct wg_link){.mtu = 1420, .flags = IFF_UP};
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	plan_wipe(&f->wanted);
	plan_wipe(&f->had);
	plan_forget(&f->known);
	difference_wipe(&f->d);
	free(f);
	return 0;
}

static void there_is_address(struct fixture *f, u8 last)
{
	struct plan one = {0};

	add_address(&one, last);
	f->addresses[f->found.n_addresses++] = one.steps[0];
	plan_forget(&one);
}

static void there_is_rule(struct fixture *f, u32 priority)
{
	struct plan one = {0};

	add_rule(&one, priority);
	f->rules[f->found.n_rules++] = one.steps[0];
	plan_forget(&one);
}

static void compare(struct fixture *f, size_t done, const char *add, const char *remove)
{
	struct wg_error err;

	plan_known(&f->known, &f->had, done);
	assert_int_equal(difference_find(&f->d, &f->wanted, &f->had, &f->known, &f->found, &run, &err),
			 0);
	assert_plan(&f->d.add, false, add);
	assert_plan(&f->d.remove, true, remove);
	assert_int_equal(difference_is_empty(&f->d), !*add && !*remove);
}

static void of_what_agrees_nothing_is_to_be_done(void **state)
{
	struct fixture *f = *state;

	add_address(&f->wanted, 1);
	add_address(&f->had, 1);
	there_is_address(f, 1);
	compare(f, 1, "", "");
}

static void what_is_missing_is_added_though_the_journal_has_it(void **state)
{
	struct fixture *f = *state;

	add_address(&f->wanted, 1);
	add_address(&f->had, 1);
	compare(f, 1, "ip -4 address add 10.0.0.1/24 dev wg0\n", "");
}

static void what_is_not_wanted_is_removed_if_it_is_there(void **state)
{
	struct fixture *f = *state;

	add_address(&f->wanted, 1);
	add_address(&f->had, 1);
	add_address(&f->had, 2);
	add_address(&f->had, 3);
	there_is_address(f, 1);
	there_is_address(f, 3);
	compare(f, 3, "", "ip -4 address delete 10.0.0.3/24 dev wg0\n");
}

static void what_others_made_stays(void **state)
{
	struct fixture *f = *state;

	there_is_address(f, 9);
	there_is_rule(f, 5);
	compare(f, 0, "", "");
}

static void a_rule_of_another_priority_is_the_same_rule(void **state)
{
	struct fixture *f = *state;

	add_rule(&f->wanted, 100);
	add_rule(&f->had, 200);
	there_is_rule(f, 200);
	compare(f, 1, "", "");
}

static void a_rule_is_put_back_with_the_priority_of_the_journal(void **state)
{
	struct fixture *f = *state;

	add_rule(&f->wanted, 100);
	add_rule(&f->had, 200);
	plan_known(&f->known, &f->had, 1);
	assert_int_equal(difference_find(&f->d, &f->wanted, &f->had, &f->known, &f->found, &run, NULL),
			 0);
	assert_int_equal(f->d.add.n, 1);
	assert_int_equal(f->d.add.steps[0].rule.priority, 200);
}

static void an_mtu_that_a_hook_set_stays_while_none_other_is_wanted(void **state)
{
	struct fixture *f = *state;

	add_mtu(&f->wanted, 1400);
	add_mtu(&f->had, 1400);
	compare(f, 1, "", "");
}

static void an_mtu_that_the_file_gives_is_set_again(void **state)
{
	struct config c = {.mtu = 1400};
	struct fixture *f = *state;

	run.config = &c;
	add_mtu(&f->wanted, 1400);
	add_mtu(&f->had, 1400);
	compare(f, 1, "ip link set mtu 1400 up dev wg0\n", "");
	run.config = NULL;
}

static void an_mtu_that_takes_ipv6_away_is_set_again(void **state)
{
	struct fixture *f = *state;
	struct step *s;

	f->found.link.mtu = 1279;
	add_mtu(&f->wanted, 1420);
	add_mtu(&f->had, 1420);
	compare(f, 1, "", "");
	difference_wipe(&f->d);
	plan_forget(&f->known);
	s = plan_add(&f->wanted, STEP_ROUTE);
	s->route.dst.family = AF_INET6;
	s->route.table = RT_TABLE_MAIN;
	compare(f, 1, "ip link set mtu 1420 up dev wg0\nip -6 route add ::/0 dev wg0\n", "");
}

/* The table of a lost journal: what is in it is not known, so nothing is known to stand. */
static void an_adopted_table_is_not_known(void **state)
{
	struct fixture *f = *state;

	plan_add(&f->had, STEP_FIREWALL)->family = AF_INET;
	plan_known(&f->known, &f->had, 1);
	assert_int_equal(f->known.n, 0);
	f->had.steps[0].fwmark = 51820;
	plan_known(&f->known, &f->had, 1);
	assert_int_equal(f->known.n, 1);
}

static void another_mtu_is_set(void **state)
{
	struct fixture *f = *state;

	add_mtu(&f->wanted, 1380);
	add_mtu(&f->had, 1400);
	compare(f, 1, "ip link set mtu 1380 up dev wg0\n", "");
}

static void a_link_that_is_down_is_set_up(void **state)
{
	struct fixture *f = *state;

	add_mtu(&f->wanted, 1420);
	add_mtu(&f->had, 1420);
	f->found.link.flags = 0;
	compare(f, 1, "ip link set mtu 1420 up dev wg0\n", "");
}

/* A reload was cut short: the journal has the step, and not that it was done. */
static void a_step_that_was_only_begun_is_not_known(void **state)
{
	struct fixture *f = *state;

	add_mtu(&f->wanted, 1380);
	add_mtu(&f->had, 1420);
	add_mtu(&f->had, 1380);
	compare(f, 1, "ip link set mtu 1380 up dev wg0\n", "");
}

/* And may then be undone by a file that says what it said before. */
static void a_step_that_a_later_one_replaced_is_not_known(void **state)
{
	struct fixture *f = *state;

	f->found.link.mtu = 1380;
	add_mtu(&f->wanted, 1420);
	add_mtu(&f->had, 1420);
	add_mtu(&f->had, 1380);
	compare(f, 1, "ip link set mtu 1420 up dev wg0\n", "");
}

static void plan_without_takes_out_what_equals_or_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct plan rest = {0};

	add_address(&f->had, 1);
	add_address(&f->had, 2);
	add_mtu(&f->had, 1420);
	add_address(&f->wanted, 2);
	add_mtu(&f->wanted, 1380);
	plan_borrow(&rest, &f->had);
	plan_without(&rest, &f->wanted);
	assert_plan(&rest, false, "ip -4 address add 10.0.0.1/24 dev wg0\n");
	plan_forget(&rest);
}

/* Of what was begun twice the first counts; of what replaces another, the last that was carried out. */
static void of_steps_that_were_begun_twice_one_stays(void **state)
{
	struct plan p = {0};
	size_t done;

	(void)state;
	add_mtu(&p, 1420);
	add_address(&p, 1);
	add_rule(&p, 700);
	add_address(&p, 2);
	add_mtu(&p, 1380);
	add_address(&p, 1);
	add_rule(&p, 700);
	add_rule(&p, 701);
	add_mtu(&p, 1420);
	add_address(&p, 2);
	add_mtu(&p, 1400);
	done = 9;
	plan_drop_repeated(&p, &done);
	assert_plan(&p, false, "ip -4 address add 10.0.0.1/24 dev wg0\n"
			       "ip -4 rule add table 51820\n"
			       "ip -4 address add 10.0.0.2/24 dev wg0\n"
			       "ip -4 rule add table 51820\n"
			       "ip link set mtu 1420 up dev wg0\n"
			       "ip link set mtu 1400 up dev wg0\n");
	assert_int_equal(p.steps[3].rule.priority, 701);
	assert_int_equal(done, 5);
	plan_wipe(&p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_what_agrees_nothing_is_to_be_done),
		TEST(what_is_missing_is_added_though_the_journal_has_it),
		TEST(what_is_not_wanted_is_removed_if_it_is_there),
		TEST(what_others_made_stays),
		TEST(a_rule_of_another_priority_is_the_same_rule),
		TEST(a_rule_is_put_back_with_the_priority_of_the_journal),
		TEST(an_mtu_that_a_hook_set_stays_while_none_other_is_wanted),
		TEST(an_mtu_that_the_file_gives_is_set_again),
		TEST(an_mtu_that_takes_ipv6_away_is_set_again),
		TEST(an_adopted_table_is_not_known),
		TEST(another_mtu_is_set),
		TEST(a_link_that_is_down_is_set_up),
		TEST(a_step_that_was_only_begun_is_not_known),
		TEST(a_step_that_a_later_one_replaced_is_not_known),
		TEST(of_steps_that_were_begun_twice_one_stays),
		TEST(plan_without_takes_out_what_equals_or_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Which link is taken for the tunnel's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "../../../../src/wg-quick/steps/link.h"

static struct wg_link a_link(u32 index, const char *name, u32 flags)
{
	struct wg_link link = {.index = index, .flags = flags, .kind = "wireguard"};

	strcpy(link.name, name);
	return link;
}

/* `up` was killed after it had asked for an index and before it noted the answer, which was that another link
 * has it. */
static void an_index_alone_does_not_make_a_link_ours_that_was_only_asked_for(void **state)
{
	const struct run asked = {.name = "wg0", .ifindex = 20000}, made = {.name = "wg0", .ifindex = 20000,
									 .link_made = true};
	struct wg_link link = a_link(20000, "wg0", 0);

	(void)state;
	assert_true(link_is_as_requested(&asked, &link));
	link = a_link(20000, "other", 0);
	assert_false(link_is_as_requested(&asked, &link));
	assert_true(link_is_as_requested(&made, &link));
	link = a_link(20000, "wg0", IFF_UP);
	assert_false(link_is_as_requested(&asked, &link));
	assert_true(link_is_as_requested(&made, &link));
}

static void elsewhere_a_chosen_index_and_the_key_are_proof_together(void **state)
{
	const struct run r = {.name = "wg0", .ifindex = 20000, .link_made = true};
	struct wg_link link = a_link(20000, "renamed", IFF_UP);

	(void)state;
	assert_int_equal(link_judge_elsewhere(&r, &link, LINK_KEY_OURS), LINK_OURS);
	assert_int_equal(link_judge_elsewhere(&r, &link, LINK_KEY_UNKNOWN), LINK_UNPROVED);
	assert_int_equal(link_judge_elsewhere(&r, &link, LINK_KEY_OTHER), LINK_FOREIGN);
	/* The same file is up there, too. */
	link = a_link(20001, "wg0", IFF_UP);
	assert_int_equal(link_judge_elsewhere(&r, &link, LINK_KEY_OURS), LINK_FOREIGN);
	link = a_link(20000, "wg0", IFF_UP);
	strcpy(link.kind, "veth");
	assert_int_equal(link_judge_elsewhere(&r, &link, LINK_KEY_UNKNOWN), LINK_FOREIGN);
}

/* As in journals of the first releases. */
static void elsewhere_an_index_of_the_kernels_choice_is_no_proof_and_not_passed_over(void **state)
{
	const struct run r = {.name = "wg0", .ifindex = 5, .link_made = true};
	struct wg_link link = a_link(5, "wg0", IFF_UP);

	(void)state;
	assert_int_equal(link_judge_elsewhere(&r, &link, LINK_KEY_OURS), LINK_UNPROVED);
	assert_int_equal(link_judge_elsewhere(&r, &link, LINK_KEY_UNKNOWN), LINK_UNPROVED);
	assert_int_equal(link_judge_elsewhere(&r, &link, LINK_KEY_OTHER), LINK_FOREIGN);
	link = a_link(9, "wg0", IFF_UP);
	assert_int_equal(link_judge_elsewhere(&r, &link, LINK_KEY_OURS), LINK_UNPROVED);
	assert_int_equal(link_judge_elsewhere(&r, &link, LINK_KEY_UNKNOWN), LINK_FOREIGN);
	link = a_link(5, "wg7", IFF_UP);
	assert_int_equal(link_judge_elsewhere(&r, &link, LINK_KEY_UNKNOWN), LINK_FOREIGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_alone_does_not_make_a_link_ours_that_was_only_asked_for),
		cmocka_unit_test(elsewhere_a_chosen_index_and_the_key_are_proof_together),
		cmocka_unit_test(elsewhere_an_index_of_the_kernels_choice_is_no_proof_and_not_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Which link is taken for the tunnel's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "../../../../src/crypto/curve25519.h"
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/wg-quick/steps/link.h"
#include "../../lib/device/userspace.h"

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
	assert_int_equal(link_judge_elsewhere(&r, &link, LINK_KEY_OTHER), LINK_UNPROVED);
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

/* The device has the private key 0808...08. */
static bool has_our_key(u8 journalled, const char *in_file)
{
	static const char get[] = "private_key=0808080808080808080808080808080808080808080808080808080808080808\n"
				  "errno=0\n\n";
	cleanup(close_fd) int listener = userspace_listen("wgkey");
	const struct wg_link link = a_link(20000, "wgkey", IFF_UP);
	struct run r = {.name = "wgkey", .config_path = RUNSTATEDIR "/wgkey.conf", .link_made = true};
	u8 private_key[WG_KEY_LEN];
	FILE *f = fopen(r.config_path, "we");
	pid_t pid = userspace_serve(listener, "get=1\n\n", get);
	bool has;

	assert_non_null(f);
	fprintf(f, "[Interface]\n%s%s\n", in_file ? "PrivateKey = " : "", in_file ? in_file : "");
	fclose(f);
	memset(private_key, journalled, sizeof(private_key));
	if (journalled)
		wg_curve25519_public(r.public_key, private_key);
	has = link_has_our_key(&r, &link);
	assert_true(userspace_was_asked(pid));
	unlink(SOCKETS "/wgkey.sock");
	return has;
}

/* The file may have got another key since `up`, and a hook may have set one that only the file has. */
static void a_key_is_ours_by_the_journal_or_by_the_file(void **state)
{
	static const char same[] = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=";
	static const char other[] = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";

	(void)state;
	assert_true(has_our_key(8, other));
	assert_true(has_our_key(8, NULL));
	assert_true(has_our_key(16, same));
	assert_false(has_our_key(16, other));
	assert_false(has_our_key(16, NULL));
	/* A journal of an older release. */
	assert_true(has_our_key(0, same));
	assert_false(has_our_key(0, other));
	assert_false(has_our_key(0, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_ours_by_the_journal_or_by_the_file),
		cmocka_unit_test(an_index_alone_does_not_make_a_link_ours_that_was_only_asked_for),
		cmocka_unit_test(elsewhere_a_chosen_index_and_the_key_are_proof_together),
		cmocka_unit_test(elsewhere_an_index_of_the_kernels_choice_is_no_proof_and_not_passed_over),
	};

	return cmocka_run_group_tests(tests, userspace_setup, NULL);
}

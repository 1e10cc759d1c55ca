// SPDX-License-Identifier: GPL-2.0
/* Every outcome of a handshake has a name that tools can rely on and words for people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/core/handshake-reason.h"
#include "../../../src/crypto/curve25519.h"

static void every_row_has_a_name_and_a_text(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < WG_HANDSHAKE_REASONS; i++) {
		const char *name = wg_handshake_reason_name(i), *prefix;

		assert_non_null(name);
		assert_non_null(wg_handshake_reason_text(i));
		prefix = i < WG_HANDSHAKE_RESULTS ? "handshake-" : "initiation-";
		assert_int_equal(strncmp(name, prefix, strlen(prefix)), 0);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		assert_true(strlen(name) < 32); /* ETH_GSTRING_LEN */
		for (unsigned int j = 0; j < i; j++)
			assert_string_not_equal(name, wg_handshake_reason_name(j));
	}
}

static void what_goes_on_is_no_failure(void **state)
{
	(void)state;
	assert_true(wg_handshake_reason_is_success(WG_HANDSHAKE_RESPONDED));
	assert_true(wg_handshake_reason_is_success(WG_HANDSHAKE_COMPLETED));
	assert_true(wg_handshake_reason_is_success(WG_INITIATION_SENT));
	assert_false(wg_handshake_reason_is_success(WG_HANDSHAKE_COOKIE_TAKEN));
	assert_false(wg_handshake_reason_is_success(WG_HANDSHAKE_FORGED));
	assert_false(wg_handshake_reason_is_success(WG_INITIATION_GAVE_UP));
}

static void a_failed_initiation_says_why(void **state)
{
	static struct wg_local local;
	static struct wg_remote remote;
	u8 private_key[WG_PUBLIC_LEN] = {5}, public_key[WG_PUBLIC_LEN] = {0};

	(void)state;
	wg_remote_init(&remote, public_key);
	assert_int_equal(wg_handshake_initiate_failure(&local, &remote), WG_INITIATION_NO_IDENTITY);
	wg_local_set_private(&local, private_key);
	assert_int_equal(wg_handshake_initiate_failure(&local, &remote), WG_INITIATION_LOW_ORDER);
	wg_remote_init(&remote, local.identity.public_key);
	assert_int_equal(wg_handshake_initiate_failure(&local, &remote), WG_INITIATION_OWN_KEY);
	private_key[0] = 64;
	wg_curve25519_clamp(private_key);
	wg_curve25519_public(public_key, private_key);
	wg_remote_init(&remote, public_key);
	assert_int_equal(wg_handshake_initiate_failure(&local, &remote), WG_INITIATION_NO_MEMORY);
}

static void a_peer_is_named_as_wg_names_it(void **state)
{
	u8 key[WG_PUBLIC_LEN] = {0xff, 0xef, 0x9c, 0x00, 0x10, 0x83};
	char text[WG_PEER_TEXT_LEN];

	(void)state;
	wg_peer_text(text, key);
	assert_string_equal(text, "/++cABCD...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_a_name_and_a_text),
		cmocka_unit_test(what_goes_on_is_no_failure),
		cmocka_unit_test(a_failed_initiation_says_why),
		cmocka_unit_test(a_peer_is_named_as_wg_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

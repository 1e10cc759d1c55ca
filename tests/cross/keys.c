// SPDX-License-Identifier: GPL-2.0
/* Keys as text, for machines without libcrypto, with which tests/unit/lib/base/encoding.c compares. */
#include <cmocka.h>
#include "../../src/lib/base/encoding.h"
#include "../vectors/x25519.h"

static void are_as_in_the_rfc(void **state)
{
	u8 key[WG_KEY_LEN];
	char base64[WG_KEY_BASE64_LEN + 1], hex[WG_KEY_HEX_LEN + 1];

	(void)state;
	x25519_hex(key, X25519_ALICE_PUBLIC);
	wg_key_to_base64(base64, key);
	wg_key_to_hex(hex, key);
	assert_string_equal(hex, X25519_ALICE_PUBLIC);
	assert_string_equal(base64, "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=");
}

static void come_back_unless_damaged(void **state)
{
	u8 key[WG_KEY_LEN] = {0}, back[WG_KEY_LEN];
	char base64[WG_KEY_BASE64_LEN + 1], hex[WG_KEY_HEX_LEN + 1];

	(void)state;
	for (unsigned int i = 0; i < 4096; i++) {
		key[i % WG_KEY_LEN] = (u8)(i * 37 + i / 256);
		wg_key_to_base64(base64, key);
		assert_true(wg_key_from_base64(back, base64, WG_KEY_BASE64_LEN));
		assert_memory_equal(key, back, WG_KEY_LEN);
		wg_key_to_hex(hex, key);
		assert_true(wg_key_from_hex(back, hex, WG_KEY_HEX_LEN));
		assert_memory_equal(key, back, WG_KEY_LEN);
		base64[i % WG_KEY_BASE64_LEN] = (char)0xc3;
		hex[i % WG_KEY_HEX_LEN] = 'g';
		assert_false(wg_key_from_base64(back, base64, WG_KEY_BASE64_LEN));
		assert_false(wg_key_from_hex(back, hex, WG_KEY_HEX_LEN));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(are_as_in_the_rfc),
		cmocka_unit_test(come_back_unless_damaged),
	};

	return cmocka_run_group_tests_name("keys as text", tests, NULL, NULL);
}

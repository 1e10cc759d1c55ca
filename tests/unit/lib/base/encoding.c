// SPDX-License-Identifier: GPL-2.0
/* Keys as text: against libcrypto's base64, and every character at every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <stdio.h>
#include "../../../../src/lib/base/encoding.h"

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static u8 sample[WG_KEY_LEN] = {0x00, 0x10, 0x83, 0x10, 0x51, 0x87, 0x20, 0x92, 0x8b, 0x30, 0xd3,
				0x8f, 0x41, 0x14, 0x93, 0x51, 0x55, 0x97, 0x61, 0x96, 0x9b, 0x71,
				0xd7, 0x9f, 0x82, 0x18, 0xa3, 0x92, 0x59, 0xa7, 0xff, 0xf0};

static void base64_agrees_with_libcrypto(void **state)
{
	u8 key[WG_KEY_LEN], back[WG_KEY_LEN];
	char text[WG_KEY_BASE64_LEN + 1], expected[WG_KEY_BASE64_LEN + 1];

	(void)state;
	for (unsigned int i = 0; i < 4000; i++) {
		for (unsigned int j = 0; j < WG_KEY_LEN; j++)
			key[j] = (u8)(sample[(i + j) % WG_KEY_LEN] * (2 * (i / 32) + 1) + i * j);
		EVP_EncodeBlock((unsigned char *)expected, key, WG_KEY_LEN);
		wg_key_to_base64(text, key);
		assert_string_equal(text, expected);
		assert_true(wg_key_from_base64(back, text, WG_KEY_BASE64_LEN));
		assert_memory_equal(back, key, WG_KEY_LEN);
	}
}

/* What follows the 44 characters is not read. */
static void base64_needs_no_end(void **state)
{
	char text[WG_KEY_BASE64_LEN + 1];
	u8 back[WG_KEY_LEN];

	(void)state;
	wg_key_to_base64(text, sample);
	text[WG_KEY_BASE64_LEN] = 'x';
	assert_true(wg_key_from_base64(back, text, WG_KEY_BASE64_LEN));
	assert_memory_equal(back, sample, WG_KEY_LEN);
}

static void base64_takes_only_its_characters(void **state)
{
	char text[WG_KEY_BASE64_LEN + 1];
	u8 back[WG_KEY_LEN];

	(void)state;
	for (int at = 0; at < WG_KEY_BASE64_LEN; at++) {
		for (int c = 0; c < 256; c++) {
			const char *found = c ? strchr(base64, c) : NULL;
			bool good = found != NULL;

			if (at == WG_KEY_BASE64_LEN - 2)
				good = found && (found - base64) % 4 == 0;
			if (at == WG_KEY_BASE64_LEN - 1)
				good = c == '=';
			wg_key_to_base64(text, sample);
			text[at] = (char)c;
			if (wg_key_from_base64(back, text, WG_KEY_BASE64_LEN) != good)
				fail_msg("character %d at %d", c, at);
			if (good) {
				char again[WG_KEY_BASE64_LEN + 1];

				wg_key_to_base64(again, back);
				assert_string_equal(again, text);
			}
		}
	}
}

static void base64_takes_only_its_length(void **state)
{
	char text[WG_KEY_BASE64_LEN + 2] = "";
	u8 back[WG_KEY_LEN];

	(void)state;
	wg_key_to_base64(text, sample);
	for (size_t len = 0; len < sizeof(text); len++)
		assert_int_equal(wg_key_from_base64(back, text, len), len == WG_KEY_BASE64_LEN);
	/* Nothing is read of a text that is too short. */
	assert_false(wg_key_from_base64(back, NULL, 0));
}

static void hex_is_lower_case(void **state)
{
	char text[WG_KEY_HEX_LEN + 1], expected[WG_KEY_HEX_LEN + 1];
	u8 key[WG_KEY_LEN], back[WG_KEY_LEN];

	(void)state;
	for (unsigned int first = 0; first < 256; first += WG_KEY_LEN) {
		for (unsigned int i = 0; i < WG_KEY_LEN; i++) {
			key[i] = (u8)(first + i);
			snprintf(expected + 2 * i, 3, "%02x", key[i]);
		}
		wg_key_to_hex(text, key);
		assert_string_equal(text, expected);
		assert_true(wg_key_from_hex(back, text, WG_KEY_HEX_LEN));
		assert_memory_equal(back, key, WG_KEY_LEN);
	}
}

static void hex_takes_only_its_digits(void **state)
{
	char text[WG_KEY_HEX_LEN + 1];
	u8 back[WG_KEY_LEN];

	(void)state;
	for (int at = 0; at < WG_KEY_HEX_LEN; at++) {
		for (int c = 0; c < 256; c++) {
			const char digits[] = "0123456789abcdefABCDEF";
			const char *found = c ? strchr(digits, c) : NULL;
			int value = found ? (int)(found - digits) : 0;

			wg_key_to_hex(text, sample);
			text[at] = (char)c;
			if (wg_key_from_hex(back, text, WG_KEY_HEX_LEN) != (found != NULL))
				fail_msg("character %d at %d", c, at);
			if (found)
				assert_int_equal(at % 2 ? back[at / 2] & 15 : back[at / 2] >> 4,
						 value < 16 ? value : value - 6);
		}
	}
}

static void hex_takes_only_its_length(void **state)
{
	char text[WG_KEY_HEX_LEN + 2] = "";
	u8 back[WG_KEY_LEN];

	(void)state;
	wg_key_to_hex(text, sample);
	for (size_t len = 0; len < sizeof(text); len++)
		assert_int_equal(wg_key_from_hex(back, text, len), len == WG_KEY_HEX_LEN);
	assert_false(wg_key_from_hex(back, NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_agrees_with_libcrypto),
		cmocka_unit_test(base64_needs_no_end),
		cmocka_unit_test(base64_takes_only_its_characters),
		cmocka_unit_test(base64_takes_only_its_length),
		cmocka_unit_test(hex_is_lower_case),
		cmocka_unit_test(hex_takes_only_its_digits),
		cmocka_unit_test(hex_takes_only_its_length),
	};

	return cmocka_run_group_tests_name("lib/encoding", tests, NULL, NULL);
}

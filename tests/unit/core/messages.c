// SPDX-License-Identifier: GPL-2.0
/* What a message is by its first bytes and its length, and how long a padded one is. */
#include "../../../src/core/messages.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* The paper's figures. */
static void messages_have_the_lengths_of_the_paper(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct wg_message_initiation), 148);
	assert_int_equal(sizeof(struct wg_message_response), 92);
	assert_int_equal(sizeof(struct wg_message_cookie), 64);
	assert_int_equal(sizeof(struct wg_message_data), 16);
	assert_int_equal(WG_INITIATION_LEN, 148);
	assert_int_equal(WG_RESPONSE_LEN, 92);
	assert_int_equal(WG_COOKIE_MESSAGE_LEN, 64);
	assert_int_equal(WG_DATA_OVERHEAD, 32);
}

static u32 expected(u32 type, size_t len)
{
	static const size_t lengths[] = {[1] = 148, [2] = 92, [3] = 64};

	return type >= 1 && type <= 3 && len == lengths[type] ? type : 0;
}

/* In memory of its own, so that a sanitizer sees what is read beyond it. */
static void a_handshake_message_has_a_type_and_its_length(void **state)
{
	static const u32 types[] = {0, 1, 2, 3, 4, 0x101, 0x10002, 0x1000003, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		for (size_t len = 0; len < 200; len++) {
			u8 first[4], *message = calloc(1, len + !len);

			assert_non_null(message);
			wg_store_le32(first, types[i]);
			memcpy(message, first, len < 4 ? len : 4);
			assert_int_equal(wg_message_handshake_type(message, len),
					 expected(types[i], len));
			free(message);
		}
	}
}

static void padding_goes_to_sixteen_or_to_the_mtu(void **state)
{
	(void)state;
	assert_int_equal(wg_message_padded(0, 1420), 0);
	assert_int_equal(wg_message_padded(1, 1420), 16);
	assert_int_equal(wg_message_padded(16, 1420), 16);
	assert_int_equal(wg_message_padded(17, 1420), 32);
	assert_int_equal(wg_message_padded(1409, 1420), 1420);
	assert_int_equal(wg_message_padded(1420, 1420), 1420);
	assert_int_equal(wg_message_padded(1421, 1420), 1424);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_have_the_lengths_of_the_paper),
		cmocka_unit_test(a_handshake_message_has_a_type_and_its_length),
		cmocka_unit_test(padding_goes_to_sixteen_or_to_the_mtu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

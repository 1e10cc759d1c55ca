// SPDX-License-Identifier: GPL-2.0
/* mac1, mac2 and cookies: a checker and the jar of who sends to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/core/cookie.h"
#include "../../../src/crypto/curve25519.h"
#include "../../vectors/handshake.h"

#define T0   (1000 * WG_SECOND)
#define LEN  WG_INITIATION_LEN
#define MAC1 (LEN - 2 * WG_MAC_LEN)
#define MAC2 (LEN - WG_MAC_LEN)

static const u8 secret[32] = {5, 6, 7}, other_secret[32] = {8}, nonce[WG_COOKIE_NONCE_LEN] = {9};
static const struct wg_addr home = {.ip = {192, 0, 2, 1}, .port = {1, 2}, .family = 4};
static struct wg_cookie_checker checker;
static struct wg_cookie_jar jar;
static struct wg_message_cookie reply;
static u8 public_key[32], message[LEN];

static int setup(void **state)
{
	static const u8 private_key[32] = {3};

	(void)state;
	wg_curve25519_public(public_key, private_key);
	wg_cookie_checker_init(&checker, public_key);
	memset(&jar, 0, sizeof(jar));
	for (int i = 0; i < LEN; i++)
		message[i] = (u8)i;
	wg_cookie_add_macs(&jar, public_key, message, LEN, T0);
	return 0;
}

static enum wg_mac_state check(const struct wg_addr *from, u64 now)
{
	return wg_cookie_check(&checker, message, LEN, from, true, secret, now);
}

/* The jar gets a cookie for `home` and the message its mac2. */
static void get_cookie(u64 now)
{
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce, secret, now);
	assert_true(wg_cookie_consume(&jar, public_key, &reply, now));
	wg_cookie_add_macs(&jar, public_key, message, LEN, now);
}

static void agrees_with_the_vectors(void **state)
{
	u8 private_key[32], random[32], fixed[24], expected[LEN], first[LEN], want[sizeof(reply)];
	struct wg_addr from = {.family = 4};
	u8 where[6];

	(void)state;
	handshake_hex(private_key, HANDSHAKE_STATIC_R);
	handshake_hex(random, HANDSHAKE_COOKIE_SECRET);
	handshake_hex(fixed, HANDSHAKE_COOKIE_NONCE);
	handshake_hex(where, HANDSHAKE_ADDRESS);
	memcpy(from.ip, where, 4);
	memcpy(from.port, where + 4, 2);
	wg_curve25519_public(public_key, private_key);
	wg_cookie_checker_init(&checker, public_key);
	assert_int_equal(handshake_hex(first, handshake_vectors[1].initiation), LEN);
	memcpy(message, first, LEN);
	memset(message + MAC1, 0xff, LEN - MAC1);
	wg_cookie_add_macs(&jar, public_key, message, LEN, T0);
	assert_memory_equal(message, first, LEN);
	wg_cookie_create(&checker, &reply, message, LEN, &from, fixed, random, T0);
	assert_int_equal(handshake_hex(want, handshake_vectors[1].cookie_reply), sizeof(reply));
	assert_memory_equal(&reply, want, sizeof(reply));
	assert_true(wg_cookie_consume(&jar, public_key, &reply, T0));
	wg_cookie_add_macs(&jar, public_key, message, LEN, T0);
	handshake_hex(expected, handshake_vectors[1].initiation_with_cookie);
	assert_memory_equal(message, expected, LEN);
	assert_int_equal(wg_cookie_check(&checker, message, LEN, &from, true, secret, T0),
			 WG_MAC_VALID_WITH_COOKIE);
}

static void mac1_covers_every_bit_before_it(void **state)
{
	(void)state;
	assert_int_equal(check(&home, T0), WG_MAC_VALID);
	for (int bit = 0; bit < 8 * MAC2; bit++) {
		message[bit / 8] ^= (u8)(1 << bit % 8);
		assert_int_equal(check(&home, T0), WG_MAC_INVALID);
		message[bit / 8] ^= (u8)(1 << bit % 8);
	}
	assert_int_equal(check(&home, T0), WG_MAC_VALID);
}

static void mac1_is_for_one_public_key(void **state)
{
	u8 other[32];

	(void)state;
	memcpy(other, public_key, 32);
	other[0] ^= 1;
	wg_cookie_add_macs(&jar, other, message, LEN, T0);
	assert_int_equal(check(&home, T0), WG_MAC_INVALID);
}

static void without_a_cookie_mac2_is_zeros(void **state)
{
	static const u8 zeros[WG_MAC_LEN];

	(void)state;
	assert_memory_equal(message + MAC2, zeros, WG_MAC_LEN);
	get_cookie(T0);
	assert_memory_not_equal(message + MAC2, zeros, WG_MAC_LEN);
}

static void mac2_covers_every_bit(void **state)
{
	(void)state;
	get_cookie(T0);
	assert_int_equal(check(&home, T0), WG_MAC_VALID_WITH_COOKIE);
	for (int bit = 0; bit < 8 * LEN; bit++) {
		message[bit / 8] ^= (u8)(1 << bit % 8);
		assert_int_equal(check(&home, T0), bit < 8 * MAC2 ? WG_MAC_INVALID : WG_MAC_VALID);
		message[bit / 8] ^= (u8)(1 << bit % 8);
	}
}

static void mac2_is_looked_at_only_if_asked_for(void **state)
{
	(void)state;
	get_cookie(T0);
	assert_int_equal(wg_cookie_check(&checker, message, LEN, &home, false, secret, T0),
			 WG_MAC_VALID);
}

static void a_cookie_is_for_one_address(void **state)
{
	struct wg_addr from = home;

	(void)state;
	get_cookie(T0);
	from.ip[3]++;
	assert_int_equal(check(&from, T0), WG_MAC_VALID);
	from = home;
	from.port[1]++;
	assert_int_equal(check(&from, T0), WG_MAC_VALID);
	from = home;
	from.family = 6;
	assert_int_equal(check(&from, T0), WG_MAC_VALID);
	from = home;
	from.ip[4] = 1; /* not part of an IPv4 address */
	assert_int_equal(check(&from, T0), WG_MAC_VALID_WITH_COOKIE);
}

static void an_ipv6_cookie_is_for_the_whole_address(void **state)
{
	struct wg_addr from = {.ip = {0x20, 1}, .port = {1, 2}, .family = 6};

	(void)state;
	wg_cookie_create(&checker, &reply, message, LEN, &from, nonce, secret, T0);
	assert_true(wg_cookie_consume(&jar, public_key, &reply, T0));
	wg_cookie_add_macs(&jar, public_key, message, LEN, T0);
	assert_int_equal(check(&from, T0), WG_MAC_VALID_WITH_COOKIE);
	from.ip[15] = 1;
	assert_int_equal(check(&from, T0), WG_MAC_VALID);
}

static void the_secret_is_replaced_when_it_is_old(void **state)
{
	(void)state;
	get_cookie(T0);
	/* Younger than that, it ignores what else could be the secret. */
	assert_int_equal(wg_cookie_check(&checker, message, LEN, &home, true, other_secret,
					 T0 + WG_COOKIE_SECRET_TIME - 1),
			 WG_MAC_VALID_WITH_COOKIE);
	assert_int_equal(wg_cookie_check(&checker, message, LEN, &home, true, other_secret,
					 T0 + WG_COOKIE_SECRET_TIME),
			 WG_MAC_VALID);
	/* Also the secret of old is no help any more. */
	assert_int_equal(check(&home, T0 + WG_COOKIE_SECRET_TIME), WG_MAC_VALID);
}

static void a_new_identity_has_a_new_secret(void **state)
{
	(void)state;
	get_cookie(T0);
	wg_cookie_checker_init(&checker, public_key);
	assert_int_equal(wg_cookie_check(&checker, message, LEN, &home, true, other_secret, T0),
			 WG_MAC_VALID);
}

static void a_cookie_is_used_until_shortly_before_it_ends(void **state)
{
	const u64 end = T0 + WG_COOKIE_SECRET_TIME - WG_COOKIE_LATENCY;

	(void)state;
	get_cookie(T0);
	wg_cookie_add_macs(&jar, public_key, message, LEN, end - 1);
	assert_int_equal(check(&home, end - 1), WG_MAC_VALID_WITH_COOKIE);
	wg_cookie_add_macs(&jar, public_key, message, LEN, end);
	assert_int_equal(check(&home, end), WG_MAC_VALID);
}

static void a_reply_is_authentic_in_every_bit(void **state)
{
	const struct wg_cookie_jar before = jar;
	u8 *bytes = (u8 *)&reply;

	(void)state;
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce, secret, T0);
	/* Type and receiver are not part of it; protocol.c looks at them. */
	for (size_t bit = 64; bit < 8 * sizeof(reply); bit++) {
		bytes[bit / 8] ^= (u8)(1 << bit % 8);
		assert_false(wg_cookie_consume(&jar, public_key, &reply, T0));
		assert_memory_equal(&jar, &before, sizeof(jar));
		bytes[bit / 8] ^= (u8)(1 << bit % 8);
	}
	assert_true(wg_cookie_consume(&jar, public_key, &reply, T0));
}

static void a_reply_is_taken_once(void **state)
{
	(void)state;
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce, secret, T0);
	assert_true(wg_cookie_consume(&jar, public_key, &reply, T0));
	assert_false(wg_cookie_consume(&jar, public_key, &reply, T0));
}

static void a_reply_answers_the_latest_message_only(void **state)
{
	(void)state;
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce, secret, T0);
	message[20] ^= 1;
	wg_cookie_add_macs(&jar, public_key, message, LEN, T0);
	assert_false(wg_cookie_consume(&jar, public_key, &reply, T0));
}

static void nothing_answers_who_sent_nothing(void **state)
{
	(void)state;
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce, secret, T0);
	jar.sent_mac1 = false;
	assert_false(wg_cookie_consume(&jar, public_key, &reply, T0));
}

static void a_reply_names_the_sender(void **state)
{
	(void)state;
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce, secret, T0);
	assert_int_equal(wg_load_le32(reply.type), WG_MESSAGE_COOKIE);
	assert_memory_equal(reply.receiver, message + 4, 4);
	assert_memory_equal(reply.nonce, nonce, sizeof(nonce));
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(agrees_with_the_vectors),
		TEST(mac1_covers_every_bit_before_it),
		TEST(mac1_is_for_one_public_key),
		TEST(without_a_cookie_mac2_is_zeros),
		TEST(mac2_covers_every_bit),
		TEST(mac2_is_looked_at_only_if_asked_for),
		TEST(a_cookie_is_for_one_address),
		TEST(an_ipv6_cookie_is_for_the_whole_address),
		TEST(the_secret_is_replaced_when_it_is_old),
		TEST(a_new_identity_has_a_new_secret),
		TEST(a_cookie_is_used_until_shortly_before_it_ends),
		TEST(a_reply_is_authentic_in_every_bit),
		TEST(a_reply_is_taken_once),
		TEST(a_reply_answers_the_latest_message_only),
		TEST(nothing_answers_who_sent_nothing),
		TEST(a_reply_names_the_sender),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

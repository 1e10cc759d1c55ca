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
#define MAC1_AT (LEN - 2 * WG_MAC_LEN)
#define MAC2_AT (LEN - WG_MAC_LEN)

static const u8 nonce[WG_COOKIE_NONCE_LEN] = {9};
static const struct wg_addr home = {.ip = {192, 0, 2, 1}, .port = {1, 2}, .family = 4};
/* What a message shows. */
enum shown { NOTHING, MAC1, BOTH };

static struct wg_cookie_checker checker;
static struct wg_cookie_jar jar;
static struct wg_message_cookie reply;
static u8 public_key[32], message[LEN];

static int setup(void **state)
{
	static const u8 private_key[32] = {3};

	(void)state;
	wg_curve25519_public(public_key, private_key);
	checker.master[0] = 5;
	wg_cookie_checker_init(&checker, public_key);
	memset(&jar, 0, sizeof(jar));
	for (int i = 0; i < LEN; i++)
		message[i] = (u8)i;
	wg_cookie_add_macs(&jar, public_key, message, LEN, T0);
	return 0;
}

static enum shown check(const struct wg_addr *from, u64 now)
{
	if (!wg_cookie_has_mac1(&checker, message, LEN))
		return NOTHING;
	return wg_cookie_has_mac2(&checker, message, LEN, from, now) ? BOTH : MAC1;
}

/* The jar gets a cookie for `home` and the message its mac2. */
static void get_cookie(u64 now)
{
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce, now);
	assert_true(wg_cookie_consume(&jar, public_key, &reply, now));
	wg_cookie_add_macs(&jar, public_key, message, LEN, now);
}

static void agrees_with_the_vectors(void **state)
{
	u8 private_key[32], random[32], fixed[24], expected[LEN], first[LEN], want[sizeof(reply)];
	struct wg_addr from = {.family = 4};
	u8 where[6], cookie[WG_COOKIE_LEN];

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
	memset(message + MAC1_AT, 0xff, LEN - MAC1_AT);
	wg_cookie_add_macs(&jar, public_key, message, LEN, T0);
	assert_memory_equal(message, first, LEN);
	wg_cookie_of(cookie, random, &from);
	wg_cookie_seal(&checker, &reply, message, LEN, cookie, fixed);
	assert_int_equal(handshake_hex(want, handshake_vectors[1].cookie_reply), sizeof(reply));
	assert_memory_equal(&reply, want, sizeof(reply));
	assert_true(wg_cookie_consume(&jar, public_key, &reply, T0));
	wg_cookie_add_macs(&jar, public_key, message, LEN, T0);
	handshake_hex(expected, handshake_vectors[1].initiation_with_cookie);
	assert_memory_equal(message, expected, LEN);
	/* The secret of the vectors is not ours, which is derived. */
	assert_int_equal(check(&from, T0), MAC1);
}

static void mac1_covers_every_bit_before_it(void **state)
{
	(void)state;
	assert_int_equal(check(&home, T0), MAC1);
	for (int bit = 0; bit < 8 * MAC2_AT; bit++) {
		message[bit / 8] ^= (u8)(1 << bit % 8);
		assert_int_equal(check(&home, T0), NOTHING);
		message[bit / 8] ^= (u8)(1 << bit % 8);
	}
	assert_int_equal(check(&home, T0), MAC1);
}

static void mac1_is_for_one_public_key(void **state)
{
	u8 other[32];

	(void)state;
	memcpy(other, public_key, 32);
	other[0] ^= 1;
	wg_cookie_add_macs(&jar, other, message, LEN, T0);
	assert_int_equal(check(&home, T0), NOTHING);
}

static void without_a_cookie_mac2_is_zeros(void **state)
{
	static const u8 zeros[WG_MAC_LEN];

	(void)state;
	assert_memory_equal(message + MAC2_AT, zeros, WG_MAC_LEN);
	get_cookie(T0);
	assert_memory_not_equal(message + MAC2_AT, zeros, WG_MAC_LEN);
}

static void mac2_covers_every_bit(void **state)
{
	(void)state;
	get_cookie(T0);
	assert_int_equal(check(&home, T0), BOTH);
	for (int bit = 0; bit < 8 * LEN; bit++) {
		message[bit / 8] ^= (u8)(1 << bit % 8);
		assert_int_equal(check(&home, T0), bit < 8 * MAC2_AT ? NOTHING : MAC1);
		message[bit / 8] ^= (u8)(1 << bit % 8);
	}
}

/* An attacker claims to have a cookie by writing anything. */
static void a_wrong_mac2_counts_as_none(void **state)
{
	static const u8 zeros[WG_MAC_LEN], anything[WG_MAC_LEN] = {1, 2, 3};

	(void)state;
	memcpy(message + MAC2_AT, anything, WG_MAC_LEN);
	assert_int_equal(check(&home, T0), MAC1);
	get_cookie(T0);
	memcpy(message + MAC2_AT, zeros, WG_MAC_LEN);
	assert_int_equal(check(&home, T0), MAC1);
}

static void a_cookie_is_for_one_address(void **state)
{
	struct wg_addr from = home;

	(void)state;
	get_cookie(T0);
	from.ip[3]++;
	assert_int_equal(check(&from, T0), MAC1);
	from = home;
	from.port[1]++;
	assert_int_equal(check(&from, T0), MAC1);
	from = home;
	from.family = 6;
	assert_int_equal(check(&from, T0), MAC1);
	from = home;
	from.ip[4] = 1; /* not part of an IPv4 address */
	assert_int_equal(check(&from, T0), BOTH);
}

static void an_ipv6_cookie_is_for_the_whole_address(void **state)
{
	struct wg_addr from = {.ip = {0x20, 1}, .port = {1, 2}, .family = 6};

	(void)state;
	wg_cookie_create(&checker, &reply, message, LEN, &from, nonce, T0);
	assert_true(wg_cookie_consume(&jar, public_key, &reply, T0));
	wg_cookie_add_macs(&jar, public_key, message, LEN, T0);
	assert_int_equal(check(&from, T0), BOTH);
	from.ip[15] = 1;
	assert_int_equal(check(&from, T0), MAC1);
}

/* T0 is 40 s into an interval of two minutes. A cookie ends with the interval after its own. */
static void the_secret_changes_every_two_minutes(void **state)
{
	const u64 begin = T0 - 40 * WG_SECOND, end = begin + 2 * WG_COOKIE_SECRET_TIME;
	struct wg_message_cookie first;

	(void)state;
	get_cookie(T0);
	assert_int_equal(check(&home, end - 1), BOTH);
	assert_int_equal(check(&home, end), MAC1);
	assert_int_equal(check(&home, begin), BOTH);
	/* It was not there before. */
	assert_int_equal(check(&home, begin - 1), MAC1);
	wg_cookie_create(&checker, &first, message, LEN, &home, nonce, T0);
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce,
			 begin + WG_COOKIE_SECRET_TIME - 1);
	assert_memory_equal(&reply, &first, sizeof(reply));
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce,
			 begin + WG_COOKIE_SECRET_TIME);
	assert_memory_not_equal(&reply, &first, sizeof(reply));
}

/* Whenever it was made, its owner may use it for as long as the protocol says. */
static void a_cookie_is_good_for_as_long_as_it_is_used(void **state)
{
	(void)state;
	for (u64 now = T0; now < T0 + 2 * WG_COOKIE_SECRET_TIME; now += 3 * WG_SECOND) {
		u64 last = now + WG_COOKIE_SECRET_TIME - WG_COOKIE_LATENCY - 1;

		wg_cookie_add_macs(&jar, public_key, message, LEN, now);
		get_cookie(now);
		wg_cookie_add_macs(&jar, public_key, message, LEN, last);
		assert_int_equal(check(&home, last), BOTH);
	}
}

static void a_clock_at_its_ends_has_an_interval(void **state)
{
	static const u64 times[] = {1, WG_COOKIE_SECRET_TIME - 1, WG_COOKIE_SECRET_TIME,
				    UINT64_MAX / 2, UINT64_MAX - 1};

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		wg_cookie_create(&checker, &reply, message, LEN, &home, nonce, times[i]);
		jar.sent_mac1 = true;
		assert_true(wg_cookie_consume(&jar, public_key, &reply, T0));
		wg_cookie_add_macs(&jar, public_key, message, LEN, T0);
		assert_int_equal(check(&home, times[i]), BOTH);
	}
}

static void a_new_identity_has_a_new_secret(void **state)
{
	static const u8 other_private[32] = {64};
	u8 other[32];

	(void)state;
	get_cookie(T0);
	wg_curve25519_public(other, other_private);
	wg_cookie_checker_init(&checker, other);
	wg_cookie_add_macs(&jar, other, message, LEN, T0);
	assert_int_equal(check(&home, T0), MAC1);
}

/* Without the host's secret nobody can make a cookie. */
static void another_master_has_other_cookies(void **state)
{
	(void)state;
	get_cookie(T0);
	checker.master[31] ^= 1;
	assert_int_equal(check(&home, T0), MAC1);
	checker.master[31] ^= 1;
}

static void a_cookie_is_used_until_shortly_before_it_ends(void **state)
{
	const u64 end = T0 + WG_COOKIE_SECRET_TIME - WG_COOKIE_LATENCY;

	(void)state;
	get_cookie(T0);
	wg_cookie_add_macs(&jar, public_key, message, LEN, end - 1);
	assert_int_equal(check(&home, end - 1), BOTH);
	wg_cookie_add_macs(&jar, public_key, message, LEN, end);
	assert_int_equal(check(&home, end), MAC1);
}

static void a_reply_is_authentic_in_every_bit(void **state)
{
	const struct wg_cookie_jar before = jar;
	u8 *bytes = (u8 *)&reply;

	(void)state;
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce, T0);
	/* Type and receiver are not part of it; handshake.c looks at them. */
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
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce, T0);
	assert_true(wg_cookie_consume(&jar, public_key, &reply, T0));
	assert_false(wg_cookie_consume(&jar, public_key, &reply, T0));
}

static void a_reply_answers_the_latest_message_only(void **state)
{
	(void)state;
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce, T0);
	message[20] ^= 1;
	wg_cookie_add_macs(&jar, public_key, message, LEN, T0);
	assert_false(wg_cookie_consume(&jar, public_key, &reply, T0));
}

static void nothing_answers_who_sent_nothing(void **state)
{
	(void)state;
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce, T0);
	jar.sent_mac1 = false;
	assert_false(wg_cookie_consume(&jar, public_key, &reply, T0));
}

static void a_reply_names_the_sender(void **state)
{
	(void)state;
	wg_cookie_create(&checker, &reply, message, LEN, &home, nonce, T0);
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
		TEST(a_wrong_mac2_counts_as_none),
		TEST(a_cookie_is_for_one_address),
		TEST(an_ipv6_cookie_is_for_the_whole_address),
		TEST(the_secret_changes_every_two_minutes),
		TEST(a_cookie_is_good_for_as_long_as_it_is_used),
		TEST(a_clock_at_its_ends_has_an_interval),
		TEST(another_master_has_other_cookies),
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

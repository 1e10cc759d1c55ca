// SPDX-License-Identifier: GPL-2.0
/* The handshake without macs: two identities, and what each knows of the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/core/noise.h"
#include "../../../src/core/tai64n.h"
#include "../../../src/crypto/curve25519.h"
#include "../../vectors/handshake.h"
#include "sides.h"

#define T0    (1000 * WG_SECOND)
#define UNIX0 HANDSHAKE_UNIX

enum { I, R };

static struct wg_identity id[2];
static struct wg_handshake h[2], saved;
static struct wg_message_initiation initiation;
static struct wg_message_response response;
static struct wg_noise_opened opened;
static u8 sends[2][32], receives[2][32];
static u8 secret[2][32], ephemeral[2][32];

static const u8 zeros[64];

/* Points on which everybody agrees on zeros. */
static const u8 low_order[][32] = {
	{0},
	{1},
	{0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
	 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
	 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
	{0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
	 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
	 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
	{0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
};
#define LOW_ORDERS (sizeof(low_order) / sizeof(*low_order))

static void know(struct wg_handshake *handshake, const u8 public_key[static 32])
{
	memset(handshake, 0, sizeof(*handshake));
	memcpy(handshake->remote_static, public_key, 32);
}

static int setup(void **state)
{
	(void)state;
	handshake_hex(secret[I], HANDSHAKE_STATIC_I);
	handshake_hex(secret[R], HANDSHAKE_STATIC_R);
	handshake_hex(ephemeral[I], HANDSHAKE_EPHEMERAL_I);
	handshake_hex(ephemeral[R], HANDSHAKE_EPHEMERAL_R);
	wg_identity_set(&id[I], secret[I]);
	wg_identity_set(&id[R], secret[R]);
	know(&h[I], id[R].public_key);
	know(&h[R], id[I].public_key);
	return 0;
}

static bool create(u64 unix_now)
{
	return wg_noise_create_initiation(&h[I], &id[I], &initiation, HANDSHAKE_INDEX_I,
					  ephemeral[I], unix_now, T0);
}

static bool consume(void)
{
	return wg_noise_open_initiation(&opened, &id[R], &initiation) &&
	       wg_noise_consume_initiation(&opened, &h[R], &id[R]);
}

static bool respond(void)
{
	return wg_noise_create_response(&opened, &h[R], &response, HANDSHAKE_INDEX_R, ephemeral[R],
					sends[R], receives[R]);
}

static bool finish(void)
{
	return wg_noise_consume_response(&h[I], &id[I], &response, sends[I], receives[I]);
}

static void assert_unchanged(int side)
{
	assert_memory_equal(&h[side], &saved, sizeof(saved));
}

static void assert_hex(const void *got, size_t len, const char *hex)
{
	u8 expected[WG_HANDSHAKE_MAX];

	assert_true(handshake_hex(expected, hex) >= len);
	assert_memory_equal(got, expected, len);
}

static void assert_keys(const struct handshake_vector *v)
{
	assert_hex(sends[I], 32, v->initiator_sends);
	assert_hex(receives[I], 32, v->responder_sends);
	assert_hex(sends[R], 32, v->responder_sends);
	assert_hex(receives[R], 32, v->initiator_sends);
}

static void agrees_with_the_vectors(void **state)
{
	for (int i = 0; i < 2; i++) {
		const struct handshake_vector *v = &handshake_vectors[i];

		setup(state);
		handshake_hex(h[I].preshared_key, v->psk);
		handshake_hex(h[R].preshared_key, v->psk);
		assert_true(create(UNIX0));
		assert_hex(&initiation, offsetof(struct wg_message_initiation, macs),
			   v->initiation);
		assert_memory_equal(&initiation.macs, zeros, sizeof(initiation.macs));
		assert_true(consume());
		assert_memory_equal(opened.remote_static, id[I].public_key, 32);
		assert_true(respond());
		assert_hex(&response, offsetof(struct wg_message_response, macs), v->response);
		assert_true(finish());
		assert_keys(v);
	}
}

static void each_handshake_has_keys_of_its_own(void **state)
{
	u8 before[2][32];

	(void)state;
	for (u8 i = 0; i < 2; i++) {
		memcpy(before[0], sends[I], 32);
		memcpy(before[1], receives[I], 32);
		ephemeral[I][5] ^= i;
		assert_true(create(UNIX0) && consume() && respond() && finish());
		assert_memory_equal(sends[I], receives[R], 32);
		assert_memory_equal(sends[R], receives[I], 32);
	}
	assert_memory_not_equal(sends[I], before[0], 32);
	assert_memory_not_equal(receives[I], before[1], 32);
}

static void an_identity_is_clamped_and_may_be_none(void **state)
{
	u8 expected[32];

	(void)state;
	memcpy(expected, secret[I], 32);
	wg_curve25519_clamp(expected);
	assert_memory_equal(id[I].private_key, expected, 32);
	wg_curve25519_public(expected, secret[I]);
	assert_memory_equal(id[I].public_key, expected, 32);
	assert_true(id[I].present);
	wg_identity_set(&id[I], zeros);
	assert_memory_equal(id[I].private_key, zeros, 32);
	assert_memory_equal(id[I].public_key, zeros, 32);
	assert_false(id[I].present);
}

static void static_static_is_computed_when_first_needed(void **state)
{
	u8 shared[32];

	(void)state;
	assert_false(h[I].static_static_known);
	wg_curve25519(shared, secret[I], id[R].public_key);
	assert_true(create(UNIX0));
	assert_true(consume());
	for (int side = I; side <= R; side++) {
		assert_true(h[side].static_static_known);
		assert_memory_equal(h[side].static_static, shared, 32);
	}
	/* It is taken from there: a wrong one would be used, too. */
	h[I].static_static[0] ^= 1;
	assert_true(create(UNIX0));
	assert_false(consume());
	h[I].static_static_known = false;
	assert_true(create(UNIX0));
	assert_true(consume());
}

static void a_forgery_leaves_static_static_known(void **state)
{
	(void)state;
	assert_true(create(UNIX0));
	initiation.encrypted_timestamp[0] ^= 1;
	saved = h[R];
	assert_false(consume());
	assert_true(h[R].static_static_known);
	saved.static_static_known = true;
	memcpy(saved.static_static, h[R].static_static, 32);
	assert_unchanged(R);
}

static void every_bit_of_an_initiation_is_authentic(void **state)
{
	u8 *bytes = (u8 *)&initiation;
	size_t from = offsetof(struct wg_message_initiation, ephemeral);

	(void)state;
	assert_true(create(UNIX0));
	wg_curve25519(h[R].static_static, secret[R], id[I].public_key);
	h[R].static_static_known = true;
	saved = h[R];
	for (size_t bit = 8 * from; bit < 8 * offsetof(struct wg_message_initiation, macs); bit++) {
		bytes[bit / 8] ^= (u8)(1 << bit % 8);
		assert_false(consume());
		assert_unchanged(R);
		bytes[bit / 8] ^= (u8)(1 << bit % 8);
	}
	assert_true(consume());
}

static void every_bit_of_a_response_is_authentic(void **state)
{
	u8 *bytes = (u8 *)&response;
	size_t from = offsetof(struct wg_message_response, ephemeral);

	(void)state;
	assert_true(create(UNIX0));
	assert_true(consume());
	assert_true(respond());
	saved = h[I];
	for (size_t bit = 8 * from; bit < 8 * offsetof(struct wg_message_response, macs); bit++) {
		bytes[bit / 8] ^= (u8)(1 << bit % 8);
		assert_false(finish());
		assert_unchanged(I);
		bytes[bit / 8] ^= (u8)(1 << bit % 8);
	}
	assert_true(finish());
}

static void each_initiation_has_a_later_timestamp(void **state)
{
	u8 before[WG_TIMESTAMP_LEN] = {0};

	(void)state;
	for (u64 i = 0; i < 50; i++) {
		assert_true(create(UNIX0 - i * 86400 * WG_SECOND) && consume());
		assert_true(memcmp(opened.timestamp, before, sizeof(before)) > 0);
		memcpy(before, opened.timestamp, sizeof(before));
	}
	/* The clock again. */
	assert_true(create(UNIX0 + 86400 * WG_SECOND) && consume());
	wg_tai64n_from(before, UNIX0 + 86400 * WG_SECOND);
	assert_memory_equal(opened.timestamp, before, sizeof(before));
}

static void both_need_the_same_preshared_key(void **state)
{
	(void)state;
	handshake_hex(h[R].preshared_key, handshake_vectors[1].psk);
	assert_true(create(UNIX0));
	assert_true(consume());
	assert_true(respond());
	saved = h[I];
	assert_false(finish());
	assert_unchanged(I);
}

static void an_initiation_is_from_one_remote_to_another(void **state)
{
	struct wg_handshake other;

	(void)state;
	know(&other, id[R].public_key);
	other.remote_static[0] ^= 1;
	assert_true(create(UNIX0));
	assert_true(wg_noise_open_initiation(&opened, &id[R], &initiation));
	assert_false(wg_noise_consume_initiation(&opened, &other, &id[R]));
	assert_false(wg_noise_open_initiation(&opened, &id[I], &initiation));
}

static void keys_of_low_order_are_refused(void **state)
{
	for (size_t i = 0; i < LOW_ORDERS; i++) {
		setup(state);
		memcpy(h[I].remote_static, low_order[i], 32);
		saved = h[I];
		assert_false(create(UNIX0));
		assert_unchanged(I);

		setup(state);
		assert_true(create(UNIX0));
		memcpy(initiation.ephemeral, low_order[i], 32);
		assert_false(consume());

		setup(state);
		assert_true(create(UNIX0) && consume());
		memcpy(h[R].remote_static, low_order[i], 32);
		assert_false(respond());
		setup(state);
		assert_true(create(UNIX0) && consume());
		memcpy(initiation.ephemeral, low_order[i], 32);
		assert_false(respond());

		setup(state);
		assert_true(create(UNIX0) && consume() && respond());
		memcpy(response.ephemeral, low_order[i], 32);
		saved = h[I];
		assert_false(finish());
		assert_unchanged(I);
	}
}

/* What anybody can make of a remote that we are told to have. */
static void nobody_passes_for_a_remote_of_low_order(void **state)
{
	for (size_t i = 0; i < LOW_ORDERS; i++) {
		setup(state);
		memcpy(id[I].public_key, low_order[i], 32);
		h[I].static_static_known = true;
		assert_true(create(UNIX0));
		know(&h[R], low_order[i]);
		saved = h[R];
		assert_false(consume());
		assert_memory_equal(opened.remote_static, low_order[i], 32);
		assert_unchanged(R);
		/* It is this that is refused, and nothing else. */
		h[R].static_static_known = true;
		assert_true(consume());
	}
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(agrees_with_the_vectors),
		TEST(each_handshake_has_keys_of_its_own),
		TEST(an_identity_is_clamped_and_may_be_none),
		TEST(static_static_is_computed_when_first_needed),
		TEST(a_forgery_leaves_static_static_known),
		TEST(every_bit_of_an_initiation_is_authentic),
		TEST(every_bit_of_a_response_is_authentic),
		TEST(each_initiation_has_a_later_timestamp),
		TEST(both_need_the_same_preshared_key),
		TEST(an_initiation_is_from_one_remote_to_another),
		TEST(keys_of_low_order_are_refused),
		TEST(nobody_passes_for_a_remote_of_low_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

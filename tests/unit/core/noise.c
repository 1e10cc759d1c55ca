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

static int setup(void **state)
{
	(void)state;
	handshake_hex(secret[I], HANDSHAKE_STATIC_I);
	handshake_hex(secret[R], HANDSHAKE_STATIC_R);
	handshake_hex(ephemeral[I], HANDSHAKE_EPHEMERAL_I);
	handshake_hex(ephemeral[R], HANDSHAKE_EPHEMERAL_R);
	wg_identity_set(&id[I], secret[I]);
	wg_identity_set(&id[R], secret[R]);
	wg_handshake_init(&h[I], id[R].public_key);
	wg_handshake_init(&h[R], id[I].public_key);
	return 0;
}

static enum wg_noise_result create(u64 unix_now)
{
	return wg_noise_create_initiation(&h[I], &id[I], &initiation, HANDSHAKE_INDEX_I,
					  ephemeral[I], unix_now);
}

static enum wg_noise_result consume(u64 now)
{
	enum wg_noise_result result = wg_noise_open_initiation(&opened, &id[R], &initiation);

	return result ? result
		      : wg_noise_consume_initiation(&h[R], &id[R], &opened, &initiation, now);
}

static enum wg_noise_result respond(void)
{
	return wg_noise_create_response(&h[R], &response, HANDSHAKE_INDEX_R, ephemeral[R]);
}

static enum wg_noise_result finish(void)
{
	return wg_noise_consume_response(&h[I], &id[I], &response);
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
	u8 send[32], receive[32];
	bool initiator;

	assert_int_equal(wg_noise_derive(&h[I], send, receive, &initiator), WG_NOISE_OK);
	assert_true(initiator);
	assert_hex(send, 32, v->initiator_sends);
	assert_hex(receive, 32, v->responder_sends);
	assert_int_equal(wg_noise_derive(&h[R], send, receive, &initiator), WG_NOISE_OK);
	assert_false(initiator);
	assert_hex(send, 32, v->responder_sends);
	assert_hex(receive, 32, v->initiator_sends);
}

static void agrees_with_the_vectors(void **state)
{
	for (int i = 0; i < 2; i++) {
		const struct handshake_vector *v = &handshake_vectors[i];

		setup(state);
		handshake_hex(h[I].preshared_key, v->psk);
		handshake_hex(h[R].preshared_key, v->psk);
		assert_int_equal(create(UNIX0), WG_NOISE_OK);
		assert_hex(&initiation, offsetof(struct wg_message_initiation, macs),
			   v->initiation);
		assert_memory_equal(&initiation.macs, zeros, sizeof(initiation.macs));
		assert_int_equal(consume(T0), WG_NOISE_OK);
		assert_memory_equal(opened.remote_static, id[I].public_key, 32);
		assert_int_equal(respond(), WG_NOISE_OK);
		assert_hex(&response, offsetof(struct wg_message_response, macs), v->response);
		assert_int_equal(finish(), WG_NOISE_OK);
		assert_int_equal(h[I].remote_index, HANDSHAKE_INDEX_R);
		assert_int_equal(h[R].remote_index, HANDSHAKE_INDEX_I);
		assert_keys(v);
	}
}

static void each_handshake_has_keys_of_its_own(void **state)
{
	u8 send[2][32], receive[2][32];
	bool initiator;

	(void)state;
	for (u64 i = 0; i < 2; i++) {
		ephemeral[I][5] ^= (u8)i;
		assert_int_equal(create(UNIX0), WG_NOISE_OK);
		assert_int_equal(consume(T0 + i * WG_SECOND), WG_NOISE_OK);
		assert_int_equal(respond(), WG_NOISE_OK);
		assert_int_equal(finish(), WG_NOISE_OK);
		wg_noise_derive(&h[R], send[i], receive[i], &initiator);
	}
	assert_memory_not_equal(send[0], send[1], 32);
	assert_memory_not_equal(receive[0], receive[1], 32);
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

static void without_an_identity_nothing_goes(void **state)
{
	(void)state;
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	assert_int_equal(consume(T0), WG_NOISE_OK);
	assert_int_equal(respond(), WG_NOISE_OK);
	wg_identity_wipe(&id[I]);
	wg_identity_wipe(&id[R]);
	saved = h[I];
	assert_int_equal(create(UNIX0), WG_NOISE_NO_IDENTITY);
	assert_int_equal(finish(), WG_NOISE_NO_IDENTITY);
	assert_unchanged(I);
	saved = h[R];
	assert_int_equal(wg_noise_consume_initiation(&h[R], &id[R], &opened, &initiation, T0),
			 WG_NOISE_NO_IDENTITY);
	assert_int_equal(consume(T0), WG_NOISE_NO_IDENTITY);
	assert_unchanged(R);
}

static void static_static_is_computed_when_first_needed(void **state)
{
	u8 shared[32];

	(void)state;
	assert_false(h[I].static_static_known);
	wg_curve25519(shared, secret[I], id[R].public_key);
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	assert_int_equal(consume(T0), WG_NOISE_OK);
	for (int side = I; side <= R; side++) {
		assert_true(h[side].static_static_known);
		assert_memory_equal(h[side].static_static, shared, 32);
	}
	/* It is taken from there: a wrong one would be used, too. */
	h[I].static_static[0] ^= 1;
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	assert_int_equal(consume(T0 + WG_SECOND), WG_NOISE_BAD_CRYPTO);
	wg_handshake_reset(&h[I]);
	assert_false(h[I].static_static_known);
	assert_memory_equal(h[I].static_static, zeros, 32);
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	assert_int_equal(consume(T0 + WG_SECOND), WG_NOISE_OK);
}

static void a_forgery_leaves_static_static_known(void **state)
{
	(void)state;
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	initiation.encrypted_timestamp[0] ^= 1;
	saved = h[R];
	assert_int_equal(consume(T0), WG_NOISE_BAD_CRYPTO);
	assert_true(h[R].static_static_known);
	saved.static_static_known = true;
	memcpy(saved.static_static, h[R].static_static, 32);
	assert_unchanged(R);
}

static void clearing_forgets_secrets_only(void **state)
{
	(void)state;
	handshake_hex(h[I].preshared_key, handshake_vectors[1].psk);
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	saved = h[I];
	wg_handshake_clear(&h[I]);
	assert_int_equal(h[I].state, WG_HANDSHAKE_ZEROED);
	assert_false(h[I].has_index);
	assert_memory_equal(h[I].ephemeral_private, zeros, 32);
	assert_memory_equal(h[I].remote_ephemeral, zeros, 32);
	assert_memory_equal(h[I].hash, zeros, 32);
	assert_memory_equal(h[I].chaining_key, zeros, 32);
	assert_memory_equal(h[I].remote_static, id[R].public_key, 32);
	assert_memory_equal(h[I].preshared_key, saved.preshared_key, 32);
	assert_memory_equal(h[I].static_static, saved.static_static, 32);
	assert_memory_equal(h[I].sent_timestamp, saved.sent_timestamp, WG_TIMESTAMP_LEN);
}

static void every_bit_of_an_initiation_is_authentic(void **state)
{
	u8 *bytes = (u8 *)&initiation;
	size_t from = offsetof(struct wg_message_initiation, ephemeral);

	(void)state;
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	wg_curve25519(h[R].static_static, secret[R], id[I].public_key);
	h[R].static_static_known = true;
	saved = h[R];
	for (size_t bit = 8 * from; bit < 8 * offsetof(struct wg_message_initiation, macs); bit++) {
		bytes[bit / 8] ^= (u8)(1 << bit % 8);
		assert_int_equal(consume(T0), WG_NOISE_BAD_CRYPTO);
		assert_unchanged(R);
		bytes[bit / 8] ^= (u8)(1 << bit % 8);
	}
	assert_int_equal(consume(T0), WG_NOISE_OK);
}

static void every_bit_of_a_response_is_authentic(void **state)
{
	u8 *bytes = (u8 *)&response;
	size_t from = offsetof(struct wg_message_response, ephemeral);

	(void)state;
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	assert_int_equal(consume(T0), WG_NOISE_OK);
	assert_int_equal(respond(), WG_NOISE_OK);
	saved = h[I];
	for (size_t bit = 8 * from; bit < 8 * offsetof(struct wg_message_response, macs); bit++) {
		bytes[bit / 8] ^= (u8)(1 << bit % 8);
		assert_int_equal(finish(), WG_NOISE_BAD_CRYPTO);
		assert_unchanged(I);
		bytes[bit / 8] ^= (u8)(1 << bit % 8);
	}
	assert_int_equal(finish(), WG_NOISE_OK);
}

static void an_initiation_counts_once(void **state)
{
	struct wg_message_initiation first;

	(void)state;
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	first = initiation;
	assert_int_equal(consume(T0), WG_NOISE_OK);
	saved = h[R];
	assert_int_equal(consume(T0 + WG_SECOND), WG_NOISE_REPLAY);
	assert_unchanged(R);
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	assert_int_equal(consume(T0 + WG_SECOND), WG_NOISE_OK);
	initiation = first;
	saved = h[R];
	assert_int_equal(consume(T0 + 2 * WG_SECOND), WG_NOISE_REPLAY);
	assert_unchanged(R);
}

static void initiations_may_not_come_too_fast(void **state)
{
	(void)state;
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	assert_int_equal(consume(T0), WG_NOISE_OK);
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	saved = h[R];
	assert_int_equal(consume(T0 + WG_INITIATION_INTERVAL - 1), WG_NOISE_TOO_SOON);
	assert_unchanged(R);
	assert_int_equal(consume(T0 + WG_INITIATION_INTERVAL), WG_NOISE_OK);
}

static void a_clock_set_back_does_not_lock_us_out(void **state)
{
	(void)state;
	for (u64 i = 0; i < 50; i++) {
		assert_int_equal(create(UNIX0 - i * 86400 * WG_SECOND), WG_NOISE_OK);
		assert_int_equal(consume(T0 + i * WG_SECOND), WG_NOISE_OK);
	}
}

static void both_need_the_same_preshared_key(void **state)
{
	(void)state;
	handshake_hex(h[R].preshared_key, handshake_vectors[1].psk);
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	assert_int_equal(consume(T0), WG_NOISE_OK);
	assert_int_equal(respond(), WG_NOISE_OK);
	saved = h[I];
	assert_int_equal(finish(), WG_NOISE_BAD_CRYPTO);
	assert_unchanged(I);
}

static void an_initiation_is_from_one_remote_to_another(void **state)
{
	struct wg_handshake other;

	(void)state;
	wg_handshake_init(&other, id[R].public_key);
	other.remote_static[0] ^= 1;
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	assert_int_equal(wg_noise_open_initiation(&opened, &id[R], &initiation), WG_NOISE_OK);
	assert_int_equal(wg_noise_consume_initiation(&other, &id[R], &opened, &initiation, T0),
			 WG_NOISE_BAD_CRYPTO);
	assert_int_equal(wg_noise_open_initiation(&opened, &id[I], &initiation),
			 WG_NOISE_BAD_CRYPTO);
}

static void keys_of_low_order_are_refused(void **state)
{
	for (size_t i = 0; i < LOW_ORDERS; i++) {
		setup(state);
		memcpy(h[I].remote_static, low_order[i], 32);
		saved = h[I];
		assert_int_equal(create(UNIX0), WG_NOISE_LOW_ORDER);
		assert_unchanged(I);

		setup(state);
		assert_int_equal(create(UNIX0), WG_NOISE_OK);
		memcpy(initiation.ephemeral, low_order[i], 32);
		assert_int_equal(consume(T0), WG_NOISE_LOW_ORDER);

		setup(state);
		assert_int_equal(create(UNIX0), WG_NOISE_OK);
		assert_int_equal(consume(T0), WG_NOISE_OK);
		saved = h[R];
		memcpy(saved.remote_static, low_order[i], 32);
		h[R] = saved;
		assert_int_equal(respond(), WG_NOISE_LOW_ORDER);
		assert_unchanged(R);
		memcpy(saved.remote_ephemeral, low_order[i], 32);
		h[R] = saved;
		assert_int_equal(respond(), WG_NOISE_LOW_ORDER);
		assert_unchanged(R);
		/* As a remote that we are told to have. */
		wg_handshake_init(&h[R], low_order[i]);
		saved = h[R];
		assert_int_equal(consume(T0), WG_NOISE_LOW_ORDER);
		assert_unchanged(R);

		setup(state);
		assert_int_equal(create(UNIX0), WG_NOISE_OK);
		assert_int_equal(consume(T0), WG_NOISE_OK);
		assert_int_equal(respond(), WG_NOISE_OK);
		memcpy(response.ephemeral, low_order[i], 32);
		saved = h[I];
		assert_int_equal(finish(), WG_NOISE_LOW_ORDER);
		assert_unchanged(I);
	}
}

static void the_order_of_the_verbs_is_kept(void **state)
{
	u8 send[32], receive[32];
	bool initiator;

	for (int at = WG_HANDSHAKE_ZEROED; at <= WG_HANDSHAKE_CONSUMED_RESPONSE; at++) {
		setup(state);
		h[I].state = h[R].state = (enum wg_handshake_state)at;
		saved = h[I];
		if (at != WG_HANDSHAKE_CREATED_INITIATION)
			assert_int_equal(finish(), WG_NOISE_WRONG_STATE);
		if (at != WG_HANDSHAKE_CREATED_RESPONSE && at != WG_HANDSHAKE_CONSUMED_RESPONSE)
			assert_int_equal(wg_noise_derive(&h[I], send, receive, &initiator),
					 WG_NOISE_WRONG_STATE);
		assert_unchanged(I);
		saved = h[R];
		if (at != WG_HANDSHAKE_CONSUMED_INITIATION)
			assert_int_equal(respond(), WG_NOISE_WRONG_STATE);
		assert_unchanged(R);
	}
}

static void deriving_clears_the_handshake(void **state)
{
	u8 send[32], receive[32];
	bool initiator;

	(void)state;
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	assert_true(h[I].has_index);
	assert_int_equal(consume(T0), WG_NOISE_OK);
	assert_int_equal(respond(), WG_NOISE_OK);
	assert_int_equal(finish(), WG_NOISE_OK);
	for (int side = I; side <= R; side++) {
		wg_noise_derive(&h[side], send, receive, &initiator);
		assert_int_equal(h[side].state, WG_HANDSHAKE_ZEROED);
		assert_false(h[side].has_index);
		assert_memory_equal(h[side].ephemeral_private, zeros, 32);
		assert_memory_equal(h[side].chaining_key, zeros, 32);
		assert_memory_equal(h[side].hash, zeros, 32);
	}
}

static void nobody_shakes_hands_with_himself(void **state)
{
	(void)state;
	memcpy(h[I].remote_static, id[I].public_key, 32);
	saved = h[I];
	assert_int_equal(create(UNIX0), WG_NOISE_SELF);
	assert_unchanged(I);
	setup(state);
	assert_int_equal(create(UNIX0), WG_NOISE_OK);
	side_claim(&initiation, &id[R], id[I].public_key);
	assert_int_equal(wg_noise_open_initiation(&opened, &id[R], &initiation), WG_NOISE_OK);
	side_claim(&initiation, &id[R], id[R].public_key);
	assert_int_equal(wg_noise_open_initiation(&opened, &id[R], &initiation), WG_NOISE_SELF);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(agrees_with_the_vectors),
		TEST(each_handshake_has_keys_of_its_own),
		TEST(an_identity_is_clamped_and_may_be_none),
		TEST(without_an_identity_nothing_goes),
		TEST(static_static_is_computed_when_first_needed),
		TEST(a_forgery_leaves_static_static_known),
		TEST(clearing_forgets_secrets_only),
		TEST(every_bit_of_an_initiation_is_authentic),
		TEST(every_bit_of_a_response_is_authentic),
		TEST(an_initiation_counts_once),
		TEST(initiations_may_not_come_too_fast),
		TEST(a_clock_set_back_does_not_lock_us_out),
		TEST(both_need_the_same_preshared_key),
		TEST(an_initiation_is_from_one_remote_to_another),
		TEST(keys_of_low_order_are_refused),
		TEST(the_order_of_the_verbs_is_kept),
		TEST(deriving_clears_the_handshake),
		TEST(nobody_shakes_hands_with_himself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Handshake messages, whole, between two devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/crypto/curve25519.h"
#include "pair.h"

static struct side saved;

static void save(int at)
{
	saved = side[at];
}

static void assert_unchanged(int at)
{
	assert_memory_equal(&side[at], &saved, sizeof(saved));
}

/* The macs for this recipient, made right. */
static void add_macs(int to, struct datagram *d)
{
	struct wg_cookie_jar jar = {0};

	wg_cookie_add_macs(&jar, side[to].local.identity.public_key, d->bytes, d->len, now);
}

static void agrees_with_the_vectors(void **state)
{
	for (int i = 0; i < 2; i++) {
		const struct handshake_vector *v = &handshake_vectors[i];
		struct wg_message_initiation m;
		struct wg_entropy e = {0};
		u8 expected[WG_HANDSHAKE_MAX];

		setup(state);
		handshake_hex(remote[I]->handshake.preshared_key, v->psk);
		handshake_hex(remote[R]->handshake.preshared_key, v->psk);
		handshake_hex(e.ephemeral, HANDSHAKE_EPHEMERAL_I);
		wg_handshake_initiate(&side[I].local, remote[I], &m, &e, UNIX0, now);
		assert_int_equal(handshake_hex(expected, v->initiation), sizeof(m));
		assert_memory_equal(&m, expected, sizeof(m));
		handshake_hex(e.ephemeral, HANDSHAKE_EPHEMERAL_R);
		assert_int_equal(side_receive(&side[R], &in, (u8 *)&m, sizeof(m), &side[I].address,
					      false, &e, now),
				 WG_HANDSHAKE_RESPONDED);
		assert_int_equal(handshake_hex(expected, v->response), in.reply_len);
		assert_memory_equal(in.reply, expected, in.reply_len);
		handshake_hex(expected, v->responder_sends);
		assert_memory_equal(in.keypair->send_key, expected, 32);
		handshake_hex(expected, v->initiator_sends);
		assert_memory_equal(in.keypair->receive_key, expected, 32);
		apply(R);
		assert_true(side_end(&side[I]) && side_end(&side[R]));
	}
}

static void two_messages_make_a_session(void **state)
{
	struct datagram initiation, response;
	struct wg_keypair *k;

	(void)state;
	assert_true(initiate(I, &initiation));
	assert_int_equal(initiation.len, WG_INITIATION_LEN);
	assert_int_equal(receive(R, &initiation), WG_HANDSHAKE_RESPONDED);
	assert_int_equal(in.reply_len, WG_RESPONSE_LEN);
	take_reply(&response);
	k = in.keypair;
	assert_int_equal(remote[R]->rx_bytes, 0);
	assert_int_equal(apply(R), 0);
	assert_int_equal(remote[R]->rx_bytes, WG_INITIATION_LEN);
	assert_null(in.keypair);
	assert_ptr_equal(in.remote, remote[R]);
	assert_ptr_equal(remote[R]->keys.next, k);
	assert_null(remote[R]->keys.active);
	assert_false(k->initiator);
	assert_int_equal(k->created_at, now);

	assert_int_equal(receive(I, &response), WG_HANDSHAKE_COMPLETED);
	assert_int_equal(in.reply_len, 0);
	k = in.keypair;
	assert_int_equal(apply(I), WG_ACT_FLUSH | WG_ACT_CONFIRM | WG_ACT_HANDSHAKE_DONE);
	assert_int_equal(remote[I]->rx_bytes, WG_RESPONSE_LEN);
	assert_ptr_equal(remote[I]->keys.active, k);
	assert_true(k->initiator);
	assert_int_equal(side_indices(&side[I]), 1);
	assert_int_equal(side_indices(&side[R]), 1);
	assert_int_equal(say(I), WG_ACT_FLUSH | WG_ACT_HANDSHAKE_DONE);
	assert_int_equal(say(R), 0);
}

static void timers_learn_of_it(void **state)
{
	(void)state;
	wg_timers_initiated(&remote[I]->timers, 0, now - WG_SECOND);
	assert_true(remote[I]->timers.retransmit != WG_NEVER);
	assert_true(remote[I]->timers.zero_keys < now + 3 * WG_REJECT_AFTER_TIME);
	shake_hands(I);
	assert_true(remote[I]->timers.retransmit == WG_NEVER);
	for (int i = I; i <= R; i++)
		assert_int_equal(remote[i]->timers.zero_keys, now + 3 * WG_REJECT_AFTER_TIME);
	/* A response is an answer to data, too: no keepalive is due after it. */
	for (int i = I; i <= R; i++)
		remote[i]->timers.keepalive = now + WG_KEEPALIVE_TIMEOUT;
	now += WG_SECOND;
	shake_hands(I);
	assert_true(remote[R]->timers.keepalive == WG_NEVER);
	assert_true(remote[I]->timers.keepalive != WG_NEVER);
	/* What went out and came in counts for persistent keepalives. */
	for (int i = I; i <= R; i++)
		remote[i]->timers.persistent_interval = 25;
	now += WG_SECOND;
	shake_hands(I);
	for (int i = I; i <= R; i++)
		assert_int_equal(remote[i]->timers.persistent, now + 25 * WG_SECOND);
}

static void every_bit_of_a_message_is_needed(void **state)
{
	struct datagram d[2];

	(void)state;
	assert_true(initiate(I, &d[0]));
	for (int i = 0; i < 2; i++) {
		int at = i ? I : R;
		size_t covered = d[i].len - WG_MAC_LEN;

		save(at);
		for (size_t bit = 0; bit < 8 * covered; bit++) {
			enum wg_handshake_result expected = WG_HANDSHAKE_BAD_MAC;

			if (bit < 32)
				expected = WG_HANDSHAKE_MALFORMED;
			else if (i && bit >= 64 && bit < 96) /* the index that it answers */
				expected = WG_HANDSHAKE_UNKNOWN;
			d[i].bytes[bit / 8] ^= (u8)(1 << bit % 8);
			assert_nothing_came(receive(at, &d[i]), expected);
			assert_unchanged(at);
			d[i].bytes[bit / 8] ^= (u8)(1 << bit % 8);
		}
		accept_message(at, &d[i], &d[1]);
	}
}

static void right_macs_do_not_help_a_forgery(void **state)
{
	struct datagram d[2];

	(void)state;
	/* From the first try on static-static is known. */
	wg_curve25519(remote[R]->handshake.static_static, side[R].local.identity.private_key,
		      remote[R]->handshake.remote_static);
	remote[R]->handshake.static_static_known = true;
	assert_true(initiate(I, &d[0]));
	for (int i = 0; i < 2; i++) {
		int at = i ? I : R;
		size_t from = i ? 12 : 8; /* what is before is not part of Noise */

		save(at);
		for (size_t bit = 8 * from; bit < 8 * (d[i].len - 32); bit++) {
			struct datagram forged = d[i];

			forged.bytes[bit / 8] ^= (u8)(1 << bit % 8);
			add_macs(at, &forged);
			assert_nothing_came(receive(at, &forged), WG_HANDSHAKE_FORGED);
			assert_unchanged(at);
		}
		accept_message(at, &d[i], &d[1]);
	}
}

static void forgeries_cost_the_secret_of_two_static_keys_once(void **state)
{
	struct datagram d;

	(void)state;
	initiate(I, &d);
	d.bytes[WG_INITIATION_LEN - 33] ^= 1; /* in the timestamp's tag */
	add_macs(R, &d);
	assert_false(remote[R]->handshake.static_static_known);
	assert_nothing_came(receive(R, &d), WG_HANDSHAKE_FORGED);
	assert_true(remote[R]->handshake.static_static_known);
}

static void lengths_and_types_are_exact(void **state)
{
	static const size_t right[] = {0, WG_INITIATION_LEN, WG_RESPONSE_LEN,
				       WG_COOKIE_MESSAGE_LEN};
	u8 buf[256] = {0};
	struct wg_entropy e = entropy();

	(void)state;
	for (u32 type = 0; type < 6; type++) {
		wg_store_le32(buf, type);
		for (size_t len = 0; len < sizeof(buf); len++) {
			enum wg_handshake_result result;

			result = side_receive(&side[R], &in, buf, len, &side[I].address, false, &e,
					      now);
			if (type < 4 && len && len == right[type])
				assert_true(result == WG_HANDSHAKE_BAD_MAC ||
					    result == WG_HANDSHAKE_UNKNOWN);
			else
				assert_nothing_came(result, WG_HANDSHAKE_MALFORMED);
		}
	}
}

static void replays_are_refused(void **state)
{
	struct datagram initiation, response, newer;

	(void)state;
	initiate(I, &initiation);
	accept_message(R, &initiation, &response);
	save(R);
	assert_nothing_came(receive(R, &initiation), WG_HANDSHAKE_REPLAYED);
	now += WG_SECOND;
	assert_nothing_came(receive(R, &initiation), WG_HANDSHAKE_REPLAYED);
	assert_unchanged(R);
	accept_message(I, &response, &newer);
	save(I);
	/* The index is that of a session now. */
	assert_nothing_came(receive(I, &response), WG_HANDSHAKE_UNKNOWN);
	assert_unchanged(I);
	initiate(I, &newer);
	save(I);
	assert_nothing_came(receive(I, &response), WG_HANDSHAKE_UNKNOWN);
	assert_unchanged(I);
}

static void initiations_may_not_come_too_fast(void **state)
{
	struct datagram first, second, response;

	(void)state;
	initiate(I, &first);
	accept_message(R, &first, &response);
	now += WG_INITIATION_INTERVAL - 1;
	initiate(I, &second);
	save(R);
	assert_nothing_came(receive(R, &second), WG_HANDSHAKE_TOO_SOON);
	assert_unchanged(R);
	now++;
	accept_message(R, &second, &response);
}

static void strangers_are_not_known(void **state)
{
	struct datagram d;

	(void)state;
	initiate(I, &d);
	remote[R]->handshake.remote_static[0] ^= 1;
	save(R);
	assert_nothing_came(receive(R, &d), WG_HANDSHAKE_UNKNOWN);
	assert_unchanged(R);
}

static void a_response_needs_an_initiation(void **state)
{
	struct datagram initiation, response, other;

	(void)state;
	initiate(I, &initiation);
	accept_message(R, &initiation, &response);
	initiate(I, &other); /* it replaces the first, whose index is gone */
	assert_nothing_came(receive(I, &response), WG_HANDSHAKE_UNKNOWN);
	/* Somebody who guesses the index still knows nothing. */
	memcpy(response.bytes + 8, other.bytes + 4, 4);
	add_macs(I, &response);
	assert_nothing_came(receive(I, &response), WG_HANDSHAKE_FORGED);
	wg_handshake_forget(&side[I].local, remote[I], false);
	assert_nothing_came(receive(I, &response), WG_HANDSHAKE_UNKNOWN);
}

static void without_an_identity_nothing_goes(void **state)
{
	static const u8 none[32];
	struct datagram d;

	(void)state;
	initiate(I, &d);
	for (int i = I; i <= R; i++)
		wg_local_set_private(&side[i].local, none);
	save(R);
	assert_nothing_came(receive(R, &d), WG_HANDSHAKE_NO_IDENTITY);
	assert_unchanged(R);
	assert_false(initiate(I, &d));
	assert_int_equal(side_indices(&side[I]), 1); /* of the first initiation */
}

static void we_are_no_peer_of_ours(void **state)
{
	struct datagram d;
	struct wg_message_initiation m;

	(void)state;
	memcpy(remote[R]->handshake.remote_static, side[R].local.identity.public_key, 32);
	assert_false(initiate(R, &d));
	assert_int_equal(side_indices(&side[R]), 0);
	initiate(I, &d);
	memcpy(&m, d.bytes, sizeof(m));
	side_claim(&m, &side[R].local.identity, side[R].local.identity.public_key);
	memcpy(d.bytes, &m, sizeof(m));
	add_macs(R, &d);
	save(R);
	assert_nothing_came(receive(R, &d), WG_HANDSHAKE_UNKNOWN);
	assert_unchanged(R);
}

static void a_low_order_key_gets_no_answer(void **state)
{
	static const u8 low_order[32] = {1};
	struct wg_handshake *h = &remote[R]->handshake;
	struct datagram d;
	struct wg_message_initiation m;

	(void)state;
	initiate(I, &d);
	memcpy(&m, d.bytes, sizeof(m));
	side_claim(&m, &side[R].local.identity, low_order);
	memcpy(d.bytes, &m, sizeof(m));
	add_macs(R, &d);
	memcpy(h->remote_static, low_order, 32);
	save(R);
	assert_nothing_came(receive(R, &d), WG_HANDSHAKE_FORGED);
	assert_unchanged(R);
	memcpy(remote[I]->handshake.remote_static, low_order, 32);
	remote[I]->handshake.static_static_known = false;
	assert_false(initiate(I, &d));
	/* The first one goes on waiting. */
	assert_int_equal(side_indices(&side[I]), 1);
}

static struct wg_remote *only_remote(void *ctx, const u8 public_key[static 32])
{
	(void)public_key;
	return side_hold(ctx, remote[R]);
}

/* What never happens: the key passes for a good one until the response. */
static void a_response_that_cannot_be_made_leaves_nothing(void **state)
{
	struct wg_handshake *h = &remote[R]->handshake;
	struct datagram d;

	(void)state;
	initiate(I, &d);
	wg_curve25519(h->static_static, side[R].local.identity.private_key, h->remote_static);
	h->static_static_known = true;
	side[R].host.remote_by_key = only_remote;
	memset(h->remote_static, 0, 32);
	save(R);
	assert_nothing_came(receive(R, &d), WG_HANDSHAKE_FORGED);
	saved.next_index++;
	assert_unchanged(R);
}

static void memory_failure_changes_nothing(void **state)
{
	struct datagram initiation, response, none;

	(void)state;
	side[I].no_index = true;
	save(I);
	assert_false(initiate(I, &initiation));
	assert_unchanged(I);
	side[I].no_index = false;
	initiate(I, &initiation);

	/* It makes static-static known. */
	side[R].no_index = true;
	assert_nothing_came(receive(R, &initiation), WG_HANDSHAKE_NO_MEMORY);
	save(R);
	assert_nothing_came(receive(R, &initiation), WG_HANDSHAKE_NO_MEMORY);
	assert_unchanged(R);
	side[R].no_index = false;
	side[R].no_keypair = true;
	assert_nothing_came(receive(R, &initiation), WG_HANDSHAKE_NO_MEMORY);
	assert_int_equal(side_indices(&side[R]), 0);
	side[R].no_keypair = false;
	accept_message(R, &initiation, &response);

	side[I].no_keypair = true;
	save(I);
	assert_nothing_came(receive(I, &response), WG_HANDSHAKE_NO_MEMORY);
	assert_unchanged(I);
	side[I].no_keypair = false;
	accept_message(I, &response, &none);
	say(I);
}

static void an_old_index_goes_with_a_new_initiation(void **state)
{
	struct datagram d;

	(void)state;
	for (u32 i = 0; i < 5; i++) {
		assert_true(initiate(I, &d));
		assert_int_equal(side_indices(&side[I]), 1);
		assert_int_equal(wg_load_le32(d.bytes + 4), HANDSHAKE_INDEX_I + i);
		assert_non_null(side_index(&side[I], HANDSHAKE_INDEX_I + i));
	}
	side[I].no_index = true;
	assert_false(initiate(I, &d));
	assert_int_equal(side_indices(&side[I]), 1);
}

static void indices_of_many_sessions_balance(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		int from = i % 3 ? I : R;

		shake_hands(from);
		if (i % 4)
			say(from);
		now += WG_REKEY_TIMEOUT;
		assert_in_range(side_indices(&side[I]), 1, 3);
		assert_in_range(side_indices(&side[R]), 1, 3);
		assert_int_equal(side_indices(&side[I]), side[I].keypairs);
		assert_int_equal(side_indices(&side[R]), side[R].keypairs);
	}
}

static void assert_nothing_waits(int at)
{
	static const struct wg_pending none;

	assert_memory_equal(&remote[at]->handshake.pending, &none, sizeof(none));
}

static void forgetting_gives_the_index_back(void **state)
{
	static const u8 zeros[32];
	struct datagram d;

	(void)state;
	initiate(I, &d);
	wg_handshake_forget(&side[I].local, remote[I], false);
	assert_int_equal(side_indices(&side[I]), 0);
	assert_nothing_waits(I);
	assert_true(remote[I]->handshake.static_static_known);
	wg_handshake_forget(&side[I].local, remote[I], false);
	initiate(I, &d);
	wg_handshake_forget(&side[I].local, remote[I], true);
	assert_int_equal(side_indices(&side[I]), 0);
	assert_false(remote[I]->handshake.static_static_known);
	assert_memory_equal(remote[I]->handshake.static_static, zeros, 32);
}

static void a_complete_handshake_is_forgotten(void **state)
{
	(void)state;
	shake_hands(I);
	assert_nothing_waits(I);
	assert_nothing_waits(R);
}

static void a_changed_identity_is_used_at_once(void **state)
{
	static const u8 fresh[32] = {77};

	(void)state;
	shake_hands(I);
	say(I);
	wg_local_set_private(&side[I].local, fresh);
	wg_handshake_forget(&side[I].local, remote[I], true);
	wg_remote_retire(remote[I]);
	say(R);
	wg_handshake_forget(&side[R].local, remote[R], true);
	memcpy(remote[R]->handshake.remote_static, side[I].local.identity.public_key, 32);
	now += WG_SECOND;
	shake_hands(I);
	say(I);
}

static void under_load_a_cookie_is_wanted(void **state)
{
	struct datagram initiation, reply, again, response, none;

	(void)state;
	initiate(I, &initiation);
	assert_int_equal(receive_loaded(R, &initiation, true), WG_HANDSHAKE_COOKIE_REPLY);
	assert_null(in.remote);
	assert_int_equal(in.reply_len, WG_COOKIE_MESSAGE_LEN);
	take_reply(&reply);
	assert_int_equal(side_indices(&side[R]), 0);
	assert_false(remote[R]->handshake.static_static_known); /* no curve for it */
	assert_int_equal(receive(I, &reply), WG_HANDSHAKE_COOKIE_TAKEN);
	assert_ptr_equal(in.remote, remote[I]);
	assert_null(in.keypair);
	now += WG_REKEY_TIMEOUT;
	initiate(I, &again);
	/* From elsewhere it is worth nothing. */
	side[I].address.port[0]++;
	assert_int_equal(receive_loaded(R, &again, true), WG_HANDSHAKE_COOKIE_REPLY);
	side[I].address.port[0]--;
	assert_int_equal(receive_loaded(R, &again, true), WG_HANDSHAKE_RESPONDED);
	apply(R);
	take_reply(&response);
	/* Also the initiator may be under load. */
	assert_int_equal(receive_loaded(I, &response, true), WG_HANDSHAKE_COOKIE_REPLY);
	take_reply(&reply);
	assert_int_equal(receive(R, &reply), WG_HANDSHAKE_COOKIE_TAKEN); /* by a session's index */
	assert_int_equal(receive_loaded(I, &response, true), WG_HANDSHAKE_COOKIE_REPLY);
	accept_message(I, &response, &none);
	say(I);
}

static void under_load_macs_come_first(void **state)
{
	struct datagram d;

	(void)state;
	initiate(I, &d);
	d.bytes[10] ^= 1;
	save(R);
	assert_nothing_came(receive_loaded(R, &d, true), WG_HANDSHAKE_BAD_MAC);
	assert_unchanged(R);
}

static void cookie_replies_answer_messages_of_ours_only(void **state)
{
	struct datagram initiation, reply, forged;

	(void)state;
	initiate(I, &initiation);
	assert_int_equal(receive_loaded(R, &initiation, true), WG_HANDSHAKE_COOKIE_REPLY);
	take_reply(&reply);
	save(I);
	for (size_t bit = 32; bit < 8 * reply.len; bit++) {
		forged = reply;
		forged.bytes[bit / 8] ^= (u8)(1 << bit % 8);
		assert_nothing_came(receive(I, &forged),
				    bit < 64 ? WG_HANDSHAKE_UNKNOWN : WG_HANDSHAKE_FORGED);
		assert_unchanged(I);
	}
	assert_int_equal(receive(I, &reply), WG_HANDSHAKE_COOKIE_TAKEN);
	assert_nothing_came(receive(I, &reply), WG_HANDSHAKE_FORGED);
}

static void both_need_the_same_preshared_key(void **state)
{
	struct datagram initiation, response;

	(void)state;
	remote[R]->handshake.preshared_key[31] = 1;
	initiate(I, &initiation);
	accept_message(R, &initiation, &response);
	save(I);
	assert_nothing_came(receive(I, &response), WG_HANDSHAKE_FORGED);
	assert_unchanged(I);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(agrees_with_the_vectors),
		TEST(two_messages_make_a_session),
		TEST(timers_learn_of_it),
		TEST(every_bit_of_a_message_is_needed),
		TEST(right_macs_do_not_help_a_forgery),
		TEST(forgeries_cost_the_secret_of_two_static_keys_once),
		TEST(lengths_and_types_are_exact),
		TEST(replays_are_refused),
		TEST(initiations_may_not_come_too_fast),
		TEST(strangers_are_not_known),
		TEST(a_response_needs_an_initiation),
		TEST(without_an_identity_nothing_goes),
		TEST(we_are_no_peer_of_ours),
		TEST(a_low_order_key_gets_no_answer),
		TEST(a_response_that_cannot_be_made_leaves_nothing),
		TEST(memory_failure_changes_nothing),
		TEST(an_old_index_goes_with_a_new_initiation),
		TEST(indices_of_many_sessions_balance),
		TEST(forgetting_gives_the_index_back),
		TEST(a_complete_handshake_is_forgotten),
		TEST(a_changed_identity_is_used_at_once),
		TEST(under_load_a_cookie_is_wanted),
		TEST(under_load_macs_come_first),
		TEST(cookie_replies_answer_messages_of_ours_only),
		TEST(both_need_the_same_preshared_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

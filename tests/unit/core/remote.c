// SPDX-License-Identifier: GPL-2.0
/* What a remote may send and when it asks for a new session, at the exact nanosecond and
 * message; and how its sessions take turns. */
#include "../../../src/core/remote.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include "../random.h"
#include <cmocka.h>

#define S WG_SECOND

enum { KEYS = 8 };

struct fixture {
	struct wg_remote r;
	struct wg_host host;
	struct wg_keypair keys[KEYS];
	bool freed[KEYS];
};

static void keypair_free(void *ctx, struct wg_keypair *k)
{
	struct fixture *f = ctx;

	assert_in_range(k - f->keys, 0, KEYS - 1);
	assert_false(f->freed[k - f->keys]);
	f->freed[k - f->keys] = true;
}

static const u8 public_key[WG_PUBLIC_LEN] = {1, 2, 3};

static void begin(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	memset(&f->r, 0xa5, sizeof(f->r));
	f->host = (struct wg_host){.ctx = f, .keypair_free = keypair_free};
	wg_remote_init(&f->r, public_key);
}

/* The number n-th session, derived now, as wg_handshake_apply does it. */
static struct wg_keypair *derive(struct fixture *f, int n, bool initiator, u64 now)
{
	struct wg_keypair *k = &f->keys[n];

	*k = (struct wg_keypair){.created_at = now, .initiator = initiator};
	wg_keypairs_add(&f->r.keys, k, &f->host);
	wg_timers_derived(&f->r.timers, now);
	if (initiator)
		wg_timers_handshake_complete(&f->r.timers);
	return k;
}

/* One message of a session came, and its counter is new. */
static u32 received(struct fixture *f, struct wg_keypair *used, bool data, u64 now)
{
	struct wg_received batch = {.accepted = 1, .data = data};

	return wg_remote_received(&f->r, used, &batch, &f->host, now);
}

static void begin_with(struct fixture *f, bool initiator, u64 now)
{
	begin(f);
	derive(f, 0, initiator, now);
	if (!initiator)
		received(f, &f->keys[0], false, now);
}

static struct wg_send_reservation send_n(struct fixture *f, u32 n, u64 now)
{
	struct wg_send_reservation g;

	memset(&g, 0xa5, sizeof(g));
	wg_remote_send(&f->r, n, true, &g, now);
	return g;
}

static void a_remote_begins_with_nothing(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_memory_equal(f.r.handshake.remote_static, public_key, sizeof(public_key));
	assert_null(f.r.keys.active);
	assert_null(f.r.allowed);
	assert_true(wg_timers_deadline(&f.r.timers) == WG_NEVER);
	assert_int_equal(wg_remote_tick(&f.r, &f.host, 1000 * S), 0);
}

static void without_a_session_packets_wait_for_a_handshake(void **state)
{
	struct fixture f;
	struct wg_send_reservation g;

	(void)state;
	begin(&f);
	g = send_n(&f, 3, 100);
	assert_null(g.keypair);
	assert_int_equal(g.actions, WG_ACT_INITIATE);
	wg_timers_initiated(&f.r.timers, 0, 101);
	g = send_n(&f, 3, 102);
	assert_null(g.keypair);
	assert_int_equal(g.actions, 0);
	/* Nothing was sent that an answer could be missed of. */
	assert_true(f.r.timers.new_handshake == WG_NEVER);
	assert_int_equal(wg_remote_tick(&f.r, &f.host, 101 + 5 * S),
			 WG_ACT_FORGET_SOURCE | WG_ACT_INITIATE);
}

static void a_keepalive_without_a_session_asks_too(void **state)
{
	struct fixture f;
	struct wg_send_reservation g;

	(void)state;
	begin(&f);
	wg_remote_send(&f.r, 1, false, &g, 100);
	assert_null(g.keypair);
	assert_int_equal(g.actions, WG_ACT_INITIATE);
}

static void an_initiation_counts_as_sent_when_it_is(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, true, S);
	wg_timers_received(&f.r.timers, true, S);
	assert_int_equal(wg_timers_want_handshake(&f.r.timers, S), WG_ACT_INITIATE);
	wg_timers_initiated(&f.r.timers, 0x80000000, 2 * S);
	assert_true(f.r.timers.keepalive == WG_NEVER);
	assert_true(f.r.timers.retransmit == 7 * S + S / 6);
	assert_int_equal(wg_timers_want_handshake(&f.r.timers, 7 * S - 1), 0);
	assert_int_equal(wg_timers_want_handshake(&f.r.timers, 7 * S), WG_ACT_INITIATE);
}

static void counters_are_reserved_without_gaps(void **state)
{
	static const u32 sizes[] = {1, 44, 1, 64, UINT32_MAX, 7};
	struct fixture f;
	u64 next = 0;

	(void)state;
	begin_with(&f, true, S);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct wg_send_reservation g = send_n(&f, sizes[i], 2 * S);

		assert_ptr_equal(g.keypair, &f.keys[0]);
		assert_true(g.counter == next);
		assert_int_equal(g.actions, 0);
		next += sizes[i];
		assert_true(f.keys[0].send_counter == next);
	}
}

static void what_is_sent_is_told_to_the_timers(void **state)
{
	struct fixture f;
	struct wg_send_reservation g;

	(void)state;
	begin_with(&f, true, S);
	wg_timers_received(&f.r.timers, true, S);
	wg_remote_send(&f.r, 1, false, &g, 2 * S);
	assert_true(f.r.timers.keepalive == WG_NEVER);
	assert_true(f.r.timers.new_handshake == WG_NEVER);
	wg_remote_send(&f.r, 1, true, &g, 3 * S);
	assert_true(f.r.timers.new_handshake == 18 * S);
}

static void a_session_sends_for_three_minutes_less_a_nanosecond(void **state)
{
	struct fixture f;

	(void)state;
	for (int initiator = 0; initiator < 2; initiator++) {
		begin_with(&f, initiator, 7);
		assert_ptr_equal(send_n(&f, 1, 7 + 180 * S - 1).keypair, &f.keys[0]);
		assert_null(send_n(&f, 1, 7 + 180 * S).keypair);
		assert_int_equal(f.keys[0].send_counter, 1);
	}
}

static void a_session_sends_until_its_counters_are_used_up(void **state)
{
	struct fixture f;
	struct wg_send_reservation g;

	(void)state;
	begin_with(&f, false, 7);
	f.keys[0].send_counter = WG_REJECT_AFTER_MESSAGES - 2;
	assert_null(send_n(&f, 3, 8).keypair);
	g = send_n(&f, 2, 8);
	assert_ptr_equal(g.keypair, &f.keys[0]);
	assert_true(g.counter == WG_REJECT_AFTER_MESSAGES - 2);
	assert_null(send_n(&f, 1, 8).keypair);
	assert_true(f.keys[0].send_counter == WG_REJECT_AFTER_MESSAGES);
}

static void an_initiator_asks_after_two_minutes(void **state)
{
	struct fixture f;
	struct wg_send_reservation g;

	(void)state;
	begin_with(&f, true, 7);
	assert_int_equal(send_n(&f, 1, 7 + 120 * S - 1).actions, 0);
	g = send_n(&f, 1, 7 + 120 * S);
	assert_int_equal(g.actions, WG_ACT_INITIATE);
	assert_ptr_equal(g.keypair, &f.keys[0]);
	assert_int_equal(send_n(&f, 1, 7 + 121 * S).actions, 0);
}

static void a_responder_does_not(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, false, 7);
	assert_int_equal(send_n(&f, 1, 7 + 180 * S - 1).actions, 0);
	assert_int_equal(send_n(&f, 1, 7 + 180 * S).actions, WG_ACT_INITIATE);
}

static void either_asks_after_so_many_messages(void **state)
{
	struct fixture f;

	(void)state;
	for (int initiator = 0; initiator < 2; initiator++) {
		begin_with(&f, initiator, 7);
		f.keys[0].send_counter = WG_REKEY_AFTER_MESSAGES - 1;
		assert_int_equal(send_n(&f, 1, 8).actions, 0);
		assert_int_equal(send_n(&f, 1, 8).actions, WG_ACT_INITIATE);
	}
}

/* A worker took the time, and waited for the lock while the session was derived. */
static void a_time_before_the_session_is_not_its_end(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, true, 1000 * S);
	assert_int_equal(send_n(&f, 1, 999 * S).actions, 0);
	assert_ptr_equal(send_n(&f, 1, 999 * S).keypair, &f.keys[0]);
	assert_int_equal(received(&f, &f.keys[0], true, 999 * S), 0);
}

static void the_first_message_confirms_the_next_session(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	wg_timers_initiated(&f.r.timers, 0, S);
	derive(&f, 0, false, S);
	assert_null(send_n(&f, 1, S).keypair);
	assert_int_equal(received(&f, &f.keys[0], false, 2 * S),
			 WG_ACT_HANDSHAKE_DONE | WG_ACT_FLUSH);
	assert_ptr_equal(f.r.keys.active, &f.keys[0]);
	assert_true(f.r.timers.retransmit == WG_NEVER);
	assert_int_equal(received(&f, &f.keys[0], true, 2 * S), 0);
	assert_ptr_equal(send_n(&f, 1, 2 * S).keypair, &f.keys[0]);
}

static void data_is_acknowledged_and_keepalives_are_not(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, true, S);
	send_n(&f, 1, 2 * S);
	received(&f, &f.keys[0], false, 3 * S);
	assert_true(f.r.timers.new_handshake == WG_NEVER);
	assert_true(f.r.timers.keepalive == WG_NEVER);
	received(&f, &f.keys[0], true, 4 * S);
	assert_int_equal(wg_remote_tick(&f.r, &f.host, 14 * S - 1), 0);
	assert_int_equal(wg_remote_tick(&f.r, &f.host, 14 * S), WG_ACT_KEEPALIVE);
}

static void an_initiator_that_only_receives_asks_once_in_the_last_minute(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, true, 7);
	assert_int_equal(received(&f, &f.keys[0], true, 7 + 165 * S - 1), 0);
	assert_int_equal(received(&f, &f.keys[0], true, 7 + 165 * S),
			 WG_ACT_INITIATE);
	assert_int_equal(received(&f, &f.keys[0], true, 7 + 171 * S), 0);
	/* And in the next session again. */
	derive(&f, 1, true, 200 * S);
	assert_int_equal(received(&f, &f.keys[1], true, 365 * S),
			 WG_ACT_INITIATE);
}

static void a_responder_that_only_receives_does_not(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, false, 7);
	assert_int_equal(received(&f, &f.keys[0], true, 7 + 179 * S), 0);
}

/* Messages under the session before are good, but say nothing of the present one's age. */
static void what_comes_under_the_previous_session_counts(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, true, S);
	derive(&f, 1, true, 120 * S);
	assert_ptr_equal(f.r.keys.previous, &f.keys[0]);
	assert_int_equal(received(&f, &f.keys[0], true, 170 * S), 0);
	assert_true(f.r.timers.keepalive == 180 * S);
}

static void what_comes_under_a_session_that_was_let_go_moves_nothing(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, true, S);
	wg_remote_expire(&f.r, &f.host);
	wg_timers_stop(&f.r.timers);
	assert_int_equal(received(&f, &f.keys[0], true, 170 * S), 0);
	assert_true(wg_timers_deadline(&f.r.timers) == WG_NEVER);
}

static void accepted_messages_are_counted_and_refused_ones_are_not(void **state)
{
	struct wg_received batch = {0};
	struct fixture f;

	(void)state;
	begin_with(&f, true, S);
	assert_true(wg_remote_accept(&batch, &f.keys[0], 0, 0, 2 * S));
	assert_int_equal(batch.bytes, 32);
	assert_false(batch.data);
	assert_true(wg_remote_accept(&batch, &f.keys[0], 7, 1400, 2 * S));
	assert_false(wg_remote_accept(&batch, &f.keys[0], 7, 100, 2 * S));
	assert_true(wg_remote_accept(&batch, &f.keys[0], 1, 0, 2 * S));
	assert_true(batch.data);
	assert_int_equal(batch.accepted, 3);
	assert_int_equal(batch.replayed, 1);
	assert_int_equal(batch.bytes, 3 * 32 + 1400);
	assert_int_equal(wg_remote_received(&f.r, &f.keys[0], &batch, &f.host, 2 * S), 0);
	assert_int_equal(f.r.rx_bytes, 3 * 32 + 1400);
	assert_true(f.r.timers.keepalive == 12 * S);
}

static void a_message_that_comes_too_late_moves_nothing(void **state)
{
	struct wg_received batch = {0};
	struct fixture f;

	(void)state;
	begin_with(&f, true, S);
	assert_false(wg_remote_accept(&batch, &f.keys[0], 0, 100, 181 * S));
	assert_int_equal(batch.expired, 1);
	assert_int_equal(batch.replayed + batch.accepted + batch.data, 0);
	assert_int_equal(wg_remote_received(&f.r, &f.keys[0], &batch, &f.host, 181 * S), 0);
	assert_int_equal(f.r.rx_bytes, 0);
	assert_true(f.r.timers.keepalive == WG_NEVER);
	/* Its counter is new still. */
	assert_true(wg_remote_accept(&batch, &f.keys[0], 0, 100, 2 * S));
}

/* Only the batch of a session that was let go says nothing of the timers. */
static void messages_of_a_session_that_was_let_go_are_counted(void **state)
{
	struct wg_received batch = {0};
	struct fixture f;

	(void)state;
	begin_with(&f, true, S);
	wg_remote_expire(&f.r, &f.host);
	assert_true(wg_remote_accept(&batch, &f.keys[0], 0, 100, 2 * S));
	wg_remote_received(&f.r, &f.keys[0], &batch, &f.host, 2 * S);
	assert_int_equal(f.r.rx_bytes, 132);
	assert_true(f.r.timers.keepalive == WG_NEVER);
}

static void what_the_socket_refused_is_not_sent(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	wg_remote_count_sent(&f.r, 148);
	wg_remote_count_sent(&f.r, 3 * 1452);
	wg_remote_count_refused(&f.r, 1452);
	assert_int_equal(f.r.tx_bytes, 148 + 2 * 1452);
}

/* Nobody has sent under it yet: there is no current one whose age matters. */
static void a_keepalive_under_the_previous_one_without_a_current_one(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	f.r.keys.previous = &f.keys[0];
	assert_int_equal(received(&f, &f.keys[0], false, 170 * S), 0);
}

static void sessions_take_turns(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, true, S);
	derive(&f, 1, false, 2 * S);
	/* Until it is confirmed the old one sends. */
	assert_ptr_equal(send_n(&f, 1, 3 * S).keypair, &f.keys[0]);
	assert_int_equal(received(&f, &f.keys[0], true, 3 * S), 0);
	assert_int_equal(received(&f, &f.keys[1], true, 4 * S),
			 WG_ACT_HANDSHAKE_DONE | WG_ACT_FLUSH);
	assert_ptr_equal(send_n(&f, 1, 5 * S).keypair, &f.keys[1]);
	assert_ptr_equal(f.r.keys.previous, &f.keys[0]);
	assert_false(f.freed[0]);
	derive(&f, 2, true, 6 * S);
	assert_true(f.freed[0]);
	assert_ptr_equal(send_n(&f, 1, 7 * S).keypair, &f.keys[2]);
	assert_ptr_equal(f.r.keys.previous, &f.keys[1]);
}

static void keys_are_let_go_after_nine_minutes(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, true, S);
	derive(&f, 1, true, 2 * S);
	derive(&f, 2, false, 3 * S);
	assert_int_equal(wg_remote_tick(&f.r, &f.host, 543 * S - 1), 0);
	assert_ptr_equal(f.r.keys.active, &f.keys[1]);
	assert_int_equal(wg_remote_tick(&f.r, &f.host, 543 * S), WG_ACT_ZERO_KEYS);
	assert_true(f.freed[0] && f.freed[1] && f.freed[2]);
	assert_null(f.r.keys.active);
	assert_null(f.r.keys.previous);
	assert_null(f.r.keys.next);
}

/* It would only begin a handshake that nobody needs. */
static void no_keepalive_is_due_for_a_dead_session(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, false, S);
	received(&f, &f.keys[0], true, 175 * S);
	assert_int_equal(wg_remote_tick(&f.r, &f.host, 185 * S), 0);
	begin_with(&f, false, S);
	received(&f, &f.keys[0], true, 165 * S);
	assert_int_equal(wg_remote_tick(&f.r, &f.host, 175 * S), WG_ACT_KEEPALIVE);
	/* But a persistent one is. */
	wg_timers_set_persistent(&f.r.timers, 25, true, 300 * S);
	assert_int_equal(wg_remote_tick(&f.r, &f.host, 325 * S), WG_ACT_KEEPALIVE);
}

static void expiry_ends_all_sessions_and_what_was_due_for_them(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, true, S);
	received(&f, &f.keys[0], true, S);
	derive(&f, 1, false, 2 * S);
	wg_remote_expire(&f.r, &f.host);
	assert_true(f.freed[0] && f.freed[1]);
	assert_null(f.r.keys.active);
	assert_null(f.r.keys.next);
	assert_true(f.r.timers.keepalive == WG_NEVER);
	assert_int_equal(wg_remote_tick(&f.r, &f.host, 100 * S), 0);
	assert_int_equal(send_n(&f, 1, 101 * S).actions, WG_ACT_INITIATE);
	wg_remote_expire(&f.r, &f.host);
}

/* There may have been no key to send one with. */
static void after_expiry_a_handshake_need_not_wait_for_the_one_before(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(send_n(&f, 1, 100).actions, WG_ACT_INITIATE);
	assert_int_equal(send_n(&f, 1, 101).actions, 0);
	wg_remote_expire(&f.r, &f.host);
	assert_int_equal(send_n(&f, 1, 102).actions, WG_ACT_INITIATE);
	assert_int_equal(send_n(&f, 1, 103).actions, 0);
}

static void a_retired_session_receives_and_does_not_send(void **state)
{
	struct wg_keypair *next;
	struct fixture f;

	(void)state;
	begin_with(&f, true, 100);
	next = derive(&f, 1, false, 101);
	assert_ptr_equal(send_n(&f, 1, 102).keypair, &f.keys[0]);
	wg_remote_retire(&f.r);
	assert_null(send_n(&f, 1, 103).keypair);
	assert_false(f.freed[0] || f.freed[1]);
	assert_true(wg_keypair_may_receive(&f.keys[0], 103));
	assert_true(wg_keypair_may_receive(next, 103));
	/* A responder's session that is confirmed only now sends nothing either. */
	received(&f, next, true, 104);
	assert_ptr_equal(f.r.keys.active, next);
	assert_null(send_n(&f, 1, 105).keypair);
	derive(&f, 2, true, 106);
	assert_ptr_equal(send_n(&f, 1, 107).keypair, &f.keys[2]);
}

static void after_retiring_a_handshake_need_not_wait_for_the_one_before(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(send_n(&f, 1, 100).actions, WG_ACT_INITIATE);
	assert_int_equal(send_n(&f, 1, 101).actions, 0);
	wg_remote_retire(&f.r);
	assert_int_equal(send_n(&f, 1, 102).actions, WG_ACT_INITIATE);
}

/* Any sequence: nothing is granted under a key past its limits, and no counter twice. */

static void any_step(struct fixture *f, struct random *r, u64 *next, u64 now)
{
	struct wg_keypair *used[] = {f->r.keys.previous, f->r.keys.active, f->r.keys.next};
	int n = (int)random_below(r, KEYS);
	struct wg_send_reservation g;

	switch (random_below(r, 6)) {
	case 0:
		if (&f->keys[n] == used[0] || &f->keys[n] == used[1] || &f->keys[n] == used[2])
			return;
		f->freed[n] = false;
		derive(f, n, random_below(r, 2), now);
		next[n] = f->keys[n].send_counter =
			random_below(r, 8) ? 0 : WG_REJECT_AFTER_MESSAGES - random_below(r, 50);
		return;
	case 1:
		if (used[n % 3] && wg_keypair_may_receive(used[n % 3], now))
			received(f, used[n % 3], random_below(r, 2), now);
		return;
	case 2:
		if (wg_remote_tick(&f->r, &f->host, now) & WG_ACT_ZERO_KEYS)
			assert_true(!f->r.keys.previous && !f->r.keys.active && !f->r.keys.next);
		return;
	default:
		wg_remote_send(&f->r, (u32)random_below(r, 64) + 1, random_below(r, 2), &g, now);
	}
	if (g.actions)
		wg_timers_initiated(&f->r.timers, (u32)random_next(r), now);
	if (!g.keypair)
		return;
	n = (int)(g.keypair - f->keys);
	assert_ptr_equal(g.keypair, f->r.keys.active);
	assert_false(f->freed[n]);
	assert_true(now - g.keypair->created_at < 180 * S);
	assert_true(g.counter == next[n]);
	assert_true(g.keypair->send_counter <= WG_REJECT_AFTER_MESSAGES);
	next[n] = g.keypair->send_counter;
}

static void after_any_events_no_key_is_used_past_its_limits(void **state)
{
	(void)state;
	for (u64 seed = 1; seed <= 200; seed++) {
		struct random r = {seed};
		struct fixture f;
		u64 next[KEYS] = {0}, now = 0;

		begin(&f);
		for (int i = 0; i < 1000; i++) {
			any_step(&f, &r, next, now);
			now += random_below(&r, random_below(&r, 20) ? 20 * S : 400 * S);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_remote_begins_with_nothing),
		cmocka_unit_test(without_a_session_packets_wait_for_a_handshake),
		cmocka_unit_test(a_keepalive_without_a_session_asks_too),
		cmocka_unit_test(an_initiation_counts_as_sent_when_it_is),
		cmocka_unit_test(counters_are_reserved_without_gaps),
		cmocka_unit_test(what_is_sent_is_told_to_the_timers),
		cmocka_unit_test(a_session_sends_for_three_minutes_less_a_nanosecond),
		cmocka_unit_test(a_session_sends_until_its_counters_are_used_up),
		cmocka_unit_test(an_initiator_asks_after_two_minutes),
		cmocka_unit_test(a_responder_does_not),
		cmocka_unit_test(either_asks_after_so_many_messages),
		cmocka_unit_test(a_time_before_the_session_is_not_its_end),
		cmocka_unit_test(the_first_message_confirms_the_next_session),
		cmocka_unit_test(data_is_acknowledged_and_keepalives_are_not),
		cmocka_unit_test(an_initiator_that_only_receives_asks_once_in_the_last_minute),
		cmocka_unit_test(a_responder_that_only_receives_does_not),
		cmocka_unit_test(what_comes_under_the_previous_session_counts),
		cmocka_unit_test(what_comes_under_a_session_that_was_let_go_moves_nothing),
		cmocka_unit_test(accepted_messages_are_counted_and_refused_ones_are_not),
		cmocka_unit_test(a_message_that_comes_too_late_moves_nothing),
		cmocka_unit_test(messages_of_a_session_that_was_let_go_are_counted),
		cmocka_unit_test(what_the_socket_refused_is_not_sent),
		cmocka_unit_test(a_keepalive_under_the_previous_one_without_a_current_one),
		cmocka_unit_test(sessions_take_turns),
		cmocka_unit_test(keys_are_let_go_after_nine_minutes),
		cmocka_unit_test(no_keepalive_is_due_for_a_dead_session),
		cmocka_unit_test(expiry_ends_all_sessions_and_what_was_due_for_them),
		cmocka_unit_test(after_expiry_a_handshake_need_not_wait_for_the_one_before),
		cmocka_unit_test(a_retired_session_receives_and_does_not_send),
		cmocka_unit_test(after_retiring_a_handshake_need_not_wait_for_the_one_before),
		cmocka_unit_test(after_any_events_no_key_is_used_past_its_limits),
	};

	return cmocka_run_group_tests_name("core/remote", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Many peers that ask at once are worked through in bounded turns, and may be removed meanwhile. */
#include "../../../../src/tun/control/actions.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include "../fake.h"
#include <cmocka.h>
#include "../../../../src/tun/device/peers.h"

#define PEERS	  300
#define MOST_TURN 64

static struct device *d;
static struct peer *peers[PEERS];

static int begin(void **state)
{
	u8 key[WG_PUBLIC_LEN];

	(void)state;
	d = fake_device();
	d->up = true;
	for (u32 i = 0; i < PEERS; i++)
		peers[i] = peers_add(d, fake_key(key, i));
	return 0;
}

static int end(void **state)
{
	(void)state;
	device_free(d);
	return 0;
}

static void ask_all(u32 actions)
{
	for (u32 i = 0; i < PEERS; i++)
		device_ask(d, peers[i], actions);
}

static u32 count_asking(void)
{
	u32 n = 0;

	for (u32 i = 0; i < PEERS; i++)
		n += peers[i]->asked != 0;
	return n;
}

static void a_turn_is_bounded(void **state)
{
	u32 left = PEERS;

	(void)state;
	ask_all(WG_ACT_KEEPALIVE);
	while (actions_asked(d) == 0) {
		assert_in_range(left - count_asking(), 1, MOST_TURN);
		left = count_asking();
	}
	assert_int_equal(count_asking(), 0);
	assert_int_equal(fake.keepalives, PEERS);
	assert_int_equal(actions_asked(d), WG_NEVER);
}

/* One that has been done may ask again, one that waits asks once. */
static void asking_again_is_not_lost(void **state)
{
	(void)state;
	ask_all(WG_ACT_KEEPALIVE);
	assert_int_equal(actions_asked(d), 0);
	ask_all(WG_ACT_KEEPALIVE);
	while (actions_asked(d) == 0)
		;
	assert_int_equal(fake.keepalives, PEERS + MOST_TURN);
}

static void peers_may_go_meanwhile(void **state)
{
	(void)state;
	ask_all(WG_ACT_KEEPALIVE);
	assert_int_equal(actions_asked(d), 0);
	ask_all(WG_ACT_KEEPALIVE); /* now there are some in both lists */
	for (u32 i = 0; i < PEERS; i += 2)
		peers_remove(d, peers[i]);
	fake.keepalives = 0;
	while (actions_asked(d) == 0)
		;
	assert_int_equal(fake.keepalives, PEERS / 2);
	peers_clear(d);
	assert_null(device_take_asked(d));
}

static void going_up_is_bounded(void **state)
{
	(void)state;
	for (u32 i = 0; i < PEERS; i++)
		peers[i]->remote.timers.persistent_interval = 25;
	actions_up(d);
	assert_int_equal(fake.flushes + fake.messages, 0);
	assert_int_equal(count_asking(), PEERS);
	assert_int_equal(actions_asked(d), 0);
}

/* Messages that are on their way come under the old sessions. */
static void a_new_identity_retires_sessions(void **state)
{
	struct wg_remote *r = &peers[0]->remote;
	struct wg_keypair *k = d->host.keypair_new(d->host.ctx, r);
	u64 now = device_now();

	(void)state;
	assert_true(d->host.index_new(d->host.ctx, r, &k->local_index));
	k->created_at = now;
	d->host.keypair_ready(d->host.ctx, r, k);
	r->keys.active = k;
	r->handshake.static_static_known = true;
	peers[1]->remote.timers.persistent_interval = 25;
	fake.flushes = fake.keepalives = 0;
	actions_begin_anew(d);
	assert_ptr_equal(r->keys.active, k);
	assert_true(d->host.has_index(d->host.ctx, k->local_index));
	assert_true(wg_keypair_may_receive(k, now));
	assert_false(wg_keypair_may_send(k, 1, now));
	assert_false(r->handshake.static_static_known);
	assert_int_equal(fake.flushes, PEERS);
	assert_int_equal(fake.keepalives, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_turn_is_bounded, begin, end),
		cmocka_unit_test_setup_teardown(asking_again_is_not_lost, begin, end),
		cmocka_unit_test_setup_teardown(peers_may_go_meanwhile, begin, end),
		cmocka_unit_test_setup_teardown(going_up_is_bounded, begin, end),
		cmocka_unit_test_setup_teardown(a_new_identity_retires_sessions, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

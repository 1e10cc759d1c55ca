// SPDX-License-Identifier: GPL-2.0
/* The queue, and whole handshakes between two devices whose packets the test carries. */
#include "../../../../src/tun/device/handshakes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include "../../../../src/tun/control/actions.h"
#include "../../../../src/tun/device/peers.h"
#include "../fake.h"
#include <cmocka.h>

static struct endpoint from(u32 address, u16 port)
{
	struct endpoint e = {0};

	e.addr4.sin_family = AF_INET;
	e.addr4.sin_addr.s_addr = htonl(address);
	e.addr4.sin_port = htons(port);
	return e;
}

static void set_identity(struct device *d, u8 number)
{
	u8 key[WG_PUBLIC_LEN];

	memset(key, number, sizeof(key));
	wg_local_set_private(&d->local, key);
	d->up = true;
}

/* A device that knows another, and where it is. */
static struct peer *introduce(struct device *d, const struct device *other, u32 address)
{
	struct peer *p = peers_add(d, other->local.identity.public_key);

	p->endpoint = from(address, 1);
	return p;
}

/* An initiation to `to` from a stranger who knows its key. */
static void make_initiation(u8 out[static WG_INITIATION_LEN], const struct device *to)
{
	struct device *stranger = fake_device();

	set_identity(stranger, 77);
	actions_do(stranger, introduce(stranger, to, 9), WG_ACT_INITIATE);
	assert_int_equal(fake.len, WG_INITIATION_LEN);
	memcpy(out, fake.message, WG_INITIATION_LEN);
	device_free(stranger);
}

static bool offer(struct device *d, const u8 *message, size_t len, u32 address)
{
	struct endpoint e = from(address, 1);

	return device_handshake(d, message, len, &e);
}

static void only_what_may_be_a_handshake_is_queued(void **state)
{
	struct device *d = fake_device();
	u8 m[WG_INITIATION_LEN];

	(void)state;
	set_identity(d, 1);
	make_initiation(m, d);
	assert_true(offer(d, m, sizeof(m), 1));
	assert_false(offer(d, m, sizeof(m) - 1, 1));
	assert_false(offer(d, m, 3, 1));
	m[140 - 24] ^= 1; /* the first byte of mac1 */
	assert_false(offer(d, m, sizeof(m), 1));
	m[140 - 24] ^= 1;
	m[0] = WG_MESSAGE_RESPONSE;
	assert_false(offer(d, m, sizeof(m), 1));
	m[0] = WG_MESSAGE_DATA;
	assert_false(offer(d, m, sizeof(m), 1));
	device_free(d);
}

static void one_source_fills_one_bucket_and_others_come_in_turn(void **state)
{
	struct device *d = fake_device();
	struct handshake_message out;
	u8 m[WG_INITIATION_LEN];
	int accepted = 0;

	(void)state;
	set_identity(d, 1);
	make_initiation(m, d);
	for (int i = 0; i < 1000; i++)
		accepted += offer(d, m, sizeof(m), 1);
	assert_int_equal(accepted, HANDSHAKES_PER_BUCKET);
	/* Of a hundred others at most a few share its bucket. */
	for (u32 i = 2; i < 102; i++)
		accepted += offer(d, m, sizeof(m), i);
	assert_true(accepted > HANDSHAKES_PER_BUCKET + 85);
	accepted -= HANDSHAKES_PER_BUCKET;
	/* Half of all that is served first is not its. */
	for (int i = 0, theirs = 0; i < 40; i++) {
		assert_true(handshakes_take(d->handshakes, &out, device_now()));
		assert_int_equal(out.len, sizeof(m));
		assert_memory_equal(out.data, m, sizeof(m));
		theirs += out.from.addr4.sin_addr.s_addr != htonl(1);
		assert_true(theirs >= i / 2);
	}
	device_free(d);
}

static void it_is_bounded_and_full_is_load(void **state)
{
	struct device *d = fake_device();
	struct handshake_message out;
	u8 m[WG_INITIATION_LEN];
	int accepted = 0, taken = 0;

	(void)state;
	set_identity(d, 1);
	make_initiation(m, d);
	assert_true(offer(d, m, sizeof(m), 5));
	assert_true(handshakes_take(d->handshakes, &out, device_now()));
	assert_false(out.under_load);
	for (u32 i = 0; i < 10 * HANDSHAKES_MAX; i++)
		accepted += offer(d, m, sizeof(m), i * 2654435761U);
	assert_int_equal(accepted, HANDSHAKES_MAX);
	while (handshakes_take(d->handshakes, &out, device_now())) {
		assert_true(out.under_load);
		taken++;
	}
	assert_int_equal(taken, HANDSHAKES_MAX);
	/* Later it is as before. */
	assert_true(offer(d, m, sizeof(m), 6));
	assert_true(handshakes_take(d->handshakes, &out, device_now() + 2 * HANDSHAKES_CALM));
	assert_false(out.under_load);
	device_free(d);
}

static void fill_with_a_flood(struct device *d, const u8 *m)
{
	for (u32 i = 0; i < 10 * HANDSHAKES_MAX; i++)
		offer(d, m, WG_INITIATION_LEN, i * 2654435761U);
}

static void an_answer_to_nothing_is_dropped(void **state)
{
	struct device *d = fake_device();
	struct handshake_message out;
	u8 m[WG_COOKIE_MESSAGE_LEN] = {WG_MESSAGE_COOKIE};
	struct peer p;
	u32 index;

	(void)state;
	set_identity(d, 1);
	assert_false(offer(d, m, sizeof(m), 1));
	assert_true(index_add(d->indices, &p, &index));
	wg_store_le32(m + 4, index);
	assert_true(offer(d, m, sizeof(m), 1));
	assert_true(handshakes_take(d->handshakes, &out, device_now()));
	device_free(d);
}

static void proofs_do_not_wait_behind_a_flood(void **state)
{
	struct device *d = fake_device();
	struct handshake_message out;
	u8 m[WG_INITIATION_LEN], claim[WG_INITIATION_LEN];
	int i, claims = 0, others = 0;

	(void)state;
	set_identity(d, 1);
	make_initiation(m, d);
	fill_with_a_flood(d, m);
	memcpy(claim, m, sizeof(m));
	claim[WG_INITIATION_LEN - 1] = 1;
	for (i = 0; i < 30; i++)
		assert_true(offer(d, claim, sizeof(claim), 100));
	/* Nor do those without wait for ever behind claims. */
	for (i = 0; i < 40; i++) {
		assert_true(handshakes_take(d->handshakes, &out, device_now()));
		assert_true(out.under_load);
		claims += out.data[WG_INITIATION_LEN - 1];
		others += !out.data[WG_INITIATION_LEN - 1];
	}
	assert_int_equal(claims, 30);
	assert_int_equal(others, 10);
	device_free(d);
}

static void under_load_a_source_without_cookie_has_its_pace(void **state)
{
	struct device *d = fake_device();
	struct handshake_message out;
	u8 m[WG_INITIATION_LEN];
	int accepted = 0;
	u64 start;

	(void)state;
	set_identity(d, 1);
	make_initiation(m, d);
	fill_with_a_flood(d, m);
	while (handshakes_take(d->handshakes, &out, device_now()))
		;
	start = device_now();
	for (int i = 0; i < 1000; i++)
		accepted += offer(d, m, sizeof(m), 5);
	assert_true((u64)accepted <= 2 + (device_now() - start) / HANDSHAKES_PAUSE);
	assert_true(accepted >= 1);
	/* Who has a cookie is not held to it. */
	m[WG_INITIATION_LEN - 1] = 1;
	for (int i = 0; i < 10; i++)
		assert_true(offer(d, m, sizeof(m), 5));
	device_free(d);
}

/* What the fake sent last goes to `to`. */
static void deliver(struct device *to, u32 address, bool under_load)
{
	struct handshake_message m = {.from = from(address, 1), .under_load = under_load};

	m.len = (u8)fake.len;
	memcpy(m.data, fake.message, fake.len);
	handshakes_receive(to, &m);
}

static void two_devices_shake_hands(void **state)
{
	struct device *a = fake_device(), *b = fake_device();
	struct peer *b_of_a, *a_of_b;

	(void)state;
	set_identity(a, 1);
	set_identity(b, 2);
	b_of_a = introduce(a, b, 200);
	a_of_b = introduce(b, a, 1);
	a_of_b->endpoint.addr.sa_family = AF_UNSPEC;

	actions_do(a, b_of_a, WG_ACT_INITIATE);
	assert_int_equal(fake.to.addr4.sin_addr.s_addr, htonl(200));
	assert_ptr_equal(heap_first(&a->deadlines), b_of_a);
	deliver(b, 100, false);
	assert_int_equal(fake.len, WG_RESPONSE_LEN);
	assert_int_equal(a_of_b->endpoint.addr4.sin_addr.s_addr, htonl(100));
	assert_non_null(a_of_b->remote.keys.next);
	deliver(a, 200, false);
	assert_non_null(b_of_a->remote.keys.active);
	/* The initiator confirms. */
	assert_int_equal(fake.keepalives, 1);
	assert_true(b_of_a->last_handshake > 0);
	assert_int_equal(b_of_a->tx_bytes, WG_INITIATION_LEN);
	assert_int_equal(b_of_a->rx_bytes, WG_RESPONSE_LEN);
	assert_int_equal(a_of_b->tx_bytes, WG_RESPONSE_LEN);
	assert_memory_equal(keypair_of(b_of_a->remote.keys.active)->send.key,
			    keypair_of(a_of_b->remote.keys.next)->receive.key, 32);
	device_free(a);
	device_free(b);
}

static void under_load_a_cookie_opens_the_door(void **state)
{
	struct device *a = fake_device(), *b = fake_device();
	struct peer *b_of_a, *a_of_b;

	(void)state;
	set_identity(a, 1);
	set_identity(b, 2);
	b_of_a = introduce(a, b, 200);
	a_of_b = introduce(b, a, 1);
	actions_do(a, b_of_a, WG_ACT_INITIATE);
	deliver(b, 100, true);
	assert_int_equal(fake.len, WG_COOKIE_MESSAGE_LEN);
	assert_null(a_of_b->remote.keys.next);
	deliver(a, 200, false);
	actions_do(a, b_of_a, WG_ACT_INITIATE);
	deliver(b, 100, true);
	assert_int_equal(fake.len, WG_RESPONSE_LEN);
	assert_non_null(a_of_b->remote.keys.next);
	device_free(a);
	device_free(b);
}

static void cookie_replies_are_bounded(void **state)
{
	struct device *d = fake_device();
	u8 m[WG_INITIATION_LEN];
	u64 start = device_now(), spent;
	int n;

	(void)state;
	set_identity(d, 1);
	make_initiation(m, d);
	fake.messages = 0;
	for (n = 0; n < 3 * HANDSHAKES_COOKIES; n++) {
		memcpy(fake.message, m, sizeof(m));
		fake.len = sizeof(m);
		deliver(d, (u32)n, true);
	}
	spent = device_now() - start;
	assert_true(fake.messages >= HANDSHAKES_COOKIES);
	assert_true((u64)fake.messages <=
		    HANDSHAKES_COOKIES + 1 + spent / (WG_SECOND / HANDSHAKES_COOKIES));
	device_free(d);
}

static void work_comes_in_batches(void **state)
{
	struct device *d = fake_device();
	u8 m[WG_INITIATION_LEN];
	u64 until;
	int turns;

	(void)state;
	set_identity(d, 1);
	make_initiation(m, d);
	for (u32 i = 0; i < HANDSHAKES_BATCH + 1; i++)
		offer(d, m, sizeof(m), i);
	for (turns = 0; (until = handshakes_work(d)) != WG_NEVER; turns++)
		assert_int_equal(until, 0);
	assert_true(turns >= 1);
	/* Under load it rests between them. */
	for (u32 i = 0; i < 4 * HANDSHAKES_MAX; i++)
		offer(d, m, sizeof(m), i * 2654435761U);
	assert_true(handshakes_work(d) > 0);
	device_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_may_be_a_handshake_is_queued),
		cmocka_unit_test(one_source_fills_one_bucket_and_others_come_in_turn),
		cmocka_unit_test(it_is_bounded_and_full_is_load),
		cmocka_unit_test(an_answer_to_nothing_is_dropped),
		cmocka_unit_test(proofs_do_not_wait_behind_a_flood),
		cmocka_unit_test(under_load_a_source_without_cookie_has_its_pace),
		cmocka_unit_test(two_devices_shake_hands),
		cmocka_unit_test(under_load_a_cookie_opens_the_door),
		cmocka_unit_test(cookie_replies_are_bounded),
		cmocka_unit_test(work_comes_in_batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

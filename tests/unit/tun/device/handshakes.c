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

static struct handshake_nonces nonces;
static struct handshake_reply reply;

static enum wg_handshake_result offer(struct device *d, const u8 *message, size_t len, u32 address)
{
	struct endpoint e = from(address, 1);

	return handshakes_arrive(d, &nonces, message, len, &e, &reply);
}

static void only_what_may_be_a_handshake_is_queued(void **state)
{
	struct device *d = fake_device();
	u8 m[WG_INITIATION_LEN];

	(void)state;
	set_identity(d, 1);
	make_initiation(m, d);
	assert_int_equal(offer(d, m, sizeof(m), 1), WG_HANDSHAKE_ADMITTED);
	assert_int_equal(offer(d, m, sizeof(m) - 1, 1), WG_HANDSHAKE_MALFORMED);
	assert_int_equal(offer(d, m, 3, 1), WG_HANDSHAKE_MALFORMED);
	m[140 - 24] ^= 1; /* the first byte of mac1 */
	assert_int_equal(offer(d, m, sizeof(m), 1), WG_HANDSHAKE_BAD_MAC);
	m[140 - 24] ^= 1;
	m[0] = WG_MESSAGE_DATA;
	assert_int_equal(offer(d, m, sizeof(m), 1), WG_HANDSHAKE_MALFORMED);
	device_free(d);
}

/* The queue keeps who sent what. */
static void a_message_is_taken_with_its_sender(void **state)
{
	struct device *d = fake_device();
	struct handshake_message out;
	u8 m[WG_INITIATION_LEN];
	bool seen[20] = {0};

	(void)state;
	set_identity(d, 1);
	make_initiation(m, d);
	for (u8 i = 0; i < 20; i++) {
		m[WG_INITIATION_LEN - 1] = i;
		assert_int_equal(offer(d, m, sizeof(m), 1000U + i), WG_HANDSHAKE_ADMITTED);
	}
	for (int i = 0; i < 20; i++) {
		assert_int_equal(handshakes_take(d->handshakes, &out, device_now()), 0);
		m[WG_INITIATION_LEN - 1] = out.admitted.message[WG_INITIATION_LEN - 1];
		assert_memory_equal(out.admitted.message, m, sizeof(m));
		assert_int_equal(out.from.addr4.sin_addr.s_addr,
				 htonl(1000U + m[WG_INITIATION_LEN - 1]));
		seen[m[WG_INITIATION_LEN - 1]] = true;
	}
	for (int i = 0; i < 20; i++)
		assert_true(seen[i]);
	assert_int_equal(handshakes_take(d->handshakes, &out, device_now()), WG_NEVER);
	device_free(d);
}

static void fill_with_a_flood(struct device *d, const u8 *m)
{
	for (u32 i = 0; i < 4 * WG_ADMISSION_LOAD; i++)
		offer(d, m, WG_INITIATION_LEN, i * 2654435761U);
}

static void under_load_a_reply_is_made_at_once(void **state)
{
	struct device *d = fake_device();
	struct wg_message_cookie before = {.nonce = {0}};
	u8 m[WG_INITIATION_LEN];

	(void)state;
	set_identity(d, 1);
	make_initiation(m, d);
	fill_with_a_flood(d, m);
	memset(&reply, 0, sizeof(reply));
	for (int i = 0; i < 500; i++) {
		assert_int_equal(offer(d, m, sizeof(m), 5), WG_HANDSHAKE_COOKIE_REPLY);
		assert_int_equal(reply.to.addr4.sin_addr.s_addr, htonl(5));
		assert_int_equal(wg_load_le32(reply.message.type), WG_MESSAGE_COOKIE);
		assert_memory_equal(reply.message.receiver, m + 4, 4);
		/* Each has a nonce of its own. */
		assert_memory_not_equal(reply.message.nonce, before.nonce, WG_COOKIE_NONCE_LEN);
		before = reply.message;
	}
	device_free(d);
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
	assert_int_equal(offer(d, m, sizeof(m), 1), WG_HANDSHAKE_UNKNOWN);
	assert_true(index_add(d->indices, &p, &index));
	wg_store_le32(m + 4, index);
	assert_int_equal(offer(d, m, sizeof(m), 1), WG_HANDSHAKE_ADMITTED);
	assert_int_equal(handshakes_take(d->handshakes, &out, device_now()), 0);
	device_free(d);
}

/* What the fake sent last goes to `to`. */
static void deliver(struct device *to, u32 address, bool wants_cookie)
{
	struct handshake_message m = {.from = from(address, 1)};

	m.admitted.len = fake.len;
	m.admitted.wants_cookie = wants_cookie;
	memcpy(m.admitted.message, fake.message, fake.len);
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
	assert_int_equal(b_of_a->remote.tx_bytes, WG_INITIATION_LEN);
	assert_int_equal(b_of_a->remote.rx_bytes, WG_RESPONSE_LEN);
	assert_int_equal(a_of_b->remote.tx_bytes, WG_RESPONSE_LEN);
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
	fill_with_a_flood(b, fake.message);
	assert_int_equal(offer(b, fake.message, fake.len, 101), WG_HANDSHAKE_COOKIE_REPLY);
	assert_int_equal(offer(b, fake.message, fake.len, 100), WG_HANDSHAKE_ADMITTED);
	device_free(a);
	device_free(b);
}

static void work_comes_in_turns(void **state)
{
	struct device *d = fake_device();
	u8 m[WG_INITIATION_LEN];
	u64 until;
	int turns;

	(void)state;
	set_identity(d, 1);
	make_initiation(m, d);
	for (u32 i = 0; i < 64; i++)
		offer(d, m, sizeof(m), i);
	for (turns = 0; (until = handshakes_work(d)) == 0; turns++)
		;
	assert_int_equal(until, WG_NEVER);
	assert_true(turns >= 1);
	/* What was queued when the load began gets cookies, and the queue is empty soon. */
	fill_with_a_flood(d, m);
	fake.messages = 0;
	while ((until = handshakes_work(d)) != WG_NEVER)
		assert_true(until < device_now() + WG_SECOND);
	assert_true(fake.messages > WG_ADMISSION_LOAD / 2);
	assert_int_equal(fake.len, WG_COOKIE_MESSAGE_LEN);
	device_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_may_be_a_handshake_is_queued),
		cmocka_unit_test(a_message_is_taken_with_its_sender),
		cmocka_unit_test(under_load_a_reply_is_made_at_once),
		cmocka_unit_test(an_answer_to_nothing_is_dropped),
		cmocka_unit_test(two_devices_shake_hands),
		cmocka_unit_test(under_load_a_cookie_opens_the_door),
		cmocka_unit_test(work_comes_in_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

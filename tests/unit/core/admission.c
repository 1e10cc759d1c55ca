// SPDX-License-Identifier: GPL-2.0
/* What a handshake message may cost: who is queued, who gets a cookie, and who nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/core/admission.h"
#include "pair.h"

#define MS (WG_SECOND / 1000)

static struct wg_admission ad;
static u16 slot;
static bool wake;
static u32 serial;

static int begin(void **state)
{
	static const u8 random[32] = {7, 8, 9};

	memset(&ad, 0, sizeof(ad));
	wg_admission_init(&ad, random, 1);
	serial = 0;
	return setup(state);
}

static struct wg_addr address(u32 ip, u16 port)
{
	return (struct wg_addr){{(u8)(ip >> 24), (u8)(ip >> 16), (u8)(ip >> 8), (u8)ip},
				{(u8)(port >> 8), (u8)port}, 4};
}

/* An initiation that is like none before. The attacker knows R's public key. */
static struct datagram forge(bool claim)
{
	struct datagram d = {.len = WG_INITIATION_LEN};
	struct wg_cookie_jar jar = {0};

	wg_store_le32(d.bytes, WG_MESSAGE_INITIATION);
	serial++;
	wg_store_le32(d.bytes + 50, serial);
	wg_cookie_add_macs(&jar, side[R].local.identity.public_key, d.bytes, d.len, now);
	if (claim)
		wg_store_le32(d.bytes + d.len - 4, serial);
	return d;
}

/* With a valid mac2. */
static struct datagram prove(const struct wg_addr *from)
{
	static const u8 nonce[WG_COOKIE_NONCE_LEN];
	struct datagram d = forge(false);
	struct wg_cookie_jar jar = {0};
	struct wg_message_cookie reply;

	wg_cookie_add_macs(&jar, side[R].local.identity.public_key, d.bytes, d.len, now);
	wg_admission_reply(&side[R].local, &reply, d.bytes, d.len, from, nonce, now);
	assert_true(wg_cookie_consume(&jar, side[R].local.identity.public_key, &reply, now));
	wg_cookie_add_macs(&jar, side[R].local.identity.public_key, d.bytes, d.len, now);
	return d;
}

static enum wg_handshake_result arrive(const struct datagram *d, struct wg_addr from)
{
	struct wg_arrival a;
	enum wg_handshake_result result =
		wg_admission_check(&side[R].local, &a, d->bytes, d->len, &from, now);

	wake = false;
	return result == WG_HANDSHAKE_ADMITTED ? wg_admission_decide(&ad, &a, &slot, &wake, now) :
						 result;
}

static enum wg_handshake_result arrive_forged(struct wg_addr from, bool claim)
{
	struct datagram d = forge(claim);

	return arrive(&d, from);
}

static enum wg_handshake_result arrive_proven(struct wg_addr from)
{
	struct datagram d = prove(&from);

	return arrive(&d, from);
}

/* How many cookie replies make_load() was given: some buckets are full before there is load. */
static u32 replies_at_load;

/* Messages arrive from many addresses until that is load. Returns how many were queued. */
static u32 make_load(void)
{
	u32 queued = 0, i;

	for (i = 0; i < 100000 && !ad.load.until; i++)
		queued += arrive_forged(address(0x0a000000 + i, 1), false) == WG_HANDSHAKE_ADMITTED;
	assert_true(ad.load.until > now);
	replies_at_load = i - queued;
	return queued;
}

static u32 empty_the_queue(void)
{
	struct wg_admitted out;
	u32 n = 0;

	while (wg_admission_take(&ad, &out, now) == 0)
		n++;
	return n;
}

static void nothing_is_kept_of_what_cannot_be_ours(void **state)
{
	static struct wg_admission before;
	struct datagram d = forge(false), response = {.len = WG_RESPONSE_LEN};
	struct datagram cookie = {.len = WG_COOKIE_MESSAGE_LEN};

	(void)state;
	before = ad;
	d.bytes[60] ^= 1;
	assert_int_equal(arrive(&d, address(1, 1)), WG_HANDSHAKE_BAD_MAC);
	d.len--;
	assert_int_equal(arrive(&d, address(1, 1)), WG_HANDSHAKE_MALFORMED);
	wg_store_le32(response.bytes, WG_MESSAGE_RESPONSE);
	assert_int_equal(arrive(&response, address(1, 1)), WG_HANDSHAKE_UNKNOWN);
	wg_store_le32(cookie.bytes, WG_MESSAGE_COOKIE);
	assert_int_equal(arrive(&cookie, address(1, 1)), WG_HANDSHAKE_UNKNOWN);
	assert_memory_equal(&ad, &before, sizeof(ad));
}

static void without_load_all_are_queued_in_turn(void **state)
{
	struct wg_admitted out;
	struct datagram d[20];

	(void)state;
	for (u32 i = 0; i < 20; i++) {
		d[i] = forge(i % 2);
		assert_int_equal(arrive(&d[i], address(i * 77, 1)), WG_HANDSHAKE_ADMITTED);
		assert_int_equal(slot, i);
		assert_int_equal(wake, i == 0);
	}
	for (u32 i = 0; i < 20; i++) {
		assert_int_equal(wg_admission_take(&ad, &out, now), 0);
		assert_false(out.wants_cookie);
		assert_true(out.slot < 20);
		assert_int_equal(out.len, WG_INITIATION_LEN);
		assert_memory_equal(out.message, d[out.slot].bytes, out.len);
	}
	assert_int_equal(wg_admission_take(&ad, &out, now), WG_NEVER);
	assert_false(wg_admission_is_loaded(&ad, now));
}

/* Claims and honest messages, from one address and from many, are told the same. */
static void under_load_all_without_proof_get_a_cookie_on_equal_terms(void **state)
{
	(void)state;
	make_load();
	for (u32 i = 0; i < 5000; i++) {
		assert_int_equal(arrive_forged(address(0xc0000201, 1), i % 3 == 0),
				 WG_HANDSHAKE_COOKIE_REPLY);
		assert_int_equal(arrive_forged(address(i, 1), i % 3 == 1),
				 WG_HANDSHAKE_COOKIE_REPLY);
	}
}

/* The kind of fault: state charged to a source that did not prove its address. */
static void a_spoofer_does_not_use_up_what_its_victim_needs(void **state)
{
	struct wg_addr victim = address(0xc0000201, 51820);

	(void)state;
	make_load();
	for (u32 i = 0; i < 20000; i++)
		arrive_forged(victim, i % 2);
	assert_int_equal(arrive_forged(victim, false), WG_HANDSHAKE_COOKIE_REPLY);
	for (int i = 0; i < WG_RATE_BURST; i++)
		assert_int_equal(arrive_proven(victim), WG_HANDSHAKE_ADMITTED);
}

/* A bucket that is full of what a spoofer sent in its victim's name. */
static void without_load_a_full_bucket_leads_to_a_cookie(void **state)
{
	struct wg_addr victim = address(0xc0000201, 51820);
	u32 queued = 0;

	(void)state;
	while (arrive_forged(victim, false) == WG_HANDSHAKE_ADMITTED)
		queued++;
	assert_int_equal(queued, WG_ADMISSION_PER_BUCKET);
	assert_int_equal(arrive_forged(victim, true), WG_HANDSHAKE_COOKIE_REPLY);
	assert_int_equal(arrive_proven(victim), WG_HANDSHAKE_ADMITTED);
	/* Others are not under load. */
	queued = 0;
	for (u32 i = 0; i < 64; i++)
		queued += arrive_forged(address(i, 1), false) == WG_HANDSHAKE_ADMITTED;
	assert_in_range(queued, 50, 64);
}

static void a_proof_is_limited_by_source_only_under_load(void **state)
{
	struct wg_addr from = address(1, 1);
	u32 admitted = 0;

	(void)state;
	for (int i = 0; i < 3 * WG_RATE_BURST; i++) {
		assert_int_equal(arrive_proven(from), WG_HANDSHAKE_ADMITTED);
		empty_the_queue();
	}
	make_load();
	for (int i = 0; i < 100; i++) {
		enum wg_handshake_result result = arrive_proven(from);

		admitted += result == WG_HANDSHAKE_ADMITTED;
		assert_true(result == WG_HANDSHAKE_ADMITTED || result == WG_HANDSHAKE_RATE_LIMITED);
	}
	assert_int_equal(admitted, WG_RATE_BURST);
	assert_int_equal(arrive_proven(address(2, 1)), WG_HANDSHAKE_ADMITTED);
}

/* The kind of fault: one limiter for all, so that one flooding source starves the others. */
static void clients_behind_one_address_do_not_lock_each_other_out(void **state)
{
	(void)state;
	make_load();
	empty_the_queue();
	for (int i = 0; i < 1000; i++)
		arrive_proven(address(0xc0000201, 666));
	for (u16 port = 1000; port < 1200; port++) {
		assert_int_equal(arrive_proven(address(0xc0000201, port)), WG_HANDSHAKE_ADMITTED);
		empty_the_queue();
	}
}

/* An eavesdropper sends again what it saw of a client that has a cookie. */
static void a_replay_is_not_charged_to_its_source(void **state)
{
	struct wg_addr victim = address(0xc0000201, 51820);
	struct datagram d;

	(void)state;
	make_load();
	empty_the_queue();
	d = prove(&victim);
	assert_int_equal(arrive(&d, victim), WG_HANDSHAKE_ADMITTED);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(arrive(&d, victim), WG_HANDSHAKE_REPLAYED);
	for (int i = 1; i < WG_RATE_BURST; i++)
		assert_int_equal(arrive_proven(victim), WG_HANDSHAKE_ADMITTED);
}

/* From elsewhere its mac2 is worth nothing. */
static void a_proof_is_for_one_address_and_port(void **state)
{
	struct wg_addr from = address(0xc0000201, 51820);
	struct datagram d;

	(void)state;
	make_load();
	d = prove(&from);
	assert_int_equal(arrive(&d, address(0xc0000201, 51821)), WG_HANDSHAKE_COOKIE_REPLY);
	assert_int_equal(arrive(&d, address(0xc0000202, 51820)), WG_HANDSHAKE_COOKIE_REPLY);
	assert_int_equal(arrive(&d, from), WG_HANDSHAKE_ADMITTED);
}

static void what_was_queued_before_the_load_gets_a_cookie(void **state)
{
	struct wg_admitted out;
	u32 n = 0, queued = make_load();
	bool proven = arrive_proven(address(1, 1)) == WG_HANDSHAKE_ADMITTED;

	(void)state;
	assert_int_equal(queued, WG_ADMISSION_LOAD + 1);
	assert_true(proven);
	while (wg_admission_take(&ad, &out, now) == 0) {
		n++;
		assert_int_equal(out.wants_cookie, out.slot != slot);
	}
	assert_int_equal(n, queued + 1);
}

static void load_ends_a_moment_after_the_demand(void **state)
{
	(void)state;
	make_load();
	empty_the_queue();
	now += WG_ADMISSION_LOAD_HOLD - 1;
	assert_true(wg_admission_is_loaded(&ad, now));
	now++;
	assert_false(wg_admission_is_loaded(&ad, now));
	assert_int_equal(arrive_forged(address(1, 1), false), WG_HANDSHAKE_ADMITTED);
}

/* While a flood goes on there is load, although all of it is answered at once. */
static void load_does_not_flap(void **state)
{
	(void)state;
	make_load();
	empty_the_queue();
	for (u32 i = 0; i < 5000; i++) {
		now += MS;
		assert_int_equal(arrive_forged(address(i, 1), false), WG_HANDSHAKE_COOKIE_REPLY);
	}
	/* A few clients that come back are no flood. */
	for (u32 i = 0; i < 40; i++) {
		now += 50 * MS;
		arrive_forged(address(i, 1), false);
		empty_the_queue();
	}
	assert_false(wg_admission_is_loaded(&ad, now));
}

static void load_of_one_bucket_does_not_flap(void **state)
{
	struct wg_addr victim = address(0xc0000201, 51820);

	(void)state;
	while (arrive_forged(victim, false) == WG_HANDSHAKE_ADMITTED)
		;
	empty_the_queue();
	for (u32 i = 0; i < 3000; i++) {
		now += 10 * MS;
		assert_int_equal(arrive_forged(victim, false), WG_HANDSHAKE_COOKIE_REPLY);
	}
	now += WG_ADMISSION_LOAD_HOLD;
	assert_int_equal(arrive_forged(victim, false), WG_HANDSHAKE_ADMITTED);
}

static void cookie_replies_have_one_budget(void **state)
{
	const u32 burst = (u32)(WG_ADMISSION_COOKIE_BURST / (WG_SECOND / WG_ADMISSION_COOKIES));
	struct datagram d = forge(false);
	u32 replies = 0;

	(void)state;
	make_load();
	for (u32 i = 0; i < 2 * burst; i++)
		replies += arrive(&d, address(i, 1)) == WG_HANDSHAKE_COOKIE_REPLY;
	replies += replies_at_load;
	assert_int_equal(replies, burst);
	assert_int_equal(arrive(&d, address(1, 1)), WG_HANDSHAKE_NO_BUDGET);
	now += WG_SECOND / 10;
	for (u32 i = 0; i < burst; i++)
		replies += arrive(&d, address(i, 1)) == WG_HANDSHAKE_COOKIE_REPLY;
	assert_int_equal(replies, burst + WG_ADMISSION_COOKIES / 10);
	/* A hundred thousand a second are all answered. */
	assert_true(WG_ADMISSION_COOKIES >= 100000);
}

/* Whoever answers an initiation of R's. */
static struct datagram respond(u32 *index)
{
	struct datagram d = {.len = WG_RESPONSE_LEN}, initiation;
	struct wg_cookie_jar jar = {0};

	if (!remote[R]->handshake.pending.active)
		assert_true(initiate(R, &initiation));
	*index = remote[R]->handshake.pending.index;
	wg_store_le32(d.bytes, WG_MESSAGE_RESPONSE);
	wg_store_le32(d.bytes + 8, *index);
	serial++;
	wg_store_le32(d.bytes + 30, serial);
	wg_cookie_add_macs(&jar, side[R].local.identity.public_key, d.bytes, d.len, now);
	return d;
}

static void responses_are_under_load_too(void **state)
{
	struct datagram d;
	u32 index;

	(void)state;
	d = respond(&index);
	assert_int_equal(arrive(&d, address(1, 1)), WG_HANDSHAKE_ADMITTED);
	make_load();
	d = respond(&index);
	assert_int_equal(arrive(&d, address(1, 1)), WG_HANDSHAKE_COOKIE_REPLY);
}

/* An attacker that knows one index fills one bucket, from whatever address. */
static void a_flood_of_responses_reaches_one_handshake(void **state)
{
	u32 index, queued = 0, others = 0;
	struct datagram d;

	(void)state;
	for (u32 i = 0; i < 1000; i++) {
		d = respond(&index);
		queued += arrive(&d, address(i * 7919, (u16)i)) == WG_HANDSHAKE_ADMITTED;
	}
	assert_int_equal(queued, WG_ADMISSION_PER_BUCKET);
	for (u32 i = 0; i < 64; i++)
		others += arrive_forged(address(i, 1), false) == WG_HANDSHAKE_ADMITTED;
	assert_in_range(others, 50, 64);
}

static void a_flood_of_cookie_replies_stops_no_initiation(void **state)
{
	struct datagram d = {.len = WG_COOKIE_MESSAGE_LEN};
	u32 index, queued = 0, others = 0;

	(void)state;
	respond(&index);
	wg_store_le32(d.bytes, WG_MESSAGE_COOKIE);
	wg_store_le32(d.bytes + 4, index);
	for (u32 i = 0; i < 1000; i++)
		queued += arrive(&d, address(i * 7919, (u16)i)) == WG_HANDSHAKE_ADMITTED;
	assert_int_equal(queued, WG_ADMISSION_PER_BUCKET);
	for (u32 i = 0; i < 64; i++)
		others += arrive_forged(address(i, 1), false) == WG_HANDSHAKE_ADMITTED;
	assert_in_range(others, 50, 64);
}

/* With cookies for many sources nobody fills what one other source needs. */
static void the_queue_is_fair_between_sources(void **state)
{
	struct wg_admitted out;
	u32 first = 0;

	(void)state;
	make_load();
	empty_the_queue();
	now += WG_SECOND / 4;
	for (int i = 0; i < 8; i++)
		for (u32 port = 0; port < 4; port++)
			arrive_proven(address(0xc0000201, (u16)port));
	assert_int_equal(arrive_proven(address(5, 5)), WG_HANDSHAKE_ADMITTED);
	for (u16 mine = slot; wg_admission_take(&ad, &out, now) == 0; first++)
		if (out.slot == mine)
			break;
	assert_true(first <= 4);
}

static void it_is_bounded_whatever_comes(void **state)
{
	struct wg_admitted out;
	u32 n = 0;

	(void)state;
	for (u32 i = 0; i < 3000; i++) {
		u32 index;
		struct datagram d = respond(&index), c = {.len = WG_COOKIE_MESSAGE_LEN};

		arrive_forged(address(i * 31, 3), i & 1);
		arrive(&d, address(i, 1));
		wg_store_le32(c.bytes, WG_MESSAGE_COOKIE);
		wg_store_le32(c.bytes + 4, index);
		arrive(&c, address(i, 2));
		arrive_proven(address(i * 17, 9));
		assert_true(ad.waiting <= WG_ADMISSION_ENTRIES);
		assert_true(ad.fresh <= WG_ADMISSION_ENTRIES);
	}
	while (wg_admission_take(&ad, &out, now) == 0)
		n++;
	assert_int_equal(ad.waiting, 0);
	assert_true(n > WG_ADMISSION_LOAD);
	assert_int_equal(arrive_proven(address(3, 9)), WG_HANDSHAKE_ADMITTED);
}

/* For each millisecond of work two of rest. */
static void under_load_work_has_a_third_of_a_processor(void **state)
{
	struct wg_admitted out;
	u64 begin_at, worked = 0;

	(void)state;
	make_load();
	begin_at = now;
	while (now < begin_at + WG_SECOND / 2) {
		u64 until;

		arrive_proven(address((u32)(now / 1000), 1));
		until = wg_admission_take(&ad, &out, now);
		assert_true(until != WG_NEVER);
		if (until) {
			assert_true(until > now);
			now = until;
			continue;
		}
		now += MS / 5;
		worked += MS / 5;
		wg_admission_spent(&ad, MS / 5, now);
	}
	assert_in_range(worked, WG_SECOND / 2 / 3 - 3 * MS,
			(WG_SECOND / 2 + WG_ADMISSION_CREDIT) / 3 + 3 * MS);
}

/* A kernel with 250 ticks a second wakes up to 8 ms after the time. */
static void waking_late_costs_no_share(void **state)
{
	struct wg_admitted out;
	u64 begin_at, worked = 0;

	(void)state;
	make_load();
	begin_at = now;
	while (now < begin_at + WG_SECOND / 2) {
		u64 until;

		arrive_proven(address((u32)(now / 1000), 1));
		until = wg_admission_take(&ad, &out, now);
		assert_true(until != WG_NEVER);
		if (until) {
			now = until + 7 * MS;
			continue;
		}
		now += MS / 5;
		worked += MS / 5;
		wg_admission_spent(&ad, MS / 5, now);
	}
	assert_in_range(worked, WG_SECOND / 2 / 3 - 5 * MS,
			(WG_SECOND / 2 + WG_ADMISSION_CREDIT) / 3 + 5 * MS);
}

/* Nothing is worked on for minutes while messages arrive: load comes and goes. */
static void it_is_bounded_while_the_workers_stand_still(void **state)
{
	(void)state;
	for (u32 i = 0; i < 3000; i++) {
		struct datagram c = {.len = WG_COOKIE_MESSAGE_LEN};
		struct wg_arrival a = {c.bytes, c.len, address(i, 2), WG_ADMISSION_ANSWER};

		wg_store_le32(c.bytes, WG_MESSAGE_COOKIE);
		wg_store_le32(c.bytes + 4, i);
		wg_admission_decide(&ad, &a, &slot, &wake, now);
		arrive_proven(address(i * 17, 9));
	}
	for (u32 i = 0; i < 3000; i++) {
		arrive_forged(address(i * 31, 3), false);
		now += WG_SECOND / 3;
	}
	assert_int_equal(ad.waiting, WG_ADMISSION_ENTRIES);
	assert_int_equal(ad.fresh, WG_ADMISSION_ENTRIES);
}

static void without_load_work_is_not_held_up(void **state)
{
	struct wg_admitted out;

	(void)state;
	for (u32 i = 0; i < 500; i++) {
		arrive_forged(address(i, 1), false);
		assert_int_equal(wg_admission_take(&ad, &out, now), 0);
		now += MS;
		wg_admission_spent(&ad, MS, now);
	}
}

static int end(void **state)
{
	wg_handshake_forget(&side[R].local, remote[R], false);
	return teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_kept_of_what_cannot_be_ours),
		TEST(without_load_all_are_queued_in_turn),
		TEST(under_load_all_without_proof_get_a_cookie_on_equal_terms),
		TEST(a_spoofer_does_not_use_up_what_its_victim_needs),
		TEST(without_load_a_full_bucket_leads_to_a_cookie),
		TEST(a_proof_is_limited_by_source_only_under_load),
		TEST(clients_behind_one_address_do_not_lock_each_other_out),
		TEST(a_replay_is_not_charged_to_its_source),
		TEST(a_proof_is_for_one_address_and_port),
		TEST(what_was_queued_before_the_load_gets_a_cookie),
		TEST(load_ends_a_moment_after_the_demand),
		TEST(load_does_not_flap),
		TEST(load_of_one_bucket_does_not_flap),
		TEST(cookie_replies_have_one_budget),
		TEST(responses_are_under_load_too),
		TEST(a_flood_of_responses_reaches_one_handshake),
		TEST(a_flood_of_cookie_replies_stops_no_initiation),
		TEST(the_queue_is_fair_between_sources),
		TEST(it_is_bounded_whatever_comes),
		TEST(under_load_work_has_a_third_of_a_processor),
		TEST(waking_late_costs_no_share),
		TEST(it_is_bounded_while_the_workers_stand_still),
		TEST(without_load_work_is_not_held_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

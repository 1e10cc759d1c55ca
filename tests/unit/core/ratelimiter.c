// SPDX-License-Identifier: GPL-2.0
/* The rate limiter: how much, for whom, in how much memory. */
#include "../../../src/core/ratelimiter.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include "../random.h"
#include <cmocka.h>

enum { SETS = 64 };

/* Twenty a second. */
#define COST (50 * 1000 * 1000ULL)

static struct wg_rate_entry entries[SETS * WG_RATE_WAYS];
static const u8 key[16] = "0123456789abcdef";

static struct wg_ratelimiter new_limiter(u32 sets)
{
	struct wg_ratelimiter rl;

	memset(entries, 0, sizeof(entries));
	wg_ratelimiter_init(&rl, entries, sets, key);
	return rl;
}

static struct wg_addr v4(u32 n)
{
	return (struct wg_addr){{(u8)(n >> 24), (u8)(n >> 16), (u8)(n >> 8), (u8)n}, {1, 2}, 4};
}

static struct wg_addr v6(u64 network, u64 host)
{
	struct wg_addr a = {.family = 6};

	wg_store_le64(a.ip, network);
	wg_store_le64(a.ip + 8, host);
	return a;
}

static unsigned int allowed_of(struct wg_ratelimiter *rl, struct wg_addr a, unsigned int n, u64 now)
{
	unsigned int allowed = 0;

	while (n--)
		allowed += wg_ratelimiter_allow(rl, &a, now);
	return allowed;
}

static void a_source_begins_with_a_burst(void **state)
{
	struct wg_ratelimiter rl = new_limiter(SETS);

	(void)state;
	assert_int_equal(allowed_of(&rl, v4(1), 100, 0), WG_RATE_BURST);
	assert_int_equal(allowed_of(&rl, v4(2), 100, 0), WG_RATE_BURST);
	assert_int_equal(allowed_of(&rl, v6(1, 1), 100, 0), WG_RATE_BURST);
}

static void then_one_each_twentieth_of_a_second_to_the_nanosecond(void **state)
{
	struct wg_ratelimiter rl = new_limiter(SETS);
	u64 now = 7;

	(void)state;
	allowed_of(&rl, v4(1), 100, now);
	for (int i = 0; i < 50; i++) {
		now += COST;
		assert_int_equal(allowed_of(&rl, v4(1), 3, now - 1), 0);
		assert_int_equal(allowed_of(&rl, v4(1), 3, now), 1);
	}
}

/* Asking often and in vain must not cost the fractions. */
static void in_an_hour_as_many_as_the_rate_gives(void **state)
{
	struct wg_ratelimiter rl = new_limiter(SETS);
	struct random r = {1};
	u64 now = 0, allowed = 0;

	(void)state;
	while (now < 3600 * WG_SECOND) {
		allowed += allowed_of(&rl, v4(1), 1, now);
		now += random_below(&r, COST / 2);
	}
	assert_in_range(allowed, 3600 * WG_RATE_PER_SECOND + WG_RATE_BURST - 2,
			3600 * WG_RATE_PER_SECOND + WG_RATE_BURST);
}

static void quiet_fills_up_to_a_burst_and_no_more(void **state)
{
	static const u64 quiet[] = {5 * COST, 5 * COST + 1, 3600 * WG_SECOND, UINT64_MAX / 2};
	struct wg_ratelimiter rl = new_limiter(SETS);
	u64 now = 1;

	(void)state;
	allowed_of(&rl, v4(1), 100, now);
	assert_int_equal(allowed_of(&rl, v4(1), 100, now += 3 * COST), 3);
	for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		assert_int_equal(allowed_of(&rl, v4(1), 100, now += quiet[i]), WG_RATE_BURST);
}

static void a_clock_that_goes_back_gives_nothing(void **state)
{
	struct wg_ratelimiter rl = new_limiter(SETS);
	u64 now = 100 * WG_SECOND;

	(void)state;
	assert_int_equal(allowed_of(&rl, v4(1), 2, now), 2);
	assert_int_equal(allowed_of(&rl, v4(1), 100, now - 50 * WG_SECOND), 0);
	assert_int_equal(allowed_of(&rl, v4(1), 100, now), WG_RATE_BURST - 2);
	assert_int_equal(allowed_of(&rl, v4(1), 100, now + COST), 1);
}

/* Clients of one network, all with the same listen port. */
static void neighbours_in_a_64_have_their_own_tokens(void **state)
{
	struct wg_ratelimiter rl = new_limiter(SETS);

	(void)state;
	assert_int_equal(allowed_of(&rl, v6(77, 1), 100000, 5), WG_RATE_BURST);
	for (int bit = 1; bit < 64; bit++)
		assert_int_equal(allowed_of(&rl, v6(77, 1 ^ 1ULL << bit), 2, 5), 2);
}

static void a_64_counts_as_one_address(void **state)
{
	struct wg_ratelimiter rl = new_limiter(SETS);
	unsigned int allowed = 0;

	(void)state;
	for (u64 host = 0; host < 1000; host++)
		allowed += allowed_of(&rl, v6(77, host << 50 | host), 1, 5);
	assert_int_equal(allowed, WG_RATE_ADDRESS_BURST);
	/* All bits of the network are part of it. */
	for (int bit = 0; bit < 64; bit++)
		assert_int_equal(allowed_of(&rl, v6(77 ^ 1ULL << bit, 0), 1, 5), 1);
}

/* Many clients behind one translated address. */
static void each_port_of_an_address_has_its_own_tokens(void **state)
{
	struct wg_ratelimiter rl = new_limiter(SETS);
	struct wg_addr a = v4(1);

	(void)state;
	assert_int_equal(allowed_of(&rl, a, 1000, 5), WG_RATE_BURST);
	for (u8 i = 0; i < 40; i++) {
		a.port[0] = (u8)(100 + i);
		assert_int_equal(allowed_of(&rl, a, 1, 5), 1);
	}
}

/* One machine with a cookie for each of its ports, or addresses of its /64. */
static void all_ports_of_an_address_together_are_bounded(void **state)
{
	struct wg_ratelimiter rl = new_limiter(SETS);
	struct wg_addr four = v4(1), six = v6(77, 0);
	unsigned int of_four = 0, of_six = 0;

	(void)state;
	for (int i = 0; i < 3 * WG_RATE_ADDRESS_BURST; i++) {
		four.port[0] = six.port[0] = (u8)i;
		four.port[1] = six.port[1] = (u8)(i >> 8);
		six.ip[15] = (u8)i;
		of_four += allowed_of(&rl, four, 1, 5);
		of_six += allowed_of(&rl, six, 1, 5);
	}
	assert_int_equal(of_four, WG_RATE_ADDRESS_BURST);
	assert_int_equal(of_six, WG_RATE_ADDRESS_BURST);
	/* Other addresses have all of theirs. */
	assert_int_equal(allowed_of(&rl, v4(2), 100, 5), WG_RATE_BURST);
	/* A second later the rate is back. */
	for (int i = 0; i < 3 * WG_RATE_ADDRESS_PER_SECOND; i++) {
		four.port[0] = (u8)(i + 9);
		four.port[1] = (u8)(i >> 8 | 128);
		of_four += allowed_of(&rl, four, 1, 5 + WG_SECOND);
	}
	assert_int_equal(of_four, WG_RATE_ADDRESS_BURST + WG_RATE_ADDRESS_PER_SECOND);
}

/* What was refused is charged to neither bucket. */
static void one_port_cannot_use_up_its_address(void **state)
{
	struct wg_ratelimiter rl = new_limiter(SETS);
	struct wg_addr a = v4(1);

	(void)state;
	allowed_of(&rl, a, 100000, 5);
	a.port[0]++;
	assert_int_equal(allowed_of(&rl, a, 100, 5), WG_RATE_BURST);
}

static void padding_is_not_the_source(void **state)
{
	struct wg_ratelimiter rl = new_limiter(SETS);
	struct wg_addr a = v4(1);
	unsigned int allowed = 0;

	(void)state;
	for (u8 i = 0; i < 100; i++) {
		a.ip[4] = a.ip[15] = i;
		allowed += wg_ratelimiter_allow(&rl, &a, 5);
	}
	assert_int_equal(allowed, WG_RATE_BURST);
}

/* 0x01020304:: and 1.2.3.4 begin with the same bytes. */
static void the_families_are_apart(void **state)
{
	struct wg_ratelimiter rl = new_limiter(SETS);
	struct wg_addr a = v4(0x01020304), b = a;

	(void)state;
	b.family = 6;
	assert_int_equal(allowed_of(&rl, a, 100, 5), WG_RATE_BURST);
	assert_int_equal(allowed_of(&rl, b, 100, 5), WG_RATE_BURST);
}

/* One set, four ways: two sources and their addresses. A third takes the places of what it costs the
 * least to forget: the buckets of the addresses, which are nearly full. */
static void in_a_full_set_who_has_the_most_left_makes_room(void **state)
{
	struct wg_ratelimiter rl = new_limiter(1);

	(void)state;
	for (u32 n = 0; n < 2; n++)
		allowed_of(&rl, v4(n), 100, 10 + n);
	assert_int_equal(allowed_of(&rl, v4(9), 1, 21), 1);
	assert_int_equal(allowed_of(&rl, v4(0), 1, 22), 0);
	assert_int_equal(allowed_of(&rl, v4(1), 1, 22), 0);
}

static void a_flood_stays_within_the_table(void **state)
{
	static struct wg_rate_entry guarded[8 * WG_RATE_WAYS + 2];
	struct wg_ratelimiter rl;
	struct random r = {3};

	(void)state;
	memset(guarded, 0xee, sizeof(guarded));
	memset(guarded + 1, 0, 8 * WG_RATE_WAYS * sizeof(guarded[0]));
	wg_ratelimiter_init(&rl, guarded + 1, 8, key);
	for (u64 now = 0; now < 100000; now++) {
		struct wg_addr a = now & 1 ? v4((u32)random_next(&r)) : v6(random_next(&r), 0);

		wg_ratelimiter_allow(&rl, &a, now * 1000);
	}
	for (size_t i = 0; i < 8 * WG_RATE_WAYS; i++)
		assert_true(guarded[1 + i].tag);
	assert_memory_equal(&guarded[0].tag, "\xee\xee\xee\xee\xee\xee\xee\xee", 8);
	assert_memory_equal(&guarded[8 * WG_RATE_WAYS + 1].tag, "\xee\xee\xee\xee\xee\xee\xee\xee",
			    8);
}

/* Who meets whom depends on the key. */
static void sets_differ_with_the_key(void **state)
{
	size_t differ = 0;

	(void)state;
	for (u32 n = 0; n < 64; n++) {
		struct wg_rate_entry a[2 * WG_RATE_WAYS] = {{0}}, b[2 * WG_RATE_WAYS] = {{0}};
		struct wg_addr from = v4(n);
		struct wg_ratelimiter rl;

		wg_ratelimiter_init(&rl, a, 2, key);
		wg_ratelimiter_allow(&rl, &from, 1);
		wg_ratelimiter_init(&rl, b, 2, (const u8 *)"another key of16");
		wg_ratelimiter_allow(&rl, &from, 1);
		differ += !a[0].tag != !b[0].tag;
	}
	assert_in_range(differ, 16, 48);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_begins_with_a_burst),
		cmocka_unit_test(then_one_each_twentieth_of_a_second_to_the_nanosecond),
		cmocka_unit_test(in_an_hour_as_many_as_the_rate_gives),
		cmocka_unit_test(quiet_fills_up_to_a_burst_and_no_more),
		cmocka_unit_test(a_clock_that_goes_back_gives_nothing),
		cmocka_unit_test(neighbours_in_a_64_have_their_own_tokens),
		cmocka_unit_test(a_64_counts_as_one_address),
		cmocka_unit_test(each_port_of_an_address_has_its_own_tokens),
		cmocka_unit_test(all_ports_of_an_address_together_are_bounded),
		cmocka_unit_test(one_port_cannot_use_up_its_address),
		cmocka_unit_test(padding_is_not_the_source),
		cmocka_unit_test(the_families_are_apart),
		cmocka_unit_test(in_a_full_set_who_has_the_most_left_makes_room),
		cmocka_unit_test(a_flood_stays_within_the_table),
		cmocka_unit_test(sets_differ_with_the_key),
	};

	return cmocka_run_group_tests_name("core/ratelimiter", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Which endpoint a peer gets, and when, on a clock that the tests turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include "../../../../src/lib/base/alloc.h"
#include "../../../../src/wg-quick/watch/endpoints.h"

static struct endpoints e;
static struct health h;
static struct watch_times t;
static union wg_endpoint current, address;
static u64 now;

static union wg_endpoint parse(const char *text, u16 port)
{
	union wg_endpoint ep = {0};

	if (strchr(text, ':')) {
		ep.addr6.sin6_family = AF_INET6;
		ep.addr6.sin6_port = htons(port);
		assert_int_equal(inet_pton(AF_INET6, text, &ep.addr6.sin6_addr), 1);
	} else {
		ep.addr4.sin_family = AF_INET;
		ep.addr4.sin_port = htons(port);
		assert_int_equal(inet_pton(AF_INET, text, &ep.addr4.sin_addr), 1);
	}
	return ep;
}

static void add_line(const char *host, const char *numeric)
{
	e.lines = wg_realloc(e.lines, e.n_lines + 1, sizeof(*e.lines));
	e.lines[e.n_lines] = (struct endpoint_line){.port = 51820};
	if (host)
		e.lines[e.n_lines].host = wg_strndup(host, strlen(host));
	else
		e.lines[e.n_lines].addresses[e.lines[e.n_lines].n++] = parse(numeric, 51820);
	e.n_lines++;
}

static int begin(void **state)
{
	(void)state;
	e = (struct endpoints){.random = 7};
	h = (struct health){.begun = true};
	t = watch_times_get();
	current = (union wg_endpoint){0};
	now = 1000000;
	return 0;
}

static int end(void **state)
{
	(void)state;
	endpoints_wipe(&e);
	return 0;
}

static enum endpoints_action work(void)
{
	enum endpoints_action action = endpoints_work(&e, &t, &h, &current, now, &address);

	if (action == ENDPOINTS_SET) {
		current = address;
		h.owes_since = 0;
	}
	return action;
}

static void expect_set(const char *text)
{
	union wg_endpoint wanted = parse(text, 51820);

	assert_int_equal(work(), ENDPOINTS_SET);
	assert_memory_equal(&address, &wanted, sizeof(wanted));
	assert_int_equal(work(), ENDPOINTS_NONE);
}

/* Something is sent to the address, and nothing comes back for so long. */
static void in_vain(void)
{
	h.owes_since = now + 1;
	now += t.try_ms;
}

static void found(size_t line, const char *a, const char *b, const char *c)
{
	const char *texts[] = {a, b, c};
	union wg_endpoint list[3];
	size_t n = 0;

	for (size_t i = 0; i < 3 && texts[i]; i++)
		list[n++] = parse(texts[i], 0);
	endpoints_answer(&e, line, list, n);
}

static void a_peer_that_is_not_lost_is_left_alone(void **state)
{
	(void)state;
	add_line("a.example", NULL);
	current = parse("192.0.2.77", 9); /* where it has roamed to */
	for (int i = 0; i < 1000; i++, now += 60000)
		assert_int_equal(work(), ENDPOINTS_NONE);
}

static void a_peer_without_an_endpoint_is_looked_up_at_once(void **state)
{
	(void)state;
	add_line("a.example", NULL);
	assert_int_equal(work(), ENDPOINTS_LOOK_UP);
	assert_int_equal(work(), ENDPOINTS_NONE);
	found(0, "192.0.2.1", NULL, NULL);
	expect_set("192.0.2.1");
	/* It has one now, and owes nothing. */
	for (int i = 0; i < 100; i++, now += 10000)
		assert_int_equal(work(), ENDPOINTS_NONE);
}

static void ipv6_and_ipv4_in_turn(void **state)
{
	(void)state;
	add_line("a.example", NULL);
	assert_int_equal(work(), ENDPOINTS_LOOK_UP);
	found(0, "2001:db8::1", "2001:db8::2", "192.0.2.1");
	expect_set("2001:db8::1");
	h.lost = true;
	in_vain();
	/* The line in use is asked for anew. */
	e.state = ENDPOINTS_REST;
	assert_int_equal(work(), ENDPOINTS_LOOK_UP);
	found(0, "2001:db8::1", "2001:db8::2", "192.0.2.1");
	expect_set("192.0.2.1");
	in_vain();
	expect_set("2001:db8::2");
}

static void a_name_that_has_moved(void **state)
{
	(void)state;
	add_line("a.example", NULL);
	current = parse("192.0.2.1", 51820);
	h.lost = true;
	assert_int_equal(work(), ENDPOINTS_LOOK_UP);
	found(0, "192.0.2.2", NULL, NULL);
	expect_set("192.0.2.2");
	h.lost = false;
	assert_int_equal(work(), ENDPOINTS_NONE);
	assert_int_equal(e.state, ENDPOINTS_REST);
}

static void lines_in_their_order(void **state)
{
	(void)state;
	add_line(NULL, "192.0.2.1");
	add_line("b.example", NULL);
	add_line(NULL, "192.0.2.3");
	current = parse("192.0.2.1", 51820);
	h.lost = true;
	assert_int_equal(work(), ENDPOINTS_LOOK_UP);
	assert_int_equal(e.line, 1);
	found(1, "192.0.2.2", NULL, NULL);
	expect_set("192.0.2.2");
	in_vain();
	expect_set("192.0.2.3");
	in_vain();
	/* All have been tried: a pause, and the first again. */
	assert_int_equal(work(), ENDPOINTS_NONE);
	assert_int_equal(e.state, ENDPOINTS_PAUSE);
	now = e.until;
	expect_set("192.0.2.1");
}

static void a_dead_resolver_holds_up_no_other_line(void **state)
{
	(void)state;
	add_line("a.example", NULL);
	add_line(NULL, "192.0.2.3");
	assert_int_equal(work(), ENDPOINTS_LOOK_UP);
	now += t.lookup_ms - 1;
	assert_int_equal(work(), ENDPOINTS_NONE);
	now++;
	expect_set("192.0.2.3");
}

static void a_failed_lookup_keeps_what_was_found(void **state)
{
	(void)state;
	add_line("a.example", NULL);
	assert_int_equal(work(), ENDPOINTS_LOOK_UP);
	found(0, "192.0.2.1", "192.0.2.2", NULL);
	expect_set("192.0.2.1");
	h.lost = true;
	e.state = ENDPOINTS_REST;
	assert_int_equal(work(), ENDPOINTS_LOOK_UP);
	found(0, NULL, NULL, NULL);
	expect_set("192.0.2.2");
}

static void an_address_that_cannot_be_had_is_skipped(void **state)
{
	(void)state;
	add_line("a.example", NULL);
	add_line(NULL, "192.0.2.9");
	assert_int_equal(work(), ENDPOINTS_LOOK_UP);
	found(0, "2001:db8::1", NULL, NULL);
	assert_int_equal(endpoints_work(&e, &t, &h, &current, now, &address), ENDPOINTS_SET);
	endpoints_skip(&e);
	expect_set("192.0.2.9");
}

static void nothing_sent_is_nothing_tried(void **state)
{
	(void)state;
	add_line(NULL, "192.0.2.1");
	add_line(NULL, "192.0.2.2");
	add_line(NULL, "192.0.2.3");
	current = parse("192.0.2.1", 51820);
	h.lost = true;
	expect_set("192.0.2.2");
	now += 100 * t.try_ms;
	assert_int_equal(work(), ENDPOINTS_NONE);
	in_vain();
	expect_set("192.0.2.3");
}

/* However long a peer is away, the work is bounded: lookups become rare, and never stop. */
static void the_pauses_grow(void **state)
{
	unsigned int lookups = 0;

	(void)state;
	add_line("a.example", NULL);
	for (u64 stop = now + 3600000; now < stop; now += 1000) {
		enum endpoints_action action;

		while ((action = work()) != ENDPOINTS_NONE)
			lookups += action == ENDPOINTS_LOOK_UP;
		if (e.state == ENDPOINTS_ASKING)
			found(0, NULL, NULL, NULL);
	}
	assert_in_range(lookups, 45, 90);
	/* A new way out ends the pause. */
	e.until = now + t.pause_most_ms;
	e.state = ENDPOINTS_PAUSE;
	endpoints_hurry(&e, &t, now);
	now += t.pause_ms / 2;
	assert_int_equal(work(), ENDPOINTS_LOOK_UP);
}

static void more_addresses_than_there_is_room_for(void **state)
{
	union wg_endpoint many[ENDPOINTS_ADDRESSES + 4];

	(void)state;
	add_line("a.example", NULL);
	for (size_t i = 0; i < ENDPOINTS_ADDRESSES + 4; i++)
		many[i] = parse(i % 3 ? "192.0.2.1" : "2001:db8::1", 0);
	endpoints_answer(&e, 0, many, ENDPOINTS_ADDRESSES + 4);
	assert_int_equal(e.lines[0].n, ENDPOINTS_ADDRESSES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_peer_that_is_not_lost_is_left_alone, begin, end),
		cmocka_unit_test_setup_teardown(a_peer_without_an_endpoint_is_looked_up_at_once, begin, end),
		cmocka_unit_test_setup_teardown(ipv6_and_ipv4_in_turn, begin, end),
		cmocka_unit_test_setup_teardown(a_name_that_has_moved, begin, end),
		cmocka_unit_test_setup_teardown(lines_in_their_order, begin, end),
		cmocka_unit_test_setup_teardown(a_dead_resolver_holds_up_no_other_line, begin, end),
		cmocka_unit_test_setup_teardown(a_failed_lookup_keeps_what_was_found, begin, end),
		cmocka_unit_test_setup_teardown(an_address_that_cannot_be_had_is_skipped, begin, end),
		cmocka_unit_test_setup_teardown(nothing_sent_is_nothing_tried, begin, end),
		cmocka_unit_test_setup_teardown(the_pauses_grow, begin, end),
		cmocka_unit_test_setup_teardown(more_addresses_than_there_is_room_for, begin, end),
	};

	return cmocka_run_group_tests_name("wg-quick/watch/endpoints", tests, NULL, NULL);
}

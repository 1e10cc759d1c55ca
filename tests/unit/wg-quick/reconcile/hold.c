// SPDX-License-Identifier: GPL-2.0
/* What stands in for a part of a tunnel while a reload takes it away. The rules of the kernel are not asked:
 * a mark is in tests/netns/reload-leaks.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include "../../../../src/wg-quick/reconcile/hold.h"

static const struct run run = {.name = "wg0"};
static const struct mark_change same_mark = {51820, 51820};

struct fixture {
	struct plan wanted, held;
	struct difference d;
	struct step addresses[4], routes[4];
	struct found found;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->found.addresses = f->addresses;
	f->found.routes = f->routes;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	plan_forget(&f->wanted);
	plan_forget(&f->held);
	difference_wipe(&f->d);
	free(f);
	return 0;
}

static struct step address(u8 net, u8 last, u8 cidr)
{
	return (struct step){.kind = STEP_ADDRESS,
			     .prefix = {.family = AF_INET, .cidr = cidr, .addr = {10, net, 0, last}}};
}

static struct step address6(u8 last, u8 cidr)
{
	return (struct step){.kind = STEP_ADDRESS,
			     .prefix = {.family = AF_INET6, .cidr = cidr, .addr = {0xfd, [15] = last}}};
}

static struct step route(u8 net, u8 cidr, u32 table)
{
	struct step s = {.kind = STEP_ROUTE, .route = {.table = table, .protocol = WG_RTNL_PROTOCOL}};

	s.route.dst = (struct wg_prefix){.family = AF_INET, .cidr = cidr, .addr = {cidr ? 10 : 0, net}};
	return s;
}

static void add(struct plan *p, struct step s)
{
	*plan_add(p, s.kind) = s;
}

/* An address that is there, and wanted or to be removed. */
static void has(struct fixture *f, struct step s, struct plan *p)
{
	f->addresses[f->found.n_addresses++] = s;
	add(p, s);
}

/* One that is to be added. */
static void gets(struct fixture *f, struct step s)
{
	add(&f->wanted, s);
	add(&f->d.add, s);
}

static void has_route(struct fixture *f, struct step s)
{
	f->routes[f->found.n_routes++] = s;
	add(&f->wanted, s);
}

static void assert_held(struct fixture *f, bool promotes, const char *expected)
{
	char text[1024] = "";

	assert_int_equal(hold_find(&f->held, &f->d, &f->wanted, &f->found, promotes, &same_mark, &run, NULL),
			 0);
	for (size_t i = 0; i < f->held.n; i++) {
		char *command = step_command(&f->held.steps[i], "wg0");

		strcat(strcat(text, command), "\n");
		free(command);
	}
	assert_string_equal(text, expected);
}

static void nothing_is_held_where_no_address_goes(void **state)
{
	struct fixture *f = *state;

	has(f, address(0, 1, 24), &f->wanted);
	gets(f, address(0, 2, 24));
	has_route(f, route(0, 0, 51820));
	assert_held(f, false, "");
}

static void the_network_of_an_address_that_goes_is_held_where_it_is_wanted(void **state)
{
	struct fixture *f = *state;

	has(f, address(0, 1, 24), &f->d.remove);
	has(f, address(1, 1, 24), &f->d.remove);
	gets(f, address(0, 2, 32));
	assert_held(f, true, "ip -4 route add 10.0.0.0/24 dev wg0 table 254 metric 4294967294\n");
}

static void so_is_that_of_one_of_ipv6(void **state)
{
	struct fixture *f = *state;

	has(f, address6(1, 64), &f->d.remove);
	gets(f, address6(1, 48));
	assert_held(f, true, "ip -6 route add fd00::/64 dev wg0 table 254 metric 4294967294\n");
}

static void where_secondary_addresses_go_an_address_holds_the_routes(void **state)
{
	struct fixture *f = *state;

	has(f, address(0, 1, 24), &f->d.remove);
	gets(f, address(0, 2, 24));
	has_route(f, route(0, 0, 51820));
	assert_held(f, false,
		    "ip -4 address add 10.0.0.2/32 dev wg0\n"
		    "ip -4 route add 10.0.0.0/24 dev wg0 table 254 metric 4294967294\n");
}

/* It is held by what is there, and cannot be added again. */
static void of_several_the_address_that_is_there_holds_them(void **state)
{
	struct fixture *f = *state;

	has(f, address(0, 1, 24), &f->d.remove);
	has(f, address(0, 3, 32), &f->d.remove);
	gets(f, address(0, 2, 24));
	gets(f, address(0, 3, 24));
	has_route(f, route(0, 0, 51820));
	assert_held(f, false,
		    "ip -4 address add 10.0.0.3/32 dev wg0\n"
		    "ip -4 route add 10.0.0.0/24 dev wg0 table 254 metric 4294967294\n");
}

static void one_of_another_network_does_so_by_itself(void **state)
{
	struct fixture *f = *state;

	has(f, address(0, 1, 24), &f->d.remove);
	gets(f, address(1, 1, 24));
	has_route(f, route(0, 0, 51820));
	assert_held(f, false, "");
}

static void without_any_address_of_ipv4_its_routes_refuse(void **state)
{
	struct fixture *f = *state;

	has(f, address(0, 1, 24), &f->d.remove);
	gets(f, address6(1, 64));
	has_route(f, route(0, 0, 51820));
	add(&f->wanted, route(0, 25, RT_TABLE_MAIN));
	f->routes[f->found.n_routes++] = route(9, 24, RT_TABLE_MAIN);
	assert_held(f, true,
		    "ip -4 route add unreachable 0.0.0.0/0 table 51820 metric 4294967294\n"
		    "ip -4 route add unreachable 10.0.0.0/24 table 254 metric 4294967294\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_held_where_no_address_goes),
		TEST(the_network_of_an_address_that_goes_is_held_where_it_is_wanted),
		TEST(so_is_that_of_one_of_ipv6),
		TEST(where_secondary_addresses_go_an_address_holds_the_routes),
		TEST(of_several_the_address_that_is_there_holds_them),
		TEST(one_of_another_network_does_so_by_itself),
		TEST(without_any_address_of_ipv4_its_routes_refuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* What is taken for the tunnel's where its journal is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "../../../../src/wg-quick/reconcile/adopt.h"

/* Whether src_valid_mark is taken for the tunnel's where a default route through it stands in the table of its
 * mark, and no rule leads there. */
static bool takes_the_sysctl(const struct config *c)
{
	struct netstate s = {.link_exists = true, .ifindex = 7, .has_default_route = {true}};
	struct state *st = calloc(1, sizeof(*st));
	bool has;

	adopt_missing(st, c, &s, 51820);
	has = plan_has(&st->steps, STEP_SYSCTL);
	state_wipe(st);
	free(st);
	return has;
}

static void a_route_alone_is_a_full_tunnels_where_the_file_says_so(void **state)
{
	struct config *c = calloc(1, sizeof(*c));

	(void)state;
	strcpy(c->name, "wg0");
	c->dev = wg_device_new();
	c->table_mode = TABLE_AUTO;
	assert_true(takes_the_sysctl(c));
	/* Rules that the user has made for it, and has removed, never came with the sysctl. */
	c->table_mode = TABLE_GIVEN;
	assert_false(takes_the_sysctl(c));
	assert_false(takes_the_sysctl(NULL));
	config_wipe(c);
	free(c);
}

/* The DNS of the host is not that of a tunnel with a Namespace. */
static void a_namespace_has_servers_of_its_own(void **state)
{
	struct netstate s = {.link_exists = true, .ifindex = 7, .dns = {.made = true, .backend = DNS_RESOLVCONF}};
	struct config *c = calloc(1, sizeof(*c));
	struct state *st = calloc(1, sizeof(*st));

	(void)state;
	strcpy(c->name, "wg0");
	c->dev = wg_device_new();
	c->netns = strdup("apart");
	strings_add(&c->dns_servers, "10.0.0.1", 8);
	adopt_missing(st, c, &s, 0);
	assert_false(plan_has(&st->steps, STEP_DNS));
	assert_true(plan_has(&st->steps, STEP_NETNS_DNS));
	state_wipe(st);
	config_wipe(c);
	free(st);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_route_alone_is_a_full_tunnels_where_the_file_says_so),
		cmocka_unit_test(a_namespace_has_servers_of_its_own),
	};

	return cmocka_run_group_tests_name("wg-quick/reconcile/adopt", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Prefixes that several peers of a file list. */
#include "../../../../src/wg-quick/config/shares.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../../src/lib/base/prefix.h"

#define PEER(c) "[Peer]\nPublicKey = " c "gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"

static const char file[] = "[Interface]\nFailover = yes\n"
	PEER("A") "AllowedIPs = 10.1.0.0/16, 0.0.0.0/0, ::/0\n"
	PEER("B") "AllowedIPs = 0.0.0.0/0, 10.2.0.0/16, ::/0\n"
	PEER("C") "AllowedIPs = 10.3.0.0/16, 0.0.0.7/0\n";

static void parse(struct config *c, const char *text)
{
	FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	struct wg_error err;

	*c = (struct config){.name = "wg0", .path = "wg0.conf"};
	assert_int_equal(config_parse(c, f, NULL, &err), 0);
	fclose(f);
}

/* The allowed IPs of all peers, a line each. */
static char *list(const struct wg_device *dev)
{
	char *text, net[WG_PREFIX_STRLEN];
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (const struct wg_peer *p = dev->peers; p; p = p->next) {
		const struct wg_allowedip *last = NULL;

		for (const struct wg_allowedip *a = p->allowedips; a; a = a->next) {
			struct wg_prefix prefix = {.family = a->family, .cidr = a->cidr};

			memcpy(prefix.addr, a->addr, wg_family_len(a->family));
			fprintf(f, "%s ", wg_prefix_format(net, &prefix));
			last = a;
		}
		assert_ptr_equal(p->last_allowedip, last);
		fputc('\n', f);
	}
	fclose(f);
	return text;
}

static void expect(const struct wg_device *dev, const char *expected)
{
	char *text = list(dev);

	assert_string_equal(text, expected);
	free(text);
}

static void the_first_has_them(void **state)
{
	struct config c;

	(void)state;
	parse(&c, file);
	expect(c.dev, "10.1.0.0/16 0.0.0.0/0 ::/0 \n10.2.0.0/16 \n10.3.0.0/16 \n");
	assert_int_equal(c.n_shares, 2);
	assert_int_equal(c.shares[0].n, 3);
	assert_int_equal(c.shares[1].n, 2);
	assert_ptr_equal(c.shares[0].members[1], c.dev->peers->next);
	config_wipe(&c);
}

static void without_failover_all_stays(void **state)
{
	struct config c;

	(void)state;
	parse(&c, strstr(file, "[Peer]"));
	expect(c.dev, "10.1.0.0/16 0.0.0.0/0 ::/0 \n0.0.0.0/0 10.2.0.0/16 ::/0 \n10.3.0.0/16 0.0.0.7/0 \n");
	assert_int_equal(c.n_shares, 0);
	config_wipe(&c);
}

static void what_the_watch_has_moved_is_no_difference(void **state)
{
	struct config c, have;
	struct wg_allowedip *moved;

	(void)state;
	parse(&c, file);
	parse(&have, file);
	/* The second has the one of IPv4. */
	moved = have.dev->peers->allowedips->next;
	have.dev->peers->allowedips->next = moved->next;
	wg_peer_add_allowedip(have.dev, have.dev->peers->next, AF_INET, moved->addr, 0, 0);
	shares_follow(&c, have.dev);
	expect(c.dev, "10.1.0.0/16 ::/0 \n10.2.0.0/16 0.0.0.0/0 \n10.3.0.0/16 \n");
	config_wipe(&c);
	config_wipe(&have);
}

/* A prefix that a stranger has, or nobody, is wanted back by the first. */
static void only_a_peer_that_lists_it_may_keep_it(void **state)
{
	struct config c, have;

	(void)state;
	parse(&c, file);
	parse(&have, "[Interface]\n" PEER("D") "AllowedIPs = 0.0.0.0/0\n");
	shares_follow(&c, have.dev);
	expect(c.dev, "10.1.0.0/16 0.0.0.0/0 ::/0 \n10.2.0.0/16 \n10.3.0.0/16 \n");
	config_wipe(&c);
	config_wipe(&have);
}

static void what_is_saved_has_them_in_all_peers(void **state)
{
	struct config c, have;

	(void)state;
	parse(&c, file);
	parse(&have, "[Interface]\n" PEER("A") "AllowedIPs = 10.1.0.0/16\n" PEER("B") "AllowedIPs = 0.0.0.0/0, ::/0\n"
	      PEER("C") "AllowedIPs = 10.3.0.0/16\n");
	shares_spread(&c, have.dev);
	expect(have.dev, "10.1.0.0/16 0.0.0.0/0 ::/0 \n0.0.0.0/0 ::/0 \n10.3.0.0/16 0.0.0.0/0 \n");
	config_wipe(&c);
	config_wipe(&have);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* Each prefix is found once, in order, with its peers of all files. */
static void drop_ins_count(void **state)
{
	char folder[] = "/tmp/wg-shares-XXXXXX", drop_ins[64], drop_in[80];
	struct config c = {.name = "wg0"};
	struct wg_error err;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(c.path, sizeof(c.path), "%s/wg0.conf", folder);
	snprintf(drop_ins, sizeof(drop_ins), "%s/wg0.conf.d", folder);
	snprintf(drop_in, sizeof(drop_in), "%s/1.conf", drop_ins);
	assert_int_equal(mkdir(drop_ins, 0700), 0);
	write_file(c.path, "[Interface]\nFailover = yes\n" PEER("A") "AllowedIPs = 10.1.0.0/16, 10.9.0.0/16\n"
		   PEER("B") "AllowedIPs = 10.9.0.0/16\n");
	write_file(drop_in, PEER("C") "AllowedIPs = 10.1.0.0/16, 10.9.0.0/16\n");
	assert_int_equal(config_read(&c, NULL, &err), 0);
	unlink(drop_in);
	rmdir(drop_ins);
	unlink(c.path);
	rmdir(folder);
	expect(c.dev, "10.1.0.0/16 10.9.0.0/16 \n\n\n");
	assert_int_equal(c.n_shares, 2);
	assert_int_equal(c.shares[0].n, 2);
	assert_int_equal(c.shares[1].n, 3);
	config_wipe(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_has_them),
		cmocka_unit_test(without_failover_all_stays),
		cmocka_unit_test(what_the_watch_has_moved_is_no_difference),
		cmocka_unit_test(only_a_peer_that_lists_it_may_keep_it),
		cmocka_unit_test(what_is_saved_has_them_in_all_peers),
		cmocka_unit_test(drop_ins_count),
	};

	return cmocka_run_group_tests_name("wg-quick/config/shares", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Sending a change to a userspace implementation that loses no allowed IP to another peer, to one that does, and to
 * one that has no room for the parting peer. */
#include "../../../../src/lib/device/change.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/lib/device/diff.h"
#include "userspace.h"

#define PARTING "public_key=bf21f484c2834442c72d07c3b2fcc51605af8e612569b226f996d50e4448f01e\n"
#define ONE     "public_key=0101010101010101010101010101010101010101010101010101010101010101\n"
#define TWO     "public_key=0202020202020202020202020202020202020202020202020202020202020202\n"
#define GET     "get=1\n\n"
#define OK      "errno=0\n\n"
#define PART    "set=1\n" PARTING "allowed_ip=10.1.0.0/16\n" PARTING "remove=true\n\n"

/* A peer that has 10.N.0.0/16 for each N of the list, which ends with 0. */
static void add_peer(struct wg_device *dev, int key, const u8 *nets)
{
	struct wg_peer *p = wg_device_add_peer(dev);

	memset(p->public_key, key, WG_KEY_LEN);
	p->flags = WG_PEER_HAS_PUBLIC_KEY;
	for (; *nets; nets++) {
		const u8 addr[4] = {10, *nets};

		wg_peer_add_allowedip(dev, p, AF_INET, addr, 16, 0);
	}
}

/* Peer 1 has three networks; it loses the first to nobody, and the second to peer 2 if `moves`. */
static int sync_peers(const char *name, bool moves, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *have = wg_device_new(), *want = wg_device_new();
	bool changed;

	strcpy(want->name, name);
	add_peer(have, 1, (const u8[]){1, 2, 3, 0});
	add_peer(have, 2, (const u8[]){4, 0});
	add_peer(want, 1, moves ? (const u8[]){1, 3, 0} : (const u8[]){2, 3, 0});
	add_peer(want, 2, moves ? (const u8[]){4, 2, 0} : (const u8[]){4, 0});
	for (struct wg_peer *p = want->peers; p; p = p->next)
		p->flags |= WG_PEER_REPLACE_ALLOWEDIPS;
	assert_int_equal(wg_diff(want, have, &changed, err), 0);
	assert_true(changed);
	return wg_change_send(want, have, err);
}

static void serve(const char *name, bool moves, const struct userspace_exchange *exchanges, size_t n, int result)
{
	cleanup(close_fd) int listener = userspace_listen(name);
	pid_t pid = userspace_serve_all(listener, exchanges, n);
	struct wg_error err = {0};

	assert_int_equal(sync_peers(name, moves, &err), result);
	assert_true(userspace_was_asked(pid));
	if (result)
		assert_non_null(strstr(err.text, "10.1.0.0/16"));
}

static void trusts_what_it_reads(void **state)
{
	static const struct userspace_exchange removal[] = {
		{PART, OK},
		{GET, ONE "allowed_ip=10.2.0.0/16\nallowed_ip=10.3.0.0/16\n" TWO "allowed_ip=10.4.0.0/16\n" OK},
	};
	static const struct userspace_exchange move[] = {
		{"set=1\n" TWO "allowed_ip=10.2.0.0/16\n\n", OK},
		{GET, ONE "allowed_ip=10.1.0.0/16\nallowed_ip=10.3.0.0/16\n" TWO "allowed_ip=10.4.0.0/16\n"
		      "allowed_ip=10.2.0.0/16\n" OK},
	};

	(void)state;
	serve("wgtrust", false, removal, 2, 0);
	serve("wgmove", true, move, 2, 0);
}

/* As boringtun, whose peers keep lists of their own. */
static void replaces_what_is_not_lost(void **state)
{
	static const struct userspace_exchange removal[] = {
		{PART, OK},
		{GET, ONE "allowed_ip=10.1.0.0/16\nallowed_ip=10.2.0.0/16\nallowed_ip=10.3.0.0/16\n" TWO
		      "allowed_ip=10.4.0.0/16\n" OK},
		{"set=1\n" ONE "replace_allowed_ips=true\nallowed_ip=10.2.0.0/16\nallowed_ip=10.3.0.0/16\n\n", OK},
		{GET, ONE "allowed_ip=10.2.0.0/16\nallowed_ip=10.3.0.0/16\n" TWO "allowed_ip=10.4.0.0/16\n" OK},
	};
	static const struct userspace_exchange move[] = {
		{"set=1\n" TWO "allowed_ip=10.2.0.0/16\n\n", OK},
		{GET, ONE "allowed_ip=10.1.0.0/16\nallowed_ip=10.2.0.0/16\nallowed_ip=10.3.0.0/16\n" TWO
		      "allowed_ip=10.4.0.0/16\nallowed_ip=10.2.0.0/16\n" OK},
		{"set=1\n" ONE "replace_allowed_ips=true\nallowed_ip=10.1.0.0/16\nallowed_ip=10.3.0.0/16\n\n", OK},
		{GET, ONE "allowed_ip=10.1.0.0/16\nallowed_ip=10.3.0.0/16\n" OK},
	};

	(void)state;
	serve("wglists", false, removal, 4, 0);
	serve("wglists2", true, move, 4, 0);
}

/* ENOSPC is 28. Of the parting peer half may have been done. */
static void replaces_where_there_is_no_room(void **state)
{
	static const struct userspace_exchange full[] = {
		{PART, "errno=28\n\n"},
		{GET, ONE "allowed_ip=10.1.0.0/16\nallowed_ip=10.2.0.0/16\nallowed_ip=10.3.0.0/16\n" PARTING OK},
		{"set=1\n" ONE "replace_allowed_ips=true\nallowed_ip=10.2.0.0/16\nallowed_ip=10.3.0.0/16\n" PARTING
		 "remove=true\n\n", OK},
		{GET, ONE "allowed_ip=10.2.0.0/16\nallowed_ip=10.3.0.0/16\n" OK},
	};

	(void)state;
	serve("wgfull", false, full, 4, 0);
}

static void says_what_stays(void **state)
{
	static const struct userspace_exchange stubborn[] = {
		{PART, OK},
		{GET, ONE "allowed_ip=10.1.0.0/16\n" OK},
		{"set=1\n" ONE "replace_allowed_ips=true\n\n", OK},
		{GET, ONE "allowed_ip=10.1.0.0/16\n" OK},
	};

	(void)state;
	serve("wgstubborn", false, stubborn, 4, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trusts_what_it_reads),
		cmocka_unit_test(replaces_what_is_not_lost),
		cmocka_unit_test(replaces_where_there_is_no_room),
		cmocka_unit_test(says_what_stays),
	};

	return cmocka_run_group_tests(tests, userspace_setup, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* namespaces_visit: each other network namespace once, and home again. */
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../../src/lib/net/rtnl.h"
#include "../../../../src/wg-quick/host/namespaces.h"

static ino_t inode_here(void)
{
	struct stat st;

	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	return st.st_ino;
}

static pid_t child;
static char marker[IFNAMSIZ]; /* a link of the child's namespace, and of no other test's */
static int seen, stop_at;

/* The child's namespace is the one with the marker. */
static int visit(void *ctx, struct wg_error *err)
{
	struct wg_rtnl *rt = NULL;
	struct wg_link link;

	(void)ctx;
	assert_int_equal(wg_rtnl_open(&rt, err), 0);
	if (wg_rtnl_link(rt, marker, &link, err) == 1)
		seen++;
	wg_rtnl_close(&rt);
	return seen == stop_at ? 5 : 0;
}

static void once_each(void **state)
{
	struct wg_error err;
	ino_t home = inode_here();

	(void)state;
	seen = 0;
	stop_at = 99;
	assert_int_equal(namespaces_visit(visit, NULL, &err), 0);
	assert_int_equal(seen, 1);
	assert_int_equal(inode_here(), home);
	seen = 0;
	stop_at = 1;
	assert_int_equal(namespaces_visit(visit, NULL, &err), 5);
	assert_int_equal(inode_here(), home);
}

static int begin(void **state)
{
	int ready[2];
	char c;

	(void)state;
	if (pipe(ready))
		return -1;
	snprintf(marker, sizeof(marker), "wgns%d", (int)getpid());
	child = fork();
	if (!child) {
		char command[64];

		snprintf(command, sizeof(command), "ip link add %s type veth peer name wgns", marker);
		if (unshare(CLONE_NEWNET) || system(command))
			_exit(1);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	return read(ready[0], &c, 1) == 1 ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(once_each),
	};

	if (geteuid())
		return 77;
	return cmocka_run_group_tests_name("wg-quick/namespaces", tests, begin, end);
}

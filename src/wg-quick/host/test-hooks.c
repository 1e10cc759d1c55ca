// SPDX-License-Identifier: GPL-2.0
/* Faults on demand, for tests; empty in every other build. */
#include "test-hooks.h"

#ifdef WG_TEST_HOOKS
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "../../lib/base/cleanup.h"

static long boundaries, calls, links_found;

static void write_counts(void)
{
	cleanup(close_file) FILE *f = fopen(getenv("WG_TEST_COUNT"), "we");

	if (f)
		fprintf(f, "%ld %ld\n", boundaries, calls);
}

static void count_at_exit(void)
{
	static int registered;

	if (!registered++ && getenv("WG_TEST_COUNT"))
		atexit(write_counts);
}

static long wanted(const char *name)
{
	const char *text = getenv(name);

	return text ? strtol(text, NULL, 10) : -1;
}

void test_hooks_boundary(void)
{
	count_at_exit();
	boundaries++;
	if (boundaries == wanted("WG_TEST_KILL_AT"))
		kill(getpid(), SIGKILL);
	if (boundaries == wanted("WG_TEST_TERM_AT"))
		kill(getpid(), SIGTERM);
}

void test_hooks_link_found(void)
{
	const char *command = getenv("WG_TEST_FOUND_DO");

	if (++links_found != wanted("WG_TEST_FOUND_AT") || !command)
		return;
	/* The command may run wg-quick, for which this place is not meant. */
	unsetenv("WG_TEST_FOUND_AT");
	if (system(command)) /* a test's own; NOLINT(cert-env33-c) */
		fprintf(stderr, "test hook: the command failed: %s\n", command);
}

int test_hooks_result(int ret, struct wg_error *err)
{
	count_at_exit();
	calls++;
	if (calls != wanted("WG_TEST_FAIL_AT"))
		return ret;
	wg_error_errno(err, EIO, "injected failure");
	return -1;
}
#else
typedef int test_hooks_not_built; /* a translation unit must not be empty */
#endif

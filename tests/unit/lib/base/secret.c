// SPDX-License-Identifier: GPL-2.0
/* Guarding, locking, wiping and random bytes, as seen from outside where that can be seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../../../src/lib/base/secret.h"

static int guarded_child(void)
{
	prctl(PR_SET_DUMPABLE, 1);
	wg_secret_guard();
	return prctl(PR_GET_DUMPABLE);
}

static int exit_status_of(int (*child)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid)
		_exit(child());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void guard_turns_dumps_off(void **state)
{
	(void)state;
	assert_int_equal(exit_status_of(guarded_child), 0);
}

/* Without privilege, and with nothing allowed to be locked. */
static int locking_child(void)
{
	struct rlimit none = {0, 0};
	u8 bytes[64];

	if (setrlimit(RLIMIT_MEMLOCK, &none) || (!getuid() && setuid(65534)))
		return 1;
	memset(bytes, 7, sizeof(bytes));
	errno = 0;
	wg_secret_lock(bytes, sizeof(bytes));
	return errno || bytes[63] != 7;
}

static void lock_bears_a_limit(void **state)
{
	(void)state;
	assert_int_equal(exit_status_of(locking_child), 0);
}

static void wipe_overwrites(void **state)
{
	u8 bytes[40], expected[40] = {0};

	(void)state;
	memset(bytes, 0xaa, sizeof(bytes));
	expected[0] = expected[39] = 0xaa;
	wg_secret_wipe(bytes + 1, sizeof(bytes) - 2);
	assert_memory_equal(bytes, expected, sizeof(bytes));
	wg_secret_wipe(bytes, 0);
	assert_memory_equal(bytes, expected, sizeof(bytes));
}

static void random_fills_all(void **state)
{
	static u8 bytes[65536], again[65536];
	struct wg_error err;
	unsigned int counts[256] = {0};

	(void)state;
	assert_int_equal(wg_secret_random(bytes, sizeof(bytes), &err), 0);
	assert_int_equal(wg_secret_random(again, sizeof(again), &err), 0);
	assert_memory_not_equal(bytes, again, sizeof(bytes));
	assert_memory_not_equal(bytes + sizeof(bytes) - 32, again + sizeof(again) - 32, 32);
	for (size_t i = 0; i < sizeof(bytes); i++)
		counts[bytes[i]]++;
	/* 256 of each are expected, 16 the standard deviation. */
	for (int i = 0; i < 256; i++)
		assert_in_range(counts[i], 256 - 128, 256 + 128);
}

static void random_stays_in_bounds(void **state)
{
	u8 bytes[34];
	struct wg_error err;

	(void)state;
	memset(bytes, 0x5a, sizeof(bytes));
	assert_int_equal(wg_secret_random(bytes + 1, 32, &err), 0);
	assert_int_equal(bytes[0], 0x5a);
	assert_int_equal(bytes[33], 0x5a);
	assert_int_equal(wg_secret_random(bytes + 33, 0, &err), 0);
	assert_int_equal(bytes[33], 0x5a);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

/* Large requests are cut short by signals. */
static void random_goes_on_after_signals(void **state)
{
	static u8 bytes[8 << 20];
	struct sigaction act = {.sa_handler = count_signal}, saved;
	struct itimerval often = {{0, 500}, {0, 500}}, off = {{0, 0}, {0, 0}};
	struct wg_error err;
	unsigned int zeros = 0;

	(void)state;
	assert_int_equal(sigaction(SIGALRM, &act, &saved), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	assert_int_equal(wg_secret_random(bytes, sizeof(bytes), &err), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &off, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &saved, NULL), 0);
	assert_true(signals > 0);
	for (size_t i = sizeof(bytes) - 4096; i < sizeof(bytes); i++)
		zeros += !bytes[i];
	assert_true(zeros < 100);
}

static void random_reports_errors(void **state)
{
	struct wg_error err = {0};

	(void)state;
	assert_true(wg_secret_random((u8 *)(uintptr_t)16, 32, &err) < 0);
	assert_int_equal(err.code, EFAULT);
	assert_string_equal(err.text, "cannot get random bytes: Bad address");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guard_turns_dumps_off),
		cmocka_unit_test(lock_bears_a_limit),
		cmocka_unit_test(wipe_overwrites),
		cmocka_unit_test(random_fills_all),
		cmocka_unit_test(random_stays_in_bounds),
		cmocka_unit_test(random_goes_on_after_signals),
		cmocka_unit_test(random_reports_errors),
	};

	return cmocka_run_group_tests_name("lib/secret", tests, NULL, NULL);
}

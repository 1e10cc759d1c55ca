// SPDX-License-Identifier: GPL-2.0
/* src/lib/base/wait.c: stop words and limits. */
#include "../../../../src/lib/base/wait.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static void words_count(void **state)
{
	volatile int word = 0;

	(void)state;
	wg_stop_count(&word, SIGTERM, false);
	assert_int_equal(wg_stop_signal(word), SIGTERM);
	assert_int_equal(wg_stop_times(word), 1);
	assert_false(wg_stop_from_terminal(word));
	wg_stop_count(&word, SIGTERM, true);
	assert_int_equal(wg_stop_times(word), 2);
	assert_true(wg_stop_from_terminal(word));
	wg_stop_count(&word, SIGHUP, false);
	assert_int_equal(wg_stop_signal(word), SIGHUP);
	assert_int_equal(wg_stop_times(word), 3);
	assert_false(wg_stop_from_terminal(word));
	/* A word that is full stays positive. */
	word = 0x7fffff7f;
	wg_stop_count(&word, SIGINT, false);
	assert_int_equal(wg_stop_times(word), 0x7fffff);
	assert_int_equal(wg_stop_signal(word), SIGINT);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(wg_signal_name(SIGHUP), "SIGHUP");
	assert_string_equal(wg_signal_name(SIGINT), "SIGINT");
	assert_string_equal(wg_signal_name(SIGQUIT), "SIGQUIT");
	assert_string_equal(wg_signal_name(SIGKILL), "SIGKILL");
	assert_string_equal(wg_signal_name(SIGSEGV), "SIGSEGV");
	assert_string_equal(wg_signal_name(SIGPIPE), "SIGPIPE");
	assert_string_equal(wg_signal_name(SIGTERM), "SIGTERM");
	assert_string_equal(wg_signal_name(40), "signal 40");
}

#ifdef WG_TEST_HOOKS
/* A child that waits while it holds the file is terminated by SIGABRT; one that has closed it is not. */
static void never_with(void **state)
{
	(void)state;
	for (int held = 0; held < 2; held++) {
		int fd = open("/dev/null", O_RDONLY), status;
		pid_t child = fork();

		if (!child) {
			struct wg_wait w;

			wg_wait_never_with(fd);
			if (!held) {
				close(fd);
				/* The number is another file's now. */
				(void)!open("/proc/self/stat", O_RDONLY);
			}
			wg_wait_begin(&w, NULL, 1);
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, held ? SIGABRT : 0);
		close(fd);
	}
}
#endif

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void waits_end(void **state)
{
	volatile int word = 0;
	struct wg_wait w;
	struct wg_error err;
	int ends[2];
	double from = seconds();

	(void)state;
	assert_int_equal(pipe(ends), 0);
	wg_wait_begin(&w, &word, 120);
	assert_int_equal(wg_wait_nap(&w, 20), WG_WAIT_READY);
	assert_int_equal(wg_wait_fd(&w, ends[0], POLLIN), WG_WAIT_TIMEOUT);
	assert_int_equal(wg_wait_nap(&w, 1000), WG_WAIT_TIMEOUT);
	assert_true(seconds() - from < 1);
	assert_int_equal(wg_wait_error(&w, WG_WAIT_TIMEOUT, "the test", &err), -1);
	assert_string_equal(err.text, "no answer from the test within 1 seconds");
	assert_int_equal(err.code, ETIMEDOUT);
	wg_wait_again(&w);
	assert_int_equal(wg_wait_nap(&w, 0), WG_WAIT_READY);
	wg_stop_count(&word, SIGINT, false);
	assert_int_equal(wg_wait_nap(&w, 1000), WG_WAIT_STOPPED);
	assert_int_equal(wg_wait_fd(&w, ends[0], POLLIN), WG_WAIT_STOPPED);
	assert_int_equal(wg_wait_error(&w, WG_WAIT_STOPPED, "the test", &err), -1);
	assert_string_equal(err.text, "interrupted by SIGINT while waiting for the test");
	assert_int_equal(err.code, EINTR);
	/* What is there is taken. */
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(wg_wait_fd(&w, ends[0], POLLIN), WG_WAIT_READY);
	/* Neither limit nor signals. */
	wg_wait_begin(&w, NULL, 0);
	assert_int_equal(wg_wait_nap(&w, 10), WG_WAIT_READY);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_count),
		cmocka_unit_test(names),
#ifdef WG_TEST_HOOKS
		cmocka_unit_test(never_with),
#endif
		cmocka_unit_test(waits_end),
	};

	return cmocka_run_group_tests_name("lib/wait", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/uapi/uapi-socket.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static void what_was_never_opened_closes_nothing(void **state)
{
	struct uapi_socket s;

	(void)state;
	uapi_socket_init(&s);
	uapi_socket_remove(&s);
	for (int fd = 0; fd < 3; fd++)
		assert_true(fcntl(fd, F_GETFD) >= 0);
}

static bool stops_for(u32 mask)
{
	const struct inotify_event e = {.wd = -1, .mask = mask};
	struct events ev = {0};
	struct uapi_socket s;
	int ends[2];

	uapi_socket_init(&s);
	assert_true(events_init(&ev) && pipe(ends) == 0);
	s.event.fd = ends[0];
	assert_true(uapi_socket_watch(&s, &ev));
	assert_int_equal(write(ends[1], &e, sizeof(e)), sizeof(e));
	s.event.ready(&s.event);
	close(ends[0]);
	close(ends[1]);
	events_free(&ev);
	return ev.stop;
}

static void events_that_were_dropped_end_nothing(void **state)
{
	(void)state;
	assert_true(stops_for(IN_DELETE_SELF));
	assert_false(stops_for(IN_Q_OVERFLOW));
}

/* Somebody may have stopped the other process. */
static void the_other_process_is_not_awaited_for_ever(void **state)
{
	struct timespec a, b;
	struct uapi_socket s;

	(void)state;
	uapi_socket_init(&s);
	s.cleanup_pid = fork();
	if (s.cleanup_pid == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
		for (;;)
			pause();
	clock_gettime(CLOCK_MONOTONIC, &a);
	alarm(20);
	uapi_socket_remove(&s);
	alarm(0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_in_range(b.tv_sec - a.tv_sec, 1, 10);
	kill(s.cleanup_pid, SIGKILL);
	waitpid(s.cleanup_pid, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_never_opened_closes_nothing),
		cmocka_unit_test(events_that_were_dropped_end_nothing),
		cmocka_unit_test(the_other_process_is_not_awaited_for_ever),
	};

	for (int fd = open("/dev/null", O_RDWR); fd < 3; fd = open("/dev/null", O_RDWR))
		;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

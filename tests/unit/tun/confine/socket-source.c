// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/confine/socket-source.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t serve(int ends[2])
{
	pid_t child;

	assert_int_equal(socket_source_open(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		close(ends[1]);
		socket_source_serve(ends[0]);
		_exit(7);
	}
	close(ends[0]);
	socket_source_use(ends[1]);
	return child;
}

static int family_of(int fd)
{
	int family = 0;
	socklen_t len = sizeof(family);

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len), 0);
	return family;
}

static void try_both_families(void)
{
	for (int i = 0; i < 20; i++) {
		int family = i % 2 ? AF_INET6 : AF_INET, fd = socket_source_create(family);

		assert_true(fd >= 0);
		assert_int_equal(family_of(fd), family);
		close(fd);
	}
}

static void sockets_come_and_the_process_ends_with_us(void **state)
{
	int ends[2], status;
	pid_t child = serve(ends);

	(void)state;
	try_both_families();
	socket_source_use(-1);
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	try_both_families();
}

/* A process that hangs costs a moment once; then the sockets are our own. */
static void a_process_that_hangs_is_not_waited_for(void **state)
{
	int ends[2];
	pid_t child = serve(ends);
	struct timespec a, b;

	(void)state;
	kill(child, SIGSTOP);
	clock_gettime(CLOCK_MONOTONIC, &a);
	try_both_families();
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_true(b.tv_sec - a.tv_sec < 2);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ends[1]);
}

static void a_process_that_was_killed_is_done_without(void **state)
{
	int ends[2];
	pid_t child = serve(ends);

	(void)state;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	try_both_families();
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets_come_and_the_process_ends_with_us),
		cmocka_unit_test(a_process_that_hangs_is_not_waited_for),
		cmocka_unit_test(a_process_that_was_killed_is_done_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

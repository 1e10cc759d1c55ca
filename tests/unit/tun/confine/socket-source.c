// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/confine/socket-source.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../../../../src/tun/report/logger.h"

static uid_t user; /* of this process, as the code under test sees it */
static int said;

uid_t geteuid(void)
{
	return user;
}

void logger_say(enum logger_level level, const char *fmt, ...)
{
	(void)level, (void)fmt;
	said++;
}

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
	user = 0;
	socket_source_use(ends[1]);
	said = 0;
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

/* A process that hangs costs a moment twice a second; meanwhile the sockets are our own. */
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

static int count_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* The daemon is another user by now, so that a socket of its own is no substitute. */
static void a_missed_answer_is_only_missed(void **state)
{
	const struct timespec pause = {.tv_nsec = 600000000};
	int ends[2], n;
	pid_t child = serve(ends);

	(void)state;
	user = 65534;
	n = count_descriptors();
	kill(child, SIGSTOP);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(socket_source_create(AF_INET), -1);
		assert_int_equal(errno, ETIMEDOUT);
	}
	nanosleep(&pause, NULL);
	assert_int_equal(socket_source_create(AF_INET), -1);
	assert_int_equal(said, 1);
	kill(child, SIGCONT);
	nanosleep(&pause, NULL);
	nanosleep(&pause, NULL); /* twice as long */
	for (int i = 0; i < 2; i++) {
		int fd = socket_source_create(AF_INET6);

		assert_true(fd >= 0);
		assert_int_equal(family_of(fd), AF_INET6);
		close(fd);
	}
	assert_int_equal(count_descriptors(), n);
	assert_int_equal(said, 1);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ends[1]);
}

static void without_the_process_another_user_gets_none(void **state)
{
	int ends[2];
	pid_t child = serve(ends);

	(void)state;
	user = 65534;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(socket_source_create(AF_INET), -1);
		assert_int_equal(errno, EOWNERDEAD);
	}
	assert_int_equal(said, 1);
	close(ends[1]);
}

static void a_socket_that_does_not_fit_is_an_error(void **state)
{
	struct rlimit old, few;
	int ends[2];
	pid_t child = serve(ends);

	(void)state;
	getrlimit(RLIMIT_NOFILE, &old);
	few = old;
	few.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &few);
	assert_int_equal(socket_source_create(AF_INET), -1);
	assert_int_equal(errno, EMFILE);
	setrlimit(RLIMIT_NOFILE, &old);
	assert_int_equal(said, 0);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets_come_and_the_process_ends_with_us),
		cmocka_unit_test(a_process_that_hangs_is_not_waited_for),
		cmocka_unit_test(a_process_that_was_killed_is_done_without),
		cmocka_unit_test(a_missed_answer_is_only_missed),
		cmocka_unit_test(without_the_process_another_user_gets_none),
		cmocka_unit_test(a_socket_that_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

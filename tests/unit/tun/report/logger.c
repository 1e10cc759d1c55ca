// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/report/logger.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../../src/tun/confine/sandbox.h"

#define MESSAGES 3000
#define NO_FILTER 77 /* of a child: this kernel has no filter of system calls */
#define TEXT	 "a message of some length, as others are, number"

/* Reads what a terminal or a pipe has. Returns the length of the text. */
static size_t read_all(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size - 1 && (n = read(fd, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	return len;
}

/* The terminal of a session that hangs. Without the fix this waits until the alarm ends it. */
static void a_terminal_that_is_not_read_holds_up_nothing(void **state)
{
	static char text[1 << 20];
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK), slave, saved = dup(STDERR_FILENO);
	unsigned int whole = 0, lost = 0, n;
	size_t len;

	(void)state;
	assert_int_equal(grantpt(master) | unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	alarm(20);
	dup2(slave, STDERR_FILENO);
	logger_init("wg0", LOGGER_VERBOSE);
	for (int i = 0; i < MESSAGES; i++)
		logger_say(LOGGER_VERBOSE, TEXT " %d.", i);
	assert_false(fcntl(slave, F_GETFL) & O_NONBLOCK);
	len = read_all(master, text, sizeof(text));
	assert_true(len > 1000);
	logger_say(LOGGER_VERBOSE, "the reader is back");
	dup2(saved, STDERR_FILENO);
	alarm(0);
	read_all(master, text + len, sizeof(text) - len);
	for (char *line = strtok(text, "\r\n"); line; line = strtok(NULL, "\r\n")) {
		/* A line that was written in part ends all the same. */
		assert_memory_equal(line, "wg-tun wg0: ", 12);
		whole += line[strlen(line) - 1] == '.';
		if (sscanf(line, "wg-tun wg0: %u messages were lost", &n) == 1)
			lost += n;
	}
	assert_int_equal(whole + lost, MESSAGES);
	close(saved);
	close(slave);
	close(master);
}

/* A daemon in the background whose terminal cannot be opened again, as that of another user: it asks
 * for its target before it takes note of that, or after. Neither may wait for a reader. */
static void enter_background_at_a_terminal(bool init_first)
{
	const struct rlimit none = {3, 3}; /* descriptors 0 to 2, which are in use */
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

	if (grantpt(master) | unlockpt(master))
		_exit(1);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (slave < 0 || dup2(slave, STDERR_FILENO) < 0 || setrlimit(RLIMIT_NOFILE, &none))
		_exit(1);
	alarm(10);
	if (init_first)
		logger_init("wg0", LOGGER_VERBOSE);
	if (logger_open_background(true) == LOGGER_STDERR && init_first)
		_exit(2);
	if (!init_first)
		logger_init("wg0", LOGGER_VERBOSE);
	logger_enter_background();
	for (int i = 0; i < MESSAGES; i++)
		logger_say(LOGGER_VERBOSE, TEXT " %d.", i);
	_exit(0);
}

static void a_terminal_of_another_holds_up_no_daemon(void **state)
{
	(void)state;
	for (int init_first = 0; init_first < 2; init_first++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			enter_background_at_a_terminal(init_first);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
}

#ifdef SYS_time
/* As libc has it where there is no vDSO. */
time_t time(time_t *t)
{
	return (time_t)syscall(SYS_time, t);
}
#endif

/* Standard error is closed, so that the message goes to syslog, with the time. */
static void the_sandbox_allows_what_the_log_calls(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0) {
		close(STDERR_FILENO);
		logger_init("wg0", LOGGER_VERBOSE);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (sandbox_filter_daemon())
			_exit(NO_FILTER);
		logger_say(LOGGER_VERBOSE, "a message of a test");
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	/* Sanitizers make calls of their own: their builds have no filter. */
	assert_int_equal(WEXITSTATUS(status), NO_FILTER);
	return;
#endif
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_that_is_not_read_holds_up_nothing),
		cmocka_unit_test(a_terminal_of_another_holds_up_no_daemon),
		cmocka_unit_test(the_sandbox_allows_what_the_log_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

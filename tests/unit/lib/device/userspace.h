/* SPDX-License-Identifier: GPL-2.0 */
/* A userspace implementation for tests: a child process behind a socket in a RUNSTATEDIR that only
 * this program sees. Needs root. Included after <cmocka.h>. */
#ifndef TEST_USERSPACE_H
#define TEST_USERSPACE_H

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKETS RUNSTATEDIR "/wireguard"

/* For a group's setup: an empty RUNSTATEDIR, which vanishes with the program. */
static inline int userspace_setup(void **state)
{
	(void)state;
	return unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	       mount("none", RUNSTATEDIR, "tmpfs", 0, NULL) || mkdir(SOCKETS, 0700);
}

static inline int userspace_listen(const char *name)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), SOCKETS "/%s.sock", name);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

/* One connection: looks whether there is a request, and answers it. False: there was none. */
static inline bool userspace_answer(int fd, const char *want, const char *answer)
{
	char text[4096] = "";
	size_t len = 0;

	while (!strstr(text, "\n\n")) {
		ssize_t n = read(fd, text + len, sizeof(text) - 1 - len);

		if (n <= 0)
			return false;
		len += (size_t)n;
	}
	/* What the test waits for is the child's exit status. */
	if (strcmp(text, want) || write(fd, answer, strlen(answer)) < 0)
		_exit(1);
	return true;
}

struct userspace_exchange {
	const char *want, *answer;
};

/* A child that waits on `listener` for `n` requests, one after the other, skipping connections that only try
 * the socket: each must be as the exchange wants it, and gets its answer. */
static inline pid_t userspace_serve_all(int listener, const struct userspace_exchange *exchanges, size_t n)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	alarm(20);
	for (size_t i = 0; i < n;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(2);
		i += userspace_answer(fd, exchanges[i].want, exchanges[i].answer);
		close(fd);
	}
	_exit(0);
}

/* The same for one request. */
static inline pid_t userspace_serve(int listener, const char *want, const char *answer)
{
	const struct userspace_exchange one = {want, answer};

	return userspace_serve_all(listener, &one, 1);
}

/* Whether the requests were those that were wanted. */
static inline bool userspace_was_asked(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}

#endif

// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/lib/command/stdfd.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* In a child: returns 0 if just the descriptors of `closed` (a bit each) became read-only ones. */
static int try_closed(unsigned int closed)
{
	int any = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < 3; fd++)
		dup2(any, fd);
	for (int fd = 0; fd < 3; fd++)
		if (closed & 1U << fd)
			close(fd);
	wg_sanitise_stdfd("/dev/zero", O_RDONLY);
	for (int fd = 0; fd < 3; fd++) {
		int mode = fcntl(fd, F_GETFL);

		if (mode < 0 || (mode & O_ACCMODE) != (closed & 1U << fd ? O_RDONLY : O_RDWR))
			return 1;
	}
	return 0;
}

static void what_is_closed_is_opened_and_the_rest_stays(void **state)
{
	(void)state;
	for (unsigned int closed = 0; closed < 8; closed++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			_exit(try_closed(closed));
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_closed_is_opened_and_the_rest_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

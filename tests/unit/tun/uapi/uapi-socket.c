// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/uapi/uapi-socket.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_never_opened_closes_nothing),
	};

	for (int fd = open("/dev/null", O_RDWR); fd < 3; fd = open("/dev/null", O_RDWR))
		;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

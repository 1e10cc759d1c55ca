// SPDX-License-Identifier: GPL-2.0
/* Who is asked: a userspace implementation that listens for the name, else the kernel. That the
 * kernel is not asked first shows only with a device of the kernel and a socket of one name, which
 * takes a kernel with WireGuard; here, asking the kernel first would be its error. */
#include "../../../../src/lib/device/backend.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"
#include "userspace.h"

/* Neither is there without a device of that name. */
static void assert_kernels_answer(const struct wg_error *err)
{
	assert_true(err->code == ENODEV || err->code == EPROTONOSUPPORT);
}

static void userspace_is_asked(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = NULL, *change = wg_device_new();
	cleanup(close_fd) int listener = userspace_listen("wgback");
	struct wg_error err = {0};
	pid_t pid = userspace_serve(listener, "get=1\n\n", "listen_port=9\nerrno=0\n\n");

	(void)state;
	assert_int_equal(wg_backend_get(&dev, "wgback", &err), 0);
	assert_true(userspace_was_asked(pid));
	assert_int_equal(dev->listen_port, 9);
	pid = userspace_serve(listener, "set=1\nfwmark=3\n\n", "errno=0\n\n");
	strcpy(change->name, "wgback");
	change->flags = WG_DEVICE_HAS_FWMARK;
	change->fwmark = 3;
	assert_int_equal(wg_backend_set(change, &err), 0);
	assert_true(userspace_was_asked(pid));
}

static void the_kernel_is_asked_for_the_rest(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = NULL, *change = wg_device_new();
	struct wg_error err = {0};

	(void)state;
	assert_int_equal(wg_backend_get(&dev, "wgnobody", &err), -1);
	assert_kernels_answer(&err);
	strcpy(change->name, "wgnobody");
	change->flags = WG_DEVICE_HAS_FWMARK;
	assert_int_equal(wg_backend_set(change, &err), -1);
	assert_kernels_answer(&err);
}

static void both_are_listed(void **state)
{
	cleanup(wg_names_free) struct wg_names names = {0};
	cleanup(close_fd) int listener = userspace_listen("wglisted");
	struct wg_error err = {0};

	(void)state;
	assert_true(listener >= 0);
	assert_int_equal(wg_backend_list(&names, &err), 0);
	assert_true(wg_names_has(&names, "wglisted"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(userspace_is_asked),
		cmocka_unit_test(the_kernel_is_asked_for_the_rest),
		cmocka_unit_test(both_are_listed),
	};

	return cmocka_run_group_tests_name("lib/backend", tests, userspace_setup, NULL);
}

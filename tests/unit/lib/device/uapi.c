// SPDX-License-Identifier: GPL-2.0
/* The sockets of userspace implementations, with one that answers what the test says. */
#include "../../../../src/lib/device/uapi.h"
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/lib/base/wait.h"
#include "userspace.h"

#define PRIVATE "0100000000000000000000000000000000000000000000000000000000000000"

static void get_asks_and_reads(void **state)
{
	static const char answer[] = "private_key=" PRIVATE "\nlisten_port=9\nerrno=0\n\n";
	cleanup(wg_device_freep) struct wg_device *dev = NULL;
	cleanup(close_fd) int listener = userspace_listen("got");
	struct wg_error err = {0};
	pid_t pid = userspace_serve(listener, "get=1\n\n", answer);

	(void)state;
	assert_int_equal(wg_uapi_get(&dev, "got", &err), 0);
	assert_true(userspace_was_asked(pid));
	assert_string_equal(dev->name, "got");
	assert_int_equal(dev->listen_port, 9);
	/* The protocol carries no public key. */
	assert_true(dev->flags & WG_DEVICE_HAS_PUBLIC_KEY);
	assert_false(wg_key_is_zero(dev->public_key));
}

static int set_port(const char *name, const char *answer, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	cleanup(close_fd) int listener = userspace_listen(name);
	pid_t pid = userspace_serve(listener, "set=1\nlisten_port=7\n\n", answer);
	int ret;

	strcpy(dev->name, name);
	dev->flags = WG_DEVICE_HAS_LISTEN_PORT;
	dev->listen_port = 7;
	ret = wg_uapi_set(dev, err);
	assert_true(userspace_was_asked(pid));
	return ret;
}

static void set_writes_and_reads(void **state)
{
	struct wg_error err = {0};

	(void)state;
	assert_int_equal(set_port("set", "errno=0\n\n", &err), 0);
}

static void refusals_say_what_may_be_applied(void **state)
{
	static const struct {
		const char *name, *answer, *says;
		int code;
	} cases[] = {
		{"refuses", "errno=98\n\n",
		 "Unable to modify interface refuses: Address already in use; what stood before the "
		 "refused setting may have been applied",
		 EADDRINUSE},
		{"negative", "errno=-22\n\n",
		 "Unable to modify interface negative: Invalid argument; what stood before the "
		 "refused setting may have been applied",
		 EINVAL},
		{"hangs-up", "",
		 "Unable to modify interface hangs-up: the userspace implementation broke off its "
		 "answer: Protocol error; what stood before the refused setting may have been applied",
		 EPROTO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wg_error err = {0};

		assert_int_equal(set_port(cases[i].name, cases[i].answer, &err), -1);
		assert_string_equal(err.text, cases[i].says);
		assert_int_equal(err.code, cases[i].code);
	}
}

static void only_live_sockets_are_listed(void **state)
{
	cleanup(wg_names_free) struct wg_names names = {0};
	cleanup(close_fd) int live = userspace_listen("live");
	struct wg_error err = {0};
	FILE *f = fopen(SOCKETS "/file.sock", "w");

	(void)state;
	assert_true(live >= 0);
	assert_non_null(f);
	fclose(f);
	close(userspace_listen("stale"));
	close(userspace_listen("sixteen-letters-"));
	assert_int_equal(wg_uapi_list(&names, &err), 0);
	assert_true(wg_names_has(&names, "live"));
	assert_int_equal(names.n, 1);
	/* A socket that nobody listens on goes; a file that is none, or has no device's name, stays. */
	assert_int_equal(access(SOCKETS "/stale.sock", F_OK), -1);
	assert_int_equal(access(SOCKETS "/file.sock", F_OK), 0);
	assert_int_equal(access(SOCKETS "/sixteen-letters-.sock", F_OK), 0);
}

static void names_do_not_leave_the_folder(void **state)
{
	static const char *const names[] = {"", "../wireguard/here", "sixteen-letters-", "nowhere"};
	cleanup(close_fd) int listener = userspace_listen("here");

	(void)state;
	assert_true(listener >= 0);
	assert_true(wg_uapi_has("here"));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct wg_device *dev = NULL;
		struct wg_error err = {0};

		assert_false(wg_uapi_has(names[i]));
		assert_int_equal(wg_uapi_get(&dev, names[i], &err), -1);
		assert_true(err.code == ENODEV || err.code == ENOENT);
	}
}

/* A daemon that takes the connection, or not even that, and part of the request, and part of an
 * answer, and then is silent: what the test counts as a signal ends the wait. */
static void *stop_soon(void *ctx)
{
	nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
	wg_stop_count(ctx, SIGINT, false);
	return NULL;
}

static void signals_end_requests(void **state)
{
	static const char *const answers[] = {NULL, "", "private_key=" PRIVATE "\nlisten_"};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		char name[16];
		volatile int stop = 0;
		struct wg_error err = {0};
		struct wg_device *dev = NULL;
		cleanup(close_fd) int listener = -1, client = -1;
		pthread_t thread;

		snprintf(name, sizeof(name), "silent%zu", i);
		listener = userspace_listen(name);
		if (!answers[i]) { /* the queue of connections is full */
			assert_int_equal(listen(listener, 0), 0);
			while (wg_uapi_has(name) && client < 0) {
				struct sockaddr_un addr = {.sun_family = AF_UNIX};

				snprintf(addr.sun_path, sizeof(addr.sun_path), SOCKETS "/%s.sock",
					 name);
				client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
				(void)connect(client, (struct sockaddr *)&addr, sizeof(addr));
			}
		}
		wg_uapi_watch(&stop);
		assert_int_equal(pthread_create(&thread, NULL, stop_soon, (void *)(intptr_t)&stop), 0);
		if (answers[i] && *answers[i]) {
			pid_t pid = fork();

			if (!pid) {
				int fd = accept(listener, NULL, NULL);

				alarm(20);
				if (write(fd, answers[i], strlen(answers[i])) > 0)
					pause();
				_exit(0);
			}
			assert_int_equal(wg_uapi_get(&dev, name, &err), -1);
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		} else {
			assert_int_equal(wg_uapi_get(&dev, name, &err), -1);
		}
		pthread_join(thread, NULL);
		wg_uapi_watch(NULL);
		assert_int_equal(err.code, EINTR);
		assert_non_null(strstr(err.text, "interrupted by SIGINT while waiting for the userspace"));
	}
}

/* More than the socket's buffers hold, and nobody reads it. */
static void silence_has_a_limit(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	cleanup(close_fd) int listener = userspace_listen("mute");
	struct timespec from, to;
	struct wg_error err = {0};

	(void)state;
	assert_true(listener >= 0);
	strcpy(dev->name, "mute");
	for (int i = 0; i < 20000; i++)
		wg_device_add_peer(dev);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(wg_uapi_set(dev, &err), -1);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_int_equal(err.code, ETIMEDOUT);
	assert_non_null(strstr(err.text, "no answer from the userspace implementation within 10 seconds"));
	assert_true(to.tv_sec - from.tv_sec >= 9 && to.tv_sec - from.tv_sec <= 13);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(get_asks_and_reads),
		cmocka_unit_test(set_writes_and_reads),
		cmocka_unit_test(refusals_say_what_may_be_applied),
		cmocka_unit_test(only_live_sockets_are_listed),
		cmocka_unit_test(names_do_not_leave_the_folder),
		cmocka_unit_test(signals_end_requests),
		cmocka_unit_test(silence_has_a_limit),
	};

	return cmocka_run_group_tests_name("lib/uapi", tests, userspace_setup, NULL);
}

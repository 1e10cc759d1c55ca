// SPDX-License-Identifier: GPL-2.0
/* Lookups by a fake resolver: all at once, each name once, asked again as often as it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../src/lib/resolve.h"

#define RETRIES "WG_ENDPOINT_RESOLUTION_RETRIES"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int asked, running, most_running;

/* again-N: no answer N times; none: does not exist; slow*: takes a while; six: an IPv6 address. */
static int fake(const char *host, union wg_endpoint *endpoint)
{
	int n;

	pthread_mutex_lock(&lock);
	n = ++asked;
	if (++running > most_running)
		most_running = running;
	pthread_mutex_unlock(&lock);
	if (!strncmp(host, "slow", 4))
		usleep(strcmp(host, "slowest") ? 100000 : 1300000);
	pthread_mutex_lock(&lock);
	running--;
	pthread_mutex_unlock(&lock);
	if (!strncmp(host, "again-", 6) && n <= atoi(host + 6))
		return EAI_AGAIN;
	if (!strcmp(host, "none"))
		return EAI_NONAME;
	endpoint->addr.sa_family = strcmp(host, "six") ? AF_INET : AF_INET6;
	if (endpoint->addr.sa_family == AF_INET)
		endpoint->addr4.sin_addr.s_addr = htonl(0x01020304);
	return 0;
}

struct fixture {
	struct wg_device *dev;
	struct wg_resolve resolve;
	struct wg_error err;
	char said[200];
	int times_said;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dev = wg_device_new();
	f->resolve.lookup = fake;
	f->resolve.retry_ms = 1;
	asked = most_running = 0;
	unsetenv(RETRIES);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	/* Threads that nobody waited for are still in fake(). */
	while (running)
		usleep(1000);
	wg_resolve_wipe(&f->resolve);
	wg_device_free(f->dev);
	free(f);
	return 0;
}

static void add(struct fixture *f, const char *host, unsigned int line)
{
	wg_resolve_add(&f->resolve, wg_device_add_peer(f->dev), host, strlen(host), 51820, "f.conf",
		       line);
}

static void say(void *ctx, enum wg_log_level level, const char *text)
{
	struct fixture *f = ctx;

	assert_int_equal(level, WG_LOG_PROGRESS);
	snprintf(f->said, sizeof(f->said), "%s", text);
	f->times_said++;
}

static int run(struct fixture *f)
{
	struct wg_log log = {say, f};

	return wg_resolve_run(&f->resolve, &log, NULL, &f->err);
}

static void each_name_once(void **state)
{
	struct fixture *f = *state;
	static const char *const hosts[] = {"six", "b", "a", "b", "six", "a", "b"};

	for (unsigned int i = 0; i < 7; i++)
		add(f, hosts[i], i);
	assert_int_equal(run(f), 0);
	assert_int_equal(asked, 3);
	assert_int_equal(f->times_said, 0);
	for (const struct wg_peer *p = f->dev->peers; p; p = p->next) {
		assert_int_not_equal(p->endpoint.addr.sa_family, AF_UNSPEC);
		assert_int_equal(p->endpoint.addr4.sin_port, htons(51820));
	}
	assert_int_equal(f->dev->peers->endpoint.addr.sa_family, AF_INET6);
	assert_int_equal(f->dev->last_peer->endpoint.addr4.sin_addr.s_addr, htonl(0x01020304));
}

static void all_at_once_but_bounded(void **state)
{
	struct fixture *f = *state;
	struct timespec a, b;
	char host[16];

	for (unsigned int i = 0; i < 100; i++) {
		snprintf(host, sizeof(host), "slow%u", i);
		add(f, host, i);
	}
	clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(run(f), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_int_equal(asked, 100);
	assert_in_range(most_running, 20, 64);
	assert_true((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 < 2000);
}

static void unknown_name_fails_at_once(void **state)
{
	struct fixture *f = *state;

	add(f, "a", 3);
	add(f, "none", 7);
	add(f, "slowest", 9);
	assert_int_equal(run(f), -1);
	assert_string_equal(f->err.text, "f.conf:7: cannot look up the endpoint's host none: "
					 "Name or service not known");
	assert_int_equal(f->times_said, 0);
	assert_int_equal(f->dev->peers->endpoint.addr.sa_family, AF_UNSPEC);
}

static void asks_again(void **state)
{
	struct fixture *f = *state;

	add(f, "again-15", 1);
	assert_int_equal(run(f), 0);
	assert_int_equal(asked, 16);
}

static void gives_up(void **state)
{
	struct fixture *f = *state;

	add(f, "again-99", 4);
	setenv(RETRIES, "3", 1);
	assert_int_equal(run(f), -1);
	assert_int_equal(asked, 4);
	assert_non_null(strstr(f->err.text, "f.conf:4: cannot look up the endpoint's host again-99"));
	asked = 0;
	setenv(RETRIES, "0", 1);
	assert_int_equal(run(f), -1);
	assert_int_equal(asked, 1);
	asked = 0;
	setenv(RETRIES, "infinity", 1);
	f->resolve.jobs->host = "again-20";
	assert_int_equal(run(f), 0);
	assert_int_equal(asked, 21);
}

static void refuses_bad_retries(void **state)
{
	static const char *const bad[] = {"x", "-1", "Infinity", "1x", " 1", "99999999999999999999"};
	struct fixture *f = *state;

	add(f, "a", 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setenv(RETRIES, bad[i], 1);
		assert_int_equal(run(f), -1);
		assert_non_null(strstr(f->err.text, "expected a number or infinity"));
	}
	assert_int_equal(asked, 0);
}

static void says_that_it_waits(void **state)
{
	struct fixture *f = *state;

	add(f, "slowest", 1);
	add(f, "a", 2);
	assert_int_equal(run(f), 0);
	assert_int_equal(f->times_said, 1);
	assert_string_equal(f->said, "Waiting for the DNS lookup of 2 endpoints (first: slowest) ...");
}

static void *set_after_a_while(void *stop)
{
	usleep(50000);
	*(volatile int *)stop = 15;
	return NULL;
}

static void stops_on_a_signal(void **state)
{
	struct fixture *f = *state;
	volatile int stop = 0;
	pthread_t thread;

	add(f, "slowest", 1);
	assert_int_equal(pthread_create(&thread, NULL, set_after_a_while, (void *)&stop), 0);
	assert_int_equal(wg_resolve_run(&f->resolve, NULL, &stop, &f->err), -1);
	assert_int_equal(f->err.code, EINTR);
	assert_int_equal(running, 1);
	pthread_join(thread, NULL);
}

static void asks_the_system(void **state)
{
	struct fixture *f = *state;

	f->resolve.lookup = NULL;
	add(f, "localhost", 1);
	assert_int_equal(run(f), 0);
	assert_int_equal(f->dev->peers->endpoint.addr4.sin_port, htons(51820));
	assert_int_equal(f->dev->peers->endpoint.addr4.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(each_name_once),	   TEST(all_at_once_but_bounded),
		TEST(unknown_name_fails_at_once), TEST(asks_again),
		TEST(gives_up),		   TEST(refuses_bad_retries),
		TEST(says_that_it_waits),  TEST(stops_on_a_signal),
		TEST(asks_the_system),
	};

	return cmocka_run_group_tests_name("lib/resolve", tests, NULL, NULL);
}

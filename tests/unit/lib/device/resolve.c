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
#include "../../../../src/lib/device/resolve.h"

#define RETRIES "WG_ENDPOINT_RESOLUTION_RETRIES"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int asked, running, most_running;
static bool released; /* the test has seen what it waited for */

#define AT_ONCE 64 /* as many lookups as there may be at a time */
#define PATIENCE 20 /* seconds, after which a lookup ends so that a failed test does, too */

/* Until as many lookups as may be are under way (`full`), or the test lets go. */
static void stay(bool full)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE;
	pthread_cond_broadcast(&changed);
	while (!released && !(full && most_running >= AT_ONCE))
		if (pthread_cond_timedwait(&changed, &lock, &until))
			released = true;
}

static void release(void)
{
	pthread_mutex_lock(&lock);
	released = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

/* again-N: no answer N times; none: does not exist; full*: stays until all are there; stuck: stays
 * until the test lets go; six: an IPv6 address. */
static int fake(const char *host, union wg_endpoint *endpoint)
{
	int n;

	pthread_mutex_lock(&lock);
	n = ++asked;
	if (++running > most_running)
		most_running = running;
	if (!strncmp(host, "full", 4))
		stay(true);
	else if (!strcmp(host, "stuck"))
		stay(false);
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
	released = false;
	unsetenv(RETRIES);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	/* Threads that nobody waited for are still in fake(). */
	release();
	while (__atomic_load_n(&running, __ATOMIC_SEQ_CST))
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
	release();
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
	for (const struct wg_peer *p = f->dev->peers; p; p = p->next) {
		assert_int_not_equal(p->endpoint.addr.sa_family, AF_UNSPEC);
		assert_int_equal(p->endpoint.addr4.sin_port, htons(51820));
	}
	assert_int_equal(f->dev->peers->endpoint.addr.sa_family, AF_INET6);
	assert_int_equal(f->dev->last_peer->endpoint.addr4.sin_addr.s_addr, htonl(0x01020304));
}

/* What one run has found serves another queue, with that one's ports; what it lacks stays to be asked. */
static void answers_another(void **state)
{
	struct wg_resolve second = {0};
	struct wg_device *dev = wg_device_new();
	static const char *const hosts[] = {"six", "c", "a", "a"};
	struct fixture *f = *state;

	add(f, "a", 1);
	add(f, "b", 2);
	add(f, "six", 3);
	assert_int_equal(run(f), 0);
	for (u16 i = 0; i < 4; i++)
		wg_resolve_add(&second, wg_device_add_peer(dev), hosts[i], strlen(hosts[i]), i, "f", i);
	wg_resolve_answer(&second, &f->resolve);
	assert_int_equal(second.n_jobs, 1);
	assert_string_equal(second.jobs->next->host, "c");
	assert_non_null(second.jobs->next->peer);
	assert_int_equal(dev->peers->endpoint.addr.sa_family, AF_INET6);
	assert_int_equal(dev->peers->next->endpoint.addr.sa_family, AF_UNSPEC);
	assert_int_equal(dev->last_peer->endpoint.addr4.sin_addr.s_addr, htonl(0x01020304));
	assert_int_equal(dev->last_peer->endpoint.addr4.sin_port, htons(3));
	wg_resolve_wipe(&second);
	wg_device_free(dev);
}

/* One round, that ends when its time is over: what is found counts, and the others stay in the queue. */
static void some_in_time(void **state)
{
	static const char *const hosts[] = {"a", "stuck", "six", "none", "a", "again-9"};
	struct fixture *f = *state;
	const struct wg_peer *p;
	struct timespec before, after;

	for (unsigned int i = 0; i < 6; i++)
		add(f, hosts[i], i);
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(wg_resolve_some(&f->resolve, NULL, 200, &f->err), 0);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_in_range((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000, 150, 5000);
	assert_int_equal(f->resolve.n_jobs, 3);
	p = f->dev->peers;
	assert_int_equal(p->endpoint.addr4.sin_port, htons(51820));
	p = p->next;
	assert_int_equal(p->endpoint.addr.sa_family, AF_UNSPEC);
	p = p->next;
	assert_int_equal(p->endpoint.addr.sa_family, AF_INET6);
	p = p->next;
	assert_int_equal(p->endpoint.addr.sa_family, AF_UNSPEC);
	assert_int_equal(p->next->endpoint.addr.sa_family, AF_INET);
	assert_int_equal(f->dev->last_peer->endpoint.addr.sa_family, AF_UNSPEC);
}

static void all_at_once_but_bounded(void **state)
{
	struct fixture *f = *state;
	char host[16];

	for (unsigned int i = 0; i < 100; i++) {
		snprintf(host, sizeof(host), "full%u", i);
		add(f, host, i);
	}
	assert_int_equal(run(f), 0);
	assert_int_equal(asked, 100);
	assert_int_equal(most_running, AT_ONCE);
}

static void unknown_name_fails_at_once(void **state)
{
	struct fixture *f = *state;

	add(f, "a", 3);
	add(f, "none", 7);
	add(f, "stuck", 9);
	assert_int_equal(wg_resolve_run(&f->resolve, NULL, NULL, &f->err), -1);
	assert_false(released);
	assert_string_equal(f->err.text, "f.conf:7: cannot look up the endpoint's host none: "
					 "Name or service not known");
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

	add(f, "stuck", 1);
	add(f, "a", 2);
	assert_int_equal(run(f), 0);
	assert_int_equal(f->times_said, 1);
	assert_string_equal(f->said, "Waiting for the DNS lookup of 2 endpoints (first: stuck) ...");
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

	add(f, "stuck", 1);
	assert_int_equal(pthread_create(&thread, NULL, set_after_a_while, (void *)&stop), 0);
	assert_int_equal(wg_resolve_run(&f->resolve, NULL, &stop, &f->err), -1);
	assert_int_equal(f->err.code, EINTR);
	assert_false(released);
	pthread_join(thread, NULL);
}

static void asks_the_system(void **state)
{
	struct fixture *f = *state;

	f->resolve.lookup = NULL;
	add(f, "localhost", 1);
	assert_int_equal(run(f), 0);
	/* Which address localhost has first, the machine's files say; the port is at one place. */
	const struct sockaddr_in *v4 = &f->dev->peers->endpoint.addr4;
	const struct sockaddr_in6 *v6 = &f->dev->peers->endpoint.addr6;
	assert_int_equal(v4->sin_port, htons(51820));
	if (v4->sin_family == AF_INET)
		assert_int_equal(v4->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	else
		assert_memory_equal(&v6->sin6_addr, &in6addr_loopback, sizeof(v6->sin6_addr));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(each_name_once),	   TEST(answers_another), TEST(some_in_time),
		TEST(all_at_once_but_bounded),
		TEST(unknown_name_fails_at_once), TEST(asks_again),
		TEST(gives_up),		   TEST(refuses_bad_retries),
		TEST(says_that_it_waits),  TEST(stops_on_a_signal),
		TEST(asks_the_system),
	};

	return cmocka_run_group_tests_name("lib/resolve", tests, NULL, NULL);
}

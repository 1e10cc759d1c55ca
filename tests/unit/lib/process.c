/* SPDX-License-Identifier: GPL-2.0 */
/* src/lib/process.c, with real children. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "../../../src/lib/process.h"

static int shell(const char *script, struct wg_error *err)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct wg_process p = {.argv = argv};

	return wg_process_run(&p, err);
}

static void status(void **state)
{
	const char *const none[] = {"no-such-program-here", NULL};
	const char *const gone[] = {"/nonexistent/program", NULL};
	const char *const folder[] = {"/", NULL};
	struct wg_process p = {.argv = none};
	struct wg_error err;

	(void)state;
	assert_int_equal(shell("exit 0", &err), 0);
	assert_int_equal(shell("exit 42", &err), 42);
	assert_int_equal(shell("kill -9 $$", &err), 128 + SIGKILL);
	assert_int_equal(wg_process_run(&p, &err), 127);
	assert_string_equal(err.text, "no-such-program-here: no such program");
	assert_int_equal(err.code, ENOENT);
	p.argv = gone;
	assert_int_equal(wg_process_run(&p, &err), 127);
	p.argv = folder;
	assert_int_equal(wg_process_run(&p, &err), -1);
	assert_int_equal(err.code, EACCES);
}

/* More than a pipe holds, and a child that reads none of it. */
static void input(void **state)
{
	size_t len = 300000;
	char *text = malloc(len);
	const char *const count[] = {"sh", "-c", "test $(wc -c) = 300000", NULL};
	const char *const ignore[] = {"true", NULL};
	const char *const empty[] = {"sh", "-c", "test $(wc -c) = 0", NULL};
	struct wg_process p = {.argv = count, .input = text, .input_len = len};
	struct wg_error err;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	assert_int_equal(wg_process_run(&p, &err), 0);
	p.argv = ignore;
	assert_int_equal(wg_process_run(&p, &err), 0);
	p.argv = empty;
	p.input_len = 0;
	assert_int_equal(wg_process_run(&p, &err), 0);
	free(text);
}

static void environment(void **state)
{
	const char *const argv[] = {"sh", "-c", "test \"$A-$B-$C\" = 1-new-3", NULL};
	const char *const env[] = {"B=new", "C=3", NULL};
	struct wg_process p = {.argv = argv, .env = env};
	struct wg_error err;

	(void)state;
	setenv("A", "1", 1);
	setenv("B", "old", 1);
	unsetenv("C");
	assert_int_equal(wg_process_run(&p, &err), 0);
	assert_string_equal(getenv("B"), "old");
}

/* The child has no descriptor of ours, and signals as at birth; but a hangup that
 * we outlive it outlives too. */
static void clean(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct wg_error err;
	sigset_t all, old;
	char script[64];

	(void)state;
	assert_true(fd > 2);
	snprintf(script, sizeof(script), "test -e /proc/$$/fd/0 && ! test -e /proc/$$/fd/%d", fd);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	assert_int_equal(shell(script, &err), 0);
	/* Two signals are the C library's own; it has them ignored until it needs them. */
	assert_int_equal(shell("test $(grep -cE '^Sig(Blk|Ign):\t[0-9a-f]{8}[08]0{7}$' "
			       "/proc/$$/status) = 2",
			       &err),
			 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	assert_int_equal(shell("kill -HUP $$; exit 5", &err), 128 + SIGHUP);
	signal(SIGHUP, SIG_IGN);
	assert_int_equal(shell("kill -HUP $$; exit 5", &err), 5);
	signal(SIGHUP, SIG_DFL);
	close(fd);
}

static volatile int stop;

static void *stop_soon(void *ctx)
{
	const int *then = ctx;
	struct timespec t = {.tv_nsec = 200000000};

	for (; *then; then++) {
		nanosleep(&t, NULL);
		stop = *then;
	}
	return NULL;
}

/* Runs the script while the values come, 0.2 s apart. */
static int stopped(const char *script, int *values, double *seconds)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct wg_process p = {.argv = argv, .stop = &stop};
	struct timespec from, to;
	struct wg_error err;
	pthread_t thread;
	int ret;

	stop = 0;
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, values), 0);
	ret = wg_process_run(&p, &err);
	clock_gettime(CLOCK_MONOTONIC, &to);
	pthread_join(thread, NULL);
	*seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	return ret;
}

static void stopping(void **state)
{
	double s;

	(void)state;
	/* Nothing interrupts a call here: the flag alone must be noticed. */
	assert_int_equal(stopped("exec sleep 10", (int[]){SIGTERM, 0}, &s), 128 + SIGTERM);
	assert_true(s < 2);
	/* It is awaited, and may end in its own way. */
	assert_int_equal(stopped("trap 'sleep 0.3; exit 7' INT; while :; do sleep 0.05; done",
				 (int[]){SIGINT, 0}, &s),
			 7);
	assert_true(s > 0.45);
	/* One that will not end is killed by the next signal. */
	assert_int_equal(stopped("trap '' INT; while :; do sleep 0.05; done",
				 (int[]){SIGINT, SIGINT + 128, 0}, &s),
			 128 + SIGKILL);
	assert_int_equal(stopped("exit 3", (int[]){0}, &s), 3);
}

static void find(void **state)
{
	char path[PATH_MAX], small[4];
	char *saved = strdup(getenv("PATH"));

	(void)state;
	assert_true(wg_process_find("sh", path, sizeof(path)));
	assert_int_equal(path[0], '/');
	assert_int_equal(access(path, X_OK), 0);
	assert_false(wg_process_find("sh", small, sizeof(small)));
	assert_false(wg_process_find("no-such-program-here", path, sizeof(path)));
	assert_false(wg_process_find("", path, sizeof(path)));
	assert_false(wg_process_find("/bin/sh", path, sizeof(path)));
	setenv("PATH", "::/nonexistent:relative:/:/bin", 1);
	assert_true(wg_process_find("sh", path, sizeof(path)));
	assert_string_equal(path, "/bin/sh");
	assert_false(wg_process_find("bin", path, sizeof(path))); /* a folder */
	setenv("PATH", "", 1);
	assert_false(wg_process_find("sh", path, sizeof(path)));
	setenv("PATH", saved, 1);
	free(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status),      cmocka_unit_test(input),	   cmocka_unit_test(clean),
		cmocka_unit_test(environment), cmocka_unit_test(stopping), cmocka_unit_test(find),
	};

	return cmocka_run_group_tests_name("lib/process", tests, NULL, NULL);
}

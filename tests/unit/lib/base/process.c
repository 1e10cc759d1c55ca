/* SPDX-License-Identifier: GPL-2.0 */
/* src/lib/base/process.c, with real children. */
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
#include "../../../../src/lib/base/process.h"
#include "../../../../src/lib/base/wait.h"

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
static bool from_terminal;

static void *stop_soon(void *ctx)
{
	const int *then = ctx;
	struct timespec t = {.tv_nsec = 200000000};

	for (; *then; then++) {
		nanosleep(&t, NULL);
		wg_stop_count(&stop, *then, from_terminal);
	}
	return NULL;
}

/* Runs the script while the signals are counted, 0.2 s apart. */
static int stopped(const char *script, int *signals, double *seconds)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct wg_process p = {.argv = argv, .stop = &stop};
	struct timespec from, to;
	struct wg_error err;
	pthread_t thread;
	int ret;

	stop = 0;
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, signals), 0);
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
	/* One that will not end is killed by the next signal, also by the same one. */
	assert_int_equal(stopped("trap '' INT; while :; do sleep 0.05; done",
				 (int[]){SIGINT, SIGINT, 0}, &s),
			 128 + SIGKILL);
	assert_int_equal(stopped("trap '' TERM; while :; do sleep 0.05; done",
				 (int[]){SIGTERM, SIGHUP, 0}, &s),
			 128 + SIGKILL);
	assert_int_equal(stopped("exit 3", (int[]){0}, &s), 3);
	/* What the terminal sent has reached the child without us. */
	from_terminal = true;
	assert_int_equal(stopped("sleep 0.6; exit 6", (int[]){SIGINT, 0}, &s), 6);
	from_terminal = false;
}

/* Whether some process of this test has this word in its command line. */
static bool is_running(const char *word)
{
	char script[128];
	struct wg_error err;

	snprintf(script, sizeof(script), "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -q '[0]%s'",
		 word);
	return shell(script, &err) == 0;
}

/* Whether it runs no longer, soon: what is killed ends when it gets a processor. */
static bool has_ended(const char *word)
{
	for (int i = 0; i < 100; i++) {
		if (!is_running(word))
			return true;
		nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	}
	return false;
}

/* A signal reaches what the child has started, and so does SIGKILL: also what has lost its parent,
 * but not what has left the process group. */
static void descendants(void **state)
{
	double s;

	(void)state;
	/* bash waits for its child's end before it takes note of SIGINT itself. */
	assert_int_equal(stopped("sleep 08.25; exit 7", (int[]){SIGINT, 0}, &s), 128 + SIGINT);
	assert_true(s < 2);
	assert_true(has_ended("8.25"));
	assert_int_equal(stopped("trap '' TERM; (sleep 08.5 &); setsid sleep 08.75 >/dev/null 2>&1 & sleep 08.5",
				 (int[]){SIGTERM, SIGTERM, 0}, &s),
			 128 + SIGKILL);
	assert_true(has_ended("8.5"));
	assert_true(is_running("8.75"));
}

/* What an earlier child has left in the background stays. */
static void earlier_descendants(void **state)
{
	struct wg_error err;
	double s;

	(void)state;
	assert_int_equal(shell("sleep 08.125 >/dev/null 2>&1 & :", &err), 0);
	shell("sleep 0.05", &err); /* the kernel counts ticks of 10 ms */
	assert_int_equal(stopped("trap '' TERM; while :; do sleep 0.05; done",
				 (int[]){SIGTERM, SIGTERM, 0}, &s),
			 128 + SIGKILL);
	assert_true(is_running("8.125"));
}

static void time_limit(void **state)
{
	const char *const argv[] = {"sh", "-c", "sleep 30", NULL};
	const char *const stubborn[] = {"sh", "-c", "trap '' TERM; while :; do sleep 0.05; done", NULL};
	const char *const leaves[] = {"sh", "-c", "sleep 3 & :", NULL};
	struct wg_process p = {.argv = argv, .limit_ms = 300};
	struct timespec from, to;
	struct wg_error err;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(wg_process_run(&p, &err), -1);
	assert_int_equal(err.code, ETIMEDOUT);
	assert_string_equal(err.text, "sh did not end within 1 seconds and was killed");
	p.argv = stubborn;
	assert_int_equal(wg_process_run(&p, &err), -1);
	p.argv = leaves;
	assert_int_equal(wg_process_run(&p, &err), 0);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_true(to.tv_sec - from.tv_sec <= 5);
}

static void explain(void **state)
{
	struct wg_error err = {.text = ""};

	(void)state;
	assert_int_equal(wg_process_explain(0, "x", &err), 0);
	assert_int_equal(wg_process_explain(3, "x", &err), 3);
	assert_string_equal(err.text, "x failed with exit status 3");
	assert_int_equal(wg_process_explain(143, "x", &err), 143);
	assert_string_equal(err.text, "x was terminated by SIGTERM");
	wg_error_set(&err, "why");
	assert_int_equal(wg_process_explain(-1, "x", &err), 1);
	assert_int_equal(wg_process_explain(127, "x", &err), 127);
	assert_string_equal(err.text, "why");
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
		cmocka_unit_test(descendants), cmocka_unit_test(earlier_descendants),
		cmocka_unit_test(time_limit),  cmocka_unit_test(explain),
	};

	return cmocka_run_group_tests_name("lib/process", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* What each filter allows, refuses and kills for, in children. */
#include "../../../../src/tun/confine/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { ALLOWED = 0, OTHERWISE = 1, NO_FILTER = 77 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

static int run(bool (*filter)(void), int (*act)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(filter() ? act() : NO_FILTER);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == NO_FILTER);
	return status;
}

static bool is_killed(bool (*filter)(void), int (*act)(void))
{
	int status = run(filter, act);

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static bool is_allowed(bool (*filter)(void), int (*act)(void))
{
	int status = run(filter, act);

	return WIFEXITED(status) && WEXITSTATUS(status) == ALLOWED;
}

static int start_a_program(void)
{
	return execl("/bin/true", "true", NULL);
}

static int fork_a_process(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0;
}

static int map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	       MAP_FAILED;
}

static int open_a_packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) < 0;
}

static int change_user(void)
{
	return setuid(0) < 0;
}

static int trace(void)
{
	return syscall(SYS_ptrace, 0, 0, 0, 0) < 0;
}

static void *nothing(void *arg)
{
	return arg;
}

static int do_its_work(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	pthread_t thread;

	if (fd < 0 || pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL))
		return OTHERWISE;
	free(malloc(1 << 20));
	return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? ALLOWED : OTHERWISE;
}

static void the_daemon_can_work_and_little_else(void **state)
{
	(void)state;
	assert_true(is_allowed(sandbox_filter_daemon, do_its_work));
	assert_true(is_killed(sandbox_filter_daemon, start_a_program));
	assert_true(is_killed(sandbox_filter_daemon, fork_a_process));
	assert_true(is_killed(sandbox_filter_daemon, map_code));
	assert_true(is_killed(sandbox_filter_daemon, open_a_packet_socket));
	assert_true(is_killed(sandbox_filter_daemon, change_user));
	assert_true(is_killed(sandbox_filter_daemon, trace));
}

static int remove_a_file(void)
{
	return unlinkat(-1, "/nowhere/nothing", 0) < 0 && errno == ENOENT ? ALLOWED : OTHERWISE;
}

static int open_a_file(void)
{
	return open("/etc/passwd", O_RDONLY) < 0;
}

static int open_a_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0) < 0;
}

static void the_keeper_can_remove_a_file(void **state)
{
	(void)state;
	assert_true(is_allowed(sandbox_filter_keeper, remove_a_file));
	assert_true(is_killed(sandbox_filter_keeper, open_a_file));
	assert_true(is_killed(sandbox_filter_keeper, open_a_socket));
	assert_true(is_killed(sandbox_filter_keeper, start_a_program));
}

static void sanitizers_make_calls_of_their_own(void **state)
{
	(void)state;
	assert_false(sandbox_filter_daemon());
	assert_false(sandbox_filter_keeper());
}

int main(void)
{
	const struct CMUnitTest sanitized[] = {
		cmocka_unit_test(sanitizers_make_calls_of_their_own),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_daemon_can_work_and_little_else),
		cmocka_unit_test(the_keeper_can_remove_a_file),
	};

	if (SANITIZED)
		return cmocka_run_group_tests(sanitized, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

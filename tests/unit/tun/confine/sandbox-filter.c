// SPDX-License-Identifier: GPL-2.0
/* What each filter allows, refuses and kills for, in children. */
#include "../../../../src/tun/confine/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
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

static int run(int (*filter)(void), int (*act)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(filter() ? NO_FILTER : act());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == NO_FILTER);
	return status;
}

static bool is_killed(int (*filter)(void), int (*act)(void))
{
	int status = run(filter, act);

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static bool is_allowed(int (*filter)(void), int (*act)(void))
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
	(void)geteuid();
	return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? ALLOWED : OTHERWISE;
}

static int use_its_ioctls(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* The kernel decides about these, whatever it says. */
	(void)ioctl(fd, TUNSETLINK, 0);
	(void)ioctl(fd, SIOCGIFINDEX, &request);
	(void)ioctl(fd, TUNGETDEVNETNS);
	(void)ioctl(fd, TUNGETIFF, &request);
	return fd < 0 || isatty(fd) || errno != ENOTTY;
}

static int change_an_address(void)
{
	struct ifreq request = {.ifr_name = "lo"};

	return ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFADDR, &request);
}

static int change_a_tun_device(void)
{
	return ioctl(-1, TUNSETOFFLOAD, 0);
}

static int type_into_a_terminal(void)
{
	return ioctl(0, TIOCSTI, "x");
}

/* The kernel reads 32 bits of the request. */
static int hide_an_ioctl_in_the_upper_half(void)
{
	return (int)syscall(SYS_ioctl, -1, (unsigned long)TUNSETOFFLOAD | 1UL << 40, 0);
}

static int open_a_stream(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int open_a_raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static int open_a_netlink_socket(void)
{
	return socket(AF_NETLINK, SOCK_DGRAM, 0);
}

static int open_a_local_datagram_socket(void)
{
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0;
}

static int make_a_thread_in_a_namespace(void)
{
	const unsigned long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
				    CLONE_THREAD | CLONE_NEWNET;

	return syscall(SYS_clone, flags, 0, 0, 0, 0) < 0;
}

static int name_a_thread(void)
{
	return prctl(PR_SET_NAME, "named");
}

static int gain_dumps(void)
{
	return prctl(PR_SET_DUMPABLE, 1);
}

static int make_code_of_data(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static int signal_itself(void)
{
	return syscall(SYS_tgkill, getpid(), gettid(), 0) != 0;
}

static int signal_another(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0) != 0;
}

static void the_daemon_can_do_some_of_what_a_call_does(void **state)
{
	(void)state;
	assert_true(is_allowed(sandbox_filter_daemon, use_its_ioctls));
	assert_true(is_killed(sandbox_filter_daemon, change_an_address));
	assert_true(is_killed(sandbox_filter_daemon, change_a_tun_device));
	assert_true(is_killed(sandbox_filter_daemon, type_into_a_terminal));
	assert_true(is_killed(sandbox_filter_daemon, hide_an_ioctl_in_the_upper_half));
	assert_true(is_allowed(sandbox_filter_daemon, open_a_local_datagram_socket));
	assert_true(is_killed(sandbox_filter_daemon, open_a_stream));
	assert_true(is_killed(sandbox_filter_daemon, open_a_raw_socket));
	assert_true(is_killed(sandbox_filter_daemon, open_a_netlink_socket));
	assert_true(is_killed(sandbox_filter_daemon, make_a_thread_in_a_namespace));
	assert_true(is_allowed(sandbox_filter_daemon, name_a_thread));
	assert_true(is_killed(sandbox_filter_daemon, gain_dumps));
	assert_true(is_killed(sandbox_filter_daemon, make_code_of_data));
	assert_true(is_allowed(sandbox_filter_daemon, signal_itself));
	assert_true(is_killed(sandbox_filter_daemon, signal_another));
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

static int open_a_datagram_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0) >= 0 && socket(AF_INET6, SOCK_DGRAM, 0) >= 0 ?
		       ALLOWED :
		       OTHERWISE;
}

static int open_a_stream_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static int open_a_local_socket(void)
{
	return socket(AF_UNIX, SOCK_DGRAM, 0) < 0;
}

static void the_cleanup_process_can_remove_a_file(void **state)
{
	(void)state;
	assert_true(is_allowed(sandbox_filter_cleanup, remove_a_file));
	assert_true(is_killed(sandbox_filter_cleanup, open_a_file));
	assert_true(is_allowed(sandbox_filter_cleanup, open_a_datagram_socket));
	assert_true(is_killed(sandbox_filter_cleanup, open_a_stream_socket));
	assert_true(is_killed(sandbox_filter_cleanup, open_a_local_socket));
	assert_true(is_killed(sandbox_filter_cleanup, start_a_program));
}

static void sanitizers_make_calls_of_their_own(void **state)
{
	(void)state;
	assert_int_equal(sandbox_filter_daemon(), ENOTSUP);
	assert_int_equal(sandbox_filter_cleanup(), ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest sanitized[] = {
		cmocka_unit_test(sanitizers_make_calls_of_their_own),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_daemon_can_work_and_little_else),
		cmocka_unit_test(the_daemon_can_do_some_of_what_a_call_does),
		cmocka_unit_test(the_cleanup_process_can_remove_a_file),
	};

	if (SANITIZED)
		return cmocka_run_group_tests(sanitized, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

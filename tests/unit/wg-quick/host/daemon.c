// SPDX-License-Identifier: GPL-2.0
/* A process with our marker that holds a TUN device: found, told from others, ended. */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../../src/wg-quick/host/daemon.h"

#define MARKER DAEMON_MARKER "=test.1"

/* What runs again with `marker` in its environment. */
static int hold(const char *ifname)
{
	struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR);

	strcpy(r.ifr_name, ifname);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &r) < 0 || write(1, "", 1) != 1)
		return 1;
	pause();
	return 0;
}

static pid_t start(const char *marker, const char *ifname)
{
	char *argv[] = {(char *)"daemon", (char *)ifname, NULL}, *env[] = {(char *)marker, NULL};
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		dup2(ready[1], 1);
		execve("/proc/self/exe", argv, env);
		_exit(1);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		fail_msg("no TUN device");
	close(ready[0]);
	return pid;
}

static void found_and_ended(void **state)
{
	pid_t ours = start(MARKER, "wgd0"), other = start(MARKER "1", "wgd1");
	struct daemon d;
	struct wg_error err;
	int status;

	(void)state;
	assert_true(daemon_find(MARKER, &d));
	assert_int_equal(d.pid, ours);
	assert_true(d.here);
	assert_string_equal(d.ifname, "wgd0");
	assert_false(daemon_find("", &d));
	assert_false(daemon_find(MARKER "2", &d));
	assert_int_equal(system("ip link set wgd0 name wgd9"), 0);
	assert_true(daemon_find(MARKER, &d));
	assert_int_equal(d.pid, ours);
	assert_string_equal(d.ifname, "wgd9");
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	assert_true(daemon_find(MARKER, &d));
	assert_false(d.here);
	/* A number that is another process's by now. */
	assert_int_equal(daemon_end(other, MARKER, &err), 0);
	assert_int_equal(waitpid(other, &status, WNOHANG), 0);
	assert_int_equal(daemon_end(ours, MARKER, &err), 0);
	assert_int_equal(waitpid(ours, &status, 0), ours);
	assert_true(WIFSIGNALED(status));
	assert_false(daemon_find(MARKER, &d));
	kill(other, SIGKILL);
	waitpid(other, &status, 0);
}

static int alone(void **state)
{
	(void)state;
	return unshare(CLONE_NEWNET);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_and_ended),
	};

	if (argc == 2)
		return hold(argv[1]);
	if (geteuid() || access("/dev/net/tun", R_OK | W_OK))
		return 77;
	return cmocka_run_group_tests_name("wg-quick/daemon", tests, alone, NULL);
}

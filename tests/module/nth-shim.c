// SPDX-License-Identifier: GPL-2.0
/* Preloaded into wg and ip: in each message they send to the kernel, the kernel's NTH_FAIL'th
 * allocation of memory fails. NTH_FILE gets a line "failed" for each send in which one did. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int nth_fd = -1;

static void arm(void)
{
	const char *nth = getenv("NTH_FAIL");

	if (nth)
		nth_fd = open("/proc/thread-self/fail-nth", O_RDWR);
	if (nth_fd >= 0)
		dprintf(nth_fd, "%s", nth);
}

/* What is left of the count: none, where the allocation came. */
static void disarm(void)
{
	const char *name = getenv("NTH_FILE");
	char left[16] = "";
	int fd;

	if (nth_fd < 0)
		return;
	if (pread(nth_fd, left, sizeof left - 1, 0) > 0 && !atoi(left) && name) {
		fd = open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
		dprintf(fd, "failed\n");
		close(fd);
	}
	dprintf(nth_fd, "0");
	close(nth_fd);
	nth_fd = -1;
}

ssize_t sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to, socklen_t to_len)
{
	ssize_t (*next)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) =
		dlsym(RTLD_NEXT, "sendto");
	ssize_t n;

	arm();
	n = next(fd, data, len, flags, to, to_len);
	disarm();
	return n;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	ssize_t (*next)(int, const struct msghdr *, int) = dlsym(RTLD_NEXT, "sendmsg");
	ssize_t n;

	arm();
	n = next(fd, message, flags);
	disarm();
	return n;
}

/* A dump is made while it is read. */
ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t (*next)(int, struct msghdr *, int) = dlsym(RTLD_NEXT, "recvmsg");
	ssize_t n;

	arm();
	n = next(fd, message, flags);
	disarm();
	return n;
}

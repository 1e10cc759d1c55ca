// SPDX-License-Identifier: GPL-2.0
/* Preloaded into wg-tun: a kernel whose offloads fail, now or later. In the environment:
 *
 *	FAIL_SEND=N[,AFTER]    sends of several segments fail with errno N, but the first AFTER
 *	FAIL_WRITE=N[,AFTER]   writes of super-packets to the TUN device do
 *	FAIL_OFFLOAD=BITS      the TUN device refuses any of these TUN_F_ bits
 *	FAIL_COUNT=FILE        one number of 64 bits, to which each send and write that fails is added
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/udp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

struct fault {
	const char *variable;
	int error; /* 0: none */
	long after;
	int read;
};

static struct fault on_send = { .variable = "FAIL_SEND" }, on_write = { .variable = "FAIL_WRITE" };

static uint64_t uncounted, *count = &uncounted;

/* Early: the daemon gives up the right to open files. */
__attribute__((constructor)) static void open_count(void)
{
	const char *name = getenv("FAIL_COUNT");
	int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		count = p;
	close(fd);
}

static int fails(struct fault *f)
{
	if (!f->read) {
		const char *text = getenv(f->variable);
		char *end;

		f->read = 1;
		if (text) {
			f->error = (int)strtol(text, &end, 10);
			f->after = *end == ',' ? strtol(end + 1, NULL, 10) : 0;
		}
	}
	if (!f->error || __atomic_fetch_sub(&f->after, 1, __ATOMIC_RELAXED) > 0)
		return 0;
	__atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
	errno = f->error;
	return 1;
}

static int is_gso(const struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR((struct msghdr *)m, c)) {
		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_SEGMENT)
			return 1;
	}
	return 0;
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	ssize_t (*real)(int, const struct msghdr *, int) = dlsym(RTLD_NEXT, "sendmsg");

	return is_gso(m) && fails(&on_send) ? -1 : real(fd, m, flags);
}

/* As the kernel does: what comes before the one that fails is sent. */
int sendmmsg(int fd, struct mmsghdr *m, unsigned int n, int flags)
{
	int (*real)(int, struct mmsghdr *, unsigned int, int) = dlsym(RTLD_NEXT, "sendmmsg");
	unsigned int good = 0;

	while (good < n && !(is_gso(&m[good].msg_hdr) && fails(&on_send)))
		good++;
	return good ? real(fd, m, good, flags) : -1;
}

ssize_t writev(int fd, const struct iovec *iov, int n)
{
	ssize_t (*real)(int, const struct iovec *, int) = dlsym(RTLD_NEXT, "writev");
	const uint8_t *vnet = iov[0].iov_base;

	return n > 2 && iov[0].iov_len == 10 && vnet[1] && fails(&on_write) ? -1 : real(fd, iov, n);
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
	const char *refused = getenv("FAIL_OFFLOAD");
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (request == TUNSETOFFLOAD && refused && ((uintptr_t)arg & strtoul(refused, NULL, 0))) {
		errno = EINVAL;
		return -1;
	}
	return real(fd, request, arg);
}

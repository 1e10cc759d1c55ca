// SPDX-License-Identifier: GPL-2.0
/* Preloaded into a daemon: offloads fail as they do on hosts that cannot do them. FAULT_SHIM names what
 * fails and how, with commas between several: `gso=EIO` UDP messages that are to be segmented,
 * `tun=EINVAL` packets written to the TUN device that are to be segmented. What failed is counted in the
 * file FAULT_COUNT (two numbers of 64 bits: gso, tun). */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_net.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

struct counts {
	uint64_t gso, tun;
};

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EIO", EIO }, { "EINVAL", EINVAL }, { "EMSGSIZE", EMSGSIZE }, { "ENOBUFS", ENOBUFS },
};

static int gso_error, tun_error;
static struct counts *counts, nowhere;
static ssize_t (*real_sendmsg)(int, const struct msghdr *, int);
static int (*real_sendmmsg)(int, struct mmsghdr *, unsigned int, int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);

static int error_of(const char *faults, const char *what)
{
	const char *p = faults ? strstr(faults, what) : NULL;

	if (!p)
		return 0;
	p += strlen(what);
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (!strncmp(p, errors[i].name, strlen(errors[i].name)))
			return errors[i].number;
	abort();
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FAULT_COUNT");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map = MAP_FAILED;

	*(void **)&real_sendmsg = dlsym(RTLD_NEXT, "sendmsg");
	*(void **)&real_sendmmsg = dlsym(RTLD_NEXT, "sendmmsg");
	*(void **)&real_write = dlsym(RTLD_NEXT, "write");
	*(void **)&real_writev = dlsym(RTLD_NEXT, "writev");
	gso_error = error_of(getenv("FAULT_SHIM"), "gso=");
	tun_error = error_of(getenv("FAULT_SHIM"), "tun=");
	if (fd >= 0)
		map = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	counts = map == MAP_FAILED ? &nowhere : map;
}

static int segmented(const struct msghdr *m)
{
	struct msghdr copy = *m;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(&copy); c; c = CMSG_NXTHDR(&copy, c))
		if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_SEGMENT)
			return 1;
	return 0;
}

static int refuse(int error, uint64_t *count)
{
	__atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
	errno = error;
	return -1;
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	if (gso_error && segmented(m))
		return refuse(gso_error, &counts->gso);
	return real_sendmsg(fd, m, flags);
}

/* As the kernel has it: those before the one that fails are sent. */
int sendmmsg(int fd, struct mmsghdr *m, unsigned int n, int flags)
{
	if (!gso_error)
		return real_sendmmsg(fd, m, n, flags);
	for (unsigned int i = 0; i < n; i++) {
		if (!segmented(&m[i].msg_hdr))
			continue;
		return i ? real_sendmmsg(fd, m, i, flags) : refuse(gso_error, &counts->gso);
	}
	return real_sendmmsg(fd, m, n, flags);
}

static int is_tun(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISCHR(st.st_mode) && st.st_rdev == makedev(10, 200);
}

static int super_packet(const void *header, size_t len)
{
	struct virtio_net_hdr h;

	if (len < sizeof(h))
		return 0;
	memcpy(&h, header, sizeof(h));
	return h.gso_type != VIRTIO_NET_HDR_GSO_NONE;
}

ssize_t write(int fd, const void *data, size_t len)
{
	if (tun_error && is_tun(fd) && super_packet(data, len))
		return refuse(tun_error, &counts->tun);
	return real_write(fd, data, len);
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
	if (tun_error && n && is_tun(fd) && super_packet(v[0].iov_base, v[0].iov_len))
		return refuse(tun_error, &counts->tun);
	return real_writev(fd, v, n);
}

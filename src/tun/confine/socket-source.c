// SPDX-License-Identifier: GPL-2.0
#include "socket-source.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* An answer takes some microseconds. */
#define TIMEOUT_US 200000

int socket_source_open(int ends[2])
{
	const struct timeval timeout = {.tv_usec = TIMEOUT_US};

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	(void)setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	return 0;
}

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

/* `fd` -1: `result` is the error that socket() failed with. */
static int send_socket(int end, int fd, int result)
{
	union control control;
	struct iovec iov = {&result, sizeof(result)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd >= 0) {
		memset(&control, 0, sizeof(control));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
	}
	return sendmsg(end, &m, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

void socket_source_serve(int end)
{
	int family;

	for (;;) {
		ssize_t n = read(end, &family, sizeof(family));
		int fd;

		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof(family))
			return;
		fd = socket(family == AF_INET6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		send_socket(end, fd, fd < 0 ? errno : 0);
		if (fd >= 0)
			close(fd);
	}
}

static int source = -1;

void socket_source_use(int end)
{
	source = end;
}

/* Returns false if there is no answer; else *fd is the socket, or -1 with errno set. */
static bool ask_source(int family, int *fd)
{
	union control control;
	int result = 0;
	struct iovec iov = {&result, sizeof(result)};
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	const struct cmsghdr *c;

	if (send(source, &family, sizeof(family), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ||
	    recvmsg(source, &m, MSG_CMSG_CLOEXEC) != sizeof(result))
		return false;
	*fd = -1;
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	errno = result;
	return true;
}

int socket_source_create(int family)
{
	int fd;

	if (source >= 0 && ask_source(family, &fd))
		return fd;
	/* A late answer would be taken for that to the next question. */
	source = -1;
	return socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

// SPDX-License-Identifier: GPL-2.0
#include "socket-source.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "../report/logger.h"

/* How long the daemon waits for an answer, which takes some microseconds. */
#define TIMEOUT_US 200000
/* How long it does not ask again after an answer that did not come; twice as long after each one
 * that does not come either, up to 16 seconds. */
#define PAUSE_MS      500
#define MAX_DOUBLINGS 5

int socket_source_open(int ends[2])
{
	const struct timeval timeout = {.tv_usec = TIMEOUT_US};

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	(void)setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	return 0;
}

/* An answer has the number of its question, because it may come after the daemon stopped waiting. */
struct question {
	u32 number;
	int family;
};

struct answer {
	u32 number;
	int error; /* what socket() failed with; 0: the socket comes along */
};

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static void send_answer(int end, struct answer answer, int fd)
{
	union control control;
	struct iovec iov = {&answer, sizeof(answer)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (fd >= 0) {
		memset(&control, 0, sizeof(control));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
	}
	n = sendmsg(end, &m, MSG_NOSIGNAL);
	(void)n;
}

void socket_source_serve(int end)
{
	struct question q;

	for (;;) {
		ssize_t n = read(end, &q, sizeof(q));
		int fd;

		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof(q))
			return;
		fd = socket(q.family == AF_INET6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC,
			    0);
		send_answer(end, (struct answer){q.number, fd < 0 ? errno : 0}, fd);
		if (fd >= 0)
			close(fd);
	}
}

/* The daemon's side. */
static struct {
	int end;
	uid_t owner;	 /* the user of the other process */
	u32 asked;	 /* the number of the last question */
	u64 next_ms;	 /* no question before this time */
	u32 missing;	 /* answers in a row that did not come */
	bool gone, said; /* the other process has ended; a failure was logged */
} source = {.end = -1};

void socket_source_use(int end)
{
	memset(&source, 0, sizeof(source));
	source.end = end;
	source.owner = geteuid();
}

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

/* Receives one answer, and its socket: *fd is -1 without one. Returns what recvmsg() does. */
static ssize_t receive_answer(struct answer *answer, int *fd, int flags)
{
	union control control;
	struct iovec iov = {answer, sizeof(*answer)};
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	const struct cmsghdr *c;
	ssize_t n = recvmsg(source.end, &m, MSG_CMSG_CLOEXEC | flags);

	*fd = -1;
	c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return n;
}

/* Returns the socket, or -1 with errno set: ETIMEDOUT without an answer, EOWNERDEAD if the other
 * process has ended. A process that was stopped finds its time over when it goes on, and the answer
 * there: so it looks once more. */
static int await_answer(void)
{
	u64 until = now_ms() + TIMEOUT_US / 1000;

	for (;;) {
		struct answer answer = {0};
		int fd, flags = now_ms() < until ? 0 : MSG_DONTWAIT;
		ssize_t n = receive_answer(&answer, &fd, flags);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n < 0 && errno == EAGAIN ? ETIMEDOUT : EOWNERDEAD;
			return -1;
		}
		if (answer.number == source.asked) {
			/* Without a socket and without an error this process has too many. */
			errno = answer.error ? answer.error : EMFILE;
			return fd;
		}
		if (fd >= 0)
			close(fd);
	}
}

static int ask_source(int family)
{
	struct question q = {++source.asked, family};

	if (send(source.end, &q, sizeof(q), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		errno = errno == EAGAIN ? ETIMEDOUT : EOWNERDEAD;
		return -1;
	}
	return await_answer();
}

/* Whether errno says that the other process has not answered. */
static bool is_missing(int fd)
{
	return fd < 0 && (errno == ETIMEDOUT || errno == EOWNERDEAD);
}

static void say_missing(void)
{
	if (source.said)
		return;
	source.said = true;
	if (source.gone)
		logger_say(LOGGER_ERROR, "the process wg-tun-cleanup has ended: the daemon cannot "
			   "open sockets for another listen-port or for more peers: start it again");
	else
		logger_say(LOGGER_ERROR, "the process wg-tun-cleanup, which creates sockets, does "
			   "not answer: it is asked again");
}

/* Returns a socket of the other user, or -1 with errno set. */
static int create_by_source(int family)
{
	int fd = -1;

	errno = source.gone ? EOWNERDEAD : ETIMEDOUT;
	if (source.gone || now_ms() < source.next_ms)
		return -1;
	fd = ask_source(family);
	if (!is_missing(fd)) {
		source.said = false;
		source.missing = 0;
		return fd;
	}
	source.gone = errno == EOWNERDEAD;
	if (source.gone)
		source.said = false;
	source.next_ms = now_ms() + (PAUSE_MS << source.missing);
	source.missing += source.missing < MAX_DOUBLINGS;
	return -1;
}

int socket_source_create(int family)
{
	if (source.end >= 0) {
		int fd = create_by_source(family);

		if (!is_missing(fd))
			return fd;
		if (geteuid() != source.owner) {
			int error = errno;

			say_missing();
			errno = error;
			return -1;
		}
	}
	return socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

// SPDX-License-Identifier: GPL-2.0
/* UDP one way, as fast as it goes or at a rate:
 *
 *	datagrams count ADDRESS PORT [IDLE]               counts until a second, or IDLE, passes without any
 *	datagrams send ADDRESS PORT SIZE SECONDS [RATE]   SIZE bytes each; RATE: at most so many a second,
 *	                                                  and not more at once than BATCH
 *
 * `count` prints how many came, how many bytes, and in how many seconds, from the first to the last;
 * each datagram carries its number, and the fourth figure is how many came twice or out of order. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH	    64
#define MAX_SIZE    65000
#define FIRST_MS    30000 /* how long to wait for the first */
#define BUFFER_SIZE (8 << 20)

static struct mmsghdr messages[BATCH];
static struct iovec parts[BATCH];
static uint8_t *buffers;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "datagrams: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_socket(const char *address, const char *port, int listening)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST };
	int err, fd, size = BUFFER_SIZE;
	struct addrinfo *a;

	err = getaddrinfo(address, port, &hints, &a);
	if (err) {
		fprintf(stderr, "datagrams: %s port %s: %s\n", address, port, gai_strerror(err));
		exit(1);
	}
	fd = socket(a->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, listening ? SO_RCVBUFFORCE : SO_SNDBUF, &size, sizeof(size));
	if (listening ? bind(fd, a->ai_addr, a->ai_addrlen) : connect(fd, a->ai_addr, a->ai_addrlen))
		die(listening ? "bind" : "connect");
	freeaddrinfo(a);
	return fd;
}

static void prepare(size_t size)
{
	buffers = calloc(BATCH, size);
	if (!buffers)
		die("memory");
	for (size_t i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){ buffers + i * size, size };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
	}
}

static void count(int fd, int idle_ms)
{
	uint64_t packets = 0, bytes = 0, odd = 0, expected = 0;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	double first = 0, last = 0;

	while (poll(&p, 1, packets ? idle_ms : FIRST_MS) > 0) {
		int n = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);

		if (n < 0)
			continue;
		last = now();
		if (!packets)
			first = last;
		for (int i = 0; i < n; i++) {
			uint64_t number;

			memcpy(&number, parts[i].iov_base, sizeof(number));
			odd += number < expected;
			if (number >= expected)
				expected = number + 1;
			bytes += messages[i].msg_len;
		}
		packets += (uint64_t)n;
	}
	printf("%llu %llu %.3f %llu\n", (unsigned long long)packets, (unsigned long long)bytes,
	       last - first, (unsigned long long)odd);
}

static void send_all(int fd, double seconds, double rate)
{
	double begin = now(), end = begin + seconds, t = begin;
	uint64_t sent = 0;

	for (; t < end; t = now()) {
		unsigned int batch = BATCH;
		int n;

		if (rate > 0) {
			double due = (t - begin) * rate - (double)sent;

			if (due < 1) {
				usleep(500);
				continue;
			}
			/* Who did not run for a while does not make up for it: no queue is for that. */
			if (due > BATCH) {
				begin += (due - BATCH) / rate;
				due = BATCH;
			}
			batch = (unsigned int)due;
		}
		for (uint64_t i = 0; i < batch; i++)
			memcpy(parts[i].iov_base, &(uint64_t){ sent + i }, sizeof(uint64_t));
		n = sendmmsg(fd, messages, batch, 0);
		/* What the receiver's side says of earlier ones is none of our business. */
		if (n < 0 && errno != ENOBUFS && errno != ECONNREFUSED && errno != EAGAIN)
			die("send");
		if (n > 0)
			sent += (uint64_t)n;
	}
	printf("%llu\n", (unsigned long long)sent);
}

int main(int argc, char **argv)
{
	if ((argc == 4 || argc == 5) && !strcmp(argv[1], "count")) {
		prepare(2048);
		count(open_socket(argv[2], argv[3], 1), (argc > 4 ? atoi(argv[4]) : 1) * 1000);
		return 0;
	}
	if (argc >= 6 && !strcmp(argv[1], "send")) {
		int size = atoi(argv[4]);

		if (size >= (int)sizeof(uint64_t) && size <= MAX_SIZE) {
			prepare((size_t)size);
			send_all(open_socket(argv[2], argv[3], 0), atof(argv[5]),
				 argc > 6 ? atof(argv[6]) : 0);
			return 0;
		}
	}
	fprintf(stderr, "usage: datagrams count ADDRESS PORT [IDLE] | "
			"send ADDRESS PORT SIZE SECONDS [RATE]\n");
	return 1;
}

// SPDX-License-Identifier: GPL-2.0
/* TCP streams, as many as asked for, in one thread at each end:
 *
 *	stream sink ADDRESS PORT STREAMS [check]   takes STREAMS connections, reads them to their end
 *	stream send ADDRESS PORT STREAMS SECONDS [CONTROL]
 *
 * The sender sends for SECONDS, or with e.g. 50M that many bytes; its congestion control is CONTROL, or
 * what the kernel has for all.
 *
 * The sink prints how many bytes came and in how many seconds, from the first to the last. `check`:
 * it compares every byte with what was sent. Ends with 0 if all connections ended well. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_STREAMS 64
#define CHUNK	    (256 << 10)
#define PERIOD	    1048573 /* the content repeats after this many bytes, a prime */
#define SILENCE_MS  30000   /* after which a side gives up */

struct stream {
	uint64_t done;
	int fd;
};

static uint8_t content[PERIOD + CHUNK];
static struct stream streams[MAX_STREAMS];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "stream: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* xorshift64, and the beginning once more behind the end. */
static void fill_content(void)
{
	uint64_t x = 88172645463325252ULL;

	for (size_t i = 0; i < PERIOD; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		content[i] = (uint8_t)(x >> 32);
	}
	memcpy(content + PERIOD, content, CHUNK);
}

static struct addrinfo *resolve(const char *address, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *found;
	int err = getaddrinfo(address, port, &hints, &found);

	if (err) {
		fprintf(stderr, "stream: %s port %s: %s\n", address, port, gai_strerror(err));
		exit(1);
	}
	return found;
}

static void take_connections(const char *address, const char *port, int n)
{
	struct addrinfo *a = resolve(address, port);
	int listener = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (listener < 0 || bind(listener, a->ai_addr, a->ai_addrlen) < 0 || listen(listener, n) < 0)
		die("listen");
	freeaddrinfo(a);
	for (int i = 0; i < n; i++) {
		struct pollfd p = { .fd = listener, .events = POLLIN };

		if (poll(&p, 1, SILENCE_MS) != 1) {
			errno = ETIMEDOUT;
			die("accept");
		}
		streams[i].fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (streams[i].fd < 0)
			die("accept");
	}
	close(listener);
}

/* False at its end. */
static bool read_some(struct stream *s, bool check)
{
	static uint8_t buffer[CHUNK];
	ssize_t n = recv(s->fd, buffer, sizeof(buffer), 0);

	if (n < 0 && errno == EAGAIN)
		return true;
	if (n < 0)
		die("receive");
	if (check && n && memcmp(buffer, content + s->done % PERIOD, (size_t)n)) {
		fprintf(stderr, "stream: other bytes came than were sent, after %llu\n",
			(unsigned long long)s->done);
		exit(1);
	}
	s->done += (uint64_t)n;
	return n != 0;
}

static void sink(int n, bool check)
{
	double first = now(), last = first;
	struct pollfd fds[MAX_STREAMS];
	uint64_t total = 0;
	int open = n;

	for (int i = 0; i < n; i++)
		fds[i] = (struct pollfd){ .fd = streams[i].fd, .events = POLLIN };
	while (open) {
		if (poll(fds, (nfds_t)n, SILENCE_MS) <= 0) {
			errno = ETIMEDOUT;
			die("receive");
		}
		for (int i = 0; i < n; i++) {
			if (!fds[i].revents)
				continue;
			last = now();
			if (!read_some(&streams[i], check)) {
				fds[i].fd = -1;
				open--;
			}
		}
	}
	for (int i = 0; i < n; i++)
		total += streams[i].done;
	printf("%llu %.3f\n", (unsigned long long)total, last - first);
}

/* Before there is a connection: who has had BBR paces what he sends with another one, too. */
static void set_control(int fd, const char *control)
{
	if (control &&
	    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, control, (socklen_t)strlen(control)) < 0)
		die(control);
}

static void connect_all(const char *address, const char *port, int n, const char *control)
{
	struct addrinfo *a = resolve(address, port);

	for (int i = 0; i < n; i++) {
		double give_up = now() + 10;
		int fd;

		for (;;) {
			fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
			if (fd < 0)
				die("socket");
			set_control(fd, control);
			if (!connect(fd, a->ai_addr, a->ai_addrlen))
				break;
			if (errno != ECONNREFUSED || now() > give_up)
				die("connect");
			close(fd);
			usleep(20000);
		}
		if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
			die("fcntl");
		streams[i].fd = fd;
	}
	freeaddrinfo(a);
}

/* False when all has been sent. */
static bool write_some(struct stream *s, uint64_t limit)
{
	uint64_t left = limit - s->done;
	ssize_t n = send(s->fd, content + s->done % PERIOD, left < CHUNK ? left : CHUNK,
			 MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN)
		die("send");
	if (n > 0)
		s->done += (uint64_t)n;
	return s->done < limit;
}

static void send_all(int n, double seconds, uint64_t limit)
{
	struct pollfd fds[MAX_STREAMS];
	double end = now() + seconds;
	int open = n;

	for (int i = 0; i < n; i++)
		fds[i] = (struct pollfd){ .fd = streams[i].fd, .events = POLLOUT };
	while (open && now() < end) {
		if (poll(fds, (nfds_t)n, SILENCE_MS) <= 0) {
			errno = ETIMEDOUT;
			die("send");
		}
		for (int i = 0; i < n; i++) {
			if (fds[i].revents && !write_some(&streams[i], limit)) {
				fds[i].fd = -1;
				open--;
			}
		}
	}
	for (int i = 0; i < n; i++)
		close(streams[i].fd);
}

int main(int argc, char **argv)
{
	int n = argc > 4 ? atoi(argv[4]) : 0;

	if (n < 1 || n > MAX_STREAMS)
		goto usage;
	fill_content();
	if (!strcmp(argv[1], "sink")) {
		take_connections(argv[2], argv[3], n);
		sink(n, argc > 5);
		return 0;
	}
	if (!strcmp(argv[1], "send") && argc > 5) {
		bool bytes = strchr(argv[5], 'M');

		connect_all(argv[2], argv[3], n, argc > 6 ? argv[6] : NULL);
		send_all(n, bytes ? 600 : atof(argv[5]),
			 bytes ? strtoull(argv[5], NULL, 10) << 20 : UINT64_MAX);
		return 0;
	}
usage:
	fprintf(stderr, "usage: stream sink ADDRESS PORT STREAMS [check] | "
			"send ADDRESS PORT STREAMS SECONDS|MEGABYTES [CONTROL]\n");
	return 1;
}

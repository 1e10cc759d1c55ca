// SPDX-License-Identifier: GPL-2.0
/* Round-trip times of small UDP packets, one at a time:
 *
 *	rtt echo ADDRESS PORT                     sends back what comes, until it is ended
 *	rtt ask ADDRESS PORT COUNT PAUSE          COUNT times, PAUSE microseconds between them
 *
 * `ask` prints microseconds: median, 99th percentile, least; and how many got no answer. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SIZE 56

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "rtt: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_socket(const char *address, const char *port, int listening)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST };
	const struct timeval limit = { .tv_sec = 1 };
	struct addrinfo *a;
	int err, fd;

	err = getaddrinfo(address, port, &hints, &a);
	if (err) {
		fprintf(stderr, "rtt: %s port %s: %s\n", address, port, gai_strerror(err));
		exit(1);
	}
	fd = socket(a->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket");
	if (listening ? bind(fd, a->ai_addr, a->ai_addrlen) : connect(fd, a->ai_addr, a->ai_addrlen))
		die(listening ? "bind" : "connect");
	if (!listening)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	freeaddrinfo(a);
	return fd;
}

static void echo(int fd)
{
	struct sockaddr_storage from;
	uint8_t buffer[2048];

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr *)&from, &len);

		if (n > 0)
			sendto(fd, buffer, (size_t)n, 0, (struct sockaddr *)&from, len);
	}
}

/* Microseconds, or less than 0 where no answer came. */
static double ask_once(int fd, uint32_t number)
{
	uint8_t message[SIZE] = { 0 }, answer[SIZE];
	double begin = now();

	memcpy(message, &number, sizeof(number));
	if (send(fd, message, SIZE, 0) != SIZE)
		return -1;
	while (recv(fd, answer, SIZE, 0) == SIZE)
		if (!memcmp(answer, message, SIZE))
			return now() - begin;
	return -1;
}

static int later(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void ask(int fd, size_t count, unsigned int pause)
{
	double *times = calloc(count, sizeof(*times));
	size_t n = 0;

	if (!times)
		die("memory");
	for (uint32_t i = 0; i < count; i++) {
		double t = ask_once(fd, i);

		if (t >= 0)
			times[n++] = t;
		if (pause)
			usleep(pause);
	}
	if (!n) {
		errno = ETIMEDOUT;
		die("no answer");
	}
	qsort(times, n, sizeof(*times), later);
	printf("%.1f %.1f %.1f %zu\n", times[n / 2], times[n * 99 / 100], times[0], count - n);
	free(times);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "echo"))
		echo(open_socket(argv[2], argv[3], 1));
	if (argc == 6 && !strcmp(argv[1], "ask") && atoi(argv[4]) > 0) {
		ask(open_socket(argv[2], argv[3], 0), (size_t)atoi(argv[4]), (unsigned int)atoi(argv[5]));
		return 0;
	}
	fprintf(stderr, "usage: rtt echo ADDRESS PORT | ask ADDRESS PORT COUNT PAUSE\n");
	return 1;
}

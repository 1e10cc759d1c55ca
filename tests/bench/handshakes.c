// SPDX-License-Identifier: GPL-2.0
/* How many handshakes a second a responder answers:
 *
 *	handshakes keys N                                 the public keys of N initiators, a line each
 *	handshakes run ADDRESS PORT PUBLIC-KEY N SECONDS  they all initiate, again and again
 *
 * to an IPv4 address. Initiations are made beforehand, so that only the responder works while they are
 * answered; as many are under way at a time, each from a port of its own, as one address may have queued in
 * wg-tun, so that it is never under load.
 * Each initiator has been answered once before the clock starts. Prints answers, seconds, and X25519 operations a second of
 * this core; a responder needs four for an answer. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "../../src/core/admission.h"
#include "../../src/core/cookie.h"
#include "../../src/core/noise.h"
#include "../../src/crypto/blake2s.h"
#include "../../src/crypto/curve25519.h"
#include "../../src/lib/base/encoding.h"

#define UNDER_WAY   WG_ADMISSION_PER_BUCKET
#define MAX_RATE    16000 /* initiations made for each second */
#define PATIENCE_MS 300

struct initiator {
	struct wg_identity identity;
	struct wg_handshake handshake;
	struct wg_cookie_jar jar;
};

static u8 responder[WG_PUBLIC_LEN];

static u64 clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (u64)t.tv_sec * WG_SECOND + (u64)t.tv_nsec;
}

static double seconds_since(u64 begin)
{
	return (double)(clock_ns(CLOCK_MONOTONIC) - begin) / 1e9;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "handshakes: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void secret_of(u8 secret[static 32], u32 i)
{
	wg_blake2s(secret, 32, &i, sizeof(i), NULL, 0);
	wg_curve25519_clamp(secret);
}

static void print_keys(u32 n)
{
	char text[WG_KEY_BASE64_LEN + 1];
	u8 secret[32], public_key[32];

	for (u32 i = 0; i < n; i++) {
		secret_of(secret, i);
		wg_curve25519_public(public_key, secret);
		wg_key_to_base64(text, public_key);
		puts(text);
	}
}

static double curve_rate(void)
{
	u8 secret[32], point[32];
	u64 begin;
	int n = 0;

	secret_of(secret, 1);
	wg_curve25519_public(point, secret);
	begin = clock_ns(CLOCK_MONOTONIC);
	while (seconds_since(begin) < 0.5) {
		for (int i = 0; i < 50; i++)
			wg_curve25519(point, secret, point);
		n += 50;
	}
	return n / seconds_since(begin);
}

static struct initiator *make_initiators(u32 n)
{
	struct initiator *all = calloc(n, sizeof(*all));
	u8 secret[32];

	if (!all)
		die("memory");
	for (u32 i = 0; i < n; i++) {
		secret_of(secret, i);
		wg_identity_set(&all[i].identity, secret);
		memcpy(all[i].handshake.remote_static, responder, WG_PUBLIC_LEN);
	}
	return all;
}

/* Of initiator k % n, `total` of them; a handshake that went unanswered is just begun again. */
static struct wg_message_initiation *make_messages(struct initiator *all, u32 n, u32 total)
{
	struct wg_message_initiation *m = calloc(total, sizeof(*m));
	u64 now = clock_ns(CLOCK_MONOTONIC), unix_now = clock_ns(CLOCK_REALTIME);

	if (!m)
		die("memory");
	for (u32 k = 0; k < total; k++) {
		struct initiator *i = &all[k % n];
		u8 ephemeral[32];

		secret_of(ephemeral, ~k);
		if (!wg_noise_create_initiation(&i->handshake, &i->identity, &m[k], k, ephemeral,
						unix_now, now)) {
			fprintf(stderr, "handshakes: an initiation cannot be made\n");
			exit(1);
		}
		wg_cookie_add_macs(&i->jar, responder, (u8 *)&m[k], sizeof(*m), now);
	}
	return m;
}

/* Counts answers that are there, waiting for the first a while. */
static u32 take_answers(struct pollfd sources[static UNDER_WAY], u32 *cookies)
{
	u32 answers = 0;
	u8 answer[256];

	if (poll(sources, UNDER_WAY, PATIENCE_MS) <= 0)
		return 0;
	for (int i = 0; i < UNDER_WAY; i++) {
		ssize_t n;

		while (sources[i].revents && (n = recv(sources[i].fd, answer, sizeof(answer), MSG_DONTWAIT)) >= 0) {
			answers += n == WG_RESPONSE_LEN;
			*cookies += n == WG_COOKIE_MESSAGE_LEN;
		}
	}
	return answers;
}

/* Sends them until the time or the messages are over; returns how many were answered. */
static u32 run(struct pollfd sources[static UNDER_WAY], const struct wg_message_initiation *m, u32 total,
	       double seconds, u32 *cookies)
{
	u64 begin = clock_ns(CLOCK_MONOTONIC);
	u32 sent = 0, answered = 0, lost = 0;

	while (answered + lost < total && seconds_since(begin) < seconds) {
		u32 more;

		while (sent < total && sent - answered - lost < UNDER_WAY) {
			if (send(sources[sent % UNDER_WAY].fd, &m[sent], sizeof(*m), 0) < 0 &&
			    errno != ECONNREFUSED)
				die("send");
			sent++;
		}
		more = take_answers(sources, cookies);
		answered += more;
		if (!more)
			lost = sent - answered;
	}
	if (lost)
		fprintf(stderr, "handshakes: %u got no answer\n", lost);
	return answered;
}

static void measure(const struct sockaddr_in *to, u32 n, double seconds)
{
	u32 total = n + (u32)(seconds * MAX_RATE), answers, cookies = 0;
	struct initiator *all = make_initiators(n);
	struct wg_message_initiation *m = make_messages(all, n, total);
	struct pollfd sources[UNDER_WAY];
	double rate = curve_rate();
	u64 begin;

	for (int i = 0; i < UNDER_WAY; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		if (fd < 0 || connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
			die("socket");
		sources[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	if (!run(sources, m, n, 60, &cookies)) {
		fprintf(stderr, "handshakes: the responder does not answer\n");
		exit(1);
	}
	printf("warm\n");
	fflush(stdout);
	begin = clock_ns(CLOCK_MONOTONIC);
	answers = run(sources, m + n, total - n, seconds, &cookies);
	printf("%u %.3f %.0f %u\n", answers, seconds_since(begin), rate, cookies);
	free(m);
	free(all);
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	if (argc == 3 && !strcmp(argv[1], "keys")) {
		print_keys((u32)atoi(argv[2]));
		return 0;
	}
	if (argc == 7 && !strcmp(argv[1], "run") && inet_aton(argv[2], &to.sin_addr) &&
	    wg_key_from_base64(responder, argv[4], strlen(argv[4])) && atoi(argv[5]) > 0) {
		to.sin_port = htons((u16)atoi(argv[3]));
		measure(&to, (u32)atoi(argv[5]), atof(argv[6]));
		return 0;
	}
	fprintf(stderr, "usage: handshakes keys N | run ADDRESS PORT PUBLIC-KEY N SECONDS\n");
	return 1;
}

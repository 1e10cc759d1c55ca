// SPDX-License-Identifier: GPL-2.0
/* A flood of handshake initiations that nobody made:
 *
 *	forge ADDRESS PORT RATE SECONDS SOURCES [PUBLIC-KEY]
 *
 * to an IPv4 address, RATE a second. Their contents are random; with the receiver's public key (base64)
 * their mac1 is right, so that only the curve, or a cookie, can tell. SOURCES 1: from our own address,
 * in UDP super-packets, which costs this program little; more: each from another of that many addresses
 * from 10.64.0.0 on, by a raw socket. Prints how many it sent and in how many seconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "../../src/core/messages.h"
#include "../../src/crypto/blake2s.h"
#include "../../src/lib/encoding.h"
#include "../../src/lib/secret.h"

#define POOL	     8192 /* different messages */
#define BATCH	     32
#define FIRST_SOURCE 0x0a400000U

struct packet {
	struct iphdr ip;
	struct udphdr udp;
	struct wg_message_initiation message;
};

static struct wg_message_initiation pool[POOL];
static struct sockaddr_in to;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "forge: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void fill_pool(const u8 *public_key)
{
	static const char label[8] = { 'm', 'a', 'c', '1', '-', '-', '-', '-' };
	u8 text[sizeof(label) + WG_PUBLIC_LEN], key[WG_SYMMETRIC_LEN];
	struct wg_error err;

	if (wg_secret_random((u8 *)pool, sizeof(pool), &err) < 0)
		die("random");
	for (int i = 0; i < POOL; i++) {
		wg_store_le32(pool[i].type, WG_MESSAGE_INITIATION);
		memset(pool[i].macs.mac2, 0, WG_MAC_LEN);
	}
	if (!public_key)
		return;
	memcpy(text, label, sizeof(label));
	memcpy(text + sizeof(label), public_key, WG_PUBLIC_LEN);
	wg_blake2s(key, sizeof(key), text, sizeof(text), NULL, 0);
	for (int i = 0; i < POOL; i++)
		wg_blake2s(pool[i].macs.mac1, WG_MAC_LEN, &pool[i],
			   sizeof(pool[i]) - sizeof(pool[i].macs), key, sizeof(key));
}

/* Both senders send up to `n` messages of the pool, the next of which is `next`. */
static int send_own(int fd, unsigned int next, unsigned int n)
{
	struct iovec part = { &pool[next % (POOL - BATCH)], n * sizeof(*pool) };
	char control[CMSG_SPACE(sizeof(u16))] = { 0 };
	struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &part,
			    .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = IPPROTO_UDP;
	c->cmsg_type = 103; /* UDP_SEGMENT */
	c->cmsg_len = CMSG_LEN(sizeof(u16));
	memcpy(CMSG_DATA(c), &(u16){ sizeof(*pool) }, sizeof(u16));
	return sendmsg(fd, &m, 0) < 0 ? -1 : (int)n;
}

static int send_raw(int fd, unsigned int next, unsigned int n, u32 sources)
{
	static struct packet packets[BATCH];
	static struct iovec parts[BATCH];
	static struct mmsghdr messages[BATCH];

	for (unsigned int i = 0; i < n; i++) {
		u32 source = (next + i) * 2654435761U % sources;
		struct packet *p = &packets[i];

		p->ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
					.saddr = htonl(FIRST_SOURCE + source), .daddr = to.sin_addr.s_addr };
		p->udp = (struct udphdr){ .source = htons((u16)(1024 + source)), .dest = to.sin_port,
					  .len = htons(sizeof(p->udp) + sizeof(p->message)) };
		p->message = pool[(next + i) % POOL];
		parts[i] = (struct iovec){ p, sizeof(*p) };
		messages[i].msg_hdr = (struct msghdr){ .msg_name = &to, .msg_namelen = sizeof(to),
						       .msg_iov = &parts[i], .msg_iovlen = 1 };
	}
	return sendmmsg(fd, messages, n, 0);
}

static void flood(double rate, double seconds, u32 sources)
{
	int fd = sources > 1 ? socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW) :
			       socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	double begin = now(), t = begin;
	unsigned long sent = 0;

	if (fd < 0)
		die("socket");
	for (; t < begin + seconds; t = now()) {
		double due = (t - begin) * rate - (double)sent;
		unsigned int n = due < BATCH ? (unsigned int)due : BATCH;
		int done;

		if (!n) {
			usleep(300);
			continue;
		}
		done = sources > 1 ? send_raw(fd, (unsigned int)sent, n, sources) :
				     send_own(fd, (unsigned int)sent, n);
		if (done < 0 && errno != ENOBUFS && errno != ECONNREFUSED)
			die("send");
		sent += done > 0 ? (unsigned long)done : 0;
	}
	printf("%lu %.3f\n", sent, t - begin);
}

int main(int argc, char **argv)
{
	u8 public_key[WG_PUBLIC_LEN];

	if (argc < 6 || !inet_aton(argv[1], &to.sin_addr) || atof(argv[5]) < 1 ||
	    (argc > 6 && !wg_key_from_base64(public_key, argv[6], strlen(argv[6])))) {
		fprintf(stderr, "usage: forge ADDRESS PORT RATE SECONDS SOURCES [PUBLIC-KEY]\n");
		return 1;
	}
	to.sin_family = AF_INET;
	to.sin_port = htons((u16)atoi(argv[2]));
	fill_pool(argc > 6 ? public_key : NULL);
	flood(atof(argv[3]), atof(argv[4]), (u32)atof(argv[5]));
	return 0;
}

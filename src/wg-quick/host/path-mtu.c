// SPDX-License-Identifier: GPL-2.0
/* Two rounds: the first sends the sizes that are usual, the second fills the gap between the largest that was
 * answered and the next one. The sequence number of a request is its size, so that answers tell. */
#include "path-mtu.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include "../../lib/base/cleanup.h"

#define ROUND_MS   450  /* how long a round waits for answers */
#define STEP	   8    /* bytes between two sizes of the second round */
#define FILL_MAX   24   /* sizes of the second round: as many as fill the widest usual gap */
#define PACKET_MAX 9216 /* bytes; of a larger MTU only the usual sizes are tried */

/* MTUs of Ethernet, of PPPoE, of tunnels in IPv4 and IPv6, and of mobile networks. */
static const u32 usual_sizes[] = {1280, 1300, 1320, 1340, 1358, 1380, 1400, 1420, 1430, 1440, 1452, 1460,
				  1472, 1480, 1492, 1500, 2000, 4000, 8000, 9000};

/* What is known of one host. */
struct search {
	struct path_mtu *path;
	u32 answered; /* the largest size; 0: none */
};

struct prober {
	struct search hosts[PATH_MTU_HOSTS];
	size_t n;
	int fd4, fd6; /* -1: no such socket */
	u16 id;
	const volatile int *stop;
};

static u32 header_length(const struct path_mtu *path)
{
	return path->host.family == AF_INET6 ? 40 : 20;
}

static int open_socket(int family)
{
	int protocol = family == AF_INET6 ? (int)IPPROTO_ICMPV6 : (int)IPPROTO_ICMP;
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	static const int probe4 = IP_PMTUDISC_PROBE, probe6 = IPV6_PMTUDISC_PROBE;
	struct icmp6_filter filter;

	if (fd < 0)
		return -1;
	if (family == AF_INET6) {
		ICMP6_FILTER_SETBLOCKALL(&filter);
		ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
		setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter));
	}
	/* Nothing is cut, and what the kernel believes of the way does not count. */
	if (family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &probe6, sizeof(probe6))
			       : setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &probe4, sizeof(probe4))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* RFC 1071; the sum of IPv6 is the kernel's. */
static u16 checksum(const u8 *data, size_t len)
{
	u32 sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (u32)data[i] << 8 | data[i + 1];
	if (len % 2)
		sum += (u32)data[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((u16)~sum);
}

static void send_request(const struct prober *p, const struct path_mtu *path, u32 size)
{
	static u8 packet[PACKET_MAX];
	struct icmphdr request = {.un.echo = {.id = p->id, .sequence = htons((u16)size)}};
	size_t len = size - header_length(path);
	struct sockaddr_in to4 = {.sin_family = AF_INET};
	struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_scope_id = path->zone};

	memset(packet, 0, len);
	request.type = path->host.family == AF_INET6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	memcpy(packet, &request, sizeof(request));
	if (path->host.family == AF_INET6) {
		memcpy(&to6.sin6_addr, path->host.addr, 16);
		sendto(p->fd6, packet, len, 0, (struct sockaddr *)&to6, sizeof(to6));
		return;
	}
	request.checksum = checksum(packet, len);
	memcpy(packet, &request, sizeof(request));
	memcpy(&to4.sin_addr, path->host.addr, 4);
	sendto(p->fd4, packet, len, 0, (struct sockaddr *)&to4, sizeof(to4));
}

/* `len` bytes of ICMP came from a host. */
static void note_answer(struct prober *p, u8 family, const void *from, const u8 *icmp, size_t len)
{
	struct icmphdr reply;

	if (len < sizeof(reply))
		return;
	memcpy(&reply, icmp, sizeof(reply));
	if (reply.type != (family == AF_INET6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) || reply.un.echo.id != p->id)
		return;
	for (size_t i = 0; i < p->n; i++) {
		struct search *s = &p->hosts[i];
		u32 size = ntohs(reply.un.echo.sequence);

		/* An answer that was cut says nothing of the size that was asked for. */
		if (s->path->host.family == family &&
		    !memcmp(s->path->host.addr, from, family == AF_INET6 ? 16 : 4) &&
		    size <= s->path->most && len + header_length(s->path) == size && size > s->answered)
			s->answered = size;
	}
}

static void read_answers(struct prober *p, int fd, u8 family)
{
	static u8 packet[PACKET_MAX + 64];

	for (;;) {
		union {
			struct sockaddr any;
			struct sockaddr_in v4;
			struct sockaddr_in6 v6;
		} from;
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(fd, packet, sizeof(packet), 0, &from.any, &size);
		size_t header = family == AF_INET6 || n < 1 ? 0 : (size_t)(packet[0] & 15) * 4;

		if (n < 0)
			return;
		if ((size_t)n > header)
			note_answer(p, family, family == AF_INET6 ? (void *)&from.v6.sin6_addr
								  : (void *)&from.v4.sin_addr,
				    packet + header, (size_t)n - header);
	}
}

static s64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (s64)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool all_answered(const struct prober *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->hosts[i].answered < p->hosts[i].path->most)
			return false;
	return true;
}

static void wait_for_answers(struct prober *p)
{
	struct pollfd fds[] = {{.fd = p->fd4, .events = POLLIN}, {.fd = p->fd6, .events = POLLIN}};
	s64 end = now_ms() + ROUND_MS, left;

	while ((left = end - now_ms()) > 0 && !all_answered(p) && !(p->stop && *p->stop)) {
		if (poll(fds, 2, (int)left) < 0)
			continue;
		if (fds[0].revents)
			read_answers(p, p->fd4, AF_INET);
		if (fds[1].revents)
			read_answers(p, p->fd6, AF_INET6);
	}
}

static void send_usual(const struct prober *p, const struct path_mtu *path)
{
	for (size_t i = 0; i < sizeof(usual_sizes) / sizeof(*usual_sizes); i++)
		if (usual_sizes[i] < path->most)
			send_request(p, path, usual_sizes[i]);
	if (path->most <= PACKET_MAX)
		send_request(p, path, path->most);
}

/* Sends what lies between the largest size that was answered and the next of the usual ones. */
static bool send_between(const struct prober *p, struct search *s)
{
	u32 next = s->path->most;

	if (!s->answered || s->answered == s->path->most)
		return false;
	for (size_t i = 0; i < sizeof(usual_sizes) / sizeof(*usual_sizes); i++)
		if (usual_sizes[i] > s->answered && usual_sizes[i] < next)
			next = usual_sizes[i];
	for (u32 i = 0, size = s->answered + STEP; size < next && i < FILL_MAX; i++, size += STEP)
		send_request(p, s->path, size);
	return s->answered + STEP < next;
}

void path_mtu_find(struct path_mtu *list, size_t n, const volatile int *stop)
{
	cleanup(close_fd) int fd4 = open_socket(AF_INET);
	cleanup(close_fd) int fd6 = open_socket(AF_INET6);
	struct prober p = {.fd4 = fd4, .fd6 = fd6, .stop = stop};
	bool again = false;

	if (getrandom(&p.id, sizeof(p.id), GRND_NONBLOCK) != sizeof(p.id))
		p.id = (u16)now_ms();
	for (size_t i = 0; i < n; i++) {
		list[i].found = 0;
		if (p.n < PATH_MTU_HOSTS && (list[i].host.family == AF_INET6 ? fd6 : fd4) >= 0)
			p.hosts[p.n++].path = &list[i];
	}
	for (size_t i = 0; i < p.n; i++)
		send_usual(&p, p.hosts[i].path);
	if (p.n)
		wait_for_answers(&p);
	for (size_t i = 0; i < p.n; i++)
		again |= send_between(&p, &p.hosts[i]);
	if (again)
		wait_for_answers(&p);
	for (size_t i = 0; i < p.n; i++)
		if (p.hosts[i].answered >= PATH_MTU_LEAST)
			p.hosts[i].path->found = p.hosts[i].answered;
}

// SPDX-License-Identifier: GPL-2.0
#include "udp.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <unistd.h>
#include "offload.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif
#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

#define SOCKET_BUFFER (4 << 20)
/* The size of a buffer: what one slow path holds, and what its own handshakes wait behind. */
#define SENDER_BUFFER (256 << 10)

static void set(int fd, int level, int option, int value)
{
	/* Sets an option. If an old kernel does not have it, this goes on without it. */
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

/* Sets the size of a buffer, beyond the system's limit if we may. The kernel doubles the size. */
static void set_buffer(int fd, int force, int option, int size)
{
	if (setsockopt(fd, SOL_SOCKET, force, &size, sizeof(size)) < 0)
		set(fd, SOL_SOCKET, option, size);
}

/* Outer packets that are too large are fragmented, as the kernel's WireGuard has it. For IPv4 that
 * means too large for the link, or for a route that a user gave an MTU (udp_heed_mtu()): routers
 * fragment as well, and one forged ICMP message would make all packets to a peer small, and refuse
 * GSO, for ten minutes. For IPv6 the message has to be believed. */
static void set_options(int fd, int family)
{
	set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, SOCKET_BUFFER);
	set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, SOCKET_BUFFER);
	set(fd, SOL_UDP, UDP_GRO, 1);
	if (family == AF_INET6) {
		set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
		set(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
		set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
		return;
	}
	set(fd, IPPROTO_IP, IP_PKTINFO, 1);
	set(fd, IPPROTO_IP, IP_RECVTOS, 1);
	set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
}

static int bind_to(int fd, int family, u16 port)
{
	struct endpoint any = {0};

	any.addr.sa_family = (sa_family_t)family;
	if (family == AF_INET6)
		any.addr6.sin6_port = htons(port);
	else
		any.addr4.sin_port = htons(port);
	return bind(fd, &any.addr, endpoint_len(&any));
}

static int port_of(int fd, u16 *port)
{
	struct sockaddr_in6 name = {0}; /* the port is where IPv4 has it */
	socklen_t len = sizeof(name);

	if (getsockname(fd, (struct sockaddr *)&name, &len) < 0)
		return -1;
	*port = ntohs(name.sin6_port);
	return 0;
}

static int (*create_socket)(int family);

void udp_create_by(int (*create)(int family))
{
	create_socket = create;
}

static int create_bare(int family)
{
	return create_socket ? create_socket(family) :
			       socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

/* The control thread's sockets that wait to be opened. */
struct stock {
	int fds[UDP_PREPARED];
	u32 n;
};

static struct stock stock4, stock6;

static bool fill_stock(struct stock *s, int family, u32 n)
{
	while (s->n < n && s->n < UDP_PREPARED) {
		int fd = create_bare(family);

		if (fd < 0)
			return false;
		s->fds[s->n++] = fd;
	}
	return true;
}

void udp_prepare(u32 ipv4, u32 ipv6)
{
	if (fill_stock(&stock4, AF_INET, ipv4))
		fill_stock(&stock6, AF_INET6, ipv6);
}

void udp_end_prepared(void)
{
	while (stock4.n)
		close(stock4.fds[--stock4.n]);
	while (stock6.n)
		close(stock6.fds[--stock6.n]);
}

static int open_bare(int family)
{
	struct stock *s = family == AF_INET6 ? &stock6 : &stock4;
	int fd = s->n ? s->fds[--s->n] : create_bare(family);

	if (fd >= 0 && family == AF_INET6)
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	return fd;
}

static const char *family_name(int family)
{
	return family == AF_INET6 ? "IPv6" : "IPv4";
}

static bool knows_gso(int fd)
{
	socklen_t len = sizeof(int);
	int size;

	return getsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, &len) == 0;
}

#define LOAD_IP(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (u32)SKF_NET_OFF + (at))
#define MIX	    BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 0x9e3779b1), BPF_STMT(BPF_MISC | BPF_TAX, 0)
#define ADD_X	    BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0)
/* The upper bits are the well mixed ones. */
#define PICK(n)                                                                                   \
	BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 0x85ebca6b), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16), \
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, n), BPF_STMT(BPF_RET | BPF_A, 0)

/* A hash of the sender's address and of the ports: a peer's flow stays with one worker. Behind IPv4
 * options or IPv6 extension headers other bytes are in the place of the ports, which does no harm.
 * Set before the socket is bound, so that no second socket can receive without the program. */
static bool attach_program(int fd, int family, u32 receivers)
{
	struct sock_filter ipv4[] = {LOAD_IP(12), MIX, LOAD_IP(20), ADD_X, PICK(receivers)};
	struct sock_filter ipv6[] = {LOAD_IP(8),  MIX,	LOAD_IP(12), ADD_X, MIX,
				     LOAD_IP(16), ADD_X, MIX,	LOAD_IP(20), ADD_X, MIX,
				     LOAD_IP(40), ADD_X, PICK(receivers)};
	struct sock_fprog program = {
		.len = family == AF_INET6 ? sizeof(ipv6) / sizeof(*ipv6) :
					    sizeof(ipv4) / sizeof(*ipv4),
		.filter = family == AF_INET6 ? ipv6 : ipv4,
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program)) == 0;
}

/* What a broadcast, which reaches all sockets, leaves there would stay. */
static bool discard_all(int fd)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {1, &nothing};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
}

static int bind_socket(struct udp *u, int family, u16 *port, u32 fwmark, struct wg_error *err)
{
	if (fwmark && udp_set_fwmark(u, fwmark, err) < 0) {
		udp_close(u);
		return -1;
	}
	if (bind_to(u->fd, family, *port) < 0 || port_of(u->fd, port) < 0) {
		wg_error_errno(err, errno, "cannot listen on %s UDP port %u", family_name(family),
			       *port);
		udp_close(u);
		return -1;
	}
	return 0;
}

static int open_socket(struct udp *u, int family, struct wg_error *err)
{
	*u = (struct udp){.fd = open_bare(family)};
	if (u->fd < 0)
		return wg_error_errno(err, errno, "cannot open an %s socket", family_name(family));
	u->gso = knows_gso(u->fd);
	set_options(u->fd, family);
	return 0;
}

/* The program wants a socket that shares, and the port one that does not. */
int udp_open(struct udp *u, int family, u16 *port, u32 fwmark, u32 receivers, struct wg_error *err)
{
	if (open_socket(u, family, err) < 0)
		return -1;
	set(u->fd, SOL_SOCKET, SO_REUSEPORT, 1);
	u->steers = attach_program(u->fd, family, receivers);
	set(u->fd, SOL_SOCKET, SO_REUSEPORT, 0);
	if (bind_socket(u, family, port, fwmark, err) < 0)
		return -1;
	set(u->fd, SOL_SOCKET, SO_REUSEPORT, 1);
	return 0;
}

int udp_join(struct udp *u, int family, u16 port, u32 fwmark, struct wg_error *err)
{
	if (open_socket(u, family, err) < 0)
		return -1;
	set(u->fd, SOL_SOCKET, SO_REUSEPORT, 1);
	return bind_socket(u, family, &port, fwmark, err);
}

int udp_join_sender(struct udp *u, int family, u16 port, u32 fwmark, struct wg_error *err)
{
	if (open_socket(u, family, err) < 0)
		return -1;
	set_buffer(u->fd, SO_SNDBUFFORCE, SO_SNDBUF, SENDER_BUFFER);
	set_buffer(u->fd, SO_RCVBUF, SO_RCVBUF, 0);
	set(u->fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (!discard_all(u->fd)) {
		wg_error_errno(err, errno, "cannot attach a socket filter");
		udp_close(u);
		return -1;
	}
	return bind_socket(u, family, &port, fwmark, err);
}

u32 udp_fill(const struct udp *u)
{
	u32 memory[SK_MEMINFO_VARS];
	socklen_t len = sizeof(memory);
	u64 fill;

	memset(memory, 0, sizeof(memory));
	if (getsockopt(u->fd, SOL_SOCKET, SO_MEMINFO, memory, &len) < 0 ||
	    !memory[SK_MEMINFO_SNDBUF])
		return 0;
	fill = (u64)memory[SK_MEMINFO_WMEM_ALLOC] * UDP_FILL_ALL / memory[SK_MEMINFO_SNDBUF];
	return fill < UDP_FILL_ALL ? (u32)fill : UDP_FILL_ALL;
}

void udp_limit(struct udp *u, u32 offloads)
{
	if (!(offloads & OFFLOAD_UDP_GSO))
		u->gso = false;
	if (!(offloads & OFFLOAD_UDP_GRO))
		set(u->fd, SOL_UDP, UDP_GRO, 0);
}

/* Only an address of this host, or with ip_nonlocal_bind any, can be bound to. So the kernel has to
 * route, too: it takes no other source for IPv4, and for IPv6 it chooses the destination itself as
 * the source if it is an address of this host (RFC 6724 section 5, rule 1). */
static bool route_to_itself(int fd, const struct endpoint *e)
{
	struct endpoint to = *e, name = {0};
	socklen_t len = sizeof(name.addr6);

	to.addr4.sin_port = htons(9); /* IPv6 has it in the same place; nothing is sent */
	if ((e->addr.sa_family == AF_INET && bind(fd, &e->addr, endpoint_len(e)) < 0) ||
	    connect(fd, &to.addr, endpoint_len(&to)) < 0)
		return errno != EADDRNOTAVAIL && errno != EINVAL && errno != ENETUNREACH &&
		       errno != EHOSTUNREACH;
	if (e->addr.sa_family == AF_INET)
		return true;
	return getsockname(fd, &name.addr, &len) < 0 ||
	       memcmp(&name.addr6.sin6_addr, &e->addr6.sin6_addr, 16) == 0;
}

bool udp_is_local(const struct endpoint *address)
{
	int fd = socket(address->addr.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool local;

	if (fd < 0)
		return true;
	local = route_to_itself(fd, address);
	close(fd);
	return local;
}

bool udp_has_source(const struct endpoint *e)
{
	struct endpoint source = {.addr.sa_family = e->addr.sa_family};

	if (e->addr.sa_family == AF_INET6) {
		source.addr6.sin6_addr = e->source6;
		source.addr6.sin6_scope_id = e->addr6.sin6_scope_id;
	} else {
		source.addr4.sin_addr = e->source4;
	}
	return udp_is_local(&source);
}

void udp_heed_mtu(struct udp *u, int family, bool heed)
{
	if (family != AF_INET || __atomic_exchange_n(&u->heeds_mtu, heed, __ATOMIC_RELAXED) == heed)
		return;
	set(u->fd, IPPROTO_IP, IP_MTU_DISCOVER, heed ? IP_PMTUDISC_DONT : IP_PMTUDISC_OMIT);
}

void udp_close(struct udp *u)
{
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
}

int udp_set_fwmark(const struct udp *u, u32 fwmark, struct wg_error *err)
{
	if (u->fd >= 0 && setsockopt(u->fd, SOL_SOCKET, SO_MARK, &fwmark, sizeof(fwmark)) < 0)
		return wg_error_errno(err, errno, "cannot mark packets");
	return 0;
}

/* Appends a control message. */
static void put_control(struct msghdr *m, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c = (void *)((u8 *)m->msg_control + m->msg_controllen);

	memset(c, 0, CMSG_SPACE(len));
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	m->msg_controllen += CMSG_SPACE(len);
}

/* The address only: the link that a packet came by need not be the way back, and a route that
 * leaves by another one must not be overruled. Link-local addresses are on their link
 * (sin6_scope_id). */
static void put_source(struct msghdr *m, const struct endpoint *to)
{
	if (to->addr.sa_family == AF_INET6) {
		struct in6_pktinfo info = {to->source6, to->addr6.sin6_scope_id};

		put_control(m, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	} else {
		struct in_pktinfo info = {0, to->source4, {0}};

		put_control(m, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	}
}

static void put_tos(struct msghdr *m, const struct endpoint *to, int tos)
{
	if (to->addr.sa_family == AF_INET6)
		put_control(m, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	else
		put_control(m, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
}

static void put_ttl(struct msghdr *m, const struct endpoint *to, int ttl)
{
	if (to->addr.sa_family == AF_INET6)
		put_control(m, IPPROTO_IPV6, IPV6_HOPLIMIT, &ttl, sizeof(ttl));
	else
		put_control(m, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl));
}

/* `control` has room for UDP_CONTROL bytes. */
static void prepare(struct msghdr *m, struct iovec *iov, u8 *control, const struct endpoint *to,
		    u8 tos, const struct udp_gso *t)
{
	u16 size = (u16)t->size;

	*iov = (struct iovec){t->data, t->len};
	*m = (struct msghdr){
		.msg_name = (void *)(uintptr_t)&to->addr,
		.msg_namelen = endpoint_len(to),
		.msg_iov = iov,
		.msg_iovlen = 1,
		.msg_control = control,
	};
	if (to->source_ifindex)
		put_source(m, to);
	if (tos)
		put_tos(m, to, tos);
	if (to->ttl)
		put_ttl(m, to, to->ttl);
	if (t->len > t->size)
		put_control(m, SOL_UDP, UDP_SEGMENT, &size, sizeof(size));
	if (!m->msg_controllen)
		m->msg_control = NULL;
}

/* Such errors say nothing of a GSO datagram, but of a network that is down, or a firewall. */
static bool is_of_network(int e)
{
	return e == ENETUNREACH || e == EHOSTUNREACH || e == EPERM || e == EACCES ||
	       e == ENETDOWN || e == ECONNREFUSED;
}

/* The kernel answers so where an address or a link that was remembered is gone. It may answer so
 * for other reasons, too: only if it sends without the source, the source was the reason. */
static bool may_be_of_source(int e)
{
	return e == EINVAL || e == EADDRNOTAVAIL || e == ENODEV || e == ENETUNREACH;
}

/* One call: a datagram, or a GSO datagram that the kernel cuts. */
static bool send_once(const struct udp *u, const struct endpoint *to, u8 tos,
		      const struct udp_gso *t)
{
	_Alignas(8) u8 control[UDP_CONTROL];
	struct msghdr m;
	struct iovec iov;
	ssize_t n;

	prepare(&m, &iov, control, to, tos, t);
	do
		n = sendmsg(u->fd, &m, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n >= 0;
}

static u32 count_datagrams(const struct udp_gso *t)
{
	return (t->len + t->size - 1) / t->size;
}

/* The datagrams of one call are lost, because of the error `e`. */
static void lose(struct udp_outcome *o, const struct udp_gso *t, int e)
{
	o->lost += count_datagrams(t);
	o->lost_bytes += t->len;
	if (e == EAGAIN)
		o->full += count_datagrams(t);
}

/* This function returns 0, or the error that the last try ended with. A source that is the reason
 * is removed from `to`. */
static int send_datagram(const struct udp *u, struct endpoint *to, u8 tos, const struct udp_gso *t,
			 struct udp_outcome *o)
{
	struct endpoint without = *to;

	if (send_once(u, to, tos, t))
		return 0;
	without.source_ifindex = 0;
	if (!to->source_ifindex || !may_be_of_source(errno) || !send_once(u, &without, tos, t))
		return errno;
	*to = without;
	o->source_gone = true;
	return 0;
}

static void send_singly(const struct udp *u, struct endpoint *to, u8 tos, const struct udp_gso *t,
			struct udp_outcome *o)
{
	for (u32 at = 0; at < t->len; at += t->size) {
		u32 len = t->len - at < t->size ? t->len - at : t->size;
		struct udp_gso one = {t->data + at, len, len};
		int e = o->full ? EAGAIN : send_datagram(u, to, tos, &one, o);

		if (e)
			lose(o, &one, e);
	}
}

/* The kernel may have refused it for what it is, for its source, or since nothing goes there. Its
 * first datagram, sent alone, tells. */
static void send_gso(const struct udp *u, struct endpoint *to, u8 tos, const struct udp_gso *t,
		     bool use_gso, struct udp_outcome *o)
{
	struct udp_gso first = {t->data, t->size, t->size};
	struct udp_gso rest = {t->data + t->size, t->len - t->size, t->size};
	bool had_source = to->source_ifindex;
	int refused, e;

	if (t->len <= t->size || !use_gso || !u->gso || o->gso_refused || o->full) {
		send_singly(u, to, tos, t, o);
		return;
	}
	if (send_once(u, to, tos, t)) {
		o->gso_worked = true;
		return;
	}
	refused = errno;
	e = refused == EAGAIN ? EAGAIN : send_datagram(u, to, tos, &first, o);
	if (e) {
		lose(o, t, e);
	} else if (had_source && !to->source_ifindex) {
		send_gso(u, to, tos, &rest, use_gso, o);
	} else {
		o->gso_refused = !is_of_network(refused);
		send_singly(u, to, tos, &rest, o);
	}
}

/* `sent` of the GSO datagrams from `t` on went out. */
static void note_sent(struct udp_outcome *o, const struct udp_gso *t, int sent)
{
	for (int i = 0; i < sent; i++)
		o->gso_worked |= t[i].len > t[i].size;
}

bool udp_send(const struct udp *u, const struct endpoint *to, u8 tos, const struct udp_gso *gso,
	      u32 n, bool use_gso, struct udp_outcome *o)
{
	enum { AT_ONCE = 16 };
	struct mmsghdr messages[AT_ONCE];
	struct iovec iov[AT_ONCE];
	_Alignas(8) u8 control[AT_ONCE][UDP_CONTROL];
	struct endpoint e = *to;
	u32 i = 0;

	*o = (struct udp_outcome){0};
	while (u->fd >= 0 && !o->full && i < n) {
		bool by_gso = use_gso && u->gso && !o->gso_refused;
		u32 count = 0;
		int sent = 0;

		for (; count < AT_ONCE && i + count < n; count++) {
			const struct udp_gso *t = &gso[i + count];

			if (t->len > t->size && !by_gso)
				break;
			prepare(&messages[count].msg_hdr, &iov[count], control[count], &e, tos, t);
		}
		if (count > 1)
			sent = sendmmsg(u->fd, messages, count, MSG_DONTWAIT);
		note_sent(o, &gso[i], sent);
		i += sent > 0 ? (u32)sent : 0;
		/* The first one that was not sent is tried again in all other ways. */
		if (i < n && (sent <= 0 || (u32)sent < count))
			send_gso(u, &e, tos, &gso[i++], use_gso, o);
	}
	for (; i < n; i++)
		lose(o, &gso[i], o->full ? EAGAIN : EBADF);
	return !o->lost;
}

u32 udp_send_replies(const struct udp *u, const struct handshake_reply *replies, u32 n)
{
	enum { AT_ONCE = 16 };
	struct mmsghdr messages[AT_ONCE];
	struct iovec iov[AT_ONCE];
	_Alignas(8) u8 control[AT_ONCE][UDP_CONTROL];
	u32 taken = 0, i = 0;

	while (i < n) {
		u32 count = 0;
		int sent;

		for (; count < AT_ONCE && i + count < n; count++) {
			const struct handshake_reply *r = &replies[i + count];
			const struct udp_gso one = {(u8 *)(uintptr_t)&r->message,
						    sizeof(r->message), sizeof(r->message)};

			prepare(&messages[count].msg_hdr, &iov[count], control[count], &r->to,
				UDP_COOKIE_TOS, &one);
		}
		sent = sendmmsg(u->fd, messages, count, MSG_DONTWAIT);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			break;
		taken += sent > 0 ? (u32)sent : 0;
		/* The first that was not sent is the one that was refused. */
		i += sent > 0 ? (u32)sent : 1;
	}
	return taken;
}

static void read_control(struct udp_datagrams *a, struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		const u8 *data = CMSG_DATA(c);
		int v;

		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
			memcpy(&v, data, sizeof(v));
			a->size = v > 0 ? (u32)v : a->len;
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
			a->tos = *data;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
			memcpy(&v, data, sizeof(v));
			a->tos = (u8)v;
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, data, sizeof(info));
			a->from.source4 = info.ipi_spec_dst;
			a->from.source_ifindex = (unsigned int)info.ipi_ifindex;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, data, sizeof(info));
			a->from.source6 = info.ipi6_addr;
			a->from.source_ifindex = info.ipi6_ifindex;
		}
	}
}

static void reset(struct udp_receiver *r)
{
	for (u32 i = 0; i < UDP_RECEIVES; i++) {
		r->iov[i] = (struct iovec){r->buffers[i], UDP_BUFFER};
		r->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &r->names[i],
			.msg_namelen = sizeof(r->names[i]),
			.msg_iov = &r->iov[i],
			.msg_iovlen = 1,
			.msg_control = r->control[i],
			.msg_controllen = UDP_CONTROL,
		};
	}
}

u32 udp_receive(const struct udp *u, struct udp_receiver *r)
{
	int n;

	if (u->fd < 0)
		return 0;
	reset(r);
	n = recvmmsg(u->fd, r->messages, UDP_RECEIVES, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		struct udp_datagrams *a = &r->received[i];

		*a = (struct udp_datagrams){.data = r->buffers[i], .len = r->messages[i].msg_len};
		a->size = a->len;
		memcpy(&a->from.addr6, &r->names[i],
		       r->names[i].sin6_family == AF_INET6 ? sizeof(a->from.addr6) :
							     sizeof(a->from.addr4));
		read_control(a, &r->messages[i].msg_hdr);
	}
	return n > 0 ? (u32)n : 0;
}

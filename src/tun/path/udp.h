/* SPDX-License-Identifier: GPL-2.0 */
/* A UDP socket of one family: batches of datagrams, many of one size in one call (GSO, GRO),
 * control messages for addresses and ECN. Nothing here waits. A GSO datagram that the kernel or a
 * driver refuses is sent again as single datagrams. */
#ifndef WG_TUN_UDP_H
#define WG_TUN_UDP_H

#include <sys/socket.h>
#include "../../lib/base/error.h"
#include "../device/handshake-reply.h"

enum udp_limit {
	UDP_SEGMENTS = 64,	/* of one send */
	UDP_PAYLOAD = 65507 - 20, /* bytes of one send; room for IPv6, too */
	UDP_CONTROL = 128,
	UDP_BUFFER = 65536,
	UDP_PREPARED = 96,	/* sockets of a family that may wait to be opened */
};

/* DSCP and ECN of initiations and responses: AF41, as the kernel's WireGuard marks them. Cookie replies
 * have no claim to that: they answer what may be a flood. */
#define UDP_HANDSHAKE_TOS 0x88
#define UDP_COOKIE_TOS	  0

struct udp {
	int fd;	  /* -1: closed */
	bool gso; /* the kernel has UDP GSO */
	bool steers; /* the group has a program, see udp_open() */
	bool heeds_mtu; /* see udp_heed_mtu() (atomic) */
};

/* Datagrams of `size` bytes, the last one may be shorter, one after the other. */
struct udp_gso {
	u8 *data;
	u32 len, size;
};

/* What one receive gave: datagrams of `size` bytes from one address, the last one may be shorter.
 * `from` has the source to answer with. */
struct udp_datagrams {
	u8 *data;
	u32 len, size;
	u8 tos;
	struct endpoint from;
};

/* The sockets of one port are a SO_REUSEPORT group. A program of the group chooses among the first
 * `receivers` of them by the sender's address, so that all of a peer's datagrams reach one worker;
 * those that join later receive nothing. The order is that of joining, and the kernel moves the
 * last one into the place of one that is closed: receivers are closed last. */

/* UDP sockets are created by `create`, which returns a descriptor, or -1 with errno set; NULL: by
 * this process. All sockets of a group must belong to one user. */
void udp_create_by(int (*create)(int family));
/* Creates sockets for the next calls that open some, until one cannot be created: creating may wait for
 * another process, which the caller of those calls, who holds a lock, must not. The control thread's. */
void udp_prepare(u32 ipv4, u32 ipv6);
/* Closes those that were not used. */
void udp_end_prepared(void);
/* Opens the first socket of a group. The port is taken without sharing: it fails with EADDRINUSE if
 * anybody has it. *port: 0 takes a free one, which is then there. u->steers is false where the
 * kernel has no such programs: then only receivers may join. */
int udp_open(struct udp *u, int family, u16 *port, u32 fwmark, u32 receivers, struct wg_error *err);
/* Opens another receiver of the group. */
int udp_join(struct udp *u, int family, u16 port, u32 fwmark, struct wg_error *err);
/* Opens a socket that only sends: whatever reaches it is discarded by a filter. Its buffer is
 * small, for what waits in it waits before the network. */
int udp_join_sender(struct udp *u, int family, u16 port, u32 fwmark, struct wg_error *err);
enum { UDP_FILL_ALL = 1024 };
/* Returns how much of the send buffer is in use, from 0 (nothing) to UDP_FILL_ALL (no datagram
 * fits). */
u32 udp_fill(const struct udp *u);
/* Switches off what is not in `offloads` (enum offload). */
void udp_limit(struct udp *u, u32 offloads);
/* This function returns false if the kernel says that `address`, whose port is 0, is no address of
 * this host. Where the kernel cannot be asked it returns true. The setting ip_nonlocal_bind makes
 * no difference. */
bool udp_is_local(const struct endpoint *address);
/* This function returns false if the kernel says that the remembered source of `e` is no address of
 * this host. */
bool udp_has_source(const struct endpoint *e);
/* Says whether packets are cut to fit the MTU that the route has, else only to that of its link. The caller
 * asks for it where a user gave the route an MTU: the kernel then believes ICMP about that destination,
 * too, unless that MTU is locked. Sockets that receive never heed it, so that no message about their port
 * is believed. For IPv6, whose sockets always heed it, this does nothing. */
void udp_heed_mtu(struct udp *u, int family, bool heed);
void udp_close(struct udp *u);
int udp_set_fwmark(const struct udp *u, u32 fwmark, struct wg_error *err);

/* What became of the datagrams of one call. */
struct udp_outcome {
	/* The kernel refused the remembered source, and sent without it. */
	bool source_gone;
	/* A GSO datagram was sent; one was refused, and its first datagram was sent alone. */
	bool gso_worked, gso_refused;
	/* Datagrams that were not sent, and their bytes; `full` of them, because the socket's
	 * buffer has no room. */
	u32 lost, full, lost_bytes;
};

/* Sends `n` GSO datagrams to one place, without waiting: once the socket's buffer is full, the rest
 * is lost, as on any network. `use_gso` is false where the kernel is known to refuse GSO on this
 * way. This function returns false if at least one datagram was lost; `o` has the details. */
bool udp_send(const struct udp *u, const struct endpoint *to, u8 tos, const struct udp_gso *gso,
	      u32 n, bool use_gso, struct udp_outcome *o);

/* Sends a cookie reply to each of `n` places, without waiting: what the socket does not take at
 * once is lost. Returns how many were taken. */
u32 udp_send_replies(const struct udp *u, const struct handshake_reply *replies, u32 n);

/* Memory for udp_receive, of UDP_RECEIVES buffers. */
#define UDP_RECEIVES 8
struct udp_receiver {
	u8 (*buffers)[UDP_BUFFER];
	struct mmsghdr messages[UDP_RECEIVES];
	struct iovec iov[UDP_RECEIVES];
	struct sockaddr_in6 names[UDP_RECEIVES];
	_Alignas(8) u8 control[UDP_RECEIVES][UDP_CONTROL];
	struct udp_datagrams received[UDP_RECEIVES];
};
/* Receives without waiting. This function returns how many of r->received are filled; 0: none. They
 * are valid until the next call. */
u32 udp_receive(const struct udp *u, struct udp_receiver *r);

#endif

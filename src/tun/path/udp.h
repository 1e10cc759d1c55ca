/* SPDX-License-Identifier: GPL-2.0 */
/* A UDP socket of one family: batches of datagrams, many of one size in one call (GSO, GRO),
 * control messages for addresses and ECN. Nothing here waits. A GSO datagram that the kernel or a
 * driver refuses is sent again as single datagrams. */
#ifndef WG_TUN_UDP_H
#define WG_TUN_UDP_H

#include <sys/socket.h>
#include "../../lib/error.h"
#include "../device/handshake-reply.h"

enum udp_limit {
	UDP_SEGMENTS = 64,	/* of one send */
	UDP_PAYLOAD = 65507 - 20, /* bytes of one send; room for IPv6, too */
	UDP_CONTROL = 128,
	UDP_BUFFER = 65536,
};

#define UDP_HANDSHAKE_TOS 0x88 /* AF41, as the kernel's WireGuard marks handshakes */

struct udp {
	int fd;	  /* -1: closed */
	bool gso; /* the kernel has UDP GSO */
};

/* Datagrams of `size` bytes, the last one may be shorter, one after the other. */
struct udp_gso {
	u8 *data;
	u32 len, size;
};

/* What came: a train from one address. `from` has the source to answer with. */
struct udp_datagrams {
	u8 *data;
	u32 len, size;
	u8 tos;
	struct endpoint from;
};

/* Opens and binds. *port: 0 takes a free one, which is then there. Other sockets of ours may have
 * the same port, now or later. */
int udp_open(struct udp *u, int family, u16 *port, u32 fwmark, struct wg_error *err);
/* Whether another program has the port: sockets that share it would not notice. */
int udp_check_port(int family, u16 port, struct wg_error *err);
/* Switches off what is not in `offloads` (enum offload). */
void udp_limit(struct udp *u, u32 offloads);
void udp_close(struct udp *u);
int udp_set_fwmark(const struct udp *u, u32 fwmark, struct wg_error *err);

/* What became of the datagrams of one call. */
struct udp_outcome {
	/* The kernel refused the remembered source, and sent without it. */
	bool source_gone;
	/* A GSO datagram was sent; one was refused, and its first datagram was sent alone. */
	bool gso_worked, gso_refused;
	/* Datagrams that were not sent, and their bytes; `full` of them, because the socket's buffer
	 * has no room. */
	u32 lost, full, lost_bytes;
};

/* Sends `n` GSO datagrams to one place, without waiting: once the socket's buffer is full, the rest
 * is lost, as on any network. `use_gso` is false where the kernel is known to refuse GSO on this
 * way. This function returns false if at least one datagram was lost; `o` has the details. */
bool udp_send(const struct udp *u, const struct endpoint *to, u8 tos, const struct udp_gso *gso,
	      u32 n, bool use_gso, struct udp_outcome *o);

/* Sends a cookie reply to each of `n` places, without waiting: what the socket does not take at once
 * is lost. Returns how many were taken. */
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
/* Without waiting: how many arrivals there are, 0: none. `port`: ours. */
u32 udp_receive(const struct udp *u, struct udp_receiver *r);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* From the TUN device to peers: what was read together for one peer becomes a run, which is sealed
 * as one batch and leaves in as few calls as its sizes allow. */
#ifndef WG_TUN_SEND_H
#define WG_TUN_SEND_H

#include "../device/device.h"
#include "loop.h"
#include "segment.h"
#include "sockets.h"
#include "udp.h"
#include "vnet.h"

enum send_limit {
	SEND_RUN = 128,	       /* packets of a run */
	SEND_READS = 128,      /* reads of a turn */
	SEND_READ = 65536 + 64, /* bytes of one, with its header */
	SEND_FULL = 32 << 10,	/* so much read leaves at once: a super-packet by itself */
	SEND_TURN = 4,		/* such batches in a turn */
	SEND_IN = SEND_FULL + SEND_READ,
	SEND_OUT = 112 << 10,
};

/* Packets that are being collected; `n` of them. */
struct send_run {
	struct peer *peer;
	struct keypair *keys;
	struct endpoint to;
	u64 now;
	u32 n, used; /* bytes of `out` */
	u8 ecn, ttl; /* of the outer packets; ttl 0: the system's default */
	bool waited; /* it is what was staged */
	bool locked; /* peer->lock is held by the caller */
	bool use_gso, gso_doubted; /* what the peer's latch says */
	const struct udp *socket;
	bool full; /* the peer has used its share of `socket` */
	bool is_data; /* `socket` is the peer's, not that of handshakes and keepalives */
	u32 plain[SEND_RUN]; /* lengths before padding */
	struct wg_batch_packet packets[SEND_RUN];
	struct udp_gso gso[SEND_RUN];
};

/* What was read and waits for the end of the batch. */
struct send_item {
	struct gso_packet packet;
	struct peer *peer; /* NULL: it is done */
	u8 ttl;
};

struct send {
	struct device *device;
	int tun;
	struct udp *udp4, *udp6; /* used where there is no better socket */
	struct sockets *sockets;
	struct loop loop;
	u64 icmp_next; /* no answer to unreachable destinations before this time */
	struct send_run run;
	struct send_item items[SEND_READS];
	u32 n_items;
	u8 in[SEND_IN], out[SEND_OUT];
};

/* Sends what can be read without waiting, up to a bound. The caller reads config. Returns false if
 * the device is gone. */
bool send_from_tun(struct send *s);
/* Sends what waits for the peer; if nothing waits and `keepalive` is true, sends an empty packet.
 * Only the control thread calls it. Workers that have packets for the peer meanwhile stage them,
 * and those are sent, too. */
void send_staged(struct send *s, struct peer *peer, bool keepalive);
/* Sends a message of a handshake. */
bool send_message_to(struct send *s, const struct endpoint *to, const u8 *message, size_t len);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Packets of one flow that follow each other, put together again into a super-packet that one write
 * gives to the TUN device. Payloads stay where they are: what is written is a list of pieces. Only
 * packets that segment.h's way of cutting would have made of the whole are put together, and only
 * those whose checksum is right. */
#ifndef WG_TUN_COALESCE_H
#define WG_TUN_COALESCE_H


#include <sys/uio.h>
#include "../../port.h"
#include "vnet.h"

enum coalesce_limit {
	COALESCE_PACKETS = 64,
	COALESCE_HEADER = 100, /* IPv6 and TCP with all options */
};

struct coalesce {
	struct virtio_net_hdr header;
	struct iovec iov[1 + COALESCE_PACKETS]; /* the header above, then the pieces */
	u8 *packet[COALESCE_PACKETS]; /* whole, as they came */
	u32 packet_len[COALESCE_PACKETS];
	u32 count;	/* of packets; 0: empty */
	u32 len;	/* of the super-packet */
	u32 l4, header_len, size;
	u8 protocol;	/* 0: the packet is of no kind that others could join */
	bool closed;	/* the last one was shorter, or says PSH */
	bool tcp, udp;	/* what may be put together, set by the caller */
	u8 saved[COALESCE_HEADER]; /* of the first packet, before it became the whole's */
};

/* Adds a packet, whose length is that of its IP header. Returns false if it does not fit the
 * packets that are there: write those, empty `c`, and add it again. The packet stays where it is
 * until then, and may be written to. */
bool coalesce_add(struct coalesce *c, u8 *packet, u32 len);
/* Makes the packets one. Then c->iov has 1 + c->count pieces to write. */
void coalesce_finish(struct coalesce *c);
/* Makes the packets again what they were when they came, if the device refused the whole. */
void coalesce_undo(struct coalesce *c);
/* Empties `c`. */
void coalesce_reset(struct coalesce *c);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* From peers to the TUN device: messages of one session that came together are opened as one batch,
 * and what belongs together leaves as one super-packet. */
#ifndef WG_TUN_RECEIVE_H
#define WG_TUN_RECEIVE_H

#include "coalesce.h"
#include "../device/device.h"
#include "../device/handshakes.h"
#include "../device/latch.h"
#include "udp.h"

enum receive_limit {
	RECEIVE_RUN = 64, /* messages that are opened together */
	RECEIVE_REPLIES = 64, /* cookie replies that are sent together */
};

struct receive {
	struct device *device;
	int tun;
	bool tso, uso; /* the kernel takes super-packets of TCP, of UDP */
	struct latch tcp_refused, udp_refused; /* it refused one lately */
	struct coalesce group;
	struct udp_receiver udp;
	struct wg_batch_packet packets[RECEIVE_RUN];
	bool ok[RECEIVE_RUN];
	struct handshake_nonces nonces;
	u32 n_replies;
	struct handshake_reply replies[RECEIVE_REPLIES];
	u8 buffers[UDP_RECEIVES][UDP_BUFFER];
};

void receive_init(struct receive *r);
/* Delivers what has come, for one turn. The caller reads config. */
void receive_from_udp(struct receive *r, const struct udp *u);

#endif

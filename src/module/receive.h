/* SPDX-License-Identifier: GPL-2.0 */
/* From peers to the link: finds the session that a message belongs to, and checks for replays and
 * for who may send it. */
#ifndef WG_MODULE_RECEIVE_H
#define WG_MODULE_RECEIVE_H

#include "crypt-queue.h"

/* The control block of an outer packet on its way to be opened: its messages begin at `begin`, each
 * of `size` bytes, the last maybe shorter, and end at `end`. An authentic inner packet has
 * `counter`. */
struct wg_receive_cb {
	u32 begin, end, size;
	u64 counter;
	u8 ds; /* of the outer header */
};

static inline struct wg_receive_cb *wg_receive_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct wg_receive_cb) > sizeof(skb->cb));
	return (struct wg_receive_cb *)skb->cb;
}

/* Takes over a UDP packet of ours that came in, with its data at its payload; it may be a
 * super-packet (gso_size). Network and transport header are set. Softirq. */
void wg_receive_packet(struct wg_device *wg, struct sk_buff *skb);
/* Opens the packets of a claimed batch: outer packets become the inner ones that are authentic
 * (open.c). The outer packets are only read, since others may have clones of them. */
void wg_receive_open(struct wg_crypt_batch *t, struct page_frag *frag);

extern const struct wg_crypt_ops wg_receive_ops;

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* From the link to peers: whom a packet is for, and transmitting what was sealed. */
#ifndef WG_MODULE_SEND_H
#define WG_MODULE_SEND_H

#include "lane.h"
#include "peer.h"

/* In the control block of a plain packet on its way to be sealed, and of what is to be
 * transmitted. */
struct wg_send_cb {
	u32 segments;
	u32 mtu;	/* padding ends there */
	u8 ds;		/* of the outer header */
};

static inline struct wg_send_cb *wg_send_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct wg_send_cb) > sizeof(skb->cb));
	return (struct wg_send_cb *)skb->cb;
}

netdev_tx_t wg_send_xmit(struct sk_buff *skb, struct net_device *dev);
/* A session is there: sends what is staged. Where nothing is and `keepalive`: an empty message. Any
 * context with peer->lock not held. */
void wg_send_flush(struct wg_peer *peer, bool keepalive);
/* Of a claimed train: packets become what is to be transmitted (seal.c), in memory from `frag`. */
void wg_send_seal(struct wg_train *t, struct page_frag *frag);
/* Transmits what is done in the lane, in order. May sleep. */
void wg_send_leave(struct wg_lane *lane);

#endif

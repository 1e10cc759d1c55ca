/* SPDX-License-Identifier: GPL-2.0 */
/* From the link to peers: finds the peer that a packet is for, and transmits what was sealed. */
#ifndef WG_MODULE_SEND_H
#define WG_MODULE_SEND_H

#include "crypt-queue.h"
#include "peer.h"
#include "segment.h"

/* The control block of a plain packet on its way to be sealed. In a packet that is to be
 * transmitted, gso.count is the number of messages and gso.size the length of the first one in
 * bytes. */
struct wg_send_cb {
	struct wg_gso gso;
	u64 counter;	/* of the first message */
	u32 mtu;	/* padding ends there */
	u8 ds;		/* of the outer header */
};

static inline struct wg_send_cb *wg_send_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct wg_send_cb) > sizeof(skb->cb));
	return (struct wg_send_cb *)skb->cb;
}

netdev_tx_t wg_send_xmit(struct sk_buff *skb, struct net_device *dev);
/* Sends what is staged, as far as there is a session for it, if the link is up. If nothing is
 * staged and `keepalive` is true, sends an empty message. Any context without peer->lock. */
void wg_send_flush(struct wg_peer *peer, bool keepalive);
/* Seals the packets of a claimed batch: they become what is to be transmitted (seal.c), in memory
 * from `frag`. */
void wg_send_seal(struct wg_crypt_batch *t, struct page_frag *frag);

extern const struct wg_crypt_ops wg_send_ops;

#endif

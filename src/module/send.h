/* SPDX-License-Identifier: GPL-2.0 */
/* From the link to peers: whom a packet is for, sealing, transmitting. */
#ifndef WG_MODULE_SEND_H
#define WG_MODULE_SEND_H

#include "lane.h"
#include "peer.h"

netdev_tx_t wg_send_xmit(struct sk_buff *skb, struct net_device *dev);
/* A session is there: sends what is staged. Where nothing is and `keepalive`: an empty message. Any
 * context with peer->lock not held. */
void wg_send_flush(struct wg_peer *peer, bool keepalive);
/* Of a claimed train, sleepable context or softirq: packets become what is to be transmitted. */
void wg_send_seal(struct wg_train *t);
/* Transmits what is done in the lane, in order. */
void wg_send_leave(struct wg_lane *lane);

#endif

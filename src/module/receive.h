/* SPDX-License-Identifier: GPL-2.0 */
/* From peers to the link: which session a message belongs to, opening, replay, who may send it. */
#ifndef WG_MODULE_RECEIVE_H
#define WG_MODULE_RECEIVE_H

#include "lane.h"

/* A UDP packet of ours came in, data at its payload; may be a super-packet (gso_size). Takes it over.
 * Softirq. */
void wg_receive_packet(struct wg_device *wg, struct sk_buff *skb);
/* Of a claimed train: opens. */
void wg_receive_open(struct wg_train *t);
/* NAPI of a receive lane. */
int wg_receive_poll(struct napi_struct *napi, int budget);

#endif

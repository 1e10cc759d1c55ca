/* SPDX-License-Identifier: GPL-2.0 */
/* Handshake messages that came in, on their way to the core: a bounded queue and the work that empties
 * it. While it is long, or was a second ago, senders have to show a cookie. */
#ifndef WG_MODULE_HANDSHAKES_H
#define WG_MODULE_HANDSHAKES_H

#include "device.h"

enum wg_handshakes_limit {
	WG_HANDSHAKES_MAX = 4096,
	WG_HANDSHAKES_LOAD = WG_HANDSHAKES_MAX / 8,
	WG_HANDSHAKES_SOURCES = 16384, /* that the rate limiter remembers */
};

/* With the limiter of wg->local. NULL: no memory. */
struct wg_handshakes *wg_handshakes_new(struct wg_device *wg);
void wg_handshakes_free(struct wg_handshakes *q); /* no socket is open any more */
/* Softirq: takes a packet over whose payload (at data) is one handshake message. */
void wg_handshakes_add(struct wg_device *wg, struct sk_buff *skb);

#endif

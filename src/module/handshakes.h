/* SPDX-License-Identifier: GPL-2.0 */
/* Handshake messages that came in, on their way to the core: a bounded queue and the work that empties
 * it. Who sends more than is worked off has to show a cookie, until a second after. */
#ifndef WG_MODULE_HANDSHAKES_H
#define WG_MODULE_HANDSHAKES_H

#include "device.h"

/* With the limiter of wg->local. NULL: no memory. */
struct wg_handshakes *wg_handshakes_new(struct wg_device *wg);
void wg_handshakes_free(struct wg_handshakes *q); /* no socket is open any more */
/* Softirq: `len` bytes at `at` of a packet's data, which are copied if they are a handshake message. */
void wg_handshakes_add(struct wg_device *wg, const struct sk_buff *skb, u32 at, u32 len,
		       const struct wg_endpoint *from);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Handshake messages that came in, on their way to the core. The core decides what is queued, what
 * is answered by a cookie, and how much of all this is done (core/admission.h). This file has the
 * lock, the memory, where each message came from, and the work, by as many threads as there were
 * processors when the link was created, 16 at most. */
#ifndef WG_MODULE_HANDSHAKES_H
#define WG_MODULE_HANDSHAKES_H

#include "device.h"

struct wg_handshakes *wg_handshakes_new(struct wg_device *wg); /* NULL: no memory */
void wg_handshakes_free(struct wg_handshakes *q); /* no socket is open any more */
/* Takes `len` bytes at `at` of a packet's data, which are no data message. They are copied if they
 * are a handshake message that may cost something; a cookie reply is sent from here. Softirq. */
void wg_handshakes_add(struct wg_device *wg, const struct sk_buff *skb, u32 at, u32 len,
		       const struct wg_endpoint *from);
/* Changes our identity (wg_local_set_private()). The caller holds update_lock, and identity_lock
 * for writing; it calls wg_peers_begin_anew() before it lets identity_lock go. May sleep. */
void wg_handshakes_set_private(struct wg_device *wg, const u8 private_key[static WG_PUBLIC_LEN]);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What becomes of handshakes, counted by reason (core/handshake-reason.h), for `ethtool -S`; and
 * under dynamic debugging: which peer or which address, and what became of it. A reason is said
 * once in WG_HANDSHAKE_REASON_INTERVAL of each slot of peers; how often it came meanwhile is said
 * with the next one. Nothing secret is said. */
#ifndef WG_MODULE_HANDSHAKE_REPORT_H
#define WG_MODULE_HANDSHAKE_REPORT_H

#include <linux/atomic.h>
#include <linux/netdevice.h>
#include "../core/handshake-reason.h"

struct wg_handshake_report {
	atomic64_t n[WG_HANDSHAKE_REASONS];    /* since the link was created */
	atomic64_t said[WG_HANDSHAKE_REASONS]; /* what `n` was when this was last said */
	/* The reason is not said for this slot before this time. */
	atomic64_t next[WG_HANDSHAKE_REASONS][WG_HANDSHAKE_REASON_SLOTS];
};

/* Counts `row` (enum wg_handshake_result or enum wg_initiation_result) and says it of the link
 * `dev` under dynamic debugging.
 * `public_key` is the peer's, which may be a forged claim, or NULL if it is not known; `addr` is
 * where the message came from or goes to, NULL if that is not known. Any context, any lock. */
void wg_handshake_report(struct wg_handshake_report *r, const struct net_device *dev,
			 unsigned int row, const u8 *public_key, const struct sockaddr *addr,
			 u64 now);

#endif

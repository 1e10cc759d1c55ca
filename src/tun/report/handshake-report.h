/* SPDX-License-Identifier: GPL-2.0 */
/* What becomes of handshakes, counted by reason (core/handshake-reason.h), and failures in the log:
 * which peer or which address, and why. A reason is said once in WG_HANDSHAKE_REASON_INTERVAL of
 * each slot of peers; how often it came meanwhile is said with the next one. Nothing secret is
 * said. */
#ifndef WG_TUN_HANDSHAKE_REPORT_H
#define WG_TUN_HANDSHAKE_REPORT_H

#include "../../core/handshake-reason.h"

struct handshake_report {
	u64 n[WG_HANDSHAKE_REASONS];	/* since the start (atomic) */
	u64 said[WG_HANDSHAKE_REASONS]; /* what `n` was when the log last said it (atomic) */
	/* The log does not say the reason of this slot before this time (atomic). */
	u64 next[WG_HANDSHAKE_REASONS][WG_HANDSHAKE_REASON_SLOTS];
};

/* Counts `row` (enum wg_handshake_result or enum wg_initiation_result), and logs a failure at level
 * "verbose". `public_key` is the peer's, which may be a forged claim, or NULL if it is not known;
 * `from` is where the message came from or goes to, NULL if that is not known. Any thread may call
 * it; `now` is as in core/host.h. */
void handshake_report(struct handshake_report *r, unsigned int row, const u8 *public_key,
		      const struct wg_addr *from, u64 now);
/* Returns how often `row` was reported. Any thread may call it. */
u64 handshake_report_get(const struct handshake_report *r, unsigned int row);

/* Writes the sentence of the log, without its end, for tests: at most `size` bytes with the final
 * zero. */
#define HANDSHAKE_REPORT_TEXT 320
void handshake_report_describe(char *out, size_t size, unsigned int row, const u8 *public_key,
			       const struct wg_addr *from, u64 others);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The timestamps of initiations: TAI64N, big-endian, coarse enough (2^24 ns) to tell nothing about
 * the clock. */
#ifndef WG_CORE_TAI64N_H
#define WG_CORE_TAI64N_H

#include "messages.h"

/* Of a Unix time in nanoseconds. */
void wg_tai64n_from(u8 out[static WG_TIMESTAMP_LEN], u64 unix_now);
/* As above, but the next later one where that would not be later than `last`: a clock that was set
 * back must not lock us out. `out` may be `last`. */
void wg_tai64n_after(u8 out[static WG_TIMESTAMP_LEN], const u8 last[static WG_TIMESTAMP_LEN],
		     u64 unix_now);
/* Whether a is later than b. */
bool wg_tai64n_later(const u8 a[static WG_TIMESTAMP_LEN], const u8 b[static WG_TIMESTAMP_LEN]);

#endif

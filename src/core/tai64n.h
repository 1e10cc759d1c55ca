/* SPDX-License-Identifier: GPL-2.0 */
/* The timestamps of initiations: TAI64N, big-endian, coarse enough (2^24 ns) to tell nothing about
 * the clock. memcmp() tells which of two is later. */
#ifndef WG_CORE_TAI64N_H
#define WG_CORE_TAI64N_H

#include "messages.h"

/* Nanoseconds: of two times that are this far apart, or farther, the later one has the later
 * timestamp. It is shorter than WG_INITIATION_INTERVAL. */
#define WG_TAI64N_GRAIN (1U << 24)

/* Writes the timestamp of a Unix time in nanoseconds. */
void wg_tai64n_from(u8 out[static WG_TIMESTAMP_LEN], u64 unix_now);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The answer to "counters=1", a request of wg-tun's own that no other implementation has: how often
 * each reason in core/handshake-reason.h and each drop in report/drops.h came since the start. */
#ifndef WG_TUN_UAPI_COUNTERS_H
#define WG_TUN_UAPI_COUNTERS_H

#include "../device/device.h"

/* A buffer of this size has room for all lines. */
#define UAPI_COUNTERS_SIZE 4096

/* Writes a line NAME=NUMBER for each row to `out`, at least UAPI_COUNTERS_SIZE bytes: those of
 * handshakes in their order, then those of drops with "drop-" in front. Returns how many bytes
 * these are; there is no zero at the end. */
size_t uapi_counters(const struct device *d, char *out, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Packets of one peer that wait for a session: at most WG_MAX_STAGED, the oldest gives way, and at
 * most a stated number of bytes for the whole device. */
#ifndef WG_TUN_STAGED_H
#define WG_TUN_STAGED_H

#include "../../port.h"

struct peer;
struct device;

/* Copies an IP packet; peer->lock is held. */
void staged_add(struct device *d, struct peer *peer, const u8 *packet, size_t len);
/* Puts one back that was taken: it is the oldest again, and gives way where there is no room. */
void staged_return(struct device *d, struct peer *peer, const u8 *packet, size_t len);
/* Takes the oldest into `out` (at least 65535 + 16 bytes); its length, 0: none. */
size_t staged_take(struct device *d, struct peer *peer, u8 *out);
void staged_drop(struct device *d, struct peer *peer);
/* Bytes that all peers of a device may hold together. */
#define STAGED_BYTES (4U << 20)

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The IP packets that hosts exchange: who, to whom, the message's number, and bytes that follow
 * from it. An address is one byte here: below 100 a host's own, from 100 on a prefix that moves
 * about. */
#ifndef SIM_PACKET_H
#define SIM_PACKET_H

#include "../../src/port.h"

enum { PACKET_MAX = 128, PACKET_FLOAT = 100 };

/* Returns the length. */
size_t packet_write(u8 out[static PACKET_MAX], u8 family, u8 source, u8 destination, u64 id);
/* The number in it; false: it is no packet of ours, bit by bit. `len` may include padding. */
bool packet_read(const u8 *packet, size_t len, u64 *id, u8 *source, u8 *destination);
/* The address as the allowed IPs have it, 4 or 16 bytes, and its length as a prefix. */
void packet_address(u8 ip[static 16], u8 *cidr, u8 family, u8 address);

#endif

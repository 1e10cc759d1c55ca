/* SPDX-License-Identifier: GPL-2.0 */
/* "Destination unreachable" for packets that no peer takes (RFC 792, RFC 4443), so that programs
 * learn of it at once. */
#ifndef WG_TUN_ICMP_H
#define WG_TUN_ICMP_H

#include "../../port.h"

#define ICMP_MAX 1280

/* Writes the answer to a packet into `out`. Returns its length; 0: none may be given. */
u32 icmp_unreachable(u8 out[static ICMP_MAX], const u8 *packet, u32 len);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The Internet checksum (RFC 1071): sums that are added up first and folded last. */
#ifndef WG_TUN_CHECKSUM_H
#define WG_TUN_CHECKSUM_H

#include "../../port.h"

/* Adds `len` bytes, which begin at an even place of what is summed, to a sum. */
u64 checksum_add(u64 sum, const u8 *p, size_t len);
/* Returns the sum of the pseudo header of TCP and UDP: addresses of the IP header at `ip`, protocol
 * and length. */
u64 checksum_pseudo(const u8 *ip, u8 protocol, size_t len);
/* Folds a sum to 16 bits, not inverted, in the order that they are stored in memory. */
u16 checksum_fold(u64 sum);
/* Stores the inverse of a sum. */
void checksum_store(u8 *place, u64 sum);
/* Computes the checksum of an IPv4 header that we made, and writes it. */
void checksum_ipv4(u8 *ip);
/* Adjusts the checksum at `place` for a change of 16 bits that it covers, from `old` to `new`, both
 * as they are in memory (RFC 1624, equation 3). A checksum that was wrong stays wrong. */
void checksum_adjust(u8 *place, u16 old, u16 new);

#endif

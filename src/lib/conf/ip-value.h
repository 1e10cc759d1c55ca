/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers and addresses as ip(8) reads them. wg-quick's script hands some values to ip(8) as they
 * are written, so files have forms that `wg` itself refuses (see value.h). Nothing here allocates,
 * and text need not end in NUL. */
#ifndef WG_LIB_IP_VALUE_H
#define WG_LIB_IP_VALUE_H

#include "../base/error.h"
#include "../base/prefix.h"

/* A number from 0 to 4294967295: decimal, octal after "0", hexadecimal after "0x" or "0X"; one "+"
 * may stand before it. False where the text is anything else; *value is then unchanged. */
bool wg_ip_number(u32 *value, const char *s, size_t len);
/* An IPv4 address of one to four numbers, each at most 255; the parts that are missing are zeros
 * at the end ("10.1" is 10.1.0.0, unlike inet_aton's). False where the text is anything else. */
bool wg_ip_short_address(u8 addr[static 4], const char *s, size_t len);
/* "ADDRESS[/LENGTH|/NETMASK]" of either family; without a length it is the single address. A
 * netmask is an IPv4 address of ones followed by zeros, for IPv6 too. On error, which has a
 * sentence and a reason, *at is the offset of the first offending byte and *p is unchanged. */
int wg_ip_prefix(struct wg_prefix *p, const char *s, size_t len, size_t *at, struct wg_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The values of the userspace API, for both of its ends: what a daemon is told, and what it
 * answers. They are ended by NUL. Each reader writes its result on success only; false: it is none.
 * Those that take a value that is not const cut it into pieces. */
#ifndef WG_LIB_UAPI_VALUE_H
#define WG_LIB_UAPI_VALUE_H

#include "model.h"

/* Decimal digits and nothing else, up to `max`. */
bool wg_uapi_value_number(u64 *out, const char *value, u64 max);
/* Hexadecimal digits of either case. */
bool wg_uapi_value_key(u8 key[static WG_KEY_LEN], const char *value);
/* ADDRESS:PORT or [ADDRESS%ZONE]:PORT without names, but for the zone, which may be a link. An IPv4
 * address in IPv6's clothes stays one of IPv6. */
bool wg_uapi_value_endpoint(union wg_endpoint *out, char *value);
/* ADDRESS/CIDR; a family of AF_INET or AF_INET6, and its 4 or 16 bytes. Bits behind the prefix
 * stay. */
bool wg_uapi_value_prefix(u8 *family, u8 addr[static 16], u8 *cidr, char *value);

#endif

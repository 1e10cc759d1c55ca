/* SPDX-License-Identifier: GPL-2.0 */
/* Keys as text, in time that does not depend on the key: base64 (RFC 4648 section 4) and
 * lower-case hex. */
#ifndef WG_LIB_ENCODING_H
#define WG_LIB_ENCODING_H

#include "../../port.h"
#include "../../uapi/wireguard.h"

#define WG_KEY_BASE64_LEN 44 /* without NUL */
#define WG_KEY_HEX_LEN    64

void wg_key_to_base64(char out[static WG_KEY_BASE64_LEN + 1], const u8 key[static WG_KEY_LEN]);
/* `text` need not end in NUL. False unless it is exactly the canonical 44 characters; `key` is
 * written in either case. */
bool wg_key_from_base64(u8 key[static WG_KEY_LEN], const char *text, size_t len);
void wg_key_to_hex(char out[static WG_KEY_HEX_LEN + 1], const u8 key[static WG_KEY_LEN]);
/* As above; upper-case digits are read too. */
bool wg_key_from_hex(u8 key[static WG_KEY_LEN], const char *text, size_t len);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* SipHash-2-4: a short keyed hash, for tables whose keys come from the network. */
#ifndef WG_CRYPTO_SIPHASH_H
#define WG_CRYPTO_SIPHASH_H

#include "../port.h"

#define WG_SIPHASH_KEY_LEN 16

u64 wg_siphash(const void *data, size_t len, const u8 key[static WG_SIPHASH_KEY_LEN]);

#endif

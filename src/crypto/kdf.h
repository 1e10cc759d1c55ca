/* SPDX-License-Identifier: GPL-2.0 */
/* Kdf1, Kdf2 and Kdf3 of the WireGuard paper (section 5.4): the HKDF of Noise over HMAC-BLAKE2s. */
#ifndef WG_CRYPTO_KDF_H
#define WG_CRYPTO_KDF_H

#include "blake2s.h"

/* Each `out` is 32 bytes; out2 and out3 are NULL where fewer are wanted. They may be the memory of
 * what goes in. */
void wg_kdf(u8 *out1, u8 *out2, u8 *out3, const u8 chaining_key[static WG_BLAKE2S_LEN],
	    const void *input, size_t len);

#endif

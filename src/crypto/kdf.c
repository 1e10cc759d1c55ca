// SPDX-License-Identifier: GPL-2.0
/* Each output is the HMAC of the one before and its own number, under a key of key and input. */
#include "kdf.h"

#include "ct.h"

void wg_kdf(u8 *out1, u8 *out2, u8 *out3, const u8 chaining_key[static WG_BLAKE2S_LEN],
	    const void *input, size_t len)
{
	u8 key[WG_BLAKE2S_LEN], chain[WG_BLAKE2S_LEN + 1];
	u8 *const outs[] = {out1, out2, out3};
	size_t used = 0;

	wg_blake2s_hmac(key, chaining_key, WG_BLAKE2S_LEN, input, len);
	for (u8 i = 0; i < 3 && outs[i]; i++) {
		chain[used] = i + 1;
		wg_blake2s_hmac(chain, key, sizeof(key), chain, used + 1);
		used = WG_BLAKE2S_LEN;
		memcpy(outs[i], chain, WG_BLAKE2S_LEN);
	}
	wg_ct_wipe(key, sizeof(key));
	wg_ct_wipe(chain, sizeof(chain));
}

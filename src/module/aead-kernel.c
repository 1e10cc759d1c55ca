// SPDX-License-Identifier: GPL-2.0
#include "aead.h"
#include <linux/module.h>
#include <crypto/chacha20poly1305.h>

const char wg_aead_name[] = "the kernel's library";
MODULE_INFO(aead, "the kernel's library");

void wg_aead_seal(u8 *dst, const u8 *src, size_t len, u64 counter,
		  const u8 key[static WG_SYMMETRIC_LEN])
{
	chacha20poly1305_encrypt(dst, src, len, NULL, 0, counter, key);
}

bool wg_aead_open(u8 *dst, const u8 *src, size_t len, u64 counter,
		  const u8 key[static WG_SYMMETRIC_LEN])
{
	return chacha20poly1305_decrypt(dst, src, len, NULL, 0, counter, key);
}

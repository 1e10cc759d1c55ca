/* SPDX-License-Identifier: GPL-2.0 */
/* Seals and opens the payload of a data message, by the kernel's library or by crypto/; which one
 * is chosen when the module is built. Both are as ../crypto/chacha20poly1305.h says; `dst` and
 * `src` are linear. */
#ifndef WG_MODULE_AEAD_H
#define WG_MODULE_AEAD_H

#ifdef WG_AEAD_KERNEL
#include <crypto/chacha20poly1305.h>
#define WG_AEAD_NAME "the kernel's library" /* for the log and modinfo */
#define wg_aead_seal chacha20poly1305_encrypt
#define wg_aead_open chacha20poly1305_decrypt
#else
#include "../crypto/chacha20poly1305.h"
#define WG_AEAD_NAME "crypto/"
#define wg_aead_seal wg_chacha20poly1305_seal
#define wg_aead_open wg_chacha20poly1305_open
#endif

#endif

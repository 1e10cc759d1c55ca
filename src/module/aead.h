/* SPDX-License-Identifier: GPL-2.0 */
/* Sealing and opening a data message's payload: by the kernel's library (aead-kernel.c) or by crypto/
 * (aead-own.c), chosen when the module is built. `dst` may be `src`; both linear. */
#ifndef WG_MODULE_AEAD_H
#define WG_MODULE_AEAD_H

#include "../core/messages.h"

extern const char wg_aead_name[]; /* for the log and modinfo */

/* Writes len + WG_TAG_LEN bytes. */
void wg_aead_seal(u8 *dst, const u8 *src, size_t len, u64 counter, const u8 key[static WG_SYMMETRIC_LEN]);
/* `len` with the tag. False: not authentic; dst is then not to be used. */
bool wg_aead_open(u8 *dst, const u8 *src, size_t len, u64 counter, const u8 key[static WG_SYMMETRIC_LEN]);

#endif

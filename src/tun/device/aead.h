/* SPDX-License-Identifier: GPL-2.0 */
/* Seals and opens data packets under one key: by the vector code of crypto/, which does many
 * packets side by side, where the processor has vectors; else by libcrypto's ChaCha20-Poly1305; or,
 * where libcrypto cannot do that, by the portable code of crypto/. All give the same bytes. Any
 * number of threads may use one aead at a time. */
#ifndef WG_TUN_AEAD_H
#define WG_TUN_AEAD_H

#include "../../crypto/chacha20poly1305-batch.h"

struct aead {
	u8 key[32];
};

/* Decides which code is used, and tries libcrypto where that is to be used, so that it loads what
 * it needs. Call it once, before files are out of reach and before there are threads. Without it
 * crypto/ is used. That libcrypto cannot do it is logged (LOGGER_ERROR). */
void aead_prepare(void);
/* Makes libcrypto be used from now on, if it works; false, and crypto/ is used, if it does not. A
 * part of aead_prepare(), and for tests on processors with vectors. */
bool aead_use_libcrypto(void);
void aead_init(struct aead *a, const u8 key[static 32]);
/* Wipes the key. */
void aead_wipe(struct aead *a);
/* Seals as wg_chacha20poly1305_batch_seal() does. A packet that libcrypto fails to seal becomes
 * zeros, which no receiver takes. */
void aead_seal(const struct aead *a, const struct wg_batch_packet *p, size_t n);
/* Opens as wg_chacha20poly1305_batch_open() does, but the dst of a packet that is not authentic may
 * change. */
void aead_open(const struct aead *a, const struct wg_batch_packet *p, size_t n, bool *ok);
/* Names the code that is used, for the log and the benchmarks: "avx512", "avx2", "libcrypto" or
 * "portable". */
const char *aead_name(void);

#endif

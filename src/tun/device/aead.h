/* SPDX-License-Identifier: GPL-2.0 */
/* Sealing and opening data packets: by the vector code of crypto/ for many packets side by side
 * where the CPU has it, else by libcrypto's ChaCha20-Poly1305, keyed once a session. Any thread may
 * use one aead at a time with others. */
#ifndef WG_TUN_AEAD_H
#define WG_TUN_AEAD_H

#include "../../crypto/chacha20poly1305-batch.h"
#include "../../lib/error.h"

struct aead {
	u8 key[32];
	void *context; /* libcrypto's, where that is used; else NULL */
};

/* Before files and libraries are out of reach: what needs them is done. */
int aead_prepare(struct wg_error *err);
/* False: no memory. */
bool aead_init(struct aead *a, const u8 key[static 32]);
void aead_wipe(struct aead *a);
/* As wg_chacha20poly1305_batch_seal and _open. */
void aead_seal(const struct aead *a, const struct wg_batch_packet *p, size_t n);
void aead_open(const struct aead *a, const struct wg_batch_packet *p, size_t n, bool *ok);
/* What is in use, for the log and the benchmarks: "avx512", "avx2", "libcrypto". */
const char *aead_name(void);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Packets in windows of up to eight: their key blocks and their text are cut into ChaCha20 blocks
 * that fill the lanes whatever packet they are of, and beside that the Poly1305 of the window
 * before (when sealing) or after (when opening) runs, while it is still or already in the
 * first-level cache. */
#ifndef WG_CRYPTO_CHACHA20POLY1305_WINDOW_H
#define WG_CRYPTO_CHACHA20POLY1305_WINDOW_H

#include "chacha20poly1305-batch-private.h"

/* As wg_chacha20poly1305_batch_seal and _open, n > 0. */
void wg_chacha20poly1305_window_seal(const struct wg_batch_engine *engine, const u8 key[static 32],
				     const struct wg_batch_packet *p, size_t n);
void wg_chacha20poly1305_window_open(const struct wg_batch_engine *engine, const u8 key[static 32],
				     const struct wg_batch_packet *p, size_t n, bool *ok);

#endif

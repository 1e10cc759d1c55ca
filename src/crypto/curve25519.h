/* SPDX-License-Identifier: GPL-2.0 */
/* X25519 (RFC 7748 section 5), in time and with addresses that do not depend on secret or point.
 * Buffers may overlap. Every 32-byte string is a valid secret and a valid point. */
#ifndef WG_CRYPTO_CURVE25519_H
#define WG_CRYPTO_CURVE25519_H

#include "../port.h"

#define WG_CURVE25519_EACH 3

/* The secret is clamped on the way in. False where the result is all zeros: the point was of low
 * order, and nothing secret is in it. */
bool wg_curve25519(u8 out[static 32], const u8 secret[static 32], const u8 point[static 32]);
/* One secret with `n` points, at most WG_CURVE25519_EACH, in less time than one after the other; NULL
 * is the base point. False where one of them was of low order: then nothing of `out` is to be used.
 * `out` overlaps with nothing. */
bool wg_curve25519_each(u8 (*out)[32], const u8 secret[static 32], const u8 *const *points,
			size_t n);
/* The public key of a secret. */
void wg_curve25519_public(u8 out[static 32], const u8 secret[static 32]);
/* Makes 32 random bytes a secret in the form that is stored and shown. */
void wg_curve25519_clamp(u8 secret[static 32]);

#endif

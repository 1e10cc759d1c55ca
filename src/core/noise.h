/* SPDX-License-Identifier: GPL-2.0 */
/* The handshake, Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s as the WireGuard paper sections 5.4.2 to
 * 5.4.5 have it. No macs, no timers, no addresses, and nothing of what is fresh: cookie.h,
 * timers.h and handshake.h have those.
 *
 * Locking: the caller serialises everything of one wg_handshake, and of the identity against its
 * change. Nothing here touches a session that is in use. */
#ifndef WG_CORE_NOISE_H
#define WG_CORE_NOISE_H

#include "messages.h"

/* Who we are. */
struct wg_identity {
	u8 private_key[WG_PUBLIC_LEN], public_key[WG_PUBLIC_LEN];
	bool present; /* without, no handshake is possible */
};

/* Noise's SymmetricState, which the tokens are mixed into. */
struct wg_symmetric {
	u8 hash[WG_HASH_LEN], chaining_key[WG_HASH_LEN], key[WG_SYMMETRIC_LEN];
};

/* An initiation of ours that waits for its response. */
struct wg_pending {
	bool active; /* else all is zero */
	u32 index;  /* ours, in it */
	u64 started_at;
	u8 ephemeral[WG_PUBLIC_LEN]; /* private */
	struct wg_symmetric symmetric;
};

/* What we know of a remote, and how far the handshake with it is. */
struct wg_handshake {
	u8 remote_static[WG_PUBLIC_LEN];
	u8 preshared_key[WG_SYMMETRIC_LEN]; /* zeros where there is none */
	u8 static_static[WG_PUBLIC_LEN];    /* computed when first needed */
	bool static_static_known;
	u8 latest_timestamp[WG_TIMESTAMP_LEN]; /* of the initiations we accepted */
	u64 last_initiation;                   /* when we accepted one; 0: never */
	u64 sent; /* the Unix time in our latest initiation, which may be ahead of the clock */
	struct wg_pending pending;
};

/* An initiation that was opened. */
struct wg_noise_opened {
	const struct wg_message_initiation *message;
	u8 remote_static[WG_PUBLIC_LEN];
	u8 timestamp[WG_TIMESTAMP_LEN]; /* from wg_noise_consume_initiation on */
	struct wg_symmetric symmetric;
};

/* Sets our private key, and the public key that belongs to it. Zeros: we have none. */
void wg_identity_set(struct wg_identity *id, const u8 private_key[static WG_PUBLIC_LEN]);

/* The functions that return bool need an identity. They return false if a key is of low order or
 * the message is not authentic. Then nothing in `h` has changed, except that static-static may be
 * known now: a forged message cannot make us compute it again. */

/* Writes all of an initiation but the macs; then h->pending is that initiation. `ephemeral` is 32
 * random bytes, `index` is ours. The caller drops the index that h->pending had before. */
bool wg_noise_create_initiation(struct wg_handshake *h, const struct wg_identity *id,
				struct wg_message_initiation *m, u32 index,
				const u8 ephemeral[static 32], u64 unix_now, u64 now);
/* The first half of opening an initiation: finds out who sent it. It may still be a replayed one.
 * The caller wipes `o`, which points to `m`. */
bool wg_noise_open_initiation(struct wg_noise_opened *o, const struct wg_identity *id,
			      const struct wg_message_initiation *m);
/* The second half, with the handshake of that remote. The caller decides whether the timestamp is
 * new. */
bool wg_noise_consume_initiation(struct wg_noise_opened *o, struct wg_handshake *h,
				 const struct wg_identity *id);
/* Writes the response to a consumed initiation, but for its macs, and the keys of the session. */
bool wg_noise_create_response(struct wg_noise_opened *o, const struct wg_handshake *h,
			      struct wg_message_response *m, u32 index,
			      const u8 ephemeral[static 32], u8 send_key[static WG_SYMMETRIC_LEN],
			      u8 receive_key[static WG_SYMMETRIC_LEN]);
/* Opens the response to h->pending, which the caller wipes afterwards, and derives the keys of the
 * session. */
bool wg_noise_consume_response(const struct wg_handshake *h, const struct wg_identity *id,
			       const struct wg_message_response *m,
			       u8 send_key[static WG_SYMMETRIC_LEN],
			       u8 receive_key[static WG_SYMMETRIC_LEN]);

#endif

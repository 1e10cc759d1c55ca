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
	u64 sent; /* the Unix time in the latest initiation we made, which may be ahead of the clock */
	struct wg_pending pending;
};

/* An initiation that was opened. */
struct wg_noise_opened {
	const struct wg_message_initiation *message;
	u8 remote_static[WG_PUBLIC_LEN];
	u8 timestamp[WG_TIMESTAMP_LEN]; /* from wg_noise_consume_initiation on */
	struct wg_symmetric symmetric;
};

/* Zeros mean: we have none. */
void wg_identity_set(struct wg_identity *id, const u8 private_key[static WG_PUBLIC_LEN]);

/* All verbs that can fail need an identity, and do so where a key is of low order or what came is
 * not authentic. Of `h` they change then that static-static is known, no more: who forges cannot
 * make us compute it again. */

/* Writes all but the macs; then h->pending is that initiation. `ephemeral`: 32 random bytes;
 * `index`: ours; the one that was there is the caller's to drop. */
bool wg_noise_create_initiation(struct wg_handshake *h, const struct wg_identity *id,
				struct wg_message_initiation *m, u32 index,
				const u8 ephemeral[static 32], u64 unix_now, u64 now);
/* First half: who sent it? Nothing is known to be fresh yet. The caller wipes `o`, which points to
 * `m`. */
bool wg_noise_open_initiation(struct wg_noise_opened *o, const struct wg_identity *id,
			      const struct wg_message_initiation *m);
/* Second half, with the handshake of that remote. Whether it is fresh is for the caller to say. */
bool wg_noise_consume_initiation(struct wg_noise_opened *o, struct wg_handshake *h,
				 const struct wg_identity *id);
/* The answer to a consumed initiation, and the keys of the session. */
bool wg_noise_create_response(struct wg_noise_opened *o, const struct wg_handshake *h,
			      struct wg_message_response *m, u32 index,
			      const u8 ephemeral[static 32], u8 send_key[static WG_SYMMETRIC_LEN],
			      u8 receive_key[static WG_SYMMETRIC_LEN]);
/* The answer to h->pending, which stays for the caller to wipe, and the keys of the session. */
bool wg_noise_consume_response(const struct wg_handshake *h, const struct wg_identity *id,
			       const struct wg_message_response *m,
			       u8 send_key[static WG_SYMMETRIC_LEN],
			       u8 receive_key[static WG_SYMMETRIC_LEN]);

#endif

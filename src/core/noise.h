/* SPDX-License-Identifier: GPL-2.0 */
/* The handshake, Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s as the WireGuard paper sections 5.4.2 to
 * 5.4.5 have it. No macs, no timers, no addresses: cookie.h, session.h and protocol.h have those.
 *
 * Locking: the caller serialises everything of one wg_handshake, and of the identity against its
 * change. Nothing here touches a session that is in use. */
#ifndef WG_CORE_NOISE_H
#define WG_CORE_NOISE_H

#include "messages.h"

/* Who we are. */
struct wg_identity {
	u8 private_key[WG_PUBLIC_LEN];
	u8 public_key[WG_PUBLIC_LEN];
	bool present; /* without, no handshake is possible */
};

enum wg_handshake_state {
	WG_HANDSHAKE_ZEROED,
	WG_HANDSHAKE_CREATED_INITIATION,
	WG_HANDSHAKE_CONSUMED_INITIATION,
	WG_HANDSHAKE_CREATED_RESPONSE,
	WG_HANDSHAKE_CONSUMED_RESPONSE,
};

/* What we know of a remote, and how far the handshake with it is. */
struct wg_handshake {
	enum wg_handshake_state state;
	bool static_static_known;     /* the next field is computed when first needed */
	bool has_index;		      /* local_index is ours to give back */
	u32 local_index, remote_index;
	u8 static_static[WG_PUBLIC_LEN];
	u8 remote_static[WG_PUBLIC_LEN];
	u8 preshared_key[WG_SYMMETRIC_LEN]; /* zeros where there is none */
	u8 ephemeral_private[WG_PUBLIC_LEN];
	u8 remote_ephemeral[WG_PUBLIC_LEN];
	u8 hash[WG_HASH_LEN];
	u8 chaining_key[WG_HASH_LEN];
	u8 latest_timestamp[WG_TIMESTAMP_LEN]; /* of the initiations we accepted */
	u8 sent_timestamp[WG_TIMESTAMP_LEN];   /* of the initiations we made */
	u64 last_initiation;		       /* when we accepted one; 0: never */
	u64 initiated;			       /* when ours was made; protocol.c sets it */
};

enum wg_noise_result {
	WG_NOISE_OK,
	WG_NOISE_NO_IDENTITY,
	WG_NOISE_LOW_ORDER, /* a public key that agrees on zeros */
	WG_NOISE_BAD_CRYPTO,
	WG_NOISE_REPLAY,    /* the timestamp is not later than the latest one */
	WG_NOISE_TOO_SOON,  /* within WG_INITIATION_INTERVAL of the latest one */
	WG_NOISE_WRONG_STATE,
	WG_NOISE_SELF,	    /* the remote is we ourselves */
	WG_NOISE_NO_MEMORY, /* only from wg_protocol_initiate() */
};

/* An initiation that was opened as far as to who sent it. */
struct wg_noise_opened {
	u8 remote_static[WG_PUBLIC_LEN];
	u8 remote_ephemeral[WG_PUBLIC_LEN];
	u8 hash[WG_HASH_LEN];
	u8 chaining_key[WG_HASH_LEN];
	u8 key[WG_SYMMETRIC_LEN]; /* of the first half; the second mixes in static-static */
};

/* Zeros mean: we have none. */
void wg_identity_set(struct wg_identity *id, const u8 private_key[static WG_PUBLIC_LEN]);
void wg_identity_wipe(struct wg_identity *id);

/* No curve operation is done here. */
void wg_handshake_init(struct wg_handshake *h, const u8 remote_static[static WG_PUBLIC_LEN]);
/* Our identity has changed: static-static must be computed anew, and a handshake that is going on
 * ends. The index, if has_index was set, is the caller's to drop. */
void wg_handshake_reset(struct wg_handshake *h);
/* Forgets ephemeral secrets; who the remote is and the timestamps stay. The index: as above. */
void wg_handshake_clear(struct wg_handshake *h);

/* Writes all but the macs. `ephemeral`: 32 random bytes; `index`: ours, goes to h->local_index; the
 * one that was there is the caller's to drop. `h` changes only if the result is OK. */
enum wg_noise_result wg_noise_create_initiation(struct wg_handshake *h,
						const struct wg_identity *id,
						struct wg_message_initiation *m, u32 index,
						const u8 ephemeral[static 32], u64 unix_now);
/* First half: who sent it? Nothing is known to be fresh yet. The caller wipes `o`. */
enum wg_noise_result wg_noise_open_initiation(struct wg_noise_opened *o,
					      const struct wg_identity *id,
					      const struct wg_message_initiation *m);
/* Second half, with the handshake of that remote, which changes only if the result is OK; but that
 * static-static is known stays, whatever the result: who forges cannot make us compute it again. */
enum wg_noise_result wg_noise_consume_initiation(struct wg_handshake *h,
						 const struct wg_identity *id,
						 const struct wg_noise_opened *o,
						 const struct wg_message_initiation *m, u64 now);
/* After a consumed initiation; `h` changes only if the result is OK. */
enum wg_noise_result wg_noise_create_response(struct wg_handshake *h, struct wg_message_response *m,
					      u32 index, const u8 ephemeral[static 32]);
/* After a created initiation; `h` changes only if the result is OK. */
enum wg_noise_result wg_noise_consume_response(struct wg_handshake *h, const struct wg_identity *id,
					       const struct wg_message_response *m);
/* The transport keys, after a created or consumed response; `h` is cleared (its index has moved on
 * to the session). Tells whether we were the initiator. */
enum wg_noise_result wg_noise_derive(struct wg_handshake *h, u8 send_key[static WG_SYMMETRIC_LEN],
				     u8 receive_key[static WG_SYMMETRIC_LEN], bool *initiator);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Handshake messages, whole: macs, cookies, limits, Noise, and what follows for the session.
 *
 * It comes in two steps so that a host can run the curve outside of the lock that its data path
 * takes: wg_handshake_receive() under the handshake lock (one for the device will do), then
 * wg_handshake_apply() under the session lock of the remote that it named. */
#ifndef WG_CORE_HANDSHAKE_H
#define WG_CORE_HANDSHAKE_H

#include "host.h"
#include "noise.h"
#include "ratelimiter.h"
#include "remote.h"

/* Who we are. The caller's to wipe; at first all zeros but for the limiter and the host. */
struct wg_local {
	struct wg_identity identity;
	struct wg_cookie_checker checker;
	struct wg_ratelimiter limiter;
	const struct wg_host *host;
};

enum wg_handshake_result {
	WG_HANDSHAKE_RESPONDED,	   /* a good initiation: apply, then send in->reply */
	WG_HANDSHAKE_COMPLETED,	   /* a good response: apply */
	WG_HANDSHAKE_COOKIE_REPLY,  /* under load: send in->reply, nothing to apply */
	WG_HANDSHAKE_COOKIE_TAKEN,  /* it goes into the next initiation; nothing to apply */
	/* Nothing to do, and nothing changed: */
	WG_HANDSHAKE_MALFORMED,	   /* no handshake message of any kind */
	WG_HANDSHAKE_BAD_MAC,
	WG_HANDSHAKE_RATE_LIMITED,
	WG_HANDSHAKE_UNKNOWN,	   /* no remote of ours, or we ourselves; no handshake of ours */
	WG_HANDSHAKE_FORGED,	   /* or damaged, or a low-order key */
	WG_HANDSHAKE_REPLAYED,
	WG_HANDSHAKE_TOO_SOON,
	WG_HANDSHAKE_NO_IDENTITY,
	WG_HANDSHAKE_NO_MEMORY,
};

/* What a message that came in leads to. After RESPONDED and COMPLETED it owns the keypair, until
 * wg_handshake_apply. */
struct wg_incoming {
	struct wg_remote *remote;     /* of RESPONDED, COMPLETED, COOKIE_TAKEN; else NULL */
	struct wg_keypair *keypair;   /* derived, not in use yet */
	size_t reply_len;	      /* 0: none */
	u8 reply[WG_HANDSHAKE_MAX];
};

/* Randomness that one message may need. Never used twice. */
struct wg_entropy {
	u8 ephemeral[32];
	u8 secret[32];
	u8 nonce[WG_COOKIE_NONCE_LEN];
	u32 jitter;
};

/* Zeros: none any more. Every remote is then to be told by wg_handshake_forget(..., true). */
void wg_local_set_private(struct wg_local *l, const u8 private_key[static WG_PUBLIC_LEN]);

/* Under the handshake lock. `under_load`: demand a cookie, and limit the source. */
enum wg_handshake_result wg_handshake_receive(struct wg_local *l, struct wg_incoming *in,
					    const u8 *message, size_t len,
					    const struct wg_addr *from, bool under_load,
					    const struct wg_entropy *random, u64 now);
/* Under the session lock of in->remote, after RESPONDED or COMPLETED, and before the reply is sent:
 * an answer to it could come before the session is in place. Returns actions; `in` keeps its remote
 * and its reply. */
u32 wg_handshake_apply(struct wg_local *l, struct wg_incoming *in, u64 now);

/* Under the handshake lock: writes the initiation that WG_ACT_INITIATE asked for. Then, under the
 * session lock, wg_timers_initiated(). False where there is no memory, no identity, or no handshake
 * with this remote (a key of low order, or ours); then nothing changed but `m`. */
bool wg_handshake_initiate(struct wg_local *l, struct wg_remote *r, struct wg_message_initiation *m,
			  const struct wg_entropy *random, u64 unix_now, u64 now);
/* Under the handshake lock: ends a handshake and gives its index back; with `identity`,
 * static-static is forgotten, too. */
void wg_handshake_forget(struct wg_local *l, struct wg_remote *r, bool identity);

#endif

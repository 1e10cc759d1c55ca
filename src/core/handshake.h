/* SPDX-License-Identifier: GPL-2.0 */
/* Handshake messages, whole: macs, Noise, and what follows for the session.
 *
 * A message that arrives goes through wg_admission_check() and wg_admission_decide() first
 * (admission.h): macs of messages that come in, cookies for their senders, load and limits are
 * settled there. What was admitted is computed in two steps, so that a host can run the curve
 * outside of the lock that its data path takes: wg_handshake_receive(), then wg_handshake_apply()
 * under the session lock of the remote that it named, then wg_handshake_release().
 *
 * Locks: wg_handshake_receive() and wg_handshake_initiate() read the identity: the caller holds the
 * host's identity lock, for reading, and more than one may. What they change of a remote
 * is under that remote's handshake lock: wg_handshake_receive() takes it by itself (host.h), the
 * other verbs need it taken. */
#ifndef WG_CORE_HANDSHAKE_H
#define WG_CORE_HANDSHAKE_H

#include "cookie.h"
#include "host.h"
#include "noise.h"
#include "remote.h"

/* Our identity, and what depends on it. The caller wipes it. */
struct wg_local {
	struct wg_identity identity;
	struct wg_cookie_checker checker;
	const struct wg_host *host;
};

/* What became of a message that arrived. */
enum wg_handshake_result {
	/* Of wg_admission_decide(): */
	WG_HANDSHAKE_ADMITTED,	   /* it is queued, for wg_handshake_receive() */
	WG_HANDSHAKE_COOKIE_REPLY, /* under load: it is answered by a cookie */
	WG_HANDSHAKE_RATE_LIMITED, /* under load: its source has had its share */
	WG_HANDSHAKE_NO_ROOM,	   /* the queue of such messages is full */
	WG_HANDSHAKE_NO_BUDGET,	   /* under load: too many cookie replies were sent */
	/* Of wg_handshake_receive(): */
	WG_HANDSHAKE_RESPONDED,	   /* a good initiation: apply, then send in->reply */
	WG_HANDSHAKE_COMPLETED,	   /* a good response: apply */
	WG_HANDSHAKE_COOKIE_TAKEN, /* it goes into the next initiation; nothing to apply */
	/* Of either. Nothing to do, and nothing changed: */
	WG_HANDSHAKE_MALFORMED,	   /* no handshake message of any kind */
	WG_HANDSHAKE_BAD_MAC,	   /* its sender does not know our public key */
	WG_HANDSHAKE_UNKNOWN,	   /* no remote of ours, or we ourselves; no handshake of ours */
	WG_HANDSHAKE_FORGED,	   /* or damaged, or a low-order key, or another preshared key */
	WG_HANDSHAKE_REPLAYED,	   /* it was accepted before, or is older than one that was */
	WG_HANDSHAKE_TOO_SOON,	   /* less than WG_INITIATION_INTERVAL after the one before */
	WG_HANDSHAKE_NO_IDENTITY,  /* we have no private key */
	WG_HANDSHAKE_NO_MEMORY,
	WG_HANDSHAKE_RESULTS,
};

/* What a message that came in leads to. After RESPONDED and COMPLETED it owns the keypair, until
 * wg_handshake_apply(). */
struct wg_incoming {
	struct wg_remote *remote; /* of RESPONDED, COMPLETED, COOKIE_TAKEN; else NULL */
	struct wg_remote *named;  /* whom the message names, authentic or not; NULL: not known */
	struct wg_keypair *keypair; /* derived, not in use yet */
	size_t len;		    /* of the message */
	size_t reply_len;	    /* 0: none */
	u8 reply[WG_HANDSHAKE_MAX];
};

/* The randomness that one message may need. The host fills it anew for each message. */
struct wg_entropy {
	u8 ephemeral[32];
	u32 jitter;
};

/* `l` is zeroed. `random` is what cookies are derived from; it is never used for anything else. */
void wg_local_init(struct wg_local *l, const struct wg_host *host, const u8 random[static 32]);
/* Sets our private key; zeros: we have none any more. The caller holds the identity lock for
 * writing and calls wg_actions_begin_anew() for every remote before it lets the lock go. */
void wg_local_set_private(struct wg_local *l, const u8 private_key[static WG_PUBLIC_LEN]);

/* Takes in a message that was admitted. Where it names a remote, that remote's handshake lock is
 * held from then on; whatever it returns, wg_handshake_release() is to be called. */
enum wg_handshake_result wg_handshake_receive(struct wg_local *l, struct wg_incoming *in,
					      const u8 *message, size_t len,
					      const struct wg_entropy *random, u64 now);
/* Call after RESPONDED or COMPLETED, under the session lock of in->remote, and before the reply is
 * sent: an answer to it could come before the session is in place. Counts the message as received.
 * Returns actions. */
u32 wg_handshake_apply(struct wg_local *l, struct wg_incoming *in, u64 now);
/* Lets the remote's handshake lock go. The remote may be freed then; `in` keeps its reply. */
void wg_handshake_release(struct wg_local *l, struct wg_incoming *in);

/* Writes the initiation that WG_ACT_INITIATE asked for. The caller calls wg_timers_initiated()
 * then, under the session lock. Returns false if there is no memory, no identity, or no handshake
 * with this remote (its key is of low order, or ours); then nothing has changed but `m`. */
bool wg_handshake_initiate(struct wg_local *l, struct wg_remote *r, struct wg_message_initiation *m,
			   const struct wg_entropy *random, u64 unix_now, u64 now);
/* Ends a handshake and gives its index back. If `identity` is true, static-static is forgotten,
 * too. */
void wg_handshake_forget(struct wg_local *l, struct wg_remote *r, bool identity);

#endif

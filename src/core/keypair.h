/* SPDX-License-Identifier: GPL-2.0 */
/* The keys of sessions and their rotation: previous, active, next (paper section 6). The caller
 * holds the lock of the session. */
#ifndef WG_CORE_KEYPAIR_H
#define WG_CORE_KEYPAIR_H

#include "host.h"
#include "messages.h"
#include "replay.h"

struct wg_keypair {
	u8 send_key[WG_SYMMETRIC_LEN];	  /* a host that has made a cipher of them may wipe both */
	u8 receive_key[WG_SYMMETRIC_LEN];
	u64 created_at;
	u64 send_counter; /* of the next message */
	struct wg_replay replay;
	u32 local_index, remote_index;
	bool initiator; /* we began the handshake */
	bool loses_tie;	/* and the remote's public key is greater: see wg_keypairs_add */
	u64 started_at;	/* and this is when */
};

/* In a kernel `current` is a macro. */
struct wg_keypairs {
	struct wg_keypair *previous; /* still receives */
	struct wg_keypair *active;   /* sends and receives */
	struct wg_keypair *next;     /* we responded, and wait for the first message under it */
};

/* A session was derived. An initiator's is active at once; a responder's is next. A keypair that
 * has no place any more is given to host->keypair_free.
 *
 * Where both sides began at once there are two sessions. Both work, and one becomes active on both
 * sides: the one that was begun by whose public key is greater. So where an initiator's session
 * `loses_tie`, the other side's stays next or active, unless that is REKEY_TIMEOUT older than our
 * initiation. */
void wg_keypairs_add(struct wg_keypairs *k, struct wg_keypair *fresh, const struct wg_host *host);
/* An authentic message came under `used`. Returns true if that confirmed the next keypair, which is
 * active now. */
bool wg_keypairs_confirm(struct wg_keypairs *k, struct wg_keypair *used,
			 const struct wg_host *host);
/* Gives all keypairs to host->keypair_free. */
void wg_keypairs_clear(struct wg_keypairs *k, const struct wg_host *host);

/* Return whether `n` more messages may be sent under the keypair (NULL: false), and whether any may
 * be received. */
bool wg_keypair_may_send(const struct wg_keypair *k, u64 n, u64 now);
bool wg_keypair_may_receive(const struct wg_keypair *k, u64 now);

#endif

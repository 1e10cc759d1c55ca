/* SPDX-License-Identifier: GPL-2.0 */
/* One remote peer as the protocol sees it, and what its sessions do. A host embeds this in its
 * own peer.
 *
 * Locks: `handshake` and `jar` are under the remote's handshake lock (handshake.h), `keys` and
 * `timers` under its session lock, `allowed` under the configuration's. Where both are taken, the
 * handshake lock is taken first. The verbs below need the session lock only. */
#ifndef WG_CORE_REMOTE_H
#define WG_CORE_REMOTE_H

#include "cookie.h"
#include "keypair.h"
#include "noise.h"
#include "timers.h"

struct wg_allowedips_node;

struct wg_remote {
	struct wg_handshake handshake;
	struct wg_cookie_jar jar;
	struct wg_keypairs keys;
	struct wg_timers timers;
	struct wg_allowedips_node *allowed; /* its prefixes, in the order they were given */
};

/* What may be sent now. */
struct wg_send_reservation {
	struct wg_keypair *keypair; /* NULL: no session; the packets wait, at most WG_MAX_STAGED */
	u64 counter;		    /* of the first of the messages; the others follow */
	u32 actions;		    /* enum wg_action */
};

void wg_remote_init(struct wg_remote *r, const u8 public_key[static WG_PUBLIC_LEN]);

/* `n` messages are to be sent, `data` unless they are keepalives. Reserves their counters,
 * reports the events, asks for a handshake where the session is missing or ageing. */
void wg_remote_send(struct wg_remote *r, u32 n, bool data, struct wg_send_reservation *reservation, u64 now);
/* Authentic messages came under `used`, at least one of them data if `data`. Counters have been
 * through used->replay. Returns actions. */
u32 wg_remote_received(struct wg_remote *r, struct wg_keypair *used, bool data,
		       const struct wg_host *host, u64 now);
/* What is due. Returns actions, of which ZERO_KEYS is done for the sessions already; the
 * handshake is to be cleared with wg_handshake_forget. */
u32 wg_remote_tick(struct wg_remote *r, const struct wg_host *host, u64 now);
/* All sessions end: the identity changed, or the device goes down. The next handshake need not
 * wait for what the latest one was asked for. */
void wg_remote_expire(struct wg_remote *r, const struct wg_host *host);
/* Another machine may go on with a copy of the keys: nothing is sent any more under the sessions
 * that there are, since both would use the same counters. They still receive until they are
 * replaced. The next handshake need not wait. */
void wg_remote_retire(struct wg_remote *r);

#endif

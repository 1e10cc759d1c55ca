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
	/* Bytes of UDP payload, for `wg show`; under the session lock. Received: messages that are
	 * authentic and were accepted, handshake messages and keepalives included, cookie replies
	 * not. Sent: all messages to the remote that a socket took. */
	u64 rx_bytes, tx_bytes;
};

/* What may be sent now. */
struct wg_send_reservation {
	struct wg_keypair *keypair; /* NULL: no session; the packets wait, at most WG_MAX_STAGED */
	u64 counter;		    /* of the first of the messages; the others follow */
	u32 actions;		    /* enum wg_action */
};

void wg_remote_init(struct wg_remote *r, const u8 public_key[static WG_PUBLIC_LEN]);

/* `n` messages are to be sent; `data` is false if they are keepalives. Reserves their counters,
 * reports the events to the timers, and asks for a handshake if the session is missing or ages. */
void wg_remote_send(struct wg_remote *r, u32 n, bool data, struct wg_send_reservation *reservation,
		    u64 now);
/* Messages that came together under one session, as wg_remote_accept() goes through them. The
 * caller zeroes it first. */
struct wg_received {
	u64 bytes;		/* UDP payload of the accepted messages */
	u32 accepted;		/* messages */
	u32 expired, replayed;	/* messages that were refused, by the reason */
	bool data;		/* an accepted message has a payload: not all are keepalives */
};

/* Accepts or refuses one data message under `used` that was opened, in the order of arrival: the
 * session must be young enough and the counter new. `len` is the length of its payload in bytes, 0
 * for a keepalive. Returns true if it is accepted, and counts it in `batch` either way. */
bool wg_remote_accept(struct wg_received *batch, struct wg_keypair *used, u64 counter, u32 len,
		      u64 now);
/* Call once for a batch after its last wg_remote_accept(), in the same hold of the session lock.
 * Counts the accepted messages and reports the events to the timers; a batch without an accepted
 * message changes nothing. Returns actions. */
u32 wg_remote_received(struct wg_remote *r, struct wg_keypair *used,
		       const struct wg_received *batch, const struct wg_host *host, u64 now);
/* Counts messages to the remote, handshake messages and keepalives included: `bytes` of UDP payload
 * that a socket took. A host may count before it sends, and take back what the socket refused. */
void wg_remote_count_sent(struct wg_remote *r, u64 bytes);
void wg_remote_count_refused(struct wg_remote *r, u64 bytes);
/* Runs the timers that are due. Returns actions. WG_ACT_ZERO_KEYS is done for the sessions already;
 * the host clears the handshake by wg_handshake_forget(). */
u32 wg_remote_tick(struct wg_remote *r, const struct wg_host *host, u64 now);
/* Ends all sessions: the device goes down, or the machine is suspended. The next handshake need not
 * wait until WG_REKEY_TIMEOUT after the latest one was asked for. */
void wg_remote_expire(struct wg_remote *r, const struct wg_host *host);
/* Call when our identity changed, or when another machine may go on with a copy of the keys and use
 * the same counters. Nothing is sent any more under the sessions that there are. They still receive
 * until they are replaced or too old. The next handshake need not wait. */
void wg_remote_retire(struct wg_remote *r);

#endif

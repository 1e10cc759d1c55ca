/* SPDX-License-Identifier: GPL-2.0 */
/* A peer of a simulated host: what it sends, what waits, and what the core's actions become. */
#ifndef SIM_PEER_H
#define SIM_PEER_H

#include "../../src/core/handshake.h"
#include "../../src/core/remote.h"
#include "watch.h"

struct datagram;
struct host;

/* A keypair as the host has it. */
struct session {
	struct wg_keypair pair; /* first: the core's pointer is ours */
	struct peer *peer;
	struct session *next;
	u64 serial; /* no other session has had it */
	u64 derived; /* on the host's clock */
	bool ready;
	bool applied;	/* or still in a struct wg_incoming */
	bool confirmed; /* something came under it, or we were the initiator */
	u32 key;	/* of the ledger: what it sends with */
	u32 peer_key;	/* what it receives with; ~0: not looked up yet */
	u64 *accepted;	/* counters plus 1, a hash table */
	u32 accepted_count, accepted_room;
	u64 newest; /* of these */
};

struct peer {
	struct wg_remote remote; /* first: the core's pointer is ours */
	struct host *host;
	u32 who;
	u64 serial; /* no other peer has had it */
	struct wg_addr endpoint; /* family 0: none */
	u64 staged[WG_MAX_STAGED];
	u32 staged_count;
	u64 wake; /* when, on the world's clock, the next tick is due; WG_NEVER */
	struct session *sessions; /* all that the core holds */
	u32 pending; /* of them, not applied yet */
	u64 last_handshake;
	u32 depth; /* of actions that lead to actions */
	struct watch watch;
};

struct peer *peer_new(struct host *h, u32 who, const u8 public_key[static WG_PUBLIC_LEN]);
/* The core has let go of everything. */
void peer_free(struct peer *p);

void peer_send(struct peer *p, u64 id);
/* As a timer of the host's would, early or late. */
void peer_tick(struct peer *p);
void peer_act(struct peer *p, u32 actions);
/* The host's private key has changed. */
void peer_begin_anew(struct peer *p);
void peer_receive_data(struct peer *p, struct session *s, const struct datagram *d);
/* To be called after every verb: the core may want to be woken at another time. */
void peer_rearm(struct peer *p);

struct session *session_new(struct peer *p);
void session_free(struct session *s);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The invariants, and the books they are checked against. They know what was really sent, which
 * hosts do not, and expect of the timers what the paper says, not what the core has in its
 * variables. */
#ifndef SIM_CHECKS_H
#define SIM_CHECKS_H

#include "../../src/core/handshake.h"

struct datagram;
struct host;
struct peer;
struct session;
struct world;

/* What the inside of a host sent. Its number is in the packet. */
struct message {
	u32 from, to; /* hosts */
	u8 source, destination; /* see packet.h */
	u8 family;
	bool delivered;
	u64 at, delivered_at;
};

/* One that some host sends with. */
struct key {
	u8 bytes[WG_SYMMETRIC_LEN];
	u32 sender, receiver;
	u64 next; /* counter */
};

struct cookie_issue {
	u32 host;
	struct wg_addr to;
	u64 at;
};

/* What one source had computed within a second. */
struct rate {
	u32 host;
	struct wg_addr from;
	u64 since;
	u32 count;
};

enum { CHECKS_RATES = 16 };

/* That each of these is above 0 after many runs shows that something was tested. */
struct counts {
	u64 sent, delivered, lost, undelivered, damaged, replayed;
	u64 handshakes, crossed, initiations, cookies, give_ups, zeroings, keepalives;
	u64 replays_refused, forgeries_refused, rate_limited, restarts, suspends, moves,
		key_changes;
	u64 removals, psk_changes, no_memory, forged, steady;
};

struct checks {
	struct message *messages;
	size_t message_count, message_room;
	struct key *keys;
	u32 key_count, key_room;
	struct cookie_issue *cookies;
	size_t cookie_count, cookie_room;
	u64 (*answered)[2]; /* initiations, and whom they made answer */
	size_t answered_count, answered_room;
	struct rate rates[CHECKS_RATES];
	u64 healthy; /* since when nothing may get lost; 0: not now */
	struct counts count;
};

void checks_wipe(struct checks *c);

/* Enters a message; returns its number. */
u64 checks_message(struct world *w, const struct message *m);
/* A packet came out of a tunnel, or was kept back for its source. */
void checks_delivered(struct peer *p, const u8 *packet, size_t len);
void checks_not_allowed(struct peer *p, const u8 *packet, size_t len);

/* Data messages: keys are set; one is sent; is good and new; is good and was refused as old; was
 * not looked at since its key is too old. */
void checks_session_ready(struct session *s);
void checks_data_sent(struct session *s, u64 counter, bool data);
void checks_data_received(struct session *s, const struct datagram *d, u64 counter, bool data);
void checks_data_refused(struct session *s, u64 counter);
void checks_too_late(struct session *s);

/* A handshake message was taken in, or was not admitted. `loaded`: all sources are under load; for
 * one that was not admitted, any. `work`: how many times the curve was computed. */
void checks_handshake(struct host *h, const struct datagram *d, enum wg_handshake_result result,
		      const struct wg_incoming *in, bool loaded, u32 work);
/* A message that waited is answered by a cookie. */
void checks_cookie(struct host *h, const struct datagram *d);

#endif

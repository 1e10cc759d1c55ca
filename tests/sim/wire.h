/* SPDX-License-Identifier: GPL-2.0 */
/* Two hosts, and a wire that keeps a list of what was sent, for scenarios of which everything is
 * known beforehand. Ways take 10 ms. Times are in ns since the beginning. */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include "network.h"
#include "world.h"

#define WAY    (10 * MILLISECOND)
#define RETRY  (WG_REKEY_TIMEOUT + WG_REKEY_TIMEOUT_JITTER)
#define ALWAYS UINT32_MAX

/* Ends a scenario that has failed. */
#define EXPECT(w, what)                                          \
	do {                                                     \
		wire_expect(w, what, #what, __FILE__, __LINE__); \
		if (*(w)->failure)                               \
			return;                                  \
	} while (0)

enum { WIRE_MAX = 4096 };

struct peer;

struct wire_entry {
	u64 at;
	u32 origin, type, len;
};

/* Of one scenario; a run has one world at a time. */
struct wire {
	struct wire_entry sent[WIRE_MAX];
	u32 count;
	u32 lose[5]; /* so many of each type of message, or ALWAYS */
	struct datagram latest[5];
};

extern struct wire wire;

void wire_expect(struct world *w, bool good, const char *what, const char *file, int line);
/* Both are up and know where the other is. h1's public key is the greater one. */
void wire_begin(struct world *w);
void wire_until(struct world *w, u64 time);
/* A message from one to the other; returns its number. */
u64 wire_say(struct world *w, u32 from);
bool wire_heard(const struct world *w, u64 id);
/* What one host has of the other. */
struct peer *wire_peer(const struct world *w, u32 at);
/* A session that h0 initiated, and one message each way; until 1 s. */
void wire_meet(struct world *w);
/* How many of this type this host sent in [from, to]; how many keepalives. */
u32 wire_count(u32 origin, u32 type, u64 from, u64 to);
u32 wire_keepalives(u32 origin, u64 from, u64 to);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* A run that is drawn from the world's fate: who there is, bad weather and accidents, then a
 * network that heals, and at last silence. */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "attacker.h"
#include "world.h"

enum { SCENARIO_EDGES = 14, SCENARIO_FLOWS = 2 * SCENARIO_EDGES };

/* Traffic one way. */
struct flow {
	u32 from, to;
	u64 period; /* on average; 0: none */
	u32 burst;
};

struct edge {
	u32 a, b;
	bool may_talk; /* once the network is healed */
};

struct scenario {
	struct edge edges[SCENARIO_EDGES];
	u32 edge_count;
	struct flow flows[SCENARIO_FLOWS];
	u32 accidents; /* bits: which kinds happen */
	u64 bad, heal, end; /* when it begins to be bad, and until when; the end of all traffic */
	struct attacker attacker;
};

/* `hosts`: how many at most. */
void scenario_run(struct world *w, u32 hosts);

/* The same in parts, for who decides what happens: two hosts that are up, with every kind of
 * accident, for so long at most. */
void scenario_pair(struct world *w, struct scenario *s, u64 length);
/* The inside of a host sends something; plain: between addresses that are always allowed. */
void scenario_send(struct world *w, u32 from, u32 to, bool plain);
/* All is well from now on: they have to settle, to talk for so long, and to fall silent. */
void scenario_finish(struct world *w, u64 steady);

#endif

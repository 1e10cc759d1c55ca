/* SPDX-License-Identifier: GPL-2.0 */
/* Everything of one run: the clock, the dice, what is going to happen, the network and the hosts.
 * The same seed gives the same run, event by event. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "checks.h"
#include "events.h"
#include "network.h"
#include "random.h"
#include "../../src/core/messages.h"

enum { WORLD_HOSTS = 12, NOBODY = 255 };

#define MILLISECOND (WG_SECOND / 1000)

struct attacker;
struct host;
struct scenario;

struct world {
	u64 now; /* ns; hosts have clocks of their own, which follow it */
	bool verbose;
	struct random fate; /* decides what happens */
	struct random secrets; /* becomes keys, indices and nonces */
	struct events events;
	struct network network;
	struct checks checks;
	struct host *hosts[WORLD_HOSTS];
	u32 host_count;
	struct scenario *scenario; /* NULL: it is a directed one */
	struct attacker *attacker; /* NULL: there is none */
	u32 index_mask; /* indices are drawn within it: few of them are soon used again */
	u32 poverty;	/* how often of a thousand times there is no memory */
	u32 late_apply; /* how often of a thousand a handshake is applied only a moment later */
	u64 begin;	/* the time of day, in a sense, when it began */
	char failure[320]; /* the first one; empty: none */
};

struct world *world_new(u64 seed);
void world_free(struct world *w);
/* Runs all events until then, or until something failed. */
void world_run_until(struct world *w, u64 until);
/* An invariant does not hold. The first one stays. */
__attribute__((format(printf, 2, 3))) void world_fail(struct world *w, const char *format, ...);
__attribute__((format(printf, 2, 3))) void world_log(const struct world *w, const char *format,
						     ...);
/* In seconds since the beginning, to be printed. */
double world_seconds(const struct world *w, u64 at);

#endif

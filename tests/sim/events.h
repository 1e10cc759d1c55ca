/* SPDX-License-Identifier: GPL-2.0 */
/* What is going to happen, in the order of time, and of being added where the time is the same. */
#ifndef SIM_EVENTS_H
#define SIM_EVENTS_H

#include "../../src/port.h"

struct world;

typedef void event_fn(struct world *w, void *what, u64 a, u64 b);

struct event {
	u64 at, order;
	event_fn *run;
	void *what; /* from malloc, and the queue's; may be NULL */
	u64 a, b;
};

struct events {
	struct event *heap;
	size_t count, room;
	u64 added;
};

void events_add(struct events *q, u64 at, event_fn *run, void *what, u64 a, u64 b);
/* The next one that is not later than `until`, if any: its `what` is the caller's to free. */
bool events_take(struct events *q, u64 until, struct event *e);
void events_wipe(struct events *q);

#endif

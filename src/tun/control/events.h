/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors that the control thread waits for, each with what is to be done. One event is taken
 * from the kernel at a time, so that doing it may end any other. */
#ifndef WG_TUN_EVENTS_H
#define WG_TUN_EVENTS_H

#include "../../port.h"

struct event {
	int fd;
	void (*ready)(struct event *e);
};

struct events {
	int epoll, timer;
	u64 armed; /* when the timer fires; WG_NEVER: it does not */
	struct event timer_event;
	bool stop; /* set by whoever wants the loop to end */
};

bool events_init(struct events *ev);
void events_free(struct events *ev);

enum events_interest {
	EVENTS_IN = 1U << 0,
	EVENTS_OUT = 1U << 1,
};

/* Adds a descriptor. `e` stays where it is until the descriptor is closed. */
bool events_add(struct events *ev, struct event *e, u32 interest);
void events_change(struct events *ev, struct event *e, u32 interest);
/* Waits for an event, not beyond `until` (of device_now(); 0: not at all, WG_NEVER: for ever), and
 * does what is to be done for it. */
void events_turn(struct events *ev, u64 until);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Handshake messages on their way from the workers to the control thread, and what that does
 * with them.
 *
 * The queue is bounded and fair: sources are hashed into buckets, each bucket holds so many
 * messages, and they are served in turn. A flood from one source fills one bucket; a flood from
 * everywhere leaves each source its share. What answers us, or shows a cookie, does not wait
 * behind what anybody can make.
 *
 * While a bucket overflows, or much waits in all of them, a sender has to show by a cookie that
 * it is where it says; and those who do not are looked at ten times a second each. */
#ifndef WG_TUN_HANDSHAKES_H
#define WG_TUN_HANDSHAKES_H

#include "device.h"

enum handshakes_limit {
	HANDSHAKES_BUCKETS = 64,
	HANDSHAKES_PER_BUCKET = 64,
	HANDSHAKES_MAX = HANDSHAKES_BUCKETS * HANDSHAKES_PER_BUCKET, /* of each rank */
	HANDSHAKES_LOAD = HANDSHAKES_MAX / 8, /* more than this are load */
	HANDSHAKES_BATCH = 64, /* that one turn of the control thread works on, at most */
	HANDSHAKES_COOKIES = 20000, /* replies a second, and at once */
	HANDSHAKES_SOURCES = 16384, /* that are remembered under load */
};
/* Load sticks so long. */
#define HANDSHAKES_CALM WG_SECOND
/* Under load, the least between two messages of a source that shows no cookie. */
#define HANDSHAKES_PAUSE (WG_SECOND / 10)
/* A turn ends after this even with fewer messages. */
#define HANDSHAKES_TURN (WG_SECOND / 1000)

struct handshake_message {
	struct endpoint from;
	u8 data[WG_HANDSHAKE_MAX];
	u8 len;
	bool under_load;
};

struct handshake_queue *handshakes_new(void);
void handshakes_free(struct handshake_queue *q);

/* Any thread, with config read. False: no handshake message, or mac1 is wrong, or it answers
 * nothing of ours, or there is no room. *was_empty: the control thread may sleep. */
bool handshakes_add(struct device *d, const u8 *message, size_t len, const struct endpoint *from,
		    bool *was_empty);
/* The next in turn; false: there is none. */
bool handshakes_take(struct handshake_queue *q, struct handshake_message *out, u64 now);

/* Control thread: works on a batch. Returns when it wants to be called again: 0: at once; WG_NEVER:
 * when it is woken; else a time, so that a flood cannot have the processor. */
u64 handshakes_work(struct device *d);
/* The same for one message. */
void handshakes_receive(struct device *d, const struct handshake_message *m);

#endif

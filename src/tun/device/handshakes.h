/* SPDX-License-Identifier: GPL-2.0 */
/* Handshake messages on their way from the workers to the control thread, and what that thread does
 * with them. The core decides what is queued, what is answered by a cookie, and how much of all
 * this is done (core/admission.h). This file has the lock, the memory, and where each message came
 * from. */
#ifndef WG_TUN_HANDSHAKES_H
#define WG_TUN_HANDSHAKES_H

#include "../../core/admission.h"
#include "device.h"
#include "handshake-reply.h"

/* Random nonces of cookie replies, drawn from the system many at a time: one a thread. */
struct handshake_nonces {
	u8 bytes[64 * WG_COOKIE_NONCE_LEN];
	u32 left; /* bytes that were not used */
};

/* A message whose turn it is. */
struct handshake_message {
	struct endpoint from;
	struct wg_admitted admitted;
};

struct handshake_queue *handshakes_new(void);
void handshakes_free(struct handshake_queue *q);

/* Takes a message that arrived. Any thread may call it, with config read. Returns
 * WG_HANDSHAKE_ADMITTED if the message is queued; the control thread was woken if it may sleep.
 * Returns WG_HANDSHAKE_COOKIE_REPLY if `reply` is to be sent; else why nothing comes of the
 * message. `nonces` is the thread's own. */
enum wg_handshake_result handshakes_arrive(struct device *d, struct handshake_nonces *nonces,
					   const u8 *message, size_t len, const struct endpoint *from,
					   struct handshake_reply *reply);
/* Makes the cookie reply to an initiation or a response. Returns false if there is no
 * randomness. */
bool handshakes_reply(struct device *d, struct handshake_nonces *nonces, const u8 *message,
		      size_t len, const struct endpoint *from, struct handshake_reply *reply);
/* Calls wg_admission_take() in its lock. */
u64 handshakes_take(struct handshake_queue *q, struct handshake_message *out, u64 now);
/* Calls wg_admission_spent() in its lock. */
void handshakes_spent(struct handshake_queue *q, u64 spent, u64 now);

/* Counts what became of a handshake (report/handshake-report.h) and logs it if it failed. Any
 * thread may call it, with config read. `remote` is the peer that it is about, `at` where the
 * message came from or goes to; NULL if that is not known. */
void handshakes_report(struct device *d, unsigned int row, const struct wg_remote *remote,
		       const struct endpoint *at);

/* Works for a turn. The control thread calls it. Returns when it is to be called again; 0: at once;
 * WG_NEVER: when the thread is woken; else a time. */
u64 handshakes_work(struct device *d);
/* Works on one message. */
void handshakes_receive(struct device *d, const struct handshake_message *m);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The order in which hosts carry out what the core's verbs ask for (enum wg_action). The host
 * supplies the functions below. Each takes the locks that it needs by itself: the caller of
 * wg_actions_do() holds none of these locks. */
#ifndef WG_CORE_ACTIONS_H
#define WG_CORE_ACTIONS_H

#include "remote.h"

enum {
	/* These compute, or wait for others that do. */
	WG_ACTIONS_SLEEPING = WG_ACT_ZERO_KEYS | WG_ACT_INITIATE,
	/* These change the peer, under its session lock. */
	WG_ACTIONS_CHANGES = WG_ACT_DROP_STAGED | WG_ACT_FORGET_SOURCE | WG_ACT_HANDSHAKE_DONE,
	WG_ACTIONS_SENDING = WG_ACT_FLUSH | WG_ACT_KEEPALIVE,
};

struct wg_action_ops {
	/* Has these of WG_ACTIONS_SLEEPING done by a thread that may sleep, which calls
	 * wg_actions_sleeping(). NULL: callers of wg_actions_do() may sleep. */
	void (*defer)(struct wg_remote *r, u32 actions);
	/* Calls wg_handshake_forget(..., false) under the handshake lock. The sessions have
	 * ended. */
	void (*forget_handshake)(struct wg_remote *r);
	/* Carries out these of WG_ACTIONS_CHANGES, in one hold of the session lock. */
	void (*change)(struct wg_remote *r, u32 actions);
	/* Calls wg_handshake_initiate() and wg_timers_initiated(), and sends the initiation, if the
	 * device is up and the peer's endpoint is known. */
	void (*initiate)(struct wg_remote *r);
	/* If the device is up, sends what is staged; if nothing is staged and `keepalive` is true,
	 * it sends an empty data message. */
	void (*flush)(struct wg_remote *r, bool keepalive);
	/* Calls wg_handshake_forget(..., true) under the handshake lock and, within it,
	 * wg_remote_retire() under the session lock. Only wg_actions_begin_anew() needs it. */
	void (*retire)(struct wg_remote *r);
};

/* Carries out the actions: first what is to be forgotten, then what is to be asked for, then what
 * may be sent. What is deferred may come later than the rest; the rest does not depend on it. */
void wg_actions_do(const struct wg_action_ops *ops, struct wg_remote *r, u32 actions);
/* Carries out actions that were deferred. The thread may sleep. */
void wg_actions_sleeping(const struct wg_action_ops *ops, struct wg_remote *r, u32 actions);
/* Our identity changed, or is gone: the handshake with this remote ends, and static-static is
 * forgotten. Nothing is sent under its sessions any more; they receive until they are replaced or
 * too old, so that messages on their way are not lost. A new session begins at once if something is
 * staged or persistent keepalives are on. The caller holds the identity lock for writing, or is the
 * only thread that computes handshakes. */
void wg_actions_begin_anew(const struct wg_action_ops *ops, struct wg_remote *r);

#endif

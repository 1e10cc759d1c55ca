/* SPDX-License-Identifier: GPL-2.0 */
/* Bounds how often this module encapsulates a packet, so that a routing loop ends.
 *
 * The outer packets of one peer may be routed into another peer, of the same link or of another
 * one. Two tunnels inside each other are a use; a circle is a mistake, in which every pass makes
 * the packet longer, and in the end makes fragments of it, each of which goes on.
 *
 * A packet that enters a link is known to come from this module in two ways. Its mark, its hash and
 * its extensions are not used, they belong to others.
 * - The IP stack mostly hands an outer packet to the next link before ip_local_out() returns,
 *   whatever tunnels and namespaces lie between, and each of its segments and fragments. So each
 *   processor notes how often the packet that it transmits was encapsulated.
 * - A queue in front of the link, or a namespace that forwards, comes in between. Then the packet
 *   shows itself: it is a data message with the index of a session under which this module sends.
 * Between entering and leaving a peer, through queues and other processors, a packet has the depth
 * of the peer, which is the greatest one of the last second: all packets of a peer take the same
 * route. */
#ifndef WG_MODULE_NESTING_H
#define WG_MODULE_NESTING_H

#include <linux/rhashtable-types.h>
#include <linux/types.h>

struct sk_buff;
struct task_struct;

enum wg_nesting_limit {
	/* Encapsulations of one packet. The kernel lets virtual devices nest as deep
	 * (XMIT_RECURSION_LIMIT). */
	WG_NESTING_MAX = 8,
};

/* Of a peer. All zeros is its initial state; written without a lock. */
struct wg_nesting {
	unsigned long seen; /* jiffies: when a packet with this depth entered */
	u8 depth;	    /* how often what enters was encapsulated before */
};

/* What a processor is transmitting. */
struct wg_nesting_note {
	const struct task_struct *task; /* NULL: nothing of this module's */
	u8 depth;
};

/* A session under which a peer is sent messages. */
struct wg_nesting_session {
	struct rhash_head node;
	u32 remote_index;	  /* the receiver that its messages name */
	struct wg_nesting *peer;  /* NULL: it is not known */
};

int wg_nesting_init(void);
void wg_nesting_exit(void);

/* Makes messages to `remote_index` known as those of `peer`. Two remotes may choose the same index:
 * then it stays that of the session that was added first. Any context. */
void wg_nesting_add(struct wg_nesting_session *s, u32 remote_index, struct wg_nesting *peer);
/* Removes a session; it may be one that was never added. Its memory and the peer's stay for a grace
 * period. */
void wg_nesting_remove(struct wg_nesting_session *s);

/* Call with BH off for each packet that enters a peer, data at its IP header, the protocol set.
 * Returns 0, or -ELOOP if the packet was encapsulated WG_NESTING_MAX times and must be dropped. */
int wg_nesting_enter(struct wg_nesting *n, const struct sk_buff *skb);

/* Brackets the transmission of an outer packet, BH off throughout. `n` is the peer's, NULL if the
 * message is not for a known peer. wg_nesting_end() takes what wg_nesting_begin() returned. */
struct wg_nesting_note wg_nesting_begin(const struct wg_nesting *n);
void wg_nesting_end(struct wg_nesting_note previous);

#endif

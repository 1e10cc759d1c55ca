/* SPDX-License-Identifier: GPL-2.0 */
/* A peer as the module has it: the core's remote, where it is, what waits for it, what it has
 * used; and the peers of a device, in the order they were added, and by public key, and their
 * allowed IPs. These are changed under device->update_lock, and read under RCU too. */
#ifndef WG_MODULE_PEER_H
#define WG_MODULE_PEER_H

#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include "../core/remote.h"
#include "crypt-queue.h"
#include "endpoint.h"
#include "nesting.h"

struct wg_device;

/* Bytes (truesize) of packets that wait for sessions. The peers of a device that have such packets
 * share its bytes equally, and the share is between these two; it is applied when the peer stages a
 * packet. One packet may be larger than the share. Once a device holds twice its bytes, a peer that
 * stages a packet keeps its newest ones, of the least share at most. */
enum wg_staged_limit {
	WG_STAGED_DEVICE_BYTES = 16 << 20,
	WG_STAGED_PEER_BYTES = 256 << 10,
	WG_STAGED_LEAST_BYTES = 4 << 10,
};

struct wg_peer {
	struct wg_remote remote; /* first: the core's pointer is ours */
	u64 id;			 /* for the log; no other peer of this module ever had it */
	struct wg_device *device;
	struct mutex handshake_lock; /* the handshake lock: remote.handshake and remote.jar */

	/* The session lock. It guards what remote.h says, and all below up to the next comment. */
	spinlock_t lock;
	/* The peer was removed: there are no events any more, nothing is staged, and the timer
	 * stays off. This is set with the handshake lock held too, so either lock is enough to read
	 * it. */
	bool dead;
	struct wg_endpoint endpoint; /* family AF_UNSPEC: none yet */
	struct wg_route route;	     /* of socket.c */
	/* Packets that wait for a session, without an owner; its own lock is not used. At most
	 * WG_MAX_STAGED; `staged_bytes` is their truesize (enum wg_staged_limit). */
	struct sk_buff_head staged;
	u32 staged_bytes;
	u64 last_handshake; /* Unix time in ns; 0: never */

	/* Its packets go out by a shaper: messages go out one by one, not as super-packets.
	 * socket.c finds it out for each new route, and once a second; seal.c reads it, without a
	 * lock. */
	bool singly;
	/* The queues are allocated before the first keypair is, and stay. */
	struct wg_crypt_pair *queues;

	/* Its session's deadline, and what the handshake worker shall do: actions.h. */
	struct timer_list timer;
	u64 timer_at; /* under lock: the deadline that the timer is set to, WG_NEVER: off */
	struct work_struct work;
	atomic_t asked;		 /* enum wg_action */

	struct wg_nesting nesting; /* how deep what this peer is sent is encapsulated */

	/* Under update_lock; lookups under RCU. */
	struct list_head list;
	struct rhash_head by_key;
	refcount_t refs;
	struct rcu_head rcu;
};

static inline struct wg_peer *wg_peer_of(struct wg_remote *r)
{
	return container_of(r, struct wg_peer, remote);
}

struct wg_peer *wg_peer_get(struct wg_peer *peer);
/* Drops a reference. Any context. The last one wipes the peer and frees it after a grace period. */
void wg_peer_put(struct wg_peer *peer);

/* Makes a peer that is in no table, with the caller's reference. NULL: no memory. */
struct wg_peer *wg_peer_new(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN]);

extern const struct rhashtable_params wg_peers_params; /* device->peers_by_key */
/* Returns the peer with this key; NULL: there is none. The caller holds update_lock, or is in an
 * RCU section and takes a reference before it leaves it. */
struct wg_peer *wg_peers_find(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN]);
/* Call when peers or allowed IPs change; sets device->generation. The caller holds update_lock. */
void wg_peers_changed(struct wg_device *wg);

/* Gives the peer a prefix of family 4 or 6. Returns 0 or -ENOMEM. The caller holds update_lock. */
int wg_peer_allow(struct wg_peer *peer, u8 family, const u8 *ip, u8 cidr);
/* Takes the prefix away if it is this peer's. The caller holds update_lock. */
void wg_peer_disallow(struct wg_peer *peer, u8 family, const u8 *ip, u8 cidr);
void wg_peer_disallow_all(struct wg_peer *peer);
/* Frees a node of the trie after a grace period. */
void wg_peer_node_free(void *unused, struct wg_allowedips_node *node);

/* Takes out all staged packets. The caller holds peer->lock, and frees the packets, outside of the
 * lock if it can. */
void wg_peer_unstage(struct wg_peer *peer, struct sk_buff_head *dropped);
/* Frees packets of this peer that will not be sent, and counts them. Any context. */
void wg_peer_drop(struct wg_peer *peer, struct sk_buff_head *packets);

/* Counts messages that were sent, for the peer (core/remote.h) and for the link, whose statistics
 * are the sums of its peers'; `bytes` of UDP payload. The caller holds peer->lock. */
void wg_peer_count_sent(struct wg_peer *peer, u32 messages, u32 bytes);
/* Counts one handshake message that was sent, and takes peer->lock for it. Any context. */
void wg_peer_count_handshake(struct wg_peer *peer, u32 bytes);

int wg_peer_init(void);  /* the slab caches of peers, nodes and keys */
void wg_peer_exit(void); /* once all have been freed, or wait for a grace period to be */

#endif

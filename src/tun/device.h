/* SPDX-License-Identifier: GPL-2.0 */
/* The device: its identity, its peers, its sockets and threads, and the locks.
 *
 * Threads: one control thread (UAPI, timers, handshakes, netlink, signals) and a few workers (packets:
 * TUN to UDP and back). Locks, in the order they are taken:
 *   config     read by workers for each batch, by the control thread while it works; written to change
 *              peers, allowed IPs, the identity, the sockets.
 *   peer->lock the session lock of one peer; never two at a time.
 *   inside     index_table, the pool, the handshake queue: leaves, held for moments.
 * The handshake lock of the core is the control thread itself. */
#ifndef WG_TUN_DEVICE_H
#define WG_TUN_DEVICE_H

#include <net/if.h>
#include <pthread.h>
#include "../core/allowedips.h"
#include "../core/protocol.h"
#include "keys.h"
#include "peer.h"

struct worker;
struct handshake_queue;

struct device {
	char name[IFNAMSIZ];
	pthread_rwlock_t config;
	struct wg_local local;
	struct wg_host host;
	struct wg_allowedips allowed;
	struct index_table *indices;
	struct peer *peers, **last_peer;
	size_t n_peers;
	struct peer **by_key; /* hash by public key, grows; see peers.c */
	size_t by_key_size;
	u8 hash_key[16];

	u16 listen_port; /* 0: the kernel chooses one, which is then here, too */
	u32 fwmark;
	u32 mtu;     /* of the TUN device, read by workers (atomic) */
	bool up;     /* the link is up: sockets are open, sessions run (atomic) */

	struct worker *workers;
	unsigned int n_workers;
	struct handshake_queue *handshakes; /* from workers to control */

	/* Asked peers: a lock-free stack and the eventfd that wakes the control thread. */
	struct peer *asked;
	int wake; /* eventfd */
};

/* Monotonic, goes on while suspended, in ns; and Unix time. */
u64 device_now(void);
u64 device_unix_now(void);

/* From a worker, peer->lock not needed: the control thread shall do these actions (enum wg_action) for
 * the peer, and look at its deadline again. Cheap when asked already. */
void device_ask(struct device *d, struct peer *peer, u32 actions);
/* From a worker: `message` is a handshake message from there. Bounded: where the queue is full it is
 * dropped, fairly among sources; false then. */
bool device_handshake(struct device *d, const u8 *message, size_t len, const struct endpoint *from);

#endif
